/**
 * The per-VMA lock by contract: each function one step on `vm_refcnt`, `vm_lock_seq` and `mm_lock_seq`. At full depth
 * the tree's own code runs instead, and only the bookkeeping of who holds what is shared.
 */

import type { LockInfo } from '../locks.ts';
import type { Machine } from '../machine.ts';
import { callText, follows, type Model, type Site } from '../model.ts';
import { rcuExit } from '../sections.ts';
import { NO_RESULT, RCU, RESUMED, SIGNAL } from '../signals.ts';
import { entriesOf, tellFound, treeOf } from './vma-tree.ts';

/** Set while a writer keeps readers out: VM_REFCNT_EXCLUDE_READERS_FLAG. */
export const EXCLUDE = 2 ** 30;
const EAGAIN = -11;
const EINTR = -4;

const holders = new WeakMap<Machine, Set<number>>();

/** Notes that a task holds (`by` 1) or gives up (`by` −1) a VMA's read lock: for what is held at the end. */
export function noteHold(m: Machine, vma: number, by: 1 | -1): void {
  let list = holders.get(m);
  if (list === undefined) {
    list = new Set();
    holders.set(m, list);
  }
  if (!list.has(vma)) {
    list.add(vma);
    m.memory.noteGrowth();
  }
  if (by > 0) m.taking?.('vma', vma);
  const cell = cells(m, vma).holds[m.current]!;
  m.memory.set(cell, Math.max(0, m.memory.get(cell) + by));
}

export function holds(m: Machine, vma: number, task: number): number {
  return m.memory.get(cells(m, vma).holds[task]!);
}

/** VMAs whose read lock a task holds. */
export function heldVmas(m: Machine, task: number): number[] {
  m.memory.watchGrowth();
  return [...(holders.get(m) ?? [])].filter((vma) => holds(m, vma, task) > 0);
}

interface VmaCells {
  readonly refcnt: number;
  readonly seq: number;
  readonly holds: readonly number[];
}

interface Known {
  readonly vmas: Map<number, VmaCells>;
  readonly sequences: Map<number, number>;
}

const knownCells = new WeakMap<Machine, Known>();

function known(m: Machine): Known {
  let one = knownCells.get(m);
  if (one === undefined) {
    one = { vmas: new Map(), sequences: new Map() };
    knownCells.set(m, one);
  }
  return one;
}

function cells(m: Machine, vma: number): VmaCells {
  const { vmas } = known(m);
  let one = vmas.get(vma);
  if (one === undefined) {
    const cell = (field: string) => m.memory.cell(m.memory.member(vma, field));
    one = {
      refcnt: cell('vm_refcnt'),
      seq: cell('vm_lock_seq'),
      holds: m.tasks.map((_, task) => cell(`#h${task}`)),
    };
    vmas.set(vma, one);
  }
  return one;
}

function mmSeq(m: Machine, mm: number): number {
  const { sequences } = known(m);
  let cell = sequences.get(mm);
  if (cell === undefined) {
    cell = m.memory.cell(m.memory.member(m.memory.member(mm, 'mm_lock_seq'), 'sequence'));
    sequences.set(mm, cell);
  }
  return cell;
}

/** One attempt to read-lock a VMA. @returns the VMA, 0 or −EAGAIN. */
function tryRead(m: Machine, mm: number, vma: number): number {
  const { refcnt, seq } = cells(m, vma);
  const { memory } = m;
  m.touch(refcnt, true);
  m.touch(seq, false);
  m.touch(mmSeq(m, mm), false);
  if (memory.get(seq) === memory.get(mmSeq(m, mm))) return 0;
  if (memory.get(refcnt) === 0) return EAGAIN;
  if (memory.get(refcnt) >= EXCLUDE || m.load(vma, 'vm_mm') !== mm) return 0;
  m.memory.set(refcnt, memory.get(refcnt) + 1);
  noteHold(m, vma, 1);
  return vma;
}

