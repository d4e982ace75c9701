/** Which branches decide whether a block runs (Ferrante, Ottenstein and Warren, TOPLAS 1987). */
import type { BlockId, FunctionIR } from '../c/ir.ts';
import { successors } from './flow.ts';

/** Steps up the tree of post-dominators, for the whole function, before nothing is told apart any more. */
const MAX_STEPS = 200_000;

/**
 * For each block, the blocks whose branch decides over it. `order` is the reverse post-order, -1 for blocks that
 * cannot be reached. Endless loops are given a way out at their last block, so that every block has one. Null for a
 * function so entangled that finding out would take too long: everything may then depend on every branch.
 */
export function controlDependence(
  ir: FunctionIR,
  order: readonly number[],
): readonly (readonly BlockId[])[] | null {
  const exit = ir.blocks.length;
  const next: BlockId[][] = ir.blocks.map((block) =>
    order[block.id]! < 0 ? [] : [...successors(block.terminator)],
  );
  const backwards = postOrderFromExit(next, order, exit);
  const dominator = postDominators(next, backwards, exit);
  const depends: BlockId[][] = ir.blocks.map(() => []);
  let steps = 0;
  for (const from of ir.blocks.keys()) {
    const to = next[from]!;
    if (to.length < 2) continue;
    for (const successor of to) {
      for (let at = successor; at !== exit && at !== dominator[from]; at = dominator[at]!) {
        if (steps++ > MAX_STEPS) return null;
        if (depends[at]!.at(-1) !== from) depends[at]!.push(from);
      }
    }
  }
  return depends;
}

/**
 * Reverse post-order of the blocks seen from the exit; the exit comes first. Adds an edge to the exit where a block
 * has none, or where no way leads out of its loop.
 */
function postOrderFromExit(next: BlockId[][], order: readonly number[], exit: BlockId): readonly BlockId[] {
  const previous: BlockId[][] = [...next.map(() => []), []];
  next.forEach((targets, from) => {
    if (order[from]! < 0) return;
    if (targets.length === 0) targets.push(exit);
    for (const to of targets) previous[to]!.push(from);
  });
  const seen = new Uint8Array(exit + 1);
  const done: BlockId[] = [];
  const visit = (start: BlockId) => {
    seen[start] = 1;
    const stack = [{ id: start, at: 0 }];
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const from = previous[top.id]![top.at++];
      if (from === undefined) {
        done.push(top.id);
        stack.pop();
      } else if (!seen[from]) {
        seen[from] = 1;
        stack.push({ id: from, at: 0 });
      }
    }
  };
  const last = [...next.keys()].filter((id) => order[id]! >= 0).sort((a, b) => order[b]! - order[a]!);
  // The exit is done after everything that leads to it, endless loops included.
  seen[exit] = 1;
  for (const from of previous[exit]!) if (!seen[from]) visit(from);
  for (const id of last) {
    if (seen[id]) continue;
    next[id]!.push(exit);
    visit(id);
  }
  done.push(exit);
  return done.reverse();
}

/** The immediate post-dominator of each block (Cooper, Harvey and Kennedy, 2001). */
function postDominators(
  next: readonly (readonly BlockId[])[],
  backwards: readonly BlockId[],
  exit: BlockId,
): readonly BlockId[] {
  const rank = new Int32Array(exit + 1).fill(-1);
  backwards.forEach((id, at) => {
    rank[id] = at;
  });
  const dominator = new Int32Array(exit + 1).fill(-1);
  dominator[exit] = exit;
  const meet = (left: BlockId, right: BlockId): BlockId => {
    let a = left;
    let b = right;
    while (a !== b) {
      while (rank[a]! > rank[b]!) a = dominator[a]!;
      while (rank[b]! > rank[a]!) b = dominator[b]!;
    }
    return a;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const id of backwards) {
      if (id === exit) continue;
      let best = -1;
      for (const to of next[id]!) {
        if (dominator[to]! < 0) continue;
        best = best < 0 ? to : meet(best, to);
      }
      if (best >= 0 && dominator[id] !== best) {
        dominator[id] = best;
        changed = true;
      }
    }
  }
  return [...dominator].map((to) => (to < 0 ? exit : to));
}
