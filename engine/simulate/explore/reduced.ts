/**
 * Fewer interleavings, the same violations: depth first, with dynamic partial-order reduction after Flanagan and
 * Godefroid (POPL 2005) and the initials of source sets (Abdulla et al., POPL 2014), over a graph of hashed states.
 *
 * In each state only some tasks are tried at first. What was executed below a state is summarised as a set of footprints
 * (task, cells read and written, locks held). If a footprint of another task conflicts with a step that was tried here
 * and no common lock keeps them apart, that task is tried here too; if it is not enabled here, every task is. A state
 * met again passes its summary on, and later growth of a summary travels back along the edges until nothing changes.
 * A step that closes a cycle makes the state that it leaves try every task, so that nobody is put off for ever.
 */

import type { Program } from '../program.ts';
import { EXITED, STATUS, WAIT } from '../signals.ts';
import type { Violation } from '../verdict.ts';
import type { Budget } from './budget.ts';
import { Footprints, WORDS } from './footprints.ts';
import { type Search, type SearchResult, toEnd } from './full.ts';
import { nextChoices, StateGraph } from './graph.ts';
import { fairCycles } from './progress.ts';
import { IntList } from './state-table.ts';

const NONE: readonly number[] = [];

interface Frame {
  readonly node: number;
  readonly mark: number;
  /** The task that is being tried, or -1. */
  task: number;
  choices: readonly number[] | null;
  /** The footprint of the step that was just followed. */
  print: number;
}

export function searchReduced(program: Program, budget: Budget): SearchResult {
  return toEnd(new ReducedSearch(program, budget));
}

export class ReducedSearch implements Search {
  readonly #graph: StateGraph;
  readonly #budget: Budget;
  readonly #prints: Footprints;
  readonly #m;
  /** By node: tasks to try, tasks tried, tasks enabled, as bits. */
  #wanted = new Int32Array(1 << 10);
  #tried = new Int32Array(1 << 10);
  #enabled = new Int32Array(1 << 10);
  #onStack = new Uint8Array(1 << 10);
  #summaries = new Uint32Array((1 << 10) * WORDS);
  /** Edges into a node other than the one it was first reached by: lists of where from and with which footprint. */
  #intoFirst = new Int32Array(1 << 10).fill(-1);
  readonly #intoFrom = new IntList();
  readonly #intoPrint = new IntList();
  readonly #intoNext = new IntList();
  #treePrint = new Int32Array(1 << 10);
  readonly #pending = new Set<number>();
  #late = false;
  #stack: Frame[] = [];
  #isBegun = false;

  constructor(program: Program, budget: Budget) {
    this.#m = program.linker.machine;
    this.#m.settleVisible();
    this.#graph = new StateGraph(this.#m);
    this.#budget = budget;
    this.#prints = new Footprints(this.#m);
  }

  get states(): number {
    return this.#graph.table.count;
  }

  get transitions(): number {
    return this.#graph.transitions;
  }