/** For callers in a scenario: read-locks a VMA. @returns false where a writer is in the way. */
export function startRead(m: Machine, vma: number): boolean {
  return m.isLive(vma) && tryRead(m, m.load(vma, 'vm_mm'), vma) > 0;
}

/** Gives back a read lock that the task is known to hold. @returns 0 */
export function stopRead(m: Machine, vma: number): number {
  const { refcnt } = cells(m, vma);
  m.touch(refcnt, true);
  const left = m.memory.get(refcnt) - 1;
  m.memory.set(refcnt, left);
  noteHold(m, vma, -1);
  if (left === EXCLUDE + 1) wakeWriter(m, refcnt);
  return 0;
}

function endRead(m: Machine, vma: number, site: Site): number {
  if (!follows(m, vma, site)) return NO_RESULT;
  if (holds(m, vma, m.current) === 0) {
    return m.failWithout(
      { kind: 'vma', pointer: vma, write: false },
      'unlock-not-held',
      `${callText(site)} releases the read lock of ${m.memory.describe(vma)}, which this task does not hold`,
    );
  }
  return stopRead(m, vma);
}

function wakeWriter(m: Machine, refcnt: number): void {
  for (let task = 0; task < m.tasks.length; task++) {
    if (m.status(task) === 1 && m.field(task, 3) === refcnt + 1) m.wake(task);
  }
}

function mustHoldForWriting(m: Machine, vma: number, site: Site): boolean {
  const mm = m.load(vma, 'vm_mm');
  if (!follows(m, mm, site)) return false;
  const lock = m.locks.at(m.memory.member(mm, 'mmap_lock'), 'mmap');
  m.touch(lock.touch, false);
  if (m.locks.writer(lock) === m.current) return true;
  m.failWithout(
    { kind: 'lock', pointer: lock.pointer, write: true },
    'assertion',
    `${callText(site)}: the mmap_lock is not held for writing`,
  );
  return false;
}

function startWrite(m: Machine, vma: number, site: Site, killable: boolean): number {
  if (!follows(m, vma, site)) return NO_RESULT;
  const { refcnt, seq } = cells(m, vma);
  const { memory } = m;
  m.touch(refcnt, true);
  if (m.field(m.current, RESUMED) === 0) {
    if (!mustHoldForWriting(m, vma, site) || (m.isAtomic() && m.mustNotSleep(callText(site))))
      return NO_RESULT;
    if (memory.get(seq) === memory.get(mmSeq(m, m.load(vma, 'vm_mm')))) return 0;
    if (memory.get(refcnt) > 1) {
      if (killable && m.field(m.current, SIGNAL) !== 0) return EINTR;
      m.memory.set(refcnt, memory.get(refcnt) + EXCLUDE);
      return m.wait(refcnt);
    }
  } else {
    const result = m.resumed()!;
    m.memory.set(refcnt, memory.get(refcnt) - EXCLUDE);
    if (result !== 0) return result;
  }
  m.touch(seq, true);
  m.memory.set(seq, memory.get(mmSeq(m, m.load(vma, 'vm_mm'))));
  return 0;
}

/** Looks an address up and locks what is there, in one step. */
function lockUnderRcu(m: Machine, mm: number, address: number, site: Site): number {
  if (!follows(m, mm, site)) return NO_RESULT;
  const tree = treeOf(m, mm);
  m.touch(tree.touch, false);
  const entry = entriesOf(m, tree).find((one) => one.start <= address && address < one.end);
  if (entry === undefined) return 0;
  tellFound(m, entry);
  const locked = tryRead(m, mm, entry.vma);
  if (locked <= 0) return 0;
  if (address < m.load(locked, 'vm_start') || address >= m.load(locked, 'vm_end')) {
    endRead(m, locked, site);
    return 0;
  }
  return locked;
}

