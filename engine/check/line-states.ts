/**
 * What is held at each step of a function, all its paths taken together: for who reads the code rather than
 * judges it. Made by watching a walk; a walk that only judges does not pay for it.
 */
import type { Configuration } from '../c/index.ts';
import type { LockKind, Mode } from '../protocol/contract.ts';
import { lockKind } from '../protocol/kinds.ts';
import { nameLock } from './names.ts';
import { lockKey, type PathState } from './path-state.ts';
import type { Definition, Program } from './program.ts';
import type { Term } from './terms.ts';
import type { FunctionWalk, Visit } from './walk.ts';

/** A lock as it is held at one place. */
export interface HeldLock {
  /** As the code spells it: `mm->mmap_lock`, `VMA lock of vma`, `RCU read section`. */
  readonly name: string;
  /** Null for kinds that have one mode only. */
  readonly mode: Mode | null;
  readonly depth: number;
  /** Held on some of the paths that come here, not on others. */
  readonly onSome: boolean;
  /** Not taken here: the function gives it back later, so its caller must hold it. */
  readonly byCaller: boolean;
}

/** One step, an instruction or a jump, with what is held around it. */
export interface StepState {
  /** Offsets in the function's file. */
  readonly at: number;
  readonly end: number;
  readonly before: readonly HeldLock[];
  /** Null where no path goes on from here. */
  readonly after: readonly HeldLock[] | null;
  /** Some path holds something else after the step than before. */
  readonly changes: boolean;
}

/** What is held behind a line on which that changes. Lines are 1-based. */
export interface LineState {
  readonly line: number;
  readonly held: readonly HeldLock[];
}

/** A function under one configuration, for reading. */
export interface FunctionStates {
  readonly walk: FunctionWalk;
  readonly configuration: Configuration;
  /** In the order of the text. */
  readonly steps: readonly StepState[];
  /** In the order of the text. */
  readonly lines: readonly LineState[];
  /** Every lock that is taken on some path, in the order of the text. */
  readonly taken: readonly HeldLock[];
}

/** States before and after one step, one for each set of locks that was seen. */
interface Seen {
  readonly at: number;
  readonly end: number;
  readonly before: Map<string, PathState>;
  readonly after: Map<string, PathState>;
  changes: boolean;
}

export function functionStates(
  program: Program,
  definition: Definition,
  configuration: Configuration,
): FunctionStates {
  const seen = new Map<string, Seen>();
  const watch = ({ step, before, after }: Visit) => {
    const key = `${step.at}:${step.end}`;
    let one = seen.get(key);
    if (!one) {
      one = { at: step.at, end: step.end, before: new Map(), after: new Map(), changes: false };
      seen.set(key, one);
    }
    const held = lockKey(before);
    one.before.set(held, before);
    for (const state of after) {
      if (state.broken) continue;
      const now = lockKey(state);
      one.after.set(now, state);
      if (now !== held) one.changes = true;
    }
  };
  const walk = program.walkWatched(definition, configuration, watch);
  const owed = owedLocks(walk);
  const all = [...seen.values()].sort((left, right) => left.at - right.at || right.end - left.end);
  const steps = all.map((one): StepState => {
    const before = heldIn(walk, owed, one.before);
    return {
      at: one.at,
      end: one.end,
      before,
      after: one.after.size === 0 ? null : heldIn(walk, owed, one.after),
      changes: one.changes,
    };
  });
  return {
    walk,
    configuration,
    steps,
    lines: changedLines(definition, steps),
    taken: takenLocks(steps),
  };
}

/** Locks that some path gives back without having taken them, with how they must have been held. */
function owedLocks(
  walk: FunctionWalk,
): ReadonlyMap<Term, { readonly kind: LockKind; readonly mode: Mode | 'any' }> {
  const owed = new Map<Term, { kind: LockKind; mode: Mode | 'any' }>();
  for (const exit of walk.exits)
    for (const [lock, past] of exit.state.history)
      if (past.owed > 0 && !owed.has(lock)) owed.set(lock, { kind: past.owedKind, mode: past.owedMode });
  return owed;
}

/** The locks of all these states as one list: those of the caller first, then in the order of acquisition. */
function heldIn(
  walk: FunctionWalk,
  owed: ReturnType<typeof owedLocks>,
  states: ReadonlyMap<string, PathState>,
): readonly HeldLock[] {
  const found = new Map<string, { held: HeldLock; count: number }>();
  const note = (
    state: PathState,
    lock: Term,
    {
      kind,
      mode,
      depth,
      byCaller,
    }: Pick<HeldLock, 'depth' | 'byCaller'> & { kind: LockKind; mode: Mode | 'any' },
  ) => {
    const name = nameLock(walk.table, walk.ir, state, lock, kind).replace(/^the /, '');
    const shown = lockKind(kind).modes.length > 1 && mode !== 'any' ? mode : null;
    const key = `${name} ${shown} ${depth}`;
    const known = found.get(key);
    if (known) {
      known.count++;
      if (!byCaller) known.held = { ...known.held, byCaller };
    } else found.set(key, { held: { name, mode: shown, depth, onSome: false, byCaller }, count: 1 });
  };
  for (const state of states.values()) {
    for (const [lock, { kind, mode }] of owed)
      if ((state.history.get(lock)?.owed ?? 0) === 0 && !state.locks.some((held) => held.key === lock))
        note(state, lock, { kind, mode, depth: 1, byCaller: true });
    for (const held of state.locks) note(state, held.key, { ...held, byCaller: false });
  }
  return [...found.values()].map(({ held, count }) =>
    count < states.size ? { ...held, onSome: true } : held,
  );
}

/** For each line on which a lock is taken or given back, what is held when the line is left. */
function changedLines({ unit }: Definition, steps: readonly StepState[]): readonly LineState[] {
  const lines = new Map<number, HeldLock[]>();
  for (const step of steps) {
    if (!step.changes || step.after === null) continue;
    const { line } = unit.position(Math.max(step.at, step.end - 1));
    // Of two steps on one line the later says what is held behind it.
    lines.set(line, [...step.after]);
  }
  return [...lines].sort(([left], [right]) => left - right).map(([line, held]) => ({ line, held }));
}

function takenLocks(steps: readonly StepState[]): readonly HeldLock[] {
  const taken = new Map<string, HeldLock>();
  for (const { before, after, changes } of steps) {
    if (!changes) continue;
    for (const held of after ?? []) {
      const isNew = !before.some(
        (other) => other.name === held.name && other.mode === held.mode && !other.onSome,
      );
      if (isNew && !held.byCaller)
        taken.set(`${held.name} ${held.mode}`, { ...held, depth: 1, onSome: false });
    }
  }
  return [...taken.values()];
}

/** `mm->mmap_lock R, RCU read section`; `nothing` for no lock. What only some paths hold ends in a `?`. */
export function heldSentence(held: readonly HeldLock[]): string {
  if (held.length === 0) return 'nothing';
  return held.map(lockText).join(', ');
}

export function lockText({ name, mode, depth, onSome, byCaller }: HeldLock): string {
  const text = `${name}${mode === null ? '' : ` ${mode}`}${depth > 1 ? ` x${depth}` : ''}`;
  return `${text}${onSome ? '?' : ''}${byCaller ? ' (caller)' : ''}`;
}
