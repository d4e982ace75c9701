/** `lock-review simulate`: runs functions of a patch against the other tasks of a scenario. */
import { noteText, visible, visibleJson } from '../../engine/report/index.ts';
import type { Limits } from '../../engine/simulate/explore/index.ts';
import { parseSchedule } from '../../engine/simulate/schedule.ts';
import { type Arguments, type OptionSpecs, oneOf, readSymbol, suggestion } from './arguments.ts';
import { EXIT, type ExitStatus, type Host, UserError } from './host.ts';
import { problemText, readInputs } from './inputs.ts';
import { joinSeries } from './join-series.ts';
import { openTree, readProject } from './open-tree.ts';
import { writeReport } from './output.ts';
import { startProgress } from './progress.ts';
import type { Services, SimulationAnswer, SimulationOrder } from './services.ts';
import { readSessionFile } from './session-file.ts';
import { withoutUnusable } from './usable-inputs.ts';

export const SIMULATE_OPTIONS: OptionSpecs = {
  function: { takes: 'list' },
  scenario: { takes: 'value' },
  tree: { takes: 'value' },
  config: { takes: 'list' },
  explore: { takes: 'flag' },
  random: { takes: 'value' },
  seed: { takes: 'value' },
  schedule: { takes: 'value' },
  depth: { takes: 'value' },
  before: { takes: 'flag' },
  full: { takes: 'flag' },
  preemptions: { takes: 'value' },
  'max-states': { takes: 'value' },
  'max-memory': { takes: 'value' },
  'max-time': { takes: 'value' },
  session: { takes: 'value' },
  whole: { takes: 'flag' },
  export: { takes: 'value' },
  format: { takes: 'value' },
  output: { takes: 'value', short: 'o' },
  help: { takes: 'flag', short: 'h' },
};

export async function simulate(args: Arguments, host: Host, services: Services): Promise<ExitStatus> {
  const format = oneOf('--format', args.value('format') ?? 'text', ['text', 'json'] as const);
  const depth = args.value('depth');
  const how = readHow(args);
  const configuration = args.list('config').map(readSymbol);
  const scenario = args.value('scenario');
  if (scenario !== null) {
    const names = (await services.scenarios()).map((one) => one.name);
    if (!names.includes(scenario)) {
      throw new UserError(
        `option '--scenario': there is no scenario '${scenario}'`,
        suggestion(scenario, names) ?? "see 'lock-review scenarios'",
      );
    }
  } else if (how.kind === 'promela') {
    throw new UserError("option '--export' needs '--scenario': a model is of one scenario");
  } else if (how.kind === 'schedule') {
    throw new UserError("option '--schedule' needs '--scenario': a schedule is of one scenario");
  }
  const sessionName = args.value('session');
  if (sessionName !== null && (args.positionals.length > 0 || scenario !== null)) {
    throw new UserError("option '--session' brings its own INPUT and scenario: name no other");
  }
  if (args.positionals.length === 0 && sessionName === null) {
    throw new UserError('nothing to simulate: expected an INPUT', "see 'lock-review simulate --help'");
  }
  const treeName = args.value('tree');
  const tree = treeName === null ? null : await openTree(host, services, treeName);
  const ids = (await services.rules()).map((rule) => rule.id);
  const project = readProject(host, tree, ids, null);

  const progress = startProgress(host);
  const order: Omit<SimulationOrder, 'tree'> =
    sessionName === null
      ? {
          ...(await readOrderInputs(args, host, services, tree)),
          functions: args.list('function'),
          scenario,
          configuration: new Map([...project.configuration.config, ...configuration]),
          how,
          depth: depth === null ? null : oneOf('--depth', depth, ['contract', 'full'] as const),
          before: args.flag('before'),
        }
      : readSessionFile(host, sessionName);
  const answer = await services.simulate({ ...order, tree: tree?.source ?? null }, progress.run);
  await progress.done();
  const bad = unrunnable(answer);
  if (bad !== null) throw new UserError(bad);
  const [model] = answer.models;
  if (model !== undefined) {
    await writeReport(host, args.value('output'), visible(model.text));
    return EXIT.clean;
  }
  const text =
    format === 'json' ? jsonText(answer, order.scenario) : await plainText(answer, args.flag('whole'));
  await writeReport(host, args.value('output'), text);
  return answer.results.some((result) => result.verdict === 'violated') ? EXIT.findings : EXIT.clean;
}

