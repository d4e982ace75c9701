/** Quote marks of mail, and the marks with which reviewers say that they cut something. */
import type { Line } from './lines.ts';

/**
 * What stands before each line of a diff: a number of `>` marks, with or without a space behind the last one,
 * or a fixed text (an indentation, `| `, the initials of supercite).
 */
export type Prefix =
  | { readonly kind: 'quote'; readonly depth: number; readonly spaced: boolean }
  | { readonly kind: 'literal'; readonly text: string };

export const NO_PREFIX: Prefix = { kind: 'quote', depth: 0, spaced: false };

/** Nobody quotes deeper; further marks are text. */
const MAX_DEPTH = 60;

/** How often a text is quoted, and where the last mark ends. `> > x`, `>> x` and `> >x` are all of depth 2. */
export function quoteDepth(text: string): { readonly depth: number; readonly end: number } {
  let depth = 0;
  let end = 0;
  while (depth < MAX_DEPTH) {
    const at = depth > 0 && text[end] === ' ' ? end + 1 : end;
    if (text[at] !== '>') return { depth, end };
    depth++;
    end = at + 1;
  }
  return { depth, end };
}

/** The prefix that the text begins with, taken as quote marks. */
export function quotePrefix(text: string): { readonly prefix: Prefix; readonly end: number } {
  const { depth, end } = quoteDepth(text);
  if (depth === 0) return { prefix: NO_PREFIX, end: 0 };
  const spaced = text[end] === ' ';
  return { prefix: { kind: 'quote', depth, spaced }, end: spaced ? end + 1 : end };
}

/** The index at which the line's own text begins under a prefix; -1 where the line does not have the prefix. */
export function bodyStart(line: Line, prefix: Prefix): number {
  const { text } = line;
  if (prefix.kind === 'literal') {
    if (text.startsWith(prefix.text)) return prefix.text.length;
    return text === prefix.text.trimEnd() ? text.length : -1;
  }
  if (prefix.depth === 0) return text[0] === '>' ? -1 : 0;
  const { depth, end } = quoteDepth(text);
  if (depth !== prefix.depth) return -1;
  return prefix.spaced && text[end] === ' ' ? end + 1 : end;
}

/** True where lines under `a` and lines under `b` can be of the same diff. */
export function samePrefix(a: Prefix, b: Prefix): boolean {
  if (a.kind === 'literal' || b.kind === 'literal') {
    return a.kind === 'literal' && b.kind === 'literal' && a.text === b.text;
  }
  return a.depth === b.depth;
}

export function depthOf(prefix: Prefix): number {
  return prefix.kind === 'quote' ? prefix.depth : 0;
}

const CUT_WORDS = new Set([
  '...',
  '....',
  '.....',
  '..',
  '…',
  'snip',
  'snipped',
  'cut',
  'trimmed',
  'skip',
  'skipped',
  'deleted',
  'elided',
  '...snip...',
  '..snip..',
  '...snipped...',
]);

/** True for `[...]`, `[ ... ]`, `[snip]`, `<snip>`, `...`, `[ 20 lines skipped ]` and their like. */
export function isCutMark(text: string): boolean {
  if (text.length > 80) return false;
  const trimmed = text.trim();
  if (trimmed.length < 3 && trimmed !== '…') return false;
  const first = trimmed[0]!;
  const bracketed = '[(<{-*8'.includes(first);
  if (!bracketed && first !== '.' && first !== '…' && first !== 's' && first !== 'S') return false;
  let start = 0;
  let end = trimmed.length;
  while (start < end && '[]()<>{}-*=8 '.includes(trimmed[start]!)) start++;
  while (end > start && '[]()<>{}-*=8 '.includes(trimmed[end - 1]!)) end--;
  const inner = trimmed.slice(start, end).toLowerCase();
  if (CUT_WORDS.has(inner)) return bracketed || first === '.' || first === '…' || inner.startsWith('snip');
  if (first !== '[' && first !== '<') return false;
  if (inner.startsWith('...') || inner.endsWith('...') || inner.startsWith('…')) return true;
  const words = inner.split(' ');
  const counts =
    words.includes('lines') && words.some((word) => word !== '' && '0123456789'.includes(word[0]!));
  return (counts || words.some((word) => CUT_WORDS.has(word))) && words.length <= 8;
}
