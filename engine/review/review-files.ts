/** Files of a tree, or by themselves, checked as they are: every finding is `existing`. */
import type { CParser, SourceUnit } from '../c/index.ts';
import { KnownWork, Program } from '../check/index.ts';
import { buildTable, contractTable, detectProfile, NEWEST, type Profile } from '../protocol/index.ts';
import type { Run, SourceTree } from '../source/index.ts';
import { checkSet } from './check-set.ts';
import type { ReviewOptions } from './options.ts';
import { byPlace, present } from './present.ts';
import type { Note, Review, ReviewFinding } from './review.ts';

/** A file to check: a path of the tree, or with `text`, a file by itself or as an editor has it. */
export interface SourceFile {
  readonly path: string;
  readonly text?: string;
}

/** @param known what reviews before have found out: the same parser's, or nothing. */
export async function reviewFiles(
  files: readonly SourceFile[],
  tree: SourceTree | null,
  options: ReviewOptions,
  parser: CParser,
  run?: Run,
  known: KnownWork = new KnownWork(parser),
): Promise<Review> {
  const started = Date.now();
  const notes: Note[] = [];
  const program = await openProgram(tree, options, parser, new Set(), notes, known);
  const chosen = options.shard
    ? files.filter((_, at) => at % options.shard!.count === options.shard!.index)
    : files;
  const findings: ReviewFinding[] = [];
  let functions = 0;
  let paths = 0;
  let configs = 0;
  const units: SourceUnit[] = [];
  for (const file of chosen) {
    if (run?.cancelled?.()) break;
    const unit = file.text === undefined ? await program.load(file.path) : program.add(file.path, file.text);
    if (!unit) {
      notes.push({ message: 'there is no such text file in the tree', file: file.path, line: null });
      continue;
    }
    units.push(unit);
    for (const problem of unit.problems) {
      notes.push({ message: problem.message, file: file.path, line: unit.position(problem.at).line });
    }
  }
  // All files at once: each look-up of callees reads through the tree.
  await program.loadCallees(
    units.flatMap((unit) => unit.functions.map((fn) => ({ unit, fn }))),
    run,
  );
  for (const unit of units) {
    if (run?.cancelled?.()) break;
    const all = unit.functions.map((fn) => ({ unit, fn }));
    const result = await checkSet(program, all, options.ruleLevels, run);
    functions += all.length;
    paths += result.paths;
    configs += result.configurations;
    notes.push(...result.notes);
    const places = {
      line: (path: string, line: number) => program.unit(path)?.line(line) ?? '',
      inputLine: (path: string, line: number) => (path === unit.path ? line : null),
    };
    for (const finding of result.findings) findings.push(present(finding, 'existing', 0, places));
  }
  return {
    inputs: files.map((file) => file.path),
    findings: findings.sort(byPlace),
    notes,
    stats: { files: units.length, functions, paths, configs, milliseconds: Date.now() - started },
  };
}

/** A program over a tree (or over nothing but what will be added), with the contracts of its release. */
export async function openProgram(
  tree: SourceTree | null,
  options: ReviewOptions,
  parser: CParser,
  removed: ReadonlySet<string>,
  notes: Note[],
  known: KnownWork = new KnownWork(parser),
): Promise<Program> {
  let profile: Profile = NEWEST;
  if (tree) {
    const detected = await detectProfile(tree);
    profile = detected.profile;
    if (detected.how.startsWith('assumed'))
      notes.push({ message: `kernel release: ${detected.how}`, file: null, line: null });
  }
  const contracts =
    options.contracts.length === 0
      ? contractTable(profile)
      : buildTable(profile, [...options.contracts, ...contractTable(profile).all()]);
  const values = new Map(options.configuration);
  for (const symbol of removed) values.set(symbol, 'n');
  return new Program({
    tree,
    parser,
    contracts,
    fixed: { values, fallback: 'y' },
    removed,
    rounds: 2,
    known,
  });
}
