/** Footprints of steps: which task, which cells it read and wrote, which locks it held. And which of them conflict. */
import type { Machine } from '../machine.ts';

/** 32-bit words in a set of footprints. */
export const WORDS = 16;
const MAX = WORDS * 32;
/** Locks of which it is known who holds them: two bits each. Of others it is not, which only costs more tries. */
const MAX_LOCKS = 15;
const ONE_OF_EACH = 0x55555555;

interface Footprint {
  readonly task: number;
  /** Cells, times 2, plus 1 where it is written. */
  readonly cells: Int32Array;
  /** Two bits for each lock: held for reading, for writing. */
  readonly held: number;
  /** The next one with the same key, or −1. */
  readonly next: number;
}

export class Footprints {
  readonly #m: Machine;
  readonly #list: Footprint[] = [];
  readonly #ids = new Map<number, number>();
  /** For each footprint the set of those that conflict with it. */
  readonly #conflicts: Uint32Array[] = [];
  readonly #scratch = new Int32Array(256);
  /** Words of a set that can hold anything but zero. */
  words = 1;

  constructor(machine: Machine) {
    this.#m = machine;
    // Footprint 0 touches nothing; the last one stands for all that did not fit, and conflicts with everything.
    this.#add({ task: -1, cells: new Int32Array(0), held: 0, next: -1 });
  }

  /** The locks that a task holds now: to be asked before its step. */
  heldBefore(task: number): number {
    const { locks, memory } = this.#m;
    const { values } = memory;
    const { list } = locks;
    const count = Math.min(list.length, MAX_LOCKS);
    let held = 0;
    for (let i = 0; i < count; i++) {
      const lock = list[i]!;
      if (values[lock.writer] === task + 1) held |= 2 << (2 * i);
      else if (values[lock.readers[task]!] !== 0) held |= 1 << (2 * i);
    }
    return held;
  }

  /** The footprint of the step that the machine has just made. */
  ofStep(task: number, heldBefore: number): number {
    const m = this.#m;
    if (m.touchedCount === 0) return 0;
    const cells = this.#scratch;
    let count = 0;
    for (let i = 0; i < m.touchedCount; i++) {
      const cell = m.touched[i]! * 2;
      let at = 0;
      while (at < count && (cells[at]! & ~1) !== cell) at++;
      if (at === count) cells[count++] = cell;
      cells[at]! |= m.touchedWrite[i]!;
    }
    return this.#id(task, count, heldBefore === 0 ? 0 : heldBefore & this.heldBefore(task));
  }

  /** What a waiting task is about to do: take what the cell stands for. */
  waiting(task: number, cell: number): number {
    this.#scratch[0] = cell * 2 + 1;
    return this.#id(task, 1, this.heldBefore(task));
  }

  /** @param count how many of the scratch cells are part of it. */
  #id(task: number, count: number, held: number): number {
    const cells = this.#scratch;
    let key = (Math.imul(held, 0x9e3779b1) + task) | 0;
    for (let i = 0; i < count; i++) key = (Math.imul(key, 31) + cells[i]!) | 0;
    const first = this.#ids.get(key) ?? -1;
    for (let id = first; id >= 0; id = this.#list[id]!.next) {
      const one = this.#list[id]!;
      if (one.task !== task || one.held !== held || one.cells.length !== count) continue;
      let at = 0;
      while (at < count && one.cells[at] === cells[at]) at++;
      if (at === count) return id;
    }
    const id = this.#add({ task, cells: cells.slice(0, count), held, next: first });
    if (id !== MAX - 1) this.#ids.set(key, id);
    return id;
  }

  #add(print: Footprint): number {
    if (this.#list.length >= MAX - 1) {
      this.words = WORDS;
      return MAX - 1;
    }
    const id = this.#list.length;
    this.#list.push(print);
    this.words = Math.max(this.words, (id >>> 5) + 1);
    const mine = new Uint32Array(WORDS);
    mine[WORDS - 1] = 0x80000000;
    for (const [other, one] of this.#list.entries()) {
      if (!conflict(print, one)) continue;
      mine[other >>> 5]! |= 1 << (other & 31);
      this.#conflicts[other]![id >>> 5]! |= 1 << (id & 31);
    }
    this.#conflicts.push(mine);
    return id;
  }

  /** The tasks with a footprint in the set that conflicts with this one, as bits. */
  rivals(print: number, sets: Uint32Array, at: number): number {
    const all = (1 << this.#m.tasks.length) - 1;
    if (print === MAX - 1) return all;
    const conflicts = this.#conflicts[print]!;
    let tasks = 0;
    for (let w = 0; w < this.words; w++) {
      let both = conflicts[w]! & sets[at + w]!;
      while (both !== 0) {
        const bit = 31 - Math.clz32(both & -both);
        both &= both - 1;
        const id = w * 32 + bit;
        if (id === MAX - 1) return all;
        tasks |= 1 << this.#list[id]!.task;
      }
    }
    return tasks;
  }
}

function conflict(a: Footprint, b: Footprint): boolean {
  if (a.task === b.task || a.task < 0 || b.task < 0) return false;
  const shared = a.cells.some((code) =>
    b.cells.some((other) => code >> 1 === other >> 1 && ((code | other) & 1) !== 0),
  );
  return shared && !excluded(a.held, b.held);
}

/** Both held one lock, one of them for writing: they are never about to happen at the same time. */
function excluded(a: number, b: number): boolean {
  const writesA = (a >>> 1) & ONE_OF_EACH;
  const writesB = (b >>> 1) & ONE_OF_EACH;
  const anyA = (a & ONE_OF_EACH) | writesA;
  const anyB = (b & ONE_OF_EACH) | writesB;
  return ((writesA & anyB) | (anyA & writesB)) !== 0;
}
