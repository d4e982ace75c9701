/**
 * Values of expressions on a path, and what a test teaches about them.
 *
 * Memory is a map from addresses to terms. What a path has not written reads as the `load` of its address,
 * so reading it twice gives the same term: code that tests a flag twice is followed on consistent paths.
 */
import type { Expr } from '../c/ir.ts';
import { FLAG_GROUPS } from '../protocol/flag-groups.ts';
import { type PathState, withMemory } from './path-state.ts';
import type { Term, TermTable } from './terms.ts';
import { areOtherFlags, COMPARISONS, compareByFacts, constantOf, isFlag, isTruth, truthOf } from './truth.ts';

export { assume, classesOf, constantOf, flagNames, learn, truthOf } from './truth.ts';

/** What evaluation needs beside the state. */
export interface ValueContext {
  readonly table: TermTable;
  /** True where a local is declared as an array (its name is then an address). */
  isArray(name: string): boolean;
  /** True where a local or parameter is declared as a pointer. */
  isPointer(name: string): boolean;
}

const KEYWORD_VALUES = new Map(Object.entries({ NULL: 0, true: 1, false: 0, TRUE: 1, FALSE: 0 }));

/** The address of a place, or null where the expression is none. */
export function addressOf(context: ValueContext, state: PathState, expr: Expr): Term | null {
  const { table } = context;
  switch (expr.kind) {
    case 'name':
      return expr.binding === 'global' ? table.global(expr.name) : table.local(expr.name);
    case 'field': {
      const base = expr.arrow ? evaluate(context, state, expr.base) : addressOf(context, state, expr.base);
      return base === null ? null : fieldOf(table, base, expr.name);
    }
    case 'index':
      return table.element(evaluate(context, state, expr.base), evaluate(context, state, expr.index));
    case 'deref':
      return evaluate(context, state, expr.operand);
    case 'cast':
      return addressOf(context, state, expr.operand);
    default:
      return null;
  }
}

/** The address of a field; of the member that a `container_of()` came from, the member itself. */
export function fieldOf(table: TermTable, base: Term, name: string): Term {
  if (table.kind(base) === 'operation' && table.name(base) === `container:${name}`) return table.a(base);
  return table.field(base, name);
}

/** The object that holds the member at an address. */
export function containerOf(table: TermTable, address: Term, member: string): Term {
  if (table.kind(address) === 'field' && table.name(address) === member) return table.a(address);
  return table.operation(`container:${member}`, address);
}

/** The value at an address. */
export function read(context: ValueContext, state: PathState, address: Term): Term {
  return state.memory.get(address) ?? context.table.load(address);
}

export function evaluate(context: ValueContext, state: PathState, expr: Expr): Term {
  const { table } = context;
  switch (expr.kind) {
    case 'number':
      return table.constant(expr.value);
    case 'string':
      return table.global(expr.text);
    case 'name': {
      if (expr.binding === 'global') {
        const known = KEYWORD_VALUES.get(expr.name);
        if (known !== undefined) return table.constant(known);
        if (isConstantName(expr.name)) return namedConstant(table, expr.name);
        return read(context, state, table.global(expr.name));
      }
      if (context.isArray(expr.name)) return table.local(expr.name);
      return read(context, state, table.local(expr.name));
    }
    case 'field':
    case 'index':
    case 'deref': {
      const address = addressOf(context, state, expr);
      return address === null ? unknown(table, expr.kind) : read(context, state, address);
    }
    case 'address':
      return addressOf(context, state, expr.operand) ?? evaluate(context, state, expr.operand);
    case 'cast':
      return evaluate(context, state, expr.operand);
    case 'unary':
      return operate(
        context,
        state,
        expr.op === '-' ? 'neg' : expr.op,
        evaluate(context, state, expr.operand),
        -1,
      );
    case 'binary': {
      const left = evaluate(context, state, expr.left);
      const right = evaluate(context, state, expr.right);
      if (expr.op === '==' || expr.op === '!=') {
        const apart =
          (isUnaskedPointer(context, state, expr.left, left) &&
            isFoundNull(context, state, expr.right, right)) ||
          (isUnaskedPointer(context, state, expr.right, right) &&
            isFoundNull(context, state, expr.left, left));
        if (apart) return expr.op === '==' ? table.zero : table.one;
      }
      return operate(context, state, expr.op, left, right);
    }
    case 'sizeof':
      return table.symbolic(expr.text);
    case 'type':
      return table.symbolic(expr.text);
    case 'aggregate':
      return unknown(table, 'aggregate');
    case 'unknown':
      return unknown(table, expr.text);
  }
}

