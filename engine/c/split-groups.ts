/**
 * Which `#if` groups can be walked through all their branches, and which cut through braces, parentheses or a
 * signature, so that one branch has to be chosen.
 */
import { symbolsOf } from './conditions.ts';
import { branchTaken, type Group } from './directives.ts';
import type { Item, Scan } from './items.ts';
import * as T from './tokens.ts';

/** How to walk a group: through all branches, or only through the one with this index (-1: none). */
export const ALL = -2;
export type Policy = ReadonlyMap<Group, number>;

/** Defined by the compiler driver for assembly alone: what depends on them is no C. */
const ASSEMBLY = ['__ASSEMBLY__', '__ASSEMBLER__'];

/** From how the braces and parentheses of each branch add up, how to walk its group. */
export function basePolicy(scan: Scan): { policy: Policy; split: Set<Group>; balanced: boolean } {
  const { tokens, conditionals } = scan;
  const { directives, groupOf } = conditionals;
  const policy = new Map<Group, number>();
  const split = new Set<Group>();
  for (const group of conditionals.groups) {
    if (!symbolsOf(group.branches[0]!.test).some((symbol) => ASSEMBLY.includes(symbol))) continue;
    policy.set(group, branchTaken(group, { values: new Map(), fallback: 'y' }));
  }
  const open: {
    group: Group;
    sums: number[];
    parens: number[];
    at: number;
    parenAt: number;
    depth: number;
  }[] = [];
  const { kinds, count } = tokens;
  let depth = 0;
  let paren = 0;
  let lowest = 0;
  let next = 0;
  for (let i = 0; i <= count; i++) {
    while (next < directives.length && directives[next]!.token <= i) {
      const group = groupOf[next];
      if (group) {
        if (group.branches[0]!.directive === next) {
          open.push({ group, sums: [], parens: [], at: depth, parenAt: paren, depth });
        } else {
          const frame = open.at(-1)!;
          frame.sums.push(depth - frame.at);
          frame.parens.push(paren - frame.parenAt);
          if (next === group.last) {
            open.pop();
            const uneven = settle(frame, policy);
            if (uneven) split.add(group);
            depth = frame.depth + frame.sums[0]!;
            paren = frame.parenAt + frame.parens[0]!;
          } else {
            depth = frame.at;
            paren = frame.parenAt;
          }
        }
      }
      next++;
    }
    const kind = kinds[i]!;
    if (kind === T.BRACE_OPEN) depth++;
    else if (kind === T.BRACE_CLOSE) {
      depth--;
      if (depth < lowest) lowest = depth;
    } else if (kind === T.PAREN_OPEN) paren++;
    else if (kind === T.PAREN_CLOSE) paren--;
  }
  return { policy, split, balanced: split.size > 0 || (depth === 0 && lowest === 0) };
}

function settle(
  frame: { group: Group; sums: readonly number[]; parens: readonly number[]; depth: number },
  policy: Map<Group, number>,
): boolean {
  const { group, sums, parens } = frame;
  if (policy.has(group)) return false;
  // Inside a body only braces decide where the body ends.
  const considered = frame.depth > 0 ? [sums] : [sums, parens];
  if (considered.every((list) => list.every((sum) => sum === 0))) return false;
  policy.set(group, 0);
  return !group.hasElse || considered.some((list) => list.some((sum) => sum !== list[0]));
}

/** Adds the groups that an item's signature or extent cuts through. */
export function collectSplit(scan: Scan, item: Item, split: Set<Group>): void {
  if (item.declarator === null) return;
  const { tokens, conditionals } = scan;
  const { directives, groupOf } = conditionals;
  let index = firstDirectiveBehind(directives, item.from);
  let nesting = 0;
  // Depth of parentheses in the signature, up to where it has been looked at.
  const paren = { at: item.from, depth: 0 };
  const inside: Group[] = [];
  for (; index < directives.length && directives[index]!.token < item.to; index++) {
    const group = groupOf[index];
    if (!group) continue;
    if (group.branches[0]!.directive === index) {
      nesting++;
      inside.push(group);
      if (directives[index]!.token <= item.open && isAlternative(scan, group, paren)) split.add(group);
    } else if (nesting === 0) {
      split.add(group);
    } else if (group.last === index) {
      nesting--;
      inside.pop();
    }
  }
  // The last directive may stand in front of the item's end and open a group that goes on behind it.
  for (const group of inside) {
    if ((directives[group.last]?.token ?? tokens.count + 1) >= item.to) split.add(group);
  }
}

/** Whether two branches of a group in a signature (outside the parameters) both have tokens. */
function isAlternative(scan: Scan, group: Group, paren: { at: number; depth: number }): boolean {
  const { directives } = scan.conditionals;
  const start = directives[group.branches[0]!.directive]!.token;
  for (; paren.at < start; paren.at++) {
    if (scan.tokens.kinds[paren.at] === T.PAREN_OPEN) paren.depth++;
    else if (scan.tokens.kinds[paren.at] === T.PAREN_CLOSE) paren.depth--;
  }
  if (paren.depth > 0) return false;
  let filled = 0;
  for (const [k, branch] of group.branches.entries()) {
    const nextIndex = group.branches[k + 1]?.directive ?? group.last;
    const to = directives[nextIndex]?.token ?? scan.tokens.count;
    if (to > directives[branch.directive]!.token) filled++;
  }
  return filled > 1;
}

function firstDirectiveBehind(directives: readonly T.Directive[], token: number): number {
  let low = 0;
  let high = directives.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (directives[middle]!.token <= token) low = middle + 1;
    else high = middle;
  }
  return low;
}
