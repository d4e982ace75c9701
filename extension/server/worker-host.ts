import { parentPort } from 'node:worker_threads';
import type { Review } from '../../engine/review/review.ts';
import type { ReviewRequest } from './reviewer.ts';
import type { WorkerAnswer, WorkerJob } from './worker-reviewer.ts';

/** The far side of `createWorkerReviewer`: does each job that arrives and answers it. */
export function hostWorker(
  review: (request: ReviewRequest, cancelled: () => boolean) => Promise<Review>,
): void {
  const port = parentPort;
  if (port === null) throw new Error('this file runs as a worker thread of the language server');
  port.on('message', async ({ request, cancelled }: WorkerJob) => {
    const flag = new Int32Array(cancelled);
    let answer: WorkerAnswer;
    try {
      answer = { kind: 'review', review: await review(request, () => Atomics.load(flag, 0) === 1) };
    } catch (error) {
      answer = {
        kind: 'failure',
        message: error instanceof Error ? (error.stack ?? error.message) : String(error),
      };
    }
    port.postMessage(answer);
  });
}
