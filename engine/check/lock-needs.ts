/** Whether a path meets what a callee needs of its caller's locks; a caller further up may hold what is not seen. */
import { type Configuration, evaluate, type SourceUnit } from '../c/index.ts';
import type { Given, LockKind, Mode, Need } from '../protocol/contract.ts';
import { kindOfField, kindsAgree, lockKind } from '../protocol/kinds.ts';
import { OMITTED_MEMBERS } from '../protocol/pagetable.ts';
import type { Held } from '../state/lock-state.ts';
import { assumeGiven, resolveLock } from './contract-effects.ts';
import { enteredDifferently } from './exits.ts';
import { isFound, mayAlias, shapeOf } from './lock-operations.ts';
import type { PathState } from './path-state.ts';
import type { RuleContext } from './rule.ts';
import type { CallEvent } from './sleeps.ts';
import type { Term } from './terms.ts';
import type { ValueContext } from './values.ts';
import type { FunctionWalk } from './walk.ts';

export interface Wanted {
  readonly lock: string;
  readonly kind: LockKind;
  readonly modes: readonly Mode[];
}

export type Unmet = {
  readonly lock: Term;
  readonly kind: LockKind;
} & (
  | { readonly how: 'mode'; readonly held: Held<Term> }
  /** This path gave it back, at that offset. */
  | { readonly how: 'released'; readonly at: number }
  /** It is the mmap_lock, and in its place the read lock of one VMA was taken, at that offset. */
  | { readonly how: 'area only'; readonly at: number }
  /** Another path takes it here, which it could not if the caller held it. */
  | { readonly how: 'never taken'; readonly at: number }
);

/** The lock that a reference of a contract names in the call of an event; null where it names no single lock. */
export function lockNamed(walk: FunctionWalk, event: CallEvent, ref: string): Term | null {
  if (!/^(?:@\w+|\*?arg\d+(?:(?:\.|->)\w+)*)$/.test(ref)) return null;
  return resolveLock(values(walk), event.state, ref, event, walk.table.zero);
}

/** The kind of the lock at an address, which a field may make special. */
export function kindAt(walk: FunctionWalk, lock: Term, kind: LockKind): LockKind {
  const { table } = walk;
  return table.kind(lock) === 'field' ? kindOfField(table.name(lock), kind) : kind;
}

/** True where the condition of a need is known to hold. */
export function applies(
  { walk, definition, configuration }: RuleContext,
  event: CallEvent,
  need: Need,
): boolean {
  if (!need.given) return true;
  const inTable = need.given.map((one) => givenByTable(walk, event, one, definition.unit, configuration));
  if (inTable.includes(false)) return false;
  if (inTable.every((one) => one === true)) return true;
  const { state } = event;
  const after = assumeGiven(values(walk), state, need.given, event, walk.table.zero);
  if (!after) return false;
  // Nothing new: it was known before.
  return [...after.facts].every(([term, fact]) => state.facts.get(term) === fact);
}

/**
 * Whether a table of operations that the file defines has the member that a need asks about: the `walk_lock` of a
 * `struct mm_walk_ops`. Null where the argument is no such table, or the file does not say.
 */
function givenByTable(
  walk: FunctionWalk,
  event: CallEvent,
  given: Given,
  unit: SourceUnit,
  configuration: Configuration,
): boolean | null {
  const path = /^arg(\d+)->(\w+)$/.exec(given.operand);
  if (!path || typeof given.is !== 'object' || !('equals' in given.is)) return null;
  const table = event.args[Number(path[1])];
  if (table === undefined || walk.table.kind(table) !== 'global') return null;
  const name = walk.table.name(table);
  const initialiser = unit.initialisers.find(
    (one) => one.name === name && evaluate(one.presence, configuration),
  );
  if (!initialiser) return null;
  const member = initialiser.fields.find((field) => field.name === path[2]);
  return (member ? member.value.trim() : OMITTED_MEMBERS.get(path[2]!)) === given.is.equals;
}

