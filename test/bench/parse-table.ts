/**
 * How many functions of a kernel tree parse without an error, per directory and configuration.
 *
 *   npm run parse-table -- --tree DIR [--show N] PATH...
 *
 * A function counts as clean if tree-sitter's tree of its slice has no ERROR and no MISSING node. Each is
 * tried with every symbol on, every symbol off, and a default configuration: the symbols that
 * Kconfig files under the tree give `def_bool y` or `default y`, beside a few that every machine has.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { Language, type Node, Parser } from 'web-tree-sitter';
import {
  type Configuration,
  evaluate,
  parseUnit,
  sliceFunction,
  type Tristate,
} from '../../engine/c/index.ts';

/** On in any kernel for a common machine, beside what Kconfig says. */
const COMMON = [
  'CONFIG_MMU',
  'CONFIG_SMP',
  'CONFIG_64BIT',
  'CONFIG_NET',
  'CONFIG_INET',
  'CONFIG_PROC_FS',
  'CONFIG_MODULES',
];

interface Options {
  readonly tree: string;
  readonly paths: readonly string[];
  readonly show: number;
}

function readOptions(args: readonly string[]): Options {
  let tree = '.';
  let show = 0;
  const paths: string[] = [];
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--tree') tree = args[++i] ?? '.';
    else if (args[i] === '--show') show = Number(args[++i] ?? 0);
    else paths.push(args[i]!);
  }
  return { tree, paths, show };
}

function filesUnder(path: string, wanted: (name: string) => boolean): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const found: string[] = [];
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const full = join(path, entry.name);
    if (entry.isDirectory()) found.push(...filesUnder(full, wanted));
    else if (entry.isFile() && wanted(entry.name)) found.push(full);
  }
  return found.sort();
}

function defaultConfiguration(tree: string): Configuration {
  const values = new Map<string, Tristate>(COMMON.map((symbol) => [symbol, 'y']));
  for (const file of filesUnder(tree, (name) => name.startsWith('Kconfig'))) {
    let symbol: string | null = null;
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const entry = /^(?:menu)?config\s+(\w+)/.exec(line);
      if (entry !== null) symbol = `CONFIG_${entry[1]}`;
      else if (symbol !== null && /^\s+(def_bool|def_tristate|default)\s+y\s*$/.test(line))
        values.set(symbol, 'y');
    }
  }
  return { values, fallback: 'n' };
}

async function loadParser(): Promise<Parser> {
  const require = createRequire(import.meta.url);
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(await Language.load(readFileSync(require.resolve('tree-sitter-c/tree-sitter-c.wasm'))));
  return parser;
}

function firstProblem(node: Node): Node | null {
  if (node.isError || node.isMissing) return node;
  for (const child of node.children) {
    if (child?.hasError || child?.isMissing) {
      const found = firstProblem(child);
      if (found !== null) return found;
    }
  }
  return null;
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const parser = await loadParser();
  const none = new Map<string, Tristate>();
  const configurations: readonly (readonly [string, Configuration])[] = [
    ['all on', { values: none, fallback: 'y' }],
    ['all off', { values: none, fallback: 'n' }],
    ['default', defaultConfiguration(options.tree)],
  ];
  console.log(
    'directory'.padEnd(28),
    'files functions',
    ...configurations.map(([name]) => name.padStart(16)),
  );
  for (const path of options.paths) {
    const files = filesUnder(join(options.tree, path), (name) => /\.[ch]$/.test(name));
    const functions = configurations.map(() => 0);
    const clean = configurations.map(() => 0);
    let all = 0;
    const shown: string[] = [];
    for (const file of files) {
      const unit = parseUnit(relative(options.tree, file), readFileSync(file, 'utf8'));
      const checked = new Map<string, boolean>();
      all += unit.functions.length;
      for (const fn of unit.functions) {
        for (const [index, [, configuration]] of configurations.entries()) {
          if (!evaluate(fn.presence, configuration)) continue;
          functions[index]!++;
          const slice = sliceFunction(unit, fn, configuration);
          let good = checked.get(slice.key);
          if (good === undefined) {
            const tree = parser.parse(slice.text)!;
            const root = tree.rootNode;
            const definitions = root.namedChildren.filter((child) => child?.type === 'function_definition');
            good = !root.hasError && definitions.length === 1;
            checked.set(slice.key, good);
            if (!good && shown.length < options.show) {
              const problem = firstProblem(root);
              const { line } = unit.position(fn.at + (problem?.startIndex ?? 0));
              const kind =
                problem === null ? 'no definition' : problem.isMissing ? `MISSING ${problem.type}` : 'ERROR';
              const text = slice.text.split('\n')[line - unit.position(fn.at).line] ?? '';
              shown.push(
                `${unit.path}:${line} ${fn.name}: ${kind}: ${text.trim()}\n      was: ${unit.line(line).trim()}`,
              );
            }
            tree.delete();
          }
          if (good) clean[index]!++;
        }
      }
    }
    const columns = clean.map((count, i) =>
      `${functions[i]} ${functions[i] === 0 ? '-' : ((100 * count) / functions[i]!).toFixed(2)} %`.padStart(
        16,
      ),
    );
    console.log(path.padEnd(28), String(files.length).padStart(5), String(all).padStart(9), ...columns);
    for (const line of shown) console.log('   ', line);
  }
}

await main();
