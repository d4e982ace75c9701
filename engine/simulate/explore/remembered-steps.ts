/**
 * Steps that were made once and are made again without their operations. What a step does depends only on the cells
 * that it reads, so those are noted the first time, in their order, with what they held; where they hold the same
 * again, the step changes what it changed then. A search meets most steps of a task thousands of times, between other
 * steps of the others.
 *
 * The notes are a tree for each operation that a step can begin with: a node says which cell is read next, and each of
 * its values that was met leads on. (As in LTSmin's cache of transitions; Blom, van de Pol, Weber, CAV 2010.)
 *
 * A step ends before it touches visible memory again, so it is forgotten once other memory that it touches is visible.
 */
import { longer } from '../longer.ts';
import { type Machine, STACK_CELLS } from '../machine.ts';
import { MadeStep } from '../made-step.ts';
import type { Watcher } from '../memory.ts';
import { FP, PC } from '../signals.ts';

/** What a step takes that was made, roughly. */
const STEP_BYTES = 600;
const NODE_BYTES = 20;
/** Nodes before all is forgotten. */
const MAX_NODES = 1 << 20;
/** What a node asks about, besides cells: the choices that are given; nothing, since the step is known. */
const CHOICES = -2;
const KNOWN = -1;

export class RememberedSteps {
  readonly machine: Machine;
  readonly #recorder: Recorder;
  /** By task, by operation: the first node. */
  readonly #roots: Int32Array<ArrayBuffer>[];
  /** By node: the cell, a value of it, the node that goes on from there, the node with the cell's next value. */
  #cells = new Int32Array(1 << 12);
  #values = new Float64Array(1 << 12);
  #next = new Int32Array(1 << 12);
  #other = new Int32Array(1 << 12);
  /** Node 0 stands for none. */
  #count = 1;
  /** By number; null where the step is not to be made again. */
  #steps: (MadeStep | null)[] = [];
  #made = 0;

  constructor(machine: Machine) {
    this.machine = machine;
    this.#recorder = new Recorder(machine);
    this.#roots = machine.tasks.map(() => new Int32Array(machine.ops.length));
  }

  get bytes(): number {
    return this.#count * NODE_BYTES + this.#made * STEP_BYTES;
  }

  /** As `Touches.settleVisible()`; forgets the steps that are others from here on. */
  settleVisible(): void {
    const cells = this.machine.touches.settleVisible();
    if (cells.size === 0) return;
    const steps = this.#steps;
    for (let i = 0; i < steps.length; i++) {
      if (steps[i]?.hidden.some((cell) => cells.has(cell)) === true) steps[i] = null;
    }
  }

  /** Forgets what is remembered if it takes more than so many bytes. */
  makeRoom(bytes: number): void {
    if (this.bytes > bytes) this.#forget();
  }

  #forget(): void {
    this.#count = 1;
    this.#made = 0;
    this.#steps = [];
    for (const roots of this.#roots) roots.fill(0);
  }

  /**
   * The step that a task would make; the machine stays where it is. @returns null where something would go wrong: the
   * machine has then made the step, and has a `violation`.
   */
  ahead(task: number, choices: readonly number[]): MadeStep | null {
    const code = choices.length === 0 ? 0 : choiceCode(choices);
    return this.#find(task, code) ?? this.#make(task, choices, code);
  }

