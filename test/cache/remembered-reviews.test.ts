import { describe, expect, it } from 'vitest';
import { DEFAULT_OPTIONS, type Review, type ReviewOptions, reviewFiles } from '../../engine/review/index.ts';
import { memoryTree, type SourceTree } from '../../engine/source/index.ts';
import type { Cache } from '../../extension/cache/disk-cache.ts';
import { answersAsBefore, recordTree } from '../../extension/cache/recorded-tree.ts';
import { rememberedReviews } from '../../extension/cache/remembered-reviews.ts';
import { testParser } from '../engine/parser.ts';
import { memoryCache } from './memory-cache.ts';

const parser = await testParser();

const FILES = {
  Makefile: 'VERSION = 7\nPATCHLEVEL = 2\nSUBLEVEL = 0\n',
  'include/linux/pool.h': [
    'static inline void pool_enter(struct pool *p)',
    '{',
    '\tmutex_lock(&p->lock);',
    '}',
    '',
  ].join('\n'),
  'mm/pool.c': [
    'int pool_get(struct pool *p)',
    '{',
    '\tpool_enter(p);',
    '\tif (p->empty)',
    '\t\treturn -ENOENT;',
    '\tmutex_unlock(&p->lock);',
    '\treturn 0;',
    '}',
    '',
  ].join('\n'),
  'mm/other.c': 'int other(void)\n{\n\treturn 0;\n}\n',
};

const treeOf = (files: Record<string, string>) => memoryTree(new Map(Object.entries(files)));
const timeless = (review: Review) => ({ ...review, stats: { ...review.stats, milliseconds: 0 } });

/** Reviews `mm/pool.c`; says whether the engine was asked. */
async function review(
  cache: Cache,
  tree: SourceTree | null,
  options: ReviewOptions = DEFAULT_OPTIONS,
  program = 'p',
  cancelled?: () => boolean,
): Promise<{ made: boolean; review: Review }> {
  const watched = rememberedReviews(cache, program, 0).watch(tree);
  const files = [tree === null ? { path: 'mm/pool.c', text: FILES['mm/pool.c'] } : { path: 'mm/pool.c' }];
  let made = false;
  const result = await watched.review(
    files,
    options,
    () => {
      made = true;
      return reviewFiles(files, watched.tree, options, parser);
    },
    cancelled,
  );
  return { made, review: timeless(result) };
}

