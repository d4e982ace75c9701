/** What a schedule does, step by step, as plain data: for the command line, the panel and the debugger alike. */

import { replay } from './explore/replay.ts';
import type { LockEvent } from './lock-events.ts';
import type { Program } from './program.ts';
import { Recorder, withSharing } from './recorder.ts';
import type { Schedule } from './schedule.ts';
import { formatSchedule } from './schedule.ts';
import { type Place, placeOf, type Snapshot, snapshotOf } from './snapshot.ts';
import type { Violation } from './verdict.ts';

export type { Place, Snapshot } from './snapshot.ts';

export const TRACE_VERSION = 1;

export interface Change {
  readonly what: string;
  /** Values as text: names of objects for pointers. */
  readonly from: string;
  readonly to: string;
}

export interface Step {
  readonly index: number;
  readonly task: number;
  readonly place: Place;
  /** What was read: places and their values. */
  readonly reads: readonly { readonly what: string; readonly value: string }[];
  readonly changes: readonly Change[];
  readonly notes: readonly string[];
  /** A range that the task reports. */
  readonly report: { readonly start: number; readonly end: number } | null;
  /** The entry of the VMA tree that a lookup came upon; `label` names the VMA, the end is exclusive. */
  readonly found: { readonly start: number; readonly end: number; readonly label: string } | null;
  /** What it did to locks: taken, given back, waited for. */
  readonly events: readonly LockEvent[];
  /** It took, released or waited for a lock, or changed what one is made of. */
  readonly isLockOperation: boolean;
  /** Another task has to do with what it touches. */
  readonly isShared: boolean;
  readonly after: Snapshot;
}

export interface Trace {
  readonly version: typeof TRACE_VERSION;
  readonly scenario: string;
  readonly tasks: readonly string[];
  readonly schedule: string;
  readonly before: Snapshot;
  readonly steps: readonly Step[];
  readonly violation: (Omit<Violation, 'pc'> & { readonly place: Place }) | null;
  /** Why the schedule ended before its end; else null. */
  readonly problem: string | null;
}

/** Follows a schedule and notes every operation on the way. The machine is back at its start afterwards. */
export function traceOf(program: Program, schedule: Schedule): Trace {
  const m = program.linker.machine;
  m.restart();
  const before = snapshotOf(program);
  const recorder = new Recorder(program, before);
  m.observer = recorder;
  const result = replay(program, schedule, () => recorder.endTurn());
  m.observer = null;
  const { violation } = result;
  let trace: Trace = {
    version: TRACE_VERSION,
    scenario: program.scenario.name,
    tasks: m.tasks.map((task) => task.name),
    schedule: formatSchedule(schedule),
    before,
    steps: withSharing(recorder.take()),
    violation: null,
    problem: result.problem,
  };
  if (violation !== null) {
    const { pc, ...rest } = violation;
    trace = { ...trace, violation: { ...rest, place: placeOf(program, pc) } };
  }
  m.restart();
  return trace;
}
