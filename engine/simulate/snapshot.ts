/** The state of a simulation as plain data: places, locks, tasks, VMAs. */
import type { Machine } from './machine.ts';
import { heldVmas } from './models/vma-lock.ts';
import { entriesOf, treeOf } from './models/vma-tree.ts';
import type { Program } from './program.ts';
import { ATOMIC, EXITED, RCU, READY, SIGNAL, WAIT } from './signals.ts';

export interface Place {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly function: string;
  /** The line's text, without white space around it. */
  readonly text: string;
}

export interface LockSnapshot {
  readonly name: string;
  readonly kind: string;
  /** Index of the task that holds it for writing, or null. */
  readonly writer: number | null;
  readonly readers: readonly number[];
  readonly queue: readonly { readonly task: number; readonly mode: 'R' | 'W' }[];
}

export interface TaskSnapshot {
  readonly state: 'ready' | 'waiting' | 'ended';
  readonly rcu: number;
  readonly atomic: number;
  readonly signalled: boolean;
  /** What a waiting task waits for: the name of a lock, or of the field that it is to be woken by; else null. */
  readonly waitsFor: string | null;
}

export interface VmaSnapshot {
  readonly name: string;
  readonly mm: string;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly refcnt: number;
  readonly lockSeq: number;
  readonly isInTree: boolean;
  readonly isDetached: boolean;
  readonly isFreed: boolean;
  /** Locked for writing: its sequence is that of its mm, which is being written. */
  readonly isWriteLocked: boolean;
  /** Tasks that hold it for reading. */
  readonly readers: readonly number[];
}

export interface Snapshot {
  /** Sorted by name; each from the first time on that it is held. */
  readonly locks: readonly LockSnapshot[];
  readonly tasks: readonly TaskSnapshot[];
  readonly sequences: readonly { readonly mm: string; readonly value: number }[];
  readonly vmas: readonly VmaSnapshot[];
  readonly tree: readonly {
    readonly mm: string;
    readonly start: number;
    readonly end: number;
    readonly vma: string;
  }[];
}

export function placeOf(program: Program, pc: number): Place {
  const { linker } = program;
  const info = linker.machine.opInfo[pc];
  const fn = info === undefined ? undefined : linker.functions[info.fn];
  if (info === undefined || fn === undefined) return { file: '', line: 0, function: '', text: '' };
  const { line } = fn.unit.position(info.at);
  return { file: fn.unit.path, line, function: fn.name, text: fn.unit.line(line).trim() };
}

/** @param last the snapshot before: parts that are the same are shared with it, so that a long trace stays small. */
export function snapshotOf(program: Program, last: Snapshot | null = null): Snapshot {
  const m = program.linker.machine;
  const { memory } = m;
  const locks = locksOf(m, last);
  const mms = program.scenario.mms.map((mm) => ({
    name: mm.name,
    pointer: memory.pointer(memory.find(`mm ${mm.name}`)!),
  }));
  const sequence = (mm: number) => m.peek(m.memory.member(mm, 'mm_lock_seq'), 'sequence');
  const trees = mms.map((mm) => ({ ...mm, entries: entriesOf(m, treeOf(m, mm.pointer)) }));
  // Releases before the counter say it in a field of its own.
  const hasDetached = program.linker.structs.fields('vm_area_struct').includes('detached');
  const vmas = program.scenario.mms.flatMap((mm) =>
    mm.vmas.map((vma): VmaSnapshot => {
      const object = memory.objects[memory.find(`vma ${vma.name}`)!]!;
      const pointer = memory.pointer(object.id);
      const owner = m.peek(pointer, 'vm_mm');
      const lockSeq = m.peek(pointer, 'vm_lock_seq');
      return {
        name: vma.name,
        mm: memory.describe(owner),
        start: m.peek(pointer, 'vm_start'),
        end: m.peek(pointer, 'vm_end'),
        refcnt: m.peek(pointer, 'vm_refcnt'),
        lockSeq,
        isInTree: trees.some((tree) => tree.entries.some((entry) => entry.vma === pointer)),
        isDetached: m.peek(pointer, 'vm_refcnt') === 0 || (hasDetached && m.peek(pointer, 'detached') === 1),
        isFreed: object.life >= 0 && memory.get(object.life) !== 0,
        isWriteLocked: m.isPointer(owner) && lockSeq === sequence(owner) && lockSeq % 2 === 1,
        readers: m.tasks.flatMap((_, task) => (heldVmas(m, task).includes(pointer) ? [task] : [])),
      };
    }),
  );
  const now: Snapshot = {
    locks,
    tasks: m.tasks.map((_, task) => {
      const status = m.status(task);
      return {
        state: status === READY ? 'ready' : status === EXITED ? 'ended' : 'waiting',
        rcu: m.field(task, RCU),
        atomic: m.field(task, ATOMIC),
        signalled: m.field(task, SIGNAL) !== 0,
        waitsFor: waitsFor(m, task),
      };
    }),
    sequences: mms.map((mm) => ({ mm: mm.name, value: sequence(mm.pointer) })),
    vmas,
    tree: trees.flatMap((tree) =>
      tree.entries.map((entry) => ({
        mm: tree.name,
        start: entry.start,
        end: entry.end,
        vma: memory.describe(entry.vma),
      })),
    ),
  };
  return last === null ? now : shared(last, now);
}

/** Locks that are held or waited for, and those listed before: whatever other runs of the machine have used. */
function locksOf(m: Machine, last: Snapshot | null): LockSnapshot[] {
  const known = new Set(last?.locks.map((lock) => lock.name));
  return m.locks.list
    .filter(
      (lock) =>
        lock.kind === 'mmap' ||
        known.has(lock.name) ||
        m.locks.isHeld(lock) ||
        m.locks.queueOf(lock).length > 0,
    )
    .map((lock) => ({
      name: lock.name,
      kind: lock.kind,
      writer: m.locks.writer(lock) < 0 ? null : m.locks.writer(lock),
      readers: m.tasks.flatMap((_, task) => (m.locks.readsOf(lock, task) > 0 ? [task] : [])),
      queue: m.locks
        .queueOf(lock)
        .map((one) => ({ task: one.task, mode: one.write ? ('W' as const) : ('R' as const) })),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function waitsFor(m: Machine, task: number): string | null {
  const cell = m.field(task, WAIT) - 1;
  if (cell < 0) return null;
  const lock = m.locks.list.find((one) => one.touch === cell);
  return lock?.name ?? m.memory.describe(m.memory.cellAddress[cell]!);
}

/** `now`, with each part that is the same as in `last` taken from there. */
function shared<T>(last: T, now: T): T {
  if (last === now || typeof last !== 'object' || typeof now !== 'object' || last === null || now === null)
    return now;
  const before = last as Record<string, unknown>;
  const after = now as Record<string, unknown>;
  const keys = Object.keys(after);
  let isSame = keys.length === Object.keys(before).length;
  for (const key of keys) {
    const part = shared(before[key], after[key]);
    after[key] = part;
    if (part !== before[key]) isSame = false;
  }
  return isSame ? last : now;
}
