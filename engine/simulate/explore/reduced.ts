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

import { longer } from '../longer.ts';
import type { Machine } from '../machine.ts';
import type { MadeStep } from '../made-step.ts';
import type { Program } from '../program.ts';
import type { Turn } from '../schedule.ts';
import { EXITED, STATUS, WAIT } from '../signals.ts';
import type { Violation } from '../verdict.ts';
import type { Budget } from './budget.ts';
import { Footprints, WORDS } from './footprints.ts';
import { type Search, type SearchResult, toEnd } from './full.ts';
import { StateGraph, turnOf } from './graph.ts';
import { fairCycles } from './progress.ts';
import { RememberedSteps } from './remembered-steps.ts';
import { IntList } from './state-table.ts';

const NONE: readonly number[] = [];

/** What is known of a node, in words that lie side by side, so that a look at it is a look at one place in memory. */
const NODE_WORDS = 8 + WORDS;
/** Tasks to try, and tasks tried, as bits. */
const WANTED = 0;
const TRIED = 1;
const ON_STACK = 2;
/** The footprint of the step by which it was first reached. */
const TREE_PRINT = 3;
/** The first of the other edges into it, plus one. */
const INTO = 4;
/** What was executed below it: a set of footprints. */
const SUMMARY = 8;

interface Frame {
  node: number;
  mark: number;
  /** The task that is being tried, or -1. */
  task: number;
  choices: readonly number[] | null;
  /** The footprint of the step that was just followed. */
  print: number;
}

export function searchReduced(program: Program, budget: Budget): SearchResult {
  return toEnd(new ReducedSearch(new RememberedSteps(program.linker.machine), budget));
}

export class ReducedSearch implements Search {
  readonly #graph: StateGraph;
  readonly #budget: Budget;
  readonly #prints: Footprints;
  readonly #m: Machine;
  readonly #steps: RememberedSteps;
  #nodes = new Int32Array(NODE_WORDS << 12);
  /** Edges into a node other than the one it was first reached by: where from, with which footprint, the next one. */
  readonly #into = new IntList();
  readonly #pending = new PendingNodes();
  #late = false;
  /** Those beyond the depth are there to be used again. */
  readonly #stack: Frame[] = [];
  #depth = 0;
  #isBegun = false;

  constructor(steps: RememberedSteps, budget: Budget) {
    steps.settleVisible();
    this.#steps = steps;
    this.#m = steps.machine;
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
    while (ended === null && this.#depth === 0) {
      const node = this.#pending.take();
      if (node < 0) break;
      this.#late = true;
      graph.goTo(node);
      this.#enter(node);
      ended = this.#explore(stop);
    }
    if (ended !== null) return ended;
    if (this.#depth > 0) return null;
    if (this.#m.touches.newlyVisible > 0) return this.#result('restart');
    const ends = this.#m.tasks.reduce((bits, task, i) => (task.daemon === true ? bits : bits | (1 << i)), 0);
    const [cycle] = fairCycles(graph.table.count, graph.edges, (node) => graph.enabled.at(node), ends);
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
    const outcome = reached === 'violated' && this.#m.touches.newlyVisible > 0 ? 'restart' : reached;
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

  #violated(violation: Violation, node: number, turn: Turn): SearchResult {
    return this.#result('violated', { violation, schedule: this.#graph.schedule(node, turn) });
  }

  /** Notes what is to be known of a new state, in which the machine is. */
  #arrive(node: number, print: number): void {
    const at = node * NODE_WORDS;
    if (at >= this.#nodes.length) this.#grow();
    const m = this.#m;
    const enabled = this.#graph.enabled.at(node);
    for (let task = 0; task < m.tasks.length; task++) {
      if ((enabled & (1 << task)) !== 0 || m.field(task, STATUS) === EXITED) continue;
      // What a waiting task is about to do counts as done: it conflicts with who makes it wait.
      const cell = m.field(task, WAIT) - 1;
      if (cell >= 0) this.#addPrint(at, this.#prints.waiting(task, cell));
    }
    const last = this.#graph.tasks.at(node);
    this.#nodes[at + WANTED] = last >= 0 && (enabled & (1 << last)) !== 0 ? 1 << last : enabled & -enabled;
    this.#nodes[at + TREE_PRINT] = print;
  }

  #grow(): void {
    this.#nodes = longer(this.#nodes, this.#nodes.length * 4);
  }

  /** @param at where the words of a node begin. */
  #addPrint(at: number, print: number): boolean {
    const word = at + SUMMARY + (print >>> 5);
    const bit = 1 << (print & 31);
    if ((this.#nodes[word]! & bit) !== 0) return false;
    this.#nodes[word]! |= bit;
    return true;
  }

  /** Takes over what is known below `to`, reached from `from` by a step with that footprint. */
  #merge(from: number, to: number, print: number): void {
    const nodes = this.#nodes;
    const at = from * NODE_WORDS;
    const below = to * NODE_WORDS + SUMMARY;
    let grew = this.#addPrint(at, print);
    const { words } = this.#prints;
    for (let w = 0; w < words; w++) {
      const old = nodes[at + SUMMARY + w]!;
      const merged = old | nodes[below + w]!;
      if (merged !== old) {
        nodes[at + SUMMARY + w] = merged;
        grew = true;
      }
    }
    const rivals = this.#prints.rivals(print, nodes, below);
    if (rivals !== 0) {
      const enabled = this.#graph.enabled.at(from);
      this.#want(from, (rivals & ~enabled) !== 0 ? enabled : rivals & enabled);
    }
    if (grew && nodes[at + ON_STACK] === 0) this.#spread(from);
  }

  /** A state that is not on the stack knows more: those that lead to it do too. */
  #spread(node: number): void {
    const parent = this.#graph.parents.at(node);
    if (parent >= 0) this.#merge(parent, node, this.#nodes[node * NODE_WORDS + TREE_PRINT]!);
    this.#spreadInto(node);
  }

