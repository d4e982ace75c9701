/** Placing a hunk of which lines are missing: what is left of it must appear in the file in the same order. */
import type { Hunk } from '../patch/series.ts';
import { isTelling } from './line-key.ts';

/** The most lines that may be missing from a hunk whose `@@` line does not say how many. */
const MAX_MISSING = 200;
/** How many places are tried. */
const MAX_STARTS = 300;

/**
 * The indices in `keys` that the lines `want` stand for, in rising order, with as few lines left out between
 * them as a greedy reading finds; null where they do not all appear, or say too little to be sure of the place.
 */
export function placeWithGaps(
  keys: readonly string[],
  want: readonly string[],
  hunk: Hunk,
  guess: number | null,
  from: number,
  isFree: (start: number, end: number) => boolean,
  budget: { left: number },
): number[] | null {
  const telling = want.findIndex(isTelling);
  if (telling < 0 || want.filter(isTelling).length < Math.min(2, want.length)) return null;
  const missing = Math.max(0, hunk.oldCount - want.length);
  const allowed = missing > 0 ? missing : MAX_MISSING;
  const starts = startsNear(keys, want[0]!, guess ?? from, budget);
  let best: number[] | null = null;
  let bestGap = allowed + 1;
  for (const start of starts) {
    if (budget.left <= 0) break;
    const found = follow(keys, want, start, bestGap - 1, budget);
    if (found === null || !isFree(start, found[found.length - 1]! + 1)) continue;
    best = found;
    bestGap = found[found.length - 1]! + 1 - start - want.length;
    if (bestGap === 0) break;
  }
  return best;
}

/** The places of a line, those nearest to `anchor` first. */
function startsNear(
  keys: readonly string[],
  key: string,
  anchor: number,
  budget: { left: number },
): number[] {
  const starts: number[] = [];
  const reach = Math.max(anchor, keys.length - anchor);
  for (let away = 0; away <= reach && starts.length < MAX_STARTS; away++) {
    if (--budget.left <= 0) break;
    if (keys[anchor + away] === key) starts.push(anchor + away);
    if (away > 0 && keys[anchor - away] === key) starts.push(anchor - away);
  }
  return starts;
}

function follow(
  keys: readonly string[],
  want: readonly string[],
  start: number,
  allowed: number,
  budget: { left: number },
): number[] | null {
  const found: number[] = [];
  let index = start;
  budget.left -= want.length;
  for (const [done, key] of want.entries()) {
    while (index < keys.length && keys[index] !== key) {
      index++;
      budget.left--;
      if (index - start - done > allowed) return null;
    }
    if (index >= keys.length) return null;
    found.push(index++);
  }
  return found;
}
