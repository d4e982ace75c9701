/**
 * What each task of a program can do, as rules: in this local state, with these values of what is shared, it goes to
 * that local state and writes these. The steps are those of the machine; which of them follow each other is left to
 * whoever reads the rules.
 */
import { Budget, DEFAULT_LIMITS, type Limits } from '../explore/budget.ts';
import { StateGraph } from '../explore/graph.ts';
import { MadeStep } from '../made-step.ts';
import type { Program } from '../program.ts';
import { EXITED, PC, STATUS } from '../signals.ts';
import { type Place, placeOf } from '../snapshot.ts';
import type { Violation } from '../verdict.ts';

export interface Assignment {
  readonly cell: number;
  readonly value: number;
}

export interface Rule {
  /** Values of shared cells that the step depends on, its choice excepted. */
  readonly guard: readonly Assignment[];
  readonly writes: readonly Assignment[];
  /** The local state after it, or −1 after a violation. */
  readonly to: number;
  readonly violation: Violation | null;
}

export interface LocalState {
  /** Where the task goes on. */
  readonly place: Place;
  readonly hasEnded: boolean;
  readonly rules: Rule[];
}

export interface Rules {
  /** Shared cells that change, ascending, with their first values. */
  readonly shared: readonly Assignment[];
  /** For each task its local states; the first one is where it begins. */
  readonly tasks: readonly LocalState[][];
  readonly states: number;
  readonly transitions: number;
}

export type Collected =
  | { readonly rules: Rules; readonly problem: null }
  | { readonly rules: null; readonly problem: string };

interface Seen {
  readonly task: number;
  readonly ok: boolean;
  readonly reads: ReadonlyMap<number, number>;
  readonly writes: ReadonlyMap<number, number>;
}

/** Goes through all states, past violations too. @returns a problem where the limits do not suffice. */
export function collectRules(program: Program, now: () => number, limits: Partial<Limits> = {}): Collected {
  const budget = () => new Budget({ ...DEFAULT_LIMITS, ...limits }, now);
  const m = program.linker.machine;
  const count = m.tasks.length;
  // First who uses which cell, then the rules: a local state is made of the cells that only one task uses.
  const users = new Map<number, number>();
  const varying = new Set<number>();
  for (;;) {
    users.clear();
    const problem = eachStep(program, budget(), ({ task, reads, writes }) => {
      for (const cell of reads.keys()) users.set(cell, (users.get(cell) ?? 0) | (1 << task));
      for (const cell of writes.keys()) {
        users.set(cell, (users.get(cell) ?? 0) | (1 << task));
        varying.add(cell);
      }
    }).problem;
    if (problem !== null) return { rules: null, problem };
    if (m.touches.newlyVisible === 0) break;
  }
  const owners = m.tasks.map((_, task) =>
    [...varying].filter((cell) => users.get(cell) === 1 << task).sort((a, b) => a - b),
  );
  const isShared = (cell: number) => {
    const bits = users.get(cell)!;
    return varying.has(cell) && (bits & (bits - 1)) !== 0;
  };
  const ids = Array.from({ length: count }, () => new Map<string, number>());
  const tasks: LocalState[][] = Array.from({ length: count }, () => []);
  const keys = Array.from({ length: count }, () => new Set<string>());
  /** The local state of a task where the machine stands. */
  const local = (task: number): number => {
    const key = owners[task]!.map((cell) => m.memory.get(cell)).join();
    let id = ids[task]!.get(key);
    if (id === undefined) {
      id = tasks[task]!.length;
      ids[task]!.set(key, id);
      const hasEnded = m.status(task) === EXITED;
      tasks[task]!.push({ place: placeOf(program, m.field(task, PC)), hasEnded, rules: [] });
    }
    return id;
  };
  const assignments = (cells: ReadonlyMap<number, number>): Assignment[] =>
    [...cells]
      .filter(([cell]) => isShared(cell))
      .map(([cell, value]) => ({ cell, value }))
      .sort((a, b) => a.cell - b.cell);
  m.restart();
  for (let task = 0; task < count; task++) local(task);
  const shared = [...varying]
    .filter(isShared)
    .sort((a, b) => a - b)
    .map((cell) => ({ cell, value: m.memory.get(cell) }));
  let from = 0;
  const total = eachStep(
    program,
    budget(),
    ({ task, ok, reads, writes }) => {
      const guard = assignments(reads);
      const rule: Rule = {
        guard,
        writes: assignments(writes),
        to: ok ? local(task) : -1,
        violation: ok ? null : m.violation,
      };
      const key = `${from} ${text(guard)} > ${rule.to} ${text(rule.writes)} ${rule.violation?.message ?? ''}`;
      if (keys[task]!.has(key)) return;
      keys[task]!.add(key);
      tasks[task]![from]!.rules.push(rule);
    },
    (task) => {
      from = local(task);
    },
  );
  const { states, transitions } = total;
  return { rules: { shared, tasks, states, transitions }, problem: null };
}

