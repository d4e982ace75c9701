/**
 * Whether a function that returns with a lock means to: somebody must give it back. Looked for, in turn: an
 * annotation on the function, a function that gives back such a lock without having taken it, a caller that
 * gives back what this function took.
 */
import { type Configuration, evaluate } from '../c/index.ts';
import type { LockKind } from '../protocol/contract.ts';
import { lockKind } from '../protocol/kinds.ts';
import { shapeOf } from './lock-operations.ts';
import type { PathStep } from './path-state.ts';
import type { Definition, Program } from './program.ts';
import type { SummaryOutcome } from './summary.ts';
import type { Term } from './terms.ts';
import type { ExitVerdict } from './verdicts.ts';
import type { FunctionWalk } from './walk.ts';

export type HandOver = 'meant' | 'not meant' | 'unknown';

export function handOver(
  program: Program,
  definition: Definition,
  configuration: Configuration,
  walk: FunctionWalk,
  verdict: ExitVerdict,
): HandOver {
  const { fn, unit } = definition;
  const annotations = [
    ...fn.annotations,
    ...unit.prototypes.filter((one) => one.name === fn.name).flatMap((one) => one.annotations),
  ];
  if (annotations.some((one) => /acquires?|no_(thread_safety|context)_analysis|shared_acq/.test(one.name)))
    return 'meant';
  if (doneElsewhere(program, definition, configuration, walk, verdict.lock, verdict.lockKind, 'gives'))
    return 'meant';
  const callers = callersNear(program, definition, configuration);
  if (callers.some((caller) => callerGivesBack(program, caller, configuration, new Set([fn.name]))))
    return 'meant';
  // A callback that hands a lock over has its partner beside it; of a function for everybody, that is out of view.
  if (!fn.isStatic) return 'unknown';
  return callers.length > 0 || isTakenByAddress(definition) ? 'not meant' : 'unknown';
}

/** True where another function of the file takes such a lock without giving it back. */
export function takenElsewhere(
  program: Program,
  definition: Definition,
  configuration: Configuration,
  walk: FunctionWalk,
  lock: Term,
  kind: LockKind,
): boolean {
  return doneElsewhere(program, definition, configuration, walk, lock, kind, 'takes');
}

/**
 * True where the file has a function that does the opposite under a condition of its own: then a flag, and not
 * the result, tells the callers which state they are in.
 */
export function isFlagged(
  program: Program,
  definition: Definition,
  configuration: Configuration,
  walk: FunctionWalk,
  lock: Term,
  kind: LockKind,
): boolean {
  if (isTakenByAddress(definition)) return true;
  const opposite = (what: 'takes' | 'gives') =>
    doneElsewhere(program, definition, configuration, walk, lock, kind, what, 'sometimes');
  return opposite('gives') || opposite('takes');
}

function doneElsewhere(
  program: Program,
  definition: Definition,
  configuration: Configuration,
  walk: FunctionWalk,
  lock: Term,
  kind: LockKind,
  what: 'takes' | 'gives',
  when: 'ever' | 'sometimes' = 'ever',
): boolean {
  const family = lockKind(kind).family;
  const shape = shapeOf(walk.table, lock);
  for (const other of definitionsNear(program, definition, configuration)) {
    if (other.fn === definition.fn) continue;
    const summary = program.summary(other, configuration);
    if (!summary || summary.neutral) continue;
    const does = (outcome: SummaryOutcome) =>
      outcome[what].some(
        (one) => lockKind(one.kind).family === family && agree(shapeOf(summary.table, one.lock), shape),
      );
    if (!summary.outcomes.some(does)) continue;
    if (when === 'ever' || !summary.outcomes.every(does)) return true;
  }
  return false;
}

function agree(left: string | null, right: string | null): boolean {
  return left === null || right === null || left === right;
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

function callersNear(program: Program, { unit, fn }: Definition, configuration: Configuration): Definition[] {
  const near = [...definitionsNear(program, { unit, fn }, configuration)];
  return near.filter((caller) => caller.fn !== fn && caller.fn.calls.includes(fn.name));
}

/**
 * True where some path of the caller takes the lock by a call of one of these functions and gives it back, or hands
 * it on to a caller of its own that does.
 */
function callerGivesBack(
  program: Program,
  caller: Definition,
  configuration: Configuration,
  names: ReadonlySet<string>,
): boolean {
  const walk = program.walk(caller, configuration);
  const calls = new Set<number>();
  for (const { instructions } of walk.ir.blocks)
    for (const one of instructions)
      if (one.kind === 'call' && one.name !== null && names.has(one.name)) calls.add(one.at);
  let handsOn = false;
  for (const exit of walk.exits) {
    for (const [lock, past] of exit.state.history) {
      if (!past.taken || !takenByCall(exit.state.trace, lock, calls)) continue;
      if (exit.locks.some((held) => held.key === lock)) handsOn = true;
      else if (past.releasedAt >= 0) return true;
    }
  }
  if (!handsOn || names.has(caller.fn.name)) return false;
  return callersNear(program, caller, configuration).some((next) =>
    callerGivesBack(program, next, configuration, new Set([...names, caller.fn.name])),
  );
}

/** True where the lock was last taken inside one of these calls, however far down. */
function takenByCall(trace: PathStep | null, lock: Term, calls: ReadonlySet<number>): boolean {
  for (let step = trace; step; step = step.previous)
    if (step.kind === 'acquire' && step.lock === lock) return step.inside !== null && calls.has(step.at);
  return false;
}

/** True where the function's name appears in its file other than in a call or a declaration of it. */
function isTakenByAddress({ unit, fn }: Definition): boolean {
  for (const one of unit.initialisers) {
    if (one.fields.some((field) => new RegExp(`\\b${fn.name}\\b`).test(field.value))) return true;
  }
  return false;
}
