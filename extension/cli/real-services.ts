/**
 * The services of the program itself. Each part is loaded when a command first needs it, so that `--help` does
 * not pay for the engine.
 */
import { readFile } from 'node:fs/promises';
import type { CParser } from '../../engine/c/index.ts';
import manifest from '../../package.json' with { type: 'json' };
import type { Services } from './services.ts';

export function realServices(): Services {
  let parser: Promise<CParser> | null = null;
  const loadParser = () => {
    parser ??= createParserBeside();
    return parser;
  };
  return {
    version: manifest.version,
    openTree: async (root) => (await import('../tree/index.ts')).openTree(root),
    readSeries: async (text) => (await import('../../engine/patch/index.ts')).parseSeries(text),
    async reviewPatches(inputs, tree, options, run) {
      const { reviewPatches } = await import('../../engine/review/index.ts');
      return reviewPatches(inputs, tree, options, await loadParser(), run);
    },
    async reviewFiles(files, tree, options, run) {
      const { reviewFiles } = await import('../../engine/review/index.ts');
      return reviewFiles(files, tree, options, await loadParser(), run);
    },
    rules: async () => (await import('../../engine/check/index.ts')).allRules(),
    async contracts(tree) {
      const { contractTable, detectProfile, NEWEST } = await import('../../engine/protocol/index.ts');
      if (tree === null) {
        return { release: `${NEWEST.release}, the newest known`, contracts: contractTable(NEWEST).all() };
      }
      const { profile, how } = await detectProfile(tree);
      return { release: how, contracts: contractTable(profile).all() };
    },
    async serve() {
      // The server is a bundle of its own: it serves the channel that this process's arguments name.
      await import(new URL('./server.cjs', import.meta.url).href);
      await new Promise(() => {});
    },
  };
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
