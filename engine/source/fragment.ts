/** Rebuilding as much of a file as a series shows, where there is no tree to read it from. */
import type { FilePatch, Hunk, HunkLine, Problem } from '../patch/series.ts';
import { applyPlacements } from './apply.ts';
import { Intervals } from './intervals.ts';
import { isTelling, lineKey } from './line-key.ts';
import { addLine, type Lineage, lineageOf, setText } from './lineage.ts';
import { type Placement, placeHunk, type SearchText, searchText, statedIndex } from './place.ts';

/** No kernel source file is longer; what is said to lie beyond is put behind what is shown. */
const MAX_LINE = 200_000;

/** A file of which nothing is known yet. */
export function emptyFragment(): Lineage {
  return lineageOf(null);
}

/**
 * Applies a file patch to a fragment. Hunks go to the lines that they state, over lines not known so far or over
 * equal ones; where they state none, to lines that they match, else behind all there is.
 * @param gaps how many blank lines may still be made up, shared by all files of a series.
 */
export function applyToFragment(
  lineage: Lineage,
  file: FilePatch,
  patch: number,
  gaps: { left: number },
  budget: { left: number },
): Problem[] {
  const problems: Problem[] = [];
  const placements: Placement[] = [];
  const path = file.newPath ?? file.oldPath ?? 'unnamed file';
  const taken = new Intervals();
  const isFree = (start: number, end: number) => taken.isFree(start, end);
  // Hunks of one patch do not build on each other: one look at what is known serves them all.
  const known = lineage.current.length;
  let text: SearchText | null = null;
  const current = [...lineage.current];
  lineage.current = current;
  let from = 0;
  for (const hunk of file.hunks) {
    if (hunk.lines.length === 0) continue;
    const old = hunk.lines.filter((line) => line.kind !== 'added');
    const stated = statedIndex(hunk);
    const fits = (start: number) => isFree(start, start + old.length) && agrees(lineage, old, start);
    let start = -1;
    if (stated !== null && extend(lineage, current, stated + old.length, gaps) && fits(stated))
      start = stated;
    if (start < 0 && known > 0 && old.some((line) => isTelling(line.text))) {
      text ??= searchText(
        current.slice(0, known).map((id) => (lineage.unknown.has(id) ? '\0' : lineage.texts[id]!)),
        true,
        budget,
      );
      const found = placeHunk(text, { ...hunk, fidelity: 'exact' }, 0, from, isFree);
      if (found !== null && found.fuzz === 0 && fits(found.start)) start = found.start;
    }
    if (start < 0) {
      if (stated !== null && stated < known) {
        const message = `${path}: the hunk for line ${hunk.oldStart} contradicts what the series shows of the file before`;
        problems.push({ line: hunk.inputLine, message });
      }
      // Behind all the rest, parted from it by one line.
      if (current.length > 0) append(lineage, current, 1);
      start = current.length;
      append(lineage, current, old.length);
    }
    fill(lineage, old, start);
    taken.add(start, start + old.length);
    placements.push(placementAt(hunk, start, old.length));
    from = start + old.length;
  }
  placements.sort((a, b) => a.start - b.start || a.end - b.end);
  applyPlacements(lineage, placements, patch);
  return problems;
}

/** Makes the image at least `count` lines long with unknown lines; false where that is beyond reason. */
function extend(lineage: Lineage, current: number[], count: number, gaps: { left: number }): boolean {
  const missing = count - current.length;
  if (missing <= 0) return true;
  if (count > MAX_LINE || missing > gaps.left) return false;
  gaps.left -= missing;
  append(lineage, current, missing);
  return true;
}

/** Adds unknown lines to the end of both images. */
function append(lineage: Lineage, current: number[], count: number): void {
  for (let i = 0; i < count; i++) {
    const id = unknownLine(lineage);
    lineage.pre.push(id);
    current.push(id);
  }
}

function unknownLine(lineage: Lineage): number {
  const id = addLine(lineage, '');
  lineage.unknown.add(id);
  return id;
}

function agrees(lineage: Lineage, old: readonly HunkLine[], start: number): boolean {
  return old.every((line, i) => {
    const id = lineage.current[start + i];
    if (id === undefined) return false;
    if (lineage.unknown.has(id)) return true;
    return lineKey(lineage.texts[id]!, 'whitespace') === lineKey(line.text, 'whitespace');
  });
}

/** Writes what the hunk shows of its old side into the lines that it covers. */
function fill(lineage: Lineage, old: readonly HunkLine[], start: number): void {
  for (const [i, line] of old.entries()) {
    const id = lineage.current[start + i]!;
    if (!lineage.unknown.has(id)) continue;
    setText(lineage, id, line.text);
    lineage.unknown.delete(id);
    if (line.noNewline) lineage.unterminated.add(id);
  }
}

function placementAt(hunk: Hunk, start: number, count: number): Placement {
  let next = start;
  const at = hunk.lines.map((line) => (line.kind === 'added' ? -1 : next++));
  return { hunk, start, end: start + count, at, fit: 'exact', fuzz: 0, offset: 0, candidates: 1 };
}

/** Takes the unknown lines off the end of a list of lines: nothing is behind them. */
export function withoutUnknownTail(lineage: Lineage, ids: readonly number[]): readonly number[] {
  let count = ids.length;
  while (count > 0 && lineage.unknown.has(ids[count - 1]!)) count--;
  return count === ids.length ? ids : ids.slice(0, count);
}
