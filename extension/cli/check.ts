/** `lock-review check`: reviews what it is given, reports, and says by its status whether to worry. */
import { availableParallelism } from 'node:os';
import { relative, resolve, sep } from 'node:path';
import type { Level } from '../../engine/check/finding.ts';
import {
  atLeast,
  b4Report,
  githubReport,
  jsonReport,
  LEVELS,
  type RuleText,
  replyReport,
  sarifReport,
  textReport,
  visible,
} from '../../engine/report/index.ts';
import type { ReviewOptions } from '../../engine/review/options.ts';
import type { Note, Review } from '../../engine/review/review.ts';
import type { Run } from '../../engine/source/tree.ts';
import { cacheFolder } from '../cache/cache-folder.ts';
import {
  type Arguments,
  type OptionSpecs,
  oneOf,
  readPair,
  readShard,
  readSymbol,
  suggestion,
} from './arguments.ts';
import { EXIT, type ExitStatus, type Host, UserError } from './host.ts';
import { type InputProblem, isInside, type OpenedTree, problemText, readInputs } from './inputs.ts';
import { joinSeries } from './join-series.ts';
import { mergeReviews } from './merge-reviews.ts';
import { kernelNotes, openTree, readProject } from './open-tree.ts';
import { writeReport } from './output.ts';
import { startProgress } from './progress.ts';
import type { FilesRun, Services } from './services.ts';
import { suppress } from './suppress.ts';
import { wantsColor } from './terminal.ts';
import { type Usable, withoutUnusable } from './usable-inputs.ts';

export const CHECK_OPTIONS: OptionSpecs = {
  tree: { takes: 'value' },
  config: { takes: 'list' },
  all: { takes: 'flag' },
  format: { takes: 'value' },
  output: { takes: 'value', short: 'o' },
  'fail-on': { takes: 'value' },
  rule: { takes: 'list' },
  baseline: { takes: 'value' },
  shard: { takes: 'value' },
  jobs: { takes: 'value', short: 'j' },
  'no-cache': { takes: 'flag' },
  color: { takes: 'value' },
  help: { takes: 'flag', short: 'h' },
};

const FORMATS = ['text', 'json', 'sarif', 'github', 'reply', 'b4'] as const;
type Format = (typeof FORMATS)[number];

export async function check(args: Arguments, host: Host, services: Services): Promise<ExitStatus> {
  const format = oneOf('--format', args.value('format') ?? 'text', FORMATS);
  const failOn = oneOf('--fail-on', args.value('fail-on') ?? 'error', [...LEVELS, 'never'] as const);
  const color = oneOf('--color', args.value('color') ?? 'auto', ['auto', 'always', 'never'] as const);
  const shard = args.value('shard');
  const jobs = readJobs(args.value('jobs'));
  const output = args.value('output');
  const configuration = args.list('config').map(readSymbol);
  const rules = await services.rules();
  const ids = rules.map((rule) => rule.id);
  const levels = args.list('rule').map((value) => readRuleLevel(value, ids));
  if (args.positionals.length === 0) {
    throw new UserError('nothing to check: expected an INPUT', "see 'lock-review check --help'");
  }
  const treeName = args.value('tree');
  const tree = treeName === null ? null : await openTree(host, services, treeName);
  const project = readProject(host, tree, ids, args.value('baseline'));
  const options: ReviewOptions = {
    configuration: new Map([...project.configuration.config, ...configuration]),
    ruleLevels: new Map([...project.configuration.rules, ...levels]),
    all: args.flag('all'),
    contracts: project.configuration.contracts,
    shard: shard === null ? null : readShard(shard),
  };

  const read = await readInputs(host, args.positionals, tree);
  const inputs = await withoutUnusable(read, services, format === 'b4');
  const progress = startProgress(host);
  const cache = args.flag('no-cache') || tree === null ? null : cacheFolder(host.env, process.platform);
  const found = await review(inputs, tree, options, { services, run: progress.run, how: { jobs, cache } });
  await progress.done();

  const suppressed = suppress(
    found,
    project.configuration.suppressions,
    project.baseline,
    new Set(inputs.sources.map((source) => source.path)),
  );
  const notes: Note[] = [...suppressed.notes];
  if (tree !== null) {
    notes.unshift(...(await kernelNotes(tree)));
    for (const message of tree.source.problems()) notes.push({ message, file: null, line: null });
  }
  // A terminal has these on standard error already; a program reads the report alone.
  if (format !== 'text') notes.push(...inputs.problems.map(noteOf));
  const complete: Review = { ...suppressed, notes };

  const usable = inputs.patches.length + inputs.sources.length > 0 || inputs.problems.length === 0;
  if (usable) {
    const shown = {
      ...complete,
      findings: complete.findings.filter((one) => options.all || one.status !== 'existing'),
    };
    const text = render(
      format,
      shown,
      { inputs, tree, rules, color, output, all: options.all },
      host,
      services,
    );
    await writeReport(host, output, text);
  }
  for (const problem of inputs.problems)
    await host.stderr.write(`lock-review: ${visible(problemText(problem))}\n`);
  if (inputs.problems.length > 0) return EXIT.unusable;
  const failing =
    failOn !== 'never' &&
    complete.findings.some((one) => one.status === 'introduced' && atLeast(one.level, failOn));
  return failing ? EXIT.findings : EXIT.clean;
}

