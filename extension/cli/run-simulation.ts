/** From inputs to simulations: the tree as the patches leave it, and the scenarios that its functions fit. */
import type { CParser } from '../../engine/c/index.ts';
import { parseSeries } from '../../engine/patch/index.ts';
import type { Note } from '../../engine/review/review.ts';
import {
  SCENARIOS,
  type SimulationRequest,
  type SimulationResult,
  simulate,
} from '../../engine/simulate/index.ts';
import {
  buildImages,
  overlayTree,
  postTree,
  preTree,
  type Run,
  removedSymbols,
  type SourceTree,
} from '../../engine/source/index.ts';
import type { SimulationAnswer, SimulationOrder } from './services.ts';

/** Never rejects for what the inputs hold. */
export async function runSimulation(
  order: SimulationOrder,
  parser: CParser,
  run: Run,
): Promise<SimulationAnswer> {
  const notes: Note[] = [];
  const { tree, touched, removed } = await applyInputs(order, notes, run);
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

/** The tree with every input put in, one after the other; before the last patch where that is asked for. */
async function applyInputs(
  order: SimulationOrder,
  notes: Note[],
  run: Run,
): Promise<{ tree: SourceTree; touched: string[]; removed: string[] }> {
  const texts = order.sources.flatMap(({ path, text }) =>
    text === undefined ? [] : [[path, text] as const],
  );
  let tree = overlayTree(order.tree, new Map(texts));
  const touched = order.sources.map((source) => source.path);
  const removed: string[] = [];
  for (const input of order.patches) {
    const parsed = await parseSeries(input.text);
    const built = await buildImages(parsed.value, tree, run);
    for (const { message, line } of [...parsed.problems, ...built.problems]) {
      notes.push({ message, file: input.name, line });
    }
    touched.push(...built.value.files.map((image) => image.path));
    const after = postTree(built.value, tree);
    if (!order.before) removed.push(...(await removedSymbols(built.value, after)));
    tree = order.before ? preTree(built.value, tree) : after;
  }
  if (order.tree === null) {
    const message = 'without a tree (--tree DIR), callees are taken by their contracts or as unknown';
    notes.push({ message, file: null, line: null });
  }
  return { tree, touched, removed };
}
