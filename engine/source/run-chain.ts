/** Running the patches of one file over its text, forwards or backwards. */
import type { Problem } from '../patch/series.ts';
import { applyPlacements, type Fitting, fitHunks, fittingProblems, invert } from './apply.ts';
import type { Chain, Step } from './chains.ts';
import { applyToFragment, emptyFragment } from './fragment.ts';
import { lineKey } from './line-key.ts';
import { type Lineage, lineageOf, setText, textOf } from './lineage.ts';

/** What is left to spend on a whole series. */
export interface Budget {
  /** Line comparisons while looking for places. */
  readonly search: { left: number };
  /** Blank lines made up for fragments. */
  readonly gaps: { left: number };
}

/** A chain after all its steps. */
export interface Outcome {
  readonly lineage: Lineage;
  /** The image's lines after each step. */
  readonly states: readonly (readonly number[])[];
  readonly problems: readonly Problem[];
  /** Hunks that found no place. */
  readonly failed: number;
  /** Hunks that fitted only with something ignored. */
  readonly loose: number;
}

/** Applies the steps in order to a text; null is a file that is not there. */
export function runForwards(text: string | null, chain: Chain, budget: Budget): Outcome {
  const lineage = lineageOf(text);
  const states: (readonly number[])[] = [];
  const problems: Problem[] = [];
  let failed = 0;
  let loose = 0;
  for (const { patch, file } of chain.steps) {
    const path = file.newPath ?? file.oldPath ?? chain.path;
    if (file.oldPath === null && lineage.current.length > 0) {
      problems.push({
        line: file.inputLine,
        message: `${path}: the patch creates a file that is there already`,
      });
      lineage.current = [];
    }
    const fitting = fitHunks(lineage, file.hunks, budget.search);
    failed += fitting.failed.length;
    loose += looseOf(fitting);
    for (const problem of fittingProblems(path, fitting)) problems.push(problem);
    applyPlacements(lineage, fitting.placements, patch);
    if (file.newPath === null && lineage.current.length > 0) {
      if (file.hunks.length > 0) {
        failed++;
        problems.push({
          line: file.inputLine,
          message: `${path}: the patch deletes the file, which has lines that the patch does not show`,
        });
      }
      lineage.current = [];
    }
    states.push(lineage.current);
  }
  return { lineage, states, problems, failed, loose };
}

/**
 * Takes the first `count` steps back from a text in which they are applied, as far as their hunks are found in it.
 * Null where the file is there and should not be, or the other way round, or no hunk is found.
 */
export function runBackwards(
  text: string | null,
  chain: Chain,
  count: number,
  budget: Budget,
): { readonly text: string | null; readonly failed: number; readonly loose: number } | null {
  const lineage = lineageOf(text);
  let present = text !== null;
  let failed = 0;
  let loose = 0;
  let placed = 0;
  for (const step of chain.steps.slice(0, count).reverse()) {
    const file = invert(step.file);
    // Backwards, a deletion creates and a creation deletes.
    if (present !== (file.oldPath !== null)) return null;
    const fitting = fitHunks(lineage, file.hunks, budget.search, true);
    failed += fitting.failed.length;
    loose += looseOf(fitting);
    placed += fitting.placements.length;
    applyPlacements(lineage, fitting.placements, step.patch);
    present = file.newPath !== null;
    if (!present && lineage.current.length > 0) return null;
  }
  if (placed === 0) return null;
  return { text: present ? textOf(lineage, lineage.current) : null, failed, loose };
}

/** Whether a text can be what a step leaves: all of the step's hunks are in it. */
export function isLast(step: Step, text: string | null, budget: Budget): boolean {
  const fitting = fitHunks(lineageOf(text), invert(step.file).hunks, budget.search, true);
  return fitting.failed.length === 0 && looseOf(fitting) === 0;
}

/** Hunks that were found only by ignoring more than was known to be wrong with them. */
function looseOf(fitting: Fitting): number {
  return fitting.placements.filter((p) => p.fit !== 'exact' && p.fit !== p.hunk.fidelity).length;
}

/** Builds as much of the file as the steps show. */
export function runAsFragment(chain: Chain, budget: Budget): Outcome {
  const lineage = emptyFragment();
  const states: (readonly number[])[] = [];
  const problems: Problem[] = [];
  for (const { patch, file } of chain.steps) {
    const found = applyToFragment(lineage, file, patch, budget.gaps, budget.search);
    for (const problem of found) problems.push(problem);
    if (file.newPath === null) lineage.current = [];
    states.push(lineage.current);
  }
  return { lineage, states, problems, failed: 0, loose: 0 };
}

/** True where a step's hunks changed anything that could be applied or taken back. */
export function hasHunks(steps: readonly Step[]): boolean {
  return steps.some((step) => step.file.hunks.length > 0);
}

/** Gives the lines of an image the text that a tree has for them, where the two differ in white space only. */
export function adoptText(lineage: Lineage, ids: readonly number[], text: string): boolean {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.length !== ids.length) return false;
  for (const [i, line] of lines.entries()) {
    const own = lineage.texts[ids[i]!]!;
    if (line !== own && lineKey(line, 'whitespace') !== lineKey(own, 'whitespace')) return false;
  }
  for (const [i, line] of lines.entries())
    if (line !== lineage.texts[ids[i]!]) setText(lineage, ids[i]!, line);
  return true;
}
