import { Worker } from 'node:worker_threads';
import type { AnswerTo, Question } from './questions.ts';
import type { Reviewer, ReviewRequest } from './reviewer.ts';

/** Server → worker. `cancelled` is one 32-bit word, set to 1 when nobody wants the answer any more. */
export interface WorkerJob {
  readonly request: ReviewRequest;
  readonly question: Question;
  readonly cancelled: SharedArrayBuffer;
}

/** Worker → server. */
export type WorkerAnswer =
  | { readonly kind: 'answer'; readonly value: unknown }
  | { readonly kind: 'failure'; readonly message: string };

export interface WorkerLimits {
  /** An analysis may take this long, in milliseconds; the engine's own budgets end far earlier. */
  readonly longest: number;
  /** After a cancellation the worker has this long to notice, in milliseconds. */
  readonly grace: number;
  /** Memory of the worker, in megabytes. */
  readonly memory: number;
}

export const WORKER_LIMITS: WorkerLimits = { longest: 120_000, grace: 2_000, memory: 1024 };

interface Waiting {
  readonly request: ReviewRequest;
  readonly question: Question;
  readonly signal: AbortSignal;
  /** Given what the worker sent: `Answers` says what that is for the kind of question. */
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Runs the engine on a thread of its own, one analysis at a time, so that the server answers while the
 * engine works, an edit stops it in mid-analysis, and an engine that crashes, hangs or eats all memory costs
 * that one analysis: the next one gets a new thread.
 * @param file the bundled `worker.ts`
 */
export function createWorkerReviewer(file: string, limits: WorkerLimits = WORKER_LIMITS): Reviewer {
  const queue: Waiting[] = [];
  let worker: Worker | null = null;
  let busy = false;
  let disposed = false;

  const next = () => {
    if (busy) return;
    // Findings first: what else an editor shows can wait for them.
    const review = queue.findIndex(({ question }) => question.kind === 'review');
    const [job] = queue.splice(Math.max(0, review), 1);
    if (!job) return;
    if (job.signal.aborted) {
      job.reject(new Error('cancelled'));
      next();
      return;
    }
    busy = true;
    worker ??= startWorker(file, limits);
    runJob(worker, job, limits).then((alive) => {
      if (!alive) worker = null;
      busy = false;
      next();
    });
  };

  return {
    ask<Q extends Question>(request: ReviewRequest, question: Q, signal: AbortSignal) {
      if (disposed) return Promise.reject(new Error('the server is shutting down'));
      return new Promise<AnswerTo<Q>>((resolve, reject) => {
        queue.push({ request, question, signal, resolve: resolve as (answer: unknown) => void, reject });
        next();
      });
    },
    async dispose() {
      disposed = true;
      for (const job of queue.splice(0)) job.reject(new Error('the server is shutting down'));
      await worker?.terminate();
      worker = null;
    },
  };
}

function startWorker(file: string, limits: WorkerLimits): Worker {
  const worker = new Worker(file, { resourceLimits: { maxOldGenerationSizeMb: limits.memory } });
  // The thread alone must not keep the server alive.
  worker.unref();
  return worker;
}

/** Resolves to whether the worker can be used again; it is ended if not. */
function runJob(worker: Worker, job: Waiting, limits: WorkerLimits): Promise<boolean> {
  return new Promise((resolve) => {
    const cancelled = new SharedArrayBuffer(4);
    let grace: ReturnType<typeof setTimeout> | undefined;

    const finish = (alive: boolean, settle: () => void) => {
      clearTimeout(longest);
      clearTimeout(grace);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      job.signal.removeEventListener('abort', onAbort);
      if (!alive) {
        // Whatever the dying thread still says has no reader.
        worker.on('error', () => {});
        worker.terminate();
      }
      settle();
      resolve(alive);
    };
    const fail = (message: string, alive: boolean) => finish(alive, () => job.reject(new Error(message)));
    const onMessage = (answer: WorkerAnswer) => {
      if (answer.kind === 'answer') finish(true, () => job.resolve(answer.value));
      else fail(answer.message, true);
    };
    const onError = (error: Error) => fail(error.message, false);
    const onExit = (code: number) => fail(`the analysis ended with status ${code}`, false);
    const onAbort = () => {
      Atomics.store(new Int32Array(cancelled), 0, 1);
      grace = setTimeout(() => fail('cancelled', false), limits.grace);
    };
    const longest = setTimeout(
      () => fail(`it took longer than ${Math.round(limits.longest / 1000)} seconds`, false),
      limits.longest,
    );
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    job.signal.addEventListener('abort', onAbort);
    worker.postMessage({ request: job.request, question: job.question, cancelled } satisfies WorkerJob);
  });
}
