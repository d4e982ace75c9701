/**
 * npm run fuzz [-- --seconds N] [--target NAME] [--seed N]: fuzzes every reader of text that is not ours, each for
 * its share of the time, guided by the code that texts reach. A text that fails is written to
 * .vscode-test/fuzz/TARGET/; once mended, it belongs into test/fixtures/fuzz/TARGET/, which the tests replay.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { printTable } from '../bench/tree-run.ts';
import { TARGETS } from './targets/index.ts';
import type { Order, Progress, Report } from './thread.ts';

/** A text that takes longer than this is a hang, in milliseconds. */
const LONGEST = 60_000;
const MEMORY = 2048;
const FAILURES = path.resolve('.vscode-test/fuzz');

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    target: { type: 'string', multiple: true },
    seed: { type: 'string', default: '1' },
  },
});
const names = values.target ?? Object.keys(TARGETS);
const unknown = names.filter((name) => !Object.hasOwn(TARGETS, name));
const seconds = Number(values.seconds);
const seed = Number(values.seed);
if (unknown.length > 0 || !(seconds > 0) || !Number.isInteger(seed)) {
  console.error(
    `usage: npm run fuzz -- [--seconds N] [--target NAME] [--seed N]; NAME: ${Object.keys(TARGETS).join(' ')}`,
  );
  process.exit(2);
}

const rows: (string | number)[][] = [];
let failures = 0;
for (const target of names) {
  const result = await fuzz({ target, seconds: seconds / names.length, seed });
  failures += result.failed;
  const { inputs, corpus, blocks, slowest } = result.progress;
  rows.push([
    target,
    inputs,
    Math.round(inputs / (seconds / names.length)),
    corpus,
    blocks,
    Math.round(slowest),
    result.failed,
  ]);
}
printTable(['target', 'texts', 'texts/s', 'corpus', 'blocks', 'slowest ms', 'failures'], rows);
process.exitCode = failures === 0 ? 0 : 1;

/** Runs one target in threads of its own; one that dies or hangs costs its text, and another goes on. */
async function fuzz(order: Order): Promise<{ progress: Progress; failed: number }> {
  const until = Date.now() + order.seconds * 1000;
  const total = { inputs: 0, corpus: 0, blocks: 0, slowest: 0 };
  let failed = 0;
  for (let round = 0; Date.now() < until; round++) {
    const left = (until - Date.now()) / 1000;
    const { progress, failures: found } = await runThread({
      ...order,
      seconds: left,
      seed: order.seed + round,
    });
    total.inputs += progress.inputs;
    total.corpus = Math.max(total.corpus, progress.corpus);
    total.blocks = Math.max(total.blocks, progress.blocks);
    total.slowest = Math.max(total.slowest, progress.slowest);
    for (const one of found) keepFailure(order.target, one.text, one.message);
    failed += found.length;
  }
  return { progress: total, failed };
}

function runThread(
  order: Order,
): Promise<{ progress: Progress; failures: { text: string; message: string }[] }> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./thread.mjs', import.meta.url), {
      workerData: order,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY },
    });
    const failures: { text: string; message: string }[] = [];
    let progress: Progress = { inputs: 0, corpus: 0, blocks: 0, slowest: 0 };
    let reading = '';
    let watch: ReturnType<typeof setTimeout> | undefined;
    const end = (message: string | null) => {
      clearTimeout(watch);
      worker.removeAllListeners();
      // A thread that is ended may still have something to say, and nobody listens.
      worker.on('error', () => {});
      void worker.terminate();
      if (message !== null) failures.push({ text: reading, message });
      resolve({ progress, failures });
    };
    worker.on('message', (report: Report) => {
      if (report.kind === 'reading') {
        reading = report.text;
        clearTimeout(watch);
        watch = setTimeout(() => end(`hangs: longer than ${LONGEST} ms`), LONGEST);
      } else if (report.kind === 'failure') failures.push(report);
      else progress = report.progress;
      if (report.kind === 'done') end(null);
    });
    worker.on('error', (error) => end(error.stack ?? error.message));
    worker.on('exit', (code) => end(`the thread ended with status ${code}`));
  });
}

function keepFailure(target: string, text: string, message: string): void {
  const folder = path.join(FAILURES, target);
  const name = createHash('sha256').update(text).digest('hex').slice(0, 12);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, name), text);
  console.error(`${target}: ${path.join(folder, name)} (${text.length} characters)\n${message}\n`);
}
