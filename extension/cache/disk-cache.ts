/**
 * Values on disk by key, for programs that find out the same thing again and again. Nothing depends on what is in it:
 * it may be deleted at any time, two programs may use it at once, and an entry that is damaged, of another program
 * or unreadable is as good as none. So nothing here throws; `debug` hears why an entry was not used or not kept.
 */
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

export interface Cache {
  /** The value kept under the key, as JSON gives it back; null where there is none. */
  get(key: string): unknown;
  put(key: string, value: unknown): void;
}

export interface DiskCacheOptions {
  /** Bytes that all entries together may take: beyond it, those used least recently are removed. */
  readonly limit?: number;
  readonly debug?: (message: string) => void;
}

const LIMIT = 256 << 20;
/** No entry is larger, unpacked. */
const LARGEST_VALUE = 64 << 20;
/** The size of the folder is looked at after so many entries were added. */
const SWEEP_EVERY = 32;
/** What was written by a program that died in the middle is removed after this time, in milliseconds. */
const ABANDONED = 3_600_000;

/** An entry: this line, the SHA-256 of what follows, and the value as JSON, deflated. */
const MAGIC = Buffer.from('lock-review cache 1\n');
const SUM = 32;
const SUFFIX = '.entry';
/** As https://bford.info/cachedir/ has it: programs that make backups leave the folder out. */
const TAG =
  'Signature: 8a477f597d28d172789f06886806bc55\n# Made by lock-review. It may be deleted at any time.\n';

/** @param folder is made when the first entry is written. */
export function openDiskCache(folder: string, options: DiskCacheOptions = {}): Cache {
  const { limit = LIMIT, debug = () => {} } = options;
  const fileOf = (key: string) => {
    const name = createHash('sha256').update(key).digest('hex');
    return path.join(folder, name.slice(0, 2), name.slice(2) + SUFFIX);
  };
  let added = 0;

  return {
    get(key) {
      const file = fileOf(key);
      try {
        const bytes = readEntry(file);
        if (bytes === null) return null;
        const value = unpack(bytes);
        // What is used stays: the sweep goes by this time.
        const now = new Date();
        fs.utimes(file, now, now, () => {});
        return value;
      } catch (error) {
        debug(`cache: ${file} is not used: ${reason(error)}`);
        return null;
      }
    },
    put(key, value) {
      const file = fileOf(key);
      try {
        const json = Buffer.from(JSON.stringify(value));
        if (json.length > LARGEST_VALUE) throw new Error('it is too large to be kept');
        writeEntry(folder, file, pack(json));
        if (added++ % SWEEP_EVERY === 0) sweep(folder, limit);
      } catch (error) {
        debug(`cache: ${file} is not kept: ${reason(error)}`);
      }
    },
  };
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function pack(json: Buffer): Buffer {
  const packed = deflateRawSync(json, { level: 1 });
  return Buffer.concat([MAGIC, createHash('sha256').update(packed).digest(), packed]);
}

/** @throws where the bytes are not what `pack()` makes. */
function unpack(bytes: Buffer): unknown {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('it is no entry of this cache');
  const packed = bytes.subarray(MAGIC.length + SUM);
  const sum = bytes.subarray(MAGIC.length, MAGIC.length + SUM);
  if (!createHash('sha256').update(packed).digest().equals(sum)) throw new Error('it is damaged');
  const json = inflateRawSync(packed, { maxOutputLength: LARGEST_VALUE });
  return JSON.parse(json.toString('utf8')) as unknown;
}

/** Null where there is no such file. @throws where it is not one that may be read. */
function readEntry(file: string): Buffer | null {
  const flags = fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0) | (fs.constants.O_NONBLOCK ?? 0);
  let handle: number;
  try {
    handle = fs.openSync(file, flags);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const stat = fs.fstatSync(handle);
    if (!stat.isFile() || stat.size > LARGEST_VALUE) throw new Error('it is no entry of this cache');
    return fs.readFileSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}

/** Beside its place and then renamed: nobody ever sees half an entry. */
function writeEntry(folder: string, file: string, bytes: Buffer): void {
  // Only its owner looks into it: findings of code that is not public yet may be in there.
  makeFolder(path.dirname(file));
  const tag = path.join(folder, 'CACHEDIR.TAG');
  if (!fs.existsSync(tag)) fs.writeFileSync(tag, TAG);
  const temporary = `${file}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    fs.writeFileSync(temporary, bytes, { flag: 'wx', mode: 0o600 });
    fs.renameSync(temporary, file);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
}

/** As `mkdirSync` does it recursively, which does not end where a file system refuses a folder with ENOENT (procfs). */
function makeFolder(folder: string): void {
  const make = () => fs.mkdirSync(folder, { mode: 0o700 });
  try {
    try {
      make();
    } catch (error) {
      const parent = path.dirname(folder);
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error;
      makeFolder(parent);
      make();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Removes the entries used least recently until the others fit, and what dead programs left. */
function sweep(folder: string, limit: number): void {
  const entries: { file: string; size: number; used: number }[] = [];
  const now = Date.now();
  for (const group of fs.readdirSync(folder, { withFileTypes: true })) {
    if (!group.isDirectory() || !/^[0-9a-f]{2}$/.test(group.name)) continue;
    const below = path.join(folder, group.name);
    for (const name of fs.readdirSync(below)) {
      const file = path.join(below, name);
      // Another program may have removed it in the meantime.
      const stat = fs.lstatSync(file, { throwIfNoEntry: false });
      if (!stat?.isFile()) continue;
      if (name.endsWith(SUFFIX)) entries.push({ file, size: stat.size, used: stat.mtimeMs });
      else if (name.endsWith('.tmp') && now - stat.mtimeMs > ABANDONED) fs.rmSync(file, { force: true });
    }
  }
  let total = entries.reduce((sum, one) => sum + one.size, 0);
  for (const { file, size } of entries.sort((a, b) => a.used - b.used)) {
    if (total <= limit) break;
    fs.rmSync(file, { force: true });
    total -= size;
  }
}
