/** Every interleaving, breadth first: the first violation that is found has the shortest schedule. */
import type { Machine } from '../machine.ts';
import type { MadeStep } from '../made-step.ts';
import type { Program } from '../program.ts';
import type { Schedule } from '../schedule.ts';
import { counted, type Violation } from '../verdict.ts';
import type { Budget } from './budget.ts';
import { StateGraph, turnOf } from './graph.ts';
import { fairCycles } from './progress.ts';
import { RememberedSteps } from './remembered-steps.ts';
import { IntList } from './state-table.ts';

export interface SearchResult {
  readonly outcome: 'done' | 'violated' | 'limit' | 'restart' | 'cancelled';
  readonly violation: Violation | null;
  readonly schedule: Schedule;
  readonly steps: number;
  readonly reason: string;
  readonly states: number;
  readonly transitions: number;
}

export interface FullOptions {
  /** Preemptions allowed: a task that could go on is put aside for another. Null: any number. */
  readonly preemptions: number | null;
  /** Schedules longer than this are not followed. */
  readonly maxDepth: number;
}

const NONE: readonly number[] = [];

/** The preemptions used and the last task, as one number: part of a state where they matter. */
const usage = (last: number, used: number) => (last + 2) * 64 + used + 1;

export function searchFull(program: Program, budget: Budget, options: FullOptions): SearchResult {
  return toEnd(new FullSearch(new RememberedSteps(program.linker.machine), budget, options));
}

/** A search that works in slices. */
export interface Search {
  /** Goes on for about so many transitions. @returns null where there is more to do. */
  advance(transitions: number): SearchResult | null;
  readonly states: number;
  readonly transitions: number;
}

export function toEnd(search: Search): SearchResult {
  for (;;) {
    const result = search.advance(Number.POSITIVE_INFINITY);
    if (result !== null) return result;
  }
}

export class FullSearch implements Search {
  readonly #m: Machine;
  readonly #steps: RememberedSteps;
  readonly #graph: StateGraph;
  readonly #budget: Budget;
  readonly #options: FullOptions;
  readonly #isBounded: boolean;
  /** By node: preemptions used. Only where they are bounded. */
  readonly #used = new IntList();
  #node = 0;

