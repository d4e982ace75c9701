/** Conditions that are known when the configuration is: `0`, `1`, `IS_ENABLED(CONFIG_X)` and what is made of them. */
import { evaluate } from './conditions.ts';
import { characterOf, numberOf } from './literals.ts';
import { type Lowering, MAX_NESTING } from './lowering.ts';
import { enabledTest } from './parse-condition.ts';
import * as S from './syntax.ts';

/** The value of an expression that has the same value in every run, or null. Nothing is emitted. */
export function constantOf(c: Lowering, node: number, depth = 0): number | null {
  if (node < 0 || depth > MAX_NESTING) return null;
  const { tree } = c;
  switch (tree.kind[node]) {
    case S.NUMBER: {
      const number = numberOf(S.textOf(tree, node));
      return number.kind === 'number' ? number.value : null;
    }
    case S.CHARACTER: {
      const number = characterOf(S.textOf(tree, node));
      return number.kind === 'number' ? number.value : null;
    }
    case S.TRUE:
      return 1;
    case S.FALSE:
    case S.NULL:
      return 0;
    case S.PARENTHESES:
      return constantOf(c, S.child(tree, node, 0), depth + 1);
    case S.UNARY:
      return unary(S.operatorOf(tree, node), constantOf(c, S.child(tree, node, 0), depth + 1));
    case S.BINARY:
      return binary(c, node, depth);
    case S.CALL:
      return enabledValue(c, node);
    default:
      return null;
  }
}

/** 1 or 0 for `IS_ENABLED(CONFIG_X)` and its relatives, else null. */
export function enabledValue(c: Lowering, call: number): number | null {
  const { tree } = c;
  const callee = call + 1;
  if (tree.kind[callee] !== S.IDENTIFIER) return null;
  const args = tree.next[callee]!;
  if (tree.kind[args] !== S.ARGUMENTS) return null;
  const symbol = S.child(tree, args, 0);
  if (symbol < 0 || tree.kind[symbol] !== S.IDENTIFIER || S.child(tree, args, 1) >= 0) return null;
  // Every call comes by here: look closer only at what begins like one of the tests.
  if (!tree.text.startsWith('IS_', tree.start[callee]!)) return null;
  const test = enabledTest(S.textOf(tree, callee), S.textOf(tree, symbol));
  if (test === null) return null;
  return evaluate(test, c.configuration) ? 1 : 0;
}

function unary(operator: number, operand: number | null): number | null {
  if (operand === null) return null;
  switch (S.tokenText(operator)) {
    case '!':
      return operand === 0 ? 1 : 0;
    case '-':
      return operand === 0 ? 0 : -operand;
    case '+':
      return operand;
    default:
      return null;
  }
}

function binary(c: Lowering, node: number, depth: number): number | null {
  const { tree } = c;
  const operator = S.operatorOf(tree, node);
  const left = constantOf(c, S.child(tree, node, 0), depth + 1);
  // What is on the right matters only if the left does not decide; on the left it would have been evaluated.
  if (left === null) return null;
  if (operator === S.AND && left === 0) return 0;
  if (operator === S.OR && left !== 0) return 1;
  const right = constantOf(c, S.child(tree, node, 1), depth + 1);
  if (right === null) return null;
  switch (S.tokenText(operator)) {
    case '&&':
    case '||':
      return right === 0 ? 0 : 1;
    case '==':
      return left === right ? 1 : 0;
    case '!=':
      return left !== right ? 1 : 0;
    case '<':
      return left < right ? 1 : 0;
    case '<=':
      return left <= right ? 1 : 0;
    case '>':
      return left > right ? 1 : 0;
    case '>=':
      return left >= right ? 1 : 0;
    default:
      return null;
  }
}
