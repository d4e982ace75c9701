/** Where things lie in the space-time diagram: lanes of tasks from top to bottom, positions from left to right. */
import type { Hold, Timeline } from './timeline.ts';

export const LANE_HEAD = 18;
export const ROW = 14;
const LANE_GAP = 8;
export const TOP = 20;

export interface Lane {
  readonly task: number;
  readonly top: number;
  readonly height: number;
  /** Line on which the task's steps are drawn. */
  readonly axis: number;
  /** Top of the row of each lock that the task ever holds or waits for. */
  readonly rows: ReadonlyMap<string, number>;
}

export interface Layout {
  readonly lanes: readonly Lane[];
  readonly byTask: ReadonlyMap<number, Lane>;
  readonly height: number;
  /** What each lock is called where there is little room. */
  readonly labels: ReadonlyMap<string, string>;
}

export function layoutOf(timeline: Timeline): Layout {
  const rows = timeline.setup.tasks.map(() => new Set<string>());
  for (const hold of timeline.holds) rows[hold.task]?.add(hold.lock);
  let top = TOP;
  const lanes = rows.flatMap((names, task): Lane[] => {
    if (isIdle(timeline, task)) return [];
    const axis = top + LANE_HEAD / 2;
    const tops = new Map([...names].map((name, i) => [name, top + LANE_HEAD + i * ROW] as const));
    const height = LANE_HEAD + Math.max(1, names.size) * ROW;
    const lane = { task, top, height, axis, rows: tops };
    top += height + LANE_GAP;
    return [lane];
  });
  return {
    lanes,
    byTask: new Map(lanes.map((lane) => [lane.task, lane] as const)),
    height: top,
    labels: labelsOf(new Set(rows.flatMap((names) => [...names]))),
  };
}

const LONGEST = 16;

/** The last part of each name, `mmap_lock` for `mm.mmap_lock`; the whole of those that would be called the same. */
export function labelsOf(names: ReadonlySet<string>): ReadonlyMap<string, string> {
  const lasts = [...names].map((name) => [name, name.split(/[.>]/).at(-1) ?? name] as const);
  const counts = new Map<string, number>();
  for (const [, last] of lasts) counts.set(last, (counts.get(last) ?? 0) + 1);
  return new Map(
    lasts.map(([name, last]) => {
      const label = counts.get(last) === 1 ? last : name;
      return [name, label.length > LONGEST ? `…${label.slice(1 - LONGEST)}` : label];
    }),
  );
}

/** A task that has nothing to do is not shown unless it moves. */
export function isIdle(timeline: Timeline, task: number): boolean {
  return timeline.setup.idle.includes(task) && !timeline.moves.some((move) => move.task === task);
}

/** The holds that can be seen between two positions. */
export function visibleHolds(timeline: Timeline, from: number, to: number): readonly Hold[] {
  return timeline.holds.filter((hold) => hold.from <= to && (hold.to ?? timeline.length + 1) >= from);
}
