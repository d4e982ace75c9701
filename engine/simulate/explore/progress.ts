/** Loops without progress: cycles of states that fair scheduling does not leave. */
import type { EdgeList } from './state-table.ts';

export interface FairCycle {
  /** The states of the component. */
  readonly nodes: readonly number[];
  /** Tasks that move in it, as bits. */
  readonly moving: number;
}

/**
 * Strongly connected states in which every task moves or is at some time unable to: a task can be held there for ever
 * without anybody being treated unfairly. @param enabled the tasks that can move in a state, as bits.
 * @param ends tasks that are expected to end, as bits. Tarjan 1972, without recursion.
 */
export function fairCycles(
  count: number,
  edges: EdgeList,
  enabled: (node: number) => number,
  ends: number,
): FairCycle[] {
  const heads = new Int32Array(count + 1);
  for (let edge = 0; edge < edges.count; edge++) heads[edges.from(edge) + 1]!++;
  for (let i = 0; i < count; i++) heads[i + 1]! += heads[i]!;
  const order = new Int32Array(edges.count);
  const fill = heads.slice();
  for (let edge = 0; edge < edges.count; edge++) order[fill[edges.from(edge)]!++] = edge;

  const index = new Int32Array(count).fill(-1);
  const low = new Int32Array(count);
  const component = new Int32Array(count).fill(-1);
  const cursor = heads.slice(0, count);
  const stack: number[] = [];
  const calls: number[] = [];
  let next = 0;
  let components = 0;
  for (let root = 0; root < count; root++) {
    if (index[root] !== -1) continue;
    calls.push(root);
    index[root] = low[root] = next++;
    stack.push(root);
    while (calls.length > 0) {
      const node = calls.at(-1)!;
      if (cursor[node]! < heads[node + 1]!) {
        const to = edges.to(order[cursor[node]!++]!);
        if (index[to] === -1) {
          index[to] = low[to] = next++;
          stack.push(to);
          calls.push(to);
        } else if (component[to] === -1) low[node] = Math.min(low[node]!, index[to]!);
        continue;
      }
      calls.pop();
      const parent = calls.at(-1);
      if (parent !== undefined) low[parent] = Math.min(low[parent]!, low[node]!);
      if (low[node] !== index[node]) continue;
      for (;;) {
        const member = stack.pop()!;
        component[member] = components;
        if (member === node) break;
      }
      components++;
    }
  }
  const moving = new Int32Array(components);
  for (let edge = 0; edge < edges.count; edge++) {
    const from = component[edges.from(edge)]!;
    if (from === component[edges.to(edge)]) moving[from]! |= 1 << edges.task(edge);
  }
  const always = new Int32Array(components).fill(-1);
  for (let node = 0; node < count; node++) always[component[node]!]! &= enabled(node);
  const found: FairCycle[] = [];
  for (let i = 0; i < components; i++) {
    if (moving[i] === 0 || (always[i]! & ~moving[i]!) !== 0 || (moving[i]! & ends) === 0) continue;
    const nodes: number[] = [];
    for (let node = 0; node < count; node++) if (component[node] === i) nodes.push(node);
    found.push({ nodes, moving: moving[i]! });
  }
  return found;
}
