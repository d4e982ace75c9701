/** The symbols of a tree, and which configurations they allow. */

import { baseName } from '../path.ts';
import type { Run, SourceTree } from '../tree.ts';
import { defaultValues } from './defaults.ts';
import { type KconfigDefinition, type KconfigEntry, readKconfig, type Surroundings } from './definitions.ts';
import { type KconfigValue, YES } from './expression.ts';
import type { KconfigIndex, Selector } from './kconfig-index.ts';
import { possible } from './possible.ts';

/** `symbol` having `value` rules out that `other` has `not`. All names with `CONFIG_`. */
export interface Implication {
  readonly symbol: string;
  readonly value: KconfigValue;
  readonly other: string;
  readonly not: KconfigValue;
}

export interface Kconfig {
  /** How many symbols are defined. */
  readonly size: number;
  /** Every entry that defines the symbol (with `CONFIG_`), in the order in which files are read. */
  definitions(symbol: string): readonly KconfigDefinition[];
  /** Whether it can be `m`. */
  isTristate(symbol: string): boolean;
  /**
   * Whether some configuration gives these symbols (with `CONFIG_`) these values, as far as the dependencies,
   * selects and promptless defaults tell. True where they do not tell, and for symbols that are not defined.
   */
  isPossible(values: ReadonlyMap<string, KconfigValue>): boolean;
  /** The pairs of values of these symbols (with `CONFIG_`) that no configuration has, in the order of the symbols. */
  implications(symbols: readonly string[]): readonly Implication[];
  /** The value that each symbol (with `CONFIG_`) has where nobody chooses anything. `n` for one that is not defined. */
  defaults(symbols: readonly string[], arch?: string): ReadonlyMap<string, KconfigValue>;
}

/** The top file of a kernel's Kconfig. */
const TOP = 'Kconfig';
/** A file is read again where another place includes it, but not without end. */
const MAX_READS = 4;

/** Whether a file is Kconfig, by its name. */
export function isKconfigFile(path: string): boolean {
  return baseName(path).startsWith('Kconfig');
}

/**
 * Reads the Kconfig files that the top one includes, those of every architecture; all there are where the tree
 * (a part of a kernel's) has no top one. Reads only when called; the answers are computed when asked for.
 */
export async function loadKconfig(tree: SourceTree, run?: Run): Promise<Kconfig> {
  const files = (await tree.list()).filter(isKconfigFile);
  const known = new Set(files);
  const reads = new Map<string, number>();
  const texts = new Map<string, string>();
  const entries: KconfigEntry[] = [];

  const visit = async (file: string, around: Surroundings): Promise<void> => {
    const count = reads.get(file) ?? 0;
    if (count >= MAX_READS || run?.cancelled?.() === true) return;
    reads.set(file, count + 1);
    let text = texts.get(file);
    if (text === undefined) {
      text = (await tree.read(file)) ?? '';
      texts.set(file, text);
    }
    const read = readKconfig(file, text, around);
    for (const entry of read.entries) entries.push(entry);
    for (const source of read.sources) {
      for (const target of targetsOf(source.path, files, known)) {
        const arch = target.arch ?? around.arch;
        await visit(target.path, { dependsOn: source.dependsOn, arch });
      }
    }
  };

  const tops = known.has(TOP) ? [TOP] : files;
  for (const file of tops) {
    if (reads.has(file)) continue;
    await visit(file, { dependsOn: YES, arch: archOf(file) });
  }
  return kconfigOf(entries);
}

/** The architecture whose folder a file is in: `arch/NAME/…`. */
function archOf(path: string): string | null {
  const parts = path.split('/');
  return parts[0] === 'arch' && parts.length > 2 ? parts[1]! : null;
}

