/**
 * How long what a path found may be used: for each pointer (and iterator) that a contract says is kept by a lock,
 * an RCU section or a reference, what keeps it, and what ended that.
 *
 * A life that ended stays known until the pointer is written anew: taking the lock again does not bring back what
 * was found under it before. A pointer that the caller passed in has no life here but the one that this path ends.
 */
import type { Contract, Lifetime, LockKind } from '../protocol/contract.ts';
import { kindsAgree, lockKind } from '../protocol/kinds.ts';
import type { PathState } from './path-state.ts';
import type { Term, TermTable } from './terms.ts';

export interface Keeper {
  /** Null stands for any lock of the kind. */
  readonly lock: Term | null;
  readonly kind: LockKind;
}

export interface Life {
  readonly what: 'pointer' | 'iterator';
  /** Offset of the call that found it and its name; -1 and '' where it came from outside. */
  readonly foundAt: number;
  readonly foundBy: string;
  /** Any one of these keeps it. */
  readonly by: readonly Keeper[];
  /** References of this path's own to it; -1 where they are not counted. */
  readonly references: number;
  /** Nothing else is known to keep it: without a reference, or a lock of `by`, it is gone. */
  readonly alone: boolean;
  /** A call that it is passed to may take a reference that is not seen. */
  readonly counted: boolean;
  /** The calls that it was passed to, whose bodies say what becomes of the reference. */
  readonly givenTo: readonly GivenTo[];
  /** One of `by` was held in view when it was found: none is left when they are gone. */
  readonly seen: boolean;
  readonly ended: Ending | null;
}

/** A function that was given the object, or something inside it, as that argument; null for an indirect call. */
export interface GivenTo {
  readonly callee: string | null;
  readonly argument: number;
}

export interface Ending {
  readonly at: number;
  /** A clause: "mm->mmap_lock is released", "it was freed". */
  readonly how: string;
}

export type Lives = ReadonlyMap<Term, Life>;

export const NO_LIVES: Lives = new Map();

/** Where a call ended or began a life, and the names in it. */
export interface LifeSite {
  readonly at: number;
  readonly call: string;
}

export function withLife(state: PathState, pointer: Term, life: Life | null): PathState {
  if (life === null && !state.lives.has(pointer)) return state;
  const lives = new Map(state.lives);
  if (life) lives.set(pointer, life);
  else lives.delete(pointer);
  return { ...state, lives };
}

/** What a contract says of the lives of its result and arguments, once its effects are done. */
export function applyLifetimes(
  table: TermTable,
  before: PathState,
  contract: Contract,
  site: LifeSite,
  resolve: (ref: string) => Term | null,
): PathState {
  let state = before;
  for (const lifetime of contract.lifetimes ?? []) {
    const pointer = resolve(lifetime.pointer);
    if (pointer === null || !canLive(table, pointer, lifetime)) continue;
    state = applyLifetime(state, pointer, lifetime, site, resolve);
  }
  return state;
}

function applyLifetime(
  state: PathState,
  pointer: Term,
  lifetime: Lifetime,
  site: LifeSite,
  resolve: (ref: string) => Term | null,
): PathState {
  const keepers = (list: readonly { readonly lock: string; readonly kind: LockKind }[]) =>
    list.map(({ lock, kind }) => ({ lock: lock === 'any' ? null : resolve(lock), kind }));
  const born = { foundAt: site.at, foundBy: site.call, ended: null };
  switch (lifetime.life) {
    case 'protects':
    case 'iterates': {
      const by = keepers(lifetime.by);
      const what = lifetime.life === 'protects' ? 'pointer' : 'iterator';
      const counted = lifetime.life === 'protects' && lifetime.counted === true;
      if (what === 'iterator' && isKeptUnseen(state.lives.get(pointer))) return state;
      return withLife(state, pointer, {
        ...born,
        what,
        by,
        references: -1,
        alone: true,
        counted,
        givenTo: [],
        seen: isKept(state, by),
      });
    }
    case 'counts':
      return withLife(state, pointer, referenced(site, true));
    case 'renews':
      return isKeptUnseen(state.lives.get(pointer)) ? state : withLife(state, pointer, null);
    case 'ends': {
      if (lifetime.unless && isKept(state, keepers(lifetime.unless))) return state;
      const known = state.lives.get(pointer);
      if (known?.ended) return state;
      return withLife(state, pointer, {
        what: 'pointer',
        foundAt: known?.foundAt ?? -1,
        foundBy: known?.foundBy ?? '',
        by: known?.by ?? [],
        references: -1,
        alone: true,
        counted: false,
        givenTo: [],
        seen: true,
        ended: { at: site.at, how: lifetime.because },
      });
    }
  }
}

