/** The `@@ -1,7 +1,8 @@ section` line of a hunk. */

export interface HunkHeader {
  readonly oldStart: number;
  readonly oldCount: number;
  readonly newStart: number;
  readonly newCount: number;
  readonly section: string;
  /** Index in the text behind the second `@@`. */
  readonly end: number;
}

/** Numbers above this are no line numbers. */
const MAX_NUMBER = 100_000_000;

/** Reads a hunk header at `start`; spaces between its pieces may be lost or doubled. Null where there is none. */
export function parseHunkHeader(text: string, start = 0): HunkHeader | null {
  if (!text.startsWith('@@', start) || text[start + 2] === '@') return null;
  let at = skipSpace(text, start + 2);
  const old = readRange(text, at, '-');
  if (old === null) return null;
  at = skipSpace(text, old.end);
  const now = readRange(text, at, '+');
  if (now === null) return null;
  at = skipSpace(text, now.end);
  if (!text.startsWith('@@', at)) return null;
  const section = text.slice(at + 2).trim();
  return {
    oldStart: old.start,
    oldCount: old.count,
    newStart: now.start,
    newCount: now.count,
    section,
    end: at + 2,
  };
}

function readRange(
  text: string,
  at: number,
  sign: string,
): { start: number; count: number; end: number } | null {
  if (text[at] !== sign) return null;
  const first = readNumber(text, at + 1);
  if (first === null) return null;
  if (text[first.end] !== ',') return { start: first.value, count: 1, end: first.end };
  const second = readNumber(text, skipSpace(text, first.end + 1));
  if (second === null) return null;
  return { start: first.value, count: second.value, end: second.end };
}

function readNumber(text: string, at: number): { value: number; end: number } | null {
  let value = 0;
  let end = at;
  for (let code = text.charCodeAt(end); code >= 48 && code <= 57; code = text.charCodeAt(++end)) {
    value = value * 10 + code - 48;
    if (value > MAX_NUMBER) return null;
  }
  return end === at ? null : { value, end };
}

function skipSpace(text: string, at: number): number {
  let end = at;
  while (end < at + 8 && (text[end] === ' ' || text[end] === '\t' || text[end] === '\u00a0')) end++;
  return end;
}
