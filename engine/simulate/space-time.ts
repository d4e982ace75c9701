/** A trace as a space-time diagram: who held what from which step to which, who waited, and who ended the wait. */
import type { LockEvent } from './lock-events.ts';
import type { Snapshot } from './snapshot.ts';
import type { Step } from './trace.ts';

export interface Span {
  readonly task: number;
  /** A lock by its name in the snapshots, a VMA's name for its lock, or `RCU`. */
  readonly lock: string;
  readonly mode: 'R' | 'W';
  /** The step, by index, in which it was taken; −1 for what was held at the start. */
  readonly from: number;
  /** The step in which it was given up; null where it is still held at the end. */
  readonly to: number | null;
}

export interface Wait extends Span {
  /** Those who held the lock, or were before it in the queue, when the wait began. */
  readonly blockers: readonly number[];
  /** The task whose step ended the wait, or null. */
  readonly wokenBy: number | null;
}

export interface SpaceTime {
  /** One for each time that a task held a lock, in the order in which they begin. */
  readonly holds: readonly Span[];
  readonly waits: readonly Wait[];
}

type Open = { -readonly [K in keyof Wait]: Wait[K] };

/** @param steps the steps of a trace, from its beginning. Linear in their number. */
export function spaceTime(steps: readonly Pick<Step, 'events'>[]): SpaceTime {
  const holds: Open[] = [];
  const waits: Open[] = [];
  const held = new Map<string, Open>();
  const waiting = new Map<number, Open>();
  const begin = (event: LockEvent, from: number): Open => ({
    task: event.task,
    lock: event.lock,
    mode: event.mode,
    from,
    to: null,
    blockers: event.blockers,
    wokenBy: null,
  });
  const end = (key: string, at: number) => {
    const open = held.get(key);
    if (open === undefined) return;
    open.to = at;
    held.delete(key);
  };
  for (const [index, { events }] of steps.entries()) {
    for (const event of events) {
      const key = `${event.task} ${event.lock}`;
      if (event.op === 'release') end(key, index);
      else if (event.op === 'acquire' || event.op === 'downgrade') {
        end(key, index);
        const span = begin(event, index);
        held.set(key, span);
        holds.push(span);
      } else if (event.op === 'wait') {
        const span = begin(event, index);
        waiting.set(event.task, span);
        waits.push(span);
      } else {
        const span = waiting.get(event.task);
        if (span === undefined) continue;
        span.to = index;
        span.wokenBy = event.by;
        waiting.delete(event.task);
      }
    }
  }
  return {
    holds: holds.map(({ blockers: _blockers, wokenBy: _wokenBy, ...span }) => span),
    waits,
  };
}

export interface LockView {
  readonly name: string;
  readonly kind: string;
  /** `since`: the step, by index, in which it was taken or the wait began; −1 for the start. */
  readonly writer: { readonly task: number; readonly since: number } | null;
  readonly readers: readonly { readonly task: number; readonly since: number }[];
  readonly queue: readonly { readonly task: number; readonly mode: 'R' | 'W'; readonly since: number }[];
}

/** The locks of a snapshot, with since when each is held and waited for. @param steps those that led to it. */
export function lockViews(snapshot: Snapshot, steps: readonly Pick<Step, 'events'>[]): LockView[] {
  const { holds, waits } = spaceTime(steps);
  const open = (spans: readonly Span[]) =>
    new Map(spans.filter((span) => span.to === null).map((span) => [`${span.task} ${span.lock}`, span.from]));
  const held = open(holds);
  const waiting = open(waits);
  return snapshot.locks.map(({ name, kind, writer, readers, queue }) => {
    const since = (task: number) => held.get(`${task} ${name}`) ?? -1;
    return {
      name,
      kind,
      writer: writer === null ? null : { task: writer, since: since(writer) },
      readers: readers.map((task) => ({ task, since: since(task) })),
      queue: queue.map((one) => ({ ...one, since: waiting.get(`${one.task} ${name}`) ?? -1 })),
    };
  });
}
