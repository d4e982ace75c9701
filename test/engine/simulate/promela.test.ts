/** Spin agrees with the verdicts: on small programs, and on the primitives of real trees, as they are and changed. */
import { describe, expect, it } from 'vitest';
import { explore, type Program } from '../../../engine/simulate/index.ts';
import { exportPromela } from '../../../engine/simulate/promela/index.ts';
import { hasShared } from '../../shared.ts';
import { hasSpin, runSpin, SPIN_NEEDED } from '../../spin.ts';
import { randomProgram } from './random-program.ts';
import { now, programOf as smallProgram } from './run.ts';
import { CASES, changedTree, programOf, treeOf } from './scenario-cases.ts';

/** Our verdict and Spin's, in the same words. */
function verdicts(program: Program): { ours: string; spins: string } {
  const verdict = explore(program, { now });
  const { text, problem } = exportPromela(program, now);
  expect(problem).toBe(null);
  const spins = runSpin(text!, '-O0').verdict;
  const ours = verdict.verdict;
  // Which violation is found first is a matter of the order of search.
  return { ours, spins: spins === 'deadlock' ? 'violated' : spins };
}

const PRIMITIVES = CASES.filter(({ scenario }) => ['detach-reuse', 'write-killed'].includes(scenario));

describe('an exported model', () => {
  const c = `
    void one(void) { mutex_lock(&g); x = 1; mutex_lock(&h); mutex_unlock(&h); mutex_unlock(&g); }
    void two(void) { mutex_lock(&h); mutex_lock(&g); x = 2; mutex_unlock(&g); mutex_unlock(&h); }
  `;

  it('has a process for each task, a variable for what is shared, and the lines of the code', async () => {
    const { text } = exportPromela(await smallProgram(c, ['one()', 'two()']), now);
    expect(text).toContain('active proctype v_t0()');
    expect(text).toContain('active proctype v_t1()');
    expect(text).toMatch(/byte g__w = 0;/);
    expect(text).toContain('/* <scenario>:2 void one(void)');
    expect(exportPromela(await smallProgram(c, ['one()', 'two()']), now).text).toBe(text);
  });

  it('is not made where the limits do not suffice to know every step', async () => {
    const program = await smallProgram('void one(void) { for (;;) x++; }', ['one()']);
    const { text, problem } = exportPromela(program, now, { maxStates: 100 });
    expect([text, problem]).toEqual([null, 'the limit of 100 states was reached']);
  });

  it('shows no comment that ends early', async () => {
    const program = await smallProgram('void one(void) { x = 1; /* a */ y = x /* b */; }', [
      'one()',
      'one()',
    ]);
    const { text } = exportPromela(program, now);
    for (const line of text!.split('\n')) expect(line.match(/\*\//g)?.length ?? 0).toBeLessThan(3);
  });
});

describe.runIf(hasSpin)(`Spin on exported models, ${SPIN_NEEDED}`, () => {
  it('finds a deadlock, and none where the order is kept', async () => {
    const crossed = `
      void one(void) { mutex_lock(&g); mutex_lock(&h); mutex_unlock(&h); mutex_unlock(&g); }
      void two(void) { mutex_lock(&h); mutex_lock(&g); mutex_unlock(&g); mutex_unlock(&h); }
    `;
    const calls = ['one()', 'two()'];
    expect(runSpin(exportPromela(await smallProgram(crossed, calls), now).text!, '-O0').verdict).toBe(
      'deadlock',
    );
    const kept = crossed.replace('mutex_lock(&h); mutex_lock(&g)', 'mutex_lock(&g); mutex_lock(&h)');
    expect(runSpin(exportPromela(await smallProgram(kept, calls), now).text!, '-O0').verdict).toBe('holds');
  });

  it.each([0, 100, 200, 300, 400, 500])('agrees on a random small program, from seed %i', async (first) => {
    for (let seed = first; ; seed++) {
      const { c, calls } = randomProgram(seed);
      const program = await smallProgram(c, calls);
      const verdict = explore(program, { now, limits: { maxStates: 2000 } });
      // Loops without progress are not looked for in a model.
      if (verdict.verdict === 'not-finished') continue;
      if (verdict.verdict === 'violated' && verdict.violation.kind === 'no-progress') continue;
      const { text } = exportPromela(program, now, { maxStates: 5000 });
      if (text === null) continue;
      const spins = runSpin(text, '-O0').verdict;
      expect({ seed, c, spins: spins === 'deadlock' ? 'violated' : spins }).toEqual({
        seed,
        c,
        spins: verdict.verdict,
      });
      break;
    }
  });
});

describe.runIf(hasSpin && hasShared)(`Spin on the primitives, needs ../shared, ${SPIN_NEEDED}`, () => {
  const good = [...new Map(PRIMITIVES.map((one) => [`${one.scenario} ${one.release}`, one])).values()];

  it.each(good)('agrees that $scenario holds on $release', async (one) => {
    const program = await programOf(one, treeOf(one.release));
    expect(verdicts(program)).toEqual({ ours: 'holds', spins: 'holds' });
  });

  it.each(PRIMITIVES)('agrees on $scenario on $release: $what', async (one) => {
    const program = await programOf(one, await changedTree(one));
    expect(verdicts(program)).toEqual({ ours: 'violated', spins: 'violated' });
  });
});
