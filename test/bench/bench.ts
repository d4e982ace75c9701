/**
 * npm run bench [-- --tree DIR] [--json FILE] [--only TEXT] [--profile TEXT]: how fast the engine is, each row with its
 * goal and whether it holds. CPU time of this process, the median of several runs: other programs on the machine
 * matter little. Rows on real code need a kernel tree. --profile runs the rows with that text in their names and says
 * where it wrote a profile of them, to be opened in VS Code or a browser.
 */
import { statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { KnownWork } from '../../engine/check/index.ts';
import { DEFAULT_OPTIONS, reviewFiles, reviewPatches } from '../../engine/review/index.ts';
import { memoryTree, type SourceTree } from '../../engine/source/index.ts';
import { openTree } from '../../extension/tree/index.ts';
import { changedTree, editOf, seriesOf } from './generated.ts';
import { largeTreeRows } from './large-tree.ts';
import { otherTools } from './other-tools.ts';
import { panelRows } from './panel-rows.ts';
import { programRows } from './program-rows.ts';
import type { Row } from './row.ts';
import { simulatorRows } from './simulator-rows.ts';
import { spinRows } from './spin-rows.ts';
import { loadParser, printTable } from './tree-run.ts';

const { values } = parseArgs({
  options: {
    tree: { type: 'string' },
    json: { type: 'string' },
    only: { type: 'string' },
  },
});
/** Folders that are checked whole, by path in the tree. */
const FOLDERS = ['mm', 'fs/proc', 'kernel/bpf'];
const parser = await loadParser();
const rows: Row[] = [];
const wanted = (name: string) => values.only === undefined || name.includes(values.only);

/** Milliseconds of CPU that `run` takes, the median of `times`. */
async function cost(run: () => Promise<unknown>, times = 5): Promise<number> {
  const all: number[] = [];
  for (let at = 0; at < times; at++) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    all.push((user + system) / 1000);
  }
  return all.sort((a, b) => a - b)[Math.floor(times / 2)]!;
}

async function patches(): Promise<void> {
  const one = { name: 'patch to findings, 1,000 lines, warm', size: 40 };
  const tree = memoryTree(changedTree(4_000));
  const review = (functions: number) => () =>
    reviewPatches([{ name: 'in.patch', text: seriesOf(functions) }], tree, DEFAULT_OPTIONS, parser);
  if (!wanted('patch to findings')) return;
  await review(one.size)();
  const base = await cost(review(one.size));
  rows.push({ name: one.name, value: base, unit: 'ms', goal: 50 });
  for (const times of [10, 100]) {
    const value = await cost(review(one.size * times), 1);
    // Linear, with a margin for what a larger heap costs.
    rows.push({ name: `the same, ${times} times as long`, value, unit: 'ms', goal: base * times * 1.5 });
  }
}

async function keystrokes(): Promise<void> {
  const name = 'keystroke to findings in a file of 200 functions';
  if (!wanted(name)) return;
  const known = new KnownWork(parser);
  const files = [...changedTree(200)].filter(([path]) => path.endsWith('.c'));
  const text = files.map(([, code]) => code).join('');
  let round = 0;
  const check = () => {
    round++;
    return reviewFiles(
      [{ path: 'm.c', text: editOf(text, round) }],
      null,
      DEFAULT_OPTIONS,
      parser,
      undefined,
      known,
    );
  };
  await check();
  rows.push({ name, value: await cost(check, 9), unit: 'ms', goal: 100 });
}

async function folders(tree: SourceTree, root: string): Promise<void> {
  const listed = await tree.list();
  for (const folder of FOLDERS.filter((one) => wanted(one))) {
    const files = listed.filter((file) => file.startsWith(`${folder}/`) && file.endsWith('.c'));
    if (files.length === 0) continue;
    const bytes = files.reduce((sum, file) => sum + statSync(path.join(root, file)).size, 0);
    let functions = 0;
    const value = await cost(async () => {
      const review = await reviewFiles(
        files.map((file) => ({ path: file })),
        tree,
        DEFAULT_OPTIONS,
        parser,
      );
      functions = review.stats.functions;
    }, 1);
    rows.push({
      name: `${folder}/, ${files.length} files`,
      value: bytes / 1000 / value,
      unit: 'MB/s',
      goal: 1,
      more: true,
    });
    rows.push({ name: `${folder}/, functions`, value: (functions * 1000) / value, unit: '/s', goal: null });
    rows.push(...otherTools(root, folder, files, value));
  }
  rows.push({ name: 'memory after them', value: process.memoryUsage().rss / 1e6, unit: 'MB', goal: null });
}

await patches();
await keystrokes();
if (values.tree !== undefined) {
  const tree = await openTree(values.tree);
  await folders(tree, values.tree);
  rows.push(...(await simulatorRows(tree, wanted)));
  if (wanted('Spin')) rows.push(...(await spinRows(tree)));
}
rows.push(...(await largeTreeRows(wanted)), ...programRows(values.tree ?? null, wanted));
rows.push(...panelRows(wanted));

const holds = ({ value, goal, more }: Row) => goal === null || (more ? value >= goal : value <= goal);
const shown = (value: number) => (value >= 100 ? value.toFixed(0) : value.toFixed(2));
printTable(
  ['', 'value', '', 'goal', 'holds'],
  rows.map((row) => [
    row.name,
    shown(row.value),
    row.unit,
    row.goal === null ? '' : `${row.more ? '≥' : '≤'} ${shown(row.goal)}`,
    row.goal === null ? '' : holds(row) ? 'yes' : 'NO',
  ]),
);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
process.exit(0);
