/** Which identifiers a file contains, roughly, in a byte for each. Knows nothing of where files come from. */

/** Bits of a file's filter for each different identifier in it: two words in a hundred are looked for in vain. */
const BITS_PER_WORD = 8;
const PROBES = 4;

/** 1 for the bytes of identifiers; those beyond ASCII count as such. */
export const isWordByte = new Uint8Array(256);
for (let i = 0; i < 256; i++) {
  const isDigit = i >= 48 && i <= 57;
  const isLetter = (i >= 65 && i <= 90) || (i >= 97 && i <= 122);
  isWordByte[i] = isDigit || isLetter || i === 95 || i >= 128 ? 1 : 0;
}

const HASH_START = 0x811c9dc5;
const HASH_STEP = 0x01000193;

/** The hash by which a filter knows a word. */
export function hashOf(word: Uint8Array): number {
  let hash = HASH_START;
  for (const byte of word) hash = Math.imul(hash ^ byte, HASH_STEP);
  return hash;
}

/** Open addressing; a slot counts only if its stamp is the current file's. */
const TABLE = 1 << 17;
const slots = new Int32Array(TABLE);
const stamps = new Uint32Array(TABLE);
let stamp = 0;

/** A Bloom filter over the identifiers of a file; null for a file with too many to make one worth while. */
export function makeFilter(bytes: Uint8Array): Uint32Array | null {
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

/** False where the file does not contain the word; mostly false then. */
export function mayContain(filter: Uint32Array, hash: number): boolean {
  for (let probe = 0; probe < PROBES; probe++) {
    const bit = probeBit(hash, probe) & (filter.length * 32 - 1);
    if ((filter[bit >>> 5]! & (1 << (bit & 31))) === 0) return false;
  }
  return true;
}

function probeBit(hash: number, probe: number): number {
  return (hash ^ (hash >>> 15)) + Math.imul(probe, (hash >>> 11) | 1);
}
