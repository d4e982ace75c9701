/** From a series to the files before and after it. */
import type { Parsed, Problem, Series } from '../patch/series.ts';
import { type Chain, chainsOf } from './chains.ts';
import { type Basis, type FileImage, makeImage } from './file-image.ts';
import { withoutUnknownTail } from './fragment.ts';
import { type Lineage, textOf } from './lineage.ts';
import { overlayTree } from './overlay.ts';
import {
  adoptText,
  type Budget,
  hasHunks,
  isLast,
  type Outcome,
  runAsFragment,
  runBackwards,
  runForwards,
} from './run-chain.ts';
import type { Run, SourceTree } from './tree.ts';

/** The files of a series before and after it, and after each of its patches. */
export interface ImageSet {
  /** One for each file that the series touches, in the order in which it first touches them. */
  readonly files: readonly FileImage[];
  /** The state after each patch of the series; the last one is the state at its end. */
  readonly steps: readonly ImageStep[];
}

/** The files as one patch of the series, and those before it, leave them. */
export interface ImageStep {
  /** Index of the patch in the series. */
  readonly patch: number;
  /** The paths that this patch itself touches, sorted. */
  readonly touched: readonly string[];
  /** Text of every file touched so far, by the path that it has now; null for one that is gone. */
  readonly files: ReadonlyMap<string, string | null>;
  /** The input line that shows a line of one of these files; null outside the hunks. */
  lineToInput(path: string, line: number): number | null;
}

/** Line comparisons: a second or two. A sixty-patch series over large files needs a tenth of it. */
const SEARCH_BUDGET = 100_000_000;
/** How many states of a file within a series a tree is compared with, from the last one on. */
const MOST_STATES = 4;
/** Blank lines that stand for what a series does not show. */
const GAP_BUDGET = 2_000_000;

/**
 * Builds the images of all files that a series touches.
 *
 * With a tree, hunks are placed in its files (or, where they do not fit, in the blob that the `index` line
 * names); a tree that holds the post-image already is recognised, and the pre-image made by taking the series
 * back. Without a tree, or for a file that it lacks, a fragment is built from the hunks. A hunk that does not fit
 * is a problem with its input line, and is left out. Never throws.
 */
export async function buildImages(
  series: Series,
  tree: SourceTree | null,
  run?: Run,
): Promise<Parsed<ImageSet>> {
  const { chains, problems } = chainsOf(series);
  const budget: Budget = { search: { left: SEARCH_BUDGET }, gaps: { left: GAP_BUDGET } };
  const done = new Map<Chain, Resolved>();
  for (const [index, chain] of chains.entries()) {
    if (run?.cancelled?.() === true) break;
    run?.progress?.('applying the patches', index, chains.length);
    await resolve(chain, tree, budget, done, problems);
  }
  const resolved = chains.flatMap((chain) => done.get(chain) ?? []);
  problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  return { value: { files: resolved.map(imageOf), steps: stepsOf(series, resolved) }, problems };
}

interface Resolved extends Outcome {
  readonly chain: Chain;
  readonly basis: Basis;
  readonly isApplied: boolean;
  readonly isBinary: boolean;
}

