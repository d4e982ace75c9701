/** Statements. Loops are in lower-loops.ts, guards in lower-guards.ts, labels and jumps in lower-jumps.ts. */
import type { Expr, SwitchCase } from './ir.ts';
import { lowerCondition } from './lower-conditions.ts';
import { constantOf } from './lower-constants.ts';
import { lowerDeclaration } from './lower-declarations.ts';
import { lowerEffect, lowerValue } from './lower-expressions.ts';
import { lowerGuardStatement, lowerScopedGuard } from './lower-guards.ts';
import { lowerComputedGoto, lowerGoto, lowerLabeled, lowerLoopJump } from './lower-jumps.ts';
import { lowerDo, lowerFor, lowerIterator, lowerWhile } from './lower-loops.ts';
import { declareByMacro } from './lower-macro-declarations.ts';
import {
  addProblem,
  emitEndings,
  emitNull,
  emitOpaque,
  endOf,
  type Lowering,
  MAX_NESTING,
  type SwitchInProgress,
  spanFrom,
  startOf,
} from './lowering.ts';
import * as S from './syntax.ts';

/** Lowers one statement. */
export function lowerStatement(c: Lowering, node: number): void {
  if (c.nesting >= MAX_NESTING) {
    addProblem(c, startOf(c, node), endOf(c, node), 'nested too deeply');
    emitOpaque(c, startOf(c, node), endOf(c, node), 'nested too deeply');
    return;
  }
  c.nesting++;
  if (c.uses.size === 0 || !lowerRewritten(c, node)) lowerPlain(c, node);
  c.nesting--;
}

/** A statement that the slice rewrote: a guard, or a macro that takes the statement behind it. */
function lowerRewritten(c: Lowering, node: number): boolean {
  const use = c.uses.get(startOf(c, node));
  if (use === undefined) return false;
  const kind = c.tree.kind[node];
  if ('form' in use && (use.form === 'guard' || use.form === 'class')) {
    if (kind !== S.EXPRESSION_STATEMENT && kind !== S.DECLARATION) return false;
    lowerGuardStatement(c, node, use);
    return true;
  }
  if (kind !== S.WHILE && kind !== S.IF) return false;
  if ('form' in use) lowerScopedGuard(c, node, use);
  else lowerIterator(c, node, use);
  return true;
}

function lowerPlain(c: Lowering, node: number): void {
  const { tree } = c;
  const kind = tree.kind[node]!;
  if (kind <= S.EXTENSION || kind === S.EXPRESSION_STATEMENT || kind === S.DECLARATION) reportErrors(c, node);
  switch (kind) {
    case S.EXPRESSION_STATEMENT:
      lowerExpressionStatement(c, node);
      break;
    case S.DECLARATION:
      lowerDeclaration(c, node);
      break;
    case S.COMPOUND:
      lowerCompound(c, node);
      break;
    case S.IF:
      lowerIf(c, node);
      break;
    case S.RETURN:
      reportErrors(c, node);
      lowerReturn(c, node);
      break;
    case S.GOTO:
      lowerGoto(c, node);
      break;
    case S.LABELED:
      lowerLabeled(c, node);
      break;
    case S.BREAK:
      lowerLoopJump(c, c.breaks, node);
      break;
    case S.CONTINUE:
      lowerLoopJump(c, c.continues, node);
      break;
    case S.WHILE:
      lowerWhile(c, node);
      break;
    case S.DO:
      lowerDo(c, node);
      break;
    case S.FOR:
      lowerFor(c, node);
      break;
    case S.SWITCH:
      lowerSwitch(c, node);
      break;
    case S.CASE:
      lowerCase(c, node);
      break;
    case S.ELSE:
    case S.ATTRIBUTED_STATEMENT:
      lowerChildren(c, node);
      break;
    case S.TYPEDEF:
    case S.TYPE_SPECIFIER:
      break;
    case S.ERROR:
    case S.OTHER:
    case S.FUNCTION:
      lowerUnreadable(c, node);
      break;
    default:
      if (kind <= S.EXTENSION) lowerEffect(c, node);
      else lowerUnreadable(c, node);
  }
}

/** An `opaque` in front of a statement in which the parser lost its way. */
function reportErrors(c: Lowering, node: number): void {
  if (!S.hasError(c.tree, node)) return;
  const at = startOf(c, node);
  const end = endOf(c, node);
  addProblem(c, at, end, 'part of this statement could not be parsed');
  emitOpaque(c, at, end, 'part of this statement could not be parsed');
}

function lowerUnreadable(c: Lowering, node: number): void {
  const at = startOf(c, node);
  const end = endOf(c, node);
  if (at === end) return;
  addProblem(c, at, end, 'this could not be parsed');
  emitOpaque(c, at, end, 'this could not be parsed');
}

