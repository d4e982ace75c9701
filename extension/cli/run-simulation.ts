/** From inputs to simulations: the tree as the patches leave it, and the scenarios that its functions fit. */
import type { CParser } from '../../engine/c/index.ts';
import type { Note } from '../../engine/review/review.ts';
import {
  SCENARIOS,
  type SimulationRequest,
  type SimulationResult,
  simulate,
} from '../../engine/simulate/index.ts';
import { patchedTree, type Run } from '../../engine/source/index.ts';
import type { SimulationAnswer, SimulationOrder } from './services.ts';

/** Never rejects for what the inputs hold. */
export async function runSimulation(
  order: SimulationOrder,
  parser: CParser,
  run: Run,
): Promise<SimulationAnswer> {
  const { tree, touched, removed, problems } = await patchedTree(order, run);
  const notes: Note[] = [...problems];
  if (order.tree === null) {
    const message = 'without a tree (--tree DIR), callees are taken by their contracts or as unknown';
    notes.push({ message, file: null, line: null });
  }
  const chosen = SCENARIOS.filter((one) => order.scenario === null || one.name === order.scenario);
  const results: SimulationResult[] = [];
  const skipped: { scenario: string; problem: string }[] = [];
  for (const scenario of chosen) {
    if (run.cancelled?.() === true) break;
    run.progress?.(`simulating ${scenario.name}`);
    const { result, problem } = await simulate({
      tree,
      parser,
      scenario,
      functions: order.functions,
      touched,
      configuration: new Map([...removed.map((symbol) => [symbol, 'n'] as const), ...order.configuration]),
      how: howOf(order, run),
      run,
      ...(order.depth === null ? {} : { depth: order.depth }),
    });
    if (result === null) skipped.push({ scenario: scenario.name, problem });
    else results.push(result);
  }
  return { results, skipped, notes };
}

function howOf({ how }: SimulationOrder, run: Run): SimulationRequest['how'] {
  if (how.kind !== 'explore') return how;
  const cancelled = run.cancelled === undefined ? {} : { cancelled: () => run.cancelled!() };
  const progress =
    run.progress === undefined ? {} : { progress: (message: string) => run.progress!(message) };
  const { kind, ...options } = how;
  return { kind, options: { ...options, now: () => performance.now(), ...cancelled, ...progress } };
}
