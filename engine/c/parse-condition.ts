/** Reading the expression of an `#if` line, or of an `IS_ENABLED()` in C, as a condition. */
import { type Condition, FALSE, TRUE } from './condition.ts';
import { combine, negate } from './conditions.ts';

/** Parentheses and `!` deeper than this are read as one opaque test. */
const MAX_DEPTH = 60;

const TESTS: ReadonlyMap<string, 'enabled' | 'builtin' | 'module' | 'reachable'> = new Map([
  ['IS_ENABLED', 'enabled'],
  ['IS_BUILTIN', 'builtin'],
  ['IS_MODULE', 'module'],
  ['IS_REACHABLE', 'reachable'],
]);

interface Reader {
  readonly tokens: readonly string[];
  at: number;
}

/**
 * Reads the text after `#if` or `#elif` (comments allowed, line continuations joined or not).
 * What is not a boolean combination of symbol tests becomes an opaque test; nothing is an error: empty or
 * broken text gives an opaque test of that text.
 */
export function parseCondition(text: string): Condition {
  const reader: Reader = { tokens: split(text), at: 0 };
  if (reader.tokens.length === 0) return { kind: 'opaque', text: '' };
  const condition = parseOr(reader, 0);
  return reader.at === reader.tokens.length && condition !== null ? condition : opaque(reader.tokens);
}

/** The test that `#ifdef NAME` or `defined(NAME)` makes. */
export function definedTest(name: string): Condition {
  if (name.startsWith('CONFIG_') && name.endsWith('_MODULE') && name.length > 'CONFIG__MODULE'.length) {
    return { kind: 'symbol', symbol: name.slice(0, -'_MODULE'.length), test: 'module' };
  }
  return { kind: 'symbol', symbol: name, test: 'defined' };
}

/** The test that `NAME(symbol)` makes in an expression, or null if `NAME` is not such a macro. */
export function enabledTest(macro: string, symbol: string): Condition | null {
  const test = TESTS.get(macro);
  return test === undefined ? null : { kind: 'symbol', symbol, test };
}

function parseOr(reader: Reader, depth: number): Condition | null {
  const parts: Condition[] = [];
  for (;;) {
    const part = parseAnd(reader, depth);
    if (part === null) return null;
    parts.push(part);
    if (reader.tokens[reader.at] !== '||') return parts.length === 1 ? part : combine('or', parts);
    reader.at++;
  }
}

function parseAnd(reader: Reader, depth: number): Condition | null {
  const parts: Condition[] = [];
  for (;;) {
    const part = parseOperand(reader, depth);
    if (part === null) return null;
    parts.push(part);
    if (reader.tokens[reader.at] !== '&&') return parts.length === 1 ? part : combine('and', parts);
    reader.at++;
  }
}

/** An operand of `&&`: a unary test, or else everything up to the end of the operand as one opaque test. */
function parseOperand(reader: Reader, depth: number): Condition | null {
  const from = reader.at;
  const unary = parseUnary(reader, depth);
  if (unary !== null && isOperandEnd(reader.tokens[reader.at])) return unary;
  reader.at = from;
  let nesting = 0;
  while (reader.at < reader.tokens.length) {
    const token = reader.tokens[reader.at]!;
    if (token === '(') nesting++;
    else if (token === ')' && nesting-- === 0) break;
    else if (nesting === 0 && isOperandEnd(token)) break;
    reader.at++;
  }
  return reader.at === from ? null : opaque(reader.tokens.slice(from, reader.at));
}

function isOperandEnd(token: string | undefined): boolean {
  return token === undefined || token === ')' || token === '&&' || token === '||';
}

