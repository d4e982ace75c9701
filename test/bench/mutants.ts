/**
 * How much the checker catches: in every function that takes and releases a lock, one lock operation is broken at a
 * time, and the change is reviewed as the patch that it is. A mutant is caught if the review has an error or a
 * warning that the patch introduces.
 */
import { KnownWork } from '../../engine/check/index.ts';
import { DEFAULT_OPTIONS } from '../../engine/review/options.ts';
import { openProgram } from '../../engine/review/review-files.ts';
import { reviewPatches } from '../../engine/review/review-patches.ts';
import { MUTANT_KINDS, type Mutant, mutantsOf } from './mutate.ts';
import { loadParser, openRun, printTable } from './tree-run.ts';

const { tree, files, values } = await openRun({
  list: { type: 'boolean' },
  caught: { type: 'boolean' },
  limit: { type: 'string' },
  kind: { type: 'string' },
});
const parser = await loadParser();
const limit = typeof values.limit === 'string' ? Number(values.limit) : Number.POSITIVE_INFINITY;
const made = new Map<string, number>();
const caught = new Map<string, number>();
const missed: Mutant[] = [];

for (const path of files) {
  const text = await tree.read(path);
  if (text === null) continue;
  const known = new KnownWork(parser);
  const program = await openProgram(tree, DEFAULT_OPTIONS, parser, new Set(), [], known);
  const mutants = mutantsOf(program, program.add(path, text)).filter(
    (one) => typeof values.kind !== 'string' || one.kind === values.kind,
  );
  for (const mutant of spread(mutants, limit)) {
    const patch = { name: 'mutant.patch', text: patchOf(text, mutant) };
    const { findings } = await reviewPatches([patch], tree, DEFAULT_OPTIONS, parser, undefined, known);
    const found = findings.filter((one) => one.status === 'introduced' && one.level !== 'note');
    made.set(mutant.kind, (made.get(mutant.kind) ?? 0) + 1);
    if (found.length > 0) {
      caught.set(mutant.kind, (caught.get(mutant.kind) ?? 0) + 1);
      if (values.caught)
        for (const one of found) console.log(`${place(mutant)}: ${one.rule} ${one.function}: ${one.message}`);
    } else missed.push(mutant);
  }
}
if (values.list) for (const one of missed) console.log(place(one));
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

function place({ path, line, kind, function: name }: Mutant): string {
  return `${path}:${line}: ${kind}: ${name}`;
}

/** At most so many of a list, from all over it. */
function spread<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, at) => list[Math.floor((at * list.length) / most)]!);
}

/** The mutation as a patch; it changes one line, with three lines around it. */
function patchOf(text: string, { path, line, text: mutated }: Mutant): string {
  const before = text.split('\n');
  const after = mutated.split('\n');
  const from = Math.max(0, line - 4);
  const to = Math.min(before.length, line + 3);
  const body = before
    .slice(from, to)
    .flatMap((one, at) => (from + at === line - 1 ? [`-${one}`, `+${after[line - 1]}`] : [` ${one}`]));
  const range = `${from + 1},${to - from}`;
  return [`--- a/${path}`, `+++ b/${path}`, `@@ -${range} +${range} @@`, ...body, ''].join('\n');
}
