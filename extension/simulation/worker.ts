/** The simulator's thread: started when a simulation is first opened. Requests are answered in their order. */
import { readFile } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import { createParser } from '../../engine/c/index.ts';
import { openDirectoryTree, openTree } from '../tree/index.ts';
import type { Job, Reply } from './requests.ts';
import { createWorkshop } from './workshop.ts';

/** The parser's parts lie beside the bundle. */
const beside = (name: string) => readFile(new URL(`./${name}`, import.meta.url));

/** In milliseconds: how often a long search says that it is still at work. */
const HEARTBEAT = 200;

const workshop = createWorkshop(
  async () =>
    createParser({
      language: await beside('tree-sitter-c.wasm'),
      runtime: await beside('web-tree-sitter.wasm'),
    }),
  (root, mayExecute) => (mayExecute ? openTree(root) : openDirectoryTree(root)),
);

const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread of the editor');
const reply = (message: Reply) => port.postMessage(message);
let before: Promise<void> = Promise.resolve();
port.on('message', (job: Job) => {
  before = before.then(() => answer(job));
});

async function answer({ number, name, request, cancelled }: Job): Promise<void> {
  const flag = new Int32Array(cancelled);
  let said = performance.now();
  let what = '';
  const progress = (message: string) => {
    // The same again says only that it is still at work.
    if (message === what && performance.now() - said < HEARTBEAT) return;
    what = message;
    said = performance.now();
    reply({ kind: 'progress', number, message });
  };
  const run = {
    progress,
    cancelled: () => {
      // Asked again and again from within a search, which lets nothing else happen on this thread.
      if (performance.now() - said > HEARTBEAT) progress(what);
      return Atomics.load(flag, 0) === 1;
    },
  };
  try {
    reply({ kind: 'answer', number, answer: await workshop.answer(name, request, run) });
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    reply({ kind: 'failure', number, message });
  }
}
