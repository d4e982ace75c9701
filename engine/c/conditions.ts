/** The algebra of conditions: building with simplification, evaluating, printing. */
import { type Condition, type Configuration, FALSE, TRUE, type Tristate } from './condition.ts';

/**
 * Beyond this many operands a conjunction or disjunction is not simplified further than by removing
 * equal operands: absorption compares every pair.
 */
const ABSORPTION_LIMIT = 24;

/** Names that are defined whenever kernel code is compiled; a configuration can still say otherwise. */
const PREDEFINED: ReadonlySet<string> = new Set([
  '__KERNEL__',
  '__GNUC__',
  '__STDC__',
  '__linux__',
  '__CHAR_BIT__',
]);

/** A condition's text in one canonical form: equal texts mean the same condition. */
export function formatCondition(condition: Condition): string {
  const known = TEXTS.get(condition);
  if (known !== undefined) return known;
  const text = format(condition, 0);
  TEXTS.set(condition, text);
  return text;
}

const TEXTS = new WeakMap<Condition, string>();

function format(condition: Condition, binding: number): string {
  switch (condition.kind) {
    case 'constant':
      return condition.value ? '1' : '0';
    case 'symbol':
      return formatTest(condition.symbol, condition.test);
    case 'not':
      return `!${format(condition.operand, 3)}`;
    case 'opaque':
      return binding >= 3 ? `(${condition.text})` : condition.text;
    case 'and':
    case 'or': {
      const own = condition.kind === 'and' ? 2 : 1;
      const text = condition.operands.map((o) => format(o, own)).join(own === 2 ? ' && ' : ' || ');
      return binding > own ? `(${text})` : text;
    }
  }
}

function formatTest(symbol: string, test: string): string {
  switch (test) {
    case 'enabled':
      return `IS_ENABLED(${symbol})`;
    case 'builtin':
      return `IS_BUILTIN(${symbol})`;
    case 'module':
      return `IS_MODULE(${symbol})`;
    case 'reachable':
      return `IS_REACHABLE(${symbol})`;
    default:
      return `defined(${symbol})`;
  }
}

/** The opposite condition. */
export function negate(condition: Condition): Condition {
  switch (condition.kind) {
    case 'constant':
      return condition.value ? FALSE : TRUE;
    case 'not':
      return condition.operand;
    case 'and':
      return combine('or', condition.operands.map(negate));
    case 'or':
      return combine('and', condition.operands.map(negate));
    default:
      return { kind: 'not', operand: condition };
  }
}

/** All of the conditions; TRUE for none. Constants, repetitions and contradictions are folded. */
export function and(...conditions: readonly Condition[]): Condition {
  return combine('and', conditions);
}

/** Any of the conditions; FALSE for none. Constants, repetitions and tautologies are folded. */
export function or(...conditions: readonly Condition[]): Condition {
  return combine('or', conditions);
}

/** `and()` or `or()` of a list that may be long. */
export function combine(kind: 'and' | 'or', conditions: readonly Condition[]): Condition {
  const neutral = kind === 'and';
  const byKey = new Map<string, Condition>();
  const negated = new Set<string>();
  const queue = conditions.flatMap((c) => (c.kind === kind ? c.operands : [c]));
  for (const operand of queue) {
    if (operand.kind === 'constant') {
      if (operand.value !== neutral) return neutral ? FALSE : TRUE;
      continue;
    }
    const key = formatCondition(operand);
    if (byKey.has(key)) continue;
    if (operand.kind === 'not') {
      const inner = formatCondition(operand.operand);
      if (byKey.has(inner)) return neutral ? FALSE : TRUE;
      negated.add(inner);
    } else if (negated.has(key)) {
      return neutral ? FALSE : TRUE;
    }
    byKey.set(key, operand);
  }
  if (byKey.size > 1 && byKey.size <= ABSORPTION_LIMIT) resolve(kind, byKey);
  const operands = [...byKey.values()];
  if (operands.length === 0) return neutral ? TRUE : FALSE;
  if (operands.length === 1) return operands[0]!;
  return { kind, operands };
}

/**
 * `A && (A || B)` is `A`, and `A && (!A || B)` is `A && B` (and the same with the operators exchanged):
 * what `#elif` chains and `#else` branches produce.
 */
function resolve(kind: 'and' | 'or', byKey: Map<string, Condition>): void {
  const inner = kind === 'and' ? 'or' : 'and';
  for (const [key, operand] of [...byKey]) {
    if (operand.kind !== inner) continue;
    let absorbed = false;
    const rest = operand.operands.filter((part) => {
      if (byKey.has(formatCondition(part))) absorbed = true;
      return !byKey.has(formatCondition(negate(part)));
    });
    if (absorbed) {
      byKey.delete(key);
    } else if (rest.length < operand.operands.length) {
      byKey.delete(key);
      const reduced = combine(inner, rest);
      for (const part of reduced.kind === kind ? reduced.operands : [reduced]) {
        byKey.set(formatCondition(part), part);
      }
    }
  }
}

/** The value of a symbol: see `Configuration`. */
export function symbolValue(symbol: string, configuration: Configuration): Tristate {
  const value = configuration.values.get(symbol);
  if (value !== undefined) return value;
  if (symbol.startsWith('CONFIG_')) return configuration.fallback;
  return PREDEFINED.has(symbol) ? 'y' : 'n';
}

/** Whether a condition holds. An opaque test holds only if the configuration names its text as `y` or `m`. */
export function evaluate(condition: Condition, configuration: Configuration): boolean {
  switch (condition.kind) {
    case 'constant':
      return condition.value;
    case 'symbol':
      return evaluateTest(condition.test, symbolValue(condition.symbol, configuration));
    case 'not':
      return !evaluate(condition.operand, configuration);
    case 'and':
      return condition.operands.every((operand) => evaluate(operand, configuration));
    case 'or':
      return condition.operands.some((operand) => evaluate(operand, configuration));
    case 'opaque':
      return (configuration.values.get(condition.text) ?? 'n') !== 'n';
  }
}

function evaluateTest(test: string, value: Tristate): boolean {
  switch (test) {
    case 'enabled':
    case 'reachable':
      return value !== 'n';
    case 'module':
      return value === 'm';
    default:
      return value === 'y';
  }
}

/** The symbols that a condition tests, opaque tests by their text, sorted and without repetition. */
export function symbolsOf(condition: Condition): string[] {
  const found = new Set<string>();
  collectSymbols(condition, found);
  return [...found].sort();
}

/** Adds the symbols that a condition tests to `found`. */
export function collectSymbols(condition: Condition, found: Set<string>): void {
  switch (condition.kind) {
    case 'symbol':
      found.add(condition.symbol);
      break;
    case 'opaque':
      found.add(condition.text);
      break;
    case 'not':
      collectSymbols(condition.operand, found);
      break;
    case 'and':
    case 'or':
      for (const operand of condition.operands) collectSymbols(operand, found);
      break;
  }
}
