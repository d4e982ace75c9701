/** Running a contract: the lock operations that a function stands for, without its body. */
import {
  type Contract,
  type Effect,
  type Given,
  type LockKind,
  type LockRef,
  parseLockRef,
  type ResultClass,
} from '../protocol/index.ts';
import { downgrade, giveBack, noteTaken } from './lock-effects.ts';
import type { LockInfo } from './locks.ts';
import type { Lacking, Machine } from './machine.ts';
import type { Model, ResultClassValue, Site } from './model.ts';
import { atomicEnter, atomicExit, rcuEnter, rcuExit } from './sections.ts';
import { NO_RESULT, RESUMED, SIGNAL } from './signals.ts';
import { resultValue } from './unknown.ts';

type Acquire = Extract<Effect, { op: 'acquire' }>;

/** Kinds that are states of the task and not locks with holders. */
const SECTIONS = new Set<LockKind>(['preempt', 'irq', 'bh']);
/** Kinds that exclude nobody in what is simulated. */
const IGNORED = new Set<LockKind>([
  'reference',
  'speculation',
  'seqcount',
  'migrate',
  'pagefault',
  'srcu',
  'vma',
]);
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

const ERRORS: Readonly<Record<string, number>> = {
  EINTR: -4,
  EAGAIN: -11,
  ENOMEM: -12,
  EFAULT: -14,
  EBUSY: -16,
  EINVAL: -22,
  ERESTARTSYS: -512,
};

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

/** The result for a class. */
function classValue(m: Machine, when: ResultClass, name: string, site: Site): number {
  if (typeof when === 'object') {
    if ('equals' in when) {
      const word = /E[A-Z]+/.exec(when.equals)?.[0] ?? '';
      return ERRORS[word] ?? (Number(when.equals) || 0);
    }
    return 'bits' in when ? 1 : 0;
  }
  const options = OPTIONS[when];
  const told = options.filter(
    (one) => site.classes.length === 0 || site.classes.includes(one) || one === 'valid',
  );
  const list: readonly ResultClassValue[] =
    when === 'any' ? site.classes : told.length > 0 ? told : options.slice(0, 1);
  if (list.length === 0) return 0;
  if (when === 'any' && list.length > 1) m.assumed.add(`${name}() returns any of its results`);
  return resultValue(m, list.length === 1 ? list[0]! : list[m.choose(list.length, `${name}()`)]!, name, site);
}

const OPTIONS: Readonly<Record<Extract<ResultClass, string>, readonly ResultClassValue[]>> = {
  any: [],
  true: [1],
  false: [0],
  zero: [0],
  negative: ['negative'],
  positive: [1],
  pointer: ['valid'],
  null: ['null'],
  error: ['error'],
  'null-or-error': ['null', 'error'],
  'null-or-pointer': ['valid', 'null'],
};

// --- Which lock ------------------------------------------------------------------------------------------------

function address(m: Machine, ref: LockRef, args: readonly number[], result: number): number | null {
  const path = parseLockRef(ref);
  if (path === null || path.all) return null;
  const { base } = path;
  let pointer: number;
  if (base.root === 'argument') pointer = args[base.index] ?? 0;
  else if (base.root === 'target') {
    const target = args[base.index] ?? 0;
    if (!m.isPointer(target)) return null;
    pointer = m.loadAt(target);
  } else if (base.root === 'result') pointer = result;
  else if (base.root === 'current') pointer = m.tasks[m.current]!.current;
  else if (base.root === 'global') {
    pointer = m.memory.pointer(
      m.memory.object(`global ${base.name}`, { name: base.name, tag: '', kind: 'global' }),
    );
  } else return null;
  for (const field of path.fields) {
    if (!m.isPointer(pointer)) return null;
    const member = m.memory.member(pointer, field.name);
    pointer = field.arrow ? m.memory.get(m.memory.cell(member, { pointerTo: '' })) : member;
  }
  return m.isPointer(pointer) ? pointer : null;
}

function lockOf(
  m: Machine,
  ref: LockRef,
  kind: string,
  args: readonly number[],
  result: number,
): LockInfo | null {
  const pointer = address(m, ref, args, result);
  return pointer === null ? null : m.locks.at(pointer, kind);
}

// --- Needs and conditions --------------------------------------------------------------------------------------

function holds(m: Machine, given: Given, args: readonly number[]): boolean | null {
  const match = /^(\*?)arg(\d+)$/.exec(given.operand);
  if (match === null) return null;
  let value = args[Number(match[2])];
  if (value === undefined) return null;
  if (match[1] === '*') {
    if (!m.isPointer(value)) return null;
    value = m.loadAt(value);
  }
  const { is } = given;
  if (is === 'zero') return value === 0;
  if (is === 'nonzero') return value !== 0;
  if (is === 'pointer') return m.isPointer(value);
  if (is === 'not-pointer') return !m.isPointer(value);
  return null;
}

