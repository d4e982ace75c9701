/** Expressions that the grammar cannot read as they stand. */
import { behind, blankTokens, makeWord, type Rewrite, wordText } from './rewrite.ts';
import * as T from './tokens.ts';
import * as W from './words.ts';

/** `_Generic(…)`, `alignof(expression)` and `offsetof(type, a.b)`: what the grammar cannot read becomes a word. */
export function takeOperator(rewrite: Rewrite, i: number, limit: number): number {
  const { kinds, words, partner } = rewrite.tokens;
  const next = behind(rewrite, i + 1, limit);
  if (words[i] === W.GENERIC) {
    makeWord(rewrite, i, next - 1, 'other');
    return next;
  }
  let from = i + 2;
  if (words[i] === W.OFFSETOF) {
    while (from < next && kinds[from] !== T.COMMA)
      from = partner[from]! > from ? partner[from]! + 1 : from + 1;
    from++;
  }
  const simple = words[i] === W.OFFSETOF ? from + 2 >= next : isTypeName(rewrite, from, next - 1);
  if (!simple && from < next - 1)
    makeWord(rewrite, from, next - 2, words[i] === W.OFFSETOF ? 'other' : 'type');
  return words[i] === W.OFFSETOF ? i + 1 : simple ? i + 1 : next;
}

function isTypeName(rewrite: Rewrite, from: number, to: number): boolean {
  const { kinds } = rewrite.tokens;
  for (let i = from; i < to; i++) if (kinds[i] !== T.WORD && kinds[i] !== T.STAR) return false;
  return to > from && kinds[from] === T.WORD;
}

/** `"text" MACRO(x)`: the grammar wants a plain word beside a string. */
export function takeString(rewrite: Rewrite, i: number, limit: number): number {
  const { kinds, words, partner } = rewrite.tokens;
  if (kinds[i + 1] !== T.WORD || words[i + 1] !== W.OTHER || i + 2 >= limit) return i + 1;
  if (kinds[i + 2] !== T.PAREN_OPEN || partner[i + 2]! < 0) return i + 2;
  blankTokens(rewrite, i + 2, partner[i + 2]!);
  return partner[i + 2]! + 1;
}

/** The number at `i`: `16 KB` loses its factor, and what is no number (`15_0`, `330A`) becomes a word. */
export function takeNumber(rewrite: Rewrite, i: number, limit: number): number {
  const { kinds, words } = rewrite.tokens;
  if (kinds[i + 1] === T.WORD && words[i + 1] === W.OTHER && i + 1 < limit) {
    blankTokens(rewrite, i + 1, i + 1);
    return i + 2;
  }
  if (!isNumber(wordText(rewrite, i))) makeWord(rewrite, i, i, 'other');
  return i + 1;
}

function isNumber(text: string): boolean {
  if (text.length < 2) return true;
  // Longer than any number; the expression is not linear.
  if (text.length > 80) return false;
  return /^(0[xX][\da-fA-F]+(\.[\da-fA-F]*)?([pP][+-]?\d+)?|0[bB][01]+|(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?)[uUlLfF]*$/.test(
    text,
  );
}

/** `__label__ a, b;` declares labels for a block; it does nothing else. */
export function takeLocalLabels(rewrite: Rewrite, i: number, limit: number): number {
  const { kinds, count } = rewrite.tokens;
  let end = i;
  while (end < limit && end < count && kinds[end] !== T.SEMICOLON && kinds[end] !== T.BRACE_CLOSE) end++;
  blankTokens(rewrite, i, end - 1);
  return end;
}
