/** The states seen so far, how each was reached, and the machine moved from one to another. */
import type { Machine } from '../machine.ts';
import type { MadeStep } from '../made-step.ts';
import type { Schedule, Turn } from '../schedule.ts';
import { EXITED, STATUS } from '../signals.ts';
import type { Violation } from '../verdict.ts';
import { EdgeList, IntList, StateTable } from './state-table.ts';

/** Of an entry of a map and one of a list. */
const NUMBER_BYTES = 50;

export class StateGraph {
  readonly machine: Machine;
  readonly table = new StateTable();
  /** By node: the node before, the task that moved, the number of steps to it, the tasks that can move, as bits. */
  readonly parents = new IntList();
  readonly tasks = new IntList();
  readonly depths = new IntList();
  readonly enabled = new IntList();
  /** By node: the step that leads to it, as its number; the first one has none. There are few different ones. */
  readonly #stepTo = new IntList();
  readonly #steps: MadeStep[] = [];
  readonly #numbers = new Map<MadeStep, number>();
  readonly edges = new EdgeList();
  transitions = 0;

  /** How many states there were when memory first turned out to have to be visible. */
  #outdatedSince = 0;
  /** Where the machine was put; the log holds what it has done since. */
  #at = 0;

  constructor(machine: Machine) {
    this.machine = machine;
    machine.restart();
    const { hash1, hash2 } = machine.memory;
    this.table.add(hash1, hash2);
    this.#stepTo.push(-1);
    this.#push(-1, -1, 0, enabledTasks(machine));
    machine.wayBack = () => this.rewind();
  }

  /** Bytes that the numbers of steps take. */
  get bytes(): number {
    return this.#steps.length * NUMBER_BYTES;
  }

  /** Adds the state that a step of a task leads to. @param hash1 by which it is found. */
  add(hash1: number, hash2: number, parent: number, task: number, step: MadeStep): number {
    const node = this.table.add(hash1, hash2);
    let number = this.#numbers.get(step);
    if (number === undefined) {
      number = this.#steps.push(step) - 1;
      this.#numbers.set(step, number);
    }
    this.#stepTo.push(number);
    this.#push(parent, task, this.depths.at(parent) + 1, this.enabledAfter(parent, step));
    return node;
  }

  #push(parent: number, task: number, depth: number, enabled: number): void {
    this.parents.push(parent);
    this.tasks.push(task);
    this.depths.push(depth);
    this.enabled.push(enabled);
  }

  /**
   * True where memory turned out to have to be visible, and enough states were seen since for more such memory to have
   * shown: a search that begins again at each find sees the same states many times.
   */
  isOutdated(): boolean {
    if (this.machine.touches.newlyVisible === 0) return false;
    const { count } = this.table;
    if (this.#outdatedSince === 0) this.#outdatedSince = count;
    return count > 1.25 * this.#outdatedSince + 200;
  }

  /** The tasks that can move after a step from a node, as bits. */
  enabledAfter(node: number, { wakes, stops }: MadeStep): number {
    return (this.enabled.at(node) & ~stops) | wakes;
  }

  #step(node: number): MadeStep {
    return this.#steps[this.#stepTo.at(node)]!;
  }

  /** Puts the machine into the state of a node. */
  goTo(node: number): void {
    const { memory } = this.machine;
    memory.undo(0);
    const ahead: number[] = [];
    let back = this.#at;
    let to = node;
    while (back !== to) {
      if (this.depths.at(back) >= this.depths.at(to)) {
        memory.takeBack(this.#step(back));
        back = this.parents.at(back);
      } else {
        ahead.push(to);
        to = this.parents.at(to);
      }
    }
    for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) memory.apply(this.#step(next));
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
      turns.push(turnOf(this.tasks.at(at), this.#step(at)));
    }
    return turns.reverse();
  }

  /** The deadlock that the machine is in, or null. */
  deadlock(): Violation | null {
    return deadlockOf(this.machine);
  }
}

/** The turn of a schedule that makes a step. */
export function turnOf(task: number, { moves, taken }: MadeStep): Turn {
  return { task, moves, choices: taken };
}

function enabledTasks(m: Machine): number {
  return m.tasks.reduce((bits, _, task) => (m.isEnabled(task) ? bits | (1 << task) : bits), 0);
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
