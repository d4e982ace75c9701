/** One simulation from beginning to end, with a result that is plain data. */
import type { CParser } from '../c/index.ts';
import type { Run, SourceTree } from '../source/tree.ts';
import { type ExploreOptions, exploration, type Progress, searchRandom } from './explore/index.ts';
import type { Depth } from './linker.ts';
import { loadProgram, type Program } from './program.ts';
import type { Scenario } from './scenario.ts';
import type { Schedule } from './schedule.ts';
import { type Trace, traceOf } from './trace.ts';
import { counted, type Numbers, type Verdict } from './verdict.ts';

export interface SimulationRequest {
  /** The tree as it is to be run: with the patch applied, or without. */
  readonly tree: SourceTree;
  readonly parser: CParser;
  readonly scenario: Scenario;
  readonly functions: readonly string[];
  readonly touched: readonly string[];
  readonly configuration: ReadonlyMap<string, 'y' | 'm' | 'n'>;
  readonly depth?: Depth;
  readonly how:
    | {
        readonly kind: 'explore';
        readonly options: ExploreOptions;
        /** Awaited between two slices of work, for a caller that has other things to do meanwhile. */
        readonly pause?: (progress: Progress) => Promise<void>;
      }
    | { readonly kind: 'schedule'; readonly schedule: Schedule }
    | { readonly kind: 'random'; readonly seed: number; readonly runs: number };
  readonly run?: Run;
}

export interface SimulationResult {
  readonly version: 1;
  readonly scenario: string;
  readonly title: string;
  readonly property: string;
  readonly roles: readonly { readonly role: string; readonly function: string; readonly file: string }[];
  readonly depth: Depth;
  readonly release: string;
  readonly verdict: 'holds' | 'violated' | 'not-finished' | 'replayed' | 'not-runnable';
  readonly isShortest: boolean;
  /** Steps of the search in the violation's schedule; null where none was searched for. */
  readonly steps: number | null;
  /** Preemptions up to which everything was tried, where the search did not finish. */
  readonly bound: number | null;
  readonly reason: string;
  readonly trace: Trace | null;
  /** What was taken for granted, sorted. */
  readonly assumed: readonly string[];
  /** Null for a replay: it takes as long as it takes. */
  readonly numbers: Numbers | null;
}

export type Simulated =
  | { readonly result: SimulationResult; readonly program: Program; readonly problem: null }
  | { readonly result: null; readonly program: null; readonly problem: string };

export async function simulate(request: SimulationRequest): Promise<Simulated> {
  const loaded = await loadProgram(request);
  if (loaded.program === null) return { result: null, program: null, problem: loaded.problem };
  const { program } = loaded;
  const { scenario } = request;
  const base = {
    version: 1 as const,
    scenario: scenario.name,
    title: scenario.title,
    property: scenario.property,
    roles: program.bindings.flatMap(({ role, definition }) =>
      definition === null
        ? []
        : [{ role: role.name, function: definition.fn.name, file: definition.unit.path }],
    ),
    depth: program.depth,
    release: program.release,
    isShortest: false,
    steps: null,
    bound: null,
    reason: '',
  };
  const finish = (more: Partial<SimulationResult> & Pick<SimulationResult, 'verdict'>): Simulated => {
    const assumed = [...program.linker.machine.assumed].sort();
    return { result: { ...base, trace: null, numbers: null, assumed, ...more }, program, problem: null };
  };
  const { how } = request;
  if (how.kind === 'schedule') {
    const trace = traceOf(program, how.schedule);
    return finish({ verdict: verdictOf(trace), trace });
  }
  if (how.kind === 'random') {
    const found = searchRandom(program, how.seed, how.runs);
    const numbers = { states: 0, transitions: found.transitions, milliseconds: 0 };
    if (found.violation === null) {
      return finish({
        verdict: 'not-finished',
        reason: `${counted(found.runs, 'random schedule')} went well`,
        numbers,
      });
    }
    const trace = traceOf(program, found.schedule);
    return finish({ verdict: verdictOf(trace), trace, numbers });
  }
  const search = exploration(program, how.options);
  let step = search.next();
  while (step.done !== true) {
    await how.pause?.(step.value);
    step = search.next();
  }
  return finish(explored(program, step.value));
}

function explored(
  program: Program,
  verdict: Verdict,
): Partial<SimulationResult> & Pick<SimulationResult, 'verdict'> {
  const { numbers } = verdict;
  if (verdict.verdict === 'holds') return { verdict: 'holds', numbers };
  if (verdict.verdict === 'not-finished')
    return { verdict: 'not-finished', reason: verdict.reason, bound: verdict.bound, numbers };
  const traced = traceOf(program, verdict.schedule);
  // A loop without progress is one that replays without going wrong.
  const { pc: _pc, ...violation } = verdict.violation;
  const place =
    traced.violation?.place ?? traced.steps.findLast((step) => step.task === violation.task)?.place;
  const trace: Trace =
    traced.violation !== null
      ? traced
      : {
          ...traced,
          violation: { ...violation, place: place ?? { file: '', line: 0, function: '', text: '' } },
        };
  return {
    verdict: verdict.violation.kind === 'unrunnable' ? 'not-runnable' : 'violated',
    reason:
      verdict.violation.kind === 'unrunnable'
        ? `${trace.violation!.place.file}:${trace.violation!.place.line}: ${verdict.violation.message}`
        : '',
    isShortest: verdict.shortest,
    steps: verdict.steps,
    trace,
    numbers,
  };
}

function verdictOf(trace: Trace): SimulationResult['verdict'] {
  return trace.violation === null
    ? 'replayed'
    : trace.violation.kind === 'unrunnable'
      ? 'not-runnable'
      : 'violated';
}