  constructor(steps: RememberedSteps, budget: Budget, options: FullOptions) {
    steps.settleVisible();
    this.#steps = steps;
    this.#m = steps.machine;
    this.#graph = new StateGraph(this.#m);
    this.#budget = budget;
    this.#options = options;
    this.#isBounded = options.preemptions !== null;
    if (this.#isBounded) this.#used.push(0);
  }

  get states(): number {
    return this.#graph.table.count;
  }

  get transitions(): number {
    return this.#graph.transitions;
  }

  advance(transitions: number): SearchResult | null {
    const graph = this.#graph;
    if (this.#node === 0) {
      const first = graph.deadlock();
      if (first !== null) return this.#violated(first, []);
    }
    const stop = graph.transitions + transitions;
    for (; this.#node < graph.table.count; this.#node++) {
      if (graph.transitions >= stop) return null;
      if (graph.depths.at(this.#node) >= this.#options.maxDepth) break;
      const result = this.#expand(this.#node);
      if (result !== null) return result;
    }
    if (this.#m.touches.newlyVisible > 0) return this.#result('restart');
    return this.#noProgress() ?? this.#result('done');
  }

  #result(outcome: SearchResult['outcome'], more: Partial<SearchResult> = {}): SearchResult {
    const graph = this.#graph;
    graph.rewind();
    return {
      outcome,
      violation: null,
      schedule: [],
      steps: 0,
      reason: '',
      states: graph.table.count,
      transitions: graph.transitions,
      ...more,
    };
  }

  #violated(violation: Violation, schedule: Schedule): SearchResult {
    // Steps that turn out to be too coarse: what was found may not be the shortest, nor the whole.
    const outcome = this.#m.touches.newlyVisible > 0 ? 'restart' : 'violated';
    return this.#result(outcome, { violation, schedule, steps: schedule.length });
  }

  /** Tries every task in a state. */
  #expand(node: number): SearchResult | null {
    const graph = this.#graph;
    const m = this.#m;
    graph.goTo(node);
    const mask = graph.enabled.at(node);
    const last = graph.tasks.at(node);
    for (let task = 0; task < m.tasks.length; task++) {
      if ((mask & (1 << task)) === 0) continue;
      const isPreempted = this.#isBounded && last >= 0 && last !== task && (mask & (1 << last)) !== 0;
      const spent = this.#isBounded ? this.#used.at(node) + (isPreempted ? 1 : 0) : 0;
      if (this.#isBounded && spent > this.#options.preemptions!) continue;
      const result = this.#tryTask(node, task, spent);
      if (result !== null) return result;
    }
    return null;
  }

  #tryTask(node: number, task: number, spent: number): SearchResult | null {
    const graph = this.#graph;
    const m = this.#m;
    const { memory } = m;
    const use = this.#isBounded ? usage(task, spent) : 0;
    const extra1 = Math.imul(use, 0x9e3779b1);
    const extra2 = Math.imul(use, 0x85ebca6b);
    for (let choices: readonly number[] | null = NONE; choices !== null; ) {
      const step: MadeStep | null = this.#steps.ahead(task, choices);
      graph.transitions++;
      if (step === null) {
        const { moves, taken } = m;
        return this.#violated(m.violation!, graph.schedule(node, { task, moves, choices: [...taken] }));
      }
      const hash1 = ((memory.hash1 + step.hash1) | 0) ^ extra1;
      const hash2 = ((memory.hash2 + step.hash2) | 0) ^ extra2;
      let to = graph.table.find(hash1, hash2);
      if (to < 0) {
        if (graph.enabledAfter(node, step) === 0) {
          const deadlock = this.#deadlockAfter(step);
          if (deadlock !== null) return this.#violated(deadlock, graph.schedule(node, turnOf(task, step)));
        }
        const budget = this.#budget;
        if (budget.isSpent(graph.table.count, graph.bytes + this.#steps.bytes))
          return this.#result(budget.cancelled ? 'cancelled' : 'limit', { reason: budget.reason });
        to = graph.add(hash1, hash2, node, task, step);
        if (this.#isBounded) this.#used.push(spent);
      }
      graph.edges.add(node, to, task);
      choices = step.next;
      if (graph.isOutdated()) return this.#result('restart');
    }
    return null;
  }

  #deadlockAfter(step: MadeStep): Violation | null {
    const { memory } = this.#m;
    const mark = memory.logLength;
    memory.redo(step);
    const deadlock = this.#graph.deadlock();
    memory.undo(mark);
    return deadlock;
  }

  /** A loop that fair scheduling does not leave, in the states that are known: all of them, or null. */
  #noProgress(): SearchResult | null {
    const graph = this.#graph;
    const m = this.#m;
    if (this.#node < graph.table.count) return null;
    const ends = m.tasks.reduce((bits, task, i) => (task.daemon === true ? bits : bits | (1 << i)), 0);
    const enabled = (node: number) => graph.enabled.at(node);
    const [cycle] = fairCycles(graph.table.count, graph.edges, enabled, ends);
    if (cycle === undefined) return null;
    const node = Math.min(...cycle.nodes);
    const names = m.tasks.filter((_, i) => (cycle.moving & (1 << i)) !== 0).map((task) => task.name);
    const loop = loopFrom(graph, cycle.nodes, node);
    graph.goTo(node);
    const task = m.tasks.findIndex((_, i) => (cycle.moving & ends & (1 << i)) !== 0);
    const violation: Violation = {
      kind: 'no-progress',
      message: `${names.join(' and ')} can go round for ever: the last ${counted(loop.length, 'step')} lead back to where they began`,
      task,
      pc: m.field(task, 0),
      cycle: [],
    };
    return this.#violated(violation, [...graph.schedule(node, null), ...loop]);
  }
}

/** The turns of a shortest way from a state back to itself inside its component. */
function loopFrom(graph: StateGraph, nodes: readonly number[], start: number): Schedule {
  const inside = new Set(nodes);
  const out = new Map<number, { to: number; task: number }[]>();
  for (let edge = 0; edge < graph.edges.count; edge++) {
    const from = graph.edges.from(edge);
    const to = graph.edges.to(edge);
    if (!inside.has(from) || !inside.has(to)) continue;
    const list = out.get(from) ?? [];
    list.push({ to, task: graph.edges.task(edge) });
    out.set(from, list);
  }
  const came = new Map<number, { from: number; task: number }>();
  const queue = [start];
  let closing: { from: number; task: number } | null = null;
  for (let i = 0; i < queue.length && closing === null; i++) {
    for (const { to, task } of out.get(queue[i]!) ?? []) {
      if (to === start) {
        closing = { from: queue[i]!, task };
        break;
      }
      if (came.has(to)) continue;
      came.set(to, { from: queue[i]!, task });
      queue.push(to);
    }
  }
  if (closing === null) return [];
  const steps = [closing];
  for (let at = closing.from; at !== start; at = came.get(at)!.from) steps.push(came.get(at)!);
  const { machine } = graph;
  const turns: { task: number; moves: number; choices: readonly number[] }[] = [];
  graph.goTo(start);
  const mark = machine.memory.logLength;
  for (const { task } of steps.reverse()) {
    machine.step(task, []);
    turns.push({ task, moves: machine.moves, choices: [...machine.taken] });
  }
  machine.memory.undo(mark);
  return turns;
}
