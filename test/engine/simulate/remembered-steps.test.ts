/** A remembered step is the step that the machine would make: in every state of random programs and of scenarios. */
import { describe, expect, it } from 'vitest';
import { RememberedSteps } from '../../../engine/simulate/explore/remembered-steps.ts';
import { explore, type Program } from '../../../engine/simulate/index.ts';
import { MadeStep } from '../../../engine/simulate/made-step.ts';
import { hasShared } from '../../shared.ts';
import { randomProgram } from './random-program.ts';
import { now, programOf } from './run.ts';
import { CASES, programOf as scenarioOf, treeOf } from './scenario-cases.ts';

const text = (step: MadeStep) =>
  JSON.stringify(step, (_, value) => (ArrayBuffer.isView(value) ? [...(value as Int32Array)] : value));

/**
 * Goes depth first through states, each step once as it is remembered and once by its operations, until so many were
 * compared. @returns how many were compared, and how many of them had been made before.
 */
function compare(program: Program, most: number): { compared: number; again: number } {
  const m = program.linker.machine;
  const { memory } = m;
  m.restart();
  const steps = new RememberedSteps(m);
  const made = new Set<MadeStep>();
  const seen = new Set<string>();
  let compared = 0;
  let again = 0;
  const visit = (): void => {
    for (let task = 0; task < m.tasks.length; task++) {
      if (!m.isEnabled(task)) continue;
      for (let choices: readonly number[] | null = []; choices !== null && compared < most; ) {
        const { logLength: mark, hash1, hash2 } = memory;
        const ahead: MadeStep | null = steps.ahead(task, choices);
        if (ahead === null) {
          choices = new MadeStep(m, mark, hash1, hash2).next;
          memory.undo(mark);
          continue;
        }
        expect([memory.logLength, memory.hash1, memory.hash2]).toEqual([mark, hash1, hash2]);
        if (made.has(ahead)) again++;
        made.add(ahead);
        compared++;
        expect(m.step(task, choices)).toBe(true);
        const real = new MadeStep(m, mark, hash1, hash2);
        expect(text(ahead)).toBe(text(real));
        memory.undo(mark);
        memory.redo(ahead);
        const state = `${memory.hash1} ${memory.hash2}`;
        if (!seen.has(state)) {
          seen.add(state);
          visit();
        }
        memory.undo(mark);
        choices = real.next;
      }
    }
  };
  // What is shared is found out on the way: the second time steps are what they are in a search.
  visit();
  steps.settleVisible();
  m.restart();
  seen.clear();
  made.clear();
  compared = again = 0;
  visit();
  m.restart();
  return { compared, again };
}

describe('remembered steps', () => {
  it('are others once there is a lock that nobody knew of', async () => {
    // The way to the end is the same with and without it, and is gone without it until all that is shared is known.
    const c = 'void one(void) { if (y) mutex_lock(&late); x = 1; } void two(void) { y = 1; y = 0; x = 2; }';
    const verdict = explore(await programOf(c, ['one()', 'two()']), { now });
    expect(verdict).toMatchObject({ verdict: 'violated', violation: { kind: 'lock-held-at-exit' } });
  });

  it('are those of the machine, in random programs', async () => {
    let again = 0;
    for (let seed = 0; seed < 150; seed++) {
      const { c, calls } = randomProgram(seed);
      again += compare(await programOf(c, calls), 400).again;
    }
    expect(again).toBeGreaterThan(1000);
  });
});

const scenarios = [
  ...new Map(CASES.map((one) => [`${one.scenario} ${one.release} ${one.depth}`, one])).values(),
];

describe.runIf(hasShared)('remembered steps on real trees, needs ../shared', () => {
  it.each(scenarios)('$scenario on $release', async (one) => {
    const { compared, again } = compare(await scenarioOf(one, treeOf(one.release)), 4000);
    expect(again).toBeGreaterThan(compared / 10);
  });
});
