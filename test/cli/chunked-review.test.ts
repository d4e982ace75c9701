import { describe, expect, it } from 'vitest';
import type { Review } from '../../engine/review/review.ts';
import { CHUNK, type ReviewChunk, reviewInChunks } from '../../extension/cli/chunked-review.ts';
import { leak } from '../engine/report/sample.ts';

const files = Array.from({ length: 3 * CHUNK + 5 }, (_, at) => ({ path: `${at}.c` }));

/** Finds one thing in each file, and says the same of the tree each time; takes as long as `wait` says. */
const reviewer =
  (wait: () => Promise<void> = async () => {}): ReviewChunk =>
  async (chunk, run): Promise<Review> => {
    run.progress?.(chunk[0]!.path);
    await wait();
    return {
      inputs: chunk.map((file) => file.path),
      findings: chunk.map((file) => ({ ...leak, file: file.path })),
      notes: [
        { message: 'kernel release: assumed', file: null, line: null },
        { message: 'seen', file: chunk[0]!.path, line: 1 },
      ],
      stats: { files: chunk.length, functions: 2 * chunk.length, paths: 1, configs: 1, milliseconds: 1 },
    };
  };

const timeless = (review: Review) => ({ ...review, stats: { ...review.stats, milliseconds: 0 } });

describe('a review in chunks', () => {
  it('is the review of all files, in their order, on any number of threads', async () => {
    const one = timeless(await reviewInChunks(files, [reviewer()], {}));
    expect(one.inputs).toEqual(files.map((file) => file.path));
    expect(one.findings.map((finding) => finding.file)).toEqual(one.inputs);
    expect(one.notes.map((note) => note.file)).toEqual([null, '0.c', '48.c', '96.c', '144.c']);
    expect(one.stats).toEqual({ files: 149, functions: 298, paths: 4, configs: 4, milliseconds: 0 });
    let turns = 0;
    const uneven = reviewer(async () => {
      turns += 7;
      for (let turn = turns % 5; turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve));
    });
    expect(timeless(await reviewInChunks(files, [uneven, uneven, uneven], {}))).toEqual(one);
    expect(
      timeless(
        await reviewInChunks(
          files,
          Array.from({ length: 9 }, () => reviewer()),
          {},
        ),
      ),
    ).toEqual(one);
  });

  it('tells which files a failure cost, and reviews the others', async () => {
    let calls = 0;
    const fails: ReviewChunk = (chunk, run) => {
      if (++calls === 2) throw new Error('out of memory');
      return reviewer()(chunk, run);
    };
    const review = await reviewInChunks(files, [fails], {});
    expect(review.findings).toHaveLength(files.length - CHUNK);
    const lost = review.notes.filter((note) => note.message.includes('out of memory'));
    expect(lost.map((note) => note.file)).toEqual(files.slice(CHUNK, 2 * CHUNK).map((file) => file.path));
    expect(review.stats.files).toBe(files.length - CHUNK);
  });

  it('says how far it is, and stops when told', async () => {
    const said: unknown[] = [];
    await reviewInChunks(files, [reviewer()], { progress: (...all) => said.push(all) });
    expect(said).toEqual([
      ['0.c', 0, 149],
      ['48.c', 48, 149],
      ['96.c', 96, 149],
      ['144.c', 144, 149],
    ]);
    let calls = 0;
    const review = await reviewInChunks(files, [reviewer()], { cancelled: () => ++calls > 2 });
    expect(review.stats.files).toBe(2 * CHUNK);
  });
});
