/** One schedule, or random ones. */
import type { Program } from '../program.ts';
import type { Schedule, Turn } from '../schedule.ts';
import type { Violation } from '../verdict.ts';
import { deadlockOf } from './graph.ts';

export interface ReplayResult {
  readonly violation: Violation | null;
  /** Why the schedule could not be followed to its end; else null. */
  readonly problem: string | null;
  readonly steps: number;
}

/** Follows a schedule from the start. @param after called after each turn. */
export function replay(
  program: Program,
  schedule: Schedule,
  after?: (turn: Turn, index: number) => void,
): ReplayResult {
  const { machine } = program.linker;
  machine.restart();
  for (const [index, turn] of schedule.entries()) {
    if (turn.task >= machine.tasks.length)
      return { violation: null, problem: `there is no task ${turn.task}`, steps: index };
    if (!machine.isEnabled(turn.task)) {
      return {
        violation: null,
        problem: `step ${index + 1}: ${machine.tasks[turn.task]!.name} cannot move`,
        steps: index,
      };
    }
    const ok = machine.step(turn.task, turn.choices, turn.moves);
    after?.(turn, index);
    if (!ok) return { violation: machine.violation, problem: null, steps: index + 1 };
  }
  return { violation: deadlockOf(machine), problem: null, steps: schedule.length };
}

/** A small generator that gives the same numbers everywhere: xorshift32. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed === 0 ? 0x9e3779b9 : seed | 0;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

export interface RandomResult {
  readonly violation: Violation | null;
  readonly schedule: Schedule;
  readonly runs: number;
  readonly transitions: number;
}

/** Random schedules, until one goes wrong or `runs` are over. */
export function searchRandom(program: Program, seed: number, runs: number, maxSteps = 10_000): RandomResult {
  const { machine } = program.linker;
  const random = randomNumbers(seed);
  let transitions = 0;
  for (let run = 1; run <= runs; run++) {
    machine.restart();
    const schedule: Turn[] = [];
    for (let i = 0; i < maxSteps; i++) {
      const enabled = machine.tasks.flatMap((_, task) => (machine.isEnabled(task) ? [task] : []));
      if (enabled.length === 0) break;
      const task = enabled[random(enabled.length)]!;
      const choices = Array.from({ length: 8 }, () => random(4));
      const ok = machine.step(task, choices);
      transitions++;
      schedule.push({ task, moves: machine.moves, choices: [...machine.taken] });
      if (!ok) return { violation: machine.violation, schedule, runs: run, transitions };
    }
    const deadlock = deadlockOf(machine);
    if (deadlock !== null) return { violation: deadlock, schedule, runs: run, transitions };
  }
  machine.restart();
  return { violation: null, schedule: [], runs, transitions };
}
