/**
 * Expressions. What has an effect becomes instructions, in the order in which it happens; what is left as the
 * value is a pure `Expr`.
 */
import type { BinaryOp, Expr } from './ir.ts';
import { characterOf, numberOf } from './literals.ts';
import { lowerAggregate } from './lower-aggregates.ts';
import { lowerAsm } from './lower-asm.ts';
import { castTypeOf, lowerCall } from './lower-calls.ts';
import {
  isShortCircuit,
  lowerCondition,
  lowerConditional,
  lowerConditionalEffect,
  lowerTruth,
} from './lower-conditions.ts';
import {
  addProblem,
  emitOpaque,
  endOf,
  type Lowering,
  MAX_NESTING,
  shownText,
  spanBefore,
  startOf,
  unknownValue,
} from './lowering.ts';
import * as S from './syntax.ts';

const ONE: Expr = { kind: 'number', value: 1, text: '1' };
const ZERO: Expr = { kind: 'number', value: 0, text: '0' };

/** Lowers an expression and gives its value. `node` may be -1 for one that is not there. */
export function lowerValue(c: Lowering, node: number): Expr {
  if (node < 0) return { kind: 'unknown', text: '' };
  if (c.nesting >= MAX_NESTING) return tooDeep(c, node);
  c.nesting++;
  const value = expressionValue(c, node);
  c.nesting--;
  return value;
}

function tooDeep(c: Lowering, node: number): Expr {
  if (node < 0) return { kind: 'unknown', text: '' };
  const at = startOf(c, node);
  const end = endOf(c, node);
  addProblem(c, at, end, 'nested too deeply');
  emitOpaque(c, at, end, 'nested too deeply');
  return { kind: 'unknown', text: shownText(c, at, end) };
}

function expressionValue(c: Lowering, node: number): Expr {
  const { tree } = c;
  switch (tree.kind[node]) {
    case S.IDENTIFIER:
      return nameOf(c, node);
    case S.FIELD:
      return lowerField(c, node);
    case S.NUMBER:
      return numberOf(S.textOf(tree, node));
    case S.CALL:
      return lowerCall(c, node, true) ?? ZERO;
    case S.PARENTHESES: {
      const inner = S.child(tree, node, 0);
      if (inner >= 0 && tree.kind[inner] === S.COMPOUND) {
        return c.parts.statementExpression(c, inner, true) ?? { kind: 'unknown', text: 'void' };
      }
      return lowerValue(c, inner);
    }
    case S.BINARY:
      return lowerBinary(c, node);
    case S.UNARY:
      return lowerUnary(c, node);
    case S.POINTER:
      return lowerPointer(c, node);
    case S.ASSIGNMENT:
      return lowerAssignment(c, node);
    case S.UPDATE:
      return lowerUpdate(c, node, true);
    case S.CAST:
      return {
        kind: 'cast',
        type: typeText(c, S.childOfKind(tree, node, S.TYPE)),
        operand: lowerValue(c, S.child(tree, node, 1)),
      };
    case S.CONDITIONAL:
      return lowerConditional(c, node);
    case S.COMMA:
      lowerEffect(c, S.child(tree, node, 0));
      return lowerValue(c, S.child(tree, node, 1));
    case S.SUBSCRIPT: {
      const base = lowerValue(c, S.child(tree, node, 0));
      return { kind: 'index', base, index: lowerValue(c, S.child(tree, node, 1)) };
    }
    case S.STRING:
      return { kind: 'string', text: S.textOf(tree, node) };
    case S.CHARACTER:
      return characterOf(S.textOf(tree, node));
    case S.TRUE:
      return { kind: 'number', value: 1, text: S.textOf(tree, node) };
    case S.FALSE:
    case S.NULL:
      return { kind: 'number', value: 0, text: S.textOf(tree, node) };
    case S.SIZEOF:
      return { kind: 'sizeof', text: typeText(c, node) };
    case S.TYPE:
    case S.TYPE_SPECIFIER:
    case S.TYPE_IDENTIFIER:
      return { kind: 'type', text: typeText(c, node) };
    case S.COMPOUND_LITERAL: {
      const type = typeText(c, S.childOfKind(tree, node, S.TYPE));
      return lowerAggregate(c, S.childOfKind(tree, node, S.INITIALISERS), type);
    }
    case S.INITIALISERS:
      return lowerAggregate(c, node, null);
    case S.COMPOUND:
      return c.parts.statementExpression(c, node, true) ?? { kind: 'unknown', text: 'void' };
    case S.EXTENSION:
      return lowerValue(c, S.child(tree, node, 0));
    case S.ASM:
      lowerAsm(c, node);
      return { kind: 'unknown', text: 'asm' };
    case S.GENERIC:
      // Which of its branches is taken depends on types.
      return unknownValue(c, startOf(c, node), endOf(c, node), S.textOf(tree, node));
    default:
      return notUnderstood(c, node);
  }
}

