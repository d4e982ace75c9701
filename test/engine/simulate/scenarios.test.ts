/** Every scenario on the code of real trees: it holds, and a one-line change to the code breaks it. */
import { describe, expect, it } from 'vitest';
import { explore, formatSchedule, parseSchedule } from '../../../engine/simulate/index.ts';
import { traceOf } from '../../../engine/simulate/trace.ts';
import { hasShared } from '../../shared.ts';
import { now } from './run.ts';
import { CASES, changedTree, programOf, treeOf } from './scenario-cases.ts';

const tuples = [
  ...new Map(CASES.map((one) => [`${one.scenario} ${one.release} ${one.depth}`, one])).values(),
];

describe.runIf(hasShared)('scenarios on real trees, needs ../shared', () => {
  it.each(tuples)('$scenario holds on $release', async (one) => {
    const verdict = explore(await programOf(one, treeOf(one.release)), { now });
    expect(verdict).toMatchObject({ verdict: 'holds' });
  });

  it.each(CASES)('$scenario on $release: $what', async (one) => {
    const tree = await changedTree(one);
    const program = await programOf(one, tree);
    const verdict = explore(program, { now });
    expect(verdict).toMatchObject({ verdict: 'violated', shortest: true, violation: { kind: one.kind } });
    if (verdict.verdict !== 'violated') return;
    // The schedule replays, as text, to the same violation, and the trace is the same each time.
    const text = formatSchedule(verdict.schedule);
    const trace = traceOf(program, parseSchedule(text).schedule!);
    expect(trace.violation).toMatchObject({ kind: one.kind, message: verdict.violation.message });
    expect(traceOf(program, parseSchedule(text).schedule!)).toEqual(trace);
    // Also where nothing was searched before: byte for byte.
    const fresh = traceOf(await programOf(one, tree), parseSchedule(text).schedule!);
    expect(JSON.stringify(fresh)).toBe(JSON.stringify(trace));
    expect(trace.schedule).toBe(text);
  });
});