/** True for an iterator that was moved with none of its keepers in view: a lock of the caller's keeps it, whatever is taken here. */
function isKeptUnseen(life: Life | undefined): boolean {
  return life?.what === 'iterator' && !life.seen && life.ended === null;
}

/** Only a value that has a name of its own: what is read from memory may have been replaced there unseen. */
function canLive(table: TermTable, pointer: Term, lifetime: Lifetime): boolean {
  const kind = table.kind(pointer);
  if (lifetime.life === 'iterates' || lifetime.life === 'renews') return kind !== 'constant';
  if (kind === 'param') return lifetime.life === 'ends';
  if (kind === 'load') return lifetime.life === 'protects' && lifetime.counted === true;
  return kind === 'fresh' && table.name(pointer) !== 'joined';
}

function isKept(state: PathState, by: readonly Keeper[]): boolean {
  return by.some((keeper) => state.locks.some((held) => isKeeper(keeper, held.key, held.kind)));
}

/**
 * Of VMA locks each keeps its own VMA; of the others one of the kind is enough, for a task has to do with one
 * address space at a time and spells it in several ways.
 */
function isKeeper(keeper: Keeper, lock: Term, kind: LockKind): boolean {
  if (keeper.kind === 'vma' && keeper.lock !== null) return keeper.lock === lock;
  return kindsAgree(keeper.kind, kind);
}

/** What was kept by a lock that is gone. `owed`: the caller had taken it. `after` is the state without it. */
export function endKept(
  after: PathState,
  lock: Term,
  kind: LockKind,
  ending: Ending,
  owed: boolean,
): PathState {
  let lives: Map<Term, Life> | null = null;
  for (const [pointer, life] of after.lives) {
    if (life.ended || !life.by.some((keeper) => isKeeper(keeper, lock, kind))) continue;
    if (isKept(after, life.by)) continue;
    if (!life.seen && !owed) continue;
    lives ??= new Map(after.lives);
    // Another lock that is held may keep it as well.
    if ((life.counted || life.what === 'iterator') && after.locks.some((held) => lockKind(held.kind).leaks))
      lives.delete(pointer);
    else lives.set(pointer, { ...life, ended: ending });
  }
  return lives ? { ...after, lives } : after;
}

/** Let go of and taken again somewhere inside: of what it kept, nothing is sure. */
export function endRetaken(state: PathState, lock: Term, kind: LockKind, ending: Ending): PathState {
  const without = { ...state, locks: state.locks.filter((held) => held.key !== lock) };
  const ended = endKept(without, lock, kind, ending, true);
  return ended === without ? state : { ...ended, locks: state.locks };
}

/** An object with one reference of this path's own; `alone` where that is all that is known to keep it. */
function referenced(site: LifeSite, alone: boolean): Life {
  return {
    what: 'pointer',
    foundAt: site.at,
    foundBy: site.call,
    by: [],
    references: 1,
    alone,
    counted: true,
    givenTo: [],
    seen: true,
    ended: null,
  };
}

