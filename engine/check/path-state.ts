/**
 * What one path knows at one point: memory, facts about values, locks held, and how it came there.
 *
 * States are immutable; a step makes a new one that shares what it did not change. Two states with the same
 * key behave alike from here on, so only the first of them is followed (property simulation: Das, Lerner and
 * Seigle, PLDI 2002, with exact states until a block has seen too many of them).
 */
import type { LockKind, Mode } from '../protocol/contract.ts';
import type { LockState } from '../state/lock-state.ts';
import type { CalleeSite } from './events.ts';
import { type Fact, type Facts, isUnknown } from './facts.ts';
import { type Lives, livesHash, NO_LIVES } from './pointer-lives.ts';
import type { Term } from './terms.ts';

/** What happened at one step of a path; rendered only when a finding needs it. */
export interface PathStep {
  readonly previous: PathStep | null;
  readonly kind: 'branch' | 'acquire' | 'release' | 'call' | 'assign' | 'return' | 'note' | 'violation';
  /** Offsets in the function's file. */
  readonly at: number;
  readonly end: number;
  /** For a branch, how the condition at this place turned out; else what happened. */
  readonly message: string;
  /** The lock that a step takes or gives back, or -1. */
  readonly lock: Term;
  readonly locks: LockState<Term>;
  readonly length: number;
  /** Where the step lies when it is inside a callee. */
  readonly inside: CalleeSite | null;
}

/** What a path did with a lock so far, beyond whether it is held now. */
export interface LockHistory {
  /** It was taken on this path. */
  readonly taken: boolean;
  /** Offset at which it was taken last, or -1. */
  readonly takenAt: number;
  readonly takenKind: LockKind;
  /** Offset of the last release, or -1. */
  readonly releasedAt: number;
  /**
   * Releases of this lock that no acquire of this path pays for: the lock must have been held on entry.
   */
  readonly owed: number;
  readonly owedKind: LockKind;
  readonly owedMode: Mode | 'any';
  /** Offset of the first such release, or -1. */
  readonly owedAt: number;
  /** This path had taken the lock and given it back before it gave it back once more. */
  readonly overdrawn: boolean;
  /**
   * Offset at which it was first taken, by a way that waits, while a hold from before the function would still
   * have been in force; -1 if it was not.
   */
  readonly waitedAt: number;
  readonly waitedKind: LockKind;
  readonly waitedMode: Mode;
  /** What the path knew when it took the lock last. */
  readonly before: Facts | null;
  /** A callee that was reported itself left it so: what follows from that is no news. */
  readonly doubtful: boolean;
  /** It was taken or given back by an operation that did the same to another lock. */
  readonly withOthers: boolean;
}

export interface PathState {
  readonly memory: ReadonlyMap<Term, Term>;
  readonly facts: Facts;
  readonly locks: LockState<Term>;
  readonly history: ReadonlyMap<Term, LockHistory>;
  /** The pointers that something keeps valid, or kept until it was dropped. */
  readonly lives: Lives;
  readonly trace: PathStep | null;
  /** An event ended what can be said of this path: the machine hangs or its locks are wrong from here on. */
  readonly broken: boolean;
  /** Made of several paths with equal locks: what they knew apart is lost, so not every turn it takes is one of theirs. */
  readonly joined: boolean;
}

/** True for a lock that is held since before the function, by its annotations, and was not let go. */
export function isFromEntry(past: LockHistory): boolean {
  return past.owed > 0 && past.owedAt < 0;
}

/** A path that has not done anything yet. */
export const EMPTY_STATE: PathState = {
  memory: new Map(),
  facts: new Map(),
  locks: [],
  history: new Map(),
  lives: NO_LIVES,
  trace: null,
  broken: false,
  joined: false,
};

export const NO_HISTORY: LockHistory = {
  taken: false,
  takenAt: -1,
  takenKind: 'other',
  releasedAt: -1,
  owed: 0,
  owedKind: 'other',
  owedMode: 'any',
  owedAt: -1,
  overdrawn: false,
  waitedAt: -1,
  waitedKind: 'other',
  waitedMode: 'W',
  before: null,
  doubtful: false,
  withOthers: false,
};

export function withFact(state: PathState, term: Term, fact: Fact): PathState {
  const facts = new Map(state.facts);
  if (isUnknown(fact)) facts.delete(term);
  else facts.set(term, fact);
  return { ...state, facts };
}

export function withMemory(state: PathState, address: Term, value: Term): PathState {
  if (state.memory.get(address) === value) return state;
  const memory = new Map(state.memory);
  memory.set(address, value);
  return { ...state, memory };
}

export function withHistory(state: PathState, lock: Term, change: Partial<LockHistory>): PathState {
  const history = new Map(state.history);
  history.set(lock, { ...(history.get(lock) ?? NO_HISTORY), ...change });
  return { ...state, history };
}

