/** Every interleaving, breadth first: the first violation that is found has the shortest schedule. */
import type { Program } from '../program.ts';
import type { Schedule } from '../schedule.ts';
import type { Violation } from '../verdict.ts';
import type { Budget } from './budget.ts';
import { nextChoices, StateGraph } from './graph.ts';
import { fairCycles } from './progress.ts';
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

/** Mixes the preemptions used and the last task into a state where they matter. */
function mix(last: number, used: number): [number, number] {
  const x = (last + 2) * 64 + used + 1;
  return [Math.imul(x, 0x9e3779b1), Math.imul(x, 0x85ebca6b)];
}

export function searchFull(program: Program, budget: Budget, options: FullOptions): SearchResult {
  const { machine } = program.linker;
  machine.settleVisible();
  const graph = new StateGraph(machine);
  const bounded = options.preemptions !== null;
  const used = new IntList();
  const enabledAt = new IntList();
  used.push(0);
  const result = (outcome: SearchResult['outcome'], more: Partial<SearchResult> = {}): SearchResult => {
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
  };
  // Steps that turn out to be too coarse: what was found may not be the shortest, nor the whole.
  const violated = (violation: Violation, schedule: Schedule) =>
    result(machine.newlyVisible > 0 ? 'restart' : 'violated', {
      violation,
      schedule,
      steps: schedule.length,
    });

  const first = graph.deadlock();
  if (first !== null) return violated(first, []);
  for (let node = 0; node < graph.table.count; node++) {
    if (graph.depths.at(node) >= options.maxDepth) break;
    graph.goTo(node);
    let mask = 0;
    for (let task = 0; task < machine.tasks.length; task++) if (machine.isEnabled(task)) mask |= 1 << task;
    enabledAt.push(mask);
    const last = graph.tasks.at(node);
    for (let task = 0; task < machine.tasks.length; task++) {
      if ((mask & (1 << task)) === 0) continue;
      const cost = bounded && last >= 0 && last !== task && (mask & (1 << last)) !== 0 ? 1 : 0;
      const spent = used.at(node) + cost;
      if (bounded && spent > options.preemptions!) continue;
      let choices: readonly number[] | null = NONE;
      while (choices !== null) {
        const mark = machine.memory.logLength;
        const ok = machine.step(task, choices);
        graph.transitions++;
        const taken = machine.taken.length === 0 ? NONE : [...machine.taken];
        const turn = { task, moves: machine.moves, choices: taken };
        if (!ok) return violated(machine.violation!, graph.schedule(node, turn));
        const [extra1, extra2] = bounded ? mix(task, spent) : [0, 0];
        const { memory } = machine;
        let to = graph.table.find(memory.hash1 ^ extra1, memory.hash2 ^ extra2);
        if (to < 0) {
          const deadlock = graph.deadlock();
          if (deadlock !== null) return violated(deadlock, graph.schedule(node, turn));
          if (budget.isSpent(graph.table.count))
            return result(budget.cancelled ? 'cancelled' : 'limit', { reason: budget.reason });
          to = graph.addNode(node, task, machine.moves, taken, extra1, extra2);
          used.push(spent);
        }
        graph.edges.push(node);
        graph.edges.push(to);
        graph.edges.push(task);
        choices = nextChoices(machine.taken, machine.offered);
        memory.undo(mark);
        if (machine.newlyVisible > 0 && graph.table.count > 2000) return result('restart');
      }
    }
  }
  if (machine.newlyVisible > 0) return result('restart');
  const ends = machine.tasks.reduce((bits, task, i) => (task.daemon === true ? bits : bits | (1 << i)), 0);
  const complete = enabledAt.length === graph.table.count;
  const [cycle] = complete
    ? fairCycles(graph.table.count, graph.edges, (node) => enabledAt.at(node), ends)
    : [];
  if (cycle !== undefined) {
    const node = Math.min(...cycle.nodes);
    const names = machine.tasks.filter((_, i) => (cycle.moving & (1 << i)) !== 0).map((task) => task.name);
    const loop = loopFrom(graph, cycle.nodes, node);
    graph.goTo(node);
    const task = machine.tasks.findIndex((_, i) => (cycle.moving & ends & (1 << i)) !== 0);
    const violation: Violation = {
      kind: 'no-progress',
      message: `${names.join(' and ')} can go round for ever: the last ${loop.length} steps lead back to where they began`,
      task,
      pc: machine.field(task, 0),
      cycle: [],
    };
    return violated(violation, [...graph.schedule(node, null), ...loop]);
  }
  return result('done');
}

/** The turns of a shortest way from a state back to itself inside its component. */
function loopFrom(graph: StateGraph, nodes: readonly number[], start: number): Schedule {
  const inside = new Set(nodes);
  const out = new Map<number, { to: number; task: number }[]>();
  for (let i = 0; i < graph.edges.length; i += 3) {
    const from = graph.edges.at(i);
    const to = graph.edges.at(i + 1);
    if (!inside.has(from) || !inside.has(to)) continue;
    const list = out.get(from) ?? [];
    list.push({ to, task: graph.edges.at(i + 2) });
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