async function resolve(
  chain: Chain,
  tree: SourceTree | null,
  budget: Budget,
  done: Map<Chain, Resolved>,
  problems: Problem[],
): Promise<Resolved> {
  const known = done.get(chain);
  if (known !== undefined) return known;
  const isBinary = chain.steps.some((step) => step.file.isBinary);
  const finish = (outcome: Outcome, basis: Basis, isApplied = false): Resolved => {
    const resolved = { ...outcome, chain, basis, isApplied, isBinary };
    done.set(chain, resolved);
    for (const problem of outcome.problems) problems.push(problem);
    return resolved;
  };
  const line = chain.steps[0]!.file.inputLine;
  const readable = tree !== null && !chain.isRefused ? tree : null;

  if (isBinary) return finish(runForwards(null, { ...chain, steps: [] }, budget), 'tree');

  if (chain.copyOf !== null) {
    const text = await copiedText(chain.copyOf, readable, budget, done, problems);
    if (text !== null) return finish(runForwards(text, chain, budget), 'tree');
    return finish(runAsFragment(chain, budget), 'fragment');
  }

  if (chain.oldPath === null) {
    const outcome = runForwards(null, chain, budget);
    const present = (await readable?.read(chain.path)) ?? null;
    const last = outcome.states.at(-1)!;
    const same = present !== null && adoptText(outcome.lineage, last, present);
    if (present !== null && !same && chain.paths.at(-1) !== null) {
      problems.push({
        line,
        message: `${chain.path}: the series creates this file, but the tree has another one`,
      });
    }
    return finish(outcome, 'new', same);
  }

  if (readable === null) return finish(runAsFragment(chain, budget), 'fragment');

  const text = await readable.read(chain.oldPath);
  const forwards = text === null ? null : runForwards(text, chain, budget);
  if (forwards !== null && forwards.failed + forwards.loose === 0) return finish(forwards, 'tree');

  const candidates: Candidate[] = await takeBack(chain, readable, text, budget);
  const blob = await fromBlob(chain, readable, budget);
  if (blob !== null)
    candidates.push({
      outcome: blob,
      basis: 'blob',
      isApplied: false,
      failed: blob.failed,
      loose: blob.loose,
    });
  if (forwards !== null) {
    const { failed, loose } = forwards;
    candidates.push({ outcome: forwards, basis: 'tree', isApplied: false, failed, loose });
  }
  candidates.sort((a, b) => a.failed - b.failed || a.loose - b.loose);
  const best = candidates[0];
  const hunks = chain.steps.reduce((sum, step) => sum + step.file.hunks.length, 0);
  if (best !== undefined && best.failed * 2 <= hunks) return finish(best.outcome, best.basis, best.isApplied);

  // Most of it belongs to another version of the file: a mixture of the two would be worse than what is shown.
  const message =
    best === undefined
      ? `${chain.oldPath} is not in the tree (${readable.name}); the hunks alone are used`
      : `${chain.oldPath}: ${best.failed} of ${hunks} hunks do not fit the tree (${readable.name}); the hunks alone are used`;
  problems.push({ line, message });
  return finish(runAsFragment(chain, budget), 'fragment');
}

/** One way to read the tree: as it is before the series, or after it, or the blob that the patch names. */
interface Candidate {
  readonly outcome: Outcome;
  readonly basis: Basis;
  readonly isApplied: boolean;
  readonly failed: number;
  readonly loose: number;
}

/** The case that the tree holds what the first `n` steps leave: all of them, or those before an unapplied rest. */
async function takeBack(
  chain: Chain,
  tree: SourceTree,
  atOldPath: string | null,
  budget: Budget,
): Promise<Candidate[]> {
  if (!hasHunks(chain.steps)) {
    // A bare rename: all there is to see is that the file has its new name.
    const moved = atOldPath === null ? await tree.read(chain.path) : null;
    if (moved === null) return [];
    return [
      { outcome: runForwards(moved, chain, budget), basis: 'tree', isApplied: true, failed: 0, loose: 0 },
    ];
  }
  const candidates: Candidate[] = [];
  let tried = 0;
  for (let count = chain.steps.length; count > 0 && tried < MOST_STATES; count--) {
    const path = chain.paths[count - 1]!;
    const present = path === null ? null : path === chain.oldPath ? atOldPath : await tree.read(path);
    // Of a file that is gone, nothing is left to compare with: only a full deletion can be taken back.
    if (present === null && path !== null) continue;
    if (path === null && atOldPath !== null) continue;
    // A state within the series is only looked at where its last step is there to the letter.
    if (count < chain.steps.length && !isLast(chain.steps[count - 1]!, present, budget)) continue;
    tried++;
    const back = runBackwards(present, chain, count, budget);
    if (back === null || back.text === null) continue;
    const outcome = runForwards(back.text, chain, budget);
    const state = outcome.states[count - 1]!;
    const same = present === null ? path === null : adoptText(outcome.lineage, state, present);
    const isApplied = same && count === chain.steps.length;
    const { failed } = outcome;
    candidates.push({ outcome, basis: 'tree', isApplied, failed, loose: back.loose + outcome.loose });
    if (failed + back.failed + back.loose === 0) break;
  }
  return candidates;
}

async function fromBlob(chain: Chain, tree: SourceTree, budget: Budget): Promise<Outcome | null> {
  const hash = chain.steps[0]!.file.oldBlob;
  if (hash === null || /^0*$/.test(hash)) return null;
  const text = await tree.readBlob(hash);
  return text === null ? null : runForwards(text, chain, budget);
}

