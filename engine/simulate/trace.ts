/** What a schedule does, step by step, as plain data: for the command line, the panel and the debugger alike. */

import { replay, restart } from './explore/replay.ts';
import type { Machine } from './machine.ts';
import { heldVmas } from './models/vma-lock.ts';
import { entriesOf, treeOf } from './models/vma-tree.ts';
import type { Program } from './program.ts';
import type { Schedule } from './schedule.ts';
import { formatSchedule } from './schedule.ts';
import { ATOMIC, EXITED, RCU, READY, SIGNAL } from './signals.ts';
import type { Violation } from './verdict.ts';

export const TRACE_VERSION = 1;

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

export interface Change {
  readonly what: string;
  readonly from: string;
  readonly to: string;
}

export interface Step {
  readonly index: number;
  readonly task: number;
  readonly place: Place;
  /** What was read: places and their values. */
  readonly reads: readonly { readonly what: string; readonly value: string }[];
  readonly changes: readonly Change[];
  readonly notes: readonly string[];
  /** A range that the task reports. */
  readonly report: { readonly start: number; readonly end: number } | null;
  /** It took, released or waited for a lock, or changed what one is made of. */
  readonly isLockOperation: boolean;
  /** Another task has to do with what it touches. */
  readonly isShared: boolean;
  readonly after: Snapshot;
}

export interface Trace {
  readonly version: typeof TRACE_VERSION;
  readonly scenario: string;
  readonly tasks: readonly string[];
  readonly schedule: string;
  readonly before: Snapshot;
  readonly steps: readonly Step[];
  readonly violation: (Omit<Violation, 'pc'> & { readonly place: Place }) | null;
  /** Why the schedule ended before its end; else null. */
  readonly problem: string | null;
}

export function placeOf(program: Program, pc: number): Place {
  const { linker } = program;
  const info = linker.machine.opInfo[pc];
  const fn = info === undefined ? undefined : linker.functions[info.fn];
  if (info === undefined || fn === undefined) return { file: '', line: 0, function: '', text: '' };
  const { line } = fn.unit.position(info.at);
  return { file: fn.unit.path, line, function: fn.name, text: fn.unit.line(line).trim() };
}

