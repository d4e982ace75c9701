/** The names that a C file seems to define, read off the starts of its lines: for an index of a whole tree. */

/** Words that stand before a parenthesis at the start of a line and define nothing. */
const NO_NAMES = new Set([
  'if',
  'while',
  'for',
  'switch',
  'return',
  'sizeof',
  'else',
  'do',
  'defined',
  '__attribute__',
]);

/**
 * Names of functions and function-like macros with a body in the text, without repetition. Kernel style is
 * relied on: a definition begins in the first column, and its name stands before the first parenthesis.
 */
export function definedNames(text: string): readonly string[] {
  const names = new Set<string>();
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    let end = text.indexOf('\n', at);
    if (end < 0) end = text.length;
    if (code === HASH) addMacro(text, at, end, names);
    else if (isWordStart(code)) addFunction(text, at, end, names);
    at = end + 1;
  }
  return [...names];
}

const HASH = 35;

function addMacro(text: string, at: number, end: number, names: Set<string>): void {
  if (!text.startsWith('#define', at) && !text.startsWith('# define', at)) return;
  const match = /^#\s?define\s+([A-Za-z_]\w*)\(/.exec(text.slice(at, Math.min(end, at + 200)));
  if (match) names.add(match[1]!);
}

function addFunction(text: string, at: number, end: number, names: Set<string>): void {
  const open = text.indexOf('(', at);
  if (open < 0 || open >= end) return;
  let last = open - 1;
  while (last > at && isBlank(text.charCodeAt(last))) last--;
  let first = last;
  while (first >= at && isWord(text.charCodeAt(first))) first--;
  const name = text.slice(first + 1, last + 1);
  if (name === '' || NO_NAMES.has(name) || !isWordStart(name.charCodeAt(0))) return;
  // A prototype ends in a semicolon before any brace opens; a body opens one.
  for (let look = open; look < text.length && look < open + 2000; look++) {
    const code = text.charCodeAt(look);
    if (code === 123) {
      names.add(name);
      return;
    }
    if (code === 59 || code === 61) return;
  }
}

function isWordStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}

function isWord(code: number): boolean {
  return isWordStart(code) || (code >= 48 && code <= 57);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 42;
}