async function copiedText(
  copy: NonNullable<Chain['copyOf']>,
  tree: SourceTree | null,
  budget: Budget,
  done: Map<Chain, Resolved>,
  problems: Problem[],
): Promise<string | null> {
  if (copy.chain === null) return (await tree?.read(copy.path)) ?? null;
  const source = await resolve(copy.chain, tree, budget, done, problems);
  if (source.basis === 'fragment' || source.isBinary) return null;
  return textOf(source.lineage, copy.steps === 0 ? source.lineage.pre : source.states[copy.steps - 1]!);
}

function imageOf(resolved: Resolved): FileImage {
  const { chain, lineage, states, basis } = resolved;
  const trim = (ids: readonly number[]) => (basis === 'fragment' ? withoutUnknownTail(lineage, ids) : ids);
  const hunks = chain.steps.flatMap((step) => step.file.hunks);
  return makeImage(lineage, trim(lineage.pre), trim(states.at(-1) ?? []), {
    path: chain.path,
    oldPath: chain.oldPath,
    basis,
    hasPre: basis !== 'new' && !resolved.isBinary,
    hasPost: chain.paths.at(-1) !== null && !resolved.isBinary,
    isRename: chain.oldPath !== null && chain.copyOf === null && chain.oldPath !== chain.path,
    isCopy: chain.copyOf !== null,
    isBinary: resolved.isBinary,
    isApplied: resolved.isApplied,
    sections: hunks
      .filter((hunk) => hunk.section !== '')
      .map((hunk) => ({ inputLines: hunk.lines.map((line) => line.inputLine), text: hunk.section })),
  });
}

function stepsOf(series: Series, resolved: readonly Resolved[]): ImageStep[] {
  const steps: ImageStep[] = [];
  /** The lines of each file so far, by the path that it has now; null for one that is gone. */
  const state = new Map<string, Shown | null>();
  for (const patch of series.patches.keys()) {
    const touched = new Set<string>();
    const added: [string, Shown][] = [];
    for (const one of resolved) {
      for (const [i, step] of one.chain.steps.entries()) {
        if (step.patch !== patch || one.isBinary) continue;
        const before = i === 0 ? one.chain.oldPath : one.chain.paths[i - 1]!;
        const path = one.chain.paths[i]!;
        if (before !== null && before !== path && one.chain.copyOf === null) {
          touched.add(before);
          state.set(before, null);
        }
        if (path === null) continue;
        const { lineage, states, basis } = one;
        const ids = basis === 'fragment' ? withoutUnknownTail(lineage, states[i]!) : states[i]!;
        added.push([path, { lineage, ids }]);
      }
    }
    for (const [path, shown] of added) {
      touched.add(path);
      state.set(path, shown);
    }
    steps.push(stepOf(patch, [...touched].sort(), new Map(state)));
  }
  return steps;
}

interface Shown {
  readonly lineage: Lineage;
  readonly ids: readonly number[];
}

/** The texts are put together when asked for: most reviews look at the end of the series alone. */
function stepOf(
  patch: number,
  touched: readonly string[],
  state: ReadonlyMap<string, Shown | null>,
): ImageStep {
  let files: ReadonlyMap<string, string | null> | null = null;
  return {
    patch,
    touched,
    get files() {
      files ??= new Map(
        [...state].map(([path, at]) => [path, at === null ? null : textOf(at.lineage, at.ids)]),
      );
      return files;
    },
    lineToInput(path, line) {
      const at = state.get(path);
      const id = at?.ids[line - 1];
      return id === undefined ? null : (at!.lineage.inputs.get(id) ?? null);
    },
  };
}

/** The tree as it is before the series: the tree itself, but for files that hold the post-image already. */
export function preTree(images: ImageSet, tree: SourceTree | null): SourceTree {
  const files = new Map<string, string | null>();
  for (const image of images.files) {
    if (image.isBinary) continue;
    if (image.path !== image.oldPath && !files.has(image.path)) files.set(image.path, null);
    if (image.oldPath !== null && !image.isCopy) files.set(image.oldPath, image.pre);
  }
  return overlayTree(tree, files);
}

/** The tree as the series leaves it. */
export function postTree(images: ImageSet, tree: SourceTree | null): SourceTree {
  const files = new Map<string, string | null>();
  for (const image of images.files) {
    if (image.isBinary) continue;
    if (image.isRename && !files.has(image.oldPath!)) files.set(image.oldPath!, null);
    files.set(image.path, image.post);
  }
  return overlayTree(tree, files);
}
