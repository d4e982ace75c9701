/** Expressions of the IR as C would write them. */
import type { Expr } from './ir.ts';

/** How strongly an operator binds; as in C, but `&`, `^` and `|` always get parentheses. */
const BINDING: Readonly<Record<string, number>> = {
  '*': 10,
  '/': 10,
  '%': 10,
  '+': 9,
  '-': 9,
  '<<': 8,
  '>>': 8,
  '<': 7,
  '<=': 7,
  '>': 7,
  '>=': 7,
  '==': 6,
  '!=': 6,
};
const UNARY = 11;
const POSTFIX = 12;

/** An expression's text. Names are those of the IR: `%1` for a temporary, `x@2` for a local that shadows. */
export function printExpression(expr: Expr): string {
  return print(expr, 0);
}

function print(expr: Expr, around: number): string {
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'sizeof':
    case 'type':
      return expr.text;
    case 'unknown':
      return `<${expr.text}>`;
    case 'name':
      return expr.name;
    case 'field':
      return `${print(expr.base, POSTFIX)}${expr.arrow ? '->' : '.'}${expr.name}`;
    case 'index':
      return `${print(expr.base, POSTFIX)}[${print(expr.index, 0)}]`;
    case 'deref':
      return wrap(`*${print(expr.operand, UNARY)}`, UNARY, around);
    case 'address':
      return wrap(`&${print(expr.operand, UNARY)}`, UNARY, around);
    case 'unary':
      return wrap(`${expr.op}${print(expr.operand, UNARY)}`, UNARY, around);
    case 'cast':
      return wrap(`(${expr.type})${print(expr.operand, UNARY)}`, UNARY, around);
    case 'binary': {
      const own = BINDING[expr.op] ?? 1;
      return wrap(`${print(expr.left, own)} ${expr.op} ${print(expr.right, own + 1)}`, own, around);
    }
    case 'aggregate': {
      const fields = expr.fields.map((field) => {
        if (field.name === null) return print(field.value, 0);
        const designator = field.name.startsWith('[') ? field.name : `.${field.name}`;
        return `${designator} = ${print(field.value, 0)}`;
      });
      const type = expr.type === null ? '' : `(${expr.type})`;
      return fields.length === 0 ? `${type}{}` : `${type}{ ${fields.join(', ')} }`;
    }
  }
}

function wrap(text: string, own: number, around: number): string {
  return own < around || own === 1 ? (around === 0 ? text : `(${text})`) : text;
}
