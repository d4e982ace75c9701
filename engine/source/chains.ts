/** Sorting a series by file: what happens to one file from patch to patch, through renames. */
import type { FilePatch, Problem, Series } from '../patch/series.ts';
import { cleanPath } from './path.ts';

/** One file patch of a chain, with the index of its patch in the series. */
export interface Step {
  readonly patch: number;
  readonly file: FilePatch;
}

/** All that a series does to one file. */
export interface Chain {
  /** Path before the series; null for a file that it creates. */
  readonly oldPath: string | null;
  /** Path after the last step so far; of a deleted file, its last path. */
  path: string;
  readonly steps: Step[];
  /** The path after each step; null where the step deletes the file. Parallel to `steps`. */
  readonly paths: (string | null)[];
  /** For a copy: the chain and how many of its steps come before; or the path of a file otherwise untouched. */
  readonly copyOf: { readonly chain: Chain | null; readonly steps: number; readonly path: string } | null;
  /** The path could lead out of the tree: nothing is read. */
  readonly isRefused: boolean;
}

/** The chains of a series in the order in which their files are first touched. */
export function chainsOf(series: Series): { chains: Chain[]; problems: Problem[] } {
  const chains: Chain[] = [];
  const problems: Problem[] = [];
  const byPath = new Map<string, Chain>();
  for (const [patch, { files }] of series.patches.entries()) {
    // Looked up as before the patch, so that a patch may swap two names.
    const before = new Map(byPath);
    const moved = new Set<string>();
    for (const file of files) {
      const named = file.newPath ?? file.oldPath;
      if (named === null) {
        problems.push({ line: file.inputLine, message: 'a file patch without a file name is left out' });
        continue;
      }
      const oldPath = safePath(file.oldPath, file, problems);
      const newPath = safePath(file.newPath, file, problems);
      const path = (newPath ?? oldPath)?.path ?? named;
      const isRefused = oldPath?.refused === true || newPath?.refused === true;
      const source = oldPath?.path ?? null;
      const moves = source !== null && newPath !== null && source !== path;
      let chain: Chain | undefined;
      if (file.isCopy && source !== null && moves) {
        const from = before.get(source) ?? null;
        const copyOf = {
          chain: from,
          steps: from?.steps.filter((s) => s.patch < patch).length ?? 0,
          path: source,
        };
        chain = { oldPath: source, path, steps: [], paths: [], copyOf, isRefused };
        chains.push(chain);
      } else {
        chain =
          source === null ? byPath.get(path) : ((moves ? before : byPath).get(source) ?? byPath.get(path));
        if (chain === undefined) {
          chain = { oldPath: source, path, steps: [], paths: [], copyOf: null, isRefused };
          chains.push(chain);
        }
        if (moves && byPath.get(source) === chain && !moved.has(source)) byPath.delete(source);
      }
      chain.path = path;
      chain.steps.push({ patch, file });
      chain.paths.push(file.newPath === null ? null : path);
      byPath.set(path, chain);
      if (moves) moved.add(path);
    }
  }
  return { chains: chains.filter((chain) => byPath.get(chain.path) === chain), problems };
}

function safePath(
  path: string | null,
  file: FilePatch,
  problems: Problem[],
): { readonly path: string; readonly refused: boolean } | null {
  if (path === null) return null;
  const clean = cleanPath(path);
  if (clean !== null) return { path: clean, refused: false };
  const shown = JSON.stringify(path.slice(0, 200));
  problems.push({
    line: file.inputLine,
    message: `the path ${shown} could lead out of the tree; nothing is read there`,
  });
  return { path, refused: true };
}
