/** Where the lines of a hunk began whose newlines were lost: by diff markers, and by where lines of C end. */

import type { HunkHeader } from './hunk-header.ts';
import { append } from './lines.ts';

export interface Piece {
  readonly from: number;
  readonly to: number;
}

const CONTROL = new Set(['if', 'for', 'while', 'switch', 'else', 'do', 'return', '}']);
const TYPES = new Set([
  'static',
  'struct',
  'void',
  'int',
  'unsigned',
  'bool',
  'long',
  'enum',
  'extern',
  'inline',
  'const',
]);

/**
 * Splits the text of a hunk. The first piece is the section text of the `@@` line, as far as the counts let it be
 * told from the first context line; the others begin with their marker, or are context without one.
 */
export function splitHunkText(text: string, from: number, to: number, header: HunkHeader): Piece[] {
  const marked = splitAtMarkers(text, from, to);
  const [first, ...rest] = marked;
  const pieces: Piece[] = [];
  if (first === undefined) return pieces;
  // Blank context lines are lost: the head of a function in front is a label even where lines seem to be missing.
  const leading = splitCode(text, first.from, first.to);
  const [label, second] = leading.map((piece) => text.slice(piece.from, piece.to));
  const named = label !== undefined && isLabel(label, second ?? '');
  const context = Math.min(3, Math.max(0, header.oldStart - 1), leading.length - (named ? 1 : 0));
  const sectionEnd = leading[leading.length - context - 1]?.to ?? from;
  pieces.push({ from, to: sectionEnd }, ...leading.slice(leading.length - context));
  for (const piece of rest) {
    const end = lineEnd(text, piece.from + 1, piece.to);
    pieces.push(trimmed(text, piece.from, end));
    append(pieces, splitCode(text, end, piece.to));
  }
  return pieces;
}

/** True for what stands behind `@@` more likely than in a context line: the head of a function or of a type. */
function isLabel(code: string, next: string): boolean {
  if (!TYPES.has(firstWord(code, 0))) return false;
  return code.endsWith('{')
    ? TYPES.has(firstWord(next, 0)) && next.includes('(')
    : code.includes('(') && !code.endsWith(';');
}

/** Splits the text of a quoted hunk, where `> ` begins each line; what a reviewer wrote behind a line is left out. */
export function splitQuotedText(text: string, from: number, to: number): Piece[] {
  const pieces: Piece[] = [];
  let start = from;
  let depth = 0;
  for (let at = from; at < to; at++) {
    const character = text[at];
    if (character === '(') depth++;
    if (character === ')') depth = Math.max(0, depth - 1);
    if (character !== '>' || text[at - 1] !== ' ' || (text[at + 1] !== ' ' && at + 1 < to)) continue;
    const next = text[at + 2];
    // Inside parentheses it is an operator, unless the line behind it has a marker.
    if (depth > 0 && next !== '+' && next !== '-' && pieces.length > 0) continue;
    pieces.push(quotedPiece(text, start, at, pieces.length === 0));
    start = Math.min(at + 2, to);
    depth = 0;
  }
  pieces.push(quotedPiece(text, start, to, pieces.length === 0));
  const end = pieces.findIndex((piece) => text.slice(piece.from, piece.to).trim() === '--');
  return end < 0 ? pieces : pieces.slice(0, end);
}

function quotedPiece(text: string, from: number, to: number, isSection: boolean): Piece {
  if (isSection) return trimmed(text, from, to);
  const marker = text[from] === '+' || text[from] === '-' ? 1 : 0;
  if (text.startsWith('--', from) && text.slice(from, from + 3).trim() === '--')
    return { from, to: from + 2 };
  const end = lineEnd(text, from + marker, to);
  return trimmed(text, from, proseStart(text, from + marker, end));
}

/** Where a reviewer's sentence begins behind the code, as three plain words with a capital in front; `to` where none does. */
function proseStart(text: string, from: number, to: number): number {
  const match = /(?:^ ?|[,;(){}:|&] )(?=[A-Z][a-z']{0,20} (?:[a-z']{1,20}[ ,]){2})/.exec(
    text.slice(from, Math.min(to, from + 600)),
  );
  return match === null ? to : from + match.index + match[0].length;
}

function trimmed(text: string, from: number, to: number): Piece {
  let end = to;
  while (end > from && text[end - 1] === ' ') end--;
  return { from, to: end };
}

