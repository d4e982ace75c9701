/** Small questions about the code itself that path walking asks. */
import type { Block, Expr, FunctionIR } from '../c/ir.ts';
import { eachName } from './flow.ts';

/** True where the expression names the variable. */
export function mentions(expr: Expr, name: string): boolean {
  let found = false;
  eachName(expr, (one) => {
    found ||= one === name;
  });
  return found;
}

/** True for a value that a loop could count with. */
export function isArithmetic(expr: Expr): boolean {
  if (expr.kind === 'cast') return isArithmetic(expr.operand);
  return expr.kind === 'binary' && ['+', '-', '*', '/', '%', '<<', '>>', '^'].includes(expr.op);
}

/** True for an expression that no type of its variables lets become negative. */
export function isUnsigned(expr: Expr, typeOf: (name: string) => string | null): boolean {
  switch (expr.kind) {
    case 'name':
      return UNSIGNED.test(typeOf(expr.name) ?? '');
    case 'number':
      return true;
    case 'cast':
      return UNSIGNED.test(expr.type);
    case 'binary':
      return isUnsigned(expr.left, typeOf) && isUnsigned(expr.right, typeOf);
    default:
      return false;
  }
}

const UNSIGNED = /^(?:const )?(?:unsigned\b|(?:__)?u(?:8|16|32|64)$|u?size_t$|uint\w*$|ulong$|uint$)/;

/** A case label as a message spells it. */
export function caseText(label: Expr): string {
  if (label.kind === 'number') return label.text;
  return label.kind === 'name' ? label.name : 'the case taken';
}

/** What a value is called after the place it is put into. */
export function targetName(target: Expr): string {
  return target.kind === 'name' || target.kind === 'field' ? target.name : 'value';
}

/** True where the block's branch tests this result. */
export function conditionUses(block: Block, result: Expr | null): boolean {
  if (result?.kind !== 'name' || block.terminator.kind !== 'branch') return false;
  let uses = false;
  const visit = (expr: Expr): void => {
    if (expr.kind === 'name') uses ||= expr.name === result.name;
    else if (expr.kind === 'unary' || expr.kind === 'cast') visit(expr.operand);
    else if (expr.kind === 'binary') {
      visit(expr.left);
      visit(expr.right);
    }
  };
  visit(block.terminator.condition);
  return uses;
}

/** Functions that the code asks more than once: the same question on one path has the same answer. */
export function repeatedTests(ir: FunctionIR): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const block of ir.blocks) {
    for (const one of block.instructions) {
      if (one.kind === 'call' && one.name !== null) counts.set(one.name, (counts.get(one.name) ?? 0) + 1);
    }
  }
  return new Set([...counts].filter(([, count]) => count > 1).map(([name]) => name));
}

/** Parameters that the code never assigns to by name. */
export function constantParameters(ir: FunctionIR): ReadonlySet<string> {
  const constant = new Set(ir.params.map((param) => param.name));
  for (const block of ir.blocks) {
    for (const one of block.instructions) {
      const target = one.kind === 'assign' ? one.target : one.kind === 'call' ? one.result : null;
      if (target?.kind === 'name') constant.delete(target.name);
    }
  }
  return constant;
}
