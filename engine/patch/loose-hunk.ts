/**
 * Reading a hunk whose lines do not add up to its counts: white space was collapsed so that context lines lost
 * their marker, the mailer wrapped long lines, a reviewer cut lines out or put comments between, or somebody
 * edited the hunk by hand. Several readings are tried; one that meets the counts is taken for the truth.
 */

import { type Counts, countInto, exactEnd } from './counting.ts';
import type { HunkHeader } from './hunk-header.ts';
import type { HunkReading } from './hunk-lines.ts';
import { layPieces, type Reading } from './hunk-pieces.ts';
import type { Line } from './lines.ts';
import type { Prefix } from './quoting.ts';
import { collectRegion, type Item, type TextTraits } from './region.ts';

/** Reads the hunk whose `@@` line is at `at` for what can be made of it. */
export function readLoosely(
  lines: readonly Line[],
  at: number,
  prefix: Prefix,
  header: HunkHeader,
  traits: TextTraits,
): HunkReading {
  const region = collectRegion(lines, at, prefix, traits, maxItems(header));
  const items = withThin(region.items, false);
  const quoted = prefix.kind === 'literal' || prefix.depth > 0;
  const fitting = (some: readonly Item[]): Reading | null => {
    if (!canFit(some, header)) return null;
    for (const candidate of candidates(some, header))
      if (fits(candidate.items, header, quoted)) return candidate;
    return null;
  };
  let chosen = fitting(items);
  if (chosen === null && items.length < region.items.length) chosen = fitting(withThin(region.items, true));
  const exact = chosen !== null;
  chosen ??= fallback(items, header);
  return layPieces(lines, at, header, chosen, exact, region);
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
      yield { items: withoutOperators(preserved, header), damaged };
      for (const fewer of withoutSpare(preserved, header)) yield { items: fewer, damaged };
      continue;
    }
    yield { items: lost, damaged };
    yield { items: joined, damaged };
    yield { items: withoutOperators(joined, header), damaged };
    // The section text of a long `@@` line comes out as a line of its own.
    if (lost[0]?.kind === 'other') yield { items: lost.slice(1), damaged };
    for (const fewer of withoutSpare(lost, header)) yield { items: fewer, damaged };
    for (const fewer of withoutSpare(joined, header)) yield { items: fewer, damaged };
    yield { items: reread(lost, header), damaged };
  }
}

/** A hunk is not many times as long as it says: what follows then is something else. */
function maxItems(header: HunkHeader): number {
  return 4 * (header.oldCount + header.newCount) + 1_000;
}

/** False where no reading of the items has as many lines as the header counts. */
function canFit(items: readonly Item[], header: HunkHeader): boolean {
  let removed = 0;
  let added = 0;
  let other = 0;
  for (const { kind } of items) {
    if (kind === 'removed') removed++;
    else if (kind === 'added') added++;
    else other++;
  }
  // A change may turn out to be context, hence the sum on both sides.
  return removed + added + other >= Math.max(header.oldCount, header.newCount);
}

/** With blank lines that have too few quote marks left out, or taken for lines of the diff. */
function withThin(items: readonly Item[], keep: boolean): readonly Item[] {
  if (!keep) return items.filter((item) => item.kind !== 'thin');
  return items.map((item) => (item.kind === 'thin' ? { ...item, kind: 'blank' as const } : item));
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

/** Where a mailer broke a line in front of a `+` or a `-`, its end looks like a change: one change too many. */
function withoutOperators(items: readonly Item[], header: HunkHeader): readonly Item[] {
  const counts: Counts = { old: 0, added: 0 };
  for (const item of items) countInto(counts, item);
  const spareOld = counts.old - header.oldCount;
  const spareNew = counts.added - header.newCount;
  const take = (kind: Item['kind'], spare: number): readonly Item[] => {
    if (spare <= 0) return [];
    const broken = items.filter((item) => item.kind === kind && item.continues);
    const operators = broken.filter((item) => item.line.text[item.start + 1] === ' ');
    return broken.length === spare ? broken : operators.length === spare ? operators : [];
  };
  const joined = new Set([...take('removed', spareOld), ...take('added', spareNew)]);
  return items.map((item) => (joined.has(item) ? { ...item, kind: 'other' as const } : item));
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
    (item) => item.kind === kind && /^.[-+A-Z0-9>]/.test(item.line.text.slice(item.start, item.start + 2)),
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
