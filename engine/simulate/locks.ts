/**
 * Locks: holders and a fair queue, for every kind of lock that has them. A waiting writer keeps new readers out, as in
 * the kernel's rwsem; a release hands the lock to the head of the queue, and to the readers right behind a reader.
 *
 * The state of a lock lies in cells below its address: `#w` the writer (task + 1), `#r<task>` how often that task holds
 * it for reading, `#q` the queue. The cell `#` stands for the whole in what a step touches.
 */
import type { Machine } from './machine.ts';
import { NO_RESULT, SIGNAL, WAIT } from './signals.ts';

export interface LockInfo {
  readonly pointer: number;
  readonly name: string;
  /** `mmap`, `rwsem`, `mutex`, `spinlock`, …, as in the contracts. */
  readonly kind: string;
  readonly touch: number;
  readonly writer: number;
  readonly readers: readonly number[];
  readonly queue: number;
}

/** A waiter in the queue: task, for writing or not, and whether a fatal signal ends its wait. */
interface Waiter {
  readonly task: number;
  readonly write: boolean;
  readonly killable: boolean;
}

const SPINNING = new Set([
  'spinlock',
  'raw_spinlock',
  'rwlock',
  'bit_spinlock',
  'local_lock',
  'ptl',
  'seqlock',
]);

/** Spinlocks and their like: who waits burns a CPU, who holds must not sleep. */
export const isSpinning = (kind: string) => SPINNING.has(kind);

export class LockTable {
  readonly #m: Machine;
  readonly list: LockInfo[] = [];
  readonly #byPointer = new Map<number, LockInfo>();

  constructor(machine: Machine) {
    this.#m = machine;
  }

  at(pointer: number, kind: string): LockInfo {
    const known = this.#byPointer.get(pointer);
    if (known !== undefined) return known;
    const { memory } = this.#m;
    const cell = (name: string) => memory.cell(memory.member(pointer, name));
    const info: LockInfo = {
      pointer,
      name: memory.describe(pointer),
      // Whichever function is the first to use it.
      kind: memory.paths.name(memory.pathOf(pointer)) === 'mmap_lock' ? 'mmap' : kind,
      touch: cell('#'),
      writer: cell('#w'),
      readers: this.#m.tasks.map((_, task) => cell(`#r${task}`)),
      queue: cell('#q'),
    };
    this.list.push(info);
    memory.noteGrowth();
    this.#byPointer.set(pointer, info);
    return info;
  }

  find(pointer: number): LockInfo | undefined {
    return this.#byPointer.get(pointer);
  }

  writer(lock: LockInfo): number {
    return this.#m.memory.get(lock.writer) - 1;
  }

  readsOf(lock: LockInfo, task: number): number {
    return this.#m.memory.get(lock.readers[task]!);
  }

  hasReaders(lock: LockInfo): boolean {
    const { memory } = this.#m;
    for (const cell of lock.readers) if (memory.get(cell) !== 0) return true;
    return false;
  }

  queueOf(lock: LockInfo): readonly Waiter[] {
    let code = this.#m.memory.get(lock.queue);
    const waiters: Waiter[] = [];
    while (code > 0) {
      const one = code % 64;
      waiters.push({ task: (one >> 2) - 1, write: (one & 1) !== 0, killable: (one & 2) !== 0 });
      code = Math.floor(code / 64);
    }
    return waiters;
  }

