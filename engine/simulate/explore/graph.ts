/** The states seen so far, how each was reached, and the machine moved from one to another. */
import type { Machine } from '../machine.ts';
import type { Memory } from '../memory.ts';
import type { Schedule, Turn } from '../schedule.ts';
import { EXITED, STATUS } from '../signals.ts';
import type { Violation } from '../verdict.ts';
import { EdgeList, IntList, StateTable } from './state-table.ts';

const NO_CHOICES: readonly number[] = [];

/** Choices taken in a step, with those that came after the given ones. */
export function nextChoices(taken: readonly number[], offered: readonly number[]): readonly number[] | null {
  for (let i = taken.length - 1; i >= 0; i--) {
    if (taken[i]! + 1 < offered[i]!) return [...taken.slice(0, i), taken[i]! + 1];
  }
  return null;
}

export class StateGraph {
  readonly machine: Machine;
  readonly table = new StateTable();
  /** By node: the node before, the task that moved, its moves; choices only where there were any. */
  readonly parents = new IntList();
  readonly tasks = new IntList();
  readonly moves = new IntList();
  readonly depths = new IntList();
  readonly choices = new Map<number, readonly number[]>();
  readonly edges = new EdgeList();
  transitions = 0;

  /** The nodes from the root to where the machine stands, by depth, and the log's length at each. */
  readonly #path: number[] = [0];
  readonly #marks: number[] = [];
  /** What each node changes in the state of the one before it, where `goTo()` is called often: cells and values. */
  readonly #changes: Changes | null;

  /** @param jumps the search goes from state to state, so that each is to be kept whole, not as a way to it. */
  constructor(machine: Machine, jumps = false) {
    this.machine = machine;
    this.#changes = jumps ? new Changes() : null;
    machine.memory.undo(0);
    this.#marks.push(machine.memory.logLength);
    this.addNode(-1, -1, 0, NO_CHOICES, 0, 0, 0);
  }

  /** Bytes that the states take beyond what each of them does. */
  get bytes(): number {
    return this.#changes?.bytes ?? 0;
  }

  /** Adds the state that the machine is in. @param mark the log's length before the step that led to it. */
  addNode(
    parent: number,
    task: number,
    moves: number,
    choices: readonly number[],
    extra1: number,
    extra2: number,
    mark: number,
  ): number {
    const { memory } = this.machine;
    const node = this.table.add(memory.hash1 ^ extra1, memory.hash2 ^ extra2);
    this.parents.push(parent);
    this.tasks.push(task);
    this.moves.push(moves);
    this.depths.push(parent < 0 ? 0 : this.depths.at(parent) + 1);
    if (choices.length > 0) this.choices.set(node, choices);
    this.#changes?.add(memory, mark);
    return node;
  }

  /** Puts the machine into the state of a node. */
  goTo(node: number): void {
    const { memory } = this.machine;
    const ahead: number[] = [];
    let at = node;
    let depth = this.depths.at(node);
    while (this.#path[depth] !== at) {
      ahead.push(at);
      at = this.parents.at(at);
      depth--;
    }
    memory.undo(this.#marks[depth]!);
    this.#path.length = depth + 1;
    this.#marks.length = depth + 1;
    for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
      if (this.#changes === null)
        this.machine.step(this.tasks.at(next), this.choices.get(next) ?? NO_CHOICES);
      else this.#changes.apply(memory, next);
      this.#path.push(next);
      this.#marks.push(memory.logLength);
    }
  }

  /** Forgets where the machine stands: back to the root. */
  rewind(): void {
    this.machine.memory.undo(0);
    this.#path.length = 1;
    this.#marks.length = 1;
    this.#marks[0] = 0;
  }

  schedule(node: number, last: Turn | null): Schedule {
    const turns: Turn[] = last === null ? [] : [last];
    for (let at = node; this.parents.at(at) >= 0; at = this.parents.at(at)) {
      turns.push({
        task: this.tasks.at(at),
        moves: this.moves.at(at),
        choices: this.choices.get(at) ?? NO_CHOICES,
      });
    }
    return turns.reverse();
  }

  /** The deadlock that the machine is in, or null. */
  deadlock(): Violation | null {
    return deadlockOf(this.machine);
  }
}

/** For each node the cells that the step to it changed, and their values. */
class Changes {
  readonly #starts = new IntList();
  readonly #cells = new IntList();
  #values = new Float64Array(1 << 10);
  /** By cell: the node that it was last noted for, plus one. */
  #noted = new Int32Array(1 << 10);

  get bytes(): number {
    return this.#cells.length * 12;
  }

  /** Notes what has changed since the log had that length, for the next node. */
  add(memory: Memory, mark: number): void {
    const node = this.#starts.length + 1;
    this.#starts.push(this.#cells.length);
    if (memory.count > this.#noted.length) {
      const noted = new Int32Array(memory.count * 2);
      noted.set(this.#noted);
      this.#noted = noted;
    }
    for (let i = mark; i < memory.logLength; i++) {
      const cell = memory.loggedCell(i);
      if (this.#noted[cell] === node) continue;
      this.#noted[cell] = node;
      const value = memory.values[cell]!;
      // The first entry of a cell has what it held before.
      if (value === memory.loggedValue(i)) continue;
      if (this.#cells.length >= this.#values.length) {
        const values = new Float64Array(this.#values.length * 2);
        values.set(this.#values);
        this.#values = values;
      }
      this.#values[this.#cells.length] = value;
      this.#cells.push(cell);
    }
  }

  apply(memory: Memory, node: number): void {
    const end = node + 1 < this.#starts.length ? this.#starts.at(node + 1) : this.#cells.length;
    for (let i = this.#starts.at(node); i < end; i++) memory.set(this.#cells.at(i), this.#values[i]!);
  }
}

/** All that are left wait: for each other, or for what nobody will do. */
export function deadlockOf(m: Machine): Violation | null {
  let stuck = -1;
  for (let task = 0; task < m.tasks.length; task++) {
    if (m.isEnabled(task)) return null;
    if (m.field(task, STATUS) !== EXITED && m.tasks[task]!.daemon !== true) stuck = task;
  }
  if (stuck < 0) return null;
  const cycle = m.locks.waits();
  return {
    kind: 'deadlock',
    message: `nobody can go on: ${cycle.join('; ')}`,
    task: stuck,
    pc: m.field(stuck, 0),
    cycle,
  };
}
