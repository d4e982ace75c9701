/** From a reading of a region to hunks: broken lines joined, a hunk divided where a reviewer cut something out. */
import { type Counts, countInto, exactEnd, sizes } from './counting.ts';
import type { HunkHeader } from './hunk-header.ts';
import { type HunkReading, headerFields, hunkLine, markNoNewline } from './hunk-lines.ts';
import type { Line } from './lines.ts';
import type { Item, Region } from './region.ts';
import type { Hunk, HunkLine, Problem } from './series.ts';

/** One way to read the region. */
export interface Reading {
  readonly items: readonly Item[];
  /** What an item without a marker is taken for. */
  readonly damaged: boolean;
}

/** In how many pieces one hunk is cut at the most. */
const MAX_PIECES = 100;

/** How many lines stand behind the last change at the most, where the counts do not say. */
const MAX_TRAILING = 3;

/** A run of lines between two cuts. */
interface Piece {
  readonly lines: HunkLine[];
  /** 1-based input line of the `@@` line or of the cut in front. */
  readonly line: number;
  lostMarkers: boolean;
  joined: boolean;
}

/** The hunks that a reading of the region behind the `@@` line at `at` makes; `exact` says that it meets the counts. */
export function layPieces(
  lines: readonly Line[],
  at: number,
  header: HunkHeader,
  reading: Reading,
  exact: boolean,
  region: Region,
): HunkReading {
  const items = exact
    ? reading.items.slice(0, exactEnd(reading.items, header))
    : trimmed(reading.items, header);
  const problems: Problem[] = [];
  const laid = layItems(lines[at]!, items, reading.damaged, exact, problems);
  const section = `${header.section} ${laid.section}`.trim();
  const pieces = laid.pieces.filter((piece, index) => index === 0 || piece.lines.length > 0);
  const all = pieces.flatMap((piece) => piece.lines);
  const broken = pieces.find((piece) => piece.joined);
  if (broken !== undefined) {
    const message = 'long lines of this hunk were broken by a mailer; they were joined again';
    problems.push({ line: broken.line, message });
  }
  const isCut = items.some((item) => item.kind === 'cut');
  if (!exact && region.isOverlong) {
    const message =
      'far more lines follow this hunk than its @@ line counts; the rest was not read as part of it';
    problems.push({ line: lines[at]!.line, message });
  }
  if (!exact) problems.push(countProblem(lines[at]!.line, header, all, isCut, region.next >= lines.length));
  const partial = pieces.length > 1 || (!exact && isShort(header, all));
  const hunks = pieces.map((piece, index) => {
    const fields =
      index === 0 ? { ...headerFields(header), section } : continuationFields(header, piece.lines);
    const fidelity = partial ? 'partial' : piece.lostMarkers || piece.joined ? 'whitespace' : 'exact';
    const hunk: Hunk = { ...fields, lines: piece.lines, inputLine: piece.line, fidelity };
    return { hunk, lostMarkers: piece.lostMarkers };
  });
  return { hunks, problems, next: exact ? (items.at(-1)?.index ?? at) + 1 : region.next };
}

function layItems(
  head: Line,
  items: readonly Item[],
  damaged: boolean,
  exact: boolean,
  problems: Problem[],
): { readonly pieces: readonly Piece[]; readonly section: string } {
  const dropReturn = head.text.endsWith('\r');
  let piece: Piece = { lines: [], line: head.line, lostMarkers: false, joined: false };
  const pieces = [piece];
  let section = '';
  for (const item of items) {
    if (item.kind === 'nonewline') markNoNewline(piece.lines);
    else if (item.kind === 'cut') {
      if (exact || pieces.length >= MAX_PIECES) continue;
      problems.push({ line: item.line.line, message: 'lines of this hunk were cut out of the mail here' });
      if (piece.lines.length === 0) continue;
      piece = { lines: [], line: item.line.line, lostMarkers: false, joined: false };
      pieces.push(piece);
    } else if (item.kind === 'other' && (item.continues || !damaged)) {
      const text = item.line.text.slice(item.start).trim();
      if (piece.lines.length > 0) joinLast(piece.lines, text);
      else if (pieces.length === 1) section = `${section} ${text}`.trim();
      piece.joined = true;
    } else {
      const bare = item.kind === 'other' || item.line.text[item.start] === '\t';
      const start = bare || item.start >= item.line.text.length ? item.start : item.start + 1;
      const kind = item.kind === 'added' || item.kind === 'removed' ? item.kind : 'context';
      if (item.kind === 'other') piece.lostMarkers = true;
      piece.lines.push(hunkLine(item.line, kind, start, dropReturn));
    }
  }
  return { pieces, section };
}

function joinLast(lines: HunkLine[], text: string): void {
  const last = lines.at(-1)!;
  const space = last.text === '' || last.text.endsWith(' ') ? '' : ' ';
  lines[lines.length - 1] = { ...last, text: last.text + space + text };
}

/** The part of a hunk behind a cut: nobody knows at which line it begins. */
function continuationFields(header: HunkHeader, lines: readonly HunkLine[]): ReturnType<typeof headerFields> {
  const { old, added } = sizes(lines);
  return { oldStart: null, oldCount: old, newStart: null, newCount: added, section: header.section };
}

function isShort(header: HunkHeader, lines: readonly HunkLine[]): boolean {
  const { old, added } = sizes(lines);
  return old < header.oldCount || added < header.newCount;
}

function countProblem(
  line: number,
  header: HunkHeader,
  lines: readonly HunkLine[],
  isCut: boolean,
  atEnd: boolean,
): Problem {
  const { old, added } = sizes(lines);
  const is = `it has ${old} old and ${added} new lines where its @@ line says ${header.oldCount} and ${header.newCount}`;
  if (!isShort(header, lines)) return { line, message: `this hunk does not add up: ${is}` };
  const blank = header.oldCount - old === header.newCount - added;
  const which = isCut
    ? ''
    : atEnd
      ? ' where the text ends'
      : blank
        ? ' (of the context, perhaps blank ones)'
        : '';
  return { line, message: `lines of this hunk are missing${which}: ${is}` };
}

/** The items without what only stands behind the hunk: blank lines, prose, and context far from any change. */
function trimmed(items: readonly Item[], header: HunkHeader): readonly Item[] {
  let lastChange = -1;
  let reached = -1;
  const counts: Counts = { old: 0, added: 0 };
  for (const [index, item] of items.entries()) {
    countInto(counts, item);
    if (item.kind === 'added' || item.kind === 'removed') lastChange = index;
    if (reached < 0 && counts.old >= header.oldCount && counts.added >= header.newCount) reached = index;
  }
  let end = items.length;
  if (reached >= 0) end = Math.min(end, Math.max(reached + 1, lastChange + 1 + MAX_TRAILING));
  while (end > 0) {
    const { kind } = items[end - 1]!;
    if (kind !== 'blank' && kind !== 'cut') break;
    end--;
  }
  const kept = items.slice(0, end);
  // A cut at the very end still is one: something is missing there.
  const cut = items.slice(end).find((item) => item.kind === 'cut');
  return cut === undefined ? kept : [...kept, cut];
}