export function snapshotOf(program: Program): Snapshot {
  const m = program.linker.machine;
  const { memory } = m;
  const locks = m.locks.list
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
  const mms = program.scenario.mms.map((mm) => ({
    name: mm.name,
    pointer: memory.pointer(memory.find(`mm ${mm.name}`)!),
  }));
  const sequence = (mm: number) => m.peek(mm, 'mm_lock_seq', 'sequence');
  const trees = mms.map((mm) => ({ ...mm, entries: entriesOf(m, treeOf(m, mm.pointer)) }));
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
        isDetached: m.peek(pointer, 'vm_refcnt') === 0 || m.peek(pointer, 'detached') === 1,
        isFreed: object.life >= 0 && memory.values[object.life] !== 0,
        isWriteLocked: m.isPointer(owner) && lockSeq === sequence(owner) && lockSeq % 2 === 1,
        readers: m.tasks.flatMap((_, task) => (heldVmas(m, task).includes(pointer) ? [task] : [])),
      };
    }),
  );
  return {
    locks,
    tasks: m.tasks.map((_, task) => {
      const status = m.status(task);
      return {
        state: status === READY ? 'ready' : status === EXITED ? 'ended' : 'waiting',
        rcu: m.field(task, RCU),
        atomic: m.field(task, ATOMIC),
        signalled: m.field(task, SIGNAL) !== 0,
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
}

/** Follows a schedule and notes every operation on the way. The machine is back at its start afterwards. */
export function traceOf(program: Program, schedule: Schedule): Trace {
  const m = program.linker.machine;
  restart(m);
  const before = snapshotOf(program);
  const recorder = new Recorder(program, before);
  m.observer = recorder;
  const result = replay(program, schedule, () => recorder.flush(m));
  m.observer = null;
  const { violation } = result;
  let trace: Trace = {
    version: TRACE_VERSION,
    scenario: program.scenario.name,
    tasks: m.tasks.map((task) => task.name),
    schedule: formatSchedule(schedule),
    before,
    steps: recorder.finish(),
    violation: null,
    problem: result.problem,
  };
  if (violation !== null) {
    const { pc, ...rest } = violation;
    trace = { ...trace, violation: { ...rest, place: placeOf(program, pc) } };
  }
  restart(m);
  return trace;
}

interface Draft {
  task: number;
  pc: number;
  cells: { cell: number; write: boolean; value: number }[];
  notes: string[];
  report: { start: number; end: number } | null;
  logFrom: number;
  step: Step;
}

/** Listens to the machine and makes steps out of what it does. */
class Recorder {
  readonly #program: Program;
  readonly #drafts: Draft[] = [];
  #cells: Draft['cells'] = [];
  #notes: string[] = [];
  #report: Draft['report'] = null;
  #last: Snapshot;

  constructor(program: Program, before: Snapshot) {
    this.#program = program;
    this.#last = before;
  }

  access(_task: number, cell: number, write: boolean, value: number): void {
    this.#cells.push({ cell, write, value });
  }

  note(_task: number, text: string): void {
    this.#notes.push(text);
  }

  report(_task: number, start: number, end: number): void {
    this.#report = { start, end };
  }

  operation(task: number, pc: number): void {
    const after = snapshotOf(this.#program);
    const { memory } = this.#program.linker.machine;
    const reads = this.#cells
      .filter((one) => !one.write)
      .map((one) => ({
        what: this.#name(one.cell),
        value: valueText(memory.describe(one.value), one.value),
      }));
    const changes = this.#changes(after);
    const step: Step = {
      index: this.#drafts.length,
      task,
      place: placeOf(this.#program, pc),
      reads,
      changes,
      notes: this.#notes,
      report: this.#report,
      isLockOperation: JSON.stringify(lockState(after)) !== JSON.stringify(lockState(this.#last)),
      isShared: false,
      after,
    };
    this.#drafts.push({
      task,
      pc,
      cells: this.#cells,
      notes: this.#notes,
      report: this.#report,
      logFrom: 0,
      step,
    });
    this.#last = after;
    this.#cells = [];
    this.#notes = [];
    this.#report = null;
  }

  /** After a turn: what was seen of an operation that was then left for later is forgotten. */
  flush(_m: Machine): void {
    const last = this.#drafts.at(-1);
    if (last !== undefined && this.#report !== null && last.report === null) last.report = this.#report;
    this.#cells = [];
    this.#notes = [];
    this.#report = null;
  }

  #name(cell: number): string {
    const { memory } = this.#program.linker.machine;
    return memory.describe(memory.cellAddress[cell]!);
  }

  /** Fields that were written, the machine's own bookkeeping left out. */
  #changes(after: Snapshot): Change[] {
    const { memory } = this.#program.linker.machine;
    const changes: Change[] = [];
    for (const { cell, write, value } of this.#cells) {
      if (!write) continue;
      const what = this.#name(cell);
      if (!what.includes('#')) changes.push({ what, from: '', to: valueText(memory.describe(value), value) });
    }
    void after;
    return changes;
  }

  finish(): Step[] {
    const users = new Map<number, { tasks: Set<number>; written: boolean }>();
    for (const draft of this.#drafts) {
      for (const { cell, write } of draft.cells) {
        const user = users.get(cell) ?? { tasks: new Set<number>(), written: false };
        user.tasks.add(draft.task);
        user.written ||= write;
        users.set(cell, user);
      }
    }
    return this.#drafts.map((draft) => ({
      ...draft.step,
      isShared: draft.cells.some(({ cell }) => {
        const user = users.get(cell)!;
        return user.written && user.tasks.size > 1;
      }),
    }));
  }
}

function lockState(snapshot: Snapshot): unknown {
  return [
    snapshot.locks,
    snapshot.tasks,
    snapshot.sequences,
    snapshot.vmas.map((vma) => [
      vma.refcnt,
      vma.lockSeq,
      vma.isDetached,
      vma.isFreed,
      vma.readers,
      vma.start,
      vma.end,
    ]),
    snapshot.tree,
  ];
}

function valueText(description: string, value: number): string {
  if (value >= 0 && value < 10) return String(value);
  return description;
}
