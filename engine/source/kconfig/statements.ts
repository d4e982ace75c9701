/** The statements of a Kconfig file, with help texts and comments left out. */

export interface Statement {
  /** The first word of the line, as `config` or `depends`; empty where the line begins with something else. */
  readonly keyword: string;
  /** Offsets of what follows the keyword, up to the end of the (continued) line. */
  readonly start: number;
  readonly end: number;
  /** 1-based line of the keyword. */
  readonly line: number;
}

export interface Token {
  /** `word`: a symbol, number or keyword. `string`: without its quotes. `macro`: `$(…)` as written. */
  readonly kind: 'word' | 'string' | 'macro' | 'operator';
  readonly text: string;
  /** Offset in the file. */
  readonly at: number;
}

const NEWLINE = 10;
const TAB = 9;
const SPACE = 32;
const HASH = 35;
const BACKSLASH = 92;

/** Reads the statements of a Kconfig file in order. Never throws. */
export function readStatements(text: string, from = 0, to = text.length, fromLine = 1): Statement[] {
  const statements: Statement[] = [];
  scanStatements(text, from, to, fromLine, (keyword, start, end, line) => {
    statements.push({ keyword, start, end, line });
  });
  return statements;
}

/**
 * Calls `visit` for each statement between two offsets, the first of which is the beginning of a line. `lineStart` is
 * the offset of the beginning of the statement's line.
 */
export function scanStatements(
  text: string,
  from: number,
  to: number,
  fromLine: number,
  visit: (keyword: string, start: number, end: number, line: number, lineStart: number) => void,
): void {
  let at = from;
  let line = fromLine;
  while (at < to) {
    let start = at;
    while (start < to && (text.charCodeAt(start) === SPACE || text.charCodeAt(start) === TAB)) start++;
    const first = start < to ? text.charCodeAt(start) : NEWLINE;
    if (first === NEWLINE || first === HASH || first === 13) {
      const end = text.indexOf('\n', start);
      at = end < 0 ? to : end + 1;
      line++;
      continue;
    }
    let word = start;
    while (text.charCodeAt(word) === 45) word++;
    const keywordStart = word;
    while (word < to && isKeywordCode(text.charCodeAt(word))) word++;
    const keyword = text.slice(keywordStart, word);
    const ownLine = line;
    let end = text.indexOf('\n', word);
    if (end < 0) end = to;
    while (end < to && isContinued(text, end)) {
      line++;
      const next = text.indexOf('\n', end + 1);
      end = next < 0 ? to : next;
    }
    visit(keyword, word, end, ownLine, at);
    at = end < to ? end + 1 : to;
    line++;
    if (keyword === 'help') {
      const help = skipHelp(text, at, to, line);
      at = help.at;
      line = help.line;
    }
  }
}

function isContinued(text: string, end: number): boolean {
  const before = text.charCodeAt(end - 1) === 13 ? end - 2 : end - 1;
  return text.charCodeAt(before) === BACKSLASH;
}

/** Help goes on while lines are indented as far as its first one; lines without text belong to it. */
function skipHelp(text: string, from: number, to: number, fromLine: number): { at: number; line: number } {
  let at = from;
  let line = fromLine;
  let needed = -1;
  while (at < to) {
    let i = at;
    let column = 0;
    for (; i < to; i++) {
      const code = text.charCodeAt(i);
      if (code === SPACE) column++;
      else if (code === TAB) column = (column & ~7) + 8;
      else break;
    }
    const code = i < to ? text.charCodeAt(i) : NEWLINE;
    if (code !== NEWLINE && code !== 13) {
      if (needed < 0) needed = Math.max(1, column);
      if (column < needed) break;
    }
    const end = text.indexOf('\n', i);
    at = end < 0 ? to : end + 1;
    line++;
  }
  return { at, line };
}

/** The tokens of a part of a Kconfig file, at most `most` of them, comments left out. */
export function readTokens(
  text: string,
  start: number,
  end: number,
  most = Number.POSITIVE_INFINITY,
): Token[] {
  const tokens: Token[] = [];
  let i = start;
  while (i < end && tokens.length < most) {
    const code = text.charCodeAt(i);
    if (code === SPACE || code === TAB || code === NEWLINE || code === 13 || code === BACKSLASH) {
      i++;
    } else if (code === HASH) {
      const close = text.indexOf('\n', i);
      i = close < 0 ? end : close;
    } else if (code === 34 || code === 39) {
      let close = i + 1;
      while (close < end && text.charCodeAt(close) !== code)
        close += text.charCodeAt(close) === BACKSLASH ? 2 : 1;
      tokens.push({ kind: 'string', text: text.slice(i + 1, Math.min(close, end)), at: i });
      i = close + 1;
    } else if (code === 36 && text[i + 1] === '(') {
      let depth = 0;
      let close = i + 1;
      for (; close < end; close++) {
        if (text[close] === '(') depth++;
        else if (text[close] === ')' && --depth === 0) break;
      }
      tokens.push({ kind: 'macro', text: text.slice(i, close + 1), at: i });
      i = close + 1;
    } else if (isSymbolCode(code)) {
      let close = i + 1;
      while (close < end && isSymbolCode(text.charCodeAt(close))) close++;
      tokens.push({ kind: 'word', text: text.slice(i, close), at: i });
      i = close;
    } else {
      const two = text.slice(i, i + 2);
      const operator = ['&&', '||', '!=', '<=', '>=', ':=', '+='].includes(two) ? two : text[i]!;
      tokens.push({ kind: 'operator', text: operator, at: i });
      i += operator.length;
    }
  }
  return tokens;
}

function isKeywordCode(code: number): boolean {
  return isSymbolCode(code) && code !== 46 && code !== 47;
}

/** Characters of a symbol or number: Kconfig also takes dots, slashes and dashes in bare words. */
function isSymbolCode(code: number): boolean {
  return (
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    (code >= 97 && code <= 122) ||
    code === 95 ||
    code === 45 ||
    code === 46 ||
    code === 47
  );
}
