/** A simulation driven by hand: one move at a time, forwards and backwards. Free of any user interface. */
import { deadlockOf } from './explore/graph.ts';
import { restart } from './explore/replay.ts';
import type { Program } from './program.ts';
import type { Schedule, Turn } from './schedule.ts';
import { type Place, placeOf, type Snapshot, type Step, snapshotOf, type Trace, traceOf } from './trace.ts';

export interface TaskPosition {
  readonly name: string;
  readonly canMove: boolean;
  /** Where it goes on. */
  readonly place: Place;
}

export interface Session {
  /** What has happened so far. */
  trace(): Trace;
  state(): Snapshot;
  tasks(): readonly TaskPosition[];
  /** Makes one move of a task: one access or lock operation. @returns its step, or null where it cannot move. */
  move(task: number, choices?: readonly number[]): Step | null;
  /** Takes back the last move. @returns false at the start. */
  back(): boolean;
  /** Moves one task until it has done a lock operation, cannot move, or something goes wrong. */
  runToLock(task: number): readonly Step[];
  /** Moves one task until it is about to execute a line. */
  runToLine(task: number, file: string, line: number): readonly Step[];
  /** Starts again and follows a schedule. @returns a problem, or null. */
  load(schedule: Schedule): string | null;
  schedule(): Schedule;
}

const MAX_RUN = 10_000;

export function openSession(program: Program): Session {
  const m = program.linker.machine;
  let turns: Turn[] = [];
  let marks: number[] = [];
  let isOver = false;
  restart(m);

  const advance = (task: number, choices: readonly number[]): boolean => {
    if (isOver || !m.isEnabled(task)) return false;
    marks.push(m.memory.logLength);
    const ok = m.step(task, choices, 1);
    turns.push({ task, moves: 1, choices: [...m.taken] });
    isOver = !ok || deadlockOf(m) !== null;
    return true;
  };
  /** Recording walks the machine from the start: put it back to where it was. */
  const trace = (): Trace => {
    const result = traceOf(program, turns);
    const schedule = turns;
    turns = [];
    marks = [];
    isOver = false;
    for (const turn of schedule) advance(turn.task, turn.choices);
    return result;
  };
  const session: Session = {
    trace,
    state: () => snapshotOf(program),
    schedule: () => turns,
    tasks: () =>
      m.tasks.map((task, index) => ({
        name: task.name,
        canMove: !isOver && m.isEnabled(index),
        place: placeOf(program, m.field(index, 0)),
      })),
    move: (task, choices = []) => (advance(task, choices) ? (trace().steps.at(-1) ?? null) : null),
    back() {
      const mark = marks.pop();
      if (mark === undefined) return false;
      turns = turns.slice(0, -1);
      m.memory.undo(mark);
      isOver = false;
      return true;
    },
    runToLock(task) {
      const from = trace().steps.length;
      for (let i = 0; i < MAX_RUN && advance(task, []); i++) {
        if (trace().steps.at(-1)?.isLockOperation === true) break;
      }
      return trace().steps.slice(from);
    },
    runToLine(task, file, line) {
      const from = trace().steps.length;
      for (let i = 0; i < MAX_RUN; i++) {
        const place = placeOf(program, m.field(task, 0));
        if (i > 0 && place.file === file && place.line === line) break;
        if (!advance(task, [])) break;
      }
      return trace().steps.slice(from);
    },
    load(schedule) {
      restart(m);
      turns = [];
      marks = [];
      isOver = false;
      for (const [index, turn] of schedule.entries()) {
        // One move at a time, so that each can be taken back.
        let choices = turn.choices;
        for (let i = 0; i < turn.moves; i++) {
          if (!advance(turn.task, choices))
            return `step ${index + 1}: ${m.tasks[turn.task]?.name ?? turn.task} cannot move`;
          choices = choices.slice(turns.at(-1)!.choices.length);
          if (isOver) break;
        }
      }
      return null;
    },
  };
  return session;
}
