/** Guessing, from the text alone, whether a file defines a function or a function-like macro. */
import { baseName } from './path.ts';
import { isWordCode, wordOffsets } from './words.ts';

/** How far behind a name its body may begin: parameters, attributes and a comment or two. */
const HEAD_LIMIT = 4000;

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
  for (const at of wordOffsets(text, name)) if (isDefinitionAt(text, at, name.length)) return true;
  return false;
}

/** Whether the identifier at `at` is being defined there, going by what stands around it. */
export function isDefinitionAt(text: string, at: number, length: number): boolean {
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  const before = text.slice(lineStart, at);
  const end = at + length;
  if (/^[ \t]*#[ \t]*define[ \t]+$/.test(before)) return text[end] === '(';
  if (before !== '' && !isWordCode(before.charCodeAt(0))) return false;
  let open = end;
  while (open < text.length && (text[open] === ' ' || text[open] === '\t')) open++;
  if (before.endsWith('(') || before.endsWith(', ') || before.endsWith(',')) {
    // SYSCALL_DEFINE2(name, …), DEFINE_GUARD(name, …): a macro in capitals at the start of the line.
    const macro = before.slice(0, before.indexOf('('));
    return macro.includes('DEFINE') && /^[A-Z_0-9a-z]+$/.test(macro) && before.endsWith('(');
  }
  if (text[open] !== '(') return false;
  // An assignment or an operator before the name makes it a use.
  for (let i = 0; i < before.length; i++) {
    const char = before[i]!;
    if (
      !isWordCode(char.charCodeAt(0)) &&
      char !== ' ' &&
      char !== '\t' &&
      char !== '*' &&
      char !== '(' &&
      char !== ')'
    ) {
      return false;
    }
  }
  return bodyFollows(text, open);
}

/** Whether an opening brace comes before a semicolon behind the parentheses that open at `open`. */
function bodyFollows(text: string, open: number): boolean {
  let depth = 0;
  const limit = Math.min(text.length, open + HEAD_LIMIT);
  for (let i = open; i < limit; i++) {
    const char = text[i];
    if (char === '/' && text[i + 1] === '*') {
      const close = text.indexOf('*/', i + 2);
      if (close < 0) return false;
      i = close + 1;
    } else if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (depth <= 0 && char === '{') return true;
    else if (depth <= 0 && (char === ';' || char === '=' || char === '}' || char === ',')) return false;
  }
  return false;
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
