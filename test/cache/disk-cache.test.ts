import { fork } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheFolder } from '../../extension/cache/cache-folder.ts';
import { type Cache, openDiskCache } from '../../extension/cache/disk-cache.ts';
import { temporaryDirectory } from '../cli/fake.ts';

/** A cache in a folder of its own, with what it says for those who look for mistakes. */
function opened(limit?: number): { cache: Cache; folder: string; said: string[] } {
  const folder = path.join(temporaryDirectory(), 'cache');
  const said: string[] = [];
  const cache = openDiskCache(folder, {
    debug: (message) => said.push(message),
    ...(limit === undefined ? {} : { limit }),
  });
  return { cache, folder, said };
}

const entries = (folder: string) =>
  fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'CACHEDIR.TAG')
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();

describe('the cache on disk', () => {
  it('gives back what was put in, and nothing for another key', () => {
    const { cache, folder, said } = opened();
    expect(cache.get('a')).toBeNull();
    const value = { findings: [{ line: 3, text: 'übel\u0000' }], nothing: null };
    cache.put('a', value);
    expect(cache.get('a')).toEqual(value);
    expect(cache.get('b')).toBeNull();
    cache.put('a', 2);
    expect(cache.get('a')).toBe(2);
    expect(openDiskCache(folder).get('a')).toBe(2);
    expect(said).toEqual([]);
  });

  it('keeps its entries from others, and says what the folder is', () => {
    const { cache, folder } = opened();
    cache.put('a', 1);
    expect(fs.readFileSync(path.join(folder, 'CACHEDIR.TAG'), 'utf8')).toMatch(
      /^Signature: 8a477f597d28d172/,
    );
    for (const file of entries(folder)) expect(fs.statSync(file).mode & 0o077).toBe(0);
    expect(fs.statSync(folder).mode & 0o077).toBe(0);
  });

  it.each<[string, (file: string) => void]>([
    ['is empty', (file) => fs.truncateSync(file, 0)],
    ['is cut off', (file) => fs.truncateSync(file, fs.statSync(file).size - 1)],
    [
      'has one other bit',
      (file) => {
        const bytes = fs.readFileSync(file);
        bytes[bytes.length - 1]! ^= 1;
        fs.writeFileSync(file, bytes);
      },
    ],
    ['is of another program', (file) => fs.writeFileSync(file, '{"version":1}')],
    [
      'is a link',
      (file) => {
        fs.renameSync(file, `${file}.other`);
        fs.symlinkSync(`${file}.other`, file);
      },
    ],
    [
      'is a folder',
      (file) => {
        fs.rmSync(file);
        fs.mkdirSync(file);
      },
    ],
  ])('does not use an entry that %s, and says so', (_, damage) => {
    const { cache, folder, said } = opened();
    cache.put('a', { value: 'x'.repeat(100) });
    const [file] = entries(folder);
    damage(file!);
    expect(cache.get('a')).toBeNull();
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(file);
  });

  it('writes over a damaged entry', () => {
    const { cache, folder } = opened();
    cache.put('a', 1);
    fs.writeFileSync(entries(folder)[0]!, 'rubbish');
    cache.put('a', 1);
    expect(cache.get('a')).toBe(1);
  });

  it('may be deleted at any time', () => {
    const { cache, folder, said } = opened();
    cache.put('a', 1);
    fs.rmSync(folder, { recursive: true });
    expect(cache.get('a')).toBeNull();
    cache.put('b', 2);
    expect(cache.get('b')).toBe(2);
    expect(said).toEqual([]);
  });

  it('does without a folder that cannot be written', () => {
    // A file in its place: permissions do not hold for everybody who may run this.
    const { cache, folder, said } = opened();
    fs.writeFileSync(folder, '');
    cache.put('a', 1);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('is not kept');
    expect(cache.get('a')).toBeNull();
    expect(fs.readFileSync(folder, 'utf8')).toBe('');
  });

  it.runIf(fs.existsSync('/proc/self'))('does without a folder that is read-only, needs /proc', () => {
    const said: string[] = [];
    const cache = openDiskCache('/proc/self/lock-review', { debug: (message) => said.push(message) });
    cache.put('a', 1);
    expect(cache.get('a')).toBeNull();
    expect(said).not.toEqual([]);
  });

  it('stays near its limit: what was used last stays', () => {
    const { cache, folder } = opened(20_000);
    const value = () => Array.from({ length: 500 }, () => Math.random());
    for (let at = 0; at < 100; at++) {
      cache.put(`${at}`, value());
      // As if it had been a second ago.
      for (const file of entries(folder)) {
        const used = fs.statSync(file).mtimeMs / 1000 - 1;
        fs.utimesSync(file, used, used);
      }
    }
    const size = entries(folder).reduce((sum, file) => sum + fs.statSync(file).size, 0);
    // Looked at now and then, not after each entry.
    expect(size).toBeLessThan(20_000 + 40 * 6_000);
    expect(entries(folder).length).toBeLessThan(60);
    expect(cache.get('99')).not.toBeNull();
    expect(cache.get('0')).toBeNull();
  });

  it('removes what a program left that died while it wrote', () => {
    const { cache, folder } = opened();
    cache.put('a', 1);
    const [file] = entries(folder);
    const old = `${file}.1.0.tmp`;
    const fresh = `${file}.2.0.tmp`;
    for (const name of [old, fresh]) fs.writeFileSync(name, '');
    fs.utimesSync(old, 1, 1);
    openDiskCache(folder).put('b', 1);
    expect(fs.existsSync(old)).toBe(false);
    expect(fs.existsSync(fresh)).toBe(true);
  });

  it('serves two programs at once: each sees whole entries only', async () => {
    const { folder, cache } = opened();
    const ends = [1, 2].map(
      () =>
        new Promise((resolve, reject) => {
          const child = fork(path.join(import.meta.dirname, 'cache-user.ts'), [folder], {
            execArgv: ['--import', 'tsx'],
          });
          child.once('exit', resolve).once('error', reject);
        }),
    );
    expect(await Promise.all(ends)).toEqual([0, 0]);
    for (let key = 0; key < 20; key++) expect(cache.get(`${key}`)).toMatchObject({ key });
    expect(entries(folder).filter((file) => !file.endsWith('.entry'))).toEqual([]);
  });
});

describe('the place of the cache', () => {
  it.each([
    [{ XDG_CACHE_HOME: '/c', HOME: '/h' }, 'linux', '/c/lock-review'],
    [{ HOME: '/h' }, 'linux', '/h/.cache/lock-review'],
    [{ XDG_CACHE_HOME: '', HOME: '/h' }, 'linux', '/h/.cache/lock-review'],
    [{ XDG_CACHE_HOME: 'c', HOME: '/h' }, 'linux', '/h/.cache/lock-review'],
    [{ HOME: '/h' }, 'darwin', '/h/Library/Caches/lock-review'],
    [{}, 'linux', null],
    [{ HOME: 'h' }, 'linux', null],
  ] as const)('of %j on %s is %s', (env, platform, folder) => {
    expect(cacheFolder(env, platform)).toBe(folder);
  });
});
