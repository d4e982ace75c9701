/**
 * Reading a hunk whose lines do not add up to its counts: white space was collapsed so that context lines lost
 * their marker, the mailer wrapped long lines, a reviewer cut lines out or put comments between, or somebody
 * edited the hunk by hand. Several readings are tried; one that meets the counts is taken for the truth.
 */

import type { HunkHeader } from './hunk-header.ts';
import { type HunkReading, headerFields, hunkLine, markNoNewline } from './hunk-lines.ts';
import type { Line } from './lines.ts';
import type { Prefix } from './quoting.ts';
import { collectRegion, type Item, type TextTraits } from './region.ts';
import type { Hunk, HunkLine, Problem } from './series.ts';

/** Reads the hunk whose `@@` line is at `at` for what can be made of it. */
export function readLoosely(
  lines: readonly Line[],
  at: number,
  prefix: Prefix,
  header: HunkHeader,
  traits: TextTraits,
): HunkReading {
  const region = collectRegion(lines, at, prefix, traits);
  const items = region.items;
  const quoted = prefix.kind === 'literal' || prefix.depth > 0;
  let chosen: Reading | null = null;
  for (const candidate of candidates(items, header)) {
    if (fits(candidate.items, header, quoted)) {
      chosen = candidate;
      break;
    }
  }
  const exact = chosen !== null;
  chosen ??= fallback(items, header);
  return build(lines, at, header, chosen, exact, region.next);
}

/** One way to read the region. */
interface Reading {
  readonly items: readonly Item[];
  /** What an item without a marker is taken for. */
  readonly damaged: boolean;
}

/** The readings to try, the likeliest first. */
function* candidates(items: readonly Item[], header: HunkHeader): Generator<Reading> {
  const preserved = keepMarked(items);
  const lost = keepLost(items, false);
  const joined = keepLost(items, true);
  const spaced = items.some((item) => item.kind === 'context');
  const first = spaced ? [false, true] : [true, false];
  for (const damaged of first) {
    if (!damaged) {
      yield { items: preserved, damaged };
      for (const fewer of withoutSpare(preserved, header)) yield { items: fewer, damaged };
      continue;
    }
    yield { items: lost, damaged };
    yield { items: joined, damaged };
    // The section text of a long `@@` line comes out as a line of its own.
    if (lost[0]?.kind === 'other') yield { items: lost.slice(1), damaged };
    for (const fewer of withoutSpare(lost, header)) yield { items: fewer, damaged };
    for (const fewer of withoutSpare(joined, header)) yield { items: fewer, damaged };
    yield { items: reread(lost, header), damaged };
  }
}

/** Lines without a marker are comments, or ends of broken lines, which are kept to be joined. */
function keepMarked(items: readonly Item[]): readonly Item[] {
  return items.filter((item) => item.kind !== 'other' || item.continues);
}

/** Lines without a marker are context; with `join`, those that look like ends of broken lines are joined. */
function keepLost(items: readonly Item[], join: boolean): readonly Item[] {
  return items.map((item) =>
    item.kind === 'other' && item.continues && !join && !item.foreign ? { ...item, continues: false } : item,
  );
}

function isJoined(item: Item, damaged: boolean): boolean {
  return item.kind === 'other' && (item.continues || !damaged);
}

interface Counts {
  old: number;
  added: number;
}

function countInto(counts: Counts, item: Item): void {
  if (item.kind === 'added') counts.added++;
  else if (item.kind === 'removed') counts.old++;
  else if (item.kind === 'context' || item.kind === 'blank' || (item.kind === 'other' && !item.continues)) {
    counts.old++;
    counts.added++;
  }
}

/**
 * True where reading from the top meets both counts at once, and the hunk does not visibly go on behind. In a
 * quoted diff nothing but another hunk follows it under the same quote marks.
 */