function lowerExpressionStatement(c: Lowering, node: number): void {
  const expression = S.child(c.tree, node, 0);
  if (expression < 0) return;
  if (c.slice.computedGotos.length > 0 && lowerComputedGoto(c, node, expression)) return;
  if (c.tree.kind[expression] === S.CALL) declareByMacro(c, node, expression);
  lowerEffect(c, expression);
}

/** The statements in a node, tokens left out. */
export function lowerChildren(c: Lowering, node: number, from = node + 1): void {
  const { tree } = c;
  for (let at = from; at < tree.next[node]!; at = tree.next[at]!) {
    const kind = tree.kind[at]!;
    if (kind < S.TOKEN) lowerStatement(c, at);
  }
}

function lowerCompound(c: Lowering, node: number): void {
  const mark = c.scopes.open();
  lowerChildren(c, node);
  if (c.graph.isOpen) emitEndings(c, mark.endings, endOf(c, node) - 1, endOf(c, node));
  c.scopes.close(mark);
}

/** The statement that an `if` or a loop holds; without braces, too, it is a scope of its own. */
export function lowerBody(c: Lowering, node: number): void {
  if (node < 0) return;
  if (c.tree.kind[node] === S.COMPOUND) {
    lowerStatement(c, node);
    return;
  }
  const mark = c.scopes.open();
  lowerStatement(c, node);
  if (c.graph.isOpen) emitEndings(c, mark.endings, endOf(c, node) - 1, endOf(c, node));
  c.scopes.close(mark);
}

/** `({ … })`: the value is that of the last statement, made before the scope ends. */
export function lowerStatementExpression(c: Lowering, node: number, wanted: boolean): Expr | null {
  if (c.nesting >= MAX_NESTING) return null;
  c.nesting++;
  const { tree } = c;
  const mark = c.scopes.open();
  let last = -1;
  for (let at = node + 1; at < tree.next[node]!; at = tree.next[at]!) {
    if (tree.kind[at]! >= S.TOKEN) continue;
    if (last >= 0) lowerStatement(c, last);
    last = at;
  }
  let value: Expr | null = null;
  if (last >= 0 && wanted) value = lowerLastStatement(c, last);
  else if (last >= 0) lowerStatement(c, last);
  if (c.graph.isOpen && c.scopes.endings !== mark.endings) {
    if (value !== null) value = keptValue(c, value, startOf(c, last), endOf(c, last));
    emitEndings(c, mark.endings, endOf(c, node) - 1, endOf(c, node));
  }
  c.scopes.close(mark);
  c.nesting--;
  return value;
}

function lowerLastStatement(c: Lowering, node: number): Expr | null {
  const { tree } = c;
  let at = node;
  while (tree.kind[at] === S.LABELED) {
    // `({ …; out: value; })`
    const statement = S.child(tree, at, 1);
    if (statement < 0) break;
    lowerLabeled(c, at, false);
    at = statement;
  }
  const expression = tree.kind[at] === S.EXPRESSION_STATEMENT ? S.child(tree, at, 0) : -1;
  if (expression < 0 || c.uses.has(startOf(c, at))) {
    lowerStatement(c, at);
    return null;
  }
  reportErrors(c, at);
  return lowerValue(c, expression);
}

/** A value that stays what it is whatever runs after it. */
function keptValue(c: Lowering, value: Expr, at: number, end: number): Expr {
  if (isKept(value)) return value;
  const kept = c.scopes.temporary(at);
  c.graph.emit({ kind: 'assign', target: kept, value, at, end });
  return kept;
}

/** Whether a value does not depend on memory that others can write. */
function isKept(value: Expr): boolean {
  switch (value.kind) {
    case 'number':
    case 'string':
    case 'sizeof':
    case 'type':
      return true;
    case 'name':
      return value.binding !== 'global' || isConstantName(value.name);
    case 'unary':
    case 'cast':
      return isKept(value.operand);
    default:
      return false;
  }
}

/** Kernel style: enumerators and constants are in capitals. */
function isConstantName(name: string): boolean {
  return name.toUpperCase() === name;
}

function lowerReturn(c: Lowering, node: number): void {
  const expression = S.child(c.tree, node, 0);
  const at = startOf(c, node);
  const end = endOf(c, node);
  let value = expression < 0 ? null : lowerValue(c, expression);
  if (c.fragments > 0) {
    emitOpaque(c, at, end, 'leaves the argument that it is in');
    c.graph.end({ kind: 'unreachable', at, end });
    return;
  }
  if (c.scopes.endings !== null) {
    if (value !== null) value = keptValue(c, value, at, end);
    emitEndings(c, null, at, end);
  }
  c.graph.end({ kind: 'return', value, at, end });
}

