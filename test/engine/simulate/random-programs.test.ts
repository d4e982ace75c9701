/** Reduced and full search agree on random small programs; schedules replay; the shortest is the shortest. */
import { describe, expect, it } from 'vitest';
import { randomNumbers, replay } from '../../../engine/simulate/explore/index.ts';
import { explore, formatSchedule, parseSchedule } from '../../../engine/simulate/index.ts';
import { now, programOf } from './run.ts';

const PROGRAMS = 1000;
const BATCH = 100;

/** Two or three tasks of a few statements over two variables and two locks, with branches and loops. */
function randomProgram(seed: number): { c: string; calls: string[] } {
  const random = randomNumbers(seed * 2654435761 + 1);
  const pick = <T>(list: readonly T[]): T => list[random(list.length)]!;
  const variable = () => pick(['x', 'y']);
  const statement = (depth: number): string => {
    switch (random(depth > 1 ? 6 : 10)) {
      case 0:
        return `${variable()} = ${random(3)};`;
      case 1:
        return `${variable()}++;`;
      case 2:
        return `${variable()} = ${variable()};`;
      case 3:
        return `sim_assert(${variable()} != ${random(4)}, "a");`;
      case 4:
        return pick(['mutex_lock(&m);', 'mutex_unlock(&m);', 'spin_lock(&n);', 'spin_unlock(&n);']);
      case 5:
        return `if (mutex_trylock(&m)) { ${variable()} = ${random(3)}; mutex_unlock(&m); }`;
      case 6:
        return `if (${variable()} == ${random(3)}) { ${statement(depth + 1)} }`;
      case 7:
        return `mutex_lock(&m); ${statement(depth + 1)} ${statement(depth + 1)} mutex_unlock(&m);`;
      case 8:
        return `while (${variable()} == ${random(2)}) { ${statement(depth + 1)} }`;
      default:
        return `${variable()} = sim_choose(2);`;
    }
  };
  const tasks = 2 + random(2);
  const length = tasks === 3 ? 2 : 3;
  const names = ['one', 'two', 'three'].slice(0, tasks);
  const c = names
    .map(
      (name) =>
        `void ${name}(void) { ${Array.from({ length: 1 + random(length) }, () => statement(0)).join(' ')} }`,
    )
    .join('\n');
  return { c, calls: names.map((name) => `${name}()`) };
}

describe('random small programs', () => {
  it.each(Array.from({ length: PROGRAMS / BATCH }, (_, i) => i))(
    'batch %i: reduced and full agree',
    async (batch) => {
      let compared = 0;
      for (let seed = batch * BATCH; seed < (batch + 1) * BATCH; seed++) {
        const { c, calls } = randomProgram(seed);
        const limits = { maxStates: 3000 };
        const full = explore(await programOf(c, calls), { now, strategy: 'full', limits });
        const program = await programOf(c, calls);
        const reduced = explore(program, { now, limits });
        // Counters that never stop counting have no end of states.
        if (full.verdict === 'not-finished' || reduced.verdict === 'not-finished') continue;
        compared++;
        const told = (verdict: typeof full) => ({ seed, c, verdict: verdict.verdict });
        expect(told(reduced)).toEqual(told(full));
        if (reduced.verdict !== 'violated' || full.verdict !== 'violated') continue;
        // A loop is looked for once all states are known: its schedule is no shortest one.
        if (reduced.violation.kind === 'no-progress' || full.violation.kind === 'no-progress') continue;
        // What a step is depends on the cells that were seen to be shared: compare on the same program.
        const whole = explore(program, { now, strategy: 'full', limits });
        expect({ seed, c, steps: whole.verdict === 'violated' && whole.steps }).toEqual({
          seed,
          c,
          steps: reduced.steps,
        });
        expect({ seed, c, shortest: reduced.shortest }).toEqual({ seed, c, shortest: true });
        const text = formatSchedule(reduced.schedule);
        const again = replay(program, parseSchedule(text).schedule!);
        expect({ seed, c, kind: again.violation?.kind, message: again.violation?.message }).toEqual({
          seed,
          c,
          kind: reduced.violation.kind,
          message: reduced.violation.message,
        });
      }
      expect(compared).toBeGreaterThan(BATCH * 0.8);
    },
  );
});
