/**
 * The one scan of a C file: tokens into typed arrays, preprocessor lines into a list.
 *
 * No configuration is applied and no macro expanded. Comments and white space vanish; a line that begins
 * with `#` is a directive and gives no tokens. Broken text gives tokens as well as it can.
 */
import type { Span } from './ir.ts';
import { classify } from './words.ts';

/** Kinds of tokens. A punctuation character is its own kind (its character code, at least 33). */
export const END = 0;
export const WORD = 1;
export const NUMBER = 2;
export const STRING = 3;
export const CHARACTER = 4;

export const BRACE_OPEN = 123;
export const BRACE_CLOSE = 125;
export const PAREN_OPEN = 40;
export const PAREN_CLOSE = 41;
export const BRACKET_OPEN = 91;
export const BRACKET_CLOSE = 93;
export const SEMICOLON = 59;
export const COMMA = 44;
export const ASSIGN = 61;
export const STAR = 42;
export const COLON = 58;
export const DOT = 46;
export const AMPERSAND = 38;

export type DirectiveKind =
  | 'if'
  | 'ifdef'
  | 'ifndef'
  | 'elif'
  | 'elifdef'
  | 'elifndef'
  | 'else'
  | 'endif'
  | 'define'
  | 'undef'
  | 'include'
  | 'other';

/** A preprocessor line, its continuations included, without the final newline. */
export interface Directive extends Span {
  readonly kind: DirectiveKind;
  /** Offset after the directive's keyword. */
  readonly argument: number;
  /** Index of the first token behind it. */
  readonly token: number;
}

/** Tokens of a stretch of text. The arrays are longer than `count`, which ends with one END token. */
export interface Tokens {
  kinds: Uint8Array;
  /** Word classes, see words.ts; 0 for tokens that are not words. */
  words: Uint8Array;
  starts: Int32Array;
  ends: Int32Array;
  /** Without the END token. */
  count: number;
  directives: Directive[];
  problems: (Span & { readonly message: string })[];
}

const SPACE_CLASS = 1;
const WORD_CLASS = 2;
const DIGIT_CLASS = 3;
const CLASSES = classes();

function classes(): Uint8Array {
  const table = new Uint8Array(256);
  for (let code = 0; code < 256; code++) {
    if (code <= 32 || code === 92 || code === 127) table[code] = SPACE_CLASS;
    else if (code >= 48 && code <= 57) table[code] = DIGIT_CLASS;
    else if (code === 95 || code >= 128 || isLetter(code)) table[code] = WORD_CLASS;
  }
  return table;
}

function isLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}

/** Empty arrays for `tokenise()` to fill; they grow as needed and can be used again. */
export function newTokens(): Tokens {
  return {
    kinds: new Uint8Array(4096),
    words: new Uint8Array(4096),
    starts: new Int32Array(4096),
    ends: new Int32Array(4096),
    count: 0,
    directives: [],
    problems: [],
  };
}

function grow(tokens: Tokens): void {
  const size = tokens.kinds.length * 2;
  const { kinds, words, starts, ends } = tokens;
  tokens.kinds = new Uint8Array(size);
  tokens.kinds.set(kinds);
  tokens.words = new Uint8Array(size);
  tokens.words.set(words);
  tokens.starts = new Int32Array(size);
  tokens.starts.set(starts);
  tokens.ends = new Int32Array(size);
  tokens.ends.set(ends);
}

/**
 * Scans `text` from `from` to `to` into `tokens`, replacing what they held. `from` must not lie inside a
 * comment or literal. `lineStart` says whether a `#` at `from` would be a directive. Without `directives` no
 * `#` begins one: the replacement text of a macro.
 */
export function tokenise(
  text: string,
  from: number,
  to: number,
  tokens: Tokens,
  lineStart = true,
  directives = true,
): void {
  tokens.directives = [];
  tokens.problems = [];
  const table = CLASSES;
  let { kinds, words, starts, ends } = tokens;
  let capacity = kinds.length - 2;
  let count = 0;
  let i = from;
  let fresh = lineStart;
  while (i < to) {
    const code = text.charCodeAt(i);
    const kind = code < 256 ? table[code]! : WORD_CLASS;
    if (kind === SPACE_CLASS) {
      if (code === 10) fresh = directives;
      i++;
      continue;
    }
    if (count >= capacity) {
      grow(tokens);
      ({ kinds, words, starts, ends } = tokens);
      capacity = kinds.length - 2;
    }
    const start = i;
    if (kind === WORD_CLASS) {
      i++;
      while (i < to) {
        const next = text.charCodeAt(i);
        if (next < 256 && table[next]! < WORD_CLASS) break;
        i++;
      }
      kinds[count] = WORD;
      words[count] = classify(text, start, i);
    } else if (kind === DIGIT_CLASS) {
      i = skipNumber(text, i + 1, to);
      kinds[count] = NUMBER;
      words[count] = 0;
    } else if (code === 47 && i + 1 < to && isCommentStart(text.charCodeAt(i + 1))) {
      if (text.charCodeAt(i + 1) === 42) {
        const close = text.indexOf('*/', i + 2);
        if (close < 0 || close + 2 > to) {
          tokens.problems.push({ at: i, end: to, message: 'comment without an end' });
          i = to;
        } else {
          i = close + 2;
        }
      } else {
        i = lineEnd(text, i, to);
      }
      continue;
    } else if (code === 34 || code === 39) {
      i = skipLiteral(text, i, to, code);
      kinds[count] = code === 34 ? STRING : CHARACTER;
      words[count] = 0;
    } else if (code === 35 && fresh) {
      i = directive(text, i, to, count, tokens);
      continue;
    } else {
      i++;
      kinds[count] = code;
      words[count] = 0;
    }
    starts[count] = start;
    ends[count] = i;
    count++;
    fresh = false;
  }
  kinds[count] = END;
  words[count] = 0;
  starts[count] = to;
  ends[count] = to;
  tokens.count = count;
}

