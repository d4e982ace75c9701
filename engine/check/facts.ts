/**
 * What a path knows of a value: which of three classes it can be in, and which constants it is or is not.
 * The three classes are the ones that kernel code tells apart: zero (NULL, success), positive (a valid
 * pointer, a count, true) and negative (an error number or error pointer).
 */
import type { Term } from './terms.ts';

export const ZERO = 1;
export const POSITIVE = 2;
export const NEGATIVE = 4;
export const ANY = ZERO | POSITIVE | NEGATIVE;

export interface Fact {
  /** The classes that are still possible: a non-empty set of ZERO, POSITIVE, NEGATIVE. */
  readonly classes: number;
  /** The constant or symbolic term it is known to equal, or -1. */
  readonly equals: Term;
  /** Constant or symbolic terms it is known not to equal, sorted. */
  readonly differs: readonly Term[];
  /** Names of flag bits of which at least one is known to be set, sorted; empty if nothing is known. */
  readonly anyBits: readonly string[];
  /** Names of flag bits known to be clear, sorted. */
  readonly noBits: readonly string[];
}

export const UNKNOWN: Fact = { classes: ANY, equals: -1, differs: [], anyBits: [], noBits: [] };

/** Immutable map from terms to facts; a term that is absent is unknown. */
export type Facts = ReadonlyMap<Term, Fact>;

export function factOf(facts: Facts, term: Term): Fact {
  return facts.get(term) ?? UNKNOWN;
}

/** A text that is equal for equal facts. */
export function factKey(fact: Fact): string {
  return `${fact.classes},${fact.equals},${fact.differs.join('/')},${fact.anyBits.join('/')},${fact.noBits.join('/')}`;
}

/** Both hold. Null if they contradict each other. */
export function meet(left: Fact, right: Fact): Fact | null {
  const classes = left.classes & right.classes;
  if (classes === 0) return null;
  if (left.equals >= 0 && right.equals >= 0 && left.equals !== right.equals) return null;
  const equals = left.equals >= 0 ? left.equals : right.equals;
  const differs = union(left.differs, right.differs);
  if (equals >= 0 && differs.includes(equals)) return null;
  const noBits = union(left.noBits, right.noBits);
  const asked = fewer(left.anyBits, right.anyBits);
  const anyBits = noBits.length === 0 ? asked : asked.filter((bit) => !noBits.includes(bit));
  if (asked.length > 0 && anyBits.length === 0) return null;
  return { classes, equals, differs, anyBits, noBits };
}

/** One or the other holds: what is left of both at a join. */
export function join(left: Fact, right: Fact): Fact {
  return {
    classes: left.classes | right.classes,
    equals: left.equals === right.equals ? left.equals : -1,
    differs: left.differs.filter(
      (term) => right.differs.includes(term) || (right.equals >= 0 && right.equals !== term),
    ),
    anyBits: left.anyBits.length > 0 && right.anyBits.length > 0 ? union(left.anyBits, right.anyBits) : [],
    noBits: left.noBits.filter((bit) => right.noBits.includes(bit)),
  };
}

export function isUnknown(fact: Fact): boolean {
  return (
    fact.classes === ANY &&
    fact.equals < 0 &&
    fact.differs.length === 0 &&
    fact.anyBits.length === 0 &&
    fact.noBits.length === 0
  );
}

export function withClasses(classes: number): Fact {
  return { ...UNKNOWN, classes };
}

/** Of two lists of which one flag each is set, the one that says more. */
function fewer(left: readonly string[], right: readonly string[]): readonly string[] {
  if (left.length === 0) return right;
  return right.length === 0 || left.length <= right.length ? left : right;
}

function union<T extends string | number>(left: readonly T[], right: readonly T[]): readonly T[] {
  if (left.length === 0) return right;
  if (right.length === 0) return left;
  const all = [...new Set([...left, ...right])];
  return all.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