/** An `if`, and the chain of `else if`s behind it, however long. */
function lowerIf(c: Lowering, node: number): void {
  const { graph, tree } = c;
  const after = graph.block();
  let at = node;
  for (;;) {
    const condition = S.child(tree, at, 0);
    const consequence = S.child(tree, at, 1);
    const clause = S.childOfKind(tree, at, S.ELSE);
    const from = startOf(c, at);
    const to = endOf(c, at);
    const then = graph.block();
    const otherwise = clause < 0 ? after : graph.block();
    if (condition >= 0) reportErrors(c, condition);
    lowerCondition(c, condition, then, otherwise);
    graph.enter(then, from, to);
    if (consequence >= 0 && tree.kind[consequence] !== S.ELSE) lowerBody(c, consequence);
    if (graph.isOpen) graph.goto(after, from, to);
    if (clause < 0) break;
    graph.enter(otherwise, from, to);
    const alternative = S.child(tree, clause, 0);
    if (alternative < 0) break;
    if (tree.kind[alternative] !== S.IF || c.uses.has(startOf(c, alternative))) {
      lowerBody(c, alternative);
      break;
    }
    at = alternative;
  }
  graph.enter(after, startOf(c, node), endOf(c, node));
}

function lowerSwitch(c: Lowering, node: number): void {
  const { graph, tree } = c;
  const test = S.child(tree, node, 0);
  const body = S.child(tree, node, 1);
  const at = test < 0 ? startOf(c, node) : startOf(c, test);
  const end = test < 0 ? endOf(c, node) : endOf(c, test);
  if (test >= 0) reportErrors(c, test);
  const constant = constantOf(c, test);
  const value: Expr =
    constant === null ? lowerValue(c, test) : { kind: 'number', value: constant, text: String(constant) };
  const head = graph.suspend();
  const after = graph.block();
  const outer = c.switchInProgress;
  const state: SwitchInProgress = { cases: [], otherwise: null, endings: c.scopes.endings };
  c.switchInProgress = state;
  c.breaks.push({ block: after, endings: c.scopes.endings });
  if (body >= 0) lowerBody(c, body);
  if (graph.isOpen) graph.goto(after, startOf(c, node), endOf(c, node));
  c.breaks.pop();
  c.switchInProgress = outer;
  const otherwise = state.otherwise ?? after;
  const cases: readonly SwitchCase[] = state.cases;
  graph.endBlock(head, { kind: 'switch', value, cases, otherwise, at, end });
  graph.enter(after, startOf(c, node), endOf(c, node));
}

/** `case x:`, `case a ... b:` and `default:`, wherever in the switch they are. */
function lowerCase(c: Lowering, node: number): void {
  const { graph, tree } = c;
  const at = startOf(c, node);
  const end = endOf(c, node);
  const state = c.switchInProgress;
  const isDefault = tree.text.startsWith('default', tree.start[node]!);
  let colon = node + 1;
  while (colon < tree.next[node]! && tree.kind[colon] !== S.COLON) colon = tree.next[colon]!;
  const label = isDefault ? -1 : S.child(tree, node, 0);
  if (state === null) {
    addProblem(c, at, end, 'a case outside of a switch');
  } else {
    const bounds = label < 0 ? null : caseBounds(c, label);
    const block = graph.block();
    graph.enter(block, at, at);
    // A jump past the beginning of a scope that must end: nothing was entered there.
    const to = skippedEndings(c, state, block, at);
    if (bounds !== null) state.cases.push({ ...bounds, to });
    else state.otherwise = to;
  }
  lowerChildren(c, node, colon);
}

function caseBounds(c: Lowering, label: number): { readonly low: Expr; readonly high: Expr | null } {
  const { tree } = c;
  if (c.slice.caseRanges.length > 0 && tree.kind[label] === S.BINARY) {
    const range = spanFrom(c.slice.caseRanges, startOf(c, label));
    if (range !== null && range.end < endOf(c, label))
      return { low: lowerValue(c, S.child(tree, label, 0)), high: lowerValue(c, S.child(tree, label, 1)) };
  }
  return { low: lowerValue(c, label), high: null };
}

function skippedEndings(c: Lowering, state: SwitchInProgress, block: number, at: number): number {
  if (c.scopes.endings === state.endings) return block;
  const { graph } = c;
  const current = graph.suspend();
  const pad = graph.block();
  graph.enter(pad, at, at);
  for (let one = c.scopes.endings; one !== state.endings && one !== null; one = one.outer) {
    emitNull(c, one.variable, at, at);
  }
  graph.goto(block, at, at);
  graph.enter(current, at, at);
  return pad;
}
