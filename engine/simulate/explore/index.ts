/** Ways to choose who moves: every interleaving (in full or reduced), random ones, a given one. */
import type { Program } from '../program.ts';
import { counted, type Verdict } from '../verdict.ts';
import { Budget, DEFAULT_LIMITS, type Limits } from './budget.ts';
import { FullSearch, type Search, type SearchResult } from './full.ts';
import { ReducedSearch } from './reduced.ts';
import { RememberedSteps } from './remembered-steps.ts';

export { DEFAULT_LIMITS, type Limits } from './budget.ts';
export { searchFull } from './full.ts';
export { searchReduced } from './reduced.ts';
export {
  type RandomResult,
  type ReplayResult,
  randomNumbers,
  replay,
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

/** How far an exploration has come. */
export interface Progress {
  readonly message: string;
  /** Of the search that is running. */
  readonly states: number;
  /** Of all searches so far. */
  readonly transitions: number;
}

const MAX_RESTARTS = 60;
const MAX_BOUND = 8;
/** Transitions between two reports: some hundredths of a second. */
const SLICE = 20_000;

/**
 * Searches every interleaving of a program. A violation that is found is then looked for breadth first, so that its
 * schedule is the shortest. Where a limit is reached first, bounds on preemptions are tried, 0, 1, 2, …, with what is
 * left of it.
 */
export function explore(program: Program, options: ExploreOptions): Verdict {
  const steps = exploration(program, options);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/**
 * As `explore()`, in slices: for a caller that has other things to do meanwhile, or that may lose interest. It moves the
 * program's machine: a session on the same program has to `load()` its schedule again afterwards.
 */
export function* exploration(program: Program, options: ExploreOptions): Generator<Progress, Verdict> {
  const run = new Exploration(program, options);
  if (options.preemptions !== undefined && options.preemptions !== null) {
    return yield* run.bounded(options.preemptions);
  }
  return yield* options.strategy === 'full' ? run.full() : run.reduced();
}

class Exploration {
  readonly #steps: RememberedSteps;
  readonly #options: ExploreOptions;
  readonly #limits: Limits;
  readonly #began: number;
  #states = 0;
  #transitions = 0;

  constructor(program: Program, options: ExploreOptions) {
    this.#steps = new RememberedSteps(program.linker.machine);
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#began = options.now();
  }

  #numbers() {
    return {
      states: this.#states,
      transitions: this.#transitions,
      milliseconds: this.#options.now() - this.#began,
    };
  }

  /** What is left of the limits. @param share of the time at least. */
  #budget(share = 0): Budget {
    const { now, cancelled } = this.#options;
    const { maxMilliseconds } = this.#limits;
    const left = Math.max(maxMilliseconds * share, maxMilliseconds - (now() - this.#began));
    return new Budget({ ...this.#limits, maxMilliseconds: left }, now, cancelled);
  }

  /** Runs a search, and again while accesses turn out to be visible that were not taken for it. */
  *#run(message: string, make: () => Search): Generator<Progress, SearchResult> {
    this.#options.progress?.(message);
    for (let round = 0; ; round++) {
      const search = make();
      let result: SearchResult | null = null;
      while (result === null) {
        result = search.advance(SLICE);
        const transitions = this.#transitions + search.transitions;
        if (result === null) yield { message, states: search.states, transitions };
      }
      this.#states = result.states;
      this.#transitions += result.transitions;
      if (result.outcome !== 'restart' || round === MAX_RESTARTS) return result;
    }
  }

  #searchFull(
    message: string,
    preemptions: number | null,
    share = 0,
    maxDepth = Number.POSITIVE_INFINITY,
  ): Generator<Progress, SearchResult> {
    const options = { preemptions, maxDepth };
    return this.#run(message, () => new FullSearch(this.#steps, this.#budget(share), options));
  }

  #violated(result: SearchResult, shortest: boolean): Verdict {
    return {
      verdict: 'violated',
      violation: result.violation!,
      schedule: result.schedule,
      steps: result.steps,
      shortest,
      numbers: this.#numbers(),
    };
  }

  #unfinished(reason: string, bound: number | null): Verdict {
    return { verdict: 'not-finished', reason, bound, numbers: this.#numbers() };
  }

  *bounded(preemptions: number): Generator<Progress, Verdict> {
    const result = yield* this.#searchFull(
      `trying schedules with at most ${counted(preemptions, 'preemption')}`,
      preemptions,
    );
    if (result.outcome === 'violated') return this.#violated(result, true);
    return result.outcome === 'done'
      ? this.#unfinished(
          `only schedules with at most ${counted(preemptions, 'preemption')} were tried`,
          preemptions,
        )
      : this.#unfinished(reasonOf(result), null);
  }

  *full(): Generator<Progress, Verdict> {
    const result = yield* this.#searchFull('trying every interleaving', null);
    if (result.outcome === 'done') return { verdict: 'holds', numbers: this.#numbers() };
    if (result.outcome === 'violated') return this.#violated(result, true);
    return yield* this.#withBounds(result);
  }

  *reduced(): Generator<Progress, Verdict> {
    const first = yield* this.#run(
      'trying every interleaving',
      () => new ReducedSearch(this.#steps, this.#budget()),
    );
    if (first.outcome === 'done') return { verdict: 'holds', numbers: this.#numbers() };
    return yield* first.outcome === 'violated' ? this.#shortestOf(first) : this.#withBounds(first);
  }

  /** Looks breadth first for the shortest schedule of a violation. @param maxDepth a length that is known to do. */
  *#shortestOf(found: SearchResult, maxDepth?: number): Generator<Progress, Verdict> {
    const states = this.#states;
    const shortest = yield* this.#searchFull('looking for the shortest schedule', null, 1 / 4, maxDepth);
    this.#states = Math.max(this.#states, states);
    return shortest.outcome === 'violated' ? this.#violated(shortest, true) : this.#violated(found, false);
  }

  /** After a search that reached a limit: what can be said of few preemptions. */
  *#withBounds(first: SearchResult): Generator<Progress, Verdict> {
    let bound: number | null = null;
    this.#steps.makeRoom((this.#limits.maxMegabytes * 1e6) / 4);
    for (let preemptions = 0; preemptions <= MAX_BOUND; preemptions++) {
      if (this.#options.cancelled?.() === true) break;
      const message = `trying schedules with at most ${counted(preemptions, 'preemption')}`;
      const result = yield* this.#searchFull(message, preemptions, 1 / 4);
      if (result.outcome === 'violated') return yield* this.#shortestOf(result, result.steps);
      if (result.outcome !== 'done') break;
      bound = preemptions;
    }
    return this.#unfinished(reasonOf(first), bound);
  }
}

function reasonOf({ outcome, reason }: SearchResult): string {
  return outcome === 'restart' ? `what is shared was not settled after ${MAX_RESTARTS} rounds` : reason;
}
