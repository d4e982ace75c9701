/**
 * When to analyse. Each key (a document) has at most one analysis under way or waiting: a new request
 * cancels the one before. The wait after an edit adapts to how long analyses take, as clangd's does
 * (`DebouncePolicy`): never under 50 ms, so that a burst of keystrokes is one analysis; never over 500 ms.
 */
export interface Scheduler {
  /**
   * Runs `work` after the wait, or at once. Resolves when the key's last work is done: an overtaken one's promise
   * follows the work that overtook it.
   */
  schedule(key: string, work: Work, now?: boolean): Promise<void>;
  /** Forgets the key: what waits is dropped, what runs is told that it is cancelled. */
  cancel(key: string): void;
  cancelAll(): void;
}

export type Work = (signal: AbortSignal) => Promise<void>;

export const SHORTEST_WAIT = 50;
export const LONGEST_WAIT = 500;
const REMEMBERED = 8;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Job {
  readonly abort: AbortController;
  /** Those who wait for the key's diagnostics: a job that is overtaken leaves them to the one after it. */
  waiters: Waiter[];
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** @param now a clock in milliseconds, for tests. */
export function createScheduler(now: () => number = () => performance.now()): Scheduler {
  const jobs = new Map<string, Job>();
  const durations: number[] = [];

  /** Ends the key's job, and gives back who waited for it. */
  const stop = (key: string): Waiter[] => {
    const job = jobs.get(key);
    if (!job) return [];
    const { waiters } = job;
    job.waiters = [];
    job.abort.abort();
    clearTimeout(job.timer);
    jobs.delete(key);
    return waiters;
  };
  const cancel = (key: string) => {
    for (const waiter of stop(key)) waiter.resolve();
  };

  const start = async (key: string, job: Job, work: Work) => {
    const began = now();
    try {
      await work(job.abort.signal);
      for (const waiter of job.waiters) waiter.resolve();
    } catch (error) {
      for (const waiter of job.waiters) waiter.reject(error);
    }
    if (job.abort.signal.aborted) return;
    durations.push(now() - began);
    if (durations.length > REMEMBERED) durations.shift();
    jobs.delete(key);
  };

  return {
    schedule(key, work, immediately = false) {
      return new Promise((resolve, reject) => {
        const waiters = [...stop(key), { resolve, reject }];
        const job: Job = { abort: new AbortController(), waiters, timer: undefined };
        jobs.set(key, job);
        job.timer = setTimeout(() => void start(key, job, work), immediately ? 0 : waitAfter(durations));
      });
    },
    cancel,
    cancelAll() {
      for (const key of [...jobs.keys()]) cancel(key);
    },
  };
}

/** The wait in milliseconds: the median of the last durations, within the bounds. */
export function waitAfter(durations: readonly number[]): number {
  const sorted = [...durations].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? LONGEST_WAIT / 4;
  return Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, median));
}
