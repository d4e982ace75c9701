/** A quick reading of kernel text for measurements: who is called, who is defined, with how many parameters. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface KernelText {
  /** Call sites by name. */
  readonly calls: ReadonlyMap<string, number>;
  /** Names that have a body or a macro definition somewhere. */
  readonly defined: ReadonlySet<string>;
  /** The numbers of parameters that a name is declared or defined with; -1 for a variable number. */
  readonly arities: ReadonlyMap<string, ReadonlySet<number>>;
}

/** Reads every C file below these folders. */
export function readKernel(root: string, folders: readonly string[]): KernelText {
  const calls = new Map<string, number>();
  const defined = new Set<string>();
  const arities = new Map<string, Set<number>>();
  const note = (name: string, count: number) => {
    const set = arities.get(name) ?? new Set<number>();
    set.add(count);
    arities.set(name, set);
  };
  for (const folder of folders)
    for (const file of cFiles(join(root, folder))) readText(readFileSync(file, 'utf8'));
  return { calls, defined, arities };

  function readText(raw: string): void {
    const text = withoutComments(raw);
    for (const match of text.matchAll(/^[ \t]*#[ \t]*define[ \t]+(\w+)(\(([^)]*)\))?/gm)) {
      defined.add(match[1]!);
      if (match[2] !== undefined) note(match[1]!, countParameters(match[3]!));
    }
    for (const match of text.matchAll(/\b([A-Za-z_]\w*)\(/g)) {
      const name = match[1]!;
      const open = match.index + match[0].length - 1;
      const lineStart = text.lastIndexOf('\n', match.index) + 1;
      const before = text.slice(lineStart, match.index);
      if (
        /^\s/.test(before) || before === ''
          ? !atColumnZero(text, lineStart, match.index)
          : /[=(,!&|?:]/.test(before)
      ) {
        calls.set(name, (calls.get(name) ?? 0) + 1);
        continue;
      }
      const close = closing(text, open);
      if (close < 0) continue;
      const after = text.slice(close + 1, close + 200);
      const tail = /^(?:\s*__\w+(?:\([^;{]*?\))?)*\s*([{;])/.exec(after)?.[1];
      if (tail === undefined) continue;
      note(name, countParameters(text.slice(open + 1, close)));
      if (tail === '{') defined.add(name);
    }
  }
}

/** True for a name that begins its line: a definition whose type is on the line before. */
function atColumnZero(text: string, lineStart: number, at: number): boolean {
  return lineStart === at && !/[;{}]\s*$/.test(text.slice(Math.max(0, lineStart - 3), lineStart));
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ' ').replace(/\\\n/g, ' ');
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < Math.min(text.length, open + 2000); at++) {
    if (text[at] === '(') depth++;
    else if (text[at] === ')' && --depth === 0) return at;
  }
  return -1;
}

function countParameters(list: string): number {
  const text = list.trim();
  if (text === '' || text === 'void') return 0;
  if (text.includes('...')) return -1;
  let depth = 0;
  let count = 1;
  for (const char of text) {
    if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (char === ',' && depth === 0) count++;
  }
  return count;
}

function cFiles(folder: string): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...cFiles(path));
    else if (/\.[ch]$/.test(entry.name)) found.push(path);
  }
  return found;
}
