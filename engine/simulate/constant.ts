/** Constant expressions in macro bodies and enumerators, evaluated from their text. */
import { and, divide, fold, or, remainder, shiftLeft, shiftRight, xor } from './numbers.ts';

/** What a name stands for: a number, a macro with parameters, or null where it is not known. */
export interface Names {
  value(name: string): number | null;
  macro(name: string): { readonly params: readonly string[]; readonly body: string } | null;
}

const TOKEN =
  /\s+|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/|(0[xX][0-9a-fA-F]+|\d+)[uUlL]*(?![\w.])|([A-Za-z_]\w*)|('(?:\\?.)')|(<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^~!<>?:(),])/y;
const MAX_TOKENS = 2000;
const MAX_DEPTH = 24;
/** Types that a cast in a constant may name. */
const TYPE_WORD =
  /^(unsigned|signed|int|long|short|char|u8|u16|u32|u64|s8|s16|s32|s64|__u\d+|__s\d+|size_t|loff_t|gfp_t|bool|vm_fault_t|pgoff_t|vm_flags_t|__force|void|const)$/;

function tokenise(text: string): string[] | null {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (match === null || tokens.length > MAX_TOKENS) return null;
    const token = match[1] ?? match[2] ?? match[3] ?? match[4];
    if (token !== undefined) tokens.push(token);
  }
  return tokens;
}

/** The value of a constant expression, or null where it is not one that can be told. */
export function evaluateConstant(text: string, names: Names, depth = 0): number | null {
  if (depth > MAX_DEPTH) return null;
  const tokens = tokenise(text);
  if (tokens === null || tokens.length === 0) return null;
  const parser = new Parser(tokens, names, depth);
  const value = parser.conditional();
  return parser.at === tokens.length ? value : null;
}

const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];

class Parser {
  at = 0;
  readonly #tokens: readonly string[];
  readonly #names: Names;
  readonly #depth: number;

  constructor(tokens: readonly string[], names: Names, depth: number) {
    this.#tokens = tokens;
    this.#names = names;
    this.#depth = depth;
  }

  conditional(): number | null {
    const condition = this.#binary(0);
    if (this.#tokens[this.at] !== '?') return condition;
    this.at++;
    const yes = this.#tokens[this.at] === ':' ? condition : this.conditional();
    if (this.#tokens[this.at] !== ':') return null;
    this.at++;
    const no = this.conditional();
    if (condition === null) return null;
    return condition !== 0 ? yes : no;
  }

  #binary(level: number): number | null {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = this.#tokens[this.at];
      if (operator === undefined || !operators.includes(operator)) return left;
      this.at++;
      const right = this.#binary(level + 1);
      left = left === null || right === null ? null : apply(operator, left, right);
    }
  }

  #unary(): number | null {
    const token = this.#tokens[this.at++];
    if (token === undefined) return null;
    if (token === '-' || token === '+' || token === '~' || token === '!') {
      const value = this.#unary();
      if (value === null) return null;
      return token === '-'
        ? 0 - value
        : token === '~'
          ? -value - 1
          : token === '!'
            ? value === 0
              ? 1
              : 0
            : value;
    }
    if (token === '(') {
      if (TYPE_WORD.test(this.#tokens[this.at] ?? '')) return this.#cast();
      const value = this.conditional();
      if (this.#tokens[this.at++] !== ')') return null;
      // `(vm_flags_t)(1 << 3)`: a name in brackets before an operand is a type.
      return value;
    }
    if (/^\d/.test(token)) return Number(/^0\d/.test(token) ? `0o${token.slice(1)}` : token);
    if (token.startsWith("'")) return token.charCodeAt(token.length - 2);
    if (this.#tokens[this.at] === '(') return this.#call(token);
    return this.#names.value(token);
  }

  #cast(): number | null {
    const words: string[] = [];
    while (this.at < this.#tokens.length && this.#tokens[this.at] !== ')')
      words.push(this.#tokens[this.at++]!);
    this.at++;
    const value = this.#unary();
    if (value === null) return null;
    if (words.includes('u32') || (words.includes('unsigned') && !words.includes('long'))) return value >>> 0;
    return value;
  }

  #call(name: string): number | null {
    this.at++;
    const args: string[] = [];
    let depth = 1;
    let current: string[] = [];
    while (this.at < this.#tokens.length && depth > 0) {
      const token = this.#tokens[this.at++]!;
      if (token === '(') depth++;
      if (token === ')') depth--;
      if (depth === 0) break;
      if (token === ',' && depth === 1) {
        args.push(current.join(' '));
        current = [];
      } else current.push(token);
    }
    args.push(current.join(' '));
    const builtin = BUILTIN.get(name);
    if (builtin !== undefined) {
      const values = args.map((arg) => evaluateConstant(arg, this.#names, this.#depth + 1));
      return values.some((value) => value === null) ? null : builtin(values as number[]);
    }
    const macro = this.#names.macro(name);
    if (macro === null || macro.params.length !== args.length) return null;
    const body = macro.body.replace(/[A-Za-z_]\w*/g, (word) => {
      const index = macro.params.indexOf(word);
      return index < 0 ? word : `(${args[index]})`;
    });
    return evaluateConstant(body.replaceAll('##', ''), this.#names, this.#depth + 1);
  }
}

/** Macros whose bodies paste tokens, as they are used for constants. */
const BUILTIN: ReadonlyMap<string, (args: number[]) => number> = new Map(
  Object.entries({
    BIT: ([n]) => shiftLeft(1, n!),
    BIT_ULL: ([n]) => shiftLeft(1, n!),
    _BITUL: ([n]) => shiftLeft(1, n!),
    _BITULL: ([n]) => shiftLeft(1, n!),
    UL: ([n]) => n!,
    ULL: ([n]) => n!,
    _UL: ([n]) => n!,
    _AC: ([n]) => n!,
    GENMASK: ([h, l]) => shiftLeft(1, h! + 1) - shiftLeft(1, l!),
  }),
);

function apply(operator: string, left: number, right: number): number {
  const truth = (value: boolean) => (value ? 1 : 0);
  switch (operator) {
    case '||':
      return truth(left !== 0 || right !== 0);
    case '&&':
      return truth(left !== 0 && right !== 0);
    case '|':
      return or(left, right);
    case '^':
      return xor(left, right);
    case '&':
      return and(left, right);
    case '==':
      return truth(left === right);
    case '!=':
      return truth(left !== right);
    case '<':
      return truth(left < right);
    case '>':
      return truth(left > right);
    case '<=':
      return truth(left <= right);
    case '>=':
      return truth(left >= right);
    case '<<':
      return shiftLeft(left, right);
    case '>>':
      return shiftRight(left, right, false);
    case '+':
      return fold(left + right);
    case '-':
      return fold(left - right);
    case '*':
      return fold(left * right);
    case '/':
      return divide(left, right, false);
    default:
      return remainder(left, right, false);
  }
}
