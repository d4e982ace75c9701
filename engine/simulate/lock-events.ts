/** What a step does to locks, read off the states before and after it. */
import type { Snapshot } from './snapshot.ts';

/** Names that stand for what is no lock with a queue. */
export const RCU_NAME = 'RCU';

export interface LockEvent {
  /**
   * `acquire` and `release` of a lock, also where the release of another task hands it over; `wait`: begins to wait for
   * it; `wake`: waits no more; `downgrade`: from writing to reading.
   */
  readonly op: 'acquire' | 'release' | 'wait' | 'wake' | 'downgrade';
  /** The lock as in the snapshot; the name of a VMA for its lock; `RCU`; or the field that is waited for. */
  readonly lock: string;
  readonly task: number;
  readonly mode: 'R' | 'W';
  /** The task whose step it is: not `task` where it hands a lock over or wakes somebody. */
  readonly by: number;
  /** For `wait`: the tasks that hold the lock or are before it in the queue. */
  readonly blockers: readonly number[];
}

/** @param task whose step leads from one snapshot to the other. */
export function lockEvents(before: Snapshot, after: Snapshot, task: number): LockEvent[] {
  if (before === after) return [];
  const events: LockEvent[] = [];
  const add = (
    op: LockEvent['op'],
    lock: string,
    of: number,
    mode: 'R' | 'W',
    blockers: readonly number[] = [],
  ) => events.push({ op, lock, task: of, mode, by: task, blockers });

  for (const [index, now] of after.tasks.entries()) {
    const was = before.tasks[index]!;
    if (was.waitsFor !== null && now.waitsFor === null) add('wake', was.waitsFor, index, 'W');
  }
  for (const lock of after.locks) {
    const was = before.locks.find((one) => one.name === lock.name);
    if (was === lock) continue;
    const readers = was?.readers ?? [];
    const writer = was?.writer ?? null;
    if (writer !== null && lock.writer !== writer) {
      if (lock.readers.includes(writer)) add('downgrade', lock.name, writer, 'R');
      else add('release', lock.name, writer, 'W');
    }
    for (const reader of readers) if (!lock.readers.includes(reader)) add('release', lock.name, reader, 'R');
    if (lock.writer !== null && lock.writer !== writer) add('acquire', lock.name, lock.writer, 'W');
    for (const reader of lock.readers) {
      if (!readers.includes(reader) && reader !== writer) add('acquire', lock.name, reader, 'R');
    }
  }
  for (const [i, vma] of after.vmas.entries()) {
    const was = before.vmas[i]!;
    if (was === vma) continue;
    if (was.isWriteLocked && !vma.isWriteLocked) add('release', vma.name, task, 'W');
    for (const reader of was.readers)
      if (!vma.readers.includes(reader)) add('release', vma.name, reader, 'R');
    if (!was.isWriteLocked && vma.isWriteLocked) add('acquire', vma.name, task, 'W');
    for (const reader of vma.readers)
      if (!was.readers.includes(reader)) add('acquire', vma.name, reader, 'R');
  }
  for (const [index, now] of after.tasks.entries()) {
    const was = before.tasks[index]!;
    if (was.rcu > 0 && now.rcu === 0) add('release', RCU_NAME, index, 'R');
    if (was.rcu === 0 && now.rcu > 0) add('acquire', RCU_NAME, index, 'R');
    if (now.waitsFor === null || now.waitsFor === was.waitsFor) continue;
    add('wait', now.waitsFor, index, modeOfWait(after, index), blockersOf(after, index));
  }
  return events;
}

function modeOfWait(snapshot: Snapshot, task: number): 'R' | 'W' {
  for (const { queue } of snapshot.locks) for (const one of queue) if (one.task === task) return one.mode;
  return 'W';
}

/** Those who keep a waiting task from going on, as far as the state shows it; sorted. */
function blockersOf(snapshot: Snapshot, task: number): number[] {
  const name = snapshot.tasks[task]!.waitsFor;
  const lock = snapshot.locks.find((one) => one.name === name);
  if (lock === undefined) {
    // A writer of a VMA waits for a counter to fall: those who hold that VMA keep it up.
    const vma = snapshot.vmas.find((one) => name === `${one.name}.vm_refcnt`);
    return vma === undefined ? [] : vma.readers.filter((one) => one !== task);
  }
  const place = lock.queue.findIndex((one) => one.task === task);
  const ahead = lock.queue.slice(0, Math.max(0, place)).map((one) => one.task);
  const all = new Set([...(lock.writer === null ? [] : [lock.writer]), ...lock.readers, ...ahead]);
  all.delete(task);
  return [...all].sort((a, b) => a - b);
}
