/** Judges the returns of a function against each other; the rules on exits each take their kind of verdict. */
import type { LockKind } from '../protocol/contract.ts';
import { lockKind, outlivesFunction } from '../protocol/kinds.ts';
import type { Held } from '../state/lock-state.ts';
import type { Exit } from './events.ts';
import {
  distinguishable,
  enteredDifferently,
  type LockExit,
  type LockExits,
  lockExits,
  mayDiffer,
  outcomeOf,
  resultClasses,
} from './exits.ts';
import { ZERO } from './facts.ts';
import { classOf, isFound, shapeOf } from './lock-operations.ts';
import type { Term } from './terms.ts';
import { classesOf } from './values.ts';
import type { FunctionWalk } from './walk.ts';

export interface ExitVerdict {
  /**
   * `leak`: `bad` keeps a lock that `good` gave back. `inconsistent`: the two leave different locks and a caller
   * cannot tell. `foreign-release`: `bad` gives back a lock that it never took, and `good` shows that it is not
   * held on entry. `handed-over`: every return of one kind keeps it; right only if somebody gives it back.
   * `given-back`: every return of one kind gives it back; right only if somebody has taken it.
   */
  readonly kind: 'leak' | 'inconsistent' | 'foreign-release' | 'handed-over' | 'given-back';
  readonly lock: Term;
  readonly lockKind: LockKind;
  readonly bad: Exit;
  readonly good: Exit | null;
  /** What the good path calls the lock. */
  readonly goodLock: Term;
  /** For `foreign-release`: what this path holds instead, and the other return gives back. */
  readonly instead?: Held<Term>;
  /** It follows from what a callee does that is reported itself. */
  readonly doubtful: boolean;
  /** Code at rest may well mean it, or the walk may not tell rounds of a loop apart: it counts only as a change. */
  readonly unsure: boolean;
}

interface Verdicts {
  readonly sure: readonly ExitVerdict[];
  readonly unsure: readonly ExitVerdict[];
}

const cache = new WeakMap<FunctionWalk, Verdicts>();

/** The verdicts on a walk, at most one of a kind for each lock and return statement. */
export function exitVerdicts(walk: FunctionWalk): readonly ExitVerdict[] {
  return allVerdicts(walk).sure;
}

/** What is no verdict on code at rest, but says something where a patch brings it about: at most one for each lock and class of result. */
export function unsureVerdicts(walk: FunctionWalk): readonly ExitVerdict[] {
  return allVerdicts(walk).unsure;
}

function allVerdicts(walk: FunctionWalk): Verdicts {
  const known = cache.get(walk);
  if (known) return known;
  const found = new Map<string, ExitVerdict>();
  const unsure = new Map<string, ExitVerdict>();
  const subject = ({ lock, bad }: ExitVerdict) => `${lock} ${resultClasses(walk, bad)}`;
  for (const one of lockExits(walk)) {
    if (!walk.complete || isSideEffect(walk, one)) continue;
    for (const verdict of judge(walk, one)) {
      if (one.kind === 'named' && !isSureOfNamed(verdict)) continue;
      if (verdict.unsure) {
        const other = unsure.get(subject(verdict));
        if (!other || length(verdict.bad) < length(other.bad)) unsure.set(subject(verdict), verdict);
        continue;
      }
      const key = `${verdict.kind} ${verdict.lock} ${verdict.bad.at}`;
      const other = found.get(key);
      if (!other || length(verdict.bad) < length(other.bad)) found.set(key, verdict);
    }
  }
  const sure = withoutMistaken([...found.values()]);
  const judged = new Set([...found.values()].map(subject));
  const verdicts = { sure, unsure: [...unsure.values()].filter((one) => !judged.has(subject(one))) };
  cache.set(walk, verdicts);
  return verdicts;
}

/**
 * Interrupts and preemption that went off together with a spinlock: the lock says all there is to say, and they
 * may come on again apart from it. So it is where a lock is kept that cannot be told from others of its kind.
 */
function isSideEffect(walk: FunctionWalk, { lock, kind }: LockExits): boolean {
  if (lockKind(kind).level !== 'context') return false;
  return walk.exits.some(
    (exit) =>
      exit.state.history.get(lock)?.withOthers || exit.locks.some((held) => walk.isUnstable(held.key)),
  );
}

