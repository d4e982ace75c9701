/**
 * What a function expects of its caller, derived by running it alone, whatever it chooses. What it gives back or insists
 * on without having taken it, was held before. What it holds at every return with one kind of result, it hands over;
 * what it holds at some of those returns only, it leaks: that is left to be found.
 */

import type { LockKind } from '../protocol/index.ts';
import { lockKind } from '../protocol/kinds.ts';
import { StateTable } from './explore/state-table.ts';
import type { Machine } from './machine.ts';
import { MadeStep } from './made-step.ts';
import {
  type CallerContract,
  type CallerLock,
  isSameLock,
  type ResultSign,
  setContract,
} from './models/caller.ts';
import { ARGUMENT } from './roles.ts';
import type { Violation } from './verdict.ts';

const MAX_STEPS = 20_000;
/** Locks that a function can expect to be held. */
const MAX_ENTRY = 6;
const ORDER: Readonly<Record<CallerLock['kind'], number>> = { lock: 0, vma: 1, rcu: 2 };

/** Derives the contract of each task's function and lets the scenario's caller keep it. @returns it in sentences. */
export function deriveCallerContracts(m: Machine): string[] {
  return m.tasks.flatMap((task, index) => {
    const contract = derive(m, index);
    setContract(m, index, contract);
    return sentences(m, task.name, contract);
  });
}

interface Exit {
  readonly result: ResultSign;
  readonly held: readonly CallerLock[];
}

function derive(m: Machine, task: number): CallerContract {
  let entry: readonly CallerLock[] = [];
  let run = runAlone(m, task, entry);
  while (run.lacking !== null && entry.length < MAX_ENTRY) {
    const { lacking } = run;
    const known = entry.find((one) => isSameLock(one, lacking));
    // Held for reading where it is to be held for writing; or let go by the function itself, which is an error.
    if (known !== undefined && (known.write || !lacking.write)) break;
    const more = [...entry.filter((one) => one !== known), lacking].sort(
      (a, b) => ORDER[a.kind] - ORDER[b.kind],
    );
    const next = runAlone(m, task, more);
    if (next.isStuck) break;
    entry = more;
    run = next;
  }
  return { entry, exit: handedOver(run.exits, entry) };
}

/** What a run of the task alone comes to. */
interface Alone {
  readonly exits: readonly Exit[];
  /** The lock for want of which it went wrong; null where it did not, or for another reason. */
  readonly lacking: CallerLock | null;
  /** It waits for a lock that its caller holds. */
  readonly isStuck: boolean;
}

function runAlone(m: Machine, task: number, entry: readonly CallerLock[]): Alone {
  const exits: Exit[] = [];
  const taken: { kind: CallerLock['kind']; pointer: number }[] = [];
  let lacking: CallerLock | null = null;
  let isStuck = false;
  setContract(m, task, { entry, exit: new Map(), observe: (result, held) => exits.push({ result, held }) });
  m.restart();
  m.taking = (kind, pointer) => taken.push({ kind, pointer });
  const { memory } = m;
  const seen = new StateTable();
  let steps = 0;
  const visit = (): void => {
    if (!m.isEnabled(task)) {
      if (!m.hasEnded(task)) isStuck = true;
      return;
    }
    for (let choices: readonly number[] | null = []; choices !== null && steps < MAX_STEPS; steps++) {
      const { logLength: mark, hash1, hash2 } = memory;
      const ok = m.step(task, choices);
      choices = new MadeStep(m, mark, hash1, hash2).next;
      if (!ok) lacking ??= lackingIn(m, m.violation!, taken);
      else if (seen.find(memory.hash1, memory.hash2) < 0) {
        seen.add(memory.hash1, memory.hash2);
        visit();
      }
      memory.undo(mark);
    }
  };
  visit();
  m.taking = null;
  m.restart();
  return { exits, lacking, isStuck };
}

/** What is wanting, unless the function has had it before and let it go. */
function lackingIn(
  m: Machine,
  { kind }: Violation,
  taken: readonly { readonly kind: CallerLock['kind']; readonly pointer: number }[],
): CallerLock | null {
  const { lacking } = m;
  if (lacking === null || (kind !== 'unlock-not-held' && kind !== 'assertion' && kind !== 'protocol'))
    return null;
  return taken.some((one) => one.kind === lacking.kind && one.pointer === lacking.pointer) ? null : lacking;
}

/** By kind of result: what is held at every return of that kind. An error that comes with a lock is a leak. */
function handedOver(exits: readonly Exit[], entry: readonly CallerLock[]): CallerContract['exit'] {
  const signs = [...new Set(exits.map(({ result }) => result))];
  const isOwn = (one: CallerLock) => !entry.some((other) => isSameLock(one, other));
  const always = (sign: ResultSign): CallerLock[] => {
    const lists = exits.filter(({ result }) => result === sign).map(({ held }) => held.filter(isOwn));
    return (lists[0] ?? []).filter((one) =>
      lists.every((list) => list.some((other) => isSameLock(one, other))),
    );
  };
  const bySign = new Map(signs.map((sign) => [sign, always(sign)] as const));
  const isLeak = (one: CallerLock) =>
    signs.every((sign) => sign === 'negative' || !bySign.get(sign)!.some((other) => isSameLock(one, other)));
  const errors = bySign.get('negative');
  if (errors !== undefined && signs.length > 1)
    bySign.set(
      'negative',
      errors.filter((one) => !isLeak(one)),
    );
  return bySign;
}

function sentences(m: Machine, name: string, { entry, exit }: CallerContract): string[] {
  const text = ({ kind, pointer, write }: CallerLock) => {
    const place = m.memory.describe(pointer).replace(ARGUMENT, '');
    if (kind === 'rcu') return 'the RCU read lock';
    if (kind === 'vma') return `the read lock of ${place}`;
    const hasModes = lockKind(m.locks.find(pointer)!.kind as LockKind).modes.length > 1;
    return hasModes ? `${place} for ${write ? 'writing' : 'reading'}` : place;
  };
  const list = (locks: readonly CallerLock[]) => locks.map(text).join(' and ');
  const kept = [...new Map([...exit.values()].flat().map((one) => [text(one), one])).values()];
  return [
    ...(entry.length > 0 ? [`${name}: its caller holds ${list(entry)}`] : []),
    ...(kept.length > 0 ? [`${name}: its caller gives back ${list(kept)}, with which it returns`] : []),
  ];
}
