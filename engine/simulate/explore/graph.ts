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

  /** What each step changed, where the search goes from state to state. */
  readonly #changes: Changes | null;
  /** Where the machine was put; the log holds what it has done since. */
  #at = 0;

  /** @param jumps the search goes from state to state, so that what each step changes is to be kept. */
  constructor(machine: Machine, jumps = false) {
    this.machine = machine;
    this.#changes = jumps ? new Changes() : null;
    machine.restart();
    this.addNode(-1, -1, 0, NO_CHOICES, 0, 0, 0);
    if (jumps) machine.wayBack = () => this.rewind();
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
    memory.undo(0);
    if (this.#changes === null) {
      for (const { task, choices } of this.schedule(node, null)) this.machine.step(task, choices);
      return;
    }
    const ahead: number[] = [];
    let back = this.#at;
    let to = node;
    while (back !== to) {
      if (this.depths.at(back) >= this.depths.at(to)) {
        this.#changes.takeBack(memory, back);
        back = this.parents.at(back);
      } else {
        ahead.push(to);
        to = this.parents.at(to);
      }
    }
    for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) this.#changes.apply(memory, next);
    this.#changes.setHash(memory, node);
    this.#at = node;
  }

  /** Puts the machine back to where it begins. */
  rewind(): void {
    this.goTo(0);
    this.machine.wayBack = null;
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

/** For each node the cells that the step to it changed, with their values before and after, and the state's hash. */
class Changes {
  readonly #starts = new IntList();
  readonly #cells = new IntList(1 << 16);
  /** Two for each cell: before, after. */
  #values = new Float64Array(1 << 17);
  readonly #hashes = new IntList();

  get bytes(): number {
    return this.#cells.length * 20;
  }

  /** Notes what the step that began at that length of the log has changed, for the next node. */
  add(memory: Memory, mark: number): void {
    this.#starts.push(this.#cells.length);
    this.#hashes.push(memory.hash1);
    this.#hashes.push(memory.hash2);
    for (let i = mark; i < memory.logLength; i++) {
      const cell = memory.loggedCell(i);
      const at = 2 * this.#cells.length;
      if (at >= this.#values.length) {
        const values = new Float64Array(this.#values.length * 2);
        values.set(this.#values);
        this.#values = values;
      }
      this.#values[at] = memory.loggedValue(i);
      this.#values[at + 1] = memory.values[cell]!;
      this.#cells.push(cell);
    }
  }

  #end(node: number): number {
    return node + 1 < this.#starts.length ? this.#starts.at(node + 1) : this.#cells.length;
  }

  apply({ values }: Memory, node: number): void {
    const end = this.#end(node);
    for (let i = this.#starts.at(node); i < end; i++) values[this.#cells.at(i)] = this.#values[2 * i + 1]!;
  }

  takeBack({ values }: Memory, node: number): void {
    const end = this.#end(node);
    for (let i = this.#starts.at(node); i < end; i++) values[this.#cells.at(i)] = this.#values[2 * i]!;
  }

  setHash(memory: Memory, node: number): void {
    memory.hash1 = this.#hashes.at(2 * node);
    memory.hash2 = this.#hashes.at(2 * node + 1);
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
