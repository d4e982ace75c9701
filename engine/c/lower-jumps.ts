/** Labels, `goto`, `break` and `continue`. */

import type { Graph } from './graph-builder.ts';
import type { Label } from './ir.ts';
import {
  addProblem,
  emitEndings,
  emitNull,
  emitOpaque,
  endOf,
  type JumpTarget,
  type LabelInProgress,
  type Lowering,
  spanBefore,
  startOf,
  unknownValue,
} from './lowering.ts';
import { sharedEnding } from './scopes.ts';
import * as S from './syntax.ts';

/** How far `goto` and the `*` behind it can be apart. */
const MAX_GAP = 200;

/** Finds the labels of a body, so that a `goto` can name one that is still to come. */
export function collectLabels(c: Lowering, body: number): void {
  const { tree } = c;
  for (let node = body; node < tree.next[body]!; node++) {
    if (tree.kind[node] !== S.LABELED) continue;
    const name = S.textOf(tree, S.childOfKind(tree, node, S.LABEL_NAME));
    if (name === '' || c.labels.has(name)) continue;
    c.labels.set(name, {
      name,
      block: c.graph.block(),
      uses: 0,
      placed: false,
      endings: null,
      addressTaken: false,
      at: startOf(c, node),
      end: startOf(c, node) + name.length,
    });
  }
}

/** `label: statement`; the statement is left to the caller if `whole` is false. */
export function lowerLabeled(c: Lowering, node: number, whole = true): void {
  const { tree } = c;
  const name = S.childOfKind(tree, node, S.LABEL_NAME);
  const label = c.labels.get(S.textOf(tree, name));
  if (label !== undefined && !label.placed && c.fragments === 0) {
    label.placed = true;
    label.endings = c.scopes.endings;
    c.graph.enter(label.block, label.at, label.end);
  }
  if (!whole) return;
  for (let at = node + 1; at < tree.next[node]!; at = tree.next[at]!) {
    if (tree.kind[at]! < S.TOKEN && at !== name) c.parts.statement(c, at);
  }
}

export function lowerGoto(c: Lowering, node: number): void {
  const name = S.textOf(c.tree, S.childOfKind(c.tree, node, S.LABEL_NAME));
  jumpTo(c, name, startOf(c, node), endOf(c, node));
}

/** Goes to a label. What has to run on the way is filled in by `resolveJumps()`, when all labels are known. */
export function jumpTo(c: Lowering, name: string, at: number, end: number): void {
  const label = c.labels.get(name);
  if (label === undefined || c.fragments > 0) {
    if (label === undefined) addProblem(c, at, end, `there is no label '${name}' in this function`);
    emitOpaque(c, at, end, `leads to '${name}', which is not here`);
    c.graph.end({ kind: 'unreachable', at, end });
    return;
  }
  label.uses++;
  const block = c.graph.block();
  c.graph.goto(block, at, end);
  c.jumps.push({ block, label, endings: c.scopes.endings, at, end });
}

/** `goto *pointer;`: to any label whose address was taken. */
export function lowerComputedGoto(c: Lowering, statement: number, expression: number): boolean {
  const from = startOf(c, statement);
  // The blank that `goto` left is in front of the statement.
  const use = spanBefore(c.slice.computedGotos, from);
  if (use === null || from - use.end > MAX_GAP) return false;
  const between = c.slice.text.slice(use.at - c.slice.offset, from - c.slice.offset);
  if (/\S/.test(between)) return false;
  const end = endOf(c, statement);
  c.parts.effect(c, expression);
  emitOpaque(c, use.at, end, 'a computed goto');
  const block = c.graph.suspend();
  // Which labels it can mean is known when the whole function has been seen.
  c.computedGotos.push({ block, endings: c.scopes.endings, at: use.at, end });
  return true;
}

export function lowerLoopJump(c: Lowering, targets: readonly JumpTarget[], node: number): void {
  const at = startOf(c, node);
  const end = endOf(c, node);
  const target = targets[targets.length - 1];
  if (target === undefined) {
    addProblem(c, at, end, 'there is nothing here to leave or go on with');
    emitOpaque(c, at, end, 'there is nothing here to leave or go on with');
    c.graph.end({ kind: 'unreachable', at, end });
    return;
  }
  emitEndings(c, target.endings, at, end);
  c.graph.goto(target.block, at, end);
}

/** Connects the `goto`s with their labels, with the ends of the scopes that each leaves. */
export function resolveJumps(c: Lowering): void {
  resolveComputedGotos(c);
  for (const label of c.labels.values()) {
    if (!label.placed) {
      c.graph.endBlock(label.block, { kind: 'unreachable', at: label.at, end: label.end });
    }
  }
  for (const jump of c.jumps) {
    const { label, at, end } = jump;
    const shared = sharedEnding(jump.endings, label.endings);
    c.graph.enter(jump.block, at, end);
    for (let one = jump.endings; one !== shared && one !== null; one = one.outer) {
      c.graph.emit(one.make({ at, end }));
    }
    // A jump past the beginning of a scope that must end: nothing was entered there.
    for (let one = label.endings; one !== shared && one !== null; one = one.outer) {
      emitNull(c, one.variable, at, end);
    }
    c.graph.goto(label.block, at, end);
  }
}

function resolveComputedGotos(c: Lowering): void {
  const labels: readonly LabelInProgress[] = [...c.labels.values()].filter((label) => label.addressTaken);
  for (const { block, endings, at, end } of c.computedGotos) {
    c.graph.enter(block, at, end);
    labels.forEach((label, index) => {
      const jump = c.graph.block();
      c.jumps.push({ block: jump, label, endings, at, end });
      if (index === labels.length - 1) {
        c.graph.goto(jump, at, end);
        return;
      }
      const next = c.graph.block();
      c.graph.branch(unknownValue(c, at, end, 'where the computed goto leads'), jump, next, at, end);
      c.graph.enter(next, at, end);
    });
    if (labels.length === 0) c.graph.end({ kind: 'unreachable', at, end });
  }
}

/** The labels of the finished graph, in the order of the text. */
export function finishedLabels(c: Lowering, graph: Graph): Label[] {
  return [...c.labels.values()].map(({ name, block, uses, at, end }) => ({
    name,
    block: graph.renumber(block),
    uses,
    at,
    end,
  }));
}
