/** Ruling out configurations that Kconfig does not allow. Where it cannot be sure, a configuration is possible. */
import type { KconfigDefinition } from './definitions.ts';
import type { Expression, KconfigValue } from './expression.ts';
import type { KconfigIndex } from './kconfig-index.ts';

/** Values as numbers: 0 n, 1 m, 2 y. */
interface Bounds {
  readonly low: number;
  readonly high: number;
}

const ANY: Bounds = { low: 0, high: 2 };
const RANK: Readonly<Record<string, number>> = { n: 0, m: 1, y: 2 };
/** How many steps from symbol to symbol are followed. */
const MAX_DEPTH = 6;
/** How many symbols are looked at for one question. */
const MAX_VISITS = 2000;

/** See `Kconfig.isPossible`. Names without `CONFIG_`. */
export function possible(index: KconfigIndex, values: ReadonlyMap<string, KconfigValue>): boolean {
  const solver = new Solver(index, values);
  let archs: Set<string> | null = null;
  for (const [symbol, value] of values) {
    const definitions = index.definitions(symbol);
    if (definitions.length === 0) continue;
    const bounds = solver.unassigned(symbol, definitions, 0);
    const rank = RANK[value]!;
    if (rank > bounds.high || rank < bounds.low) return false;
    if (value === 'm' && !definitions.some((one) => one.type === 'tristate')) return false;
    if (value === 'n') continue;
    // Two symbols that only different architectures define are never both on.
    const own = definitions.map((one) => one.arch);
    if (own.includes(null)) continue;
    const kept = own.filter((arch): arch is string => arch !== null && (archs === null || archs.has(arch)));
    archs = new Set(kept);
    if (archs.size === 0) return false;
  }
  return true;
}

class Solver {
  readonly #memo = new Map<string, Bounds>();
  readonly #busy = new Set<string>();
  #visits = 0;

  constructor(
    readonly index: KconfigIndex,
    readonly values: ReadonlyMap<string, KconfigValue>,
  ) {}

  /** What a symbol can be under the assignment. */
  symbol(name: string, depth: number): Bounds {
    const value = this.values.get(name);
    if (value !== undefined) return { low: RANK[value]!, high: RANK[value]! };
    if (name === 'MODULES') return ANY;
    const definitions = this.index.definitions(name);
    // A symbol that nothing here defines: of another architecture, or not in this part of the tree.
    if (definitions.length === 0) return ANY;
    const known = this.#memo.get(name);
    if (known !== undefined) return known;
    if (depth > MAX_DEPTH || this.#busy.has(name) || ++this.#visits > MAX_VISITS) return ANY;
    this.#busy.add(name);
    const bounds = this.unassigned(name, definitions, depth);
    this.#busy.delete(name);
    // An answer cut short by a cycle or by the depth is only as good as ANY, which is safe to keep.
    this.#memo.set(name, bounds);
    return bounds;
  }

  /** What Kconfig allows the symbol to be, whatever it is assigned. */
  unassigned(name: string, definitions: readonly KconfigDefinition[], depth: number): Bounds {
    let high = 0;
    let low = 0;
    let selectedHigh = 0;
    let selectedLow = 0;
    for (const { by, condition } of this.index.selectors(name)) {
      if (by.symbol === name) continue;
      const selector = this.symbol(by.symbol, depth + 1);
      const when = this.#value(condition, depth + 1);
      selectedHigh = Math.max(selectedHigh, Math.min(selector.high, when.high));
      // A symbol of several entries selects only by the one that is in force.
      const entries = this.index.definitions(by.symbol).length;
      if (entries === 1) selectedLow = Math.max(selectedLow, Math.min(selector.low, when.low));
    }
    for (const { by, condition } of this.index.implyers(name)) {
      const when = Math.min(this.symbol(by.symbol, depth + 1).high, this.#value(condition, depth + 1).high);
      selectedHigh = Math.max(selectedHigh, when);
    }
    for (const definition of definitions) {
      const depends = this.#value(definition.dependsOn, depth + 1);
      const free = definition.prompt !== null && this.#value(definition.prompt, depth + 1).high > 0;
      const standard = this.#defaults(definition, depth);
      high = Math.max(high, Math.min(depends.high, free ? 2 : Math.max(standard.high, selectedHigh)));
      // Without a prompt the default decides. An architecture's entry is in force only on that architecture.
      if (definition.prompt === null && definition.arch === null) {
        low = Math.max(low, Math.min(depends.low, standard.low));
      }
    }
    // Of several entries another one may decide.
    low = Math.max(definitions.length > 1 ? 0 : low, selectedLow);
    const bool = definitions.every((one) => one.type !== 'tristate');
    if (bool) {
      if (high === 1) high = 2;
      if (low === 1) low = 2;
    }
    return { low: Math.min(low, high), high };
  }

  #defaults(definition: KconfigDefinition, depth: number): Bounds {
    let high = 0;
    let low = 2;
    let certain = false;
    for (const { value, condition } of definition.defaults) {
      const when = this.#value(condition, depth + 1);
      if (when.high === 0) continue;
      const what = this.#value(value, depth + 1);
      high = Math.max(high, Math.min(what.high, when.high));
      low = Math.min(low, when.low === 2 ? what.low : Math.min(what.low, 1));
      if (when.low === 2) {
        certain = true;
        break;
      }
    }
    return { low: certain ? low : 0, high };
  }

  #value(expression: Expression, depth: number): Bounds {
    switch (expression.kind) {
      case 'symbol':
        return this.symbol(expression.name, depth);
      case 'constant': {
        const rank = RANK[expression.text] ?? 0;
        return { low: rank, high: rank };
      }
      case 'not': {
        const { low, high } = this.#value(expression.operand, depth);
        return { low: 2 - high, high: 2 - low };
      }
      case 'and':
      case 'or': {
        const pick = expression.kind === 'and' ? Math.min : Math.max;
        let low = expression.kind === 'and' ? 2 : 0;
        let high = low;
        for (const operand of expression.operands) {
          const bounds = this.#value(operand, depth);
          low = pick(low, bounds.low);
          high = pick(high, bounds.high);
        }
        return { low, high };
      }
      case 'compare':
        return this.#compare(expression, depth);
      case 'macro':
        return ANY;
    }
  }

  /** Comparisons of a symbol with y, m or n; others can be either. */
  #compare(expression: Expression & { kind: 'compare' }, depth: number): Bounds {
    const { operator, left, right } = expression;
    if (left.kind !== 'symbol' || right.kind !== 'constant' || RANK[right.text] === undefined) return ANY;
    if (operator !== '=' && operator !== '!=') return ANY;
    const { low, high } = this.symbol(left.name, depth);
    const rank = RANK[right.text]!;
    const equal: Bounds =
      low === high
        ? low === rank
          ? { low: 2, high: 2 }
          : { low: 0, high: 0 }
        : rank < low || rank > high
          ? { low: 0, high: 0 }
          : ANY;
    return operator === '=' ? equal : { low: 2 - equal.high, high: 2 - equal.low };
  }
}
