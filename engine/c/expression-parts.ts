/** What an expression is made of. */
import type { Expr } from './ir.ts';

/** The expressions directly inside one, in the order in which they are written; those of a place are parts too. */
export function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'field':
      return [expr.base];
    case 'index':
      return [expr.base, expr.index];
    case 'deref':
    case 'address':
    case 'unary':
    case 'cast':
      return [expr.operand];
    case 'binary':
      return [expr.left, expr.right];
    case 'aggregate':
      return expr.fields.map((field) => field.value);
    default:
      return [];
  }
}
