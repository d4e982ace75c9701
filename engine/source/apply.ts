/** Applying the hunks of one file patch to the lines of a file, in memory. */
import type { FilePatch, Hunk, Problem } from '../patch/series.ts';
import { Intervals } from './intervals.ts';
import { lineKey } from './line-key.ts';
import { addLine, currentTexts, type Lineage, showLine } from './lineage.ts';
import { type Placement, placeHunk, type SearchText, searchText, statedIndex } from './place.ts';
import { restoreIndentation } from './reindent.ts';

/** A hunk that is left out. */
export interface Misfit {
  readonly hunk: Hunk;
  /** `no-place`: its lines are not in the file; `present`: the file has what it adds, so another version is in there. */
  readonly why: 'no-place' | 'present';
}

/** How well the hunks of a file patch fitted. */
export interface Fitting {
  readonly placements: readonly Placement[];
  readonly failed: readonly Misfit[];
}

/** A hunk that adds fewer telling lines than this can add again what is there. */
const FEW_LINES = 8;
/** Lines shorter than this (without white space) are too common to tell anything. */
const SHORT_LINE = 10;
/** Of a hunk that another version of the patch is in the file for, at least this part of the added lines is there. */
const MOST_LINES = 0.9;

/**
 * Where the hunks belong in the current image; nothing is changed.
 * @param backwards the hunks take a patch back: what they add may well be there elsewhere.
 */
export function fitHunks(
  lineage: Lineage,
  hunks: readonly Hunk[],
  budget: { left: number },
  backwards = false,
): Fitting {
  const text = searchText(currentTexts(lineage), lineage.hasReturns, budget);
  const placements: Placement[] = [];
  const failed: Misfit[] = [];
  const taken = new Intervals();
  let drift = 0;
  let from = 0;
  for (const hunk of hunks) {
    if (hunk.lines.length === 0) continue;
    const { atStart, atEnd } = anchorsOf(hunk);
    const found = placeHunk(text, hunk, drift, from, (start, end) => {
      if ((atStart && start !== 0) || (atEnd && end !== text.count)) return false;
      return taken.isFree(start, end);
    });
    if (found === null) {
      failed.push({ hunk, why: 'no-place' });
      continue;
    }
    taken.add(found.start, found.end);
    placements.push(found);
    if (hunk.oldStart !== null) drift = found.offset;
    from = Math.max(from, found.end);
  }
  placements.sort((a, b) => a.start - b.start || a.end - b.end);
  const doubled = backwards ? new Set<Placement>() : doubledBy(placements, text);
  for (const { hunk } of doubled) failed.push({ hunk, why: 'present' });
  return { placements: placements.filter((placement) => !doubled.has(placement)), failed };
}

/**
 * Whether a hunk can only be at the beginning or the end of a file: it has context on one side alone, so there was
 * nothing on the other. `git apply` and `patch` both insist on it. Where lines were lost, nothing can be said.
 */
function anchorsOf(hunk: Hunk): { atStart: boolean; atEnd: boolean } {
  const { lines } = hunk;
  const first = lines[0]!.kind === 'context';
  const last = lines[lines.length - 1]!.kind === 'context';
  const lost = hunk.fidelity === 'partial' || hunk.oldCount === 0;
  return { atStart: !lost && !first && last && (hunk.oldStart ?? 2) <= 1, atEnd: !lost && first && !last };
}

/** The placements that would add, for the second time, what the file has and keeps. */
function doubledBy(placements: readonly Placement[], text: SearchText): Set<Placement> {
  const doubled = new Set<Placement>();
  for (const placement of placements) {
    // Without context, nothing but the line number says where: at least it must not stand there already.
    if (placement.hunk.oldCount > 0 || text.count === 0) continue;
    const keys = text.keys('whitespace');
    const { lines } = placement.hunk;
    if (lines.every((line, i) => keys[placement.start + i] === lineKey(line.text, 'whitespace')))
      doubled.add(placement);
  }
  const large = placements.filter(
    ({ hunk }) => hunk.lines.filter((l) => l.kind === 'added').length >= FEW_LINES,
  );
  if (large.length === 0) return doubled;
  const removed = new Set<number>();
  for (const { hunk, at } of placements) {
    for (const [i, line] of hunk.lines.entries()) if (line.kind === 'removed') removed.add(at[i]!);
  }
  const keys = text.keys('whitespace');
  const kept = new Set(keys.filter((key, index) => key.length >= SHORT_LINE && !removed.has(index)));
  for (const placement of large) {
    const added = placement.hunk.lines
      .filter((line) => line.kind === 'added')
      .map((line) => lineKey(line.text, 'whitespace'))
      .filter((key) => key.length >= SHORT_LINE);
    if (added.length < FEW_LINES) continue;
    if (added.filter((key) => kept.has(key)).length >= MOST_LINES * added.length) doubled.add(placement);
  }
  return doubled;
}

