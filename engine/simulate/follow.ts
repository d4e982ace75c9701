/** A schedule along a given path: what a task has to choose, and who else has to move, for it to come by these lines. */
import { StateGraph, turnOf } from './explore/graph.ts';
import { MadeStep } from './made-step.ts';
import type { Program } from './program.ts';
import type { Schedule, Turn } from './schedule.ts';
import { placeOf } from './snapshot.ts';

export interface CodeLine {
  readonly file: string;
  readonly line: number;
}

export interface Followed {
  readonly schedule: Schedule;
  /** How many of the lines the task comes by, in their order. */
  readonly reached: number;
}

interface Path {
  readonly lines: readonly CodeLine[];
  /** The line of an operation. */
  at(pc: number): CodeLine;
}

/** States that are looked at for one task, alone and among the others. */
const MAX_ALONE = 4000;
const MAX_TOGETHER = 20_000;
/** Steps that a task makes on its own to show what becomes of the path. */
const MAX_AFTER = 200;

/**
 * Looks for the shortest schedule in which one task comes by all these lines, one after the other: first with the task
 * alone, then among the others. @returns the schedule that comes furthest, up to what goes wrong behind the last line.
 */
export function followPath(program: Program, lines: readonly CodeLine[]): Followed {
  const places = new Map<number, CodeLine>();
  const path: Path = {
    lines,
    at(pc) {
      let place = places.get(pc);
      if (place === undefined) {
        place = placeOf(program, pc);
        places.set(pc, place);
      }
      return place;
    },
  };
  const { tasks } = program.linker.machine;
  const all = tasks.map((_, task) => task);
  let best: Followed = { schedule: [], reached: 0 };
  let follower = 0;
  for (const task of all) {
    const alone = search(program, path, task, [task], MAX_ALONE);
    if (alone.reached <= best.reached) continue;
    best = alone;
    follower = task;
  }
  if (best.reached === lines.length) return best;
  const together = search(program, path, follower, all, MAX_TOGETHER);
  return together.reached > best.reached ? together : best;
}

function search(
  program: Program,
  path: Path,
  follower: number,
  movers: readonly number[],
  most: number,
): Followed {
  const m = program.linker.machine;
  const { memory } = m;
  m.touches.settleVisible();
  const graph = new StateGraph(m);
  const passed = [0];
  let best: Followed = { schedule: [], reached: 0 };
  let isWhole = false;
  for (let node = 0; node < graph.table.count && graph.table.count < most && !isWhole; node++) {
    graph.goTo(node);
    for (const task of movers) {
      if (isWhole || !m.isEnabled(task)) continue;
      for (let choices: readonly number[] | null = []; choices !== null && !isWhole; ) {
        const { logLength: mark, hash1, hash2 } = memory;
        const { ok, reached } = stepAlong(program, path, task, follower, choices, passed[node]!);
        const step = new MadeStep(m, mark, hash1, hash2);
        choices = step.next;
        isWhole = reached === path.lines.length;
        if (reached > best.reached) {
          const after = isWhole && ok ? untilItShows(program, follower) : [];
          best = { schedule: [...graph.schedule(node, turnOf(task, step)), ...after], reached };
        }
        // The same state with another part of the path behind it is another one.
        const extra = Math.imul(reached, 0x9e3779b1);
        if (ok && graph.table.find(memory.hash1 ^ extra, memory.hash2) < 0) {
          graph.add(memory.hash1 ^ extra, memory.hash2, node, task, step);
          passed.push(reached);
        }
        memory.undo(mark);
      }
    }
  }
  graph.rewind();
  return best;
}

/** Makes a step and counts the lines of the path that it comes by, from those that were behind it. */
function stepAlong(
  program: Program,
  path: Path,
  task: number,
  follower: number,
  choices: readonly number[],
  before: number,
): { ok: boolean; reached: number } {
  const m = program.linker.machine;
  const { lines } = path;
  let reached = before;
  let counted = before;
  if (task === follower) {
    m.watch = (isTakenBack, pc) => {
      if (isTakenBack) reached = counted;
      if (isTakenBack || pc < 0) return;
      counted = reached;
      const { file, line } = path.at(pc);
      while (reached < lines.length && lines[reached]!.line === line && lines[reached]!.file === file)
        reached++;
    };
  }
  const ok = m.step(task, choices);
  m.watch = null;
  return { ok, reached };
}

/** The turns of a task by itself until something goes wrong; none where it does not before it has to choose. */
function untilItShows(program: Program, task: number): Turn[] {
  const m = program.linker.machine;
  const mark = m.memory.logLength;
  const turns: Turn[] = [];
  let isWrong = false;
  while (!isWrong && turns.length < MAX_AFTER && m.isEnabled(task)) {
    isWrong = !m.step(task, []);
    if (m.offered.some((count) => count > 1)) break;
    turns.push({ task, moves: m.moves, choices: [...m.taken] });
  }
  m.memory.undo(mark);
  return isWrong ? turns : [];
}
