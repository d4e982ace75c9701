/**
 * Whether a function that returns with a lock means to: somebody must give it back. Looked for, in turn: an
 * annotation on the function, a function that gives back such a lock without having taken it, a caller that
 * gives back what this function took.
 */
import { type Configuration, evaluate } from '../c/index.ts';
import type { LockKind } from '../protocol/contract.ts';
import { lockKind } from '../protocol/kinds.ts';
import type { Exit } from './events.ts';
import { classOfKind, shapeOf } from './lock-operations.ts';
import type { PathStep } from './path-state.ts';
import type { Definition, Program } from './program.ts';
import type { SummaryOutcome } from './summary.ts';
import type { Term, TermTable } from './terms.ts';
import type { FunctionWalk } from './walk.ts';

/** `declared`: an annotation says so. `meant`: somebody in view gives it back. */
export type HandOver = 'declared' | 'meant' | 'not meant' | 'unknown';

/** A lock as other functions know it: its kind, and the field that it lives in where there is one. */
export interface LockSort {
  readonly shape: string | null;
  readonly kind: LockKind;
}

export function sortOf(walk: FunctionWalk, lock: Term, kind: LockKind): LockSort {
  return { shape: shapeOf(walk.table, lock), kind };
}

export function handOver(
  program: Program,
  definition: Definition,
  configuration: Configuration,
  sort: LockSort,
): HandOver {
  const { fn, unit } = definition;
  const annotations = [
    ...fn.annotations,
    ...unit.prototypes.filter((one) => one.name === fn.name).flatMap((one) => one.annotations),
  ];
  if (annotations.some((one) => /acquires?|no_(thread_safety|context)_analysis|shared_acq/.test(one.name)))
    return 'declared';
  const near = [...definitionsNear(program, definition, configuration)];
  const callers = near.filter((one) => one.fn !== fn && one.fn.calls.includes(fn.name));
  if (callers.some((caller) => isGivenBack(program, caller, near, configuration, new Set([fn.name]), sort)))
    return 'meant';
  const givers = near.filter((one) => one.fn !== fn && does(program, one, configuration, 'gives', sort));
  const isCallback = isTakenByAddress(definition);
  if (fn.isStatic && !isCallback && callers.length > 0) {
    // Every caller is in view: who gives it back is one of them, or is called by them.
    const family = withCallersOf(near, callers);
    const reached = (giver: Definition) =>
      family.some((one) => one.fn === giver.fn || one.fn.calls.includes(giver.fn.name));
    // What a caller for everybody, or a callback, hands on is ended by another such function.
    const isOpen = (one: Definition) => !one.fn.isStatic || isTakenByAddress(one);
    const handsOn = family.some(isOpen);
    // A caller that was not walked to its end may give it back where the walk did not come.
    if (family.some((one) => !program.walk(one, configuration).complete)) return 'unknown';
    return givers.some((one) => reached(one) || (handsOn && isOpen(one))) ? 'meant' : 'not meant';
  }
  if (givers.length > 0) return 'meant';
  // A callback that hands a lock over has its partner beside it; of a function for everybody, that is out of view.
  if (fn.isStatic && isCallback) return 'not meant';
  return isLocal(program, definition, near, configuration, sort) ? 'not meant' : 'unknown';
}

/**
 * True where some path of the caller takes the lock by a call of one of these functions and gives it back, or hands
 * it on to a caller of its own that does.
 */
function isGivenBack(
  program: Program,
  caller: Definition,
  near: readonly Definition[],
  configuration: Configuration,
  names: ReadonlySet<string>,
  sort: LockSort,
): boolean {
  const made = settledBy(program, caller, configuration, names, 'keeps', sort);
  if (made !== 'handed on' || names.has(caller.fn.name)) return made === 'settled';
  const more = new Set([...names, caller.fn.name]);
  return near.some(
    (next) =>
      next.fn !== caller.fn &&
      next.fn.calls.includes(caller.fn.name) &&
      isGivenBack(program, next, near, configuration, more, sort),
  );
}

/** The functions, and whoever calls them in the file, near or far. */
function withCallersOf(near: readonly Definition[], from: readonly Definition[]): readonly Definition[] {
  const found = new Set(from);
  for (const { fn } of found) for (const one of near) if (one.fn.calls.includes(fn.name)) found.add(one);
  return [...found];
}

/** Words in the names of functions that begin something which another function ends. */
const BEGINS =
  /lock|(?:^|_)(?:start|begin|enter|acquire|prepare|grab|hold|freeze|quiesce|suspend|pause|stop|disable|claim|get|open|push|first|next|find|lookup|down|pin|pre|iter|walk|wait)(?:_|$)/;

/**
 * True where the lock is one that the file's other functions take and give back each by itself, and nothing in the
 * name of this one says that it begins something.
 */
function isLocal(
  program: Program,
  definition: Definition,
  near: readonly Definition[],
  configuration: Configuration,
  sort: LockSort,
): boolean {
  if (sort.shape === null || BEGINS.test(definition.fn.name)) return false;
  return near.some((one) => {
    if (one.fn === definition.fn) return false;
    const { exits, table } = program.walk(one, configuration);
    return exits.some((exit) =>
      [...exit.state.history].some(
        ([lock, past]) =>
          past.taken &&
          shapeOf(table, lock) !== null &&
          isSort(sort, table, lock, past.takenKind) &&
          isBalanced(exit, lock),
      ),
    );
  });
}