describe('remembered reviews', () => {
  it('are what the engine would find, and spare it', async () => {
    const cache = memoryCache();
    const plain = timeless(
      await reviewFiles([{ path: 'mm/pool.c' }], treeOf(FILES), DEFAULT_OPTIONS, parser),
    );
    expect(plain.findings.map((one) => one.rule)).toContain('lock-leak');
    expect(await review(cache, treeOf(FILES))).toEqual({ made: true, review: plain });
    expect(await review(cache, treeOf(FILES))).toEqual({ made: false, review: plain });
    expect(JSON.stringify((await review(cache, treeOf(FILES))).review)).toBe(JSON.stringify(plain));
  });

  it.each<[string, Record<string, string>, boolean]>([
    ['the file', { ...FILES, 'mm/pool.c': FILES['mm/pool.c'].replace('return -ENOENT', 'goto out') }, true],
    ['a header it calls', { ...FILES, 'include/linux/pool.h': '' }, true],
    ['the release', { ...FILES, Makefile: FILES.Makefile.replace('2', '1') }, true],
    ['where a callee is defined', { ...FILES, 'include/linux/a.h': FILES['include/linux/pool.h'] }, true],
    ['a file it has nothing to do with', { ...FILES, 'mm/other.c': '' }, false],
    ['the list of files', { ...FILES, 'mm/new.c': 'int x;\n' }, false],
  ])('are made anew after a change of %s, if it matters', async (_, changed, made) => {
    const cache = memoryCache();
    await review(cache, treeOf(FILES));
    const after = await review(cache, treeOf(changed));
    expect(after.made).toBe(made);
    const fresh = await reviewFiles([{ path: 'mm/pool.c' }], treeOf(changed), DEFAULT_OPTIONS, parser);
    expect(after.review).toEqual(timeless(fresh));
    expect((await review(cache, treeOf(changed))).made).toBe(false);
  });

  it('are made anew for other options and by another program', async () => {
    const cache = memoryCache();
    await review(cache, treeOf(FILES));
    const off = { ...DEFAULT_OPTIONS, ruleLevels: new Map([['lock-leak', 'off' as const]]) };
    const without = await review(cache, treeOf(FILES), off);
    expect(without.made).toBe(true);
    expect(without.review.findings.map((one) => one.rule)).not.toContain('lock-leak');
    expect((await review(cache, treeOf(FILES), off)).made).toBe(false);
    expect((await review(cache, treeOf(FILES), DEFAULT_OPTIONS, 'q')).made).toBe(true);
    const fixed = { ...DEFAULT_OPTIONS, configuration: new Map([['CONFIG_A', 'y' as const]]) };
    expect((await review(cache, treeOf(FILES), fixed)).made).toBe(true);
    expect((await review(cache, null)).made).toBe(true);
    expect((await review(cache, null)).made).toBe(false);
  });

  it('are not kept when they were given up', async () => {
    const cache = memoryCache();
    await review(cache, treeOf(FILES), DEFAULT_OPTIONS, 'p', () => true);
    expect(cache.kept.size).toBe(0);
  });

  it('are not kept when the tree changed meanwhile', async () => {
    const cache = memoryCache();
    const files = new Map<string, string>(Object.entries(FILES));
    const tree = memoryTree(files);
    let reads = 0;
    const changing: SourceTree = {
      ...tree,
      name: tree.name,
      read: async (path) =>
        (await tree.read(path)) === null ? null : `${await tree.read(path)}/* ${reads++} */`,
      readBlob: (hash) => tree.readBlob(hash),
      list: () => tree.list(),
      findWords: (words, under) => tree.findWords(words, under),
      findDefinitions: (names) => tree.findDefinitions(names),
    };
    const recorded = recordTree(changing);
    await recorded.tree.read('mm/pool.c');
    expect(recorded.asked()).not.toBeNull();
    await recorded.tree.read('mm/pool.c');
    expect(recorded.asked()).toBeNull();
    const watched = rememberedReviews(cache, 'p', 0).watch(changing);
    await watched.tree?.read('mm/pool.c');
    await watched.review([], DEFAULT_OPTIONS, () =>
      reviewFiles([{ path: 'mm/pool.c' }], watched.tree, DEFAULT_OPTIONS, parser),
    );
    expect(cache.kept.size).toBe(0);
  });

  it('are made anew where what is kept is of another shape', async () => {
    const cache = memoryCache();
    await review(cache, treeOf(FILES));
    for (const rubbish of ['1', 'null', '[]', '{"review":1}', '"x"']) {
      for (const key of cache.kept.keys()) cache.kept.set(key, rubbish);
      expect((await review(cache, treeOf(FILES))).made).toBe(true);
    }
  });

  it('ask every question of a tree again', async () => {
    const tree = treeOf(FILES);
    const recorded = recordTree(tree);
    await recorded.tree.list();
    await recorded.tree.findWords(['pool_enter', 'nowhere'], ['mm']);
    await recorded.tree.findWords(['pool_enter']);
    await recorded.tree.readBlob('0123456789');
    const asked = recorded.asked()!;
    expect(await answersAsBefore(tree, asked)).toBe(true);
    expect(await answersAsBefore(treeOf({ ...FILES, 'mm/z.c': 'nowhere' }), { ...asked, list: null })).toBe(
      false,
    );
    expect(await answersAsBefore(treeOf({ ...FILES, 'mm/z.c': '' }), asked)).toBe(false);
    expect(await answersAsBefore({ ...tree, name: 'other' }, asked)).toBe(false);
  });
});