/** True for a pointer variable of which no test has asked yet whether it is NULL. */
function isUnaskedPointer(context: ValueContext, state: PathState, expr: Expr, value: Term): boolean {
  if (expr.kind !== 'name' || expr.binding === 'global' || !context.isPointer(expr.name)) return false;
  const kind = context.table.kind(value);
  return (kind === 'param' || kind === 'load' || kind === 'fresh') && !state.facts.has(value);
}

/**
 * True for a value that is NULL on this path without being written so. Code that compares a pointer with it asks
 * whether the two are one object, not for NULL.
 */
function isFoundNull({ table }: ValueContext, state: PathState, expr: Expr, value: Term): boolean {
  const isWritten = expr.kind === 'number' || (expr.kind === 'name' && KEYWORD_VALUES.has(expr.name));
  return !isWritten && constantOf(table, state, value) === 0;
}

/** A value of which nothing is known; one and the same for the same text. */
function unknown(table: TermTable, text: string): Term {
  return table.fresh(-1, 0, text);
}

/** A constant by its name; a name for several flags is those flags. */
function namedConstant(table: TermTable, name: string): Term {
  const [first, ...more] = FLAG_GROUPS.get(name) ?? [name];
  return more.reduce((all, flag) => table.operation('|', all, table.symbolic(flag)), table.symbolic(first!));
}

/** Kernel style: constants and enumerators are in capitals. */
export function isConstantName(name: string): boolean {
  return /^_*[A-Z][A-Z0-9_]*$/.test(name);
}

/** An operation on terms, simplified as far as the facts allow. `right` is -1 for a unary one. */
export function operate(
  context: Pick<ValueContext, 'table'>,
  state: PathState,
  op: string,
  left: Term,
  right: Term,
): Term {
  const { table } = context;
  const a = constantOf(table, state, left);
  if (right < 0) {
    if (op === '+') return left;
    if (op === '!') {
      const truth = truthOf(table, state, left);
      if (truth !== null) return table.constant(truth ? 0 : 1);
      const inner = table.kind(left) === 'operation' ? negated(table, left) : null;
      if (inner !== null) return inner;
      return table.operation('!', left);
    }
    if (op === 'error-number' && isOperation(table, left, 'error-pointer')) return table.a(left);
    if (op === 'error-pointer') {
      if (a === 0) return table.zero;
      if (isOperation(table, left, 'error-number')) return table.a(left);
    }
    if (a !== null) {
      if (op === 'neg') return table.constant(-a);
      if (op === '~') return table.constant(~a);
    }
    return bounded(table, table.operation(op, left));
  }
  const b = constantOf(table, state, right);
  const compare = COMPARISONS[op];
  if (a !== null && b !== null) {
    if (compare) return table.constant(compare(a, b) ? 1 : 0);
    const value = fold(op, a, b);
    if (value !== null) return table.constant(value);
  }
  if (compare) {
    if (left === right) return table.constant(op === '==' || op === '<=' || op === '>=' ? 1 : 0);
    if (a !== null && b === null) return operate(context, state, MIRRORED[op]!, right, left);
    if (op === '!=') return table.operation('!', operate(context, state, '==', left, right));
    const truth = compareByFacts(table, state, op, left, b, right);
    if (truth !== null) return table.constant(truth ? 1 : 0);
    if (op === '==' && b === 0) return table.operation('!', left);
    if (op === '==') return sameTerm(table, left, right);
    if (a === null && b === null && op in ORDERED) return ordered(context, state, op, left, right);
  }
  if (op === '&') {
    if (a === 0 || b === 0 || areOtherFlags(table, left, right)) return table.zero;
    const known = maskKnown(table, left, right) ?? maskKnown(table, right, left);
    // What was tested for among others is a flag and not 0, which its name alone does not tell: `F | F` is.
    if (known !== null && known === left && known !== right) return table.operation('|', known, known);
    if (known !== null) return known;
  }
  if (op === '|' && (a === 0 || b === 0)) return a === 0 ? right : left;
  if ((op === '+' || op === '-') && b === 0) return left;
  if (op === '&&' || op === '||') {
    const first = truthOf(table, state, left);
    const second = truthOf(table, state, right);
    if (op === '&&' && (first === false || second === false)) return table.zero;
    if (op === '||' && (first === true || second === true)) return table.one;
  }
  return bounded(table, table.operation(op, left, right));
}

