/** Counting the lines of a hunk against what its `@@` line says. */
import type { HunkHeader } from './hunk-header.ts';
import type { Item } from './region.ts';
import type { HunkLine } from './series.ts';

/** Lines on either side of a hunk. */
export interface Counts {
  old: number;
  added: number;
}

/** Counts an item in. */
export function countInto(counts: Counts, item: Item): void {
  if (item.kind === 'added') counts.added++;
  else if (item.kind === 'removed') counts.old++;
  else if (item.kind === 'context' || item.kind === 'blank' || (item.kind === 'other' && !item.continues)) {
    counts.old++;
    counts.added++;
  }
}

/** The number of items that meet the counts, or -1. A cut means that they cannot. */
export function exactEnd(items: readonly Item[], header: HunkHeader): number {
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

/** The lines on either side that stand in a hunk. */
export function sizes(lines: readonly HunkLine[]): Counts {
  const counts: Counts = { old: 0, added: 0 };
  for (const { kind } of lines) {
    if (kind !== 'added') counts.old++;
    if (kind !== 'removed') counts.added++;
  }
  return counts;
}
