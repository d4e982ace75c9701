/** The states seen so far, how each was reached, and the machine moved from one to another. */
import type { Machine } from '../machine.ts';
import type { Schedule, Turn } from '../schedule.ts';
import { EXITED, STATUS } from '../signals.ts';
import type { Violation } from '../verdict.ts';
import { IntList, StateTable } from './state-table.ts';

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
  /** Edges as triples: from, to, task. */
  readonly edges = new IntList();
  transitions = 0;

  /** The nodes from the root to where the machine stands, and the log's length at each. */
  readonly #path: number[] = [0];
  readonly #marks: number[] = [];

  constructor(machine: Machine) {
    this.machine = machine;
    machine.memory.undo(0);
    this.#marks.push(machine.memory.logLength);
    this.addNode(-1, -1, 0, NO_CHOICES, 0, 0);
  }

  addNode(
    parent: number,
    task: number,
    moves: number,
    choices: readonly number[],
    extra1: number,
    extra2: number,
  ): number {
    const { memory } = this.machine;
    const node = this.table.add(memory.hash1 ^ extra1, memory.hash2 ^ extra2);
    this.parents.push(parent);
    this.tasks.push(task);
    this.moves.push(moves);
    this.depths.push(parent < 0 ? 0 : this.depths.at(parent) + 1);
    if (choices.length > 0) this.choices.set(node, choices);
    return node;
  }

  /** Puts the machine into the state of a node. */
  goTo(node: number): void {
    const path: number[] = [];
    for (let at = node; at >= 0; at = this.parents.at(at)) path.push(at);
    path.reverse();
    let same = 0;
    while (same < path.length && same < this.#path.length && path[same] === this.#path[same]) same++;
    this.machine.memory.undo(this.#marks[same - 1]!);
    this.#path.length = same;
    this.#marks.length = same;
    for (let i = same; i < path.length; i++) {
      const next = path[i]!;
      this.machine.step(this.tasks.at(next), this.choices.get(next) ?? NO_CHOICES);
      this.#path.push(next);
      this.#marks.push(this.machine.memory.logLength);
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
