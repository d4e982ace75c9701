/** Reading an input file: bytes to text, with a cap, and a clear word on what cannot be read as text. */
import { closeSync, openSync, readSync } from 'node:fs';
import { MAX_INPUT_LENGTH } from '../../engine/patch/limits.ts';
import { reasonOf } from './host.ts';

/** Longest input in bytes, as `engine/patch` has it. The largest series on the kernel's lists are a few megabytes. */
export const LONGEST_INPUT = MAX_INPUT_LENGTH;

export type ReadResult =
  | { readonly text: string; readonly problem: null }
  | { readonly text: null; readonly problem: string };

/** Reads a file, a FIFO or a device; never more than the cap. Never throws. */
export function readTextFile(path: string): ReadResult {
  let bytes: Uint8Array | null;
  try {
    bytes = readUpTo(path, LONGEST_INPUT);
  } catch (error) {
    return { text: null, problem: `cannot be read: ${reasonOf(error)}` };
  }
  return bytes === null ? tooLong() : textOf(bytes);
}

export function tooLong(): ReadResult {
  return {
    text: null,
    problem: `is longer than ${LONGEST_INPUT >> 20} MB, the most that is read of one input`,
  };
}

function readUpTo(path: string, limit: number): Uint8Array | null {
  const handle = openSync(path, 'r');
  try {
    const chunks: Buffer[] = [];
    let total = 0;
    while (total <= limit) {
      const chunk = Buffer.allocUnsafe(1 << 16);
      const length = readSync(handle, chunk);
      if (length === 0) return Buffer.concat(chunks, total);
      chunks.push(chunk.subarray(0, length));
      total += length;
    }
    return null;
  } finally {
    closeSync(handle);
  }
}

/**
 * UTF-8, or UTF-16 where a byte order mark says so (a redirection in some shells writes it), or else Latin-1:
 * old mails come in it, and every byte of it is some character. Text with NUL is not text.
 */
export function textOf(bytes: Uint8Array): ReadResult {
  if (bytes.length === 0) return { text: null, problem: 'is empty' };
  const utf16 =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : null;
  if (utf16 !== null) return { text: new TextDecoder(utf16).decode(bytes), problem: null };
  const kind = compression(bytes);
  if (kind !== null) return { text: null, problem: `is ${kind}-compressed: expected text; unpack it first` };
  const nul = bytes.indexOf(0);
  if (nul >= 0) {
    let line = 1;
    for (let at = 0; at < nul; at++) if (bytes[at] === 0x0a) line++;
    return {
      text: null,
      problem: `is a binary file: expected text, and there is a NUL byte in line ${line}`,
    };
  }
  return { text: decode(bytes), problem: null };
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Not UTF-8: the one error that `fatal` makes.
    return new TextDecoder('latin1').decode(bytes);
  }
}

function compression(bytes: Uint8Array): string | null {
  const starts = (...magic: number[]) => magic.every((byte, at) => bytes[at] === byte);
  if (starts(0x1f, 0x8b)) return 'gzip';
  if (starts(0xfd, 0x37, 0x7a, 0x58, 0x5a)) return 'xz';
  if (starts(0x28, 0xb5, 0x2f, 0xfd)) return 'zstd';
  if (starts(0x42, 0x5a, 0x68)) return 'bzip2';
  return starts(0x50, 0x4b, 0x03, 0x04) ? 'zip' : null;
}
