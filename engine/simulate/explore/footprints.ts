/** Footprints of steps: which task, which cells it read and wrote, which locks it held. And which of them conflict. */
import type { Machine } from '../machine.ts';

/** 32-bit words in a set of footprints. */
export const WORDS = 16;
const MAX = WORDS * 32;

interface Footprint {
  readonly task: number;
  readonly cells: readonly number[];
  readonly writes: readonly boolean[];
  /** Locks held, as indices into the machine's list, with whether for writing. */
  readonly held: readonly number[];
}

export class Footprints {
  readonly #m: Machine;
  readonly #list: Footprint[] = [];
  readonly #ids = new Map<number, number[]>();
  /** For each footprint the set of those that conflict with it. */
  readonly #conflicts: Uint32Array[] = [];
  readonly #tasks: number[] = [];

  constructor(machine: Machine) {
    this.#m = machine;
    // Footprint 0 touches nothing; the last one stands for all that did not fit, and conflicts with everything.
    this.#add({ task: -1, cells: [], writes: [], held: [] });
  }

  /** The locks that a task holds now: to be asked before its step. */
  heldBefore(task: number): number[] {
    const { locks, memory } = this.#m;
    const held: number[] = [];
    for (let i = 0; i < locks.list.length; i++) {
      const lock = locks.list[i]!;
      if (memory.values[lock.writer] === task + 1) held.push(i * 2 + 1);
      else if (lock.readers[task] !== undefined && memory.values[lock.readers[task]!] !== 0) held.push(i * 2);
    }
    return held;
  }

  /** The footprint of the step that the machine has just made. */
  ofStep(task: number, heldBefore: readonly number[]): number {
    const m = this.#m;
    if (m.touchedCount === 0) return 0;
    let held = heldBefore;
    if (held.length > 0) {
      const after = this.heldBefore(task);
      held = held.filter((one) => after.includes(one));
    }
    const cells: number[] = [];
    const writes: boolean[] = [];
    for (let i = 0; i < m.touchedCount; i++) {
      const known = cells.indexOf(m.touched[i]!);
      if (known < 0) {
        cells.push(m.touched[i]!);
        writes.push(m.touchedWrite[i] === 1);
      } else if (m.touchedWrite[i] === 1) writes[known] = true;
    }
    return this.#id({ task, cells, writes, held });
  }

  /** What a waiting task is about to do: take what the cell stands for. */
  waiting(task: number, cell: number): number {
    return this.#id({ task, cells: [cell], writes: [true], held: this.heldBefore(task) });
  }

  #id(print: Footprint): number {
    let key = print.task;
    for (let i = 0; i < print.cells.length; i++) {
      key = (Math.imul(key, 31) + print.cells[i]! * 2 + (print.writes[i] ? 1 : 0)) | 0;
    }
    for (const one of print.held) key = (Math.imul(key, 31) + one + 7) | 0;
    const bucket = this.#ids.get(key);
    for (const id of bucket ?? []) if (isSame(this.#list[id]!, print)) return id;
    const id = this.#add(print);
    if (id === MAX - 1) return id;
    if (bucket === undefined) this.#ids.set(key, [id]);
    else bucket.push(id);
    return id;
  }

  #add(print: Footprint): number {
    if (this.#list.length >= MAX - 1) return MAX - 1;
    const id = this.#list.length;
    this.#list.push(print);
    this.#tasks.push(print.task);
    const mine = new Uint32Array(WORDS);
    mine[WORDS - 1] = 0x80000000;
    for (const [other, one] of this.#list.entries()) {
      if (!this.#conflict(print, one)) continue;
      mine[other >>> 5]! |= 1 << (other & 31);
      this.#conflicts[other]![id >>> 5]! |= 1 << (id & 31);
    }
    this.#conflicts.push(mine);
    return id;
  }

  #conflict(a: Footprint, b: Footprint): boolean {
    if (a.task === b.task || a.task < 0 || b.task < 0) return false;
    const shared = a.cells.some((cell, i) => {
      const at = b.cells.indexOf(cell);
      return at >= 0 && (a.writes[i]! || b.writes[at]!);
    });
    return shared && !this.#excluded(a, b);
  }

  /** Both held one lock, one of them for writing: they are never about to happen at the same time. */
  #excluded(a: Footprint, b: Footprint): boolean {
    return a.held.some((one) =>
      b.held.some((other) => one >>> 1 === other >>> 1 && ((one | other) & 1) !== 0),
    );
  }

  /** The tasks with a footprint in the set that conflicts with this one, as bits. */
  rivals(print: number, sets: Uint32Array, at: number): number {
    if (print === MAX - 1) return (1 << this.#m.tasks.length) - 1;
    const conflicts = this.#conflicts[print]!;
    let tasks = 0;
    for (let w = 0; w < WORDS; w++) {
      let both = conflicts[w]! & sets[at + w]!;
      while (both !== 0) {
        const bit = 31 - Math.clz32(both & -both);
        both &= both - 1;
        const id = w * 32 + bit;
        if (id === MAX - 1) return (1 << this.#m.tasks.length) - 1;
        tasks |= 1 << this.#tasks[id]!;
      }
    }
    return tasks;
  }
}

function isSame(a: Footprint, b: Footprint): boolean {
  return (
    a.task === b.task &&
    a.cells.length === b.cells.length &&
    a.held.length === b.held.length &&
    a.cells.every((cell, i) => cell === b.cells[i] && a.writes[i] === b.writes[i]) &&
    a.held.every((one, i) => one === b.held[i])
  );
}