/** Makes the post-image of the placed hunks the lineage's current image. */
export function applyPlacements(lineage: Lineage, placements: readonly Placement[], patch: number): void {
  const { current } = lineage;
  const next: number[] = [];
  let cursor = 0;
  const copyTo = (index: number) => {
    for (; cursor < index; cursor++) next.push(current[cursor]!);
  };
  for (const placement of placements) {
    const { hunk, at } = placement;
    const texts = addedTexts(lineage, placement);
    copyTo(placement.start);
    for (const [i, line] of hunk.lines.entries()) {
      if (line.kind === 'added') {
        const id = addLine(lineage, texts[i]!);
        lineage.addedBy.set(id, patch);
        showLine(lineage, id, line.inputLine);
        if (line.noNewline) lineage.unterminated.add(id);
        next.push(id);
        continue;
      }
      const index = at[i]!;
      if (index < 0) continue;
      copyTo(index);
      const id = current[index]!;
      showLine(lineage, id, line.inputLine);
      if (line.kind === 'context') next.push(id);
      cursor = index + 1;
    }
  }
  copyTo(current.length);
  lineage.current = next;
}

function addedTexts(lineage: Lineage, placement: Placement): readonly string[] {
  const { hunk, at } = placement;
  if (hunk.fidelity === 'exact' && placement.fit !== 'whitespace') return hunk.lines.map((line) => line.text);
  const actual = (i: number) => (at[i]! < 0 ? null : lineage.texts[lineage.current[at[i]!]!]!);
  if (hunk.fidelity !== 'whitespace' && !hunk.lines.some((line, i) => differs(line.text, actual(i)))) {
    return hunk.lines.map((line) => line.text);
  }
  return restoreIndentation(hunk, actual);
}

function differs(text: string, actual: string | null): boolean {
  return actual !== null && lineKey(text, 'exact') !== lineKey(actual, 'exact');
}

/** What a person should know about how the hunks of a file fitted. */
export function fittingProblems(path: string, fitting: Fitting): Problem[] {
  const problems: Problem[] = [];
  for (const { hunk, why } of fitting.failed) {
    const reason = why === 'present' ? 'adds what is there already' : 'does not fit';
    problems.push({
      line: hunk.inputLine,
      message: `${path}: the hunk${statedAt(hunk)} ${reason}; it is left out`,
    });
  }
  const squeezed = fitting.placements.filter((p) => p.fit === 'whitespace' && p.hunk.fidelity === 'exact');
  for (const placed of fitting.placements) {
    const how = howPlaced(placed);
    if (how === null) continue;
    const line = (statedIndex(placed.hunk) ?? placed.start - placed.offset) + placed.offset + 1;
    problems.push({
      line: placed.hunk.inputLine,
      message: `${path}: the hunk${statedAt(placed.hunk)} is placed at line ${line} ${how}`,
    });
  }
  if (squeezed.length > 0) {
    const line = squeezed.reduce(
      (first, { hunk }) => Math.min(first, hunk.inputLine),
      Number.POSITIVE_INFINITY,
    );
    const what =
      squeezed.length === 1 ? `the hunk${statedAt(squeezed[0]!.hunk)} is` : `${squeezed.length} hunks are`;
    problems.push({ line, message: `${path}: ${what} placed ignoring white space` });
  }
  return problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

function statedAt(hunk: Hunk): string {
  return hunk.oldStart === null ? '' : ` for line ${hunk.oldStart}`;
}

/** Offsets alone are not worth a word; a doubtful place is. */
function howPlaced(placed: Placement): string | null {
  if (placed.candidates > 1) return `though ${placed.candidates} places would fit`;
  if (placed.fit === 'fuzz')
    return `with ${placed.fuzz} ${placed.fuzz === 1 ? 'line' : 'lines'} of context ignored`;
  if (placed.fit === 'gaps') return 'though lines of it are missing';
  return null;
}

/** The file patch that undoes this one. */
export function invert(file: FilePatch): FilePatch {
  return {
    ...file,
    oldPath: file.newPath,
    newPath: file.oldPath,
    oldBlob: file.newBlob,
    newBlob: file.oldBlob,
    oldMode: file.newMode,
    newMode: file.oldMode,
    hunks: file.hunks.map(invertHunk),
  };
}

function invertHunk(hunk: Hunk): Hunk {
  return {
    ...hunk,
    oldStart: hunk.newStart,
    oldCount: hunk.newCount,
    newStart: hunk.oldStart,
    newCount: hunk.oldCount,
    lines: hunk.lines.map((line) =>
      line.kind === 'context' ? line : { ...line, kind: line.kind === 'added' ? 'removed' : 'added' },
    ),
  };
}
