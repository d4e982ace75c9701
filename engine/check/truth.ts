/** What a path knows of terms: their classes, their truth, and what a test teaches. */

import { POSITIVE_CONSTANTS } from '../protocol/constants.ts';
import { ANY, type Fact, factOf, meet, NEGATIVE, POSITIVE, UNKNOWN, withClasses, ZERO } from './facts.ts';
import { type PathState, withFact } from './path-state.ts';
import type { Term, TermTable } from './terms.ts';

/** The comparisons of C. */
export const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** True for a constant, known or symbolic. */
export function isFlag(table: TermTable, term: Term): boolean {
  const kind = table.kind(term);
  return kind === 'symbolic' || kind === 'constant';
}

/** True for a name in capitals, or an error number of that name. */
function isName(table: TermTable, term: Term): boolean {
  if (table.kind(term) === 'operation' && table.name(term) === 'neg') return isName(table, table.a(term));
  return table.kind(term) === 'symbolic';
}

/** True for an operation whose value is 0 or 1. */
export function isTruth(op: string): boolean {
  return (
    op === '!' ||
    op in COMPARISONS ||
    op === '&&' ||
    op === '||' ||
    op === 'is-error' ||
    op === 'is-null-or-error'
  );
}

/** The number that a term is known to be on this path, or null. */
export function constantOf(table: TermTable, state: PathState, term: Term): number | null {
  const direct = table.numberOf(term);
  if (direct !== null) return direct;
  const fact = state.facts.get(term);
  if (!fact) return null;
  if (fact.equals >= 0) return table.numberOf(fact.equals);
  return fact.classes === ZERO ? 0 : null;
}

/** The classes that a term can be in on this path. */
export function classesOf(table: TermTable, state: PathState, term: Term): number {
  const number = table.numberOf(term);
  if (number !== null) return number === 0 ? ZERO : number > 0 ? POSITIVE : NEGATIVE;
  let classes = factOf(state.facts, term).classes;
  const fact = state.facts.get(term);
  if (fact && fact.equals >= 0) {
    const known = table.numberOf(fact.equals);
    if (known !== null) return known === 0 ? ZERO : known > 0 ? POSITIVE : NEGATIVE;
  }
  switch (table.kind(term)) {
    case 'local':
    case 'global':
    case 'task':
      return POSITIVE;
    case 'field':
    case 'element': {
      // &p->member of a NULL p is as invalid as p; of an error pointer likewise.
      return classes & classesOf(table, state, table.a(term));
    }
    case 'operation': {
      const op = table.name(term);
      if (op === '!') {
        const inner = truthOf(table, state, table.a(term));
        classes &= inner === null ? ZERO | POSITIVE : inner ? ZERO : POSITIVE;
      } else if (isTruth(op)) classes &= ZERO | POSITIVE;
      else if (op === '|') {
        // A flag that was set is a bit that is not 0.
        const parts = [table.a(term), table.b(term)];
        if (parts.some((part) => table.kind(part) === 'symbolic')) classes &= POSITIVE | NEGATIVE;
      } else if (op === 'error-pointer') {
        // ERR_PTR(0) is NULL; of any other value that code gives it, the result is an error pointer.
        classes &= classesOf(table, state, table.a(term)) === ZERO ? ZERO : NEGATIVE;
      } else if (op === 'neg') {
        const inner = table.a(term);
        if (table.kind(inner) === 'symbolic' && isErrorName(table.name(inner))) classes &= NEGATIVE;
      }
      break;
    }
    case 'symbolic':
      if (isErrorName(table.name(term)) || POSITIVE_CONSTANTS.has(table.name(term))) classes &= POSITIVE;
      break;
  }
  return classes === 0 ? ANY : classes;
}

/** Error numbers are spelt `E` and capitals: `EINVAL`, `ERESTARTSYS`. */
export function isErrorName(name: string): boolean {
  return /^E[A-Z0-9]{2,}$/.test(name);
}

