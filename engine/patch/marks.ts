/** What a line begins in a diff, apart from the lines of a hunk. */
import { parseHunkHeader } from './hunk-header.ts';
import type { Line } from './lines.ts';
import { bodyStart, type Prefix, quoteDepth } from './quoting.ts';

/** The text of the line under the prefix, or null where the line is not under it. */
export function bodyText(line: Line | undefined, prefix: Prefix): string | null {
  if (line === undefined) return null;
  const start = bodyStart(line, prefix);
  return start < 0 ? null : start === 0 ? line.text : line.text.slice(start);
}

/** `diff --git a/x b/x`. */
export function isGitLine(body: string): boolean {
  return body.startsWith('diff --git ');
}

/** `diff -u a b`, `diff -ruN old new`, `diff -r 0123abc x.c`, `diff --recursive …`. */
export function isDiffCommand(body: string): boolean {
  return body.startsWith('diff -') && !isGitLine(body) && !isCombinedLine(body);
}

/** `diff --cc x` and `diff --combined x`. */
export function isCombinedLine(body: string): boolean {
  return body.startsWith('diff --cc ') || body.startsWith('diff --combined ');
}

/** True where `--- x` at `at` is followed by `+++ y` under the same prefix, comments or one wrapped line between. */
export function isNamePair(lines: readonly Line[], at: number, prefix: Prefix): boolean {
  const body = bodyText(lines[at], prefix);
  if (body === null || !body.startsWith('--- ') || body.trim() === '---') return false;
  return nameLineAfter(lines, at, prefix) >= 0;
}

/** The index of the `+++` line that belongs to the `---` line at `at`, or -1. */
export function nameLineAfter(lines: readonly Line[], at: number, prefix: Prefix): number {
  let foreign = 0;
  for (let i = at + 1; i < lines.length && i <= at + 6; i++) {
    const body = bodyText(lines[i], prefix);
    if (body === null) continue;
    if (body.startsWith('+++ ')) return i;
    if (foreign++ > 0) return -1;
  }
  return -1;
}

/** True where a line can only be the start of another hunk or file, under whatever prefix. */
export function isHardStop(lines: readonly Line[], at: number, prefix: Prefix): boolean {
  const line = lines[at]!;
  const own = bodyStart(line, prefix);
  const start = own >= 0 ? own : markStart(line.text);
  const { text } = line;
  const first = text[start];
  if (first === '@') return parseHunkHeader(text, start) !== null || text.startsWith('@@@ -', start);
  if (first === 'd') {
    return (
      text.startsWith('diff --', start) ||
      (text.startsWith('diff -', start) && isNamePairSoon(lines, at, prefix))
    );
  }
  if (first === 'I' && text.startsWith('Index: ', start))
    return bodyText(lines[at + 1], prefix)?.startsWith('=====') ?? false;
  return false;
}

function isNamePairSoon(lines: readonly Line[], at: number, prefix: Prefix): boolean {
  for (let i = at + 1; i <= at + 3 && i < lines.length; i++) if (isNamePair(lines, i, prefix)) return true;
  return false;
}

function markStart(text: string): number {
  const { depth, end } = quoteDepth(text);
  return depth > 0 && text[end] === ' ' ? end + 1 : end;
}

/** True where `--- a` at `at` opens another file: names, then a hunk header. Inside a hunk that is no accident. */
export function isFileStart(lines: readonly Line[], at: number, prefix: Prefix): boolean {
  if (!isNamePair(lines, at, prefix)) return false;
  const plus = nameLineAfter(lines, at, prefix);
  for (let i = plus + 1; i < lines.length && i <= plus + 4; i++) {
    const body = bodyText(lines[i], prefix);
    if (body?.startsWith('@@')) return parseHunkHeader(body) !== null;
  }
  return false;
}

/** The signature mark of a mail or of `git format-patch`, also where its trailing space was taken off. */
export function isSignature(body: string): boolean {
  return body === '-- ' || body === '--' || body === '--\r' || body === '-- \r';
}

const EXTENDED = [
  'index ',
  'old mode ',
  'new mode ',
  'deleted file mode ',
  'new file mode ',
  'copy from ',
  'copy to ',
  'rename from ',
  'rename to ',
  'rename old ',
  'rename new ',
  'similarity index ',
  'dissimilarity index ',
] as const;

export type ExtendedHeader = (typeof EXTENDED)[number];

/** The kind of an extended header line of git, or null. */
export function extendedHeader(body: string): ExtendedHeader | null {
  return EXTENDED.find((header) => body.startsWith(header)) ?? null;
}