export function withStep(
  state: PathState,
  kind: PathStep['kind'],
  at: number,
  message: string,
  more: Partial<Pick<PathStep, 'inside' | 'end' | 'lock'>> = {},
): PathState {
  const previous = state.trace;
  const step: PathStep = {
    previous,
    kind,
    at,
    end: more.end ?? at,
    message,
    lock: more.lock ?? -1,
    locks: state.locks,
    length: (previous?.length ?? 0) + 1,
    inside: more.inside ?? null,
  };
  return { ...state, trace: step };
}

const heldKeys = new WeakMap<LockState<Term>, string>();
const owedKeys = new WeakMap<ReadonlyMap<Term, LockHistory>, string>();

/** The part of the key that is the property itself: the locks held, and those that the path owes. */
export function lockKey(state: PathState): string {
  // States share these two with the states before them far more often than not.
  let held = heldKeys.get(state.locks);
  if (held === undefined) {
    held = state.locks.map((one) => `${one.key}${one.mode}${one.kind}${one.depth};`).join('');
    heldKeys.set(state.locks, held);
  }
  let owed = owedKeys.get(state.history);
  if (owed === undefined) {
    owed = [...state.history]
      .filter(([, past]) => past.owed > 0)
      .sort((a, b) => a[0] - b[0])
      .map(([lock, past]) => `${lock}:${past.owed};`)
      .join('');
    owedKeys.set(state.history, owed);
  }
  return `${state.broken ? '!' : ''}${held}|${owed}`;
}

/**
 * Equal for states that cannot be told apart by any continuation. Maps enter it by a sum over their entries,
 * which needs no order: 64 bits of it, so that two states are confused about never.
 */
export function stateKey(state: PathState): string {
  let low = 0;
  let high = 0;
  const add = (a: number, b: number, salt: number) => {
    const one = Math.imul(a ^ salt, 0x9e3779b1) ^ Math.imul(b + 0x7f4a7c15, 0x85ebca6b);
    const mixed = Math.imul(one ^ (one >>> 15), 0xc2b2ae35);
    low = (low + (mixed ^ (mixed >>> 13))) | 0;
    const two = Math.imul(b ^ (salt << 7), 0x27d4eb2f) ^ Math.imul(a + 0x165667b1, 0x9e3779b1);
    const other = Math.imul(two ^ (two >>> 13), 0x85ebca6b);
    high = (high + (other ^ (other >>> 16))) | 0;
  };
  for (const [lock, past] of state.history) {
    const flags = (past.taken ? 1 : 0) | (past.releasedAt >= 0 ? 2 : 0) | (past.waitedAt >= 0 ? 4 : 0);
    if (flags !== 0) add(lock, flags, 1);
  }
  for (const [address, value] of state.memory) add(address, value, 2);
  for (const [term, fact] of state.facts) add(term, factHash(fact), 3);
  livesHash(state.lives, add);
  return `${lockKey(state)}${low}/${high}`;
}

function factHash(fact: Fact): number {
  let hash = Math.imul(fact.classes, 0x9e3779b1) ^ Math.imul(fact.equals + 2, 0x85ebca6b);
  for (const term of fact.differs) hash = Math.imul(hash ^ term, 0x01000193);
  for (const bits of [fact.anyBits, fact.noBits]) {
    hash = Math.imul(hash ^ bits.length, 0x27d4eb2f);
    for (const bit of bits)
      for (let at = 0; at < bit.length; at++) hash = Math.imul(hash ^ bit.charCodeAt(at), 0x01000193);
  }
  return hash;
}

/** What two paths with equal locks did before they met: taken by either, surely given back by both. */
export function joinHistory(
  left: ReadonlyMap<Term, LockHistory>,
  right: ReadonlyMap<Term, LockHistory>,
): ReadonlyMap<Term, LockHistory> {
  if (left === right) return left;
  const joined = new Map(left);
  for (const [lock, other] of right) {
    const past = left.get(lock);
    if (!past) {
      joined.set(lock, { ...other, releasedAt: -1 });
      continue;
    }
    const more = other.taken && !past.taken ? other : past;
    joined.set(lock, {
      ...past,
      taken: past.taken || other.taken,
      takenAt: more.takenAt,
      takenKind: more.takenKind,
      releasedAt: past.releasedAt >= 0 && other.releasedAt >= 0 ? past.releasedAt : -1,
      waitedAt: past.waitedAt >= 0 ? past.waitedAt : other.waitedAt,
      waitedKind: past.waitedAt >= 0 ? past.waitedKind : other.waitedKind,
      waitedMode: past.waitedAt >= 0 ? past.waitedMode : other.waitedMode,
      doubtful: past.doubtful || other.doubtful,
      withOthers: past.withOthers || other.withOthers,
    });
  }
  for (const [lock, past] of left)
    if (!right.has(lock) && past.releasedAt >= 0) joined.set(lock, { ...past, releasedAt: -1 });
  return joined;
}