/** True, false, or null where the path does not decide it. */
export function truthOf(table: TermTable, state: PathState, term: Term): boolean | null {
  const number = constantOf(table, state, term);
  if (number !== null) return number !== 0;
  const fact = state.facts.get(term);
  if (fact) {
    if (fact.classes === ZERO) return false;
    if (!(fact.classes & ZERO)) return true;
  }
  if (table.kind(term) === 'operation') {
    const op = table.name(term);
    const left = table.a(term);
    if (op === '!') {
      const inner = truthOf(table, state, left);
      return inner === null ? null : !inner;
    }
    if (op === 'is-error') {
      const classes = classesOf(table, state, left);
      if (classes === NEGATIVE) return true;
      return classes & NEGATIVE ? null : false;
    }
    if (op === 'is-null-or-error') {
      const classes = classesOf(table, state, left);
      if (!(classes & POSITIVE)) return true;
      return classes === POSITIVE ? false : null;
    }
    if (op === '&') {
      const known =
        bitsKnown(table, state, left, table.b(term)) ?? bitsKnown(table, state, table.b(term), left);
      if (known !== null) return known;
    }
    if (op in COMPARISONS) {
      const right = table.b(term);
      return compareByFacts(table, state, op, left, constantOf(table, state, right), right);
    }
    if (op === '&&' || op === '||') {
      const first = truthOf(table, state, left);
      const second = truthOf(table, state, table.b(term));
      if (op === '&&') return first === false || second === false ? false : first && second ? true : null;
      return first || second ? true : first === false && second === false ? false : null;
    }
  }
  const classes = classesOf(table, state, term);
  if (classes === ZERO) return false;
  return classes & ZERO ? null : true;
}

/** Two flags of different names have no bit in common, unless a name says that it stands for several. */
export function areOtherFlags(table: TermTable, left: Term, right: Term): boolean {
  if (left === right || table.kind(left) !== 'symbolic' || table.kind(right) !== 'symbolic') return false;
  return isSingleFlag(table.name(left)) && isSingleFlag(table.name(right));
}

function isSingleFlag(name: string): boolean {
  return !/(?:^|_)(?:MASK|FLAGS|ALL|BITS|DEFAULT|ANY|ERROR)(?:_|$)/.test(name);
}

/** What is known of `value & mask` from the flags that the value is made of, or that its maker is known to set or leave. */
function bitsKnown(table: TermTable, state: PathState, value: Term, mask: Term): boolean | null {
  const flags = flagNames(table, mask);
  return flags === null ? null : anyOf(table, state, value, flags);
}

/** True where the value has one of the flags for certain, false where it has none of them. */
function anyOf(table: TermTable, state: PathState, value: Term, flags: readonly string[]): boolean | null {
  if (table.kind(value) === 'symbolic') {
    const name = table.name(value);
    if (flags.includes(name)) return true;
    return isSingleFlag(name) && flags.every(isSingleFlag) ? false : null;
  }
  const fact = state.facts.get(value);
  if (fact) {
    if (fact.anyBits.length > 0 && fact.anyBits.every((bit) => flags.includes(bit))) return true;
    if (flags.every((bit) => fact.noBits.includes(bit)) || fact.classes === ZERO) return false;
  }
  if (table.kind(value) !== 'operation' || table.name(value) !== '|') return null;
  const left = anyOf(table, state, table.a(value), flags);
  const right = anyOf(table, state, table.b(value), flags);
  return left || right ? true : left === false && right === false ? false : null;
}

