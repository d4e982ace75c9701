/** From inputs to simulations: the tree as the patches leave it, and the scenarios that its functions fit. */
import type { CParser } from '../../engine/c/index.ts';
import type { Note } from '../../engine/review/review.ts';
import {
  type Limits,
  type LoadOptions,
  loadProgram,
  SCENARIOS,
  type SimulationRequest,
  type SimulationResult,
  simulate,
} from '../../engine/simulate/index.ts';
import { type Exported, exportPromela } from '../../engine/simulate/promela/index.ts';
import { patchedTree, type Run } from '../../engine/source/index.ts';
import { withOwn } from '../simulation/own-scenario.ts';
import type { SimulationAnswer, SimulationOrder } from './services.ts';

/** Never rejects for what the inputs hold. */
export async function runSimulation(
  order: SimulationOrder,
  parser: CParser,
  run: Run,
): Promise<SimulationAnswer> {
  const { tree, touched, removed, problems } = await patchedTree(order, run);
  const gone = order.before ? [] : removed;
  const notes: Note[] = [...problems];
  if (order.tree === null) {
    const message = 'without a tree (--tree DIR), callees are taken by their contracts or as unknown';
    notes.push({ message, file: null, line: null });
  }
  const chosen = SCENARIOS.filter((one) => order.scenario === null || one.name === order.scenario);
  const results: SimulationResult[] = [];
  const models: { scenario: string; text: string }[] = [];
  const skipped: { scenario: string; problem: string }[] = [];
  for (const scenario of chosen) {
    if (run.cancelled?.() === true) break;
    run.progress?.(`simulating ${scenario.name}`);
    const code: LoadOptions = {
      tree,
      parser,
      scenario: withOwn(scenario, order.own ?? null),
      functions: order.functions,
      touched,
      removed,
      configuration: new Map([...gone.map((symbol) => [symbol, 'n'] as const), ...order.configuration]),
      run,
      ...(order.depth === null ? {} : { depth: order.depth }),
    };
    if (order.how.kind === 'promela') {
      const { text, problem } = await modelOf(code, order.how.limits);
      if (text === null) skipped.push({ scenario: scenario.name, problem });
      else models.push({ scenario: scenario.name, text });
      continue;
    }
    const { result, problem } = await simulate({ ...code, how: howOf(order.how, run) });
    if (result === null) skipped.push({ scenario: scenario.name, problem });
    else results.push(result);
  }
  return { results, models, skipped, notes };
}

const now = () => performance.now();

async function modelOf(code: LoadOptions, limits: Partial<Limits>): Promise<Exported> {
  const { program, problem } = await loadProgram(code);
  return program === null ? { text: null, problem } : exportPromela(program, now, limits);
}

type Searching = Exclude<SimulationOrder['how'], { readonly kind: 'promela' }>;

function howOf(how: Searching, run: Run): SimulationRequest['how'] {
  if (how.kind !== 'explore') return how;
  const cancelled = run.cancelled === undefined ? {} : { cancelled: () => run.cancelled!() };
  const progress =
    run.progress === undefined ? {} : { progress: (message: string) => run.progress!(message) };
  const { kind, ...options } = how;
  return { kind, options: { ...options, now, ...cancelled, ...progress } };
}
