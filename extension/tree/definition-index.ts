/** Which files might define which functions and macros: read off the beginnings of lines, once for a whole tree. */
import { isCFile } from '../../engine/source/index.ts';
import { isWordByte } from './word-filter.ts';
import { readInto } from './word-scan.ts';

/** How far to the right the name in a definition may stand. */
const HEAD_LIMIT = 300;

export interface DefinitionIndex {
  /** Files that might define the name, in the order of the paths given; the files themselves must be looked at. */
  candidates(name: string): readonly string[];
  /** Tells that a file has changed or is new: it is read again before the next question. */
  changed(path: string): void;
}

/**
 * Reads the C files `paths` below `root`. A name is kept for a file where a line that begins at the left edge has it
 * before a parenthesis, or behind the parenthesis of a macro that defines something (`SYSCALL_DEFINE2(name`).
 */
export function definitionIndex(root: string, given: readonly string[]): DefinitionIndex {
  const paths = [...given];
  /** Indices into `paths`, by name: a number where there is one, since most names have one. */
  const files = new Map<string, number | number[]>();
  const pending = new Set<string>();
  let places: Map<string, number> | null = null;

  const add = (name: string, file: number) => {
    const known = files.get(name);
    if (known === undefined) files.set(name, file);
    else if (typeof known === 'number') {
      if (known !== file) files.set(name, [known, file]);
    } else if (file > known[known.length - 1]! || !known.includes(file)) known.push(file);
  };

  const read = (file: number) => {
    const bytes = readInto(`${root}/${paths[file]}`);
    if (bytes !== null) namesIn(bytes, (start, end) => add(bytes.toString('latin1', start, end), file));
  };
  for (const file of paths.keys()) read(file);

  /** What a file no longer defines stays: it is a candidate that turns out to be none. */
  const readPending = () => {
    if (pending.size === 0) return;
    places ??= new Map(paths.map((path, file) => [path, file]));
    for (const path of pending) {
      let file = places.get(path);
      if (file === undefined) {
        file = paths.push(path) - 1;
        places.set(path, file);
      }
      read(file);
    }
    pending.clear();
  };

  return {
    candidates(name) {
      readPending();
      const known = files.get(name);
      const found = known === undefined ? [] : typeof known === 'number' ? [known] : known;
      return found.map((file) => paths[file]!);
    },
    changed(path) {
      if (isCFile(path)) pending.add(path);
    },
  };
}

function namesIn(bytes: Buffer, visit: (start: number, end: number) => void): void {
  const { length } = bytes;
  for (let line = 0; line < length; ) {
    const first = bytes[line]!;
    let end = bytes.indexOf(10, line);
    if (end < 0) end = length;
    if (first === 35) visitMacro(bytes, line + 1, visit);
    // What a semicolon ends on the same line is a declaration.
    else if (isWordByte[first] === 1 && bytes[end - 1] !== 59) visitLine(bytes, line, visit);
    line = end + 1;
  }
}

/** `#define NAME(`: the name ends at the parenthesis. */
function visitMacro(bytes: Buffer, from: number, visit: (start: number, end: number) => void): void {
  let at = skipBlanks(bytes, from);
  if (bytes[at] !== 100 || bytes.toString('latin1', at, at + 6) !== 'define') return;
  at = skipBlanks(bytes, at + 6);
  const end = wordEnd(bytes, at);
  if (end > at && bytes[end] === 40) visit(at, end);
}

function visitLine(bytes: Buffer, line: number, visit: (start: number, end: number) => void): void {
  const limit = Math.min(bytes.length, line + HEAD_LIMIT);
  let start = -1;
  let end = -1;
  for (let i = line; i < limit; ) {
    const byte = bytes[i]!;
    if (byte === 10 || byte === 59 || byte === 61 || byte === 123) return;
    if (isWordByte[byte] === 1) {
      start = i;
      end = wordEnd(bytes, i);
      i = end;
    } else {
      if (byte === 40 && start >= 0) {
        visit(start, end);
        if (start === line) {
          const inner = wordEnd(bytes, i + 1);
          if (inner > i + 1) visit(i + 1, inner);
        }
      }
      if (byte !== 32 && byte !== 9) start = -1;
      i++;
    }
  }
}

function skipBlanks(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === 32 || bytes[at] === 9) at++;
  return at;
}

function wordEnd(bytes: Buffer, from: number): number {
  let end = from;
  while (end < bytes.length && isWordByte[bytes[end]!] === 1) end++;
  return end;
}
