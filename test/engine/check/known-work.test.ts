/** What is known from other checks changes how much is done, never what is found. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { KnownWork } from '../../../engine/check/index.ts';
import { DEFAULT_OPTIONS, reviewFiles, reviewPatches } from '../../../engine/review/index.ts';
import { memoryTree } from '../../../engine/source/index.ts';
import { testParser } from '../parser.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const RULES = path.join(ROOT, 'test/fixtures/rules');
const parser = await testParser();

const fixtures = readdirSync(RULES, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.c'))
  .map((entry) => path.join(entry.parentPath, entry.name))
  .sort()
  // Some of each rule's.
  .filter((_, at) => at % 5 === 0)
  .map((file) => readFileSync(file, 'utf8'));

const review = async (text: string, known?: KnownWork) => {
  const found = await reviewFiles([{ path: 'm.c', text }], null, DEFAULT_OPTIONS, parser, undefined, known);
  return { ...found, stats: { ...found.stats, milliseconds: 0 } };
};

const CALLERS = `#include <linux/mutex.h>
static int take(struct a *p)
{
	mutex_lock(&p->lock);
	return p->ready;
}

static void give(struct a *p)
{
	mutex_unlock(&p->lock);
}

int first(struct a *p)
{
	int ready = take(p);

	give(p);
	return ready;
}

int second(struct a *p)
{
	if (take(p) == 3)
		return 0;
	give(p);
	return 0;
}
`;

/** How often functions were lowered and walked since the last call. */
function counted(known: KnownWork) {
  const lowered = vi.spyOn(known, 'lower');
  return { irs: () => new Set(lowered.mock.results.map((one) => one.value)), lowered };
}

describe('what is known from other checks', () => {
  it('gives the same findings for fixtures of every rule, one file edited into the next', async () => {
    const known = new KnownWork(parser);
    let findings = 0;
    for (const text of fixtures) {
      const expected = await review(text);
      findings += expected.findings.length;
      expect(await review(text, known)).toEqual(expected);
      // Behind an edit in front of everything, and one behind everything.
      const shifted = `int unrelated;\n${text}\nint other;\n`;
      expect(await review(shifted, known)).toEqual(await review(shifted));
      expect(await review(text, known)).toEqual(expected);
      known.forgetUnused();
    }
    expect(findings).toBeGreaterThan(10);
  });

  it('does not lower again what stands where it was', async () => {
    const known = new KnownWork(parser);
    await review(CALLERS, known);
    const before = counted(known);
    await review(CALLERS, known);
    const same = before.irs();
    before.lowered.mockClear();
    await review(CALLERS.replace('== 3', '== 4'), known);
    const fresh = [...before.irs()].filter((ir) => !same.has(ir));
    expect(fresh.map((ir) => ir.name)).toEqual(['second']);
  });

  it('walks callers again when what a callee does to locks changes, and only then', async () => {
    const known = new KnownWork(parser);
    const rulesOf = async (text: string, from?: KnownWork) =>
      (await review(text, from)).findings.map((one) => `${one.rule} ${one.function}`);
    const leaking = await rulesOf(CALLERS);
    expect(leaking.join()).toMatch(/ second/);
    expect(await rulesOf(CALLERS, known)).toEqual(leaking);
    const mended = CALLERS.replace('mutex_lock(&p->lock);', 'mutex_look(&p->lock);');
    expect((await rulesOf(mended)).join()).not.toEqual(leaking.join());
    expect(await rulesOf(mended, known)).toEqual(await rulesOf(mended));
    expect(await rulesOf(CALLERS, known)).toEqual(leaking);
  });

  it('forgets the files that are no longer asked for', async () => {
    const known = new KnownWork(parser);
    const unit = known.unit('a.c', CALLERS);
    for (let round = 0; round < 8; round++) known.forgetUnused();
    expect(known.unit('a.c', CALLERS)).toBe(unit);
    for (let round = 0; round < 9; round++) known.forgetUnused();
    expect(known.unit('a.c', CALLERS)).not.toBe(unit);
  });

  it('reviews the sample as if for the first time', async () => {
    const folder = path.join(ROOT, 'sample/tree');
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
    const tree = memoryTree(
      new Map(files.map((file) => [path.relative(folder, file), readFileSync(file, 'utf8')])),
    );
    const text = readFileSync(path.join(ROOT, 'sample/series.mbox'), 'utf8');
    const run = async (known?: KnownWork) => {
      const inputs = [{ name: 'series.mbox', text }];
      const { findings, notes } = await reviewPatches(
        inputs,
        tree,
        DEFAULT_OPTIONS,
        parser,
        undefined,
        known,
      );
      return { findings, notes };
    };
    const known = new KnownWork(parser);
    const first = await run();
    expect(first.findings.length).toBeGreaterThan(0);
    expect(await run(known)).toEqual(first);
    expect(await run(known)).toEqual(first);
  });
});
