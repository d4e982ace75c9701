/** Listens to the machine while a schedule is followed, and makes a step of each operation. */
import { lockEvents } from './lock-events.ts';
import type { Program } from './program.ts';
import { placeOf, type Snapshot, snapshotOf } from './snapshot.ts';
import type { Observer } from './task.ts';
import type { Step } from './trace.ts';

/** A step, and the memory that it touched. */
export interface Recorded {
  readonly step: Step;
  readonly cells: readonly { readonly cell: number; readonly write: boolean }[];
}

/** To be the machine's `observer`; `endTurn()` is to be called after each of its steps. */
export class Recorder implements Observer {
  readonly #program: Program;
  #recorded: Recorded[] = [];
  #cells: { cell: number; write: boolean; value: number; old: number }[] = [];
  #notes: string[] = [];
  #report: Step['report'] = null;
  #found: Step['found'] = null;
  #last: Snapshot;

  /** @param before the state of the machine as it is. */
  constructor(program: Program, before: Snapshot) {
    this.#program = program;
    this.#last = before;
  }

  /** Goes on from another state, which the machine has been put into. */
  continueFrom(state: Snapshot): void {
    this.#last = state;
    this.#forget();
  }

  /** What was recorded since it was last taken. The index of the first step is `from`. */
  take(from = 0): readonly Recorded[] {
    const recorded = this.#recorded.map(({ step, cells }, i) => ({
      step: { ...step, index: from + i },
      cells,
    }));
    this.#recorded = [];
    return recorded;
  }

  access(_task: number, cell: number, write: boolean, value: number, old: number): void {
    this.#cells.push({ cell, write, value, old });
  }

  note(_task: number, text: string): void {
    this.#notes.push(text);
  }

  report(_task: number, start: number, end: number): void {
    this.#report = { start, end };
  }

  found(_task: number, start: number, end: number, vma: number): void {
    this.#found = { start, end, label: `VMA ${this.#program.linker.machine.memory.describe(vma)}` };
  }

  operation(task: number, pc: number): void {
    const after = snapshotOf(this.#program, this.#last);
    const { memory } = this.#program.linker.machine;
    const reads = this.#cells
      .filter((one) => !one.write)
      .map((one) => ({
        what: this.#name(one.cell),
        value: valueText(memory.describe(one.value), one.value),
      }));
    const step: Step = {
      index: 0,
      task,
      place: placeOf(this.#program, pc),
      reads,
      changes: this.#changes(),
      notes: this.#notes,
      report: this.#report,
      found: this.#found,
      events: lockEvents(this.#last, after, task),
      // What is the same is shared with the state before.
      isLockOperation: after !== this.#last,
      isShared: false,
      after,
    };
    this.#recorded.push({ step, cells: this.#cells });
    this.#last = after;
    this.#forget();
  }

  /** What was seen of an operation that was then left for later is forgotten. */
  endTurn(): void {
    const last = this.#recorded.at(-1);
    if (last !== undefined && this.#report !== null && last.step.report === null) {
      this.#recorded[this.#recorded.length - 1] = { ...last, step: { ...last.step, report: this.#report } };
    }
    this.#forget();
  }

  /** The state after the last operation. */
  get state(): Snapshot {
    return this.#last;
  }

  #forget(): void {
    this.#cells = [];
    this.#notes = [];
    this.#report = null;
    this.#found = null;
  }

  #name(cell: number): string {
    const { memory } = this.#program.linker.machine;
    return memory.describe(memory.cellAddress[cell]!);
  }

  /** Fields that were written, the machine's own bookkeeping left out. */
  #changes(): Step['changes'] {
    const { memory } = this.#program.linker.machine;
    return this.#cells.flatMap(({ cell, write, value, old }) => {
      const what = write ? this.#name(cell) : '#';
      const text = (one: number) => valueText(memory.describe(one), one);
      return what.includes('#') ? [] : [{ what, from: text(old), to: text(value) }];
    });
  }
}

/** The steps of a whole trace, with `isShared` set where another task has to do with what a step touches. */
export function withSharing(recorded: readonly Recorded[]): Step[] {
  const users = new Map<number, { tasks: Set<number>; written: boolean }>();
  for (const { step, cells } of recorded) {
    for (const { cell, write } of cells) {
      const user = users.get(cell) ?? { tasks: new Set<number>(), written: false };
      user.tasks.add(step.task);
      user.written ||= write;
      users.set(cell, user);
    }
  }
  return recorded.map(({ step, cells }) => ({
    ...step,
    isShared: cells.some(({ cell }) => {
      const user = users.get(cell)!;
      return user.written && user.tasks.size > 1;
    }),
  }));
}

function valueText(description: string, value: number): string {
  if (value >= 0 && value < 10) return String(value);
  return description;
}
