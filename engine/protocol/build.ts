/** Short forms in which the family files beside this one write their rows. */
import type {
  Contract,
  Effect,
  Given,
  LockKind,
  LockRef,
  Mode,
  Need,
  Outcome,
  ResultClass,
} from './contract.ts';

/** Everything of a row that is not its name, its outcomes or its source. */
export type More = Partial<Omit<Contract, 'name' | 'what' | 'outcomes' | 'source'>>;

export function acquire(
  lock: LockRef,
  kind: LockKind,
  mode: Mode = 'W',
  more: { nested?: boolean; trylock?: boolean } = {},
): Effect {
  return { op: 'acquire', lock, kind, mode, ...more };
}

export function release(lock: LockRef, kind: LockKind, mode: Mode | 'any' = 'any'): Effect {
  return { op: 'release', lock, kind, mode };
}

export function retake(lock: LockRef, kind: LockKind): Effect {
  return { op: 'retake', lock, kind };
}

export function set(target: string, value: Extract<Effect, { op: 'set' }>['value']): Effect {
  return { op: 'set', target, value };
}

/** The effects, whatever the result. */
export function always(...effects: Effect[]): Outcome[] {
  return [{ when: 'any', effects }];
}

/** The effects for one class of result, nothing for the others. */
export function on(when: ResultClass, otherwise: ResultClass, ...effects: Effect[]): Outcome[] {
  return [
    { when, effects },
    { when: otherwise, effects: [] },
  ];
}

/** Taken where the result is true: the convention of the trylocks. */
export const onTrue = (...effects: Effect[]): Outcome[] => on('true', 'false', ...effects);
/** Taken where the result is 0: the convention of the killable and interruptible variants. */
export const onZero = (...effects: Effect[]): Outcome[] => on('zero', 'negative', ...effects);
/** Taken where the result is an object, not where it is NULL. */
export const onPointer = (...effects: Effect[]): Outcome[] => on('pointer', 'null', ...effects);
/** Taken where the result is an object, not where it is an error pointer. */
export const onPointerOrError = (...effects: Effect[]): Outcome[] => on('pointer', 'error', ...effects);

export function held(
  lock: LockRef,
  kind: LockKind,
  modes: readonly Mode[],
  because: string,
  given?: readonly Given[],
): Need {
  return { need: 'held', lock, kind, modes, because, ...(given ? { given } : {}) };
}

export function notHeld(lock: LockRef, kind: LockKind, modes: readonly Mode[], because: string): Need {
  return { need: 'not-held', lock, kind, modes, because };
}

export function oneOf(
  options: readonly (readonly [LockRef, LockKind, readonly Mode[]])[],
  because: string,
): Need {
  return {
    need: 'one-of',
    options: options.map(([lock, kind, modes]) => ({ lock, kind, modes })),
    because,
  };
}

export const ANY_MODE: readonly Mode[] = ['R', 'W', 'D'];

/** The makers of the rows of one source. */
export interface Family {
  /** A function or macro. */
  fn(name: string, outcomes: readonly Outcome[], more?: More): Contract;
  /** A function without an effect on locks, for its other properties. */
  plain(name: string, more: More): Contract;
  /** Several functions of the same meaning. */
  each(names: readonly string[], outcomes: readonly Outcome[], more?: More): Contract[];
  /** An unconditional guard class. */
  guard(name: string, takes: readonly Effect[], gives: readonly Effect[], more?: More): Contract;
  /** A conditional guard class: its variable is NULL where nothing was taken. */
  condGuard(name: string, takes: readonly Effect[], gives: readonly Effect[], more?: More): Contract;
  /** The name in `__free(name)`. */
  cleanup(name: string, effects: readonly Effect[], more?: More): Contract;
  iterator(name: string, assigns: readonly number[], after: 'null' | 'unknown', more?: More): Contract;
}

export function family(source: string): Family {
  const row = (
    name: string,
    what: Contract['what'],
    outcomes: readonly Outcome[],
    more: More = {},
  ): Contract => ({
    name,
    what,
    outcomes,
    ...more,
    source,
  });
  return {
    fn: (name, outcomes, more) => row(name, 'function', outcomes, more),
    plain: (name, more) => row(name, 'function', [], more),
    each: (names, outcomes, more) => names.map((name) => row(name, 'function', outcomes, more)),
    guard: (name, takes, gives, more) =>
      row(name, 'guard', [{ when: 'any', effects: takes }], { ...more, exit: gives }),
    condGuard: (name, takes, gives, more) =>
      row(name, 'guard', onPointer(...takes), { ...more, exit: gives, mustCheck: true }),
    cleanup: (name, effects, more) => row(name, 'cleanup', [{ when: 'any', effects }], more),
    iterator: (name, assigns, after, more) => row(name, 'iterator', [], { ...more, assigns, after }),
  };
}
