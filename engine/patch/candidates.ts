/** The patches that one message holds or quotes, before copies of the same patch are put together. */

import type { Candidate } from './candidate.ts';
import { judgeWhitespace } from './damage.ts';
import { type Budget, type DraftFile, readFiles } from './files.ts';
import { finishFiles } from './finish.ts';
import { unflatten } from './flat.ts';
import { fieldName, isTellingField } from './headers.ts';
import { append, type Line } from './lines.ts';
import { bodyText } from './marks.ts';
import type { Message } from './message.ts';
import { prepare } from './prepare.ts';
import { depthOf, NO_PREFIX, type Prefix, quoteDepth, samePrefix } from './quoting.ts';
import type { Problem } from './series.ts';

/** The patches of a message: one for each depth of quoting at which there is a diff. */
export function readCandidates(
  received: Message,
  order: number,
  budget: Budget,
  problems: Problem[],
): Candidate[] {
  const message = prepare(received);
  const flat = unflatten(message.body);
  const body = flat.lines;
  const own: Problem[] = [];
  const drafts = readFiles(body, message.flowed, budget, own);
  const groups: DraftFile[][] = [];
  for (const draft of drafts) {
    const group = groups.find((each) => samePrefix(each[0]!.prefix, draft.prefix));
    if (group === undefined) groups.push([draft]);
    else group.push(draft);
  }
  if (groups.length === 0) {
    append(problems, own);
    return [];
  }
  return groups.map((group, index) => {
    const kept: Problem[] = index === 0 ? [...own] : [];
    const first = group[0]!;
    const hunks = judgeWhitespace(
      group.flatMap((file) => file.hunks),
      kept,
    );
    const files = finishFiles(
      group,
      (file) => flat.temper(file.hunks.map((hunk) => hunks.get(hunk)!)),
      body,
      kept,
    );
    const places = new Set(
      group.flatMap((file) => [file.line, ...file.hunks.map((each) => each.hunk.inputLine)]),
    );
    for (const problem of flat.problems) if (places.has(problem.line ?? 0)) kept.push(problem);
    const depth = depthOf(first.prefix);
    const description = describe(message, body, first, drafts[0]!.at);
    return {
      message,
      depth,
      author: depth === 0 || message.kind === 'log' ? message.author : quotedAuthor(body, first, description),
      description,
      files,
      problems: kept,
      line: depth === 0 && first === drafts[0] ? message.line : first.line,
      order,
    };
  });
}

/** The commit message: what stands above `---` or the diff, at the diff's own depth of quoting. */
function describe(message: Message, body: readonly Line[], first: DraftFile, end: number): string[] {
  // A review may show the commit message unquoted above the quoted diff.
  const prefix = message.kind === 'log' ? NO_PREFIX : first.prefix;
  const isReply = message.subject?.isReply === true && depthOf(prefix) === 0;
  if (isReply) return commentAbove(body, first.at);
  const from = depthOf(prefix) === 0 ? behindFields(message, body, end) : 0;
  const lines: string[] = [];
  for (let i = from; i < Math.min(first.at, end); i++) {
    const text = bodyText(body[i], prefix);
    if (text === null) continue;
    if (text.trimEnd() === '---' || isDiffStart(text, body[i + 1], prefix)) break;
    lines.push(text.trimEnd());
  }
  const indented = message.kind === 'log' && lines.some((line) => line.startsWith('    '));
  const plain = indented ? lines.map((line) => (line.startsWith('    ') ? line.slice(4) : line)) : lines;
  const kept = withoutBlankEnds(plain);
  return kept.length === 0 ? textAbove(message.preface) : kept;
}

/** What begins a diff before its first `diff --git` or `---`. */
function isDiffStart(text: string, next: Line | undefined, prefix: Prefix): boolean {
  if (text.startsWith('Index: ')) return bodyText(next, prefix)?.startsWith('=====') ?? false;
  return text.startsWith('diff -');
}

