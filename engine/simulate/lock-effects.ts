/** What goes with taking and giving back a lock, besides the lock itself: sequence counts, atomic sections, iterators. */
import { isSpinning, type LockInfo } from './locks.ts';
import type { Machine } from './machine.ts';
import { atomicEnter, atomicExit } from './sections.ts';

/**
 * To be called when the running task has got the lock. @param kind as what it was taken: at full depth the `mmap_lock` is
 * taken as the rwsem that it is, and the kernel's own code does the rest.
 */
export function noteTaken(m: Machine, lock: LockInfo, kind: string, write: boolean): void {
  if (isSpinning(kind)) atomicEnter(m);
  if (kind === 'mmap' && write) advanceSequence(m, lock);
}

/** Gives a lock back. @returns 0, or NO_RESULT and a violation where the task does not hold it so. */
export function giveBack(
  m: Machine,
  lock: LockInfo,
  kind: string,
  write: boolean | 'any',
  what: string,
): number {
  if (kind === 'mmap' && m.locks.writer(lock) === m.current && write !== false) advanceSequence(m, lock);
  const released = m.locks.release(lock, write, what);
  if (released !== 0) return released;
  if (kind === 'mmap') for (const unprotected of m.unprotected) unprotected(m, m.current);
  return isSpinning(kind) ? atomicExit(m, what) : 0;
}

/** Makes a writer a reader. @returns as `giveBack()` */
export function downgrade(m: Machine, lock: LockInfo, kind: string, what: string): number {
  if (kind === 'mmap') advanceSequence(m, lock);
  return m.locks.downgrade(lock, what);
}

/** `mm_lock_seq` counts the writers that came and went: odd while one is inside. */
function advanceSequence(m: Machine, lock: LockInfo): void {
  const { memory } = m;
  const path = memory.pathOf(lock.pointer);
  const mm = lock.pointer - path + memory.paths.parent(path);
  const cell = memory.cell(memory.member(memory.member(mm, 'mm_lock_seq'), 'sequence'));
  m.write(cell, (memory.get(cell) + 1) >>> 0);
}