function notUnderstood(c: Lowering, node: number): Expr {
  const at = startOf(c, node);
  const end = endOf(c, node);
  addProblem(c, at, end, 'this is no expression that could be read');
  emitOpaque(c, at, end, 'not understood');
  // Calls inside of it may still happen.
  const { kind, next } = c.tree;
  for (let at = node + 1; at < next[node]!; at = next[at]!) if (kind[at]! < S.TOKEN) lowerEffect(c, at);
  return unknownValue(c, at, end, shownText(c, at, end));
}

function nameOf(c: Lowering, node: number): Expr {
  if (c.typeArguments.size > 0) {
    const argument = c.typeArguments.get(startOf(c, node));
    if (argument !== undefined) {
      return { kind: argument.what === 'type' ? 'type' : 'unknown', text: argument.text };
    }
  }
  return c.scopes.resolve(S.textOf(c.tree, node));
}

/** A type as it is shown: the slice leaves gaps where attributes were. */
function typeText(c: Lowering, node: number): string {
  return node < 0 ? '' : S.shownBetween(c.tree, c.tree.start[node]!, c.tree.end[node]!);
}

function lowerField(c: Lowering, node: number): Expr {
  const { tree } = c;
  const base = lowerValue(c, node + 1);
  const name = S.textOf(tree, S.childOfKind(tree, node, S.FIELD_IDENTIFIER));
  return { kind: 'field', base, name, arrow: S.operatorOf(tree, node) === S.ARROW };
}

function lowerBinary(c: Lowering, node: number): Expr {
  const { tree } = c;
  const operator = S.operatorOf(tree, node);
  if (operator === S.AND || operator === S.OR) return lowerTruth(c, node);
  const leftNode = S.child(tree, node, 0);
  const rightNode = S.child(tree, node, 1);
  const type = castTypeOf(c, leftNode);
  if (type !== null) {
    // `(gfp_t) - 1` and `(u64) & x` read as binary operators: C has to know that these are types.
    const op = S.tokenText(operator);
    const operand = lowerValue(c, rightNode);
    if (op === '-' || op === '+') return { kind: 'cast', type, operand: { kind: 'unary', op, operand } };
    if (op === '&') return { kind: 'cast', type, operand: { kind: 'address', operand } };
    if (op === '*') return { kind: 'cast', type, operand: { kind: 'deref', operand } };
  }
  const left = lowerValue(c, leftNode);
  const right = lowerValue(c, rightNode);
  return { kind: 'binary', op: S.tokenText(operator) as BinaryOp, left, right };
}

function lowerUnary(c: Lowering, node: number): Expr {
  const op = S.tokenText(S.operatorOf(c.tree, node));
  const operand = lowerValue(c, S.child(c.tree, node, 0));
  if (op === '-' && operand.kind === 'number' && operand.value !== 0) {
    return { kind: 'number', value: -operand.value, text: `-${operand.text}` };
  }
  if (op === '-' || op === '+' || op === '~' || op === '!') return { kind: 'unary', op, operand };
  return { kind: 'unknown', text: S.textOf(c.tree, node) };
}

function lowerPointer(c: Lowering, node: number): Expr {
  const { tree } = c;
  const inner = S.child(tree, node, 0);
  if (S.operatorOf(tree, node) !== S.AMPERSAND) {
    const operand = lowerValue(c, inner);
    return operand.kind === 'address' ? operand.operand : { kind: 'deref', operand };
  }
  const address = labelAddress(c, node, inner);
  if (address !== null) return address;
  const operand = lowerValue(c, inner);
  if (operand.kind === 'deref') return operand.operand;
  if (operand.kind !== 'aggregate') return { kind: 'address', operand };
  // A compound literal is an object of its own.
  const object = c.scopes.temporary(startOf(c, node), operand.type ?? '');
  const at = startOf(c, node);
  c.graph.emit({ kind: 'assign', target: object, value: operand, at, end: endOf(c, node) });
  return { kind: 'address', operand: object };
}

/** `&&label`, which the slice writes as ` &label`; null for any other address. */
function labelAddress(c: Lowering, node: number, operand: number): Expr | null {
  if (c.slice.labelAddresses.length === 0 || operand < 0) return null;
  const at = startOf(c, node);
  const written = spanBefore(c.slice.labelAddresses, at);
  if (written === null || at >= written.end) return null;
  const name = S.textOf(c.tree, operand);
  const label = c.labels.get(name);
  if (label === undefined) return null;
  label.uses++;
  label.addressTaken = true;
  return { kind: 'unknown', text: `&&${name}` };
}

