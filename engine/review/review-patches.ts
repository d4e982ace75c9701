/** Patches, mails and series: what each breaks, what was broken before, and what it mends. */
import type { CParser } from '../c/index.ts';
import { type Finding, KnownWork, levelOf, staleConfig } from '../check/index.ts';
import type { ImageSet, Run, SourceTree, SymbolUse } from '../source/index.ts';
import { bisectFindings } from './bisect.ts';
import { checkSet } from './check-set.ts';
import { contractFindings } from './contract-changed.ts';
import { coverageFindings } from './definition-coverage.ts';
import { withoutIgnored } from './ignored.ts';
import { movedCodeFindings } from './moved-code.ts';
import { newImbalances } from './new-imbalances.ts';
import { type Input, type OpenedInput, openInput, placesOf } from './open-input.ts';
import type { ReviewOptions } from './options.ts';
import { byPlace, compareFindings, present } from './present.ts';
import type { Note, Review, ReviewFinding } from './review.ts';

/** @param known what reviews before have found out: the same parser's, or nothing. */
export async function reviewPatches(
  inputs: readonly Input[],
  tree: SourceTree | null,
  options: ReviewOptions,
  parser: CParser,
  run?: Run,
  known: KnownWork = new KnownWork(parser),
): Promise<Review> {
  const started = Date.now();
  const findings: ReviewFinding[] = [];
  const notes: Note[] = [];
  const totals = { files: 0, functions: 0, paths: 0, configs: 0 };
  for (const [index, input] of inputs.entries()) {
    if (run?.cancelled?.()) break;
    const opened = await openInput(input, tree, options, parser, run, known);
    const one = await judge(index, opened, options, parser, run);
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

/** The review of one input that is open already, for who goes on to look at its code. */
export async function reviewOpened(
  opened: OpenedInput,
  options: ReviewOptions,
  parser: CParser,
  run?: Run,
): Promise<Review> {
  const started = Date.now();
  const { findings, notes, totals } = await judge(0, opened, options, parser, run);
  return {
    inputs: [opened.input.name],
    findings: [...findings].sort(byPlace),
    notes,
    stats: { ...totals, milliseconds: Date.now() - started },
  };
}

interface InputReview {
  readonly findings: readonly ReviewFinding[];
  readonly notes: readonly Note[];
  readonly totals: { files: number; functions: number; paths: number; configs: number };
}

async function judge(
  index: number,
  opened: OpenedInput,
  options: ReviewOptions,
  parser: CParser,
  run?: Run,
): Promise<InputReview> {
  const { after, before, scope, images, uses } = opened;
  const post = await checkSet(after, scope.after, options.ruleLevels, run, true);
  const pre = await checkSet(before, scope.before, options.ruleLevels, run, true);
  const compared = compareFindings(pre.findings, post.findings);
  const imbalances = newImbalances(opened, post, pre, compared.introduced);
  const whole = [...imbalances, ...(await judgeWhole(opened, [...compared.introduced, ...imbalances], run))];
  const set = [...staleFindings(uses, images), ...whole].flatMap((one) => {
    const level = levelOf(one, options.ruleLevels);
    return level === null ? [] : [{ ...one, level }];
  });
  const more = withoutIgnored(after, set).findings;
  const between = await bisectFindings(
    opened,
    index,
    [...pre.findings, ...post.findings],
    options,
    parser,
    run,
  );
  const postPlaces = placesOf(opened, 'post');
  const prePlaces = placesOf(opened, 'pre');
  const findings = [
    ...[...compared.introduced, ...more].map((one) => present(one, 'introduced', index, postPlaces)),
    ...between,
    ...compared.fixed.map((one) => present(one, 'fixed', index, prePlaces)),
    ...(options.all ? compared.existing.map((one) => present(one, 'existing', index, postPlaces)) : []),
  ];
  return {
    findings,
    notes: [...opened.notes, ...post.notes],
    totals: {
      files: images.files.length,
      functions: post.functions + pre.functions,
      paths: post.paths + pre.paths,
      configs: post.configurations + pre.configurations,
    },
  };
}

/** What only the series as a whole shows, not one function of it. */
async function judgeWhole(
  { after, before, scope, images, tree }: OpenedInput,
  introduced: readonly Finding[],
  run?: Run,
): Promise<readonly Finding[]> {
  return [
    ...contractFindings(after, before, scope, images, introduced),
    ...movedCodeFindings(images, after),
    ...(tree ? await coverageFindings(images, after, before, tree, run) : []),
  ];
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
