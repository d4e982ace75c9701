/**
 * When to analyse. Each key (a document) has at most one analysis under way or waiting: a new request
 * cancels the one before. The wait after an edit adapts to how long analyses take, as clangd's does
 * (`DebouncePolicy`): never under 50 ms, so that a burst of keystrokes is one analysis; never over 500 ms.
 */
export interface Scheduler {
  /** Runs `work` after the wait, or at once; resolves when it is done, failed or was overtaken. */
  schedule(key: string, work: Work, now?: boolean): Promise<void>;
  /** Forgets the key: what waits is dropped, what runs is told that it is cancelled. */
  cancel(key: string): void;
  cancelAll(): void;
}

export type Work = (signal: AbortSignal) => Promise<void>;

export const SHORTEST_WAIT = 50;
export const LONGEST_WAIT = 500;
const REMEMBERED = 8;

interface Job {
  readonly abort: AbortController;
  timer: ReturnType<typeof setTimeout> | undefined;
  done: () => void;
}

/** @param now a clock in milliseconds, for tests. */
export function createScheduler(now: () => number = () => performance.now()): Scheduler {
  const jobs = new Map<string, Job>();
  const durations: number[] = [];

  const cancel = (key: string) => {
    const job = jobs.get(key);
    if (!job) return;
    job.abort.abort();
    if (job.timer !== undefined) {
      clearTimeout(job.timer);
      job.done();
    }
    jobs.delete(key);
  };

  const start = async (key: string, job: Job, work: Work) => {
    job.timer = undefined;
    const began = now();
    try {
      await work(job.abort.signal);
    } finally {
      if (!job.abort.signal.aborted) {
        durations.push(now() - began);
        if (durations.length > REMEMBERED) durations.shift();
        jobs.delete(key);
      }
    }
  };

  return {
    schedule(key, work, immediately = false) {
      cancel(key);
      return new Promise((resolve, reject) => {
        const job: Job = { abort: new AbortController(), timer: undefined, done: resolve };
        jobs.set(key, job);
        job.timer = setTimeout(
          () => {
            start(key, job, work).then(resolve, reject);
          },
          immediately ? 0 : waitAfter(durations),
        );
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
