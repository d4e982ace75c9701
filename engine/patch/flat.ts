/**
 * Diffs whose newlines were lost, so that many lines stand in one. Where a line began can be told from the
 * markers (` +`, ` -`, ` @@ -`, `diff --git`) and, for context, from where a C line may end. All of it is a
 * guess, and is said to be one.
 */
import { splitHunkText, splitQuotedText } from './flat-lines.ts';
import { parseHunkHeader } from './hunk-header.ts';
import { append, type Line } from './lines.ts';
import { quotePrefix } from './quoting.ts';
import type { Hunk, Problem } from './series.ts';

export interface Unflattened {
  readonly lines: readonly Line[];
  readonly problems: readonly Problem[];
  /** Lowers the fidelity of hunks that were guessed. */
  temper(hunks: readonly Hunk[]): readonly Hunk[];
}

/** A shorter line is no patch in one line. */
const MIN_LENGTH = 100;

/** Takes the lines apart in which a whole diff stands; other lines stay as they are. */
export function unflatten(lines: readonly Line[]): Unflattened {
  const result: Line[] = [];
  const problems: Problem[] = [];
  const taken = new Set<number>();
  for (const [index, line] of lines.entries()) {
    const start = line.text.length < MIN_LENGTH ? -1 : flatStart(line.text, lines[index + 1]);
    if (start < 0) {
      result.push(line);
      continue;
    }
    taken.add(line.line);
    const isQuoted = line.text.slice(0, start).endsWith('> ') || line.text.includes(' > @@ -', start);
    append(result, takeApart(line, start, isQuoted));
    const message =
      'the newlines of this diff were lost; its lines were told apart by their markers, and the rest is a guess';
    problems.push({ line: line.line, message });
  }
  return {
    lines: taken.size === 0 ? lines : result,
    problems,
    temper: (hunks) =>
      taken.size === 0
        ? hunks
        : hunks.map((hunk) => (taken.has(hunk.inputLine) ? { ...hunk, fidelity: 'partial' } : hunk)),
  };
}

/** Where the first diff begins in a line that holds more than one line of it; -1 in an ordinary line. */
function flatStart(text: string, next: Line | undefined): number {
  const body = quotePrefix(text).end;
  // A line of a hunk may well hold the text of a diff.
  if (' +-\t\\'.includes(text[body] ?? ' ') && !text.startsWith('--- ', body)) return -1;
  if (text.startsWith('@@', body)) return isFlatHunk(text, body, next) ? body : -1;
  const git = text.indexOf('diff --git ');
  const names = text.indexOf('--- ');
  const plus = text.indexOf(' +++ ');
  if (plus < 0) return -1;
  const start = git >= 0 && git < plus ? git : names >= 0 && names < plus ? names : -1;
  if (start < 0) return -1;
  const hunk = hunkAt(text, plus);
  // Header lines alone in one line: that needs no hunk, but both names.
  if (hunk < 0 && !(git >= 0 && text.indexOf(' --- ', git) > 0 && text.indexOf(' --- ', git) < plus))
    return -1;
  return start;
}

/** True for a `@@` line that holds its hunk: there are markers in its section text, and no hunk lines below. */
function isFlatHunk(text: string, start: number, next: Line | undefined): boolean {
  const header = parseHunkHeader(text, start);
  if (header === null || header.section.length < 60 || !/ [+-]/.test(header.section)) return false;
  const below = next?.text.slice(quotePrefix(next.text).end) ?? '';
  return below.trim() === '' || !' +-\t\\'.includes(below[0]!);
}

/** The index of the next `@@ -a,b +c,d @@`, or -1. */
function hunkAt(text: string, from: number): number {
  for (let at = text.indexOf('@@ -', from); at >= 0; at = text.indexOf('@@ -', at + 4)) {
    if (parseHunkHeader(text.slice(at, at + 80)) !== null) return at;
  }
  return -1;
}

/** What begins a line of a diff outside its hunks; the first two also end a hunk. */
const MARKS = [
  '@@ -',
  'diff --git ',
  'index ',
  '--- ',
  '+++ ',
  'new file mode ',
  'deleted file mode ',
  'old mode ',
  'new mode ',
  'similarity index ',
  'rename from ',
  'rename to ',
] as const;

interface Mark {
  readonly at: number;
  readonly endsHunk: boolean;
}

function findMarks(text: string, from: number): Mark[] {
  const marks: Mark[] = [];
  for (let at = from; at >= 0 && at < text.length; at = text.indexOf(' ', at) + 1 || -1) {
    const index = MARKS.findIndex((mark) => text.startsWith(mark, at));
    if (index < 0 || (index === 0 && parseHunkHeader(text.slice(at, at + 80)) === null)) continue;
    marks.push({ at, endsHunk: index < 2 });
  }
  return marks;
}

function takeApart(line: Line, start: number, isQuoted: boolean): Line[] {
  const { text } = line;
  const out: Line[] = [];
  const cut = (from: number, to: number) => {
    // A quoted line keeps its quote mark: so it is known to be a quotation.
    const begin = isQuoted && text.startsWith('> ', from - 2) ? from - 2 : from;
    out.push({ text: text.slice(begin, to), line: line.line, column: line.column + begin });
  };
  const push = (from: number, to: number) => {
    let end = to;
    while (end > from && (text[end - 1] === ' ' || (isQuoted && text[end - 1] === '>'))) end--;
    cut(from, end);
  };
  if (start > 0) push(0, start);
  const marks = findMarks(text, start);
  for (let i = 0; i < marks.length; ) {
    const { at } = marks[i++]!;
    const header = parseHunkHeader(text.slice(at, at + 80));
    if (header === null) {
      push(at, marks[i]?.at ?? text.length);
      continue;
    }
    while (i < marks.length && !marks[i]!.endsHunk) i++;
    const end = marks[i]?.at ?? text.length;
    const body = at + header.end;
    const [section, ...rest] = isQuoted
      ? splitQuotedText(text, body, end)
      : splitHunkText(text, body, end, header);
    cut(at, section?.to ?? body);
    for (const piece of rest) cut(piece.from, piece.to);
  }
  // What follows in the next line is no part of the last hunk.
  out.push({ text: isQuoted ? '> -- ' : '-- ', line: line.line, column: line.column + text.length });
  return out;
}
