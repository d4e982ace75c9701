/**
 * Lock operations on a path state: the lock-state engine plus what only a path knows, namely which locks may
 * be aliases of each other and which must have been held when the function was entered.
 */
import type { LockKind, Mode } from '../protocol/contract.ts';
import { lockKind } from '../protocol/kinds.ts';
import { acquire, downgrade, dropAt, type Held, release } from '../state/lock-state.ts';
import type { EventSite, PathEvent } from './events.ts';
import { POSITIVE, withClasses, ZERO } from './facts.ts';
import { NO_HISTORY, type PathState, withHistory, withStep } from './path-state.ts';
import { endKept } from './pointer-lives.ts';
import { rereadAfter } from './reread.ts';
import type { Term, TermTable } from './terms.ts';
import { learn, sameTerm } from './values.ts';

export interface LockContext {
  readonly table: TermTable;
  /** Fields that the function's file sets to constants. */
  readonly flags: ReadonlySet<string>;
  emit(event: PathEvent): void;
  /** How a lock is called in a message: `mm->mmap_lock`. */
  lockName(state: PathState, lock: Term, kind: LockKind): string;
  /** True for a lock whose name may mean another one in the next round of a loop. */
  isUnstable(lock: Term): boolean;
  /** True for a lock in an object that a loop finds anew each round: its name proves no identity. */
  isRenewed(lock: Term): boolean;
  /** Says that a path holds a lock as often as paths are followed; this one ends here. */
  deepens(lock: Term): void;
  /** Told of the class of a lock that was given back under a name by which it cannot be known which of them it was. */
  unsettle(lockClass: string): void;
}

/** A lock that nests is followed to this depth: a loop that takes it each round would never end. */
const MAX_DEPTH = 3;

export interface LockOperation {
  readonly lock: Term;
  readonly kind: LockKind;
  readonly site: EventSite;
}

export function acquireLock(
  context: LockContext,
  state: PathState,
  operation: LockOperation & { readonly mode: Mode; readonly nested: boolean; readonly trylock: boolean },
): PathState {
  const { kind, mode, site } = operation;
  const lock = owedAlias(context.table, state, operation.lock, kind);
  const name = context.lockName(state, operation.lock, kind);
  const taken = acquire(state.locks, { key: lock, kind, mode, site: site.at });
  if (taken.collision && !operation.nested && !operation.trylock && !context.isRenewed(lock)) {
    context.emit({ kind: 'collision', lock, lockKind: kind, mode, held: taken.collision, state, site });
    return { ...state, broken: true };
  }
  if (taken.state.some((held) => held.key === lock && held.depth > MAX_DEPTH)) {
    context.deepens(lock);
    return { ...state, broken: true };
  }
  const past = state.history.get(lock) ?? NO_HISTORY;
  if (isAtNull(context.table, lock)) return { ...state, broken: true };
  const apart = lockedApart(context.table, state, lock, kind);
  let next: PathState = followed(context.table, { ...apart, locks: taken.state }, lock);
  const waits =
    !operation.trylock &&
    !operation.nested &&
    past.waitedAt < 0 &&
    past.owed === 0 &&
    context.table.kind(context.table.root(lock)) !== 'fresh';
  next = withHistory(next, lock, {
    taken: true,
    takenAt: site.at,
    takenKind: kind,
    before: state.facts,
    ...(waits ? { waitedAt: site.at, waitedKind: kind, waitedMode: mode } : {}),
  });
  if (past.releasedAt >= 0 || past.owed > 0) next = forgetProtected(context.table, next, lock);
  return withStep(next, 'acquire', site.at, `takes ${name}${modeText(kind, mode)}`, {
    inside: site.inside,
    end: site.end,
    lock,
  });
}

