/** The server's engine with the reviews that another server made. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { KnownWork } from '../../engine/check/index.ts';
import type { InspectedFunction, Review } from '../../engine/review/index.ts';
import type { Cache } from '../../extension/cache/disk-cache.ts';
import { rememberedReviews } from '../../extension/cache/remembered-reviews.ts';
import { createEngine } from '../../extension/server/engine.ts';
import type { Question } from '../../extension/server/questions.ts';
import type { ReviewRequest } from '../../extension/server/reviewer.ts';
import { openDirectoryTree } from '../../extension/tree/index.ts';
import { testParser } from '../engine/parser.ts';
import { memoryCache } from './memory-cache.ts';

const SAMPLE = path.resolve(import.meta.dirname, '../../sample');

const request: ReviewRequest = {
  key: '1',
  subject: {
    kind: 'patches',
    inputs: [{ name: 'series.mbox', text: readFileSync(path.join(SAMPLE, 'series.mbox'), 'utf8') }],
  },
  tree: path.join(SAMPLE, 'tree'),
  overlay: {},
  mayExecute: false,
  cache: true,
  all: true,
  config: {},
  rules: {},
};

/** The review by a server that has just started. */
async function review(cache: Cache, of: Partial<ReviewRequest> = {}): Promise<Review> {
  const engine = createEngine(
    testParser,
    (root) => openDirectoryTree(root),
    rememberedReviews(cache, 'p', 0),
  );
  const asked = { ...request, ...of };
  const made = (await engine(asked, { kind: 'review' }, () => false)) as Review;
  // What else is asked about the code does not need its review.
  expect(await engine(asked, { kind: 'inspect', lines: null }, () => false)).not.toEqual([]);
  return { ...made, stats: { ...made.stats, milliseconds: 0 } };
}

describe('servers on one cache', () => {
  it('have one review between them', async () => {
    const cache = memoryCache();
    const first = await review(cache);
    expect(first.findings.length).toBeGreaterThan(0);
    expect(cache.kept.size).toBe(1);
    expect(await review(cache)).toEqual(first);
    const [[key, entry]] = [...cache.kept] as [[string, string]];
    cache.kept.set(key, entry.replaceAll('released', 'RELEASED'));
    expect((await review(cache)).findings.map((one) => one.message).join()).toContain('RELEASED');
    expect(await review(cache, { cache: false })).toEqual(first);
    expect(await review(cache, { rules: { 'unused-label': 'off' } })).not.toEqual(first);
    expect(cache.kept.size).toBe(2);
  });

  it('keep nothing of files that are being edited', async () => {
    const cache = memoryCache();
    const file = 'mm/area.c';
    const text = readFileSync(path.join(SAMPLE, 'tree', file), 'utf8');
    await review(cache, { subject: { kind: 'files', paths: [file] }, overlay: { [file]: text } });
    expect(cache.kept.size).toBe(0);
  });
});

describe('what is asked about code that was reviewed', () => {
  it('rests on that review: nothing is read or lowered again, and what needs no look gets none', async () => {
    const read: string[] = [];
    const engine = createEngine(testParser, (root) => {
      const tree = openDirectoryTree(root);
      return {
        ...tree,
        read: (file) => {
          read.push(file);
          return tree.read(file);
        },
      };
    });
    const ask = (question: Question) => engine(request, question, () => false);
    const lowered = vi.spyOn(KnownWork.prototype, 'lower');
    const review = (await ask({ kind: 'review' })) as Review;
    const [reads, known] = [read.length, new Set(lowered.mock.results.map((one) => one.value))];
    const functions = (await ask({ kind: 'inspect', lines: null })) as readonly InspectedFunction[];
    const concerned = new Set(review.findings.map((one) => `${one.file} ${one.function}`));
    expect(functions.length).toBeGreaterThan(0);
    expect(functions.filter((one) => !one.isChanged && !concerned.has(`${one.file} ${one.name}`))).toEqual(
      [],
    );
    const shown = (await ask({
      kind: 'inspect',
      lines: { from: 1, to: 9999 },
    })) as readonly InspectedFunction[];
    expect(shown.length).toBeGreaterThanOrEqual(functions.length);
    await ask({ kind: 'explain', line: 40, column: 5 });
    await ask({ kind: 'outline' });
    expect(read.slice(reads)).toEqual([]);
    expect(lowered.mock.results.filter((one) => !known.has(one.value))).toEqual([]);
    lowered.mockRestore();
  });
});
