/** Finding identifiers in files, by reading them all once and remembering roughly what each contains. */
import fs from 'node:fs';
import { isBinary, LARGEST_FILE } from './confined-files.ts';

/** Up to this many words are looked for one by one; for more, reading every identifier once is cheaper. */
const DIRECT_WORDS = 6;
/** After this many direct searches the identifiers are remembered. */
const DIRECT_SEARCHES = 4;
/** Bits of a file's filter for each different identifier in it: two words in a hundred are looked for in vain. */
const BITS_PER_WORD = 8;
const PROBES = 4;

export interface WordScan {
  /** The files of `paths` (below the root) that contain each word, in the order of `paths`. */
  find(words: readonly string[], paths: readonly string[]): Map<string, string[]>;
  /** Forgets what is known of a file, or of all. */
  forget(path?: string): void;
}

interface Entry {
  readonly size: number;
  readonly mtime: number;
  /** A Bloom filter over the hashes of the file's identifiers; null where it has not been made. */
  readonly filter: Uint32Array | null;
}

/** Searches files below `root`, which are known to be regular files inside it. */
export function wordScan(root: string): WordScan {
  const entries = new Map<string, Entry>();
  let searches = 0;

  const load = (path: string): Buffer | null => {
    let fd: number;
    try {
      fd = fs.openSync(
        `${root}/${path}`,
        fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK,
      );
    } catch {
      // The file went away or may not be read: `read()` on it says why, and a search just does not find it.
      return null;
    }
    try {
      const read = fs.readSync(fd, scratch(), 0, scratch().length, 0);
      return read >= scratch().length ? null : scratch().subarray(0, read);
    } catch {
      return null;
    } finally {
      fs.closeSync(fd);
    }
  };

  /** The entry of a file if it is as it was when the entry was made. */
  const fresh = (path: string): Entry | null => {
    const entry = entries.get(path);
    if (entry === undefined) return null;
    const stat = fs.lstatSync(`${root}/${path}`, { throwIfNoEntry: false });
    return stat !== undefined && stat.size === entry.size && stat.mtimeMs === entry.mtime ? entry : null;
  };

  const remember = (path: string, bytes: Buffer): Uint32Array | null => {
    const stat = fs.lstatSync(`${root}/${path}`, { throwIfNoEntry: false });
    const filter = makeFilter(bytes);
    if (stat !== undefined) entries.set(path, { size: stat.size, mtime: stat.mtimeMs, filter });
    return filter;
  };

  return {
    find(words, paths) {
      const found = new Map<string, string[]>(words.map((word) => [word, []]));
      const wanted = [...found.keys()]
        .filter((word) => word !== '')
        .map((word) => ({ word, bytes: Buffer.from(word), hash: hashOf(Buffer.from(word)) }));
      const remembers = wanted.length > DIRECT_WORDS || ++searches > DIRECT_SEARCHES;
      for (const path of paths) {
        let candidates = wanted;
        const entry = remembers ? fresh(path) : null;
        if (entry?.filter != null) {
          const { filter } = entry;
          candidates = wanted.filter(({ hash }) => mayContain(filter, hash));
          if (candidates.length === 0) continue;
        }
        const bytes = load(path);
        if (bytes === null || isBinary(bytes)) continue;
        if (remembers && entry === null) {
          const filter = remember(path, bytes);
          if (filter !== null) candidates = wanted.filter(({ hash }) => mayContain(filter, hash));
        }
        for (const { word, bytes: needle } of candidates) {
          if (containsWord(bytes, needle)) found.get(word)!.push(path);
        }
      }
      return found;
    },
    forget(path) {
      if (path === undefined) entries.clear();
      else entries.delete(path);
    },
  };
}

let buffer: Buffer | null = null;

/** One buffer for every file: allocating and clearing one for each costs more than reading. */
function scratch(): Buffer {
  buffer ??= Buffer.allocUnsafeSlow(LARGEST_FILE + 1);
  return buffer;
}

/** Whether `word` stands in the bytes as a whole identifier. */
export function containsWord(bytes: Buffer, word: Buffer): boolean {
  for (let at = bytes.indexOf(word); at >= 0; at = bytes.indexOf(word, at + word.length)) {
    if (at > 0 && isWordByte[bytes[at - 1]!] === 1) continue;
    const end = at + word.length;
    if (end < bytes.length && isWordByte[bytes[end]!] === 1) continue;
    return true;
  }
  return false;
}

const isWordByte = new Uint8Array(256);
for (let i = 0; i < 256; i++) {
  const isDigit = i >= 48 && i <= 57;
  const isLetter = (i >= 65 && i <= 90) || (i >= 97 && i <= 122);
  isWordByte[i] = isDigit || isLetter || i === 95 || i >= 128 ? 1 : 0;
}

const HASH_START = 0x811c9dc5;
const HASH_STEP = 0x01000193;

function hashOf(word: Uint8Array): number {
  let hash = HASH_START;
  for (const byte of word) hash = Math.imul(hash ^ byte, HASH_STEP);
  return hash;
}

/** Open addressing; a slot counts only if its stamp is the current file's. */
const TABLE = 1 << 17;
const slots = new Int32Array(TABLE);
const stamps = new Uint32Array(TABLE);
let stamp = 0;

/** A filter over the identifiers of a file; null for a file with too many to make one worth while. */
function makeFilter(bytes: Uint8Array): Uint32Array | null {
  stamp++;
  const hashes: number[] = [];
  let hash = HASH_START;
  let inWord = false;
  for (let i = 0; i <= bytes.length; i++) {
    const byte = i < bytes.length ? bytes[i]! : 0;
    if (isWordByte[byte] === 1) {
      hash = Math.imul(hash ^ byte, HASH_STEP);
      inWord = true;
    } else if (inWord) {
      let slot = hash & (TABLE - 1);
      while (stamps[slot] === stamp && slots[slot] !== hash) slot = (slot + 1) & (TABLE - 1);
      if (stamps[slot] !== stamp) {
        stamps[slot] = stamp;
        slots[slot] = hash;
        hashes.push(hash);
        if (hashes.length > TABLE / 2) return null;
      }
      hash = HASH_START;
      inWord = false;
    }
  }
  let words = 1;
  while (words * 32 < hashes.length * BITS_PER_WORD) words *= 2;
  const filter = new Uint32Array(words);
  for (const value of hashes) {
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = probeBit(value, probe) & (words * 32 - 1);
      filter[bit >>> 5]! |= 1 << (bit & 31);
    }
  }
  return filter;
}

function mayContain(filter: Uint32Array, hash: number): boolean {
  for (let probe = 0; probe < PROBES; probe++) {
    const bit = probeBit(hash, probe) & (filter.length * 32 - 1);
    if ((filter[bit >>> 5]! & (1 << (bit & 31))) === 0) return false;
  }
  return true;
}

function probeBit(hash: number, probe: number): number {
  return (hash ^ (hash >>> 15)) + Math.imul(probe, (hash >>> 11) | 1);
}
