/** What decides where control goes: conditions, `&&`, `||` and `?:`, as branches or as values. */
import type { BlockId, Expr } from './ir.ts';
import { constantOf } from './lower-constants.ts';
import { endOf, type Lowering, MAX_NESTING, startOf } from './lowering.ts';
import * as S from './syntax.ts';

const ONE: Expr = { kind: 'number', value: 1, text: '1' };
const ZERO: Expr = { kind: 'number', value: 0, text: '0' };

/** `a && b` and `a || b` as a value: 0 or 1 in a temporary, by way of branches. */
export function lowerTruth(c: Lowering, node: number, into: Expr | null = null): Expr {
  const constant = constantOf(c, node);
  if (constant !== null) return constant === 0 ? ZERO : ONE;
  const { graph } = c;
  const at = startOf(c, node);
  const end = endOf(c, node);
  const result = into ?? c.scopes.temporary(at);
  const yes = graph.block();
  const no = graph.block();
  const after = graph.block();
  lowerCondition(c, node, yes, no);
  graph.enter(yes, at, end);
  graph.emit({ kind: 'assign', target: result, value: ONE, at, end });
  graph.goto(after, at, end);
  graph.enter(no, at, end);
  graph.emit({ kind: 'assign', target: result, value: ZERO, at, end });
  graph.enter(after, at, end);
  return result;
}

/** The three parts of `a ? b : c`; the middle is -1 in `a ?: c`. */
function conditionalParts(c: Lowering, node: number): readonly [number, number, number] {
  const { tree } = c;
  const third = S.child(tree, node, 2);
  const second = S.child(tree, node, 1);
  return third >= 0 ? [node + 1, second, third] : [node + 1, -1, second];
}

/** `a ? b : c` and `a ?: c` as a value, in a temporary or in the variable that it is assigned to. */
export function lowerConditional(c: Lowering, node: number, into: Expr | null = null): Expr {
  const { graph } = c;
  const [test, middle, last] = conditionalParts(c, node);
  const constant = constantOf(c, test);
  if (constant !== null) return c.parts.value(c, constant === 0 ? last : middle < 0 ? test : middle);
  const at = startOf(c, node);
  const end = endOf(c, node);
  // In `x = f() ?: g(x)`, g() is to see the old x.
  const result = into !== null && middle >= 0 ? into : c.scopes.temporary(at);
  const no = graph.block();
  const after = graph.block();
  if (middle < 0) {
    c.parts.into(c, test, result, startOf(c, test), endOf(c, test));
    graph.branch(result, after, no, startOf(c, test), endOf(c, test));
  } else {
    const yes = graph.block();
    lowerCondition(c, test, yes, no);
    graph.enter(yes, at, end);
    c.parts.into(c, middle, result, startOf(c, middle), endOf(c, middle));
    graph.goto(after, at, end);
  }
  graph.enter(no, at, end);
  if (last >= 0) c.parts.into(c, last, result, startOf(c, last), endOf(c, last));
  graph.enter(after, at, end);
  return result;
}

/** `a ? b : c` where nothing uses its value. */
export function lowerConditionalEffect(c: Lowering, node: number): void {
  const { graph } = c;
  const [test, middle, last] = conditionalParts(c, node);
  const at = startOf(c, node);
  const end = endOf(c, node);
  const no = graph.block();
  const after = graph.block();
  const yes = middle < 0 ? after : graph.block();
  lowerCondition(c, test, yes, no);
  if (middle >= 0) {
    graph.enter(yes, at, end);
    c.parts.effect(c, middle);
    graph.goto(after, at, end);
  }
  graph.enter(no, at, end);
  c.parts.effect(c, last);
  graph.enter(after, at, end);
}

/** Branches on an expression, through as many tests as it has; nothing is left open behind it. */
export function lowerCondition(c: Lowering, node: number, then: BlockId, otherwise: BlockId): void {
  const { graph } = c;
  const at = node < 0 ? c.offset : startOf(c, node);
  const end = node < 0 ? c.offset : endOf(c, node);
  if (node >= 0 && c.nesting < MAX_NESTING) {
    c.nesting++;
    const done = lowerCompoundCondition(c, node, then, otherwise);
    c.nesting--;
    if (done) return;
  }
  const constant = node < 0 ? null : constantOf(c, node);
  if (constant !== null) {
    graph.goto(constant === 0 ? otherwise : then, at, end);
    return;
  }
  const condition = c.parts.value(c, node);
  if (condition.kind === 'number') graph.goto(condition.value === 0 ? otherwise : then, at, end);
  else graph.branch(condition, then, otherwise, at, end);
}

/** Conditions that are made of others; false if this one is not. */
function lowerCompoundCondition(c: Lowering, node: number, then: BlockId, otherwise: BlockId): boolean {
  const { tree, graph } = c;
  switch (tree.kind[node]) {
    case S.PARENTHESES: {
      const inner = S.child(tree, node, 0);
      if (inner < 0 || tree.kind[inner] === S.COMPOUND) return false;
      lowerCondition(c, inner, then, otherwise);
      return true;
    }
    case S.COMMA:
      c.parts.effect(c, S.child(tree, node, 0));
      lowerCondition(c, S.child(tree, node, 1), then, otherwise);
      return true;
    case S.UNARY: {
      if (S.operatorOf(tree, node) !== S.NOT) return false;
      let inner = S.child(tree, node, 0);
      while (inner >= 0 && tree.kind[inner] === S.PARENTHESES) inner = S.child(tree, inner, 0);
      const isCompound =
        inner >= 0 &&
        (tree.kind[inner] === S.COMMA ||
          (tree.kind[inner] === S.UNARY && S.operatorOf(tree, inner) === S.NOT) ||
          isShortCircuit(tree, inner));
      if (isCompound) lowerCondition(c, inner, otherwise, then);
      return isCompound;
    }
    case S.BINARY: {
      if (!isShortCircuit(tree, node)) return false;
      const right = graph.block();
      if (S.operatorOf(tree, node) === S.AND) lowerCondition(c, S.child(tree, node, 0), right, otherwise);
      else lowerCondition(c, S.child(tree, node, 0), then, right);
      const rightNode = S.child(tree, node, 1);
      graph.enter(right, startOf(c, node), endOf(c, node));
      lowerCondition(c, rightNode, then, otherwise);
      return true;
    }
    case S.CONDITIONAL: {
      const [test, middle, last] = conditionalParts(c, node);
      if (test < 0 || last < 0) return false;
      const yes = middle < 0 ? then : graph.block();
      const no = graph.block();
      lowerCondition(c, test, yes, no);
      if (middle >= 0) {
        graph.enter(yes, startOf(c, middle), endOf(c, middle));
        lowerCondition(c, middle, then, otherwise);
      }
      graph.enter(no, startOf(c, last), endOf(c, last));
      lowerCondition(c, last, then, otherwise);
      return true;
    }
    default:
      return false;
  }
}

/** Whether a node is `a && b` or `a || b`. */
export function isShortCircuit(tree: S.SyntaxTree, node: number): boolean {
  if (tree.kind[node] !== S.BINARY) return false;
  const operator = S.operatorOf(tree, node);
  return operator === S.AND || operator === S.OR;
}
