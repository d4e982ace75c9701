/** Loops, those of iterator macros among them. */
import type { BlockId, Expr, Span } from './ir.ts';
import { emitEndings, endOf, type Lowering, shownText, startOf } from './lowering.ts';
import type { IteratorUse } from './slice.ts';
import * as S from './syntax.ts';

export function lowerWhile(c: Lowering, node: number): void {
  const { graph, tree } = c;
  const at = startOf(c, node);
  const end = endOf(c, node);
  const head = graph.block();
  const body = graph.block();
  const after = graph.block();
  graph.enter(head, at, end);
  c.parts.condition(c, S.child(tree, node, 0), body, after);
  graph.enter(body, at, end);
  lowerLoopBody(c, S.child(tree, node, 1), head, after);
  if (graph.isOpen) graph.goto(head, at, end);
  graph.enter(after, at, end);
}

export function lowerDo(c: Lowering, node: number): void {
  const { graph, tree } = c;
  const at = startOf(c, node);
  const end = endOf(c, node);
  const body = graph.block();
  const test = graph.block();
  const after = graph.block();
  graph.enter(body, at, end);
  lowerLoopBody(c, S.child(tree, node, 0), test, after);
  graph.enter(test, at, end);
  const condition = S.child(tree, node, 1);
  const use = iteratorAround(c, condition);
  if (use === null) c.parts.condition(c, condition, body, after);
  else {
    const result = c.scopes.temporary(use.at, 'bool');
    const callee: Expr = { kind: 'name', name: use.name, binding: 'global' };
    const args = lowerMacroArguments(c, condition, use.args, 0);
    graph.emit({
      kind: 'call',
      result,
      name: use.name,
      callee,
      args,
      iterator: true,
      at: use.at,
      end: use.end,
    });
    graph.branch(result, body, after, use.at, use.end);
  }
  graph.enter(after, at, end);
}

/** `do { … } for_each_x(args);`: the macro ends in a `while`, whose condition the slice made of its arguments. */
function iteratorAround(c: Lowering, condition: number): IteratorUse | null {
  const at = condition < 0 ? -1 : startOf(c, condition);
  for (const use of c.uses.values()) {
    if (!('form' in use) && use.at <= at && at < use.end) return use;
  }
  return null;
}

export function lowerFor(c: Lowering, node: number): void {
  const { graph } = c;
  const at = startOf(c, node);
  const end = endOf(c, node);
  const parts = partsOfFor(c.tree, node);
  const mark = c.scopes.open();
  if (parts.initial >= 0) {
    if (c.tree.kind[parts.initial] === S.DECLARATION) c.parts.statement(c, parts.initial);
    else c.parts.effect(c, parts.initial);
  }
  const head = graph.block();
  const body = graph.block();
  const step = graph.block();
  const after = graph.block();
  graph.enter(head, at, end);
  if (parts.condition >= 0) c.parts.condition(c, parts.condition, body, after);
  graph.enter(body, at, end);
  lowerLoopBody(c, parts.body, step, after);
  graph.enter(step, at, end);
  c.parts.effect(c, parts.update);
  graph.goto(head, at, end);
  graph.enter(after, at, end);
  emitEndings(c, mark.endings, end - 1, end);
  c.scopes.close(mark);
}

interface ForParts {
  initial: number;
  condition: number;
  update: number;
  body: number;
}

/** The parts of `for (a; b; c) d`, told apart by the semicolons; a declaration has one inside of it. */
function partsOfFor(tree: S.SyntaxTree, node: number): ForParts {
  const { kind, next } = tree;
  const parts: ForParts = { initial: -1, condition: -1, update: -1, body: -1 };
  let semicolons = 0;
  let closed = false;
  for (let at = node + 1; at < next[node]!; at = next[at]!) {
    if (kind[at] === S.SEMICOLON) semicolons++;
    else if (kind[at] === S.PAREN_CLOSE) closed = true;
    else if (kind[at]! < S.TOKEN && kind[at] !== S.ERROR) {
      if (closed) parts.body = at;
      else if (semicolons === 0) {
        parts.initial = at;
        if (kind[at] === S.DECLARATION) semicolons = 1;
      } else if (semicolons === 1) parts.condition = at;
      else parts.update = at;
    }
  }
  return parts;
}

/** Lowers what a loop holds; `next` is where `continue` leads and `after` where `break` does. */
export function lowerLoopBody(c: Lowering, body: number, next: BlockId, after: BlockId): void {
  const { endings } = c.scopes;
  c.breaks.push({ block: after, endings });
  c.continues.push({ block: next, endings });
  c.parts.body(c, body);
  c.breaks.pop();
  c.continues.pop();
}

/**
 * `for_each_x(args) body`: a call, marked as an iterator, says whether there is one more round. Calls among
 * the arguments are made once, before the first round.
 */
export function lowerIterator(c: Lowering, node: number, use: IteratorUse): void {
  const { graph, tree } = c;
  const { at, end } = use;
  const mark = c.scopes.open();
  const args = lowerMacroArguments(c, S.child(tree, node, 0), use.args, 0);
  const head = graph.block();
  const body = graph.block();
  const after = graph.block();
  const result = c.scopes.temporary(at, 'bool');
  graph.enter(head, at, end);
  const isLoop = use.runs === 'loop';
  const callee: Expr = { kind: 'name', name: use.name, binding: 'global' };
  graph.emit({ kind: 'call', result, name: use.name, callee, args, iterator: isLoop, at, end });
  graph.branch(result, body, after, at, end);
  graph.enter(body, at, end);
  lowerLoopBody(c, S.child(tree, node, 1), isLoop ? head : after, after);
  if (graph.isOpen) graph.goto(isLoop ? head : after, at, end);
  graph.enter(after, at, end);
  c.scopes.close(mark);
}

/**
 * The arguments of a macro that the slice wrote as the condition of a loop, `while (a, b) …`, the first `skipped`
 * of them left out. Where the count is not what it should be, the arguments are unknown values.
 */
export function lowerMacroArguments(
  c: Lowering,
  condition: number,
  spans: readonly Span[],
  skipped: number,
): readonly Expr[] {
  const { tree } = c;
  const nodes: number[] = [];
  let at = condition;
  if (at >= 0 && tree.kind[at] === S.PARENTHESES) at = S.child(tree, at, 0);
  while (at >= 0 && tree.kind[at] === S.COMMA) {
    nodes.push(S.child(tree, at, 0));
    at = S.child(tree, at, 1);
  }
  nodes.push(at);
  if (nodes.length - skipped !== spans.length) {
    return spans.map((span) => ({ kind: 'unknown', text: shownText(c, span.at, span.end) }));
  }
  return spans.map((_, index) => c.parts.value(c, nodes[index + skipped]!));
}
