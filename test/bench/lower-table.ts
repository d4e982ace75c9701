/**
 * How well and how fast the functions of a kernel tree are lowered, per directory.
 *
 *   npx tsx test/bench/lower-table.ts --tree DIR [--show N] PATH...
 *
 * Every function is lowered with every symbol on and with every symbol off. `problems` counts functions with a
 * region that was not understood, `opaque` those with an `opaque` instruction other than assembly, `unread`
 * those without any control flow; `malformed` is what test/engine/c/well-formed.ts finds. MB/s is the text of the
 * functions over the processor time of parsing and lowering. Exits with 1 if an IR is malformed.
 */
import { type Configuration, type FunctionIR, lowerFunction, parseUnit } from '../../engine/c/index.ts';
import { guardFaults, structureFaults } from '../engine/c/well-formed.ts';
import { loadParser, openRun, printTable } from './tree-run.ts';

const { tree, files, values } = await openRun({ show: { type: 'string' } });
const parser = await loadParser();
const CONFIGURATIONS: readonly Configuration[] = [
  { values: new Map(), fallback: 'y' },
  { values: new Map(), fallback: 'n' },
];

interface Row {
  functions: number;
  problems: number;
  opaque: number;
  unread: number;
  malformed: number;
  bytes: number;
  microseconds: number;
}

const rows = new Map<string, Row>();
const shown: string[] = [];

/** A directory and the one below it: `drivers/android`. */
function folderOf(path: string): string {
  return path.split('/').slice(0, -1).slice(0, 2).join('/');
}

function isOpaque(ir: FunctionIR): boolean {
  return ir.blocks.some((block) =>
    block.instructions.some(
      (one) => one.kind === 'opaque' && one.reason !== 'inline assembly' && one.reason !== 'a computed goto',
    ),
  );
}

for (const path of files) {
  const text = (await tree.read(path)) ?? '';
  const unit = parseUnit(path, text);
  const folder = folderOf(path);
  const row = rows.get(folder) ?? {
    functions: 0,
    problems: 0,
    opaque: 0,
    unread: 0,
    malformed: 0,
    bytes: 0,
    microseconds: 0,
  };
  rows.set(folder, row);
  for (const fn of unit.functions) {
    for (const configuration of CONFIGURATIONS) {
      const before = process.cpuUsage().user;
      const ir = lowerFunction(parser, unit, fn, configuration);
      row.microseconds += process.cpuUsage().user - before;
      row.bytes += fn.end - fn.at;
      row.functions++;
      if (ir.problems.length > 0) row.problems++;
      if (isOpaque(ir)) row.opaque++;
      if (ir.blocks.length === 1 && isOpaque(ir)) row.unread++;
      const faults = [...structureFaults(ir, text.length), ...guardFaults(ir)];
      if (faults.length > 0) row.malformed++;
      const where = `${path}:${unit.position(fn.nameAt).line} ${fn.name}`;
      for (const fault of faults) shown.push(`${where}: malformed: ${fault}`);
      for (const { at, end, message } of ir.problems) {
        shown.push(
          `${where}: ${message}: ${text
            .slice(at, Math.min(end, at + 80))
            .split(/\s+/)
            .join(' ')}`,
        );
      }
    }
  }
}

printTable(
  ['directory', 'functions', 'problems', 'opaque', 'unread', 'malformed', 'MB/s'],
  [...rows].map(([folder, row]) => [
    folder,
    row.functions,
    row.problems,
    row.opaque,
    row.unread,
    row.malformed,
    (row.bytes / row.microseconds).toFixed(2),
  ]),
);
for (const line of shown.slice(0, Number(values.show ?? 0))) console.log(line);
if ([...rows.values()].some((row) => row.malformed > 0)) process.exit(1);
