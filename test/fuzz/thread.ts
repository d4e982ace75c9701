/** The thread that runs one target: grows a corpus of texts by what code they reach, and says what fails. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Coverage, startCoverage } from './coverage.ts';
import { mutate } from './mutate.ts';
import { randomFrom } from './random.ts';
import { TARGETS } from './targets/index.ts';

export interface Order {
  readonly target: string;
  readonly seconds: number;
  readonly seed: number;
}

export interface Progress {
  readonly inputs: number;
  readonly corpus: number;
  readonly blocks: number;
  /** Milliseconds of the slowest text. */
  readonly slowest: number;
}

export type Report =
  /** Told before each text that may take long: what was being read when the thread dies or hangs. */
  | { readonly kind: 'reading'; readonly text: string }
  | { readonly kind: 'failure'; readonly text: string; readonly message: string }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'done'; readonly progress: Progress };

/** Failures of one kind are told once: a text that fails is found again and again. */
const PER_KIND = 1;
const LARGEST_CORPUS = 4_000;

async function fuzz({ target: name, seconds, seed }: Order): Promise<void> {
  const send = (report: Report) => parentPort?.postMessage(report);
  const target = await TARGETS[name]!();
  const random = randomFrom(seed);
  const corpus: string[] = [];
  const kinds = new Map<string, number>();
  let loose: unknown = null;
  process.on('unhandledRejection', (error) => {
    loose = error;
  });
  const coverage: Coverage = await startCoverage('thread.mjs');
  const count = { inputs: 0, corpus: 0, blocks: 0, slowest: 0 };

  const tryText = async (text: string, keep: boolean) => {
    send({ kind: 'reading', text });
    const started = performance.now();
    let failure: unknown = null;
    try {
      await target.run(text);
      // What a promise that nobody waits for says, it says now.
      if (count.inputs % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
    } catch (error) {
      failure = error ?? new Error('threw nothing');
    }
    failure ??= loose;
    loose = null;
    count.inputs++;
    count.slowest = Math.max(count.slowest, performance.now() - started);
    if (failure !== null) {
      const { stack = String(failure) } = failure as Error;
      const kind = stack.split('\n').slice(0, 3).join('\n').replaceAll(/\d+/g, '0');
      const seen = kinds.get(kind) ?? 0;
      kinds.set(kind, seen + 1);
      if (seen < PER_KIND) send({ kind: 'failure', text, message: stack });
    }
    const fresh = coverage.fresh();
    count.blocks += fresh;
    if (keep || fresh > 0) {
      if (corpus.length < LARGEST_CORPUS) corpus.push(text);
      else corpus[random.below(corpus.length)] = text;
    }
    count.corpus = corpus.length;
  };

  for (const text of ['', ...target.seeds()]) await tryText(text, true);
  const until = performance.now() + seconds * 1000;
  let told = 0;
  while (performance.now() < until) {
    // The newest finds half of the time: what they reached is least explored.
    const recent = random.below(2) === 0 ? Math.max(0, corpus.length - 32) : 0;
    const base = corpus[recent + random.below(corpus.length - recent)] ?? '';
    await tryText(mutate(base, random.pick(corpus), target.words, random), false);
    if (performance.now() - told > 1000) {
      told = performance.now();
      send({ kind: 'progress', progress: { ...count } });
    }
  }
  send({ kind: 'done', progress: { ...count } });
}

await fuzz(workerData as Order);
