/** Which configuration symbols can change what a function does with locks. */
import { type Configuration, collectSymbols, type FunctionSource, type Tristate } from '../c/index.ts';
import type { Definition, Program } from './program.ts';
import type { Summary, SummaryLock } from './summary.ts';

/** Symbols tried for one function; more are left out. */
export const MAX_SYMBOLS = 8;
/** Calls deeper than this bring in no symbols of their own. */
const MAX_DEPTH = 3;

export class LockSymbols {
  readonly #program: Program;
  readonly #known = new Map<FunctionSource, readonly string[]>();

  constructor(program: Program) {
    this.#program = program;
  }

  /**
   * The symbols tested inside a function, those that choose between contracts or definitions of what it calls, and those
   * of callees, as far as the callee then does other things with locks or has results that it has not with everything on.
   */
  of(definition: Definition, depth = 0): readonly string[] {
    const { unit, fn } = definition;
    const known = this.#known.get(fn);
    if (known) return known;
    this.#known.set(fn, []);
    const program = this.#program;
    const own = new Set<string>(fn.symbols);
    collectSymbols(fn.presence, own);
    const called = new Set<string>();
    for (const name of fn.calls) {
      if (program.contracts.lookup(name) !== null) {
        for (const symbol of program.contracts.symbols(name)) called.add(symbol);
        continue;
      }
      for (const one of depth < MAX_DEPTH ? program.candidates(name, unit) : []) {
        if (!program.isRelevant(one) || !this.#mayHandLocks(one)) continue;
        const symbols = new Set(this.of(one, depth + 1));
        collectSymbols(one.fn.presence, symbols);
        for (const symbol of symbols)
          if (!own.has(symbol) && !called.has(symbol) && this.#decides(symbol, name, one)) called.add(symbol);
      }
    }
    const symbols = [...own].sort().slice(0, MAX_SYMBOLS);
    for (const symbol of [...called].sort()) {
      if (symbols.length >= MAX_SYMBOLS) break;
      if (!symbols.includes(symbol)) symbols.push(symbol);
    }
    this.#known.set(fn, symbols);
    return symbols;
  }

  /** True where a call can leave its caller with other locks than before, under all-on or all-off. */
  #mayHandLocks(definition: Definition): boolean {
    return (['y', 'n'] as const).some((fallback) => {
      const summary = this.#summary(definition.fn.name, definition, { values: this.#values, fallback });
      return summary !== null && !summary.neutral;
    });
  }

  /** True where the symbol alone, off among all that are on or on among all that are off, makes another callee. */
  #decides(symbol: string, name: string, from: Definition): boolean {
    if (this.#values.has(symbol)) return true;
    return (['y', 'n'] as const).some((fallback) => {
      const turned: Tristate = fallback === 'y' ? 'n' : 'y';
      const values = new Map([...this.#values, [symbol, turned] as const]);
      const one = this.#summary(name, from, { values: this.#values, fallback });
      const other = this.#summary(name, from, { values, fallback });
      return one !== other && !isAsBefore(one, other);
    });
  }

  get #values(): Configuration['values'] {
    return this.#program.fixed.values;
  }

  #summary(name: string, { unit }: Definition, configuration: Configuration): Summary | null {
    const definition = this.#program.resolve(name, unit, configuration);
    return definition && this.#program.summary(definition, configuration);
  }
}

/** True where the other summary does with locks what the one does, and has no results besides. */
function isAsBefore(one: Summary | null, other: Summary | null): boolean {
  if (one === null || other === null || one.complete !== other.complete) return false;
  const before = resultsByEffect(one);
  const after = resultsByEffect(other);
  return (
    before.size === after.size &&
    [...after].every(([effect, classes]) => {
      const known = before.get(effect);
      return known !== undefined && (classes & ~known) === 0;
    })
  );
}

/** The classes of result that go with each thing that the function can do with locks. */
function resultsByEffect({ table, outcomes }: Summary): ReadonlyMap<string, number> {
  const locks = (list: readonly SummaryLock[]) =>
    list.map(({ lock, kind, mode, doubtful }) => `${table.spell(lock)} ${kind} ${mode} ${doubtful}`).sort();
  const results = new Map<string, number>();
  for (const { takes, gives, retakes, resultFact } of outcomes) {
    const effect = [takes, gives, retakes].map((list) => locks(list).join()).join(' | ');
    results.set(effect, (results.get(effect) ?? 0) | resultFact.classes);
  }
  return results;
}
