/**
 * What the returns of a function say about a lock when they are held against each other: which of them keep
 * it, give it back or never touch it, and whether a caller could tell them apart.
 */
import type { LockKind } from '../protocol/contract.ts';
import { lockKind, outlivesFunction } from '../protocol/kinds.ts';
import type { Exit } from './events.ts';
import { ANY, factOf, NEGATIVE, POSITIVE, ZERO } from './facts.ts';
import { isReread } from './reread.ts';
import type { Term, TermTable } from './terms.ts';
import { flagFact } from './truth.ts';
import { classesOf } from './values.ts';
import type { FunctionWalk } from './walk.ts';

/** What one path did, all in all, with one lock. */
export type LockEnd =
  /** Taken here and still held at the return. */
  | 'kept'
  /** Taken and given back, or given back and taken again: as on entry. */
  | 'balanced'
  /** Held on entry, given back here. */
  | 'given'
  | 'untouched';

export interface LockExit {
  readonly exit: Exit;
  readonly end: LockEnd;
  /** What this path calls the lock, which may be found under several names. */
  readonly lock: Term;
}

export interface LockExits {
  readonly lock: Term;
  readonly kind: LockKind;
  readonly exits: readonly LockExit[];
}

/**
 * One entry for each lock that any path of the function touches. The lock of the object that a path returns is
 * one lock to the caller, whichever way the path came by the object.
 */
export function lockExits(walk: FunctionWalk): readonly LockExits[] {
  const { table } = walk;
  const found = new Map<Term, { lock: Term; kind: LockKind }>();
  const seen = walk.exits.map((exit) => {
    const ends = new Map<Term, { readonly end: LockEnd; readonly lock: Term }>();
    const note = (lock: Term, kind: LockKind) => {
      if (walk.isUnstable(lock)) return;
      const name = anyRound(walk, asResult(table, exit, lock));
      if (!found.has(name)) found.set(name, { lock, kind });
      // Of what the rounds of a loop found, one is kept: that is what the return is about.
      if (ends.get(name)?.end !== 'kept') ends.set(name, { end: lockEndOf(exit, lock), lock });
    };
    for (const [lock, past] of exit.state.history) {
      if (past.taken || past.owed > 0) note(lock, past.owed > 0 ? past.owedKind : past.takenKind);
    }
    for (const held of exit.locks) note(held.key, held.kind);
    return ends;
  });
  const all: LockExits[] = [];
  for (const [name, { lock, kind }] of found) {
    if (!lockKind(kind).leaks) continue;
    const untouched = { end: 'untouched', lock } as const;
    const exits = walk.exits.map((exit, at) => ({ exit, ...(seen[at]!.get(name) ?? untouched) }));
    if (exits.every(({ end }) => end === 'balanced' || end === 'untouched')) continue;
    all.push({ lock, kind, exits });
  }
  return all;
}

/** One name for the locks of all the objects that a loop finds in one place, whichever round it is. */
function anyRound(walk: FunctionWalk, lock: Term): Term {
  const { table } = walk;
  const root = table.root(lock);
  if (table.kind(root) !== 'fresh' || table.b(root) === 0 || !walk.isRenewed(lock)) return lock;
  return table.replace(lock, root, table.fresh(table.a(root), 0, table.name(root)));
}

/** The lock as the caller sees it: named by the result where it lies in the returned object. */
function asResult(table: TermTable, exit: Exit, lock: Term): Term {
  const { value } = exit;
  if (value === null || table.kind(value) === 'constant' || table.kind(value) === 'param') return lock;
  if (!table.some(lock, (part) => part === value)) return lock;
  return table.replace(lock, value, table.symbolic('the result'));
}

/** What one path did with a lock, all in all. */
export function lockEndOf(exit: Exit, lock: Term): LockEnd {
  let depth = 0;
  for (const held of exit.locks) {
    if (held.key === lock && !outlivesFunction(held.kind, held.mode)) depth += held.depth;
  }
  const past = exit.state.history.get(lock);
  const net = depth - (past?.owed ?? 0);
  if (net > 0) return 'kept';
  if (net < 0) return 'given';
  return past && (past.taken || past.owed > 0) ? 'balanced' : 'untouched';
}

/** The classes of value that a return can have; all of them where it has none. */
export function resultClasses({ table }: FunctionWalk, { state, value }: Exit): number {
  return value === null ? ANY : classesOf(table, state, value);
}

/** True where the caller can tell two returns apart by their values or by what they left in memory. */
export function distinguishable(walk: FunctionWalk, left: Exit, right: Exit): boolean {
  return valuesDiffer(walk, left, right) || memoryDiffers(walk.table, left, right);
}

function valuesDiffer(walk: FunctionWalk, left: Exit, right: Exit): boolean {
  if (left.value === null || right.value === null) return false;
  const { table } = walk;
  const a = classesOf(table, left.state, left.value);
  const b = classesOf(table, right.state, right.value);
  if ((a & b) === 0) return true;
  if (errorAgainstFound(walk, a, b) || errorAgainstFound(walk, b, a)) return true;
  if (flagsOf(table, left.value) !== flagsOf(table, right.value)) return true;
  const x = constantIn(table, left, left.value);
  const y = constantIn(table, right, right.value);
  if (x >= 0 && y >= 0) return x !== y && !bothErrors(a, b);
  const factLeft = factOf(left.state.facts, left.value);
  const factRight = factOf(right.state.facts, right.value);
  if (x >= 0 && factRight.differs.includes(x)) return true;
  if (y >= 0 && factLeft.differs.includes(y)) return true;
  return flagsDiffer(factLeft, factRight) || flagsDiffer(factRight, factLeft);
}

