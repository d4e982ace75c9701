/**
 * How much the checker catches: in every function that takes and releases a lock, one lock operation is broken
 * at a time, and the function and its callers in the file are checked again. A mutant is caught if a finding
 * appears that the code did not have before.
 */
import { checkFunction, type Program } from '../../engine/check/index.ts';
import { DEFAULT_OPTIONS } from '../../engine/review/options.ts';
import { openProgram } from '../../engine/review/review-files.ts';
import { MUTANT_KINDS, type Mutant, mutantsOf } from './mutate.ts';
import { loadParser, openRun, printTable } from './tree-run.ts';

const { tree, files, values } = await openRun({ list: { type: 'boolean' }, limit: { type: 'string' } });
const parser = await loadParser();
const limit = typeof values.limit === 'string' ? Number(values.limit) : Number.POSITIVE_INFINITY;
const made = new Map<string, number>();
const caught = new Map<string, number>();
const missed: Mutant[] = [];

for (const path of files) {
  const text = await tree.read(path);
  if (text === null) continue;
  const base = await openProgram(tree, DEFAULT_OPTIONS, parser, new Set(), []);
  const unit = base.add(path, text);
  await base.loadCallees(unit.functions.map((fn) => ({ unit, fn })));
  const known = new Map<string, ReadonlySet<string>>();
  for (const mutant of mutantsOf(base, unit).slice(0, limit)) {
    const names = [
      mutant.function,
      ...unit.functions.filter((fn) => fn.calls.includes(mutant.function)).map((fn) => fn.name),
    ];
    for (const name of names) if (!known.has(name)) known.set(name, findingsOf(base, path, name));
    const program = base.withFile(path, mutant.text);
    const before = new Set(names.flatMap((name) => [...known.get(name)!]));
    const after = names.flatMap((name) => [...findingsOf(program, path, name)]);
    made.set(mutant.kind, (made.get(mutant.kind) ?? 0) + 1);
    if (after.some((key) => !before.has(key))) caught.set(mutant.kind, (caught.get(mutant.kind) ?? 0) + 1);
    else missed.push(mutant);
  }
}
if (values.list)
  for (const one of missed) console.log(`${one.path}:${one.line}: ${one.kind}: ${one.function}`);
const percent = (part: number, all: number) => (all === 0 ? '-' : `${((100 * part) / all).toFixed(1)} %`);
const rows = MUTANT_KINDS.map((kind) => [
  kind,
  made.get(kind) ?? 0,
  caught.get(kind) ?? 0,
  percent(caught.get(kind) ?? 0, made.get(kind) ?? 0),
]);
const all = [...made.values()].reduce((a, b) => a + b, 0);
const hit = [...caught.values()].reduce((a, b) => a + b, 0);
printTable(['mutant', 'made', 'caught', 'share'], [...rows, ['all', all, hit, percent(hit, all)]]);

/** The findings of the functions of that name, errors and warnings, without line numbers. */
function findingsOf(program: Program, path: string, name: string): ReadonlySet<string> {
  const unit = program.unit(path)!;
  const keys = new Set<string>();
  for (const fn of unit.functions) {
    if (fn.name !== name) continue;
    for (const one of checkFunction(program, { unit, fn }).findings) {
      if (one.level !== 'note') keys.add(`${one.rule} ${one.function} ${one.lock} ${one.shape}`);
    }
  }
  return keys;
}
