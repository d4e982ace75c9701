/** Schedules along a path of lines: what a finding says, as the simulator shows it. */
import { describe, expect, it } from 'vitest';
import { followPath, formatSchedule, traceOf } from '../../../engine/simulate/index.ts';
import { programOf } from './run.ts';

const CODE = `
void holder(void)
{
  mutex_lock(&g);
  x = 1;
  mutex_unlock(&g);
}
int tries(void)
{
  if (sim_choose(2)) {
    y = 1;
    return 0;
  }
  if (!mutex_trylock(&g)) {
    y = 2;
    return 1;
  }
  y = 3;
  return 2;
}
`;
const FILE = '<scenario>';
const lineOf = (text: string) => CODE.slice(0, CODE.indexOf(text)).split('\n').length;

async function follow(...texts: readonly string[]) {
  const program = await programOf(CODE, ['holder()', 'tries()']);
  const lines = texts.map((text) => ({ file: FILE, line: lineOf(text) }));
  const followed = followPath(program, lines);
  const trace = traceOf(program, followed.schedule);
  expect(trace.problem).toBe(null);
  return {
    reached: followed.reached,
    schedule: formatSchedule(followed.schedule),
    lines: trace.steps.map((step) => step.place.line),
    tasks: new Set(trace.steps.map((step) => step.task)),
    violation: trace.violation,
  };
}

describe('a path', () => {
  it('is followed by choosing the results that it needs', async () => {
    const { reached, lines, tasks } = await follow('if (!mutex_trylock', 'y = 3');
    expect(reached).toBe(2);
    expect(lines).toContain(lineOf('y = 3'));
    expect(tasks).toEqual(new Set([1]));
  });

  it('goes on to what comes of it', async () => {
    const { violation } = await follow('y = 3');
    expect(violation).toMatchObject({ kind: 'lock-held-at-exit', task: 1 });
  });

  it('lets another task move where that is needed', async () => {
    const { reached, lines, tasks } = await follow('if (!mutex_trylock', 'y = 2');
    expect(reached).toBe(2);
    expect(lines.at(-1)).toBe(lineOf('y = 2'));
    expect(tasks).toEqual(new Set([0, 1]));
  });

  it('is followed as far as it goes', async () => {
    const { reached, lines } = await follow('y = 1', 'y = 3');
    expect(reached).toBe(1);
    expect(lines).toContain(lineOf('y = 1'));
  });

  it('is none where no task comes by its lines', async () => {
    expect(await follow('int tries(void)')).toMatchObject({ reached: 0, schedule: 'v1:' });
  });
});
