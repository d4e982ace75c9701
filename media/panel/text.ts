/** Words for what the panel shows: for its labels, for a screen reader, for a mail. */
import type { MoveData, Place, State, ViolationData } from './messages.ts';
import type { Hold, Timeline } from './timeline.ts';

export const hex = (value: number): string => `0x${(value >= 0 ? value : value + 2 ** 64).toString(16)}`;

/** `mm/mmap_lock.c:351`; code of the scenario itself is in no file. */
export function placeText(place: Pick<Place, 'file' | 'line'>): string {
  return `${fileText(place.file)}:${place.line}`;
}

/** A file as people call it: a path of the tree, the last parts of a URI, what the scenario itself brings. */
export function fileText(file: string): string {
  if (file.startsWith('<')) return file.replaceAll(/[<>]/g, '');
  return /^[a-z][\w+.-]*:/.test(file) ? decodeURIComponent(file).split('/').slice(-2).join('/') : file;
}

/** What a move did besides executing its line. */
export function detailText(move: MoveData): string {
  // What is read again and again, and is the same, is said once.
  const reads = new Set(move.reads.map(({ what, value }) => `${what} is ${value}`));
  return [
    ...move.notes,
    ...reads,
    ...move.changes.map(({ what, to }) => `${what} := ${to}`),
    ...(move.report === null ? [] : [`reports ${hex(move.report.start)}–${hex(move.report.end)}`]),
  ].join('; ');
}

/** A reference count, with the flag that a waiting writer sets shown as such. */
export function countText(count: number): string {
  return count >= 2 ** 30 ? `writer waits + ${count - 2 ** 30}` : String(count);
}

export function sequenceText(value: number): string {
  return value === 2 ** 32 - 1 ? '–' : String(value);
}

export function holdText(hold: Pick<Hold, 'lock' | 'kind'>): string {
  switch (hold.kind) {
    case 'read':
      return `${hold.lock} for reading`;
    case 'write':
      return `${hold.lock} for writing`;
    case 'rcu':
      return 'an RCU read section';
    case 'atomic':
      return 'a section that must not sleep';
    case 'wait':
      return `waits for ${hold.lock}`;
  }
}

/** One sentence for a screen reader: where one is, and what has just happened. */
export function announcement(timeline: Timeline, position: number, violation: ViolationData | null): string {
  const { tasks } = timeline.setup;
  if (position === 0) return `At the start, before the first of ${timeline.length} steps.`;
  const move = timeline.moves[position - 1];
  if (move === undefined) return `Step ${position}: this schedule has ended.`;
  const begun = timeline.holds.filter((hold) => hold.from === position);
  const ended = timeline.holds.filter((hold) => hold.to === position);
  const parts = [
    `Step ${position} of ${timeline.length}: ${tasks[move.task]}, ${move.place.text.replace(/;$/, '') || 'ends'}`,
    ...begun.map((hold) =>
      hold.kind === 'wait'
        ? `${tasks[hold.task]} ${holdText(hold)}`
        : `${tasks[hold.task]} holds ${holdText(hold)}`,
    ),
    ...ended.map((hold) =>
      hold.kind === 'wait'
        ? `${tasks[hold.task]} waits no longer`
        : `${tasks[hold.task]} gives back ${holdText(hold)}`,
    ),
  ];
  if (violation !== null && position === timeline.length) parts.push(`Violation: ${violation.message}`);
  return `${parts.join('. ')}.`;
}

/** Locks and VMAs in one line. */
export function stateText(state: State, tasks: readonly string[]): string {
  const name = (task: number) => tasks[task] ?? `task ${task}`;
  const parts = state.locks.map((lock) => {
    const holders = [
      ...(lock.writer === null ? [] : [`W ${name(lock.writer)}`]),
      ...lock.readers.map((task) => `R ${name(task)}`),
    ];
    const queue = lock.queue.map((one) => `${one.mode} ${name(one.task)}`);
    return `${lock.name}: ${holders.join(', ') || 'free'}${queue.length > 0 ? ` (waiting: ${queue.join(', ')})` : ''}`;
  });
  for (const { mm, value } of state.sequences) parts.push(`${mm}.mm_lock_seq ${value}`);
  for (const vma of state.vmas) {
    const flags = [
      vma.isFreed ? 'freed' : vma.isDetached ? 'detached' : '',
      vma.isWriteLocked ? 'write-locked' : '',
      ...vma.readers.map((task) => `R ${name(task)}`),
    ].filter((text) => text !== '');
    parts.push(
      `${vma.name} [${hex(vma.start)},${hex(vma.end)}) ref ${countText(vma.refcnt)}${flags.map((flag) => ` ${flag}`).join('')}`,
    );
  }
  const rcu = state.tasks.flatMap((task, i) => (task.rcu > 0 ? [name(i)] : []));
  if (rcu.length > 0) parts.push(`RCU: ${rcu.join(', ')}`);
  return parts.join(' | ');
}

export interface TraceTextOptions {
  readonly onlyLocks: boolean;
  readonly schedule: string;
  readonly violation: ViolationData | null;
}

/** The trace as plain text, fit for a mail: lines of at most 100 columns, nothing but ASCII of our own. */
export function traceText(timeline: Timeline, { onlyLocks, schedule, violation }: TraceTextOptions): string {
  const { setup } = timeline;
  const width = Math.max(6, ...setup.tasks.map((name) => name.length));
  const lines: string[] = [];
  const say = (first: string, rest: string) => {
    for (const [i, line] of wrapped(rest, 98 - width).entries())
      lines.push(`${(i === 0 ? first : '').padEnd(width)}  ${line}`.trimEnd());
  };
  const { choice } = setup;
  lines.push(`Scenario ${choice.scenario}: ${setup.title}`);
  lines.push(`Property: ${setup.property}`);
  lines.push(`Code: ${choice.image === 'after' ? 'with' : 'without'} the patch`);
  for (const { role, function: name, file } of setup.roles) lines.push(`${role} is ${name}() of ${file}`);
  lines.push(`Schedule: ${schedule}`, '');
  let state = stateText(setup.before, setup.tasks);
  say('start', state);
  for (const [i, move] of timeline.moves.entries()) {
    const after = stateText(timeline.states[i + 1]!, setup.tasks);
    if (onlyLocks && !move.isLockOperation && i < timeline.length - 1) continue;
    say(setup.tasks[move.task]!, `${placeText(move.place)}  ${move.place.text}`);
    const detail = detailText(move);
    if (detail !== '') say('', `  ${detail.replaceAll('–', '-')}`);
    if (after !== state) say('', `| ${after}`);
    state = after;
  }
  if (violation !== null) {
    lines.push('');
    say('', `* ${violation.message}`);
    say('', `  at ${placeText(violation.place)}  ${violation.place.text}`);
    for (const sentence of violation.cycle) say('', `* ${sentence}`);
  }
  return `${lines.join('\n').replaceAll('–', '-')}\n`;
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  const indent = `${/^\s*[|*]?\s*/.exec(text)?.[0].replaceAll(/[|*]/g, ' ') ?? ''}`;
  let line = '';
  for (const word of text.split(/(?<=\s)(?=\S)/)) {
    if (line.trim() !== '' && (line + word).trimEnd().length > width) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += word;
  }
  lines.push(line.trimEnd());
  return lines;
}