function lowerAssignment(c: Lowering, node: number): Expr {
  const { tree } = c;
  const left = S.child(tree, node, 0);
  const right = S.child(tree, node, 1);
  const operator = S.tokenText(S.operatorOf(tree, node));
  const at = startOf(c, node);
  const end = endOf(c, node);
  const target = lowerValue(c, left);
  if (operator === '=') {
    lowerInto(c, right, target, at, end);
    return target;
  }
  const op = operator.slice(0, -1) as BinaryOp;
  const value: Expr = { kind: 'binary', op, left: target, right: lowerValue(c, right) };
  c.graph.emit({ kind: 'assign', target, value, at, end });
  return target;
}

/** Gives a place the value of an expression; a call's result goes there directly. */
export function lowerInto(c: Lowering, node: number, target: Expr, at: number, end: number): void {
  if (c.nesting >= MAX_NESTING) {
    c.graph.emit({ kind: 'assign', target, value: tooDeep(c, node), at, end });
    return;
  }
  c.nesting++;
  lowerAssigned(c, node, target, at, end);
  c.nesting--;
}

function lowerAssigned(c: Lowering, node: number, target: Expr, at: number, end: number): void {
  const { tree } = c;
  let inner = node;
  while (inner >= 0 && tree.kind[inner] === S.PARENTHESES) inner = S.child(tree, inner, 0);
  if (inner >= 0 && tree.kind[inner] === S.CALL) {
    const value = lowerCall(c, inner, true, target);
    if (value !== null && value !== target) c.graph.emit({ kind: 'assign', target, value, at, end });
    return;
  }
  let value: Expr;
  // Each way through these ends by giving the variable its value; a place may be another one by then.
  if (inner >= 0 && target.kind === 'name' && tree.kind[inner] === S.CONDITIONAL) {
    value = lowerConditional(c, inner, target);
  } else if (inner >= 0 && target.kind === 'name' && isShortCircuit(tree, inner)) {
    value = lowerTruth(c, inner, target);
  } else {
    value = lowerValue(c, node);
  }
  if (value !== target) c.graph.emit({ kind: 'assign', target, value, at, end });
}

function lowerUpdate(c: Lowering, node: number, wanted: boolean): Expr {
  const { tree } = c;
  const operator = S.operatorOf(tree, node);
  const at = startOf(c, node);
  const end = endOf(c, node);
  const operand = S.child(tree, node, 0);
  const target = lowerValue(c, operand);
  const op = operator === S.INCREMENT ? '+' : '-';
  const isPostfix = operand === node + 1;
  if (!isPostfix || !wanted) {
    const value: Expr = { kind: 'binary', op, left: target, right: ONE };
    c.graph.emit({ kind: 'assign', target, value, at, end });
    return target;
  }
  const old = c.scopes.temporary(at);
  c.graph.emit({ kind: 'assign', target: old, value: target, at, end });
  const value: Expr = { kind: 'binary', op, left: old, right: ONE };
  c.graph.emit({ kind: 'assign', target, value, at, end });
  return old;
}

/** Lowers an expression for what it does. */
export function lowerEffect(c: Lowering, node: number): void {
  if (node < 0) return;
  if (c.nesting >= MAX_NESTING) {
    tooDeep(c, node);
    return;
  }
  c.nesting++;
  lowerForEffect(c, node);
  c.nesting--;
}

function lowerForEffect(c: Lowering, node: number): void {
  const { tree, graph } = c;
  switch (tree.kind[node]) {
    case S.CALL:
      lowerCall(c, node, false);
      return;
    case S.UPDATE:
      lowerUpdate(c, node, false);
      return;
    case S.PARENTHESES: {
      const inner = S.child(tree, node, 0);
      if (inner >= 0 && tree.kind[inner] === S.COMPOUND) c.parts.statementExpression(c, inner, false);
      else lowerEffect(c, inner);
      return;
    }
    case S.CAST:
      lowerEffect(c, S.child(tree, node, 1));
      return;
    case S.COMPOUND:
      c.parts.statementExpression(c, node, false);
      return;
    case S.COMMA: {
      // A comma's right side may be a comma again; a long list is no deep nest.
      let at = node;
      for (; at >= 0 && tree.kind[at] === S.COMMA; at = S.child(tree, at, 1)) {
        lowerEffect(c, S.child(tree, at, 0));
      }
      lowerEffect(c, at);
      return;
    }
    case S.CONDITIONAL:
      lowerConditionalEffect(c, node);
      return;
    case S.BINARY: {
      const operator = S.operatorOf(tree, node);
      if (operator !== S.AND && operator !== S.OR) break;
      const right = graph.block();
      const after = graph.block();
      const rightNode = S.child(tree, node, 1);
      if (operator === S.AND) lowerCondition(c, S.child(tree, node, 0), right, after);
      else lowerCondition(c, S.child(tree, node, 0), after, right);
      graph.enter(right, startOf(c, node), endOf(c, node));
      lowerEffect(c, rightNode);
      graph.enter(after, startOf(c, node), endOf(c, node));
      return;
    }
  }
  lowerValue(c, node);
}