function fits(items: readonly Item[], header: HunkHeader, quoted: boolean): boolean {
  let end = exactEnd(items, header);
  if (end < 0) return false;
  while (quoted && items[end]?.kind === 'blank') end++;
  const next = items[end]?.kind;
  return next !== 'added' && next !== 'removed' && !(quoted && next === 'context');
}

/** The number of items that meet the counts, or -1. A cut means that they cannot. */
function exactEnd(items: readonly Item[], header: HunkHeader): number {
  const counts: Counts = { old: 0, added: 0 };
  let end = 0;
  for (; end < items.length; end++) {
    if (counts.old === header.oldCount && counts.added === header.newCount) break;
    if (counts.old > header.oldCount || counts.added > header.newCount) return -1;
    countInto(counts, items[end]!);
  }
  if (counts.old !== header.oldCount || counts.added !== header.newCount) return -1;
  while (items[end]?.kind === 'nonewline' || (items[end]?.kind === 'other' && items[end]!.continues)) end++;
  return end;
}

/** Leaves out lines that are too many: blank ones beside a comment, then what looks broken off a line. */
function* withoutSpare(items: readonly Item[], header: HunkHeader): Generator<readonly Item[]> {
  // Where a reviewer sets his comments off with quoted blank lines, all of them are his.
  const besides = items.filter((item) => isBareBlank(item) && item.besideComment);
  if (besides.length > 0) yield without(items, new Set(besides));
  // Blank lines at the end may belong to the hunk, or stand between it and a comment.
  let end = items.length;
  while (end > 0 && items[end - 1]!.kind === 'blank') end--;
  for (const some of end < items.length ? [items.slice(0, end), items] : [items]) {
    const counts: Counts = { old: 0, added: 0 };
    for (const item of some) countInto(counts, item);
    const spare = counts.old - header.oldCount;
    if (spare <= 0 || spare !== counts.added - header.newCount) continue;
    const blank = some.filter((item) => isBareBlank(item) && item.besideComment);
    if (blank.length >= spare) yield without(some, new Set(blank.slice(0, spare)));
    const broken = some.filter((item) => item.kind === 'context' && item.continues);
    if (broken.length === spare) {
      const set = new Set(broken);
      yield some.map((item) => (set.has(item) ? { ...item, kind: 'other' as const } : item));
    }
  }
}

/** A blank line that has not even the marker of a context line. */
function isBareBlank(item: Item): boolean {
  return item.kind === 'blank' && item.start === item.line.text.length;
}

function without(items: readonly Item[], left: ReadonlySet<Item>): readonly Item[] {
  return items.filter((item) => !left.has(item));
}

/** A context line that begins with an operator (`-EINVAL,`) looks like a change once its indentation is gone. */
function reread(items: readonly Item[], header: HunkHeader): readonly Item[] {
  const counts: Counts = { old: 0, added: 0 };
  for (const item of items) countInto(counts, item);
  const missingNew = header.newCount - counts.added;
  const missingOld = header.oldCount - counts.old;
  const kind =
    missingNew > 0 && missingOld === 0 ? 'removed' : missingOld > 0 && missingNew === 0 ? 'added' : null;
  if (kind === null) return items;
  const doubtful = items.filter(
    (item) => item.kind === kind && /^.[-A-Z0-9>]/.test(item.line.text.slice(item.start, item.start + 2)),
  );
  if (doubtful.length !== missingNew + missingOld) return items;
  const set = new Set(doubtful);
  return items.map((item) => (set.has(item) ? { ...item, kind: 'other' as const, continues: false } : item));
}

/** Where no reading meets the counts: markers decide, if the context has them. */
function fallback(items: readonly Item[], header: HunkHeader): Reading {
  const spaced =
    items.some((item) => item.kind === 'context') || header.oldCount === 0 || header.newCount === 0;
  return spaced
    ? { items: keepMarked(items), damaged: false }
    : { items: keepLost(items, false), damaged: true };
}

/** How many lines stand behind the last change at the most, where the counts do not say. */
const MAX_TRAILING = 3;

