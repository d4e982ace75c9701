/** Which configurations to try over a list of symbols. */
import type { Configuration, Tristate } from './condition.ts';

/**
 * The configurations that matter over `symbols`, in a fixed order, at most `limit` of them (at least 1).
 *
 * All combinations of y and n where they fit (the last symbol changing fastest, all-y first); else all-y,
 * all-n, then each symbol alone off, then each alone on, as far as the limit goes. Symbols that `fixed`
 * names keep their value there. A symbol in `tristate` is also tried as m, where all combinations fit.
 * `complete` is false when combinations were left out.
 */
export function configurationSpace(
  symbols: readonly string[],
  fixed: Configuration,
  limit: number,
  tristate: ReadonlySet<string> = new Set(),
): { readonly configurations: readonly Configuration[]; readonly complete: boolean } {
  const free = [...new Set(symbols)].filter((symbol) => !fixed.values.has(symbol)).sort();
  const bound = Math.max(1, Math.floor(limit));
  const all = combinations(free, tristate, bound);
  if (all !== null) return { configurations: all.map((v) => configure(fixed, free, v)), complete: true };
  const two = tristate.size === 0 ? null : combinations(free, new Set(), bound);
  const rows = two ?? flips(free.length, bound);
  return { configurations: rows.map((v) => configure(fixed, free, v)), complete: false };
}

/** `fixed` with every symbol that it does not name set to `value`. */
export function uniformConfiguration(fixed: Configuration, value: Tristate): Configuration {
  return { values: fixed.values, fallback: value };
}

function combinations(
  free: readonly string[],
  tristate: ReadonlySet<string>,
  bound: number,
): Tristate[][] | null {
  let count = 1;
  for (const symbol of free) {
    count *= tristate.has(symbol) ? 3 : 2;
    if (count > bound) return null;
  }
  let rows: Tristate[][] = [[]];
  for (const symbol of free) {
    const values: Tristate[] = tristate.has(symbol) ? ['y', 'm', 'n'] : ['y', 'n'];
    rows = rows.flatMap((row) => values.map((value) => [...row, value]));
  }
  return rows;
}

function flips(count: number, bound: number): Tristate[][] {
  const rows: Tristate[][] = [new Array<Tristate>(count).fill('y')];
  if (bound > 1) rows.push(new Array<Tristate>(count).fill('n'));
  for (const base of ['y', 'n'] as const) {
    for (let i = 0; i < count && rows.length < bound; i++) {
      const row = new Array<Tristate>(count).fill(base);
      row[i] = base === 'y' ? 'n' : 'y';
      rows.push(row);
    }
  }
  return rows;
}

function configure(fixed: Configuration, free: readonly string[], row: readonly Tristate[]): Configuration {
  const values = new Map(fixed.values);
  for (const [i, symbol] of free.entries()) values.set(symbol, row[i]!);
  return { values, fallback: fixed.fallback };
}
