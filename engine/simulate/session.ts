/**
 * A simulation driven by hand: one move at a time, forwards and backwards. Free of any user interface.
 *
 * The moves made so far are kept when going back, and are followed again when going forward; another move than the
 * one that was made there makes a new future. A move costs the same however long the trace is.
 */
import { deadlockOf } from './explore/graph.ts';
import { callNames, type Frame, framesOf } from './frames.ts';
import type { Program } from './program.ts';
import { type Recorded, Recorder, withSharing } from './recorder.ts';
import { formatSchedule, type Schedule, type Turn } from './schedule.ts';
import { PC } from './signals.ts';
import { type Place, placeOf, type Snapshot, snapshotOf } from './snapshot.ts';
import { type Step, TRACE_VERSION, type Trace } from './trace.ts';

export interface TaskPosition {
  readonly name: string;
  readonly canMove: boolean;
  /** Where it goes on. */
  readonly place: Place;
}

/** A choice that came up in a move: one of several results of an operation. */
export interface Choice {
  readonly taken: number;
  /** How many there are. */
  readonly of: number;
}

/** One move of a task. */
export interface Move {
  /** Its `isShared` is of what the tasks are known to use up to now. */
  readonly step: Step;
  readonly turn: Turn;
  /** Where the task goes on. */
  readonly next: Place;
  /** The functions that it is then in, the innermost first; none once it has ended. */
  readonly calls: readonly string[];
  readonly choices: readonly Choice[];
  /** What goes wrong with it; nothing can move after that. */
  readonly violation: Trace['violation'];
}

export interface Session {
  readonly taskNames: readonly string[];
  /** The state before the first move. */
  readonly before: Snapshot;
  /** Where each task begins. */
  readonly starts: readonly Place[];
  /** The moves that were made, those ahead of the present position included. */
  readonly moves: readonly Move[];
  /** How many of the moves have been made at this moment. */
  readonly position: number;
  /** What has happened so far. */
  trace(): Trace;
  state(): Snapshot;
  tasks(): readonly TaskPosition[];
  /** The calls that a task is in, the innermost first. */
  frames(task: number): readonly Frame[];
  /** Makes one move of a task: one access or lock operation. @returns the move, or null where it cannot move. */
  move(task: number, choices?: readonly number[]): Move | null;
  /** Goes to a position among the moves that were made. */
  seek(position: number): void;
  /** Goes back by one move. @returns false at the start. */
  back(): boolean;
  /** Moves one task until it has done a lock operation, cannot move, or something goes wrong. @returns its moves. */
  runToLock(task: number): readonly Move[];
  /** Moves one task until it is about to execute a line. @returns its moves. */
  runToLine(task: number, file: string, line: number): readonly Move[];
  /** Starts again and follows a schedule to its end. @returns a problem, or null. */
  load(schedule: Schedule): string | null;
  /** The moves made so far, as a schedule. */
  schedule(): Schedule;
}

const MAX_RUN = 10_000;

interface Made extends Move {
  /** Length of the undo log before it. */
  readonly mark: number;
  readonly recorded: Recorded;
}