function build(
  lines: readonly Line[],
  at: number,
  header: HunkHeader,
  reading: Reading,
  exact: boolean,
  regionEnd: number,
): HunkReading {
  const dropReturn = lines[at]!.text.endsWith('\r');
  const items = exact
    ? reading.items.slice(0, exactEnd(reading.items, header))
    : trimmed(reading.items, header);
  const problems: Problem[] = [];
  const pieces: { lines: HunkLine[]; line: number; lost: boolean; joined: boolean }[] = [];
  const open = (line: number) => {
    const piece = { lines: [] as HunkLine[], line, lost: false, joined: false };
    pieces.push(piece);
    return piece;
  };
  let piece = open(lines[at]!.line);
  let section = header.section;
  for (const item of items) {
    if (item.kind === 'cut') {
      if (!exact) {
        problems.push({ line: item.line.line, message: 'lines of this hunk were cut out of the mail here' });
        if (piece.lines.length > 0) piece = open(item.line.line);
      }
      continue;
    }
    if (item.kind === 'nonewline') {
      markNoNewline(piece.lines);
      continue;
    }
    if (isJoined(item, reading.damaged)) {
      const text = item.line.text.slice(item.start).trim();
      if (piece.lines.length === 0 && piece === pieces[0]) section = `${section} ${text}`.trim();
      else if (piece.lines.length > 0) joinLast(piece.lines, text);
      piece.joined = true;
      continue;
    }
    const marked =
      item.kind !== 'other' && item.line.text[item.start] !== '\t' && item.start < item.line.text.length;
    const kind = item.kind === 'added' || item.kind === 'removed' ? item.kind : 'context';
    if (item.kind === 'other') piece.lost = true;
    piece.lines.push(hunkLine(item.line, kind, item.start + (marked ? 1 : 0), dropReturn));
  }
  const kept = pieces.filter((each, index) => index === 0 || each.lines.length > 0);
  const next = exact ? (items.at(-1)?.index ?? at) + 1 : regionEnd;
  const joinedAt = kept.find((each) => each.joined)?.line;
  if (joinedAt !== undefined) {
    problems.push({
      line: joinedAt,
      message: 'long lines of this hunk were broken by a mailer; they were joined again',
    });
  }
  if (!exact)
    problems.push(
      countProblem(
        lines[at]!.line,
        header,
        kept.flatMap((each) => each.lines),
      ),
    );
  const missing =
    !exact &&
    isShort(
      header,
      kept.flatMap((each) => each.lines),
    );
  const hunks = kept.map((each, index) => {
    const partial = missing || kept.length > 1;
    const fidelity: Hunk['fidelity'] = partial
      ? 'partial'
      : each.lost || each.joined
        ? 'whitespace'
        : 'exact';
    const fields =
      index === 0 ? { ...headerFields(header), section } : continuationFields(header, each.lines);
    return { hunk: { ...fields, lines: each.lines, inputLine: each.line, fidelity }, lostMarkers: each.lost };
  });
  return { hunks, problems, next };
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

function sizes(lines: readonly HunkLine[]): Counts {
  const counts: Counts = { old: 0, added: 0 };
  for (const { kind } of lines) {
    if (kind !== 'added') counts.old++;
    if (kind !== 'removed') counts.added++;
  }
  return counts;
}

function isShort(header: HunkHeader, lines: readonly HunkLine[]): boolean {
  const { old, added } = sizes(lines);
  return old < header.oldCount || added < header.newCount;
}

function countProblem(line: number, header: HunkHeader, lines: readonly HunkLine[]): Problem {
  const { old, added } = sizes(lines);
  const is = `it has ${old} old and ${added} new lines where its @@ line says ${header.oldCount} and ${header.newCount}`;
  if (!isShort(header, lines)) return { line, message: `this hunk does not add up: ${is}` };
  const blank =
    header.oldCount - old === header.newCount - added ? ' (of the context, perhaps blank ones)' : '';
  return { line, message: `lines of this hunk are missing${blank}: ${is}` };
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
