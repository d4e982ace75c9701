/**
 * The caller of a function that is run by itself: it holds what the function expects to be held, and gives back what
 * the function returns with. What that is, is derived in `caller-contract.ts`.
 */
import { giveBack, noteTaken } from '../lock-effects.ts';
import type { Machine } from '../machine.ts';
import { effect, type Model } from '../model.ts';
import { rcuEnter, rcuExit } from '../sections.ts';
import { NO_RESULT, RCU } from '../signals.ts';
import { heldVmas, startRead, stopRead } from './vma-lock.ts';

export interface CallerLock {
  readonly kind: 'rcu' | 'vma' | 'lock';
  /** The VMA or the lock; 0 for RCU. */
  readonly pointer: number;
  readonly write: boolean;
}

export type ResultSign = 'pointer' | 'positive' | 'zero' | 'negative';

export interface CallerContract {
  /** Held when the function is called, in the order in which they are taken. */
  readonly entry: readonly CallerLock[];
  /** Held when it returns, by result. */
  readonly exit: ReadonlyMap<ResultSign, readonly CallerLock[]>;
  /** Told of what is held at each return while the contract is still being derived; all of it is then given back. */
  readonly observe?: (result: ResultSign, held: readonly CallerLock[]) => void;
}

const NONE: CallerContract = { entry: [], exit: new Map() };
const contracts = new WeakMap<Machine, Map<number, CallerContract>>();

export function setContract(m: Machine, task: number, contract: CallerContract): void {
  const known = contracts.get(m) ?? new Map<number, CallerContract>();
  known.set(task, contract);
  contracts.set(m, known);
}

const contractOf = (m: Machine) => contracts.get(m)?.get(m.current) ?? NONE;

export const isSameLock = (a: CallerLock, b: CallerLock) => a.kind === b.kind && a.pointer === b.pointer;

function heldNow(m: Machine): CallerLock[] {
  return [
    ...heldVmas(m, m.current).map((pointer) => ({ kind: 'vma' as const, pointer, write: false })),
    ...(m.field(m.current, RCU) > 0 ? [{ kind: 'rcu' as const, pointer: 0, write: false }] : []),
    ...m.locks
      .heldBy(m.current)
      .map(({ lock, write }) => ({ kind: 'lock' as const, pointer: lock.pointer, write })),
  ];
}

/** @returns 1; 0 where it cannot be had; NO_RESULT while it waits. */
function take(m: Machine, { kind, pointer, write }: CallerLock): number {
  if (kind === 'rcu') {
    rcuEnter(m);
    return 1;
  }
  if (kind === 'vma') return startRead(m, pointer) ? 1 : 0;
  const lock = m.locks.find(pointer)!;
  const got = m.locks.acquire(lock, write);
  if (got === NO_RESULT) return got;
  noteTaken(m, lock, lock.kind, write);
  return 1;
}

function give(m: Machine, { kind, pointer, write }: CallerLock): number {
  if (kind === 'rcu') return rcuExit(m, 'the caller');
  if (kind === 'vma') return stopRead(m, pointer);
  const lock = m.locks.find(pointer)!;
  return giveBack(m, lock, lock.kind, write, 'the caller');
}

function signOf(m: Machine, result: number): ResultSign {
  if (m.isPointer(result)) return 'pointer';
  return result === 0 ? 'zero' : result < 0 ? 'negative' : 'positive';
}

export const caller: readonly Model[] = [
  { name: 'sim_entry_locks', returns: 'int', run: (m) => contractOf(m).entry.length },
  {
    name: 'sim_take_entry_lock',
    returns: 'int',
    run: (m, [index]) => take(m, contractOf(m).entry[index!]!),
  },
  /** Gives back what the caller holds by the contract once the function has returned that result. */
  effect('sim_give_back', (m, [result]) => {
    const { entry, exit, observe } = contractOf(m);
    const sign = signOf(m, result!);
    const held = heldNow(m);
    observe?.(sign, held);
    const expected = [...entry, ...(exit.get(sign) ?? [])];
    for (const one of held) {
      if (observe === undefined && !expected.some((other) => isSameLock(one, other))) continue;
      const given = give(m, one);
      if (given !== 0) return given;
    }
    return 0;
  }),
];

/** What a scenario calls to hold what the function that it runs expects to be held: nothing where none is run. */
export const CALLER_CALLS: ReadonlySet<string> = new Set(caller.map((model) => model.name));