export function releaseLock(
  context: LockContext,
  start: PathState,
  operation: LockOperation & { readonly mode: Mode | 'any' },
): PathState {
  const { lock, kind, mode, site } = operation;
  // The machine faults there, and no lock is to blame.
  if (isAtNull(context.table, lock)) return { ...start, broken: true };
  const name = context.lockName(start, lock, kind);
  const step = (next: PathState, gone = lock) => {
    const owed = !start.locks.some((held) => held.key === gone);
    const ended = endKept(next, gone, kind, { at: site.at, how: `${name} is released` }, owed);
    const text = `releases ${name}${mode === 'any' ? '' : modeText(kind, mode)}`;
    return withStep(ended, 'release', site.at, text, { inside: site.inside, end: site.end, lock });
  };
  const exact = release(start.locks, lock, kind, mode);
  const before = exact.held && start.history.get(exact.held.key)?.before;
  const state = before ? rereadAfter(context, start, lock, before) : start;
  if (exact.held) {
    if (exact.problem === 'wrong-mode') {
      context.emit({ kind: 'wrong-mode', lock, lockKind: kind, mode, held: exact.held, state, site });
    }
    const past = state.history.get(lock);
    return step(
      withHistory(followed(context.table, { ...state, locks: exact.state }, lock), lock, {
        releasedAt: site.at,
        // A hold from before the function: this is what gives it back.
        ...(past && past.owed > 0 && past.owedAt < 0 ? { owedAt: site.at } : {}),
      }),
    );
  }
  const alias = findAlias(context.table, state, lock, kind, mode);
  if (alias >= 0) {
    const held = state.locks[alias]!;
    // Of the objects that a loop finds, it may have been another one.
    if (context.isRenewed(held.key)) context.unsettle(classOf(context.table, held.key, held.kind));
    return step(
      withHistory({ ...state, locks: dropAt(state.locks, alias) }, held.key, { releasedAt: site.at }),
      held.key,
    );
  }
  if (!lockKind(kind).underflows || context.isUnstable(lock)) {
    context.unsettle(classOf(context.table, lock, kind));
    return step(state);
  }
  const past = state.history.get(lock) ?? NO_HISTORY;
  const nests = lockKind(kind).nests !== 'never';
  // Of the objects that a loop finds, the last round's may have been another one.
  if (!nests && past.releasedAt < 0 && past.owed > 0 && context.isRenewed(lock)) return step(state);
  if (!nests && (past.releasedAt >= 0 || past.owed > 0)) {
    const releasedAt = past.releasedAt >= 0 ? past.releasedAt : past.owedAt;
    context.emit({ kind: 'over-release', lock, lockKind: kind, mode, releasedAt, state, site });
    return { ...state, broken: true };
  }
  return step(
    withHistory(state, lock, {
      owed: Math.min(past.owed + 1, 3),
      overdrawn: past.overdrawn || past.releasedAt >= 0,
      owedKind: kind,
      owedMode: mode,
      owedAt: past.owedAt >= 0 ? past.owedAt : site.at,
    }),
  );
}

export function downgradeLock(context: LockContext, state: PathState, operation: LockOperation): PathState {
  const { lock, kind, site } = operation;
  const locks = downgrade(state.locks, lock);
  const name = context.lockName(state, lock, kind);
  const held = state.locks.find((one) => one.key === lock);
  if (!locks && held) {
    context.emit({ kind: 'wrong-mode', lock, lockKind: kind, mode: 'D', held, state, site });
  }
  const next = locks ? { ...state, locks } : state;
  return withStep(next, 'release', site.at, `downgrades ${name} from writing to reading`, {
    inside: site.inside,
    end: site.end,
    lock,
  });
}

/**
 * Another hold that the released lock could be. C hides identity behind pointers, so a lock of the same kind
 * and field that is reached another way is taken to be the same one, unless both are known addresses.
 */
export function findAlias(
  table: TermTable,
  state: PathState,
  lock: Term,
  kind: LockKind,
  mode: Mode | 'any',
): number {
  let best = -1;
  for (let at = state.locks.length - 1; at >= 0; at--) {
    const held = state.locks[at]!;
    if (lockKind(held.kind).family !== lockKind(kind).family || !mayAlias(table, lock, held)) continue;
    const fits = mode === 'any' || (held.mode === 'W') === (mode === 'W');
    if (fits) return at;
    if (best < 0) best = at;
  }
  return best;
}

/**
 * The name under which a path owes the lock that it now takes. A lock that was given back through an object that a
 * callee found (`vma->vm_mm->mmap_lock`) and is taken through the caller's own pointer (`mm->mmap_lock`) is taken
 * back; two pointers of the caller's own are two locks.
 */