/**
 * Patches first, then files. A patch belongs to the first part of a sharded run: its cost is small, and what it
 * shows must be reported once.
 */
async function review(
  inputs: Usable,
  tree: OpenedTree | null,
  options: ReviewOptions,
  { services, run, how }: { readonly services: Services; readonly run: Run; readonly how: FilesRun },
): Promise<Review> {
  const source = tree?.source ?? null;
  const here = options.shard === null || options.shard.index === 0;
  let patches: Review | null = null;
  if (inputs.patches.length > 0 && here) {
    const joined = await joinSeries(inputs.patches, services.readSeries);
    patches = joined.split(
      await services.reviewPatches(joined.inputs, source, { ...options, shard: null }, run),
    );
  }
  const files =
    inputs.sources.length > 0 ? await services.reviewFiles(inputs.sources, source, options, run, how) : null;
  return mergeReviews(patches, files);
}

interface RenderContext {
  readonly inputs: Usable;
  readonly tree: OpenedTree | null;
  readonly rules: readonly RuleText[];
  readonly color: 'auto' | 'always' | 'never';
  readonly output: string | null;
  readonly all: boolean;
}

function render(
  format: Format,
  review: Review,
  context: RenderContext,
  host: Host,
  services: Services,
): string {
  switch (format) {
    case 'json':
      return jsonReport(review);
    case 'sarif':
      return sarifReport(review, { version: services.version, rules: context.rules });
    case 'github':
      return githubReport(...forGithub(review, context.tree, host));
    case 'b4':
      return b4Report(review);
    case 'reply': {
      const series = new Map(context.inputs.patches.map((patch) => [patch.name, patch.series]));
      return replyReport(
        review,
        review.inputs.map((name) => series.get(name) ?? null),
      );
    }
    default:
      return textReport(review, {
        color: wantsColor(context.color, context.output, host),
        width: Math.min(host.stdout.columns ?? 80, 120),
        all: context.all,
      });
  }
}

/** Paths as GitHub wants them: relative to the repository that is checked out. */
function forGithub(
  review: Review,
  tree: OpenedTree | null,
  host: Host,
): [Review, { readonly prefix: string | null }] {
  const workspace = host.env.GITHUB_WORKSPACE ?? host.cwd;
  const inWorkspace = (path: string) => relative(workspace, path).split(sep).join('/');
  const inputs = review.inputs.map((name) => {
    const path = resolve(host.cwd, name);
    return isInside(workspace, path) ? inWorkspace(path) : name;
  });
  let prefix: string | null = null;
  if (tree !== null && isInside(workspace, tree.root)) {
    const folder = inWorkspace(tree.root);
    prefix = folder === '' ? '' : `${folder}/`;
  }
  return [{ ...review, inputs }, { prefix }];
}

/** A thread takes some hundred megabytes: more than four only where asked for. */
function readJobs(value: string | null): number {
  if (value === null) return Math.min(4, availableParallelism());
  const jobs = /^\d{1,3}$/.test(value) ? Number(value) : 0;
  if (jobs < 1) throw new UserError(`option '--jobs': '${value}' is not a number of threads from 1 to 999`);
  return jobs;
}

function readRuleLevel(value: string, ids: readonly string[]): [string, Level | 'off'] {
  const [id, level] = readPair('--rule', value, 'ID=LEVEL');
  if (!ids.includes(id)) {
    throw new UserError(
      `option '--rule': there is no rule '${id}'`,
      suggestion(id, ids) ?? "see 'lock-review rules'",
    );
  }
  return [id, oneOf('--rule', level, [...LEVELS, 'off'] as const)];
}

function noteOf(problem: InputProblem): Note {
  return { message: problem.message, file: problem.name, line: problem.line };
}
