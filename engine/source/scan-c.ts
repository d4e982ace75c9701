/** Finding identifiers in C (and assembler, linker scripts, device trees) outside comments and strings. */
import { isWordCode } from './words.ts';

export interface CWord {
  readonly at: number;
  readonly word: string;
  /**
   * The directive whose line this is, without `#` (`if`, `define`, …), or null in code. In a `define` or `undef`,
   * `isName` is true for what is being defined.
   */
  readonly directive: string | null;
  readonly isName: boolean;
  /** The identifier before the parentheses that directly surround this word, `IS_ENABLED` in `IS_ENABLED(X)`; or null. */
  readonly inside: string | null;
  /** True where an opening parenthesis follows. */
  readonly isCalled: boolean;
}

/** Directives whose text is prose. */
const PROSE = new Set(['error', 'warning', 'pragma', 'ident']);
const DIRECTIVES = new Set([
  ...['if', 'ifdef', 'ifndef', 'elif', 'elifdef', 'elifndef', 'else', 'endif', 'define', 'undef', 'include'],
  ...['include_next', 'line', 'import', ...PROSE],
]);

/** The places where one of `words` stands as a whole identifier, in order. Linear, whatever the text. */
export function scanC(text: string, words: ReadonlySet<string>): CWord[] {
  const found: CWord[] = [];
  const length = text.length;
  let directive: string | null = null;
  let named = false;
  let lineHasText = false;
  /** The identifiers in front of the open parentheses, and the last identifier if nothing but blanks followed it. */
  const callers: (string | null)[] = [];
  let last: string | null = null;
  let i = 0;
  while (i < length) {
    const code = text.charCodeAt(i);
    if (code === 10) {
      directive = null;
      lineHasText = false;
      i++;
    } else if (code === 92 && isLineEnd(text, i + 1)) {
      // A continued line: the directive goes on.
      i = text.indexOf('\n', i) + 1;
    } else if (code === 32 || code === 9 || code === 13 || code === 12) {
      i++;
    } else if (code === 47 && text[i + 1] === '*') {
      const close = text.indexOf('*/', i + 2);
      i = close < 0 ? length : close + 2;
    } else if (code === 47 && text[i + 1] === '/') {
      i = endOfLine(text, i);
    } else if (code === 34) {
      i = skipString(text, i);
      lineHasText = true;
      last = null;
    } else if (code === 39) {
      i = skipCharacter(text, i);
      lineHasText = true;
      last = null;
    } else if (code === 35 && !lineHasText) {
      const start = skipBlanks(text, i + 1);
      const end = wordEnd(text, start);
      const name = text.slice(start, end);
      lineHasText = true;
      callers.length = 0;
      last = null;
      if (PROSE.has(name) || (name !== '' && !DIRECTIVES.has(name))) {
        // Prose, or a comment of the assembler.
        i = endOfLine(text, end);
      } else {
        directive = name;
        named = false;
        i = Math.max(end, i + 1);
      }
    } else if (isWordCode(code)) {
      const end = wordEnd(text, i);
      const word = text.slice(i, end);
      lineHasText = true;
      const isName = !named && (directive === 'define' || directive === 'undef');
      named = true;
      if (words.has(word)) {
        const inside = callers.length > 0 ? callers[callers.length - 1]! : null;
        const isCalled = text[skipBlanks(text, end)] === '(';
        found.push({ at: i, word, directive, isName, inside, isCalled });
      }
      last = word;
      i = end;
    } else {
      if (code === 40) {
        // Deeply nested parentheses are no code: what surrounds them no longer matters.
        if (callers.length < 1000) callers.push(last);
      } else if (code === 41) callers.pop();
      else if (code === 59 || code === 123 || code === 125) callers.length = 0;
      last = null;
      lineHasText = true;
      i++;
    }
  }
  return found;
}

function isLineEnd(text: string, at: number): boolean {
  return text[at] === '\n' || (text[at] === '\r' && text[at + 1] === '\n');
}

function endOfLine(text: string, from: number): number {
  let end = from;
  for (;;) {
    end = text.indexOf('\n', end);
    if (end < 0) return text.length;
    const before = text.charCodeAt(end - 1) === 13 ? end - 2 : end - 1;
    if (text.charCodeAt(before) !== 92 || before < from) return end;
    end++;
  }
}

function skipString(text: string, from: number): number {
  for (let i = from + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 92) i++;
    else if (code === 34) return i + 1;
    else if (code === 10) return i;
  }
  return text.length;
}

/** A quote with no partner close by is an apostrophe in an assembler's comment. */
function skipCharacter(text: string, from: number): number {
  for (let i = from + 1; i < Math.min(text.length, from + 12); i++) {
    const code = text.charCodeAt(i);
    if (code === 92) i++;
    else if (code === 39) return i + 1;
    else if (code === 10) break;
  }
  return from + 1;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t') at++;
  return at;
}

function wordEnd(text: string, from: number): number {
  let end = from;
  while (end < text.length && isWordCode(text.charCodeAt(end))) end++;
  return end;
}