/** Locks the VMA at or behind an address, in one step: waits for a writer, and shows no gap that is none. */
function lockNext(m: Machine, mm: number, vmi: number, from: number, site: Site): number {
  if (m.field(m.current, RCU) === 0 && m.field(m.current, RESUMED) === 0) {
    return m.failWithout(
      { kind: 'rcu', pointer: 0, write: false },
      'assertion',
      `${callText(site)}: no RCU read-side critical section`,
    );
  }
  const lock = m.locks.at(m.memory.member(mm, 'mmap_lock'), 'mmap');
  const mas = m.memory.member(vmi, 'mas');
  const tree = treeOf(m, mm);
  if (m.peek(mas, '#pos') === 1 && m.peek(mas, '#stale') === 1 && m.field(m.current, RESUMED) === 0) {
    return m.failResult(
      'stale-iterator',
      `${callText(site)} goes on from where the iterator stood before RCU was dropped: it must be set again`,
    );
  }
  if (m.field(m.current, RESUMED) === 0) {
    m.touch(lock.touch, false);
    if (m.locks.writer(lock) >= 0) {
      const got = m.locks.acquire(lock, false, true);
      if (got !== 0) return got;
    }
  } else {
    const got = m.locks.acquire(lock, false, true);
    if (got !== 0) return got;
  }
  m.touch(tree.touch, false);
  const entry = entriesOf(m, tree).find((one) => one.end > from);
  if (entry !== undefined) tellFound(m, entry);
  const result = entry === undefined ? 0 : tryRead(m, mm, entry.vma);
  if (m.locks.readsOf(lock, m.current) > 0 && m.locks.writer(lock) < 0)
    m.locks.release(lock, false, callText(site));
  if (entry !== undefined && result > 0) {
    m.store(mas, 'tree', tree.pointer);
    m.store(mas, 'index', entry.start);
    m.store(mas, 'last', entry.end - 1);
    m.store(mas, '#pos', 1);
    m.store(mas, '#stale', 0);
    m.store(mas, '#owner', m.current + 1);
  }
  return result;
}

/** The sequence count of an mm is odd while a writer is inside, and even once it has left. */
export function checkSequence(m: Machine, lock: LockInfo, write: boolean): void {
  const { memory } = m;
  if (!write || memory.paths.name(memory.pathOf(lock.pointer)) !== 'mmap_lock') return;
  const path = memory.pathOf(lock.pointer);
  const mm = lock.pointer - path + memory.paths.parent(path);
  if (memory.get(mmSeq(m, mm)) % 2 === 0) return;
  m.fail(
    'protocol',
    `${lock.name} is released by a writer and mm_lock_seq stays odd: the VMAs that were locked stay locked`,
  );
}

const primitive = true;
const vmaPointer = 'struct vm_area_struct *';

/** How `vma_start_read()` of a release behaves. */
export interface ReadForm {
  /** It returns a truth value, takes the VMA alone and leaves RCU as it is. */
  readonly returnsBool: boolean;
  /** It drops RCU where it fails. */
  readonly dropsRcu: boolean;
}