/** Why a lock is not held as wanted for certain; null where it is, or where somebody further up may hold it. */
export function unmet(walk: FunctionWalk, event: CallEvent, wanted: Wanted): Unmet | null {
  const { table } = walk;
  const { state } = event;
  const lock = lockNamed(walk, event, wanted.lock);
  if (lock === null || walk.isUnstable(lock)) return null;
  const exact = state.locks.find((held) => held.key === lock && kindsAgree(held.kind, wanted.kind));
  if (exact) {
    if (wanted.modes.includes(exact.mode) || state.history.get(lock)?.doubtful) return null;
    return { how: 'mode', lock, kind: exact.kind, held: exact };
  }
  if (state.locks.some((held) => kindsAgree(held.kind, wanted.kind) && mayAlias(table, lock, held)))
    return null;
  if (table.kind(table.root(lock)) === 'fresh' && table.name(table.root(lock)) === 'joined') return null;
  return (
    releasedHere(walk, state, lock, wanted.kind) ??
    areaOnly(walk, state, lock, wanted.kind) ??
    takenElsewhere(walk, state, lock, wanted.kind)
  );
}

/**
 * Under the read lock of a VMA nobody waits for the mmap_lock, and who holds that has no need of the other: a task
 * that took just the one does not hold both. One that asked for it under the mmap_lock is another matter.
 */
function areaOnly({ table }: FunctionWalk, state: PathState, lock: Term, kind: LockKind): Unmet | null {
  if (kind !== 'mmap') return null;
  for (const past of state.history.values())
    if (past.takenKind === 'mmap' || past.owedKind === 'mmap') return null;
  const area = state.locks.find((held) => held.kind === 'vma' && held.mode === 'R');
  // Found and locked in one, so that it was not the mmap_lock that kept it until then.
  if (!area || !isFound(table, area.key)) return null;
  return { how: 'area only', lock, kind, at: area.site };
}

/** Taken and given back by this path, or given back although the caller had taken it. */
function releasedHere(walk: FunctionWalk, state: PathState, lock: Term, kind: LockKind): Unmet | null {
  const { table } = walk;
  for (const [other, past] of state.history) {
    const known = past.taken ? past.takenKind : past.owedKind;
    const same =
      other === lock ||
      // A task has to do with one address space at a time.
      (known === 'mmap' && shapeOf(table, other) === shapeOf(table, lock));
    if (!same || past.doubtful || !kindsAgree(known, kind) || lockKind(known).nests !== 'never') continue;
    const at = past.taken ? past.releasedAt : past.owedAt;
    if (at >= 0) return { how: 'released', lock, kind: known, at };
  }
  return null;
}

/** Taken by another path, which would have had to wait for its own caller, had that held it. */
function takenElsewhere(walk: FunctionWalk, state: PathState, lock: Term, kind: LockKind): Unmet | null {
  if (owes(walk, state, lock)) return null;
  const before = state.history.get(lock);
  if (before?.taken || (before?.owed ?? 0) > 0) return null;
  for (const exit of walk.exits) {
    const past = exit.state.history.get(lock);
    if (!past?.taken || past.waitedAt < 0 || past.owed > 0 || past.doubtful || exit.state.joined) continue;
    if (!kindsAgree(past.takenKind, kind) || lockKind(past.takenKind).nests !== 'never') continue;
    const here = { ...exit, state };
    if (enteredDifferently(walk.table, here, exit, 'reached')) continue;
    // It takes back what it gave up under another name.
    if (owes(walk, exit.state, lock)) continue;
    return { how: 'never taken', lock, kind: past.takenKind, at: past.waitedAt };
  }
  return null;
}

/** True where the path gave back a lock that it was entered with, and that this one may be. */
function owes({ table }: FunctionWalk, state: PathState, lock: Term): boolean {
  const shape = shapeOf(table, lock);
  return [...state.history].some(([other, past]) => {
    if (past.owed === 0) return false;
    const known = shapeOf(table, other);
    return shape === null || known === null || known === shape;
  });
}

function values(walk: FunctionWalk): ValueContext {
  return { table: walk.table, isArray: () => false, isPointer: () => false };
}

/** True where the function asks whether a lock is held, or calls what nothing is known of but that it locks. */
export function locksUnseen(walk: FunctionWalk): boolean {
  if (walk.unknown.some((name) => /lock/.test(name))) return true;
  return walk.ir.blocks.some((block) =>
    block.instructions.some(
      (one) =>
        one.kind === 'call' &&
        (one.name !== null
          ? /is_locked|is_held|_owned|is_write_locked/.test(one.name)
          : one.callee.kind === 'field' && /lock/.test(one.callee.name)),
    ),
  );
}
