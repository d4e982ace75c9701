/** The thread that runs simulations, seen from the editor. */
import { Worker } from 'node:worker_threads';
import type { Job, Reply, RequestName, Requests } from './requests.ts';

export interface AskOptions {
  readonly progress?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/** A thread: started with the first request, and again after it has died. */
export interface SimulationThread {
  /** Rejects where the engine fails or the thread dies, with an Error that says how. */
  ask<N extends RequestName>(
    name: N,
    request: Requests[N]['in'],
    options?: AskOptions,
  ): Promise<Requests[N]['out']>;
  dispose(): void;
}

/** In megabytes: states of an exploration are kept in one table. */
const MEMORY = 2048;

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly progress: (message: string) => void;
  readonly done: () => void;
}

/** @param file the bundled `worker.ts` */
export function createThread(file: string): SimulationThread {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | null = null;
  let last = 0;

  const settle = (number: number, how: (one: Waiting) => void) => {
    const one = waiting.get(number);
    if (one === undefined) return;
    waiting.delete(number);
    one.done();
    how(one);
  };
  const fail = (dead: Worker, error: Error) => {
    if (worker !== dead) return;
    worker = null;
    for (const number of [...waiting.keys()]) settle(number, (one) => one.reject(error));
  };
  const start = (): Worker => {
    const started = new Worker(file, { resourceLimits: { maxOldGenerationSizeMb: MEMORY } });
    // The thread alone must not keep the editor alive.
    started.unref();
    started.on('message', (reply: Reply) => {
      if (reply.kind === 'progress') waiting.get(reply.number)?.progress(reply.message);
      else if (reply.kind === 'answer') settle(reply.number, (one) => one.resolve(reply.answer));
      else settle(reply.number, (one) => one.reject(new Error(reply.message)));
    });
    started.on('error', (error) => fail(started, error instanceof Error ? error : new Error(String(error))));
    started.on('exit', (code) => fail(started, new Error(`the simulator ended with status ${code}`)));
    return started;
  };

  return {
    ask(name, request, { progress = () => {}, signal } = {}) {
      worker ??= start();
      const number = ++last;
      const cancelled = new SharedArrayBuffer(4);
      const cancel = () => Atomics.store(new Int32Array(cancelled), 0, 1);
      if (signal?.aborted === true) cancel();
      signal?.addEventListener('abort', cancel);
      const answer = new Promise((resolve, reject) => {
        const done = () => signal?.removeEventListener('abort', cancel);
        waiting.set(number, { resolve, reject, progress, done });
      });
      worker.postMessage({ number, name, request, cancelled } satisfies Job);
      return answer as Promise<Requests[typeof name]['out']>;
    },
    dispose() {
      const dead = worker;
      if (dead === null) return;
      fail(dead, new Error('the simulator was ended'));
      void dead.terminate();
    },
  };
}
