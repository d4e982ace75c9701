/** Footprints of steps: which task, which cells it read and wrote, which locks it held. And which of them conflict. */
import type { LockTable } from '../locks.ts';
import type { Machine } from '../machine.ts';
import type { MadeStep } from '../made-step.ts';

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

/** What a step's footprint was the last time, and which locks its task held then before it. */
interface LastPrint {
  held: number;
  print: number;
}

export class Footprints {
  readonly #m: Machine;
  readonly #holdings: Holdings;
  readonly #list: Footprint[] = [];
  readonly #ids = new Map<number, number>();
  /** For each footprint the set of those that conflict with it. */
  readonly #conflicts: Int32Array[] = [];
  /** By task the set of its footprints. */
  readonly #ofTask: Int32Array[];
  readonly #ofStep = new Map<MadeStep, LastPrint>();
  readonly #waitedFor = new Int32Array(1);
  /** Words of a set that can hold anything but zero. */
  words = 1;

  constructor(machine: Machine) {
    this.#m = machine;
    this.#holdings = new Holdings(machine);
    this.#ofTask = machine.tasks.map(() => new Int32Array(WORDS));
    // Footprint 0 touches nothing; the last one stands for all that did not fit, and conflicts with everything.
    this.#add({ task: -1, cells: new Int32Array(0), held: 0, next: -1 });
  }

  /** The footprint of a step that the task is about to make. */
  ofStep(task: number, step: MadeStep): number {
    if (step.touched.length === 0) return 0;
    const held = this.#holdings.of(task);
    const last = this.#ofStep.get(step);
    if (last?.held === held) return last.print;
    // What is held throughout.
    const print = this.#id(task, step.touched, held === 0 ? 0 : held & this.#heldAfter(task, step));
    if (last === undefined) this.#ofStep.set(step, { held, print });
    else {
      last.held = held;
      last.print = print;
    }
    return print;
  }

  #heldAfter(task: number, step: MadeStep): number {
    const { memory } = this.#m;
    const mark = memory.logLength;
    memory.redo(step);
    const held = this.#holdings.of(task);
    memory.undo(mark);
    return held;
  }

  /** What a waiting task is about to do: take what the cell stands for. */
  waiting(task: number, cell: number): number {
    this.#waitedFor[0] = cell * 2 + 1;
    return this.#id(task, this.#waitedFor, this.#holdings.of(task));
  }

  #id(task: number, cells: Int32Array, held: number): number {
    const count = cells.length;
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
    const id = this.#add({ task, cells: cells.slice(), held, next: first });
    if (id !== MAX - 1) this.#ids.set(key, id);
    return id;
  }

  #add(print: Footprint): number {
    if (this.#list.length >= MAX - 1) {
      this.words = WORDS;
      return MAX - 1;
    }
    const id = this.#list.length;
    const word = id >>> 5;
    const bit = 1 << (id & 31);
    this.#list.push(print);
    this.words = Math.max(this.words, word + 1);
    const mine = new Int32Array(WORDS);
    mine[WORDS - 1] = 1 << 31;
    for (const [other, one] of this.#list.entries()) {
      if (!conflict(print, one)) continue;
      mine[other >>> 5]! |= 1 << (other & 31);
      this.#conflicts[other]![word]! |= bit;
    }
    this.#conflicts.push(mine);
    if (print.task >= 0) this.#ofTask[print.task]![word]! |= bit;
    return id;
  }

  /** The tasks with a footprint in the set that conflicts with this one, as bits. */
  rivals(print: number, sets: Int32Array, at: number): number {
    const all = (1 << this.#ofTask.length) - 1;
    if (print === MAX - 1) return all;
    const conflicts = this.#conflicts[print]!;
    let tasks = 0;
    for (let w = 0; w < this.words; w++) {
      const both = conflicts[w]! & sets[at + w]!;
      if (both === 0) continue;
      if (w === WORDS - 1 && both < 0) return all;
      for (let task = 0; task < this.#ofTask.length; task++) {
        if ((both & this.#ofTask[task]![w]!) !== 0) tasks |= 1 << task;
      }
    }
    return tasks;
  }
}

/** Which locks a task holds: two bits for each of the first locks. */
class Holdings {
  readonly #m: Machine;
  readonly #locks: LockTable;
  /** By task, for each lock: the cell with its writer, the cell that counts how often the task holds it for reading. */
  #cells: Int32Array[] = [];
  #count = -1;

  constructor(machine: Machine) {
    this.#m = machine;
    this.#locks = machine.locks;
  }

  of(task: number): number {
    const { list } = this.#locks;
    if (list.length !== this.#count) this.#find();
    const cells = this.#cells[task]!;
    const values = this.#m.memory.unwatched;
    let held = 0;
    for (let i = 0; i < cells.length; i += 2) {
      if (values[cells[i]!] === task + 1) held |= 2 << i;
      else if (values[cells[i + 1]!] !== 0) held |= 1 << i;
    }
    return held;
  }

  #find(): void {
    const { list } = this.#locks;
    this.#count = list.length;
    const known = list.slice(0, MAX_LOCKS);
    this.#cells = this.#m.tasks.map((_, task) =>
      Int32Array.from(known.flatMap((lock) => [lock.writer, lock.readers[task]!])),
    );
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