  #spreadInto(node: number): void {
    const into = this.#into;
    for (let i = this.#nodes[node * NODE_WORDS + INTO]!; i > 0; i = into.at(i + 1)) {
      this.#merge(into.at(i - 1), node, into.at(i));
    }
  }

  #addInto(node: number, from: number, print: number): void {
    const first = node * NODE_WORDS + INTO;
    const edge = this.#into.push3(from, print, this.#nodes[first]!);
    this.#nodes[first] = edge + 1;
  }

  #want(node: number, tasks: number): void {
    const at = node * NODE_WORDS;
    if ((tasks & ~this.#nodes[at + WANTED]!) === 0) return;
    this.#nodes[at + WANTED]! |= tasks;
    if (this.#nodes[at + ON_STACK] === 0) this.#pending.add(node);
  }

  /** Puts a state that the machine is in on the stack. */
  #enter(node: number): void {
    this.#nodes[node * NODE_WORDS + ON_STACK] = 1;
    const mark = this.#m.memory.logLength;
    const depth = this.#depth++;
    const frame = this.#stack[depth];
    if (frame === undefined) this.#stack.push({ node, mark, task: -1, choices: null, print: 0 });
    else {
      frame.node = node;
      frame.mark = mark;
      frame.choices = null;
    }
  }

  /** Takes the state on top off the stack: everything that is wanted there has been tried. */
  #leave(): void {
    const { node } = this.#stack[--this.#depth]!;
    this.#nodes[node * NODE_WORDS + ON_STACK] = 0;
    if (this.#depth === 0) {
      this.#spread(node);
      return;
    }
    const before = this.#stack[this.#depth - 1]!;
    this.#m.memory.undo(before.mark);
    this.#merge(before.node, node, before.print);
    this.#spreadInto(node);
  }

  /** Depth first from what is on the stack, until nothing is or there were so many transitions in all. */
  #explore(stop: number): SearchResult | null {
    const graph = this.#graph;
    while (this.#depth > 0 && graph.transitions < stop) {
      const frame = this.#stack[this.#depth - 1]!;
      if (frame.choices === null) {
        const at = frame.node * NODE_WORDS;
        const left = this.#nodes[at + WANTED]! & ~this.#nodes[at + TRIED]!;
        if (left === 0) {
          this.#leave();
          continue;
        }
        frame.task = 31 - Math.clz32(left & -left);
        this.#nodes[at + TRIED]! |= 1 << frame.task;
        frame.choices = NONE;
      }
      const ended = this.#try(frame, frame.choices);
      if (ended !== null) return ended;
    }
    return null;
  }

  /** Makes a step from the state on top of the stack. */
  #try(frame: Frame, choices: readonly number[]): SearchResult | null {
    const m = this.#m;
    const graph = this.#graph;
    const { memory } = m;
    const { node, task } = frame;
    const step = this.#steps.ahead(task, choices);
    graph.transitions++;
    if (step === null)
      return this.#violated(m.violation!, node, { task, moves: m.moves, choices: [...m.taken] });
    frame.choices = step.next;
    const print = this.#prints.ofStep(task, step);
    const hash1 = (memory.hash1 + step.hash1) | 0;
    const hash2 = (memory.hash2 + step.hash2) | 0;
    const known = graph.table.find(hash1, hash2);
    if (known >= 0) {
      graph.edges.add(node, known, task);
      if (this.#nodes[known * NODE_WORDS + ON_STACK] === 1 || this.#late)
        this.#want(node, graph.enabled.at(node));
      this.#addInto(known, node, print);
      this.#merge(node, known, print);
      return null;
    }
    frame.print = print;
    memory.redo(step);
    return this.#discover(node, task, step, print);
  }

  /** Goes on from a state that is new, in which the machine is. */
  #discover(from: number, task: number, step: MadeStep, print: number): SearchResult | null {
    const graph = this.#graph;
    const { memory } = this.#m;
    if (graph.enabledAfter(from, step) === 0) {
      const deadlock = graph.deadlock();
      if (deadlock !== null) return this.#violated(deadlock, from, turnOf(task, step));
    }
    const budget = this.#budget;
    if (budget.isSpent(graph.table.count, graph.bytes + this.#steps.bytes))
      return this.#result(budget.cancelled ? 'cancelled' : 'limit', { reason: budget.reason });
    const node = graph.add(memory.hash1, memory.hash2, from, task, step);
    graph.edges.add(from, node, task);
    this.#arrive(node, print);
    this.#enter(node);
    return graph.isOutdated() ? this.#result('restart') : null;
  }
}

/** Nodes to come back to, the first one first. */
class PendingNodes {
  #isPending = new Uint8Array(1 << 10);
  /** None before this one, and none from that one on. */
  #from = 0;
  #to = 0;

  add(node: number): void {
    if (node >= this.#isPending.length)
      this.#isPending = longer(this.#isPending, Math.max(node + 1, this.#isPending.length * 2));
    this.#isPending[node] = 1;
    this.#from = Math.min(this.#from, node);
    this.#to = Math.max(this.#to, node + 1);
  }

  /** The first one, which is then no longer there; −1 where there is none. */
  take(): number {
    for (; this.#from < this.#to; this.#from++) {
      if (this.#isPending[this.#from] === 0) continue;
      this.#isPending[this.#from] = 0;
      return this.#from++;
    }
    this.#from = this.#to = 0;
    return -1;
  }
}
