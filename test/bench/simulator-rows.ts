/** How fast the simulator explores: steps a second, and how long its verdicts take. Needs a kernel tree. */
import { explore, loadProgram, type Program, SCENARIOS, type Scenario } from '../../engine/simulate/index.ts';
import type { SourceTree } from '../../engine/source/index.ts';
import { CASES, edited, programOf } from '../engine/simulate/scenario-cases.ts';
import { cpu, type Row } from './row.ts';
import { loadParser } from './tree-run.ts';

const now = () => performance.now();

/** Milliseconds of CPU until the verdict. */
function searchTime(program: Program): number {
  const before = cpu();
  explore(program, { now });
  return cpu() - before;
}

async function load(scenario: Scenario, tree: SourceTree): Promise<Program | null> {
  const { program } = await loadProgram({
    tree,
    parser: await loadParser(),
    scenario,
    functions: [],
    touched: [],
    configuration: new Map(),
  });
  return program;
}

export async function simulatorRows(tree: SourceTree, wanted: (name: string) => boolean): Promise<Row[]> {
  const rows: Row[] = [];
  if (wanted('transitions')) rows.push(...(await throughput(tree)));
  if (wanted('verdict')) rows.push(...(await verdicts(tree)));
  if (wanted('violation')) rows.push(...(await violations(tree)));
  return rows;
}

/** A scenario that is small in itself, with more readers: a search long enough to be measured. */
async function throughput(tree: SourceTree): Promise<Row[]> {
  const scenario = SCENARIOS.find(({ name }) => name === 'query-fallback')!;
  const [reader] = scenario.tasks;
  const more = ['second', 'third'].map((name) => ({ ...reader!, name: `${name} reader` }));
  const program = await load({ ...scenario, depth: 'contract', tasks: [...scenario.tasks, ...more] }, tree);
  if (program === null) return [];
  const speeds = Array.from({ length: 11 }, () => {
    const before = cpu();
    const { numbers } = explore(program, { now, limits: { maxStates: 40_000 } });
    return (1000 * numbers.transitions) / (cpu() - before);
  });
  return [
    {
      name: 'transitions of the explorer, contract depth',
      value: speeds.sort((a, b) => b - a)[5]!,
      unit: '/s',
      goal: 1_000_000,
      more: true,
    },
  ];
}

/** The slowest verdict on the tree as it is, by the number of tasks. */
async function verdicts(tree: SourceTree): Promise<Row[]> {
  const slowest = new Map<number, { name: string; value: number }>();
  for (const scenario of SCENARIOS) {
    const program = await load(scenario, tree);
    if (program === null) continue;
    const value = searchTime(program);
    const tasks = scenario.tasks.length;
    if (value > (slowest.get(tasks)?.value ?? 0)) slowest.set(tasks, { name: scenario.name, value });
  }
  return [...slowest]
    .sort(([a], [b]) => a - b)
    .map(([tasks, { name, value }]) => ({
      name: `slowest verdict on ${tasks} tasks (${name})`,
      value,
      unit: 'ms',
      goal: tasks === 2 ? 1000 : 10_000,
    }));
}

/** The slowest violation among the one-line changes that the tests make to the tree. */
async function violations(tree: SourceTree): Promise<Row[]> {
  let slowest: Row | null = null;
  for (const one of CASES) {
    const changed = await edited(tree, one.edit);
    if (changed === null) continue;
    const value = searchTime(await programOf(one, changed));
    if (value <= (slowest?.value ?? 0)) continue;
    slowest = { name: `slowest violation (${one.scenario}: ${one.what})`, value, unit: 'ms', goal: 200 };
  }
  return slowest === null ? [] : [slowest];
}
