/** The configuration that results where nobody chooses anything, for one architecture. */
import type { KconfigDefinition } from './definitions.ts';
import type { Expression, KconfigValue } from './expression.ts';
import type { KconfigIndex, Selector } from './kconfig-index.ts';

const NAMES: readonly KconfigValue[] = ['n', 'm', 'y'];
const RANK: Readonly<Record<string, number>> = { n: 0, m: 1, y: 2 };
/** How many steps from symbol to symbol are followed; what lies beyond counts as off. */
const MAX_DEPTH = 400;
/** Variables that name the architecture. */
const ARCH_VARIABLES = new Set(['$(ARCH)', '$(SRCARCH)', '$(SUBARCH)']);

/** The value of symbols (without `CONFIG_`), computed when asked for. */
export function defaultValues(index: KconfigIndex, arch: string): (symbol: string) => KconfigValue {
  const memo = new Map<string, number>();
  let depth = 0;
  const applies = (definition: KconfigDefinition) => definition.arch === null || definition.arch === arch;

  const symbol = (name: string): number => {
    const known = memo.get(name);
    if (known !== undefined) return known;
    if (depth > MAX_DEPTH) return 0;
    depth++;
    const result = compute(name);
    depth--;
    return result;
  };

  const compute = (name: string): number => {
    const definitions = index.definitions(name).filter(applies);
    // A symbol that depends on itself is off until the rest is known.
    memo.set(name, 0);
    if (definitions.length === 0) return 0;
    const selected = strongest(index.selectors(name));
    const implied = strongest(index.implyers(name));
    let result = 0;
    for (const definition of definitions) {
      const depends = value(definition.dependsOn);
      if (depends === 0) continue;
      const own = definition.choice !== null ? chosen(definition) : Math.max(standard(definition), implied);
      result = Math.max(result, Math.min(own, depends));
    }
    result = Math.max(result, selected);
    if (result === 1 && !definitions.some((one) => one.type === 'tristate')) result = 2;
    memo.set(name, result);
    return result;
  };

  const strongest = (selectors: readonly Selector[]): number => {
    let best = 0;
    for (const { by, condition } of selectors) {
      if (!applies(by)) continue;
      const on = Math.min(symbol(by.symbol), value(by.dependsOn));
      if (on > best) best = Math.max(best, Math.min(on, value(condition)));
    }
    return best;
  };

  const standard = (definition: KconfigDefinition): number => {
    for (const one of definition.defaults) {
      const when = value(one.condition);
      if (when > 0) return Math.min(value(one.value), when);
    }
    return 0;
  };

  /** Of a choice, the first default that is allowed, else the first member that is. */
  const chosen = (definition: KconfigDefinition): number => {
    const choice = definition.choice!;
    const allowed = (name: string) =>
      index.definitions(name).some((one) => applies(one) && value(one.dependsOn) > 0);
    const named = choice.defaults.find((one) => value(one.condition) > 0 && allowed(one.symbol))?.symbol;
    return (named ?? choice.members.find(allowed)) === definition.symbol ? 2 : 0;
  };

  /** Tools that a macro asks about are taken to be there. */
  const value = (expression: Expression): number => {
    switch (expression.kind) {
      case 'symbol':
        return symbol(expression.name);
      case 'constant':
        return RANK[expression.text] ?? 0;
      case 'macro':
        return 2;
      case 'not':
        return 2 - value(expression.operand);
      case 'and':
        return expression.operands.reduce((low, operand) => Math.min(low, value(operand)), 2);
      case 'or':
        return expression.operands.reduce((high, operand) => Math.max(high, value(operand)), 0);
      case 'compare':
        return compare(expression) ? 2 : 0;
    }
  };

  const compare = ({ operator, left, right }: Expression & { kind: 'compare' }): boolean => {
    const a = text(left);
    const b = text(right);
    const numeric = Number(a);
    const other = Number(b);
    const order =
      a !== '' && b !== '' && !Number.isNaN(numeric) && !Number.isNaN(other)
        ? numeric - other
        : a < b
          ? -1
          : a > b
            ? 1
            : 0;
    switch (operator) {
      case '=':
        return order === 0;
      case '!=':
        return order !== 0;
      case '<':
        return order < 0;
      case '>':
        return order > 0;
      case '<=':
        return order <= 0;
      default:
        return order >= 0;
    }
  };

  const text = (expression: Expression): string => {
    if (expression.kind === 'constant') {
      return ARCH_VARIABLES.has(expression.text) ? arch : expression.text;
    }
    if (expression.kind === 'macro') return ARCH_VARIABLES.has(expression.text) ? arch : '';
    if (expression.kind !== 'symbol') return NAMES[value(expression)]!;
    const definitions = index.definitions(expression.name).filter(applies);
    const valued = definitions.find(
      (one) => one.type === 'string' || one.type === 'int' || one.type === 'hex',
    );
    if (valued === undefined) return NAMES[symbol(expression.name)]!;
    const one = valued.defaults.find(({ condition }) => value(condition) > 0);
    return one?.value.kind === 'constant' ? one.value.text : '';
  };

  return (name) => NAMES[symbol(name)]!;
}