/** What is known of the flags in a value, as facts for who has the value without what it was made of. */
export function flagFact(table: TermTable, state: PathState, value: Term): Fact {
  const fact = factOf(state.facts, value);
  if (table.kind(value) === 'symbolic') return { ...fact, anyBits: [table.name(value)] };
  if (table.kind(value) !== 'operation' || table.name(value) !== '|') return fact;
  const set = flagNames(table, table.b(value));
  if (set === null) return fact;
  const rest = flagFact(table, state, table.a(value));
  const noBits = rest.noBits.filter((bit) => set.every((one) => one !== bit && isSingleFlag(one)));
  return meet(fact, { ...UNKNOWN, anyBits: [...set].sort(), noBits }) ?? fact;
}

/** The names in `A | B | C`, or null if it is something else. */
export function flagNames(table: TermTable, mask: Term): readonly string[] | null {
  if (table.kind(mask) === 'symbolic') return [table.name(mask)];
  if (table.kind(mask) === 'operation' && table.name(mask) === '|') {
    const left = flagNames(table, table.a(mask));
    const right = flagNames(table, table.b(mask));
    return left && right ? [...left, ...right] : null;
  }
  return null;
}

/** What the facts say of a comparison. */
export function compareByFacts(
  table: TermTable,
  state: PathState,
  op: string,
  left: Term,
  right: number | null,
  rightTerm: Term,
): boolean | null {
  const fact = factOf(state.facts, left);
  const classes = classesOf(table, state, left);
  if (op === '==') {
    if (fact.equals >= 0 && isFlag(table, rightTerm)) {
      if (fact.equals === rightTerm) return true;
      if (table.kind(fact.equals) === table.kind(rightTerm)) return false;
    }
    if (fact.differs.includes(rightTerm)) return false;
    if (isName(table, left) && isName(table, rightTerm)) return left === rightTerm;
    return (classes & classesOf(table, state, rightTerm)) === 0 ? false : null;
  }
  if (right === null) return null;
  const least = classes & NEGATIVE ? Number.NEGATIVE_INFINITY : classes & ZERO ? 0 : 1;
  const most = classes & POSITIVE ? Number.POSITIVE_INFINITY : classes & ZERO ? 0 : -1;
  switch (op) {
    case '<':
      return most < right ? true : least >= right ? false : null;
    case '<=':
      return most <= right ? true : least > right ? false : null;
    case '>':
      return least > right ? true : most <= right ? false : null;
    case '>=':
      return least >= right ? true : most < right ? false : null;
    default:
      return null;
  }
}

/** The state in which a condition has the given truth, or null where it cannot. */
export function assume(
  context: { readonly table: TermTable },
  state: PathState,
  term: Term,
  truth: boolean,
): PathState | null {
  const { table } = context;
  const known = truthOf(table, state, term);
  if (known !== null && known !== truth) return null;
  let next: PathState | null = state;
  if (table.kind(term) === 'operation') {
    const op = table.name(term);
    const left = table.a(term);
    const right = table.b(term);
    if (op === '!') return assume(context, state, left, !truth);
    if (op === '&&' && truth) {
      next = assume(context, state, left, true);
      return next && assume(context, next, right, true);
    }
    if (op === '||' && !truth) {
      next = assume(context, state, left, false);
      return next && assume(context, next, right, false);
    }
    if (op === 'is-error') next = learn(table, next, left, withClasses(truth ? NEGATIVE : ZERO | POSITIVE));
    else if (op === 'is-null-or-error')
      next = learn(table, next, left, withClasses(truth ? ZERO | NEGATIVE : POSITIVE));
    else if (op in COMPARISONS) next = learnComparison(table, next, op, left, right, truth);
    else if (op === '&') {
      const flags = table.kind(left) === 'fresh' ? flagNames(table, right) : null;
      // What a call gave is remembered by its flags, which is what its caller is told by.
      if (flags) return learn(table, next, left, flagsSay(flags, truth));
      // A bit is set, so the value is not zero.
      if (truth) next = learn(table, next, left, withClasses(POSITIVE | NEGATIVE));
    }
    if (!next) return null;
  }
  return learn(table, next, term, withClasses(truth ? POSITIVE | NEGATIVE : ZERO));
}

