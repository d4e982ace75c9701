/** Patches, mails and series: what each breaks, what was broken before, and what it mends. */
import { type CParser, parseFragment } from '../c/index.ts';
import { type Finding, levelOf, type Program, staleConfig } from '../check/index.ts';
import { parseSeries } from '../patch/index.ts';
import {
  buildImages,
  type FileImage,
  type ImageSet,
  overlayTree,
  type Run,
  removedSymbols,
  type SourceTree,
  type SymbolUse,
  symbolUsers,
} from '../source/index.ts';
import { checkSet } from './check-set.ts';
import type { ReviewOptions } from './options.ts';
import { byPlace, compareFindings, type Places, present } from './present.ts';
import type { Note, Review, ReviewFinding } from './review.ts';
import { openProgram } from './review-files.ts';
import { isCode, touchedFunctions, withForeignCallers } from './targets.ts';

/** A patch, a mail or a series, as text. */
export interface Input {
  readonly name: string;
  readonly text: string;
}

export async function reviewPatches(
  inputs: readonly Input[],
  tree: SourceTree | null,
  options: ReviewOptions,
  parser: CParser,
  run?: Run,
): Promise<Review> {
  const started = Date.now();
  const findings: ReviewFinding[] = [];
  const notes: Note[] = [];
  const totals = { files: 0, functions: 0, paths: 0, configs: 0 };
  for (const [index, input] of inputs.entries()) {
    if (run?.cancelled?.()) break;
    const one = await reviewInput(index, input, tree, options, parser, run);
    findings.push(...one.findings);
    notes.push(...one.notes);
    for (const key of ['files', 'functions', 'paths', 'configs'] as const) totals[key] += one.totals[key];
  }
  return {
    inputs: inputs.map((input) => input.name),
    findings: findings.sort(byPlace),
    notes,
    stats: { ...totals, milliseconds: Date.now() - started },
  };
}

interface InputReview {
  readonly findings: readonly ReviewFinding[];
  readonly notes: readonly Note[];
  readonly totals: { files: number; functions: number; paths: number; configs: number };
}

async function reviewInput(
  index: number,
  input: Input,
  tree: SourceTree | null,
  options: ReviewOptions,
  parser: CParser,
  run?: Run,
): Promise<InputReview> {
  const notes: Note[] = [];
  const parsed = await parseSeries(input.text);
  const built = await buildImages(parsed.value, tree, run);
  for (const problem of [...parsed.problems, ...built.problems]) {
    notes.push({ message: problem.message, file: input.name, line: problem.line });
  }
  const images = built.value;
  const code = images.files.filter((image) => isCode(image.path));
  const postTree = overlayTree(tree, new Map(images.files.map((image) => [image.path, image.post])));
  const preTree = overlayTree(tree, preTexts(images));
  const removed = tree ? await removedSymbols(images, postTree) : [];
  if (!tree && code.length > 0) {
    notes.push({
      message:
        'without a tree, only what the hunks show was checked: callees, callers and configuration symbols elsewhere are unknown (--tree DIR)',
      file: input.name,
      line: null,
    });
  }
  const after = await openProgram(postTree, options, parser, new Set(removed), notes);
  const before = await openProgram(preTree, options, parser, new Set(), []);
  addFragments(after, code, 'post');
  addFragments(before, code, 'pre');
  const uses = removed.length > 0 ? await symbolUsers(postTree, removed) : [];
  const touched = await touchedFunctions(after, before, code, uses);
  await after.loadCallees(touched.after, run);
  await before.loadCallees(touched.before, run);
  const scope = tree ? await withForeignCallers(after, before, touched, postTree, run) : touched;
  const post = await checkSet(after, scope.after, options.ruleLevels, run);
  const pre = await checkSet(before, scope.before, options.ruleLevels, run);
  const compared = compareFindings(pre.findings, post.findings);
  const stale = staleFindings(uses, images).filter((one) => levelOf(one, options.ruleLevels) !== null);
  const postPlaces = places(after, images, 'post');
  const prePlaces = places(before, images, 'pre');
  const findings = [
    ...[...compared.introduced, ...stale].map((one) => present(one, 'introduced', index, postPlaces)),
    ...compared.fixed.map((one) => present(one, 'fixed', index, prePlaces)),
    ...(options.all ? compared.existing.map((one) => present(one, 'existing', index, postPlaces)) : []),
  ];
  return {
    findings,
    notes: [...notes, ...post.notes],
    totals: {
      files: images.files.length,
      functions: post.functions + pre.functions,
      paths: post.paths + pre.paths,
      configs: post.configurations + pre.configurations,
    },
  };
}

/** The texts before the series, where they differ from what the tree holds. */
function preTexts(images: ImageSet): Map<string, string | null> {
  const texts = new Map<string, string | null>();
  for (const image of images.files) {
    if (image.oldPath !== null) texts.set(image.oldPath, image.pre);
    if (image.oldPath !== image.path && !image.isCopy) texts.set(image.path, null);
  }
  return texts;
}

/** Files of which only hunks are known are read as fragments; the others come from their tree. */
function addFragments(program: Program, images: readonly FileImage[], which: 'pre' | 'post'): void {
  for (const image of images) {
    if (image.basis !== 'fragment') continue;
    const text = which === 'post' ? image.post : image.pre;
    const path = which === 'post' ? image.path : (image.oldPath ?? image.path);
    const unknown = which === 'post' ? image.unknownPostLines : image.unknownPreLines;
    const sections = which === 'post' ? image.sections : [];
    if (text !== null) program.addUnit(parseFragment(path, text, { unknown, sections }));
  }
}

function staleFindings(uses: readonly SymbolUse[], images: ImageSet): readonly Finding[] {
  const touched = new Set(images.files.map((image) => image.path));
  // Code that defines the symbol for itself does not ask Kconfig.
  return uses
    .filter((use) => !use.isLocal)
    .map((use) => ({
      rule: staleConfig.id,
      level: staleConfig.level,
      message: `${use.symbol} is removed by the series, but still tested here`,
      why: touched.has(use.file)
        ? 'Nothing can set the symbol any more, so the test is always false.'
        : 'The series does not touch this file. Nothing can set the symbol any more, so the test is always false.',
      advice: 'Remove the test in the same series, and keep the half that is still right.',
      file: use.file,
      line: use.line,
      column: use.column,
      endColumn: use.endColumn,
      function: '',
      config: { [use.symbol]: 'n' },
      trace: [
        {
          file: use.file,
          line: use.line,
          column: use.column,
          message: `tests ${use.symbol}`,
          kind: 'violation',
          held: null,
        },
      ],
      lock: use.symbol,
      shape: use.text.trim(),
    }));
}

function places(program: Program, images: ImageSet, which: 'pre' | 'post'): Places {
  const byPath = new Map(
    images.files.map(
      (image) => [which === 'post' ? image.path : (image.oldPath ?? image.path), image] as const,
    ),
  );
  const texts = new Map<string, readonly string[]>();
  return {
    line: (file, line) => {
      const unit = program.unit(file);
      if (unit) return unit.line(line);
      let lines = texts.get(file);
      if (!lines) {
        const image = byPath.get(file);
        lines = ((which === 'post' ? image?.post : image?.pre) ?? '').split('\n');
        texts.set(file, lines);
      }
      return lines[line - 1] ?? '';
    },
    inputLine: (file, line) => {
      const image = byPath.get(file);
      if (!image) return null;
      return which === 'post' ? image.postLineToInput(line) : image.preLineToInput(line);
    },
  };
}
