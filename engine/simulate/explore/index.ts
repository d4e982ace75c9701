/** Ways to choose who moves: every interleaving (in full or reduced), random ones, a given one. */
import type { Program } from '../program.ts';
import type { Verdict } from '../verdict.ts';
import { Budget, DEFAULT_LIMITS, type Limits } from './budget.ts';
import { type SearchResult, searchFull } from './full.ts';
import { searchReduced } from './reduced.ts';

export { DEFAULT_LIMITS, type Limits } from './budget.ts';
export { searchFull } from './full.ts';
export { searchReduced } from './reduced.ts';
export {
  type RandomResult,
  type ReplayResult,
  randomNumbers,
  replay,
  restart,
  searchRandom,
} from './replay.ts';

export interface ExploreOptions {
  readonly limits?: Partial<Limits>;
  /** `reduced` is the default; `full` tries every interleaving one by one. */
  readonly strategy?: 'reduced' | 'full';
  /** Only schedules with at most so many preemptions. */
  readonly preemptions?: number | null;
  /** A clock in milliseconds. */
  readonly now: () => number;
  readonly cancelled?: () => boolean;
  readonly progress?: (message: string) => void;
}

const MAX_RESTARTS = 60;

/**
 * Searches every interleaving of a program. A violation that is found is then looked for breadth first, so that its
 * schedule is the shortest. Where a limit is reached first, bounds on preemptions are tried, 0, 1, 2, …, with what is
 * left of it.
 */
export function explore(program: Program, options: ExploreOptions): Verdict {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const began = options.now();
  let states = 0;
  let transitions = 0;
  const numbers = () => ({ states, transitions, milliseconds: options.now() - began });
  const budget = () =>
    new Budget(
      { ...limits, maxMilliseconds: Math.max(0, limits.maxMilliseconds - (options.now() - began)) },
      options.now,
      options.cancelled,
    );
  /** Searches again while accesses turn out to be visible that were not taken for it. */
  const settle = (search: () => SearchResult): SearchResult => {
    let result = search();
    for (let i = 0; i < MAX_RESTARTS && result.outcome === 'restart'; i++) result = search();
    states = result.states;
    transitions += result.transitions;
    return result;
  };
  const full = (preemptions: number | null, maxDepth = Number.POSITIVE_INFINITY) =>
    settle(() => searchFull(program, budget(), { preemptions, maxDepth }));
  const violated = (result: SearchResult, shortest: boolean): Verdict => ({
    verdict: 'violated',
    violation: result.violation!,
    schedule: result.schedule,
    steps: result.steps,
    shortest,
    numbers: numbers(),
  });

  if (options.preemptions !== undefined && options.preemptions !== null) {
    const result = full(options.preemptions);
    if (result.outcome === 'violated') return violated(result, true);
    const reason =
      result.outcome === 'done'
        ? `only schedules with at most ${options.preemptions} preemptions were tried`
        : result.reason;
    return {
      verdict: 'not-finished',
      reason,
      bound: result.outcome === 'done' ? options.preemptions : null,
      numbers: numbers(),
    };
  }
  const first = options.strategy === 'full' ? full(null) : settle(() => searchReduced(program, budget()));
  if (first.outcome === 'done') return { verdict: 'holds', numbers: numbers() };
  if (first.outcome === 'violated') {
    if (options.strategy === 'full') return violated(first, true);
    const found = numbers();
    const shortest = full(null);
    if (shortest.outcome === 'violated') {
      states = Math.max(states, found.states);
      return violated(shortest, true);
    }
    return violated(first, false);
  }
  let bound: number | null = null;
  for (let preemptions = 0; preemptions <= 8 && options.cancelled?.() !== true; preemptions++) {
    options.progress?.(`trying schedules with at most ${preemptions} preemptions`);
    const result = settle(() =>
      searchFull(
        program,
        new Budget(
          {
            ...limits,
            maxStates: limits.maxStates,
            maxMilliseconds: Math.max(1000, limits.maxMilliseconds / 4),
          },
          options.now,
          options.cancelled,
        ),
        { preemptions, maxDepth: Number.POSITIVE_INFINITY },
      ),
    );
    if (result.outcome === 'violated') return violated(result, false);
    if (result.outcome !== 'done') break;
    bound = preemptions;
  }
  return { verdict: 'not-finished', reason: first.reason, bound, numbers: numbers() };
}