/** What a reply says between the last quoted line and a diff of its own. */
function commentAbove(body: readonly Line[], at: number): string[] {
  let from = at;
  while (from > 0 && quoteDepth(body[from - 1]!.text).depth === 0) from--;
  return withoutBlankEnds(body.slice(from, at).map((line) => line.text.trimEnd()));
}

function withoutBlankEnds(lines: readonly string[]): string[] {
  const begin = lines.findIndex((line) => line !== '');
  return begin < 0 ? [] : lines.slice(begin, lines.findLastIndex((line) => line !== '') + 1);
}

/** The text of a mail that has its diff attached, up to `---`. */
function textAbove(lines: readonly Line[]): string[] {
  const end = lines.findIndex((line) => line.text.trimEnd() === '---');
  return withoutBlankEnds(lines.slice(0, end < 0 ? lines.length : end).map((line) => line.text.trimEnd()));
}

/** On a page, the description begins behind its fields and its title. */
function behindFields(message: Message, body: readonly Line[], end: number): number {
  if (message.kind !== 'page') return 0;
  let from = 0;
  const title = message.subject?.title ?? '';
  for (let i = 0; i < Math.min(end, 60); i++) {
    const text = body[i]!.text.trim();
    const isField = isTellingField(fieldName(text)) || /^message[ -]id\b/i.test(text.slice(0, 20));
    // Patchwork's heading, and the line with the sender behind it.
    if (text.toLowerCase() === 'commit message') from = body[i + 1]?.text.includes('\t') ? i + 2 : i + 1;
    if (isField || (title !== '' && text.endsWith(title))) from = i + 1;
  }
  return from;
}

/** Who wrote what is quoted at the depth of the diff: the attribution above it, or who signed it off. */
function quotedAuthor(
  body: readonly Line[],
  first: DraftFile,
  description: readonly string[],
): string | null {
  if (first.prefix.kind === 'quote') {
    for (let i = first.at - 1; i >= 0; i--) {
      const author = attribution(body, i, first.prefix.depth - 1);
      if (author !== null) return author;
    }
  }
  const signed = description.find((line) => line.startsWith('Signed-off-by: '));
  return signed === undefined ? null : signed.slice('Signed-off-by: '.length).trim();
}

/** The name in `On <date>, <name> <address> wrote:`, which may be broken over two lines; null for other lines. */
function attribution(body: readonly Line[], at: number, depth: number): string | null {
  const prefixed = (line: Line | undefined): string | null => {
    if (line === undefined) return null;
    const { depth: is, end } = quoteDepth(line.text);
    return is === depth ? line.text.slice(end).trim() : null;
  };
  const text = prefixed(body[at]);
  if (text === null || text.length > 300) return null;
  const verb =
    [' wrote:', ' writes:', ' said:'].find((each) => text.endsWith(each)) ??
    (text === 'wrote:' ? 'wrote:' : null);
  if (verb === null) return null;
  let whole = text.slice(0, text.length - verb.length);
  const before = prefixed(body[at - 1]);
  if (before !== null && before !== '' && before.length <= 200 && !/\d/.test(whole.split('<')[0]!)) {
    if (/^(?:On|At|In|Le|Am|El) |\d{4}|\d:\d\d/.test(before)) whole = `${before} ${whole}`;
  }
  const open = whole.indexOf('<');
  const address =
    open >= 0 && whole.indexOf('>', open) > 0 ? whole.slice(open, whole.indexOf('>', open) + 1) : '';
  const head = open >= 0 ? whole.slice(0, open) : whole;
  let start = head.length;
  while (start > 0 && !/[,\d]/.test(head[start - 1]!)) start--;
  const name = head
    .slice(start)
    .replace(/^\s*(?:[AP]M\b|[A-Z]{3,4}\b|\))?[\s,]*/, '')
    .trim();
  const author = `${name} ${address}`.trim();
  return author === '' ? null : author;
}