function splitAtMarkers(text: string, from: number, to: number): Piece[] {
  const pieces: Piece[] = [];
  let start = from;
  let inComment = false;
  for (let at = from; at < to; at++) {
    if (text.startsWith('/*', at)) inComment = true;
    else if (text.startsWith('*/', at)) inComment = false;
    const character = text[at];
    if ((character !== '+' && character !== '-') || (at > from && text[at - 1] !== ' ')) continue;
    if (character === '-' && text.startsWith('-- ', at) && /^\d+\.\d/.test(text.slice(at + 3, at + 10))) {
      pieces.push(trimmed(text, start, at));
      return pieces;
    }
    if (!beginsLine(text, start, at, inComment, pieces.length === 0)) continue;
    pieces.push(trimmed(text, start, at));
    start = at;
  }
  pieces.push(trimmed(text, start, to));
  return pieces;
}

/** True where a `+` or `-` is a marker: the text before it can end a line, and the text behind can begin one. */
function beginsLine(text: string, start: number, at: number, inComment: boolean, isFirst: boolean): boolean {
  const next = text[at + 1] ?? ' ';
  let last = at - 1;
  while (last >= start && text[last] === ' ') last--;
  if (last < start || (last === start && !isFirst)) return true;
  // The middle of a comment, whose beginning may stand above the hunk.
  if (text.startsWith(' * ', at + 1) || text.startsWith(' */', at + 1)) return true;
  if (inComment) return text.startsWith(' *', at + 1) || text.startsWith(' /*', at + 1);
  if (next !== ' ' && !/[A-Za-z_{}#/+\-*]/.test(next)) return false;
  // The kernel's style has spaces on both sides of a binary operator.
  if (text[at] === '+' && next !== ' ') return true;
  if ('{}#'.includes(next)) return true;
  const before = text[last]!;
  const indented = next === ' ';
  const word = firstWord(text, isFirst ? start : start + 1);
  if (text.startsWith('#', skipSpaces(text, isFirst ? start : start + 1))) return true;
  if (';{}\\'.includes(before) || (before === '/' && text[last - 1] === '*')) return true;
  if (before === ':') return true;
  if ('(,=?&|'.includes(before)) return indented;
  if (before === ')') {
    if (text[skipSpaces(text, at + 1)] === '{' || next === '{') return true;
    const head = wordBeforeParenthesis(text, start, last);
    return (CONTROL.has(head) && head !== 'return') || head.includes('for_each');
  }
  if (before === '"') return text[skipSpaces(text, at + 1)] === '"';
  if (before === '*') return !indented && TYPES.has(word);
  if (word === 'else' || word === 'do') return last - skipSpaces(text, isFirst ? start : start + 1) < 6;
  return isFirst ? TYPES.has(word) || text[at] === '+' : TYPES.has(word) && !indented;
}

/** The word in front of the parentheses that close at `close`: `if` of `if (a || b)`. */
function wordBeforeParenthesis(text: string, start: number, close: number): string {
  let depth = 0;
  const least = Math.max(start, close - 1_000);
  for (let at = close; at >= least; at--) {
    if (text[at] === ')') depth++;
    else if (text[at] === '(' && --depth === 0) {
      let end = at;
      while (end > least && text[end - 1] === ' ') end--;
      return /\w{1,40}$/.exec(text.slice(Math.max(least, end - 40), end))?.[0] ?? '';
    }
  }
  return '';
}

function skipSpaces(text: string, at: number): number {
  let end = at;
  while (text[end] === ' ') end++;
  return end;
}

function firstWord(text: string, at: number): string {
  const start = skipSpaces(text, at);
  return /^(?:[A-Za-z_]\w{0,40}|\})/.exec(text.slice(start, start + 42))?.[0] ?? '';
}

/** Splits a run of C into the lines that it likely had. */
function splitCode(text: string, from: number, to: number): Piece[] {
  const pieces: Piece[] = [];
  let at = skipSpaces(text, from);
  while (at < to) {
    const end = lineEnd(text, at, to);
    pieces.push(trimmed(text, at, end));
    at = skipSpaces(text, Math.max(end, at + 1));
  }
  return pieces;
}

/** The index behind the first line of C that begins at `from`. */
function lineEnd(text: string, from: number, to: number): number {
  const start = skipSpaces(text, from);
  if (start >= to) return to;
  if (text[start] === '#') return directiveEnd(text, start, to);
  if (text.startsWith('* ', start) || text.startsWith('*/', start) || text.startsWith('/*', start))
    return commentEnd(text, start, to);
  if (text.startsWith('//', start)) return lineCommentEnd(text, start, to);
  const word = firstWord(text, start);
  if (word === 'else' && !/^else (?:if\b|\{)/.test(text.slice(start, start + 8))) return start + 4;
  let depth = 0;
  for (let at = start; at < to; at++) {
    const character = text[at];
    if (character === '"' || character === "'") at = literalEnd(text, at, to);
    else if (character === '(') depth++;
    else if (character === ')') {
      depth--;
      const next = skipSpaces(text, at + 1);
      if (depth === 0 && CONTROL.has(word) && word !== 'return' && text[next] !== '{' && text[next] !== ';')
        return at + 1;
      if (
        depth === 0 &&
        TYPES.has(word) &&
        /[A-Za-z*}#]/.test(text[next] ?? ' ') &&
        !text.startsWith('__', next)
      )
        return at + 1;
    } else if (depth > 0) continue;
    else if (character === ';') return withTrailingComment(text, at + 1, to);
    else if (character === '{') return braceEnd(text, start, at, word);
    else if (character === '}') {
      const next = skipSpaces(text, at + 1);
      if (
        text.startsWith('else', next) ||
        text.startsWith('while', next) ||
        ';),'.includes(text[next] ?? ' ')
      )
        continue;
      return at === start ? at + 1 : at;
    } else if (
      character === ':' &&
      text[at + 1] === ' ' &&
      (word === 'case' || word === 'default' || at - start === word.length)
    ) {
      return at + 1;
    }
  }
  return to;
}

function literalEnd(text: string, from: number, to: number): number {
  for (let at = from + 1; at < to && at < from + 400; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === text[from]) return at;
  }
  return from;
}

/** A brace ends its line where a statement or a type opens it; the brace of a function stands alone. */
function braceEnd(text: string, start: number, brace: number, word: string): number {
  if (brace === start) return brace + 1;
  let last = brace - 1;
  while (last > start && text[last] === ' ') last--;
  const isFunction =
    text[last] === ')' &&
    !CONTROL.has(word) &&
    !word.includes('for_each') &&
    !text.slice(start, brace).includes('} ');
  return isFunction ? brace : brace + 1;
}

function withTrailingComment(text: string, at: number, to: number): number {
  const next = skipSpaces(text, at);
  if (!text.startsWith('/*', next)) return at;
  const near = text.slice(next, Math.min(to, next + MAX_COMMENT));
  const close = near.indexOf('*/');
  return close >= 0 && !near.slice(0, close).includes(' * ') ? next + close + 2 : at;
}

/** How far the end of a comment is looked for. */
const MAX_COMMENT = 4_000;

function at(index: number, offset: number): number {
  return index < 0 ? -1 : index + offset;
}

function commentEnd(text: string, start: number, to: number): number {
  const near = text.slice(start, Math.min(to, start + MAX_COMMENT));
  const close = at(near.indexOf('*/'), start);
  const star = at(near.indexOf(' * ', 1), start);
  const end = close < 0 || close + 2 > to ? to : close + 2;
  if (star >= 0 && star < end) return star;
  // ` */` stands on a line of its own behind ` * ` lines.
  return text[start] === '*' && end === close + 2 && close > start
    ? text[close - 1] === ' '
      ? close
      : end
    : end;
}

/** A `//` comment has no end of its own: what cannot be its text ends it. */
function lineCommentEnd(text: string, start: number, to: number): number {
  const near = text.slice(start, Math.min(to, start + MAX_COMMENT));
  const ends = [near.indexOf(' #'), near.indexOf(' /*')].filter((index) => index > 0);
  return ends.length === 0 ? to : start + Math.min(...ends);
}

function directiveEnd(text: string, start: number, to: number): number {
  const word = /^#\s{0,3}\w{1,20}/.exec(text.slice(start, start + 24))?.[0] ?? '#';
  let end = start + word.length;
  const name = word.slice(1).trim();
  if (name === 'ifdef' || name === 'ifndef' || name === 'undef' || name === 'include') {
    const next = text.indexOf(' ', skipSpaces(text, end));
    end = next < 0 ? to : next;
  } else if (name !== 'endif' && name !== 'else') return to;
  return Math.min(to, withTrailingComment(text, end, to));
}
