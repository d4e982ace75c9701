/** Reduced and full search agree on random small programs; schedules replay; the shortest is the shortest. */
import { describe, expect, it } from 'vitest';
import { replay } from '../../../engine/simulate/explore/index.ts';
import { explore, formatSchedule, parseSchedule } from '../../../engine/simulate/index.ts';
import { randomProgram } from './random-program.ts';
import { now, programOf } from './run.ts';

const PROGRAMS = 1000;
const BATCH = 100;
/** Counters that never stop counting have no end of states: others take the places of those programs. */
const LIMITS = { maxStates: 2000 };

describe('random small programs', () => {
  it.each(Array.from({ length: PROGRAMS / BATCH }, (_, i) => i))(
    'batch %i: reduced and full agree',
    async (batch) => {
      let compared = 0;
      let violated = 0;
      const first = batch * 2 * BATCH;
      for (let seed = first; compared < BATCH && seed < first + 2 * BATCH; seed++) {
        const { c, calls } = randomProgram(seed);
        const program = await programOf(c, calls);
        // The reduced search first: it must find out by itself which memory is shared.
        const reduced = explore(program, { now, limits: LIMITS });
        const full = explore(program, { now, strategy: 'full', limits: LIMITS });
        if (full.verdict === 'not-finished' || reduced.verdict === 'not-finished') continue;
        compared++;
        const told = (verdict: typeof full) => ({ seed, c, verdict: verdict.verdict });
        expect(told(reduced)).toEqual(told(full));
        if (reduced.verdict !== 'violated' || full.verdict !== 'violated') continue;
        violated++;
        const text = formatSchedule(reduced.schedule);
        const again = replay(program, parseSchedule(text).schedule!);
        // A loop without progress is one that can be followed: nothing goes wrong on the way.
        const isLoop = reduced.violation.kind === 'no-progress' && again.violation === null;
        expect({ seed, c, steps: reduced.steps, problem: again.problem }).toEqual({
          seed,
          c,
          steps: full.steps,
          problem: null,
        });
        if (isLoop) continue;
        const { kind, message } = reduced.violation;
        expect({ seed, c, kind: again.violation?.kind, message: again.violation?.message }).toEqual({
          seed,
          c,
          kind,
          message,
        });
      }
      expect(compared).toBe(BATCH);
      expect(violated).toBeGreaterThan(BATCH * 0.2);
    },
  );
});