export function openSession(program: Program): Session {
  const m = program.linker.machine;
  let made: Made[] = [];
  let position = 0;
  m.restart();
  const before = snapshotOf(program);
  const recorder = new Recorder(program, before);
  const placeOfTask = (task: number) => placeOf(program, m.field(task, PC));
  const starts = m.tasks.map((_, task) => placeOfTask(task));
  const isOver = () => position > 0 && made[position - 1]!.violation !== null;
  const stateNow = () => (position === 0 ? before : made[position - 1]!.step.after);

  const seek = (target: number): void => {
    const wanted = Math.max(0, Math.min(target, made.length));
    if (wanted < position) {
      m.memory.undo(made[wanted]!.mark);
      m.violation = null;
    }
    for (let i = position; i < wanted; i++) {
      const { task, choices } = made[i]!.turn;
      m.step(task, choices, 1);
    }
    position = wanted;
    recorder.continueFrom(stateNow());
  };

  const advance = (task: number, choices: readonly number[]): Made | null => {
    if (isOver() || m.tasks[task] === undefined || !m.isEnabled(task)) return null;
    const mark = m.memory.logLength;
    const from = placeOfTask(task);
    m.observer = recorder;
    const ok = m.step(task, choices, 1);
    m.observer = null;
    recorder.endTurn();
    const wrong = ok ? deadlockOf(m) : m.violation;
    const recorded =
      recorder.take(position)[0] ?? silentStep(position, task, from, snapshotOf(program, stateNow()));
    const move: Made = {
      step: { ...recorded.step, isShared: isSharedNow(recorded) },
      turn: { task, moves: 1, choices: [...m.taken] },
      next: placeOfTask(task),
      calls: callNames(program, task),
      choices: m.taken.map((taken, i) => ({ taken, of: m.offered[i]! })),
      violation: wrong === null ? null : withPlace(wrong),
      mark,
      recorded,
    };
    made.length = position;
    made.push(move);
    position++;
    recorder.continueFrom(move.step.after);
    return move;
  };
  const isSharedNow = ({ cells }: Recorded) =>
    cells.some(({ cell }) => {
      const users = m.memory.readers[cell]! | m.memory.writers[cell]!;
      return m.memory.writers[cell] !== 0 && (users & (users - 1)) !== 0;
    });
  const withPlace = ({ pc, ...rest }: NonNullable<typeof m.violation>) => ({
    ...rest,
    place: placeOf(program, pc),
  });

  const run = (task: number, isThere: (last: Made) => boolean): readonly Move[] => {
    const moves: Made[] = [];
    while (moves.length < MAX_RUN) {
      const move = advance(task, []);
      if (move === null) break;
      moves.push(move);
      if (isThere(move)) break;
    }
    return moves;
  };

  return {
    taskNames: m.tasks.map((task) => task.name),
    before,
    starts,
    get moves() {
      return made;
    },
    get position() {
      return position;
    },
    trace: () => ({
      version: TRACE_VERSION,
      scenario: program.scenario.name,
      tasks: m.tasks.map((task) => task.name),
      schedule: formatSchedule(made.slice(0, position).map((move) => move.turn)),
      before,
      steps: withSharing(made.slice(0, position).map((move) => move.recorded)),
      violation: position === 0 ? null : made[position - 1]!.violation,
      problem: null,
    }),
    state: stateNow,
    schedule: () => made.slice(0, position).map((move) => move.turn),
    tasks: () =>
      m.tasks.map((task, index) => ({
        name: task.name,
        canMove: !isOver() && m.isEnabled(index),
        place: placeOfTask(index),
      })),
    frames: (task) => framesOf(program, task),
    move: (task, choices = []) => advance(task, choices),
    seek,
    back() {
      if (position === 0) return false;
      seek(position - 1);
      return true;
    },
    runToLock: (task) => run(task, (move) => move.step.isLockOperation),
    runToLine: (task, file, line) => run(task, ({ next }) => next.file === file && next.line === line),
    load(schedule) {
      m.restart();
      made = [];
      position = 0;
      recorder.continueFrom(before);
      for (const [index, turn] of schedule.entries()) {
        // One move at a time, so that each can be taken back.
        let { choices } = turn;
        for (let i = 0; i < turn.moves; i++) {
          // A turn may end with work that nobody else sees: it is the end of the move before it.
          const move = advance(turn.task, choices);
          if (move === null) {
            if (isOver() || (i > 0 && !m.isEnabled(turn.task))) break;
            return `turn ${index + 1}: ${m.tasks[turn.task]?.name ?? `task ${turn.task}`} cannot move`;
          }
          choices = choices.slice(move.turn.choices.length);
        }
        if (isOver()) break;
      }
      return null;
    },
  };
}

/** A move without any access to what others can see: a task's last one, mostly. */
function silentStep(index: number, task: number, place: Place, after: Snapshot): Recorded {
  const step: Step = {
    index,
    task,
    place,
    reads: [],
    changes: [],
    notes: [],
    report: null,
    found: null,
    events: [],
    isLockOperation: false,
    isShared: false,
    after,
  };
  return { step, cells: [] };
}