/** The inputs that are named. @throws UserError for one that cannot be used */
async function readOrderInputs(
  args: Arguments,
  host: Host,
  services: Services,
  tree: Parameters<typeof readInputs>[2],
): Promise<Pick<SimulationOrder, 'patches' | 'sources'>> {
  const inputs = await withoutUnusable(await readInputs(host, args.positionals, tree), services);
  if (inputs.problems.length > 0) throw new UserError(inputs.problems.map(problemText).join('\n'));
  const joined = await joinSeries(inputs.patches, services.readSeries);
  return { patches: joined.inputs, sources: inputs.sources };
}

/** How to choose who moves. @throws UserError where the options contradict each other. */
function readHow(args: Arguments): SimulationOrder['how'] {
  const given = ['explore', 'random', 'schedule', 'export'].filter((name) => args.flag(name));
  if (given.length > 1) {
    throw new UserError(`options '--${given[0]}' and '--${given[1]}' cannot be given together`);
  }
  const runs = args.value('random');
  const seed = args.value('seed');
  if (seed !== null && runs === null) throw new UserError("option '--seed' needs '--random'");
  if (runs !== null) {
    return {
      kind: 'random',
      runs: readNumber('--random', runs, 1),
      seed: seed === null ? 1 : readNumber('--seed', seed, 0),
    };
  }
  const model = args.value('export');
  if (model !== null) {
    oneOf('--export', model, ['promela'] as const);
    return { kind: 'promela', limits: readLimits(args) };
  }
  const text = args.value('schedule');
  if (text === null) return exploring(args);
  const { schedule, problem } = parseSchedule(text);
  if (schedule === null) throw new UserError(`option '--schedule': ${problem}`);
  return { kind: 'schedule', schedule };
}

function exploring(args: Arguments): SimulationOrder['how'] {
  const preemptions = args.value('preemptions');
  return {
    kind: 'explore',
    strategy: args.flag('full') ? 'full' : 'reduced',
    preemptions: preemptions === null ? null : readNumber('--preemptions', preemptions, 0),
    limits: readLimits(args),
  };
}

function readLimits(args: Arguments): Partial<Limits> {
  const number = (option: string): number | null => {
    const value = args.value(option);
    return value === null ? null : readNumber(`--${option}`, value, 1);
  };
  const states = number('max-states');
  const megabytes = number('max-memory');
  const seconds = number('max-time');
  return {
    ...(states === null ? {} : { maxStates: states }),
    ...(megabytes === null ? {} : { maxMegabytes: megabytes }),
    ...(seconds === null ? {} : { maxMilliseconds: 1000 * seconds }),
  };
}

function readNumber(option: string, value: string, least: number): number {
  const number = /^\d{1,9}$/.test(value) ? Number(value) : -1;
  if (number < least)
    throw new UserError(`option '${option}': '${value}' is not a whole number from ${least} on`);
  return number;
}

/** What to say where nothing could be run; null where something was. */
function unrunnable({ results, models, skipped }: SimulationAnswer): string | null {
  if (models.length > 0 || results.some((result) => result.verdict !== 'not-runnable')) return null;
  const reasons = [
    ...results.map((result) => `${result.scenario}: cannot be run: ${result.reason}`),
    ...skipped.map(({ problem }) => problem),
  ];
  return ['no scenario could be run', ...reasons.map((reason) => `  ${visible(reason)}`)].join('\n');
}

/** One object for a scenario that was named; else a list. */
function jsonText({ results }: SimulationAnswer, scenario: string | null): string {
  const data = scenario === null ? results : results[0];
  return `${visibleJson(JSON.stringify(data, null, 2))}\n`;
}

async function plainText({ results, notes }: SimulationAnswer, all: boolean): Promise<string> {
  const { simulationText } = await import('../../engine/simulate/text-report.ts');
  const blocks = results
    .filter((result) => result.verdict !== 'not-runnable')
    .map((result) => visible(simulationText(result, all)));
  if (notes.length > 0) blocks.push(`Notes:\n${notes.map((note) => `  - ${noteText(note)}\n`).join('')}`);
  return blocks.join('\n');
}
