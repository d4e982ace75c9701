/** What can go wrong under a run of the command line: nothing is lost but what was hit, and that is said. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_OPTIONS, reviewFiles } from '../../engine/review/index.ts';
import type { SourceTree } from '../../engine/source/index.ts';
// @ts-expect-error a build script, without types
import { nodeBundle } from '../../esbuild.mjs';
import { CHUNK, reviewInChunks } from '../../extension/cli/chunked-review.ts';
import { startReviewThread } from '../../extension/cli/review-thread.ts';
import { openDirectoryTree } from '../../extension/tree/index.ts';
import { PATCH, temporaryDirectory } from '../cli/fake.ts';
import { testParser } from '../engine/parser.ts';

const parser = await testParser();
const ROOT = path.resolve(import.meta.dirname, '../..');

const LEAK = `int get(struct p *p)
{
	mutex_lock(&p->lock);
	if (helper(p))
		return -EIO;
	mutex_unlock(&p->lock);
	return 0;
}
`;
const HELPER = 'int helper(struct p *p)\n{\n\treturn p->x;\n}\n';

/** A tree of a hundred files that leak, and one that they all call. */
function treeFolder(): string {
  const root = temporaryDirectory();
  mkdirSync(path.join(root, 'mm'));
  writeFileSync(path.join(root, 'Makefile'), 'VERSION = 7\nPATCHLEVEL = 2\n');
  for (let at = 0; at < 100; at++)
    writeFileSync(path.join(root, `mm/a${at}.c`), LEAK.replace('get', `get${at}`));
  writeFileSync(path.join(root, 'mm/helper.c'), HELPER);
  return root;
}

describe('a tree that changes under a run', () => {
  /** The tree, with something done to it once so many files have been read. */
  const disturbed = (tree: SourceTree, after: number, disturb: () => void): SourceTree => {
    let reads = 0;
    return {
      name: tree.name,
      read: (file) => {
        if (++reads === after) disturb();
        return tree.read(file);
      },
      readBlob: (hash) => tree.readBlob(hash),
      list: () => tree.list(),
      findWords: (words, under) => tree.findWords(words, under),
      findDefinitions: (names) => tree.findDefinitions(names),
    };
  };
  const review = async (root: string, after: number, disturb: () => void) => {
    const tree = openDirectoryTree(root);
    const files = (await tree.list()).filter((file) => /mm\/a/.test(file)).map((file) => ({ path: file }));
    return reviewFiles(files, disturbed(tree, after, disturb), DEFAULT_OPTIONS, parser);
  };

  it('costs the files that vanish, and each is named', async () => {
    const root = treeFolder();
    const { findings, notes, stats } = await review(root, 40, () => {
      for (const file of readdirSync(path.join(root, 'mm')).slice(50)) rmSync(path.join(root, 'mm', file));
    });
    const gone = notes.filter((note) => note.message.includes('no such text file'));
    expect(gone.length).toBeGreaterThan(0);
    expect(stats.files + gone.length).toBe(100);
    expect(new Set(findings.map((one) => one.file)).size).toBe(stats.files);
  });

  it('is reviewed as each file was when it was read', async () => {
    const root = treeFolder();
    const mended = LEAK.replace('return -EIO', 'goto out').replace('\tmutex_unlock', 'out:\n\tmutex_unlock');
    const { findings, stats } = await review(root, 50, () => {
      for (const file of readdirSync(path.join(root, 'mm')))
        if (file !== 'helper.c') writeFileSync(path.join(root, 'mm', file), mended);
    });
    expect(stats.files).toBe(100);
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.length).toBeLessThan(100);
  });

  it('may lose its folder altogether', async () => {
    const root = treeFolder();
    const { stats, notes } = await review(root, 10, () => rmSync(root, { recursive: true }));
    expect(stats.files).toBeLessThan(100);
    expect(notes.length).toBe(100 - stats.files);
  });
});

describe('a thread that dies', () => {
  it.each([
    ['exit', 'its thread ended with status 9'],
    ['throw', 'out of memory'],
    ['fail', 'no memory left'],
  ])('by %s costs its chunk: the others are reviewed, by a new one', async (how, why) => {
    const files = Array.from({ length: 4 * CHUNK }, (_, at) => ({
      path: at === CHUNK + 3 ? `${how}.c` : `${at}.c`,
    }));
    const bundle = path.join(import.meta.dirname, 'frail-worker.mjs');
    const setup = { root: null, options: DEFAULT_OPTIONS, cache: null };
    const threads = [1, 2].map(() => startReviewThread(bundle, setup));
    const review = await reviewInChunks(
      files,
      threads.map((thread) => thread.review),
      {},
    );
    await Promise.all(threads.map((thread) => thread.end()));
    expect(review.stats.files).toBe(3 * CHUNK);
    expect(review.notes.map((note) => note.file)).toEqual(
      files.slice(CHUNK, 2 * CHUNK).map((file) => file.path),
    );
    for (const note of review.notes) expect(note.message).toContain(why);
  });
});

describe('a disk without room', () => {
  const program = path.join(ROOT, '.vscode-test/faults/lock-review.cjs');
  beforeAll(async () => {
    await build({
      ...nodeBundle,
      entryPoints: { 'lock-review': 'test/cli/fake-main.ts' },
      outdir: path.dirname(program),
      outExtension: { '.js': '.cjs' },
    });
  });

  it.runIf(process.platform !== 'win32')('leaves the old report, and nothing beside it', () => {
    const cwd = temporaryDirectory();
    writeFileSync(path.join(cwd, 'one.patch'), PATCH);
    writeFileSync(path.join(cwd, 'report.json'), 'old');
    // No file may grow beyond a block of 512 bytes: the write fails in the middle, as on a full disk.
    const { status, stderr } = spawnSync(
      'sh',
      ['-c', `ulimit -f 1; "$NODE" "$LR" check --format sarif -o report.json one.patch`],
      { cwd, encoding: 'utf8', env: { ...process.env, NODE: process.execPath, LR: program } },
    );
    expect(stderr).toBe("lock-review: cannot write 'report.json': the file would be too large\n");
    expect(status).toBe(2);
    expect(readFileSync(path.join(cwd, 'report.json'), 'utf8')).toBe('old');
    expect(readdirSync(cwd).sort()).toEqual(['one.patch', 'report.json']);
  });
});
