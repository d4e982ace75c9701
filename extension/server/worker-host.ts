import { parentPort } from 'node:worker_threads';
import type { Question } from './questions.ts';
import type { ReviewRequest } from './reviewer.ts';
import type { WorkerAnswer, WorkerJob } from './worker-reviewer.ts';

/** The engine, as the worker runs it: the answer is what `Answers` says for the kind of question. */
export type Engine = (
  request: ReviewRequest,
  question: Question,
  cancelled: () => boolean,
) => Promise<unknown>;

/** The far side of `createWorkerReviewer`: does each job that arrives and answers it. */
export function hostWorker(engine: Engine): void {
  const port = parentPort;
  if (port === null) throw new Error('this file runs as a worker thread of the language server');
  port.on('message', async ({ request, question, cancelled }: WorkerJob) => {
    const flag = new Int32Array(cancelled);
    let answer: WorkerAnswer;
    try {
      const value = await engine(request, question, () => Atomics.load(flag, 0) === 1);
      answer = { kind: 'answer', value };
    } catch (error) {
      answer = {
        kind: 'failure',
        message: error instanceof Error ? (error.stack ?? error.message) : String(error),
      };
    }
    port.postMessage(answer);
  });
}