/** True where another function of the file takes such a lock without giving it back. */
export function takenElsewhere(
  program: Program,
  definition: Definition,
  configuration: Configuration,
  sort: LockSort,
): boolean {
  return doneElsewhere(program, definition, configuration, 'takes', sort);
}

/**
 * True where the file has a function that does the opposite under a condition of its own: then a flag, and not
 * the result, tells the callers which state they are in.
 */
export function isFlagged(
  program: Program,
  definition: Definition,
  configuration: Configuration,
  sort: LockSort,
): boolean {
  if (isTakenByAddress(definition)) return true;
  return (
    doneElsewhere(program, definition, configuration, 'gives', sort, 'sometimes') ||
    doneElsewhere(program, definition, configuration, 'takes', sort, 'sometimes')
  );
}

function doneElsewhere(
  program: Program,
  definition: Definition,
  configuration: Configuration,
  what: 'takes' | 'gives',
  sort: LockSort,
  when: 'ever' | 'sometimes' = 'ever',
): boolean {
  for (const other of definitionsNear(program, definition, configuration)) {
    if (other.fn !== definition.fn && does(program, other, configuration, what, sort, when)) return true;
  }
  return false;
}

/** True where a function does that to such a lock: on some path, or on some paths only. */
export function does(
  program: Program,
  definition: Definition,
  configuration: Configuration,
  what: 'takes' | 'gives',
  sort: LockSort,
  when: 'ever' | 'sometimes' = 'ever',
): boolean {
  const summary = program.summary(definition, configuration);
  if (!summary || summary.neutral) return false;
  // Of the locks that a loop finds, their class is all that a summary tells.
  if (when === 'ever' && summary.unsettled.has(sort.shape ?? classOfKind(sort.kind))) return true;
  const inOutcome = (outcome: SummaryOutcome) =>
    outcome[what].some((one) => isSort(sort, summary.table, one.lock, one.kind));
  if (!summary.outcomes.some(inOutcome)) return false;
  return when === 'ever' || !summary.outcomes.every(inOutcome);
}

/**
 * What a caller makes of what the functions of these names do to such a lock, when it calls them: `settled` where
 * some path gives back what they keep, or has taken what they give back; `handed on` where one keeps it in turn.
 */
export function settledBy(
  program: Program,
  caller: Definition,
  configuration: Configuration,
  names: ReadonlySet<string>,
  what: 'keeps' | 'gives',
  sort: LockSort,
): 'settled' | 'handed on' | 'neither' {
  const { exits, table, ir } = program.walk(caller, configuration);
  const calls = new Set<number>();
  for (const { instructions } of ir.blocks)
    for (const one of instructions)
      if (one.kind === 'call' && one.name !== null && names.has(one.name)) calls.add(one.at);
  let handsOn = false;
  for (const exit of exits) {
    for (const [lock, past] of exit.state.history) {
      if (!past.taken || !isSort(sort, table, lock, past.takenKind)) continue;
      if (!isDoneInside(exit.state.trace, lock, what === 'keeps' ? 'acquire' : 'release', calls)) continue;
      if (exit.locks.some((held) => held.key === lock)) handsOn = true;
      else if (past.releasedAt >= 0 && (what === 'keeps' || past.owed === 0)) return 'settled';
    }
  }
  return handsOn ? 'handed on' : 'neither';
}

/** True where the last such step on the lock was made inside one of these calls, however far down. */
function isDoneInside(
  trace: PathStep | null,
  lock: Term,
  kind: 'acquire' | 'release',
  calls: ReadonlySet<number>,
): boolean {
  for (let step = trace; step; step = step.previous)
    if (step.kind === kind && step.lock === lock) return step.inside !== null && calls.has(step.at);
  return false;
}

/** True where the path took the lock and gave it back, and did no more with it. */
function isBalanced({ state, locks }: Exit, lock: Term): boolean {
  const past = state.history.get(lock);
  if (!past?.taken || past.releasedAt < 0 || past.owed > 0) return false;
  return !locks.some((held) => held.key === lock);
}

function isSort({ shape, kind }: LockSort, table: TermTable, lock: Term, known: LockKind): boolean {
  if (lockKind(known).family !== lockKind(kind).family) return false;
  const other = shapeOf(table, lock);
  return other === null || shape === null || other === shape;
}

function* definitionsNear(
  program: Program,
  { unit }: Definition,
  configuration: Configuration,
): Iterable<Definition> {
  for (const fn of unit.functions) {
    if (!evaluate(fn.presence, configuration)) continue;
    const one = { unit, fn };
    if (program.isRelevant(one)) yield one;
  }
}

/** True where the function's name appears in its file other than in a call or a declaration of it. */
function isTakenByAddress({ unit, fn }: Definition): boolean {
  for (const one of unit.initialisers) {
    if (one.fields.some((field) => new RegExp(`\\b${fn.name}\\b`).test(field.value))) return true;
  }
  return false;
}
