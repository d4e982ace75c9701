/** A thread that reviews chunks of files: this side starts it, the other is `serveReviews`. */
import { parentPort, Worker, workerData } from 'node:worker_threads';
import type { ReviewOptions } from '../../engine/review/options.ts';
import type { Review } from '../../engine/review/review.ts';
import type { ReviewChunk } from './chunked-review.ts';
import type { SourceInput } from './services.ts';

/** What a thread is told when it is started. */
export interface ThreadSetup {
  /** Root of the tree; null where the files stand by themselves. */
  readonly root: string | null;
  readonly options: ReviewOptions;
  /** The folder with what was found out before, or null. */
  readonly cache: string | null;
}

type Answer =
  | { readonly kind: 'progress'; readonly message: string }
  | { readonly kind: 'review'; readonly review: Review }
  | { readonly kind: 'failure'; readonly message: string };

export interface ReviewThread {
  readonly review: ReviewChunk;
  end(): Promise<unknown>;
}

/** Starts a thread. If it dies, the chunk it was at fails, and the next one gets a new thread. */
export function startReviewThread(bundle: string, setup: ThreadSetup): ReviewThread {
  let worker: Worker | null = null;
  return {
    review: (files, run) =>
      new Promise((resolve, reject) => {
        worker ??= new Worker(bundle, { workerData: setup });
        const current = worker;
        const settle = (finish: () => void) => {
          current.off('message', onMessage).off('error', onError).off('exit', onExit);
          finish();
        };
        const onMessage = (answer: Answer) => {
          if (answer.kind === 'progress') run.progress?.(answer.message);
          else if (answer.kind === 'review') settle(() => resolve(answer.review));
          else settle(() => reject(new Error(answer.message)));
        };
        const onError = (error: Error) => {
          worker = null;
          settle(() => reject(error));
        };
        const onExit = (code: number) => onError(new Error(`its thread ended with status ${code}`));
        current.on('message', onMessage).on('error', onError).on('exit', onExit);
        current.postMessage(files);
      }),
    end: async () => worker?.terminate(),
  };
}

/**
 * The thread's side: reviews what it is sent, one chunk after another, until it is ended.
 * @param reviewer made once, from what the thread was started with.
 */
export function serveReviews(reviewer: (setup: ThreadSetup) => Promise<ReviewChunk>): void {
  const ready = reviewer(workerData as ThreadSetup);
  const send = (answer: Answer) => parentPort?.postMessage(answer);
  parentPort?.on('message', async (files: readonly SourceInput[]) => {
    try {
      const review = await (await ready)(files, {
        progress: (message) => send({ kind: 'progress', message }),
      });
      send({ kind: 'review', review });
    } catch (error) {
      send({ kind: 'failure', message: error instanceof Error ? error.message : String(error) });
    }
  });
}