  #find(task: number, code: number): MadeStep | null {
    const { bases, memory } = this.machine;
    const now = memory.unwatched;
    const cells = this.#cells;
    const values = this.#values;
    const next = this.#next;
    let node = this.#roots[task]![now[bases[task]! + PC]!] ?? 0;
    while (node !== 0) {
      const cell = cells[node]!;
      if (cell === KNOWN) return this.#steps[next[node]!]!;
      const value = cell === CHOICES ? code : now[cell]!;
      while (values[node] !== value) {
        node = this.#other[node]!;
        if (node === 0) return null;
      }
      node = next[node]!;
    }
    return null;
  }

  #make(task: number, choices: readonly number[], code: number): MadeStep | null {
    const m = this.machine;
    const { memory } = m;
    const { logLength, hash1, hash2 } = memory;
    const pc = m.field(task, PC);
    this.#recorder.begin(task);
    memory.watch(this.#recorder);
    const ok = m.step(task, choices);
    memory.watch(null);
    if (!ok) return null;
    this.#made++;
    const made = new MadeStep(m, logLength, hash1, hash2);
    memory.undo(logLength);
    if (code >= 0) this.#remember(task, pc, code, made);
    return made;
  }

  #remember(task: number, pc: number, code: number, step: MadeStep): void {
    const { keys, values, count } = this.#recorder;
    if (this.#count + count + 2 > MAX_NODES) this.#forget();
    while (this.#count + count + 2 > this.#cells.length) this.#grow();
    if (pc >= this.#roots[task]!.length) this.#lengthenRoots(task);
    const roots = this.#roots[task]!;
    let at = this.#follow(roots, pc, CHOICES, code);
    for (let i = 0; i < count; i++) at = this.#follow(this.#next, at, keys[i]!, values[i]!);
    const leaf = this.#add(KNOWN, 0);
    this.#next[leaf] = this.#steps.length;
    this.#next[at] = leaf;
    this.#steps.push(step);
  }

  /** The node for a value of a cell, made where it is not there; what asks about another cell there is dropped. */
  #follow(from: Int32Array, at: number, cell: number, value: number): number {
    const head = from[at]!;
    if (head === 0 || this.#cells[head] !== cell) {
      const node = this.#add(cell, value);
      from[at] = node;
      return node;
    }
    let node = head;
    for (;;) {
      if (this.#values[node] === value) return node;
      const other = this.#other[node]!;
      if (other === 0) break;
      node = other;
    }
    const added = this.#add(cell, value);
    this.#other[node] = added;
    return added;
  }

  #add(cell: number, value: number): number {
    const node = this.#count++;
    this.#cells[node] = cell;
    this.#values[node] = value;
    this.#next[node] = 0;
    this.#other[node] = 0;
    return node;
  }

  #grow(): void {
    const size = this.#cells.length * 2;
    this.#cells = longer(this.#cells, size);
    this.#values = longer(this.#values, size);
    this.#next = longer(this.#next, size);
    this.#other = longer(this.#other, size);
  }

  /** Functions are compiled when they are first called: there are more operations than there were. */
  #lengthenRoots(task: number): void {
    this.#roots[task] = longer(this.#roots[task]!, this.machine.ops.length * 2);
  }
}

/** Choices as one number; −1 where they are too many for that. */
function choiceCode(choices: readonly number[]): number {
  if (choices.length > 8) return -1;
  let code = 0;
  for (const choice of choices) {
    if (choice > 62) return -1;
    code = code * 64 + choice + 1;
  }
  return code;
}

/** Notes what a step depends on: each cell that it reads or writes, and what it held before the step. */
class Recorder implements Watcher {
  readonly #m: Machine;
  keys = new Int32Array(256);
  values = new Float64Array(256);
  count = 0;
  /** By cell: the recording that met it last. */
  #met = new Int32Array(1 << 12);
  #recordings = 0;
  /** The part of the task's stack that no function uses yet. */
  #freeFrom = 0;
  #freeTo = 0;

  constructor(machine: Machine) {
    this.#m = machine;
  }

  /** To be called before the step. Registers that do not matter there are known to be 0: nothing depends on them. */
  begin(task: number): void {
    const { memory, frames, bases } = this.#m;
    const recording = ++this.#recordings;
    this.count = 0;
    if (memory.count > this.#met.length) this.#lengthenMet(memory.count);
    const base = bases[task]!;
    const pc = memory.get(base + PC);
    const fp = memory.get(base + FP);
    for (const register of frames.dead(pc)) this.#met[fp + register] = recording;
    this.#met[base + PC] = recording;
    this.#freeFrom = fp + frames.size(pc);
    this.#freeTo = base + STACK_CELLS;
  }

  read(cell: number, value: number): void {
    if (cell >= this.#met.length) this.#lengthenMet(cell + 1);
    if (this.#met[cell] === this.#recordings) return;
    this.#met[cell] = this.#recordings;
    if (cell >= this.#freeFrom && cell < this.#freeTo) return;
    if (this.count === this.keys.length) this.#lengthen();
    this.keys[this.count] = cell;
    this.values[this.count++] = value;
  }

  write(cell: number, old: number): void {
    this.read(cell, old);
  }

  #lengthenMet(size: number): void {
    this.#met = longer(this.#met, Math.max(size, this.#met.length * 2));
  }

  #lengthen(): void {
    this.keys = longer(this.keys, this.keys.length * 2);
    this.values = longer(this.values, this.values.length * 2);
  }
}