function isCommentStart(code: number): boolean {
  return code === 42 || code === 47;
}

function skipNumber(text: string, from: number, to: number): number {
  let i = from;
  while (i < to) {
    const code = text.charCodeAt(i);
    if (code === 46) {
      // `case 1...5` is a range, not a number with dots.
      if (text.charCodeAt(i + 1) === 46) break;
      i++;
    } else if (code < 256 && CLASSES[code]! >= WORD_CLASS) {
      i++;
    } else if (code === 43 || code === 45) {
      // A sign belongs to the number behind an exponent only: 1e-3, 0x1p+4; but 0x1e-3 is a subtraction.
      const before = text.charCodeAt(i - 1) | 32;
      const hexadecimal = (text.charCodeAt(from) | 32) === 120;
      if (before !== (hexadecimal ? 112 : 101)) break;
      i++;
    } else {
      break;
    }
  }
  return i;
}

/** The end of a string or character literal; one that its line does not end stops there. */
function skipLiteral(text: string, from: number, to: number, quote: number): number {
  let i = from + 1;
  while (i < to) {
    const code = text.charCodeAt(i);
    if (code === quote) return i + 1;
    if (code === 10) return i;
    if (code === 92) {
      i += text.charCodeAt(i + 1) === 13 && text.charCodeAt(i + 2) === 10 ? 3 : 2;
    } else {
      i++;
    }
  }
  return Math.min(i, to);
}

/** The newline that ends the logical line (or `to`), line continuations taken into account. */
function lineEnd(text: string, from: number, to: number): number {
  let i = from;
  for (;;) {
    const newline = text.indexOf('\n', i);
    if (newline < 0 || newline >= to) return to;
    let last = newline - 1;
    if (text.charCodeAt(last) === 13) last--;
    if (text.charCodeAt(last) !== 92 || last < from) return newline;
    i = newline + 1;
  }
}

const KINDS: ReadonlyMap<string, DirectiveKind> = new Map([
  ['if', 'if'],
  ['ifdef', 'ifdef'],
  ['ifndef', 'ifndef'],
  ['elif', 'elif'],
  ['elifdef', 'elifdef'],
  ['elifndef', 'elifndef'],
  ['else', 'else'],
  ['endif', 'endif'],
  ['define', 'define'],
  ['undef', 'undef'],
  ['include', 'include'],
]);

function directive(text: string, at: number, to: number, token: number, tokens: Tokens): number {
  let i = at + 1;
  while (i < to && isBlank(text.charCodeAt(i))) i++;
  const word = i;
  while (i < to && isLetter(text.charCodeAt(i))) i++;
  const kind = KINDS.get(text.slice(word, i)) ?? 'other';
  const end = directiveEnd(text, i, to, kind === 'define' || kind.includes('if'));
  tokens.directives.push({ kind, at, end, argument: Math.min(i, end), token });
  return end;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/** As lineEnd(), but a comment that begins on the line carries it on to where the comment ends. */
function directiveEnd(text: string, from: number, to: number, literals: boolean): number {
  let end = lineEnd(text, from, to);
  let i = from;
  while (i < end) {
    const code = text.charCodeAt(i);
    if (literals && (code === 34 || code === 39)) {
      i = skipLiteral(text, i, end, code);
    } else if (code === 47 && text.charCodeAt(i + 1) === 42) {
      const close = text.indexOf('*/', i + 2);
      if (close < 0 || close + 2 > to) return to;
      i = close + 2;
      if (i > end) end = lineEnd(text, i, to);
    } else if (code === 47 && text.charCodeAt(i + 1) === 47) {
      return end;
    } else {
      i++;
    }
  }
  return end;
}