/** The files that a `source` line means: one, or one for each architecture where it names `$(SRCARCH)`. */
function targetsOf(
  path: string,
  files: readonly string[],
  known: ReadonlySet<string>,
): { readonly path: string; readonly arch: string | null }[] {
  if (known.has(path)) return [{ path, arch: archOf(path) }];
  const start = path.indexOf('$(');
  const star = path.indexOf('*');
  const from = start < 0 ? star : start;
  if (from < 0) return [];
  const close = start < 0 ? star : path.indexOf(')', start);
  if (close < 0) return [];
  const before = path.slice(0, from);
  const after = path.slice(close + 1);
  return files
    .filter(
      (file) =>
        file.length >= before.length + after.length && file.startsWith(before) && file.endsWith(after),
    )
    .filter((file) => !file.slice(before.length, file.length - after.length).includes('/'))
    .map((file) => ({ path: file, arch: archOf(file) }));
}

/** The same over entries that were read elsewhere. */
export function kconfigOf(entries: readonly KconfigEntry[]): Kconfig {
  const bySymbol = new Map<string, KconfigEntry[]>();
  for (const entry of entries) append(bySymbol, entry.symbol, entry);
  const read = new Map<string, readonly KconfigDefinition[]>();
  const definitionsOf = (symbol: string): readonly KconfigDefinition[] => {
    let found = read.get(symbol);
    if (found === undefined) {
      found = (bySymbol.get(symbol) ?? []).map((entry) => entry.read());
      read.set(symbol, found);
    }
    return found;
  };
  let index: KconfigIndex | null = null;
  const indexed = (): KconfigIndex => {
    index ??= {
      definitions: definitionsOf,
      selectors: selectorsOf(entries, 'selects'),
      implyers: selectorsOf(entries, 'implies'),
    };
    return index;
  };
  const isPossible = (values: ReadonlyMap<string, KconfigValue>) =>
    possible(indexed(), new Map([...values].map(([symbol, value]) => [bare(symbol), value])));
  return {
    size: bySymbol.size,
    definitions: (symbol) => definitionsOf(bare(symbol)),
    isTristate: (symbol) => definitionsOf(bare(symbol)).some((one) => one.type === 'tristate'),
    isPossible,
    implications(symbols) {
      const found: Implication[] = [];
      const defined = [...new Set(symbols)].filter((symbol) => bySymbol.has(bare(symbol)));
      for (const [i, symbol] of defined.entries()) {
        for (const other of defined.slice(i + 1)) {
          for (const value of ['y', 'n'] as const) {
            for (const not of ['y', 'n'] as const) {
              const values = new Map<string, KconfigValue>([
                [symbol, value],
                [other, not],
              ]);
              if (!isPossible(values)) found.push({ symbol, value, other, not });
            }
          }
        }
      }
      return found;
    },
    defaults(symbols, arch = 'x86') {
      const compute = defaultValues(indexed(), arch);
      return new Map(symbols.map((symbol) => [symbol, compute(bare(symbol))]));
    },
  };
}

function bare(symbol: string): string {
  return symbol.startsWith('CONFIG_') ? symbol.slice(7) : symbol;
}

/** Who selects (or implies) a symbol; read when asked for. */
function selectorsOf(
  entries: readonly KconfigEntry[],
  what: 'selects' | 'implies',
): (symbol: string) => readonly Selector[] {
  const by = new Map<string, KconfigEntry[]>();
  for (const entry of entries) for (const symbol of entry[what]) append(by, symbol, entry);
  const read = new Map<string, readonly Selector[]>();
  return (symbol) => {
    let found = read.get(symbol);
    if (found === undefined) {
      found = [...new Set(by.get(symbol))].flatMap((entry) => {
        const definition = entry.read();
        return definition[what]
          .filter((one) => one.symbol === symbol)
          .map(({ condition }) => ({ by: definition, condition }));
      });
      read.set(symbol, found);
    }
    return found;
  };
}

function append<T>(groups: Map<string, T[]>, key: string, value: T): void {
  const list = groups.get(key);
  if (list === undefined) groups.set(key, [value]);
  else list.push(value);
}
