/** Kconfig expressions: reading them, and their value in Kconfig's three-valued logic. */
import type { Token } from './statements.ts';

/** `n` < `m` < `y`; `and` is the lower value, `or` the higher. */
export type KconfigValue = 'n' | 'm' | 'y';

export type Expression =
  /** A symbol without `CONFIG_`. */
  | { readonly kind: 'symbol'; readonly name: string }
  /** A number or a quoted string, `y`, `m` and `n` among them. */
  | { readonly kind: 'constant'; readonly text: string }
  /** `$(…)`: what a shell or make would have to be asked. */
  | { readonly kind: 'macro'; readonly text: string }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Expression[] }
  | {
      readonly kind: 'compare';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    };

export const YES: Expression = { kind: 'constant', text: 'y' };

/** How deep parentheses may nest. Deeper ones make the whole unknown. */
const MAX_DEPTH = 64;

/**
 * Reads one expression from `tokens`, starting at index `from`. What cannot be read is left: `next` is the index of
 * the first token not taken. No expression at all is `y`.
 */
export function readExpression(tokens: readonly Token[], from: number): { value: Expression; next: number } {
  const reader = new Reader(tokens, from);
  const value = reader.or(0);
  return { value: value ?? YES, next: reader.at };
}

class Reader {
  constructor(
    readonly tokens: readonly Token[],
    public at: number,
  ) {}

  or(depth: number): Expression | null {
    return this.#chain('||', 'or', () => this.#chain('&&', 'and', () => this.#unary(depth)));
  }

  #chain(operator: string, kind: 'and' | 'or', operand: () => Expression | null): Expression | null {
    const first = operand();
    if (first === null) return null;
    const operands = [first];
    while (this.#takes(operator)) {
      const next = operand();
      if (next === null) break;
      operands.push(next);
    }
    return operands.length === 1 ? first : { kind, operands };
  }

  #unary(depth: number): Expression | null {
    if (depth > MAX_DEPTH) return null;
    let negations = 0;
    while (this.#takes('!')) negations++;
    const operand = this.#comparison(depth);
    if (operand === null || negations === 0) return operand;
    const not: Expression = { kind: 'not', operand };
    return negations % 2 === 1 ? not : { kind: 'not', operand: not };
  }

  #comparison(depth: number): Expression | null {
    const left = this.#primary(depth);
    if (left === null) return null;
    const token = this.tokens[this.at];
    if (token?.kind !== 'operator' || !['=', '!=', '<', '>', '<=', '>='].includes(token.text)) return left;
    this.at++;
    const right = this.#primary(depth);
    return right === null ? left : { kind: 'compare', operator: token.text, left, right };
  }

  #primary(depth: number): Expression | null {
    const token = this.tokens[this.at];
    if (token === undefined) return null;
    if (token.kind === 'operator') {
      if (token.text !== '(') return null;
      this.at++;
      const inner = this.or(depth + 1);
      this.#takes(')');
      return inner;
    }
    if (token.kind === 'word' && token.text === 'if') return null;
    this.at++;
    if (token.kind === 'macro') return { kind: 'macro', text: token.text };
    if (token.kind === 'string' || isConstant(token.text)) return { kind: 'constant', text: token.text };
    return { kind: 'symbol', name: token.text };
  }

  #takes(operator: string): boolean {
    const token = this.tokens[this.at];
    if (token?.kind !== 'operator' || token.text !== operator) return false;
    this.at++;
    return true;
  }
}

function isConstant(word: string): boolean {
  if (word === 'y' || word === 'm' || word === 'n') return true;
  const first = word.charCodeAt(0);
  if (first === 45) return true;
  return first >= 48 && first <= 57 && /^(?:0[xX][0-9a-fA-F]+|\d+)$/.test(word);
}

/** A condition of more parts than this is cut off: no kernel has one. */
const MOST_OPERANDS = 256;

/** Both, with `y` left out. Never nested deeper than its parts. */
export function bothOf(a: Expression, b: Expression): Expression {
  if (a === YES) return b;
  if (b === YES) return a;
  const operands = [...(a.kind === 'and' ? a.operands : [a]), ...(b.kind === 'and' ? b.operands : [b])];
  return operands.length > MOST_OPERANDS ? a : { kind: 'and', operands };
}

/** The symbols that an expression names. */
export function symbolsIn(expression: Expression, into: Set<string> = new Set()): Set<string> {
  switch (expression.kind) {
    case 'symbol':
      into.add(expression.name);
      break;
    case 'not':
      symbolsIn(expression.operand, into);
      break;
    case 'and':
    case 'or':
      for (const operand of expression.operands) symbolsIn(operand, into);
      break;
    case 'compare':
      symbolsIn(expression.left, into);
      symbolsIn(expression.right, into);
      break;
  }
  return into;
}