const text = (list: readonly Assignment[]) => list.map(({ cell, value }) => `${cell}=${value}`).join();

/** Every step that is possible in any state, breadth first. @param before called where a task is about to move. */
function eachStep(
  program: Program,
  budget: Budget,
  after: (seen: Seen) => void,
  before: (task: number) => void = () => {},
): { readonly problem: string | null; readonly states: number; readonly transitions: number } {
  const m = program.linker.machine;
  const { memory } = m;
  m.touches.settleVisible();
  const graph = new StateGraph(m);
  let problem: string | null = null;
  search: for (let node = 0; node < graph.table.count; node++) {
    graph.goTo(node);
    for (let task = 0; task < m.tasks.length; task++) {
      if (!m.isEnabled(task)) continue;
      before(task);
      for (let choices: readonly number[] | null = []; choices !== null; ) {
        const { logLength: mark, hash1, hash2 } = memory;
        const { ok, reads, writes } = watchStep(program, task, choices);
        graph.transitions++;
        after({ task, ok, reads, writes });
        const step = new MadeStep(m, mark, hash1, hash2);
        if (ok && graph.table.find(memory.hash1, memory.hash2) < 0) {
          if (budget.isSpent(graph.table.count)) {
            problem = budget.reason;
            break search;
          }
          graph.add(memory.hash1, memory.hash2, node, task, step);
        }
        choices = step.next;
        memory.undo(mark);
      }
    }
  }
  graph.rewind();
  return { problem, states: graph.table.count, transitions: graph.transitions };
}

/** Makes a step and notes what it depends on and what it changes. */
function watchStep(program: Program, task: number, choices: readonly number[]) {
  const m = program.linker.machine;
  const { memory } = m;
  const status = m.bases[task]! + STATUS;
  const reads = new Map<number, number>([[status, memory.get(status)]]);
  const written = new Set<number>();
  /** Of the operation that is running, which may be taken back. */
  let freshReads: number[] = [];
  let freshWrites: number[] = [];
  m.watch = (isTakenBack) => {
    if (isTakenBack) {
      for (const cell of freshReads) reads.delete(cell);
      for (const cell of freshWrites) written.delete(cell);
    }
    freshReads = [];
    freshWrites = [];
  };
  memory.watch({
    read(cell, value) {
      if (written.has(cell) || reads.has(cell)) return;
      reads.set(cell, value);
      freshReads.push(cell);
    },
    // A write that changes nothing here may change something elsewhere.
    write(cell) {
      if (written.has(cell)) return;
      written.add(cell);
      freshWrites.push(cell);
    },
  });
  const ok = m.step(task, choices);
  memory.watch(null);
  m.watch = null;
  const writes = new Map([...written].map((cell) => [cell, memory.get(cell)]));
  return { ok, reads, writes };
}
