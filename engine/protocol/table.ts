/** The table of one release: contracts by name. */
import type { Contract } from './contract.ts';
import { compareReleases, type Profile } from './profile.ts';
import { CONTRACTS } from './tables.ts';

/** The value of a configuration symbol, or undefined where it is not known. */
export type SymbolValue = (symbol: string) => 'y' | 'm' | 'n' | undefined;

export interface ContractTable {
  readonly profile: Profile;
  /**
   * The contract of a function, macro or iterator. Rows that depend on the configuration are chosen by
   * `configuration`; a symbol that it does not know counts as `y`. Null for a name without a row.
   */
  lookup(name: string, configuration?: SymbolValue): Contract | null;
  /** The contract of a guard class: `guard('mutex')` for `guard(mutex)(&lock)`. */
  guard(name: string, configuration?: SymbolValue): Contract | null;
  /** The contract of a `__free(name)`. */
  cleanup(name: string, configuration?: SymbolValue): Contract | null;
  /** The symbols that a name's rows depend on; empty for most. */
  symbols(name: string): readonly string[];
  /** Every row of this release, in the order of the families. */
  all(): readonly Contract[];
}

/** True where the row holds in that release. */
export function holdsIn(contract: Contract, profile: Profile): boolean {
  if (contract.from !== undefined && compareReleases(profile.release, contract.from) < 0) return false;
  if (contract.until !== undefined && compareReleases(profile.release, contract.until) >= 0) return false;
  return !(profile.perVmaLock === 'always' && contract.config?.CONFIG_PER_VMA_LOCK === 'n');
}

const tables = new Map<string, ContractTable>();

/** The contracts of a release. Tables are built once for each release and shared. */
export function contractTable(profile: Profile): ContractTable {
  const key = `${profile.release} ${profile.perVmaLock}`;
  let table = tables.get(key);
  if (table === undefined) {
    table = buildTable(profile, CONTRACTS);
    tables.set(key, table);
  }
  return table;
}

/** A table over any rows, such as those that a project's configuration file adds in front of the built-in ones. */
export function buildTable(profile: Profile, contracts: readonly Contract[]): ContractTable {
  const rows = contracts.filter((row) => holdsIn(row, profile));
  const functions = new Map<string, Contract[]>();
  const guards = new Map<string, Contract[]>();
  const cleanups = new Map<string, Contract[]>();
  for (const row of rows) {
    const map = row.what === 'guard' ? guards : row.what === 'cleanup' ? cleanups : functions;
    const list = map.get(row.name);
    if (list === undefined) map.set(row.name, [row]);
    else list.push(row);
  }
  const always = profile.perVmaLock === 'always';
  const choose = (list: readonly Contract[] | undefined, configuration?: SymbolValue): Contract | null => {
    if (list === undefined) return null;
    for (const row of list) if (matches(row, configuration, always)) return row;
    return null;
  };
  return {
    profile,
    lookup: (name, configuration) => choose(functions.get(name), configuration),
    guard: (name, configuration) => choose(guards.get(name), configuration),
    cleanup: (name, configuration) => choose(cleanups.get(name), configuration),
    symbols: (name) => {
      const found = new Set<string>();
      for (const row of functions.get(name) ?? []) {
        for (const symbol of Object.keys(row.config ?? {})) {
          if (!(always && symbol === 'CONFIG_PER_VMA_LOCK')) found.add(symbol);
        }
      }
      return [...found].sort();
    },
    all: () => rows,
  };
}

function matches(row: Contract, configuration: SymbolValue | undefined, always: boolean): boolean {
  if (row.config === undefined) return true;
  for (const [symbol, wanted] of Object.entries(row.config)) {
    const fixed = always && symbol === 'CONFIG_PER_VMA_LOCK' ? 'y' : configuration?.(symbol);
    const value = fixed === 'n' ? 'n' : 'y';
    if (value !== wanted) return false;
  }
  return true;
}