function flagsSay(flags: readonly string[], set: boolean): Fact {
  const names = [...flags].sort();
  return set ? { ...withClasses(POSITIVE | NEGATIVE), anyBits: names } : { ...UNKNOWN, noBits: names };
}

function learnComparison(
  table: TermTable,
  state: PathState,
  op: string,
  left: Term,
  right: Term,
  truth: boolean,
): PathState | null {
  const effective = truth ? op : OPPOSITE[op]!;
  const number = constantOf(table, state, right);
  if (effective === '==') {
    const rightClasses = classesOf(table, state, right);
    const equals = isFlag(table, right) ? right : -1;
    let next = learn(table, state, left, { ...UNKNOWN, classes: rightClasses, equals });
    if (next && !isFlag(table, right)) {
      const leftFlag = isFlag(table, left) ? left : factOf(next.facts, left).equals;
      next = learn(table, next, right, {
        ...UNKNOWN,
        classes: classesOf(table, next, left),
        equals: leftFlag,
      });
    }
    return next;
  }
  if (effective === '!=') {
    if (number === 0) return learn(table, state, left, withClasses(POSITIVE | NEGATIVE));
    return isFlag(table, right) ? learn(table, state, left, { ...UNKNOWN, differs: [right] }) : state;
  }
  if (number === null) return state;
  let classes = ANY;
  if (effective === '<') classes = number <= 0 ? NEGATIVE : ANY;
  else if (effective === '<=') classes = number < 0 ? NEGATIVE : number === 0 ? NEGATIVE | ZERO : ANY;
  else if (effective === '>') classes = number >= 0 ? POSITIVE : ANY;
  else if (effective === '>=') classes = number > 0 ? POSITIVE : number === 0 ? POSITIVE | ZERO : ANY;
  return learn(table, state, left, withClasses(classes));
}

const OPPOSITE: Readonly<Record<string, string>> = {
  '==': '!=',
  '!=': '==',
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
};

function isTest(table: TermTable, term: Term): boolean {
  return table.kind(term) === 'operation' && isTruth(table.name(term));
}

/** Adds a fact about a term; null where it contradicts what is known. Constants are checked, not stored. */
export function learn(table: TermTable, state: PathState, term: Term, fact: Fact): PathState | null {
  const kind = table.kind(term);
  const classes = classesOf(table, state, term) & fact.classes;
  if (classes === 0) return null;
  if (kind === 'constant') return state;
  if (fact.anyBits.length > 0 && anyOf(table, state, term, fact.anyBits) === false) return null;
  if (fact.noBits.length > 0 && anyOf(table, state, term, fact.noBits) === true) return null;
  const old = factOf(state.facts, term);
  // That a test has an outcome is no news.
  if (
    fact.classes === (ZERO | POSITIVE) &&
    fact.equals < 0 &&
    fact.differs.length === 0 &&
    isTest(table, term)
  )
    return state;
  const both = meet(old, fact);
  if (both === null) return null;
  let next = withFact(state, term, { ...both, classes: both.classes & classes });
  if (kind === 'operation') {
    const op = table.name(term);
    // The error number of a pointer and the pointer are errors together.
    if (op === 'error-number' || op === 'error-pointer' || op === 'cast-error') {
      if (classes === NEGATIVE) {
        const inner = learn(table, next, table.a(term), withClasses(NEGATIVE));
        if (!inner) return null;
        next = inner;
      }
    }
    if (op === 'error-number-or-zero') {
      const inner = learn(
        table,
        next,
        table.a(term),
        withClasses(classes === NEGATIVE ? NEGATIVE : classes & NEGATIVE ? ANY : ZERO | POSITIVE),
      );
      if (!inner) return null;
      next = inner;
    }
    if (op === 'error-number' && fact.equals >= 0) {
      const inner = learn(table, next, table.a(term), withClasses(NEGATIVE));
      if (inner) next = inner;
    }
  }
  return next;
}
