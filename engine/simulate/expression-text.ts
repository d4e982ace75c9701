/** Expressions as C text, for messages. */
import type { Expr } from '../c/index.ts';

export function expressionText(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'type':
    case 'unknown':
    case 'sizeof':
      return expr.text;
    case 'name':
      return expr.name.replace(/@\d+$/, '');
    case 'field':
      return `${expressionText(expr.base)}${expr.arrow ? '->' : '.'}${expr.name}`;
    case 'index':
      return `${expressionText(expr.base)}[${expressionText(expr.index)}]`;
    case 'deref':
      return `*${expressionText(expr.operand)}`;
    case 'address':
      return `&${expressionText(expr.operand)}`;
    case 'unary':
      return `${expr.op}${expressionText(expr.operand)}`;
    case 'binary':
      return `${expressionText(expr.left)} ${expr.op} ${expressionText(expr.right)}`;
    case 'cast':
      return `(${expr.type})${expressionText(expr.operand)}`;
    case 'aggregate':
      return '{…}';
  }
}
