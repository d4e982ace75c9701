/** Finding identifiers in files, by reading them all once and remembering roughly what each contains. */
import fs from 'node:fs';
import { isBinary, LARGEST_FILE } from './text-file.ts';
import { hashOf, isWordByte, makeFilter, mayContain } from './word-filter.ts';

/** Up to this many words are looked for one by one; for more, reading every identifier once is cheaper. */
const DIRECT_WORDS = 16;
/** After this many words have been looked for one by one, the identifiers are remembered. */
const DIRECT_BUDGET = 48;

/** Whether the word at `at` (up to `end`) is one that is looked for; called for whole words only. */
export type Accept = (bytes: Buffer, at: number, end: number) => boolean;

export interface WordScan {
  /** The files of `paths` (below the root) that contain each word where `accept` agrees, in the order of `paths`. */
  find(words: readonly string[], paths: readonly string[], accept?: Accept): Map<string, string[]>;
  /** Forgets what is known of a file, or of all: what has been remembered is not checked again. */
  forget(path?: string): void;
}

/** Searches files below `root`, which are known to be regular files inside it. */
export function wordScan(root: string): WordScan {
  /** A Bloom filter over the hashes of each file's identifiers; null for a file that is searched every time. */
  const filters = new Map<string, Uint32Array | null>();
  let spent = 0;

  return {
    find(words, paths, accept) {
      const found = new Map<string, string[]>(words.map((word) => [word, []]));
      const wanted = [...found.keys()]
        .filter((word) => word !== '')
        .map((word) => ({ word, bytes: Buffer.from(word), hash: hashOf(Buffer.from(word)) }));
      const remembers = wanted.length > DIRECT_WORDS || spent > DIRECT_BUDGET;
      if (!remembers) spent += wanted.length;
      for (const path of paths) {
        let candidates = wanted;
        let filter = filters.get(path);
        if (filter != null) {
          candidates = filtered(wanted, filter);
          if (candidates.length === 0) continue;
        }
        const bytes = readInto(`${root}/${path}`);
        if (bytes === null) continue;
        if (remembers && filter === undefined) {
          filter = makeFilter(bytes);
          filters.set(path, filter);
          if (filter !== null) candidates = filtered(wanted, filter);
        }
        for (const { word, bytes: needle } of candidates) {
          if (containsWord(bytes, needle, accept)) found.get(word)!.push(path);
        }
      }
      return found;
    },
    forget(path) {
      if (path === undefined) filters.clear();
      else filters.delete(path);
    },
  };
}

function filtered<T extends { readonly hash: number }>(wanted: readonly T[], filter: Uint32Array): T[] {
  return wanted.filter(({ hash }) => mayContain(filter, hash));
}

let buffer: Buffer | null = null;

/** One buffer for every file: allocating and clearing one for each costs more than reading. */
function scratch(): Buffer {
  buffer ??= Buffer.allocUnsafeSlow(LARGEST_FILE + 1);
  return buffer;
}

/**
 * The bytes of a regular text file, in a buffer that the next call fills again; null for what is none, is larger than
 * `LARGEST_FILE`, or cannot be read (`read()` on the tree says why: a search just does not find it).
 */
export function readInto(file: string): Buffer | null {
  let fd: number;
  try {
    fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    const read = fs.readSync(fd, scratch(), 0, scratch().length, 0);
    const bytes = read >= scratch().length ? null : scratch().subarray(0, read);
    return bytes === null || isBinary(bytes) ? null : bytes;
  } catch {
    return null;
  } finally {
    fs.closeSync(fd);
  }
}

/** Whether `word` stands in the bytes as a whole identifier, at a place where `accept` agrees. */
export function containsWord(bytes: Buffer, word: Buffer, accept?: Accept): boolean {
  for (let at = bytes.indexOf(word); at >= 0; at = bytes.indexOf(word, at + word.length)) {
    if (at > 0 && isWordByte[bytes[at - 1]!] === 1) continue;
    const end = at + word.length;
    if (end < bytes.length && isWordByte[bytes[end]!] === 1) continue;
    if (accept === undefined || accept(bytes, at, end)) return true;
  }
  return false;
}

/** How far to the left the name in a definition may stand. */
const HEAD_LIMIT = 300;

/**
 * Whether the word can be the name in a definition at file scope: its line begins at the left edge or with `#`, and
 * a parenthesis is next to it. Quick, and never false for what `hasDefinition()` takes for one.
 */
export const mayBeDefined: Accept = (bytes, at, end) => {
  let after = end;
  while (bytes[after] === 32 || bytes[after] === 9) after++;
  if (bytes[after] !== 40 && bytes[at - 1] !== 40) return false;
  let start = at;
  while (start > 0 && bytes[start - 1] !== 10) {
    start--;
    if (at - start > HEAD_LIMIT) return false;
  }
  if (start === at) return true;
  while (bytes[start] === 32 || bytes[start] === 9) start++;
  const first = bytes[start]!;
  return first === 35 || (isWordByte[first] === 1 && (start === 0 || bytes[start - 1] === 10));
};