  advance(transitions: number): SearchResult | null {
    const graph = this.#graph;
    if (!this.#isBegun) {
      this.#isBegun = true;
      const first = graph.deadlock();
      if (first !== null) return this.#result('violated', { violation: first });
      this.#arrive(0, 0);
      this.#enter(0);
    }
    const stop = graph.transitions + transitions;
    let ended = this.#explore(stop);
    while (ended === null && this.#stack.length === 0 && this.#pending.size > 0) {
      this.#late = true;
      const node = Math.min(...this.#pending);
      this.#pending.delete(node);
      graph.goTo(node);
      this.#enter(node);
      ended = this.#explore(stop);
    }
    if (ended !== null) return ended;
    if (this.#stack.length > 0) return null;
    if (this.#m.newlyVisible > 0) return this.#result('restart');
    const ends = this.#m.tasks.reduce((bits, task, i) => (task.daemon === true ? bits : bits | (1 << i)), 0);
    const [cycle] = fairCycles(graph.table.count, graph.edges, (node) => this.#enabled[node]!, ends);
    if (cycle === undefined) return this.#result('done');
    const violation: Violation = {
      kind: 'no-progress',
      message: 'goes round for ever',
      task: 0,
      pc: 0,
      cycle: [],
    };
    return this.#result('violated', { violation, schedule: graph.schedule(Math.min(...cycle.nodes), null) });
  }

  #result(reached: SearchResult['outcome'], more: Partial<SearchResult> = {}): SearchResult {
    // Steps that turn out to be too coarse: what was found may not be the shortest, nor the whole.
    const outcome = reached === 'violated' && this.#m.newlyVisible > 0 ? 'restart' : reached;
    const graph = this.#graph;
    graph.rewind();
    return {
      outcome,
      violation: null,
      schedule: [],
      steps: more.schedule?.length ?? 0,
      reason: '',
      states: graph.table.count,
      transitions: graph.transitions,
      ...more,
    };
  }

  /** Notes what is to be known of a new state, in which the machine is. */
  #arrive(node: number, print: number): void {
    if (node >= this.#wanted.length) this.#grow();
    const m = this.#m;
    let enabled = 0;
    for (let task = 0; task < m.tasks.length; task++) {
      if (m.isEnabled(task)) enabled |= 1 << task;
      else if (m.field(task, STATUS) !== EXITED) {
        // What a waiting task is about to do counts as done: it conflicts with who makes it wait.
        const cell = m.field(task, WAIT) - 1;
        if (cell >= 0) this.#addPrint(node, this.#prints.waiting(task, cell));
      }
    }
    this.#enabled[node] = enabled;
    const last = this.#graph.tasks.at(node);
    const start = last >= 0 && (enabled & (1 << last)) !== 0 ? 1 << last : enabled & -enabled;
    this.#wanted[node] = start;
    this.#treePrint[node] = print;
  }

  #grow(): void {
    const size = this.#wanted.length * 2;
    const copy = <T extends Int32Array | Uint8Array | Uint32Array>(from: T, to: T): T => {
      to.set(from as never);
      return to;
    };
    this.#wanted = copy(this.#wanted, new Int32Array(size));
    this.#tried = copy(this.#tried, new Int32Array(size));
    this.#enabled = copy(this.#enabled, new Int32Array(size));
    this.#onStack = copy(this.#onStack, new Uint8Array(size));
    this.#treePrint = copy(this.#treePrint, new Int32Array(size));
    this.#intoFirst = copy(this.#intoFirst, new Int32Array(size).fill(-1));
    this.#summaries = copy(this.#summaries, new Uint32Array(size * WORDS));
  }

  #addPrint(node: number, print: number): boolean {
    const at = node * WORDS + (print >>> 5);
    const bit = (1 << (print & 31)) >>> 0;
    if ((this.#summaries[at]! & bit) !== 0) return false;
    this.#summaries[at] = (this.#summaries[at]! | bit) >>> 0;
    return true;
  }

  /** Takes over what is known below `to`, reached from `from` by a step with that footprint. */
  #merge(from: number, to: number, print: number): void {
    let grew = this.#addPrint(from, print);
    const { words } = this.#prints;
    for (let w = 0; w < words; w++) {
      const merged = (this.#summaries[from * WORDS + w]! | this.#summaries[to * WORDS + w]!) >>> 0;
      if (merged !== this.#summaries[from * WORDS + w]) {
        this.#summaries[from * WORDS + w] = merged;
        grew = true;
      }
    }
    const rivals = this.#prints.rivals(print, this.#summaries, to * WORDS);
    if (rivals !== 0) {
      const enabled = this.#enabled[from]!;
      this.#want(from, (rivals & ~enabled) !== 0 ? enabled : rivals & enabled);
    }
    if (grew && this.#onStack[from] === 0) this.#spread(from);
  }

  /** A state that is not on the stack knows more: those that lead to it do too. */
  #spread(node: number): void {
    const parent = this.#graph.parents.at(node);
    if (parent >= 0) this.#merge(parent, node, this.#treePrint[node]!);
    this.#spreadInto(node);
  }

  #spreadInto(node: number): void {
    for (let i = this.#intoFirst[node]!; i >= 0; i = this.#intoNext.at(i)) {
      this.#merge(this.#intoFrom.at(i), node, this.#intoPrint.at(i));
    }
  }

  #addInto(node: number, from: number, print: number): void {
    this.#intoNext.push(this.#intoFirst[node]!);
    this.#intoFirst[node] = this.#intoFrom.length;
    this.#intoFrom.push(from);
    this.#intoPrint.push(print);
  }

  #want(node: number, tasks: number): void {
    const more = tasks & ~this.#wanted[node]!;
    if (more === 0) return;
    this.#wanted[node]! |= more;
    if (this.#onStack[node] === 0) this.#pending.add(node);
  }

  /** Puts a state that the machine is in on the stack. */
  #enter(node: number): void {
    this.#onStack[node] = 1;
    this.#stack.push({ node, mark: this.#m.memory.logLength, task: -1, choices: null, print: 0 });
  }

  /** Depth first from what is on the stack, until nothing is or there were so many transitions in all. */
  #explore(stop: number): SearchResult | null {
    const m = this.#m;
    const graph = this.#graph;
    const { memory } = m;
    const stack = this.#stack;
    while (stack.length > 0 && graph.transitions < stop) {
      const frame = stack.at(-1)!;
      const { node } = frame;
      if (frame.choices === null) {
        const left = this.#wanted[node]! & ~this.#tried[node]!;
        if (left === 0) {
          stack.pop();
          this.#onStack[node] = 0;
          const before = stack.at(-1);
          if (before === undefined) this.#spread(node);
          else {
            memory.undo(before.mark);
            this.#merge(before.node, node, before.print);
            this.#spreadInto(node);
          }
          continue;
        }
        frame.task = 31 - Math.clz32(left & -left);
        this.#tried[node]! |= 1 << frame.task;
        frame.choices = NONE;
      }
      const { task } = frame;
      const held = this.#prints.heldBefore(task);
      const ok = m.step(task, frame.choices);
      graph.transitions++;
      const taken = m.taken.length === 0 ? NONE : [...m.taken];
      if (!ok)
        return this.#result('violated', {
          violation: m.violation!,
          schedule: graph.schedule(node, { task, moves: m.moves, choices: taken }),
        });
      const print = this.#prints.ofStep(task, held);
      frame.choices = nextChoices(m.taken, m.offered);
      frame.print = print;
      let to = graph.table.find(memory.hash1, memory.hash2);
      if (to >= 0) {
        memory.undo(frame.mark);
        graph.edges.add(node, to, task);
        if (this.#onStack[to] === 1 || this.#late) this.#want(node, this.#enabled[node]!);
        this.#addInto(to, node, print);
        this.#merge(node, to, print);
        continue;
      }
      const deadlock = graph.deadlock();
      if (deadlock !== null) {
        return this.#result('violated', {
          violation: deadlock,
          schedule: graph.schedule(node, { task, moves: m.moves, choices: taken }),
        });
      }
      if (this.#budget.isSpent(graph.table.count)) {
        return this.#result(this.#budget.cancelled ? 'cancelled' : 'limit', { reason: this.#budget.reason });
      }
      to = graph.addNode(node, task, m.moves, taken, 0, 0, 0);
      graph.edges.add(node, to, task);
      this.#arrive(to, print);
      this.#enter(to);
      if (m.newlyVisible > 0 && graph.table.count > 2000) return this.#result('restart');
    }
    return null;
  }
}