  #setQueue(lock: LockInfo, waiters: readonly Waiter[]): void {
    let code = 0;
    for (const waiter of waiters.toReversed()) {
      code = code * 64 + (((waiter.task + 1) << 2) | (waiter.killable ? 2 : 0) | (waiter.write ? 1 : 0));
    }
    this.#m.memory.set(lock.queue, code);
  }

  /** True where the task holds it in one of the modes that `write` asks for: any, or for writing. */
  isHeldBy(lock: LockInfo, task: number, write: boolean): boolean {
    return this.writer(lock) === task || (!write && this.readsOf(lock, task) > 0);
  }

  isHeld(lock: LockInfo): boolean {
    return this.writer(lock) >= 0 || this.hasReaders(lock);
  }

  #isFree(lock: LockInfo, write: boolean): boolean {
    if (this.writer(lock) >= 0) return false;
    return !write || !this.hasReaders(lock);
  }

  #take(lock: LockInfo, task: number, write: boolean): void {
    const { memory } = this.#m;
    this.#m.taking?.('lock', lock.pointer);
    if (write) memory.set(lock.writer, task + 1);
    else memory.set(lock.readers[task]!, memory.get(lock.readers[task]!) + 1);
  }

  /**
   * Takes the lock or waits for it. @returns 0; NO_RESULT while waiting; with `killable` −EINTR where a fatal
   * signal ended the wait or is pending.
   */
  acquire(lock: LockInfo, write: boolean, killable = false): number {
    const m = this.#m;
    m.touch(lock.touch, true);
    const ended = m.resumed();
    if (ended !== null) return ended;
    const task = m.current;
    if (this.#isFree(lock, write) && m.memory.get(lock.queue) === 0) {
      this.#take(lock, task, write);
      return 0;
    }
    if (killable) {
      m.touch(m.bases[task]! + SIGNAL, false);
      if (m.field(task, SIGNAL) !== 0) return -4;
    }
    this.#setQueue(lock, [...this.queueOf(lock), { task, write, killable }]);
    return m.wait(lock.touch);
  }

  /** Takes the lock if that needs no wait. Fails while others wait, as the kernel's rwsem does. */
  tryAcquire(lock: LockInfo, write: boolean): boolean {
    const m = this.#m;
    m.touch(lock.touch, true);
    if (!this.#isFree(lock, write) || m.memory.get(lock.queue) !== 0) return false;
    this.#take(lock, m.current, write);
    return true;
  }

  /** @returns 0, or NO_RESULT and a violation where the task does not hold it. */
  release(lock: LockInfo, write: boolean | 'any', what: string): number {
    const m = this.#m;
    const task = m.current;
    m.touch(lock.touch, true);
    const writes = this.writer(lock) === task;
    const reads = this.readsOf(lock, task);
    const asWriter = write === 'any' ? writes : write;
    if (asWriter ? !writes : reads === 0) {
      const held = writes
        ? 'it holds it for writing'
        : reads > 0
          ? 'it holds it for reading'
          : this.isHeld(lock)
            ? 'another task holds it'
            : 'nobody holds it';
      return m.failWithout(
        { kind: 'lock', pointer: lock.pointer, write: asWriter },
        'unlock-not-held',
        `${what} releases ${lock.name}, which this task did not take: ${held}`,
      );
    }
    for (const check of this.releaseChecks) check(m, lock, asWriter);
    if (m.violation !== null) return NO_RESULT;
    if (asWriter) m.memory.set(lock.writer, 0);
    else m.memory.set(lock.readers[task]!, reads - 1);
    this.#grant(lock);
    return 0;
  }

  downgrade(lock: LockInfo, what: string): number {
    const m = this.#m;
    m.touch(lock.touch, true);
    if (this.writer(lock) !== m.current) {
      return m.failWithout(
        { kind: 'lock', pointer: lock.pointer, write: true },
        'unlock-not-held',
        `${what} downgrades ${lock.name}, which this task does not hold for writing`,
      );
    }
    m.memory.set(lock.writer, 0);
    this.#take(lock, m.current, false);
    this.#grant(lock);
    return 0;
  }

  #grant(lock: LockInfo): void {
    let queue = this.queueOf(lock);
    while (queue.length > 0) {
      const head = queue[0]!;
      if (!this.#isFree(lock, head.write)) break;
      this.#take(lock, head.task, head.write);
      queue = queue.slice(1);
      this.#setQueue(lock, queue);
      this.#m.wake(head.task);
      if (head.write) break;
    }
  }

  /** A fatal signal: takes the task out of the queue that it waits in, if its wait can be ended so. */
  interrupt(task: number): void {
    this.#m.memory.watchGrowth();
    for (const lock of this.list) {
      const queue = this.queueOf(lock);
      const waiter = queue.find((one) => one.task === task);
      if (!waiter?.killable) continue;
      this.#m.touch(lock.touch, true);
      this.#setQueue(
        lock,
        queue.filter((one) => one !== waiter),
      );
      this.#m.wake(task, -4);
      this.#grant(lock);
    }
  }

  /** Locks that a task holds, for what must be released at its end and for what excludes what. */
  heldBy(task: number): { readonly lock: LockInfo; readonly write: boolean }[] {
    const held: { lock: LockInfo; write: boolean }[] = [];
    const { memory } = this.#m;
    memory.watchGrowth();
    for (const lock of this.list) {
      if (memory.get(lock.writer) === task + 1) held.push({ lock, write: true });
      else if (memory.get(lock.readers[task]!) !== 0) held.push({ lock, write: false });
    }
    return held;
  }

  checkExit(task: number): void {
    const m = this.#m;
    for (const { lock, write } of this.heldBy(task)) {
      m.fail(
        'lock-held-at-exit',
        `${m.tasks[task]!.name} ends and still holds ${lock.name} for ${write ? 'writing' : 'reading'}`,
      );
      return;
    }
    for (const check of this.exitChecks) {
      check(m, task);
      if (m.violation !== null) return;
    }
  }

  /** More to look at when a task ends: RCU depth, VMA locks. */
  readonly exitChecks: ((m: Machine, task: number) => void)[] = [];

  /** What must hold where a lock is given up. */
  readonly releaseChecks: ((m: Machine, lock: LockInfo, write: boolean) => void)[] = [];

  /** For a deadlock: sentences, task by task. */
  waits(): string[] {
    const m = this.#m;
    const sentences: string[] = [];
    for (const [task, start] of m.tasks.entries()) {
      const cell = m.field(task, WAIT) - 1;
      if (cell < 0) continue;
      const lock = this.list.find((one) => one.touch === cell);
      if (lock === undefined) {
        sentences.push(`${start.name} waits for ${m.memory.describe(m.memory.cellAddress[cell]!)}`);
        continue;
      }
      const mine = this.queueOf(lock).find((one) => one.task === task);
      const ahead = this.queueOf(lock).slice(
        0,
        this.queueOf(lock).findIndex((one) => one.task === task),
      );
      const holders = m.tasks.flatMap((other, index) =>
        this.isHeldBy(lock, index, false) ? [other.name] : [],
      );
      const by = holders.length > 0 ? `held by ${holders.join(' and ')}` : 'held by nobody';
      const behind =
        ahead.length > 0
          ? `, behind ${ahead.map((one) => m.tasks[one.task]!.name).join(' and ')} in its queue`
          : '';
      sentences.push(
        `${start.name} waits for ${lock.name} for ${mine?.write === true ? 'writing' : 'reading'}, ${by}${behind}`,
      );
    }
    return sentences;
  }
}