function gives(contract: Contract, lock: LockRef): boolean {
  return contract.outcomes.some((one) =>
    one.effects.some(
      (effect) => (effect.op === 'release' || effect.op === 'downgrade') && effect.lock === lock,
    ),
  );
}

function checkNeeds(m: Machine, contract: Contract, args: readonly number[]): boolean {
  for (const need of contract.needs ?? []) {
    if (need.need === 'not-held' || (need.given ?? []).some((given) => holds(m, given, args) !== true))
      continue;
    // What is given back without being held is told by the release itself.
    if (need.need === 'held' && gives(contract, need.lock)) continue;
    const options = need.need === 'held' ? [need] : need.options;
    let known = true;
    const met = options.some((option) => {
      if (option.kind === 'rcu') return m.field(m.current, 5) > 0;
      if (SECTIONS.has(option.kind)) return m.field(m.current, 6) > 0;
      if (IGNORED.has(option.kind)) {
        known = false;
        return true;
      }
      const lock = lockOf(m, option.lock, option.kind, args, 0);
      if (lock === null) {
        known = false;
        return true;
      }
      m.touch(lock.touch, false);
      return m.locks.isHeldBy(lock, m.current, !option.modes.includes('R') && !option.modes.includes('D'));
    });
    if (met || !known) continue;
    const kind = contract.assertion === true ? 'assertion' : 'protocol';
    m.failWithout(lackingOf(m, options[0]!, args), kind, `${contract.name}(): ${need.because}`);
    return false;
  }
  return true;
}

function lackingOf(
  m: Machine,
  {
    kind,
    lock,
    modes,
  }: { readonly kind: LockKind; readonly lock: LockRef; readonly modes: readonly string[] },
  args: readonly number[],
): Lacking | null {
  if (kind === 'rcu') return { kind: 'rcu', pointer: 0, write: false };
  const info = SECTIONS.has(kind) ? null : lockOf(m, lock, kind, args, 0);
  return info === null
    ? null
    : { kind: 'lock', pointer: info.pointer, write: !modes.includes('R') && !modes.includes('D') };
}

// --- Special results -------------------------------------------------------------------------------------------

/** A copy to or from user memory: it may fault, and a fault takes the `mmap_lock` of the running task's mm. */
function fault(m: Machine, contract: Contract, args: readonly number[], site: Site): number {
  const mm = m.peek(m.tasks[m.current]!.current, 'mm');
  const ended = m.field(m.current, RESUMED) !== 0;
  const faults = ended || (m.isPointer(mm) && m.choose(2, `${contract.name}() faults`) === 1);
  if (faults) {
    if (!ended && m.mustNotSleep(`the page fault in ${contract.name}()`)) return NO_RESULT;
    const lock = m.locks.at(m.memory.member(mm, 'mmap_lock'), 'mmap');
    const got = m.locks.acquire(lock, false);
    if (got === NO_RESULT) return got;
    m.locks.release(lock, false, 'the page fault');
  }
  fill(m, args[0] ?? 0);
  return classValue(m, 'any', contract.name, {
    ...site,
    classes: site.classes.filter((one) => one === 0 || one === 1),
  });
}

/** A copy from user memory to a local of a name that the scenario has data for. */
function fill(m: Machine, target: number): void {
  const object = m.memory.objectOf(target);
  if (object?.kind !== 'stack') return;
  for (const [name, value] of m.userData) {
    const [variable, ...fields] = name.split('.');
    if (variable !== object.name) continue;
    m.storeAt(
      fields.reduce((at, field) => m.memory.member(at, field), m.memory.pointer(object.id)),
      value,
    );
  }
}

/** A loop over something that is not in view: no round, or one. */
function iterate(m: Machine, contract: Contract, args: readonly number[], site: Site): number {
  const cell = m.memory.cell(m.memory.member(m.tasks[m.current]!.current, `#rounds${site.id}`));
  const before = m.memory.get(cell);
  const more = before === 0 && m.choose(2, `${contract.name}() has another round`) === 1;
  m.assumed.add(`${contract.name}() makes no round or one`);
  m.memory.set(cell, more ? 1 : 0);
  for (const [i, index] of (contract.assigns ?? []).entries()) {
    const target = args[index] ?? 0;
    if (!m.isPointer(target)) continue;
    const inside = contract.inside?.[i] ?? 'pointer';
    m.storeAt(
      target,
      more && inside === 'pointer'
        ? resultValue(m, 'valid', contract.name, { ...site, id: site.id * 8 + i + 1_000_000 })
        : 0,
    );
  }
  return more ? 1 : 0;
}

function exchange(m: Machine, contract: Contract, args: readonly number[]): number | null {
  const { value } = contract;
  if (value?.value !== 'exchange' && value?.value !== 'exchange-through') return null;
  const target = args[value.target] ?? 0;
  if (!m.canFollow(target, contract.name)) return NO_RESULT;
  const old = m.loadAt(target);
  m.storeAt(target, value.source === null ? 0 : (args[value.source] ?? 0));
  return old;
}

export { SIGNAL };
