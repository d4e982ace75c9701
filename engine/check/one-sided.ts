/**
 * A function that takes and gives back a lock under one configuration, but under another does only half of it:
 * the other half is in text that is not compiled then.
 */
import { type SourceUnit, symbolsOf } from '../c/index.ts';
import { lockKind } from '../protocol/kinds.ts';
import type { ConfigurationCheck } from './configuration-check.ts';
import type { Exit } from './events.ts';
import { type LockExits, lockExits } from './exits.ts';
import { handOver, sortOf, takenElsewhere } from './hand-over.ts';
import { shapeOf } from './lock-operations.ts';
import type { Definition, Program } from './program.ts';
import type { Term } from './terms.ts';

export interface OneSided {
  readonly symbol: string;
  /** The configuration in which half is missing. */
  readonly check: ConfigurationCheck;
  readonly exit: Exit;
  readonly lock: Term;
  readonly kind: LockExits['kind'];
  readonly half: 'taken' | 'released';
  /** Offset of the operation that is left. */
  readonly at: number;
  /** The operation that is not compiled, which may lie in a function that is called here. */
  readonly missing: Place;
}

export interface Place {
  readonly unit: SourceUnit;
  readonly at: number;
}

export function oneSidedLocks(
  program: Program,
  definition: Definition,
  checks: readonly ConfigurationCheck[],
): readonly OneSided[] {
  const found: OneSided[] = [];
  const ends = checks.map((check) => ({ check, locks: lockExits(check.walk) }));
  for (const broken of ends) {
    for (const one of broken.locks) {
      const bad = one.exits.find(({ end }) => end === 'kept' || end === 'given');
      if (!bad) continue;
      const half = bad.end === 'kept' ? 'taken' : 'released';
      for (const whole of checks) {
        if (whole === broken.check) continue;
        const missing = otherHalf(program, definition, whole, broken.check, one, half);
        if (!missing) continue;
        const symbol = symbolsOf(missing.unit.conditionAt(missing.at)).find(
          (name) => valueIn(whole, name) !== valueIn(broken.check, name),
        );
        if (symbol === undefined || elsewhere(program, definition, broken.check, one, half)) continue;
        const past = bad.exit.state.history.get(one.lock)!;
        const at = half === 'taken' ? past.takenAt : past.owedAt;
        found.push({
          symbol,
          check: broken.check,
          exit: bad.exit,
          lock: one.lock,
          kind: one.kind,
          half,
          at,
          missing,
        });
        break;
      }
    }
  }
  return found;
}

/** Where the lock is given back (or taken) in a configuration in which every return finds it as on entry, or null. */
function otherHalf(
  program: Program,
  definition: Definition,
  whole: ConfigurationCheck,
  broken: ConfigurationCheck,
  one: LockExits,
  half: 'taken' | 'released',
): Place | null {
  const shape = shapeOf(broken.walk.table, one.lock);
  const family = lockKind(one.kind).family;
  if (
    lockExits(whole.walk).some(
      (other) =>
        sameLock(whole, other.lock, other.kind, shape, family) &&
        other.exits.some(({ end }) => end === 'kept' || end === 'given'),
    )
  )
    return null;
  for (const exit of whole.walk.exits) {
    for (const [lock, past] of exit.state.history) {
      if (!past.taken || past.owed > 0 || past.releasedAt < 0) continue;
      if (!sameLock(whole, lock, past.takenKind, shape, family)) continue;
      const at = half === 'taken' ? past.releasedAt : past.takenAt;
      return placeOf(program, definition, exit, at, lock);
    }
  }
  return null;
}

/** Where the step at an offset was really made: there, or in a function that is called there. */
function placeOf(program: Program, { unit }: Definition, exit: Exit, at: number, lock: Term): Place {
  for (let step = exit.state.trace; step; step = step.previous) {
    if (step.at !== at || step.lock !== lock || !step.inside) continue;
    const inside = program.unit(step.inside.file);
    if (inside) return { unit: inside, at: inside.lineStart(step.inside.line) + step.inside.column - 1 };
  }
  return { unit, at };
}

function sameLock(
  check: ConfigurationCheck,
  lock: Term,
  kind: LockExits['kind'],
  shape: string | null,
  family: string,
): boolean {
  return lockKind(kind).family === family && shapeOf(check.walk.table, lock) === shape;
}

function valueIn(check: ConfigurationCheck, symbol: string): string {
  return check.configuration.values.get(symbol) ?? check.configuration.fallback;
}

/** True where the other half is done by another function under that same configuration. */
function elsewhere(
  program: Program,
  definition: Definition,
  check: ConfigurationCheck,
  one: LockExits,
  half: 'taken' | 'released',
): boolean {
  const { walk, configuration } = check;
  const sort = sortOf(walk, one.lock, one.kind);
  if (half === 'released') return takenElsewhere(program, definition, configuration, sort);
  const over = handOver(program, definition, configuration, sort);
  return over === 'declared' || over === 'meant';
}
