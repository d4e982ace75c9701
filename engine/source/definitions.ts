/** Guessing, from the text alone, whether a file defines a function or a function-like macro. */
import { lineCursor } from './line-cursor.ts';
import { baseName } from './path.ts';
import { isWordCode, wordOffsets } from './words.ts';

/** How far behind a name its body may begin: parameters, attributes and a comment or two. */
const HEAD_LIMIT = 4000;
/** Nothing that stands further right on its line is being defined. */
const LINE_LIMIT = 300;
/** No file defines or declares one name more often than this. */
const MOST_HEADS = 2000;

/** Whether a file is C, by its name: `.c`, `.h` and what is included like them. */
export function isCFile(path: string): boolean {
  const name = baseName(path);
  const dot = name.lastIndexOf('.');
  if (dot < 0) return false;
  const extension = name.slice(dot + 1);
  return extension === 'c' || extension === 'h' || extension === 'inc';
}

/**
 * Whether a C file looks as if it defined `name`: `#define name(`, a function with its body, or a definition by
 * a macro that takes the name first (`SYSCALL_DEFINE2(name, …)`, `DEFINE_GUARD(name, …)`).
 */
export function hasDefinition(path: string, text: string, name: string): boolean {
  if (!isCFile(path)) return false;
  for (const [at, head] of heads(text, name)) if (isDefinition(text, at, name.length, head)) return true;
  return false;
}

/** Whether a C file looks as if it declared the function `name` without a body: a prototype, so that a body is elsewhere. */
export function hasPrototype(text: string, name: string): boolean {
  for (const [at, before] of heads(text, name)) {
    if (!isHead(before) || before.startsWith('return') || before.startsWith('static')) continue;
    const open = skipBlanks(text, at + name.length);
    if (text[open] !== '(' || (before === '' && !isContinuation(text, at))) continue;
    if (closing(text, open) === ';') return true;
  }
  return false;
}

/** Whether the identifier at `at` is being defined there, going by what stands around it. */
export function isDefinitionAt(text: string, at: number, length: number): boolean {
  const before = lineHead(text, at);
  return before !== null && isDefinition(text, at, length, before);
}

/** @param before the text of the line in front of the identifier. */
function isDefinition(text: string, at: number, length: number, before: string): boolean {
  const end = at + length;
  if (/^#[ \t]*define[ \t]+$/.test(before)) return text[end] === '(';
  if (before.endsWith('(')) {
    // SYSCALL_DEFINE2(name, …), DEFINE_GUARD(name, …): a macro at the start of the line; with a semicolon, a variable.
    const macro = before.slice(0, -1);
    if (!macro.includes('DEFINE') || ![...macro].every((char) => isWordCode(char.charCodeAt(0))))
      return false;
    const lineEnd = text.indexOf('\n', end);
    return text[(lineEnd < 0 ? text.length : lineEnd) - 1] !== ';';
  }
  if (!isHead(before)) return false;
  const open = skipBlanks(text, end);
  return text[open] === '(' && closing(text, open) === '{';
}

/** The places of a name that is not far from the beginning of its line, with what stands before it there. */
function* heads(text: string, name: string): Generator<readonly [at: number, before: string]> {
  const lineOf = lineCursor(text);
  let count = 0;
  for (const at of wordOffsets(text, name)) {
    const lineStart = lineOf(at).start;
    if (at - lineStart > LINE_LIMIT) continue;
    const first = text.charCodeAt(lineStart);
    if (first === 32 || first === 9) continue;
    if (++count > MOST_HEADS) return;
    yield [at, text.slice(lineStart, at)];
  }
}

/** The text of the line before `at`; null where it is too long for the head of a definition. */
function lineHead(text: string, at: number): string | null {
  let start = at;
  while (start > 0 && text.charCodeAt(start - 1) !== 10) {
    start--;
    if (at - start > LINE_LIMIT) return null;
  }
  return text.slice(start, at);
}

/** Whether the text before a name on its line can be the type of a function at file scope, attributes included. */
function isHead(before: string): boolean {
  if (before === '') return true;
  if (!isWordCode(before.charCodeAt(0))) return false;
  let depth = 0;
  for (let i = 0; i < before.length; i++) {
    const code = before.charCodeAt(i);
    if (code === 40) depth++;
    else if (code === 41) depth--;
    // Only the arguments of an attribute hold anything but words and stars.
    else if (depth === 0 && !isWordCode(code) && code !== 32 && code !== 9 && code !== 42) return false;
  }
  return depth === 0;
}

/** Whether the line before `lineStart` leaves a declaration open, as a return type on its own line does. */
function isContinuation(text: string, lineStart: number): boolean {
  let end = lineStart - 1;
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--;
  return end > 0 && (isWordCode(text.charCodeAt(end - 1)) || text[end - 1] === '*');
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t') at++;
  return at;
}

/** What ends the head whose parentheses open at `open`: `{` of a body, `;` of a prototype, or something else. */
function closing(text: string, open: number): string {
  let depth = 0;
  const limit = Math.min(text.length, open + HEAD_LIMIT);
  for (let i = open; i < limit; i++) {
    const char = text[i]!;
    if (char === '/' && text[i + 1] === '*') {
      const close = text.indexOf('*/', i + 2);
      if (close < 0) return '';
      i = close + 1;
    } else if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (depth <= 0 && (char === '{' || char === ';' || char === '=' || char === '}' || char === ','))
      return char;
  }
  return '';
}

/**
 * The most likely places first: headers of `include/`, then other headers outside architectures, then C files;
 * tools, samples, tests and architectures last. Within these, by path.
 */
export function orderDefinitions(paths: readonly string[]): string[] {
  return [...new Set(paths)].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0));
}

function rank(path: string): number {
  const top = path.slice(0, path.indexOf('/') + 1);
  if (top === 'tools/' || top === 'samples/' || top === 'scripts/' || top === 'Documentation/') return 5;
  if (top === 'arch/') return path.startsWith('arch/x86/') ? 3 : 4;
  if (top === 'include/') return path.startsWith('include/linux/') ? 0 : 1;
  return 2;
}