/** Where the wrong lock was released, that the right one is still held is the same mistake. */
function withoutMistaken(all: readonly ExitVerdict[]): ExitVerdict[] {
  const kept = new Set(all.map(({ instead }) => instead?.key));
  return all.filter((one) => one.instead !== undefined || !kept.has(one.lock));
}

/** Of a lock known by name alone, only what one path did and another left out is said. */
function isSureOfNamed({ kind, lock, good, bad }: ExitVerdict): boolean {
  if (kind === 'foreign-release') return bad.state.history.get(lock)?.overdrawn ?? false;
  return kind === 'leak' && (good?.state.history.get(lock)?.releasedAt ?? -1) >= 0;
}

function length(exit: Exit): number {
  return exit.state.trace?.length ?? 0;
}

function judge(walk: FunctionWalk, { lock, kind, exits }: LockExits): readonly ExitVerdict[] {
  const kept = exits.filter((one) => one.end === 'kept');
  const balanced = exits.filter((one) => one.end === 'balanced');
  const given = exits.filter((one) => one.end === 'given');
  const untouched = exits.filter((one) => one.end === 'untouched');
  const verdicts: ExitVerdict[] = [];
  const doubtful = exits.some((one) => one.exit.state.history.get(lock)?.doubtful);
  const say = (verdict: ExitVerdict['kind'], bad: LockExit, good: LockExit | null, unsure = false) =>
    verdicts.push({
      kind: verdict,
      lock: bad.lock,
      lockKind: kind,
      bad: bad.exit,
      good: good?.exit ?? null,
      goodLock: good?.lock ?? bad.lock,
      doubtful,
      unsure: unsure || walk.deep.has(bad.lock),
    });

  for (const one of lockKind(kind).underflows ? given : []) {
    const contradiction = foreignRelease(walk, kind, one, [...kept, ...balanced]);
    const mistaken = contradiction ? null : releasedInstead(walk, one, given, untouched);
    if (contradiction) say('foreign-release', one, contradiction);
    else if (mistaken)
      verdicts.push({
        ...mistaken,
        lock,
        goodLock: lock,
        lockKind: kind,
        bad: one.exit,
        doubtful,
        unsure: walk.deep.has(lock),
      });
    else {
      const other = [...untouched, ...balanced].find((right) => cannotTell(walk, one.exit, right.exit));
      // One lock traded for another of its kind: the caller holds one as before.
      if (holdsAnother(walk, one, one.exit)) continue;
      if (other) say('inconsistent', other, one, walk.isRenewed(one.lock));
      else if (
        !mayBeTakenUnseen(walk, one.lock) &&
        !walk.exits.some((exit) => takesAlike(walk, one.lock, kind, exit))
      )
        say('given-back', one, null, true);
    }
  }
  for (const one of kept) {
    // Objects that a loop finds, on a path that is several or where one was given back by another name: which of them
    // is meant cannot be said.
    const mixed =
      walk.isRenewed(one.lock) &&
      (one.exit.state.joined || walk.unsettled.has(classOf(walk.table, one.lock, kind)));
    const others = [...balanced, ...untouched];
    const isTold = (right: LockExit) => isToldByArguments(walk, one.exit, right.exit, kept, others);
    const unsure = mixed || isLeftInMemory(walk, one) || isForAnother(walk, one);
    const leaks = balanced.filter((right) => isLeak(walk, kind, one.exit, right.exit));
    const leak = leaks.find((right) => !isTold(right)) ?? leaks[0];
    if (leak) {
      say('leak', one, leak, unsure || isTold(leak));
      continue;
    }
    // Not 0 is as likely the 1 of a trylock, where the other return never touched the lock.
    const fails = outcomeOf(walk, one.exit, 'unclear') === 'failure';
    const twin = untouched.find(
      (right) =>
        cannotTell(walk, one.exit, right.exit) && !holdsAnother(walk, one, right.exit) && !isTold(right),
    );
    const succeeds = others.find((right) => outcomeOf(walk, right.exit) === 'success');
    if (fails && succeeds && !twin && !swapsLocks(one.exit, succeeds.exit))
      say('leak', one, succeeds, unsure || (balanced.length === 0 && isToldByFlag(walk, one, untouched)));
    // How many of the objects that a loop finds are locked at a return is not counted.
    else if (twin) say('inconsistent', one, twin, unsure || walk.isRenewed(one.lock));
    else if (lockKind(kind).underflows) say('handed-over', one, balanced[0] ?? untouched[0] ?? null, unsure);
  }
  return verdicts;
}

