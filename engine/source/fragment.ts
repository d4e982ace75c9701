/** Rebuilding as much of a file as a series shows, where there is no tree to read it from. */
import type { FilePatch, Hunk, Problem } from '../patch/series.ts';
import { applyPlacements } from './apply.ts';
import { isTelling, lineKey } from './line-key.ts';
import { addLine, type Lineage, lineageOf, setText } from './lineage.ts';
import { type Placement, placeHunk, searchText, statedIndex } from './place.ts';

/** No kernel source file is longer; what is said to lie beyond is put behind what is shown. */
const MAX_LINE = 200_000;

/** A file of which nothing is known yet. */
export function emptyFragment(): Lineage {
  return lineageOf(null);
}

/**
 * Applies a file patch to a fragment. Hunks go to the lines that they state, over lines not known so far or over
 * equal ones; where they state none, to lines that they match, else behind the hunk before.
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
  let from = 0;
  for (const hunk of file.hunks) {
    if (hunk.lines.length === 0) continue;
    const old = hunk.lines.filter((line) => line.kind !== 'added');
    const stated = statedIndex(hunk);
    let start = -1;
    if (stated !== null && stated >= from && extend(lineage, stated + old.length, gaps)) {
      if (agrees(lineage, hunk, stated)) start = stated;
    }
    if (start < 0 && old.some((line) => isTelling(line.text))) {
      const text = searchText(
        lineage.current.map((id) => (lineage.unknown.has(id) ? '\0' : lineage.texts[id]!)),
        true,
        budget,
      );
      const low = from;
      const found = placeHunk(text, { ...hunk, fidelity: 'exact' }, 0, from, (a) => a >= low);
      if (found !== null) start = found.start - found.fuzz;
      if (found !== null && (found.fuzz > 0 || !agrees(lineage, hunk, start))) start = -1;
    }
    if (start < 0) {
      if (stated !== null && stated < lineage.current.length) {
        const message = `${path}: the hunk for line ${hunk.oldStart} contradicts what the series shows of the file before`;
        problems.push({ line: hunk.inputLine, message });
      }
      start = insertBlock(lineage, from, old.length);
    }
    fill(lineage, hunk, start);
    placements.push(placementAt(hunk, start, old.length));
    from = start + old.length;
  }
  applyPlacements(lineage, placements, patch);
  return problems;
}

/** Makes the image at least `count` lines long with unknown lines; false where that is beyond reason. */
function extend(lineage: Lineage, count: number, gaps: { left: number }): boolean {
  const missing = count - lineage.current.length;
  if (missing <= 0) return true;
  if (count > MAX_LINE || missing > gaps.left) return false;
  gaps.left -= missing;
  const current = [...lineage.current];
  for (let i = 0; i < missing; i++) {
    const id = unknownLine(lineage);
    lineage.pre.push(id);
    current.push(id);
  }
  lineage.current = current;
  return true;
}

/** Puts `count` unknown lines, and one to part them from what is before, at or behind index `from`. */
function insertBlock(lineage: Lineage, from: number, count: number): number {
  const { current, pre } = lineage;
  const before = current.slice(0, from);
  const ids: number[] = [];
  for (let i = 0; i < count + (from > 0 ? 1 : 0); i++) ids.push(unknownLine(lineage));
  lineage.current = [...before, ...ids, ...current.slice(from)];
  const inPre = new Map(pre.map((id, index) => [id, index]));
  let at = 0;
  for (let i = before.length - 1; i >= 0; i--) {
    const index = inPre.get(before[i]!);
    if (index !== undefined) {
      at = index + 1;
      break;
    }
  }
  const tail = pre.splice(at);
  for (const id of ids) pre.push(id);
  for (const id of tail) pre.push(id);
  return from + (from > 0 ? 1 : 0);
}

function unknownLine(lineage: Lineage): number {
  const id = addLine(lineage, '');
  lineage.unknown.add(id);
  return id;
}

function agrees(lineage: Lineage, hunk: Hunk, start: number): boolean {
  let index = start;
  for (const line of hunk.lines) {
    if (line.kind === 'added') continue;
    const id = lineage.current[index++];
    if (id === undefined) return false;
    if (lineage.unknown.has(id)) continue;
    if (lineKey(lineage.texts[id]!, 'whitespace') !== lineKey(line.text, 'whitespace')) return false;
  }
  return true;
}

/** Writes what the hunk shows of its old side into the lines that it covers. */
function fill(lineage: Lineage, hunk: Hunk, start: number): void {
  let index = start;
  for (const line of hunk.lines) {
    if (line.kind === 'added') continue;
    const id = lineage.current[index++]!;
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
