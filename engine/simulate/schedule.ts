/**
 * Schedules as text. `v1:0.3,1.2,0.1!2` is: task 0 makes three moves, task 1 two, task 0 one, in which the third
 * (2) of several possible results is chosen. A move is one access to shared memory or one operation on a lock;
 * the string therefore means the same whichever accesses an exploration merged into one step.
 */

/** Part of a schedule: one task makes some moves, and takes these choices on the way. */
export interface Turn {
  readonly task: number;
  readonly moves: number;
  /** One for each choice that comes up in these moves, in order; those left out are 0. */
  readonly choices: readonly number[];
}

export type Schedule = readonly Turn[];

const VERSION = 'v1';
const MAX_TURNS = 1_000_000;

export function formatSchedule(schedule: Schedule): string {
  const turns: { task: number; moves: number; choices: readonly number[] }[] = [];
  for (const turn of schedule) {
    const last = turns.at(-1);
    if (last?.task === turn.task) {
      last.moves += turn.moves;
      last.choices = [...last.choices, ...turn.choices];
    } else turns.push({ ...turn });
  }
  const parts = turns.map(({ task, moves, choices }) => {
    const significant = choices.slice(0, choices.findLastIndex((choice) => choice !== 0) + 1);
    return `${task}.${moves}${significant.map((choice) => `!${choice}`).join('')}`;
  });
  return `${VERSION}:${parts.join(',')}`;
}

/** Null, with the reason, where the text is not a schedule of this version. */
export function parseSchedule(text: string): {
  readonly schedule: Schedule | null;
  readonly problem: string;
} {
  const trimmed = text.trim();
  if (!trimmed.startsWith(`${VERSION}:`)) {
    return { schedule: null, problem: `expected a schedule that begins with '${VERSION}:'` };
  }
  const body = trimmed.slice(VERSION.length + 1);
  if (body === '') return { schedule: [], problem: '' };
  const parts = body.split(',');
  if (parts.length > MAX_TURNS) return { schedule: null, problem: `more than ${MAX_TURNS} turns` };
  const schedule: Turn[] = [];
  for (const part of parts) {
    const match = /^(\d{1,2})\.(\d{1,9})((?:!\d{1,4})*)$/.exec(part);
    if (match === null)
      return { schedule: null, problem: `'${part}' is not TASK.MOVES or TASK.MOVES!CHOICE` };
    const choices = match[3] === '' ? [] : match[3]!.slice(1).split('!').map(Number);
    schedule.push({ task: Number(match[1]), moves: Number(match[2]), choices });
  }
  return { schedule, problem: '' };
}
