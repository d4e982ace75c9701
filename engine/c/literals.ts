/** Numbers and characters as C writes them. */
import type { Expr } from './ir.ts';

/**
 * A C number, suffixes included (`0x1fUL`, `017`, `0b11`, `1'000`). Values above 2^53 lose their lowest digits;
 * what is no number after all is unknown.
 */
export function numberOf(text: string): Expr {
  const value = parseNumber(text);
  return Number.isNaN(value) ? { kind: 'unknown', text } : { kind: 'number', value, text };
}

function parseNumber(text: string): number {
  if (text.length === 1) {
    const digit = text.charCodeAt(0) - 48;
    return digit >= 0 && digit <= 9 ? digit : Number.NaN;
  }
  const isHex = text.charCodeAt(0) === 48 && (text.charCodeAt(1) | 32) === 120;
  let end = text.length;
  // Suffixes: u, l, and f where it is no digit.
  for (; end > 1; end--) {
    const code = text.charCodeAt(end - 1) | 32;
    if (code !== 117 && code !== 108 && (isHex || code !== 102)) break;
  }
  let digits = end === text.length ? text : text.slice(0, end);
  if (digits.includes("'")) digits = digits.replaceAll("'", '');
  const isOctal = digits.length > 1 && digits.charCodeAt(0) === 48 && /^[0-7]+$/.test(digits);
  return isOctal ? Number.parseInt(digits, 8) : Number(digits);
}

const ESCAPES: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
  e: 27,
};

/** A character literal such as `'a'`, `'\n'`, `'\x1b'` or `L'x'`. */
export function characterOf(text: string): Expr {
  const inner = text.slice(text.indexOf("'") + 1, -1);
  let value = inner.codePointAt(0) ?? 0;
  if (inner.startsWith('\\')) {
    const escaped = inner.slice(1);
    if (escaped.startsWith('x')) value = Number.parseInt(escaped.slice(1), 16);
    else if (/^[0-7]/.test(escaped)) value = Number.parseInt(escaped, 8);
    else value = ESCAPES[escaped.charAt(0)] ?? escaped.codePointAt(0) ?? 0;
  }
  return { kind: 'number', value: Number.isNaN(value) ? 0 : value, text };
}