/**
 * True where one return gives a value of which nothing is known and the other a class of its own: whether a caller
 * can tell them apart depends on a function that is out of view.
 */
export function mayDiffer(walk: FunctionWalk, left: Exit, right: Exit): boolean {
  if (left.value === null || right.value === null || left.value === right.value) return false;
  const a = classesOf(walk.table, left.state, left.value);
  const b = classesOf(walk.table, right.state, right.value);
  return (a === ANY) !== (b === ANY);
}

/** An error pointer, and a pointer that the code asked whether it is NULL: what it took for one is no error. */
function errorAgainstFound({ ir }: FunctionWalk, error: number, found: number): boolean {
  return ir.returnType.includes('*') && error === NEGATIVE && found === (POSITIVE | NEGATIVE);
}

/** The names of the flags that the code or-ed into a result, by which the caller is told. */
function flagsOf(table: TermTable, value: Term): string {
  const names: string[] = [];
  let at = value;
  while (table.kind(at) === 'operation' && table.name(at) === '|' && table.kind(table.b(at)) === 'symbolic') {
    names.push(table.name(table.b(at)));
    at = table.a(at);
  }
  return names.sort().join();
}

/** -EIO and -EINTR are two numbers, but a caller does not unlock by them. */
function bothErrors(left: number, right: number): boolean {
  return left === NEGATIVE && right === NEGATIVE;
}

function flagsDiffer(
  left: { readonly anyBits: readonly string[] },
  right: { readonly noBits: readonly string[] },
): boolean {
  return left.anyBits.length > 0 && left.anyBits.every((bit) => right.noBits.includes(bit));
}

function constantIn(table: TermTable, exit: Exit, value: Term): Term {
  const kind = table.kind(value);
  if (kind === 'constant' || kind === 'symbolic') return value;
  if (kind === 'operation' && table.name(value) === 'neg' && table.kind(table.a(value)) === 'symbolic')
    return value;
  return factOf(exit.state.facts, value).equals;
}

/** Both left a different constant in the same place that the caller can reach: a flag, an out-parameter. */
export function memoryDiffers(table: TermTable, left: Exit, right: Exit): boolean {
  for (const [address, value] of left.state.memory) {
    if (table.kind(table.root(address)) === 'local') continue;
    const other = right.state.memory.get(address) ?? table.load(address);
    if (other === value) continue;
    if ((classesOf(table, left.state, value) & classesOf(table, right.state, other)) === 0) return true;
  }
  for (const [address, value] of right.state.memory) {
    if (left.state.memory.has(address) || table.kind(table.root(address)) === 'local') continue;
    if ((classesOf(table, right.state, value) & classesOf(table, left.state, table.load(address))) === 0)
      return true;
  }
  return false;
}

/**
 * True where the paths began with contradicting facts on what the caller passed: then it knows which of them it
 * gets. `direct` counts only the arguments themselves, not what they point to.
 */
export function enteredDifferently(
  table: TermTable,
  left: Exit,
  right: Exit,
  how: 'direct' | 'reached',
): boolean {
  for (const [term, fact] of left.state.facts) {
    if (!isEntry(table, term, how)) continue;
    const other = factOf(right.state.facts, term);
    if ((fact.classes & other.classes) === 0) return true;
    if (fact.equals >= 0 && other.equals >= 0 && fact.equals !== other.equals) return true;
    if (fact.equals >= 0 && other.differs.includes(fact.equals)) return true;
    if (other.equals >= 0 && fact.differs.includes(other.equals)) return true;
  }
  return false;
}

function isEntry(table: TermTable, term: Term, how: 'direct' | 'reached'): boolean {
  if (how === 'direct') {
    if (table.kind(term) === 'param') return true;
    // A flag in an argument: `flags & FOO`.
    return (
      table.kind(term) === 'operation' &&
      table.operands(term).every((part) => isEntry(table, part, how) || isConstant(table, part))
    );
  }
  return (
    table.some(term, (part) => table.kind(part) === 'param' || table.kind(part) === 'global') &&
    !table.some(
      term,
      (part) => table.kind(part) === 'fresh' || table.kind(part) === 'local' || isReread(table, part),
    )
  );
}

function isConstant(table: TermTable, term: Term): boolean {
  return table.kind(term) === 'constant' || table.kind(term) === 'symbolic';
}

/** How a return reads to a caller: `failure` for errors, NULL and false where those mean failure. */
export function outcomeOf(
  walk: FunctionWalk,
  exit: Exit,
  nonzero: 'fails' | 'unclear' = 'fails',
): 'success' | 'failure' | 'either' {
  if (exit.value === null) return 'either';
  const classes = classesOf(walk.table, exit.state, exit.value);
  const type = walk.ir.returnType;
  const zeroFails = type.includes('*') || /\bbool\b/.test(type);
  // What is told by its flags is neither.
  if (classes === (POSITIVE | NEGATIVE) && flagFact(walk.table, exit.state, exit.value).anyBits.length > 0)
    return 'either';
  // An error number, or whatever a call returned that is not 0.
  if (classes === NEGATIVE || (classes === (POSITIVE | NEGATIVE) && !zeroFails && nonzero === 'fails'))
    return 'failure';
  if (classes === ZERO) return zeroFails ? 'failure' : 'success';
  if (classes === (ZERO | NEGATIVE) && zeroFails) return 'failure';
  if (classes === ANY || (classes & NEGATIVE && !zeroFails) || (zeroFails && classes & ZERO)) return 'either';
  return 'success';
}