export function vmaLock(form: ReadForm): readonly Model[] {
  return [
    {
      name: 'vma_start_read',
      primitive,
      returns: form.returnsBool ? 'bool' : vmaPointer,
      run(m, args, site) {
        const vma = args.length === 1 ? args[0]! : args[1]!;
        if (!follows(m, vma, site)) return NO_RESULT;
        const mm = args.length === 1 ? m.load(vma, 'vm_mm') : args[0]!;
        const result = tryRead(m, mm, vma);
        if (form.returnsBool) return result > 0 ? 1 : 0;
        if (result <= 0 && form.dropsRcu) {
          const left = rcuExit(m, callText(site));
          if (left !== 0) return left;
        }
        return result;
      },
    },
    ...['vma_start_read_locked', 'vma_start_read_locked_nested'].map(
      (name): Model => ({
        name,
        primitive,
        returns: 'bool',
        run(m, [vma], site) {
          if (!follows(m, vma!, site)) return NO_RESULT;
          const mm = m.load(vma!, 'vm_mm');
          if (!follows(m, mm, site)) return NO_RESULT;
          const lock = m.locks.at(m.memory.member(mm, 'mmap_lock'), 'mmap');
          m.touch(lock.touch, false);
          if (!m.locks.isHeldBy(lock, m.current, false)) {
            return m.failWithout(
              { kind: 'lock', pointer: lock.pointer, write: false },
              'assertion',
              `${callText(site)}: the mmap_lock is not held`,
            );
          }
          const { refcnt } = cells(m, vma!);
          m.touch(refcnt, true);
          const count = m.memory.get(refcnt);
          if (count === 0 || count >= EXCLUDE) return 0;
          m.memory.set(refcnt, count + 1);
          noteHold(m, vma!, 1);
          return 1;
        },
      }),
    ),
    { name: 'vma_end_read', primitive, run: (m, [vma], site) => endRead(m, vma!, site) },
    {
      name: 'lock_vma_under_rcu',
      primitive,
      returns: vmaPointer,
      run: (m, [mm, address], site) => lockUnderRcu(m, mm!, address!, site),
    },
    {
      name: 'lock_next_vma',
      primitive,
      returns: vmaPointer,
      run: (m, [mm, vmi, from], site) => lockNext(m, mm!, vmi!, from!, site),
    },
    { name: 'vma_start_write', primitive, run: (m, [vma], site) => startWrite(m, vma!, site, false) },
    {
      name: 'vma_start_write_killable',
      primitive,
      returns: 'int',
      run: (m, [vma], site) => startWrite(m, vma!, site, true),
    },
    {
      name: 'vma_mark_attached',
      primitive,
      run(m, [vma], site) {
        if (!follows(m, vma!, site)) return NO_RESULT;
        m.write(cells(m, vma!).refcnt, 1);
        return 0;
      },
    },
    {
      name: 'vma_mark_detached',
      primitive,
      run(m, args, site) {
        const vma = args[0]!;
        if (!follows(m, vma, site) || !mustHoldForWriting(m, vma, site)) return NO_RESULT;
        if (args.length > 1 && args[1] === 0) m.write(cells(m, vma).refcnt, 1);
        else m.write(cells(m, vma).refcnt, 0);
        return 0;
      },
    },
    ...['vma_assert_locked', 'vma_assert_stabilised', 'vma_assert_write_locked'].map(
      (name): Model => ({
        name,
        primitive,
        run(m, [vma], site) {
          if (!follows(m, vma!, site)) return NO_RESULT;
          const mm = m.load(vma!, 'vm_mm');
          if (!follows(m, mm, site)) return NO_RESULT;
          const lock = m.locks.at(m.memory.member(mm, 'mmap_lock'), 'mmap');
          m.touch(lock.touch, false);
          const written =
            m.locks.writer(lock) === m.current &&
            m.memory.get(cells(m, vma!).seq) === m.memory.get(mmSeq(m, mm));
          if (written) return 0;
          if (name !== 'vma_assert_write_locked' && holds(m, vma!, m.current) > 0) return 0;
          if (name === 'vma_assert_stabilised' && m.locks.isHeldBy(lock, m.current, false)) return 0;
          return m.failWithout(
            name === 'vma_assert_write_locked'
              ? { kind: 'lock', pointer: lock.pointer, write: true }
              : { kind: 'vma', pointer: vma!, write: false },
            'assertion',
            callText(site),
          );
        },
      }),
    ),
    {
      name: 'mmap_lock_speculate_try_begin',
      primitive,
      returns: 'bool',
      run(m, [mm, seq]) {
        const value = m.read(mmSeq(m, mm!));
        m.storeAt(seq!, value);
        return value % 2 === 0 ? 1 : 0;
      },
    },
    {
      name: 'mmap_lock_speculate_retry',
      primitive,
      returns: 'bool',
      run: (m, [mm, seq]) => (m.read(mmSeq(m, mm!)) === seq ? 0 : 1),
    },
  ];
}
