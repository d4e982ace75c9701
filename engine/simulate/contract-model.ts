/** Running a contract: the lock operations that a function stands for, without its body. */
import type { Contract, Effect, LockKind, ResultClass } from '../protocol/index.ts';
import { IGNORED, lockOf, SECTIONS } from './contract-lock.ts';
import { exchange, fault, iterate } from './contract-memory.ts';
import { checkNeeds, holds } from './contract-needs.ts';
import { classValue } from './contract-results.ts';
import { downgrade, giveBack, noteTaken } from './lock-effects.ts';
import type { Machine } from './machine.ts';
import type { Model, Site } from './model.ts';
import { atomicEnter, atomicExit, rcuEnter, rcuExit } from './sections.ts';
import { NO_RESULT, RESUMED } from './signals.ts';
import { resultValue } from './unknown.ts';

type Acquire = Extract<Effect, { op: 'acquire' }>;

const SLEEPS = new Set<LockKind>([
  'mmap',
  'rwsem',
  'mutex',
  'ww_mutex',
  'semaphore',
  'rtmutex',
  'percpu_rwsem',
  'folio',
  'inode',
  'socket',
]);

/** A model that does what the contract says; its arguments that are set are passed by reference. */
export function contractModel(contract: Contract): Model {
  // Most contracts say the same whatever the arguments are: which outcome takes a lock is then known beforehand.
  const isFixed = contract.outcomes.every((one) => (one.given ?? []).length === 0);
  const taking = isFixed ? contract.outcomes.find(takesLock) : undefined;
  const outcomes = (m: Machine, args: readonly number[]): Possible => {
    if (isFixed) return { possible: contract.outcomes, taking };
    const possible = contract.outcomes.filter((one) =>
      (one.given ?? []).every((given) => holds(m, given, args) !== false),
    );
    return { possible, taking: possible.find(takesLock) };
  };
  return {
    name: contract.name,
    args: modes(contract),
    run: (m, args, site) => run(m, contract, outcomes, args, site),
  };
}

type Outcomes = Contract['outcomes'];

/** The outcomes that the arguments leave, and the one of them that takes a lock. */
interface Possible {
  readonly possible: Outcomes;
  readonly taking: Outcomes[number] | undefined;
}

const takesLock = (one: Outcomes[number]) => one.effects.some(isLock);

/** A model of effects alone: the end of a guard. */
export function effectsModel(name: string, effects: readonly Effect[]): Model {
  return { name, run: (m, args, site) => applyAll(m, effects, args, 0, site, name) };
}

function modes(contract: Contract): string {
  const references = new Set<number>(contract.assigns ?? []);
  for (const outcome of contract.outcomes) {
    for (const effect of outcome.effects) {
      const match = effect.op === 'set' ? /^arg(\d+)$/.exec(effect.target) : null;
      if (match !== null) references.add(Number(match[1]));
    }
  }
  if (contract.value?.value === 'exchange') references.add(contract.value.target);
  const last = Math.max(-1, ...references);
  return Array.from({ length: last + 1 }, (_, i) => (references.has(i) ? 'r' : 'v')).join('');
}

function run(
  m: Machine,
  contract: Contract,
  outcomes: (m: Machine, args: readonly number[]) => Possible,
  args: readonly number[],
  site: Site,
): number {
  const again = m.field(m.current, RESUMED) !== 0;
  if (!again) {
    if (contract.noreturn === true) return m.failResult('assertion', `${contract.name}() is reached`);
    if (contract.stops !== undefined && holds(m, contract.stops, args) !== false) {
      return m.failResult('assertion', `${contract.name}(${site.texts.join(', ')})`);
    }
    if (!checkNeeds(m, contract, args)) return NO_RESULT;
    for (const index of contract.dereferences ?? []) {
      const pointer = args[index];
      if (pointer === undefined || m.isLive(pointer)) continue;
      if (!m.canFollow(pointer, `${contract.name}(${site.texts.join(', ')})`)) return NO_RESULT;
    }
    if (contract.sleeps === 'yes' && m.isAtomic() && m.mustNotSleep(`${contract.name}()`)) return NO_RESULT;
  }
  if (contract.faults === true) return fault(m, contract, args, site);
  if (contract.what === 'iterator') return iterate(m, contract, args, site);
  if (contract.value !== undefined) {
    const exchanged = exchange(m, contract, args);
    if (exchanged !== null) return exchanged;
  }
  const { possible, taking } = outcomes(m, args);
  if (taking !== undefined) return take(m, contract, taking.effects, args, site);
  return settle(m, contract, possible, args, site);
}

function isLock(effect: Effect): effect is Acquire {
  return (
    effect.op === 'acquire' &&
    !IGNORED.has(effect.kind) &&
    !SECTIONS.has(effect.kind) &&
    effect.kind !== 'rcu'
  );
}