function owedAlias(table: TermTable, state: PathState, lock: Term, kind: LockKind): Term {
  if (state.history.get(lock)?.owed || state.locks.some((held) => held.key === lock)) return lock;
  const shape = shapeOf(table, lock);
  if (shape === null || isFound(table, lock)) return lock;
  for (const [other, past] of state.history) {
    if (past.owed === 0 || state.locks.some((held) => held.key === other)) continue;
    if (lockKind(past.owedKind).family !== lockKind(kind).family) continue;
    if (shapeOf(table, other) === shape && isFound(table, other)) return other;
  }
  return lock;
}

/** True for a lock that is reached through a value which a call returned. */
export function isFound(table: TermTable, lock: Term): boolean {
  return table.kind(table.root(lock)) === 'fresh';
}

/** True where a lock may be the held one under another name. */
export function mayAlias(table: TermTable, lock: Term, held: Held<Term>): boolean {
  if (table.kind(lock) === 'task' || table.kind(held.key) === 'task') return false;
  if (isFixed(table, lock) && isFixed(table, held.key)) return false;
  const wanted = shapeOf(table, lock);
  const other = shapeOf(table, held.key);
  return wanted === null || other === null || wanted === other;
}

/** True for an address that no pointer is followed to reach: `&global.lock`, `&local.lock`. */
function isFixed(table: TermTable, lock: Term): boolean {
  return !table.some(lock, (part) => {
    const kind = table.kind(part);
    return (
      kind === 'load' || kind === 'fresh' || kind === 'param' || kind === 'element' || kind === 'operation'
    );
  });
}

/** True for a lock at NULL. */
export function isAtNull(table: TermTable, lock: Term): boolean {
  return table.kind(table.root(lock)) === 'constant';
}

/** The state that knows of the object now locked that it is none of those in which such a lock is held: both are locked. */
function lockedApart(table: TermTable, before: PathState, lock: Term, kind: LockKind): PathState {
  const objectOf = (key: Term) => (table.kind(key) === 'field' ? table.a(key) : key);
  const object = objectOf(lock);
  return before.locks.reduce((state, held) => {
    const other = objectOf(held.key);
    if (held.kind !== kind || other === object || isFixed(table, object) || isFixed(table, other))
      return state;
    return learn(table, state, sameTerm(table, object, other), withClasses(ZERO)) ?? state;
  }, before);
}

/** Whoever got past a lock operation had a valid pointer to the object around the lock. */
function followed(table: TermTable, state: PathState, lock: Term): PathState {
  let base = lock;
  while (table.kind(base) === 'field') base = table.a(base);
  const kind = table.kind(base);
  if (kind !== 'param' && kind !== 'load' && kind !== 'fresh' && kind !== 'element') return state;
  return learn(table, state, base, withClasses(POSITIVE)) ?? state;
}

/** The name of the field that a lock lives in, or null where only its value is known. */
export function shapeOf(table: TermTable, lock: Term): string | null {
  let at = lock;
  while (table.kind(at) === 'element') at = table.a(at);
  if (table.kind(at) === 'load') at = table.a(at);
  return table.kind(at) === 'field' ? table.name(at) : null;
}

/** What locks that cannot be told apart have in common: the field that they live in, else their kind. */
export function classOf(table: TermTable, lock: Term, kind: LockKind): string {
  return shapeOf(table, lock) ?? classOfKind(kind);
}

/** The class of locks that are known by a pointer to them alone. */
export function classOfKind(kind: LockKind): string {
  return `@${lockKind(kind).family}`;
}

/**
 * The lock was let go in between, so what was read under it may have changed: the fields beside the lock are
 * unknown again.
 */
function forgetProtected(table: TermTable, state: PathState, lock: Term): PathState {
  if (table.kind(lock) !== 'field') return state;
  const owner = table.a(lock);
  const beside = (term: Term) => table.kind(term) === 'field' && table.a(term) === owner;
  const facts = new Map(state.facts);
  for (const term of state.facts.keys()) {
    if (table.some(term, (part) => table.kind(part) === 'load' && beside(table.a(part)))) facts.delete(term);
  }
  const memory = new Map(state.memory);
  for (const address of state.memory.keys()) if (beside(address)) memory.delete(address);
  return { ...state, facts, memory };
}

/** " for reading" and the like, for locks that have more than one mode. */
export function modeText(kind: LockKind, mode: Mode): string {
  if (lockKind(kind).modes.length < 2) return '';
  return mode === 'W' ? ' for writing' : mode === 'D' ? ' (downgraded)' : ' for reading';
}
