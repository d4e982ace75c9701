/** Our verdicts beside Spin's of the exported models, on the primitives of a tree: the goal of a row is Spin's time. */
import { explore, exportPromela } from '../../engine/simulate/index.ts';
import type { SourceTree } from '../../engine/source/index.ts';
import { CASES, edited, programOf } from '../engine/simulate/scenario-cases.ts';
import { hasSpin, runSpin, SPIN_NEEDED } from '../spin.ts';
import { cpu, type Row } from './row.ts';

const now = () => performance.now();

/** @returns no rows where Spin is missing. */
export async function spinRows(tree: SourceTree): Promise<Row[]> {
  if (!hasSpin) {
    console.error(`Spin was not measured: ${SPIN_NEEDED}`);
    return [];
  }
  const primitives = CASES.filter(({ scenario }) => ['detach-reuse', 'write-killed'].includes(scenario));
  const good = [...new Map(primitives.map((one) => [one.scenario, one])).values()];
  const rows: Row[] = [];
  for (const one of good) rows.push(...(await race(one, tree, 'as it is')));
  for (const one of primitives) {
    const changed = await edited(tree, one.edit);
    if (changed !== null) rows.push(...(await race(one, changed, one.what)));
  }
  return rows;
}

/** CPU time of both: ours with reading and compiling the C, Spin's with `spin -a` and the C compiler. */
async function race(one: (typeof CASES)[number], tree: SourceTree, what: string): Promise<Row[]> {
  const before = cpu();
  const program = await programOf(one, tree);
  const loaded = cpu();
  const { verdict } = explore(program, { now });
  const searched = cpu();
  const { text } = exportPromela(program, now);
  if (text === null) return [];
  const spin = runSpin(text);
  const name = `${one.scenario}, ${what}: ${verdict}, Spin: ${spin.verdict}`;
  return [
    { name, value: searched - before, unit: 'ms', goal: spin.generation + spin.search },
    {
      name: `  the search alone (Spin's: ${spin.search.toFixed(0)} ms)`,
      value: searched - loaded,
      unit: 'ms',
      goal: null,
    },
  ];
}