/** A function that takes a lock, always or where it can. */
function take(
  m: Machine,
  contract: Contract,
  effects: readonly Effect[],
  args: readonly number[],
  site: Site,
): number {
  const main = effects.find(isLock)!;
  const outcome = contract.outcomes.find((one) => one.effects.includes(main))!;
  const failing = contract.outcomes.find((one) => one !== outcome && !one.effects.some(isLock));
  const lock = lockOf(m, main.lock, main.kind, args, 0);
  if (lock === null) {
    m.assumed.add(`${contract.name}() takes a lock that cannot be named here: it is left out`);
    return settle(m, contract, contract.outcomes, args, site);
  }
  const write = main.mode !== 'R';
  if (main.trylock === true) {
    if (!m.locks.tryAcquire(lock, write)) return classValue(m, failing?.when ?? 'false', contract.name, site);
  } else {
    if (SLEEPS.has(main.kind) && m.field(m.current, RESUMED) === 0 && m.mustNotSleep(`${contract.name}()`))
      return NO_RESULT;
    const result = m.locks.acquire(lock, write, failing !== undefined);
    if (result === NO_RESULT) return result;
    if (result < 0) return classValue(m, failing?.when ?? 'negative', contract.name, site);
  }
  noteTaken(m, lock, main.kind, main.mode === 'W');
  for (const effect of effects) {
    if (effect === main) continue;
    const result = apply(m, effect, args, 0, site, contract.name);
    if (result !== 0) return result;
  }
  return classValue(m, outcome.when, contract.name, site);
}

/** A function without a lock to wait for: its outcome is chosen, where there are several. */
function settle(
  m: Machine,
  contract: Contract,
  possible: Contract['outcomes'],
  args: readonly number[],
  site: Site,
): number {
  const told = possible.filter(
    (one) => isTold(one.when, site) || one.effects.some((effect) => effect.op !== 'set'),
  );
  const list = told.length > 0 ? told : possible;
  if (list.length === 0) return classValue(m, 'any', contract.name, site);
  // Results under which a lock is given back are possible only where it is held.
  const feasible = list.filter((one) =>
    one.effects.every(
      (effect) => effect.op !== 'release' || list.length === 1 || isReleasable(m, effect, args),
    ),
  );
  const choices = feasible.length > 0 ? feasible : list;
  const outcome =
    choices.length === 1 ? choices[0]! : choices[m.choose(choices.length, `${contract.name}()`)]!;
  const result = classValue(m, outcome.when, contract.name, site);
  const applied = applyAll(m, outcome.effects, args, result, site, contract.name);
  return applied === 0 ? result : applied;
}

function isReleasable(
  m: Machine,
  effect: Extract<Effect, { op: 'release' }>,
  args: readonly number[],
): boolean {
  if (IGNORED.has(effect.kind) || SECTIONS.has(effect.kind) || effect.kind === 'rcu') return true;
  const lock = lockOf(m, effect.lock, effect.kind, args, 0);
  return lock === null || m.locks.isHeldBy(lock, m.current, false);
}

function isTold(when: ResultClass, site: Site): boolean {
  if (site.classes.length === 0) return true;
  if (when === 'negative' || when === 'error')
    return site.classes.includes('negative') || site.classes.includes('error');
  if (when === 'null') return site.classes.includes('null');
  if (when === 'true') return site.classes.includes(1);
  return true;
}

function applyAll(
  m: Machine,
  effects: readonly Effect[],
  args: readonly number[],
  result: number,
  site: Site,
  what: string,
): number {
  for (const effect of effects) {
    const applied = apply(m, effect, args, result, site, what);
    if (applied !== 0) return applied;
  }
  return 0;
}

function apply(
  m: Machine,
  effect: Effect,
  args: readonly number[],
  result: number,
  site: Site,
  what: string,
): number {
  switch (effect.op) {
    case 'acquire': {
      if (effect.kind === 'rcu') rcuEnter(m);
      else if (SECTIONS.has(effect.kind)) atomicEnter(m);
      else if (isLock(effect)) {
        const lock = lockOf(m, effect.lock, effect.kind, args, result);
        if (lock === null) return 0;
        const got = m.locks.acquire(lock, effect.mode !== 'R');
        if (got === NO_RESULT) return got;
        noteTaken(m, lock, effect.kind, effect.mode === 'W');
      }
      return 0;
    }
    case 'release': {
      if (effect.kind === 'rcu') return rcuExit(m, `${what}()`);
      if (SECTIONS.has(effect.kind)) return atomicExit(m, `${what}()`);
      if (IGNORED.has(effect.kind)) return 0;
      const lock = lockOf(m, effect.lock, effect.kind, args, result);
      if (lock === null) return 0;
      return giveBack(m, lock, effect.kind, effect.mode === 'any' ? 'any' : effect.mode === 'W', `${what}()`);
    }
    case 'downgrade': {
      const lock = lockOf(m, effect.lock, effect.kind, args, result);
      if (lock === null) return 0;
      return downgrade(m, lock, effect.kind, `${what}()`);
    }
    case 'release-all':
      return 0;
    case 'retake':
      return 0;
    case 'set': {
      const match = /^(\*?)arg(\d+)$/.exec(effect.target);
      const target = match === null ? 0 : (args[Number(match[2])] ?? 0);
      if (!m.isPointer(target)) return 0;
      const value =
        effect.value === 'nonzero'
          ? 1
          : effect.value === 'pointer'
            ? resultValue(m, 'valid', what, site)
            : effect.value === 'error'
              ? -22
              : 0;
      m.storeAt(target, value);
      return 0;
    }
  }
}