function parseUnary(reader: Reader, depth: number): Condition | null {
  if (depth > MAX_DEPTH) return null;
  const token = reader.tokens[reader.at];
  if (token === undefined) return null;
  if (token === '!') {
    reader.at++;
    const operand = parseUnary(reader, depth + 1);
    return operand === null ? null : negate(operand);
  }
  if (token === '(') {
    reader.at++;
    const inner = parseOr(reader, depth + 1);
    if (inner === null || reader.tokens[reader.at] !== ')') return null;
    reader.at++;
    return inner;
  }
  const first = token.charCodeAt(0);
  if (first >= 48 && first <= 57) {
    reader.at++;
    return isZero(token) ? FALSE : TRUE;
  }
  if (!isWordCode(first)) return null;
  reader.at++;
  const next = reader.tokens[reader.at];
  if (token === 'defined') {
    const bare = next !== '(';
    const name = reader.tokens[bare ? reader.at : reader.at + 1];
    if (name === undefined || !isWordCode(name.charCodeAt(0))) return null;
    if (!bare && reader.tokens[reader.at + 2] !== ')') return null;
    reader.at += bare ? 1 : 3;
    return definedTest(name);
  }
  if (next !== '(') return definedTest(token);
  const symbol = reader.tokens[reader.at + 1];
  if (symbol === undefined || reader.tokens[reader.at + 2] !== ')') return null;
  const test = enabledTest(token, symbol);
  if (test !== null) reader.at += 3;
  return test;
}

/** `a != b`, `a < b` and `a <= b` are the negations of `a == b`, `a >= b` and `a > b`: one symbol for both. */
function opaque(tokens: readonly string[]): Condition {
  let nesting = 0;
  let operator = -1;
  for (const [index, token] of tokens.entries()) {
    if (token === '(') nesting++;
    else if (token === ')') nesting--;
    else if (nesting === 0 && NEGATIONS.has(token)) {
      if (operator >= 0) return { kind: 'opaque', text: tokens.join(' ') };
      operator = index;
    } else if (nesting === 0 && (token === '?' || token === '&&' || token === '||')) {
      return { kind: 'opaque', text: tokens.join(' ') };
    }
  }
  const positive = operator < 0 ? null : NEGATIONS.get(tokens[operator]!)!;
  if (positive === null) return { kind: 'opaque', text: tokens.join(' ') };
  const text = [...tokens.slice(0, operator), positive, ...tokens.slice(operator + 1)].join(' ');
  return { kind: 'not', operand: { kind: 'opaque', text } };
}

const NEGATIONS: ReadonlyMap<string, string | null> = new Map([
  ['!=', '=='],
  ['<', '>='],
  ['<=', '>'],
  ['==', null],
  ['>=', null],
  ['>', null],
]);

function isZero(number: string): boolean {
  for (let i = 0; i < number.length; i++) {
    const code = number.charCodeAt(i) | 32;
    // 0, x, u, l are the characters that a zero may be written with.
    if (code !== 48 && code !== 120 && code !== 117 && code !== 108) return false;
  }
  return true;
}

function isWordCode(code: number): boolean {
  return code === 95 || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code >= 128;
}

const TWO = new Set(['&&', '||', '==', '!=', '<=', '>=', '<<', '>>']);

function split(text: string): string[] {
  const tokens: string[] = [];
  let i = 0;
  while (i < text.length) {
    const code = text.charCodeAt(i);
    if (code <= 32 || code === 92) {
      i++;
    } else if (text.startsWith('/*', i)) {
      const close = text.indexOf('*/', i + 2);
      i = close < 0 ? text.length : close + 2;
    } else if (text.startsWith('//', i)) {
      const close = text.indexOf('\n', i);
      i = close < 0 ? text.length : close;
    } else if (isWordCode(code) || (code >= 48 && code <= 57)) {
      const from = i;
      do {
        i++;
      } while (i < text.length && (isWordCode(text.charCodeAt(i)) || isDigit(text.charCodeAt(i))));
      tokens.push(text.slice(from, i));
    } else {
      const two = text.slice(i, i + 2);
      tokens.push(TWO.has(two) ? two : text[i]!);
      i += TWO.has(two) ? 2 : 1;
    }
  }
  return tokens;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
