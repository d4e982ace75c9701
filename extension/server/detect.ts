/** Which documents are reviewed, and as what. */

export type DocumentKind = 'patch' | 'c' | 'none';

const PATCH_LANGUAGES = new Set(['diff', 'patch', 'git-diff']);
const C_LANGUAGES = new Set(['c', 'cpp']);
/** Languages under which a mail or a commit message may hide a patch: the text decides. */
const TEXT_LANGUAGES = new Set([
  'plaintext',
  'text',
  'txt',
  'mail',
  'eml',
  'email',
  'mbox',
  'git-commit',
  'gitcommit',
  '',
]);
/** Documents of these schemes are views of something else: the past of a file, an output, a comparison. */
const VIEW_SCHEMES = new Set([
  'git',
  'gitlens',
  'review',
  'output',
  'debug',
  'vscode-scm',
  'scm',
  'timeline',
]);
/** Only so much of a plain text is looked at, in UTF-16 units: a patch begins early. */
const LOOK_AT = 1 << 20;

/**
 * Decides by the language, the scheme and, for plain text, the text itself. The protocol promises an address and a
 * language, but nothing on the way checks that a client sends them: without them there is nothing to review.
 */
export function documentKind(
  uri: string | undefined,
  languageId: string | undefined,
  text: () => string,
): DocumentKind {
  if (typeof uri !== 'string' || typeof languageId !== 'string') return 'none';
  if (VIEW_SCHEMES.has(uri.slice(0, Math.max(0, uri.indexOf(':'))))) return 'none';
  const language = languageId.toLowerCase();
  if (PATCH_LANGUAGES.has(language)) return 'patch';
  if (C_LANGUAGES.has(language)) return 'c';
  return TEXT_LANGUAGES.has(language) && looksLikePatch(text()) ? 'patch' : 'none';
}

/**
 * True for a text with the header of a diff in it, quoted as in a reply or not, and for an encoded mail
 * whose subject says that it is a patch. One pass over the lines.
 */
export function looksLikePatch(text: string): boolean {
  let seen: 'nothing' | 'old' | 'new' = 'nothing';
  let start = 0;
  const end = Math.min(text.length, LOOK_AT);
  while (start < end) {
    let next = text.indexOf('\n', start);
    if (next < 0) next = text.length;
    const line = unquoted(text.slice(start, Math.min(next, start + 200)));
    start = next + 1;
    if (line.startsWith('diff --git ')) return true;
    if (line.startsWith('--- ')) seen = 'old';
    else if (seen === 'old' && line.startsWith('+++ ')) seen = 'new';
    else if (seen === 'new' && line.startsWith('@@ -')) return true;
    else seen = 'nothing';
    if (line.startsWith('Subject: ') && /^Subject: (?:Re: )?\[[^\]]*PATCH/i.test(line)) return true;
  }
  return false;
}

/** The line without `> > ` in front of it. */
function unquoted(line: string): string {
  let at = 0;
  while (at < line.length && (line[at] === '>' || (line[at] === ' ' && line[at + 1] === '>'))) at++;
  if (at > 0 && line[at] === ' ') at++;
  return line.slice(at);
}
