/**
 * The services of the program itself. Each part is loaded when a command first needs it, so that `--help` does
 * not pay for the engine.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { CParser } from '../../engine/c/index.ts';
import manifest from '../../package.json' with { type: 'json' };
import { CHUNK, type ReviewChunk, reviewInChunks } from './chunked-review.ts';
import { startReviewThread, type ThreadSetup } from './review-thread.ts';
import type { Services } from './services.ts';

/** The file that this program runs from. */
const BUNDLE = fileURLToPath(import.meta.url);

const reviewsKeptIn = async (folder: string) => (await import('../cache/index.ts')).reviewsIn(folder, BUNDLE);

export function realServices(): Services {
  let parser: Promise<CParser> | null = null;
  const loadParser = () => {
    parser ??= createParserBeside();
    return parser;
  };
  const roots = new WeakMap<object, string>();
  const services: Services = {
    version: manifest.version,
    async openTree(root) {
      const tree = await (await import('../tree/index.ts')).openTree(root);
      roots.set(tree, root);
      return tree;
    },
    readSeries: async (text) => (await import('../../engine/patch/index.ts')).parseSeries(text),
    async reviewPatches(inputs, tree, options, run) {
      const { reviewPatches } = await import('../../engine/review/index.ts');
      return reviewPatches(inputs, tree, options, await loadParser(), run);
    },
    async reviewFiles(files, tree, options, run, { jobs, cache }) {
      const { shard } = options;
      const chosen = shard === null ? files : files.filter((_, at) => at % shard.count === shard.index);
      const whole = { ...options, shard: null };
      const count = Math.min(jobs, Math.ceil(chosen.length / CHUNK));
      if (count <= 1) {
        const { reviewFiles } = await import('../../engine/review/index.ts');
        const kept = cache === null ? null : await reviewsKeptIn(cache);
        const here: ReviewChunk = async (chunk, each) => {
          if (kept === null) return reviewFiles(chunk, tree, whole, await loadParser(), each);
          const watched = kept.watch(tree);
          const make = async () => reviewFiles(chunk, watched.tree, whole, await loadParser(), each);
          return watched.review(chunk, whole, make, each.cancelled);
        };
        return reviewInChunks(chosen, [here], run);
      }
      const root = tree === null ? null : (roots.get(tree) ?? null);
      const threads = Array.from({ length: count }, () =>
        startReviewThread(BUNDLE, { root, options: whole, cache }),
      );
      const review = await reviewInChunks(
        chosen,
        threads.map((thread) => thread.review),
        run,
      );
      await Promise.all(threads.map((thread) => thread.end()));
      return review;
    },
    rules: async () => (await import('../../engine/check/index.ts')).allRules(),
    async simulate(order, run) {
      const { runSimulation } = await import('./run-simulation.ts');
      return runSimulation(order, await loadParser(), run);
    },
    scenarios: async () => (await import('../../engine/simulate/scenarios/index.ts')).SCENARIOS,
    async contracts(tree) {
      const { contractTable, detectProfile, NEWEST } = await import('../../engine/protocol/index.ts');
      if (tree === null) {
        return { release: `${NEWEST.release}, the newest known`, contracts: contractTable(NEWEST).all() };
      }
      const { profile, how } = await detectProfile(tree);
      return { release: how, contracts: contractTable(profile).all() };
    },
    async verifyContracts(tree) {
      const { verifyContracts } = await import('../../engine/review/index.ts');
      return verifyContracts(tree, await loadParser());
    },
    async serve() {
      // The server is a bundle of its own: it serves the channel that this process's arguments name.
      await import(new URL('./server.cjs', import.meta.url).href);
      await new Promise(() => {});
    },
    async serveMcp() {
      // A bundle of its own too: its library is as large as the engine, and no other command needs it.
      const bundle = new URL('./mcp.cjs', import.meta.url).href;
      const { serveMcp }: typeof import('../tools/mcp.ts') = await import(bundle);
      const { runCommandLine } = await import('./run.ts');
      await serveMcp(manifest.version, (argv, host) => runCommandLine(argv, host, services));
    },
  };
  return services;
}

/** What a thread of `reviewFiles` runs. */
export async function reviewerOfThread({ root, options, cache }: ThreadSetup): Promise<ReviewChunk> {
  const services = realServices();
  const tree = root === null ? null : await services.openTree(root);
  return (files, run) => services.reviewFiles(files, tree, options, run, { jobs: 1, cache });
}

/** The parser's wasm files lie beside the bundle. */
async function createParserBeside(): Promise<CParser> {
  const { createParser } = await import('../../engine/c/index.ts');
  const beside = (name: string) => readFile(new URL(`./${name}`, import.meta.url));
  const [language, runtime] = await Promise.all([
    beside('tree-sitter-c.wasm'),
    beside('web-tree-sitter.wasm'),
  ]);
  return createParser({ language, runtime });
}
