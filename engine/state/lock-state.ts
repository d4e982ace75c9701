/**
 * The lock-state engine: what one task holds, and what an operation does to it.
 *
 * A lock is known by a key, which the caller chooses: the checker uses the symbolic address of the lock, the
 * simulator the address of the lock in its memory. States are immutable; an operation gives a new state and
 * says what was wrong with it, and leaves it to the caller what to do about that.
 */
import type { LockKind, Mode } from '../protocol/contract.ts';
import { lockKind } from '../protocol/kinds.ts';

/** A lock that the task holds. */
export interface Held<K> {
  readonly key: K;
  readonly kind: LockKind;
  readonly mode: Mode;
  /** How often it is held: more than 1 only for kinds that nest. */
  readonly depth: number;
  /** Where it was taken: whatever the caller gave `acquire()`, for traces. */
  readonly site: number;
}

/** What a task holds, in the order of acquisition. */
export type LockState<K> = readonly Held<K>[];

export interface Acquired<K> {
  readonly state: LockState<K>;
  /** The hold that this one collides with, if the lock cannot nest; the state then keeps the first. */
  readonly collision: Held<K> | null;
}

/** Takes a lock. Never refuses: a lock that is held and cannot nest is reported as a collision. */
export function acquire<K>(
  state: LockState<K>,
  lock: { readonly key: K; readonly kind: LockKind; readonly mode: Mode; readonly site: number },
): Acquired<K> {
  const at = state.findIndex((held) => held.key === lock.key && held.kind === lock.kind);
  if (at < 0) return { state: [...state, { ...lock, depth: 1 }], collision: null };
  const held = state[at]!;
  // A mask is on or off; it has no depth.
  if (!lockKind(lock.kind).underflows && lockKind(lock.kind).nests === 'always')
    return { state, collision: null };
  if (mayNest(lock.kind, held.mode, lock.mode)) {
    return { state: replaceAt(state, at, { ...held, depth: held.depth + 1 }), collision: null };
  }
  return { state, collision: held };
}

export type ReleaseProblem = 'not-held' | 'wrong-mode';

export interface Released<K> {
  readonly state: LockState<K>;
  readonly problem: ReleaseProblem | null;
  /** The hold that was given back, or that has the wrong mode; null if there is none. */
  readonly held: Held<K> | null;
}

/** Gives a lock back. `mode` 'any' accepts whatever it was taken for. The latest matching hold is taken. */
export function release<K>(state: LockState<K>, key: K, kind: LockKind, mode: Mode | 'any'): Released<K> {
  for (let at = state.length - 1; at >= 0; at--) {
    const held = state[at]!;
    if (held.key !== key || !sameFamily(held.kind, kind)) continue;
    const problem = mode === 'any' || releasedAs(held.mode) === releasedAs(mode) ? null : 'wrong-mode';
    return { state: dropAt(state, at), problem, held };
  }
  return { state, problem: 'not-held', held: null };
}

/** Takes back one level of the hold at `at`. */
export function dropAt<K>(state: LockState<K>, at: number): LockState<K> {
  const held = state[at]!;
  if (held.depth > 1) return replaceAt(state, at, { ...held, depth: held.depth - 1 });
  return [...state.slice(0, at), ...state.slice(at + 1)];
}

/** Write to read without letting go. Null if the lock is not held for writing. */
export function downgrade<K>(state: LockState<K>, key: K): LockState<K> | null {
  const at = state.findIndex((held) => held.key === key);
  if (at < 0 || state[at]!.mode !== 'W') return null;
  return replaceAt(state, at, { ...state[at]!, mode: 'D' });
}

/** The hold of a lock, or null. */
export function holding<K>(state: LockState<K>, key: K): Held<K> | null {
  return state.find((held) => held.key === key) ?? null;
}

/** The holds inside which a task must not sleep. */
export function atomicHolds<K>(state: LockState<K>): readonly Held<K>[] {
  return state.filter((held) => lockKind(held.kind).atomic);
}

/** True where two tasks can hold one lock in these modes at the same time: R–R and R–D only. */
export function compatible(left: Mode, right: Mode): boolean {
  if (left === 'W' || right === 'W') return false;
  return !(left === 'D' && right === 'D');
}

/** A downgraded lock is given back as a reader gives it back. */
function releasedAs(mode: Mode): 'R' | 'W' {
  return mode === 'W' ? 'W' : 'R';
}

/** True where one task may take the lock again while it holds it. */
function mayNest(kind: LockKind, held: Mode, wanted: Mode): boolean {
  const nests = lockKind(kind).nests;
  return nests === 'always' || (nests === 'readers' && held !== 'W' && wanted !== 'W');
}

/** A `spinlock_t` is given back by the raw functions too, where one is built on the other. */
function sameFamily(left: LockKind, right: LockKind): boolean {
  return lockKind(left).family === lockKind(right).family;
}

function replaceAt<T>(list: readonly T[], at: number, item: T): readonly T[] {
  const copy = list.slice();
  copy[at] = item;
  return copy;
}