/** True where a path takes another lock of the kind in a field of that name, which may be the same one. */
function takesAlike({ table }: FunctionWalk, lock: Term, kind: LockKind, { state }: Exit): boolean {
  const shape = shapeOf(table, lock);
  return [...state.history].some(
    ([other, past]) =>
      other !== lock &&
      past.taken &&
      lockKind(past.takenKind).family === lockKind(kind).family &&
      (shape === null || shapeOf(table, other) === shape || shapeOf(table, other) === null),
  );
}

/** True for the lock of an object that a call found, and where calls that nothing is known of may take locks. */
export function mayBeTakenUnseen(walk: FunctionWalk, lock: Term): boolean {
  return isFound(walk.table, lock) || walk.unknown.some((name) => /lock/.test(name));
}

/**
 * True where this path gave back a lock of the same kind that it did not take, under another name: `mm->mmap_lock` for
 * `vma->vm_mm->mmap_lock`. Which pointers lead to one object, the code knows and C text does not.
 */
function isForAnother({ table }: FunctionWalk, { lock, exit }: LockExit): boolean {
  const shape = shapeOf(table, lock);
  return (
    shape !== null &&
    [...exit.state.history].some(
      ([other, past]) =>
        past.owed > 0 && shapeOf(table, other) === shape && !exit.locks.some((held) => held.key === other),
    )
  );
}

/** True where this path wrote down, where its caller can see it, which object it keeps locked. */
function isLeftInMemory({ table }: FunctionWalk, { lock, exit }: LockExit): boolean {
  const object = table.root(lock);
  if (table.kind(object) !== 'fresh') return false;
  for (const [address, value] of exit.state.memory) {
    const root = table.kind(table.root(address));
    if (value === object && (root === 'param' || root === 'global')) return true;
  }
  return false;
}

/**
 * True where this path left a flag set where its caller can see it, and no return without the lock does: the flag
 * says who holds it, whatever is returned.
 */
function isToldByFlag({ table }: FunctionWalk, { exit }: LockExit, without: readonly LockExit[]): boolean {
  for (const [address, value] of exit.state.memory) {
    const root = table.kind(table.root(address));
    if ((root !== 'param' && root !== 'global') || (table.numberOf(value) ?? 0) === 0) continue;
    if (table.kind(address) !== 'field' && table.kind(address) !== 'param') continue;
    const isSetToo = ({ exit: other }: LockExit) => {
      const left = other.state.memory.get(address) ?? table.load(address);
      // One that finds it set and leaves it so came with the lock, and goes with it.
      return left !== table.load(address) && classesOf(table, other.state, left) !== ZERO;
    };
    if (!without.some(isSetToo)) return true;
  }
  return false;
}

/**
 * True for a joined path that lost what it began with, at a return statement where an argument decides whether the
 * lock is kept: other paths to it, which did not lose that, differ in it.
 */
function isToldByArguments(
  { table }: FunctionWalk,
  bad: Exit,
  good: Exit,
  kept: readonly LockExit[],
  others: readonly LockExit[],
): boolean {
  if (bad.at !== good.at || !(bad.state.joined || good.state.joined)) return false;
  const clear = (all: readonly LockExit[]) =>
    all.filter(({ exit }) => exit.at === bad.at && !exit.state.joined).map(({ exit }) => exit);
  const withIt = clear(kept);
  const without = clear(others);
  if (withIt.length === 0 || without.length === 0) return false;
  return withIt.every((one) => without.every((other) => enteredDifferently(table, one, other, 'reached')));
}

/** True where the other return holds such a lock too, of another element that a loop came to. */
function holdsAnother({ table }: FunctionWalk, { lock }: LockExit, other: Exit): boolean {
  const shape = shapeOf(table, lock);
  return (
    shape !== null && other.locks.some((held) => held.key !== lock && shapeOf(table, held.key) === shape)
  );
}