const MIRRORED: Readonly<Record<string, string>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/** How orders of two unknown values are said with `<` alone, so that `x >= y` and `x < y` are seen to be opposites. */
const ORDERED: Readonly<Record<string, { readonly swaps: boolean; readonly negates: boolean }>> = {
  '>': { swaps: true, negates: false },
  '<=': { swaps: true, negates: true },
  '>=': { swaps: false, negates: true },
};

function ordered(
  context: Pick<ValueContext, 'table'>,
  state: PathState,
  op: string,
  left: Term,
  right: Term,
): Term {
  const { swaps, negates } = ORDERED[op]!;
  const less = swaps ? operate(context, state, '<', right, left) : operate(context, state, '<', left, right);
  return negates ? operate(context, state, '!', less, -1) : less;
}

/** That two values are the same: one term, whichever of them is written first. */
export function sameTerm(table: TermTable, left: Term, right: Term): Term {
  return bounded(table, table.operation('==', ...inOrder(table, left, right)));
}

/** Two values that may change places: a constant stands on the right, as in a test. */
function inOrder(table: TermTable, left: Term, right: Term): readonly [Term, Term] {
  if (isFlag(table, left) !== isFlag(table, right))
    return isFlag(table, right) ? [left, right] : [right, left];
  return left < right ? [left, right] : [right, left];
}

function fold(op: string, a: number, b: number): number | null {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0 ? null : Math.trunc(a / b);
    case '%':
      return b === 0 ? null : a % b;
    case '&':
      return Number(BigInt.asIntN(64, BigInt(Math.trunc(a)) & BigInt(Math.trunc(b))));
    case '|':
      return Number(BigInt.asIntN(64, BigInt(Math.trunc(a)) | BigInt(Math.trunc(b))));
    case '^':
      return Number(BigInt.asIntN(64, BigInt(Math.trunc(a)) ^ BigInt(Math.trunc(b))));
    case '<<':
      return b >= 0 && b < 64 ? Number(BigInt.asIntN(64, BigInt(Math.trunc(a)) << BigInt(b))) : null;
    case '>>':
      return b >= 0 && b < 64 ? Number(BigInt(Math.trunc(a)) >> BigInt(b)) : null;
    case '&&':
      return a !== 0 && b !== 0 ? 1 : 0;
    case '||':
      return a !== 0 || b !== 0 ? 1 : 0;
    default:
      return null;
  }
}

/** `(x | F) & F` is F, and `(x & ~F) & F` is 0: a flag that was just set or cleared. */
function maskKnown(table: TermTable, value: Term, mask: Term): Term | null {
  if (table.kind(value) !== 'operation') return null;
  const op = table.name(value);
  const left = table.a(value);
  const right = table.b(value);
  if (op === '|') {
    if (left === mask || right === mask) return mask;
    // Other flags that were set do not touch this one.
    if (isFlag(table, right) && isFlag(table, mask))
      return maskKnown(table, left, mask) ?? masked(table, left, mask);
    return null;
  }
  if (op === '&') {
    for (const [other, rest] of [
      [right, left],
      [left, right],
    ] as const) {
      if (table.kind(other) !== 'operation' || table.name(other) !== '~') continue;
      const cleared = table.a(other);
      if (cleared === mask) return table.zero;
      if (isFlag(table, cleared) && isFlag(table, mask))
        return maskKnown(table, rest, mask) ?? masked(table, rest, mask);
    }
  }
  return null;
}

function masked(table: TermTable, value: Term, mask: Term): Term {
  return areOtherFlags(table, value, mask) ? table.zero : table.operation('&', value, mask);
}

function negated(table: TermTable, term: Term): Term | null {
  if (table.name(term) !== '!') return null;
  const inner = table.a(term);
  // Only a truth value survives two negations unchanged.
  return table.kind(inner) === 'operation' && isTruth(table.name(inner)) ? inner : null;
}

function isOperation(table: TermTable, term: Term, name: string): boolean {
  return table.kind(term) === 'operation' && table.name(term) === name;
}

function bounded(table: TermTable, term: Term): Term {
  return table.tooDeep(term) ? table.fresh(-1, term, 'deep') : term;
}

/** Writes a value to a place. An address that cannot be known is not written. */
export function store(state: PathState, address: Term | null, value: Term): PathState {
  return address === null ? state : withMemory(state, address, value);
}