/** One more or one less reference of this path's own to an object. */
export function countReference(
  table: TermTable,
  state: PathState,
  object: Term,
  change: 1 | -1,
  site: LifeSite,
): PathState {
  const life = state.lives.get(object);
  if (!life) {
    // A count inside an object, as in `kref_get(&p->ref)`: how many there are of the object is not known then.
    const next = forgetAround(table, state, object);
    const kind = table.kind(object);
    const named = kind !== 'constant' && kind !== 'symbolic' && kind !== 'operation';
    return change > 0 && named ? withLife(next, object, referenced(site, false)) : next;
  }
  if (life.ended) return state;
  if (life.references < 0) return change > 0 && life.counted ? withLife(state, object, null) : state;
  const references = Math.max(0, life.references + change);
  if (references > 0 || !life.alone) return withLife(state, object, { ...life, references });
  // Who holds a lock may have found the object under it as well.
  if (state.locks.some((held) => lockKind(held.kind).leaks))
    return withLife(state, object, { ...life, references, alone: false });
  const ended = { at: site.at, how: `${site.call}() gives up the reference that kept it` };
  return withLife(state, object, { ...life, references, ended });
}

function forgetAround(table: TermTable, state: PathState, address: Term): PathState {
  const lives = filterLives(state.lives, (pointer) => {
    const life = state.lives.get(pointer)!;
    return !life.counted || life.ended !== null || !isInside(table, address, pointer);
  });
  return lives === state.lives ? state : { ...state, lives };
}

/**
 * Counted objects that a call was given, which may take a reference of its own, or use up this one. What is kept
 * by a section alone is not followed any further then.
 */
export function giveTo(
  table: TermTable,
  state: PathState,
  values: readonly Term[],
  callee: string | null,
): PathState {
  let lives: Map<Term, Life> | null = null;
  for (const [pointer, life] of state.lives) {
    if (!life.counted || life.ended) continue;
    const argument = values.findIndex((value) => isInside(table, value, pointer));
    if (argument < 0) continue;
    lives ??= new Map(state.lives);
    if (life.references < 0) lives.delete(pointer);
    else lives.set(pointer, { ...life, alone: false, givenTo: [...life.givenTo, { callee, argument }] });
  }
  return lives ? { ...state, lives } : state;
}

/** Counted objects that were stored where others find them: the reference goes with the pointer. */
export function letEscape(table: TermTable, state: PathState, value: Term): PathState {
  return state.lives.size === 0 ? state : forgetAround(table, state, value);
}

/** True for the pointer and for every address inside the object that it points to. */
function isInside(table: TermTable, address: Term, pointer: Term): boolean {
  let at = address;
  while (at !== pointer && (table.kind(at) === 'field' || table.kind(at) === 'element')) at = table.a(at);
  return at === pointer;
}

/** The pointer among those that ended on this path that an address lies in, or null. */
export function endedAround(table: TermTable, state: PathState, address: Term): Term | null {
  for (const [pointer, life] of state.lives) {
    if (life.ended && life.what === 'pointer' && isInside(table, address, pointer)) return pointer;
  }
  return null;
}

/** A number that is equal for lives that end alike. */
export function livesHash(lives: Lives, add: (a: number, b: number, salt: number) => void): void {
  for (const [pointer, life] of lives) {
    add(pointer, (life.ended ? 1 : 2) + 4 * (life.references + 1), 4);
  }
}

/** What both paths know alike. */
export function joinLives(left: Lives, right: Lives): Lives {
  if (left === right || left.size === 0) return left;
  const both = new Map<Term, Life>();
  for (const [pointer, life] of left) {
    const other = right.get(pointer);
    const alike =
      other && (other.ended === null) === (life.ended === null) && other.references === life.references;
    if (alike) both.set(pointer, life);
  }
  return both;
}

/** Drops the lives for which `keep` does not hold. */
export function filterLives(lives: Lives, keep: (pointer: Term) => boolean): Lives {
  let kept: Map<Term, Life> | null = null;
  for (const pointer of lives.keys()) {
    if (keep(pointer)) continue;
    kept ??= new Map(lives);
    kept.delete(pointer);
  }
  return kept ?? lives;
}