function cannotTell(walk: FunctionWalk, left: Exit, right: Exit): boolean {
  return (
    !distinguishable(walk, left, right) &&
    !mayDiffer(walk, left, right) &&
    !enteredDifferently(walk.table, left, right, 'reached')
  );
}

/** Kept at one return, given back before another of the same kind, or kept on failure only. */
function isLeak(walk: FunctionWalk, kind: LockKind, kept: Exit, balanced: Exit): boolean {
  // One return statement that keeps the lock or not as an argument says, as in `if (!keep) unlock()`.
  if (kept.at === balanced.at && enteredDifferently(walk.table, kept, balanced, 'reached')) return false;
  if (swapsLocks(kept, balanced)) return false;
  // Whatever a function out of view returned, against an error of this one's own: the lock goes with success.
  const unseen = returnsCall(walk, kept) || walk.ir.returnType.includes('*');
  if (unseen && mayDiffer(walk, kept, balanced) && outcomeOf(walk, balanced) === 'failure') return false;
  if (!distinguishable(walk, kept, balanced)) return true;
  const nonzero = lockKind(kind).level === 'context' ? 'unclear' : 'fails';
  return outcomeOf(walk, kept, nonzero) === 'failure' && outcomeOf(walk, balanced) === 'success';
}

/** True for a return of what a call gave, unseen. */
function returnsCall({ table, ir }: FunctionWalk, { value }: Exit): boolean {
  if (value === null || table.kind(value) !== 'fresh') return false;
  const name = table.name(value);
  return ir.blocks.some((block) =>
    block.instructions.some(
      (one) => one.kind === 'call' && (one.name === name || (one.name === null && name === 'callback')),
    ),
  );
}

/** True where the other return holds a lock that this one does not: one was traded for the other, and somebody knows. */
function swapsLocks(kept: Exit, other: Exit): boolean {
  return other.locks.some(
    (held) => !outlivesFunction(held.kind, held.mode) && !kept.locks.some((one) => one.key === held.key),
  );
}

/**
 * A path that gives back a lock that no other return touches, and keeps one that the others give back: the wrong
 * one was released, as `rcu_read_unlock()` for `srcu_read_unlock()`.
 */
function releasedInstead(
  walk: FunctionWalk,
  one: LockExit,
  given: readonly LockExit[],
  untouched: readonly LockExit[],
): Pick<ExitVerdict, 'kind' | 'good' | 'instead'> | null {
  for (const held of one.exit.locks) {
    if (outlivesFunction(held.kind, held.mode) || walk.isRenewed(held.key)) continue;
    if (!given.every(({ exit }) => exit.locks.some((other) => other.key === held.key))) continue;
    const good = untouched.find(({ exit }) => {
      const past = exit.state.history.get(held.key);
      if (!past?.taken || past.owed > 0 || exit.locks.some((other) => other.key === held.key)) return false;
      // A read section of the other kind of RCU needs no further proof.
      if (isReadSection(held.kind) && given.every((other) => isReadSection(ownedKind(other)))) return true;
      return !distinguishable(walk, one.exit, exit) || isLeak(walk, held.kind, one.exit, exit);
    });
    if (good) return { kind: 'foreign-release', good: good.exit, instead: held };
  }
  return null;
}

function isReadSection(kind: LockKind): boolean {
  return kind === 'rcu' || kind === 'srcu';
}

function ownedKind({ exit, lock }: LockExit): LockKind {
  return exit.state.history.get(lock)!.owedKind;
}

/**
 * Another path that shows that the lock is not held on entry, for it takes it without having to wait for itself.
 * Locks that nest prove nothing by that: they contradict only a path that itself took and gave back too much.
 */
function foreignRelease(
  walk: FunctionWalk,
  kind: LockKind,
  one: LockExit,
  others: readonly LockExit[],
): LockExit | null {
  const past = one.exit.state.history.get(one.lock);
  if (!past) return null;
  if (lockKind(kind).nests !== 'never') return past.overdrawn && lockKind(kind).underflows ? one : null;
  if (!lockKind(kind).underflows || one.exit.state.joined) return null;
  return (
    others.find((other) => {
      const history = other.exit.state.history.get(other.lock);
      if (!history?.taken || history.owed > 0) return false;
      return !enteredDifferently(walk.table, one.exit, other.exit, 'reached');
    }) ?? null
  );
}
