/** A simulation over its moves: the state after each, what each task held from when to when, who waited for whom. */
import type { MoveData, Setup, State } from './messages.ts';

export type HoldKind = 'read' | 'write' | 'rcu' | 'atomic' | 'wait';

/** Something that a task holds, or waits for, from one position to another. */
export interface Hold {
  readonly task: number;
  readonly lock: string;
  readonly kind: HoldKind;
  /** The first position at which it is so. */
  readonly from: number;
  /** The first position at which it is no longer so; null while it lasts. */
  to: number | null;
}

export interface Arrow {
  readonly kind: 'wait' | 'wake';
  /** The task that makes the other wait, or wakes it. */
  readonly from: number;
  readonly to: number;
  readonly position: number;
  readonly lock: string;
}

export interface Report {
  readonly task: number;
  readonly start: number;
  readonly end: number;
  readonly position: number;
}

export class Timeline {
  readonly setup: Setup;
  readonly moves: MoveData[] = [];
  /** The state at each position: one more than there are moves. */
  readonly states: State[];
  holds: Hold[] = [];
  arrows: Arrow[] = [];
  reports: Report[] = [];
  readonly #open = new Map<string, Hold>();

  constructor(setup: Setup) {
    this.setup = setup;
    this.states = [setup.before];
    this.#compare(0, null, setup.before, null);
  }

  get length(): number {
    return this.moves.length;
  }

  /** Puts moves at an index, in place of those from there on. */
  put(from: number, moves: readonly MoveData[]): void {
    this.#cut(from);
    for (const move of moves) {
      const before = this.states.at(-1)!;
      const after = { ...before, ...move.after } as State;
      this.moves.push(move);
      this.states.push(after);
      const position = this.moves.length;
      this.#compare(position, before, after, move);
      if (move.report !== null) this.reports.push({ task: move.task, ...move.report, position });
    }
  }

  /** The state at a position, the last one beyond the end. */
  stateAt(position: number): State {
    return this.states[Math.min(position, this.states.length - 1)]!;
  }

  /** Where a task is at a position: its next operation. */
  placeOf(task: number, position: number) {
    for (let i = Math.min(position, this.moves.length) - 1; i >= 0; i--) {
      const move = this.moves[i]!;
      if (move.task === task) return move.next;
    }
    return this.setup.starts[task] ?? null;
  }

  /** The functions that a task is in at a position, the innermost first. */
  callsOf(task: number, position: number): readonly string[] {
    for (let i = Math.min(position, this.moves.length) - 1; i >= 0; i--) {
      const move = this.moves[i]!;
      if (move.task === task) return move.calls;
    }
    const start = this.setup.starts[task];
    return start === undefined ? [] : [start.function];
  }

  /** What is held at a position, by the name of the lock. */
  heldAt(position: number, lock: string): readonly Hold[] {
    return this.holds.filter(
      (hold) => hold.lock === lock && hold.from <= position && (hold.to === null || hold.to > position),
    );
  }

  /** The position of the next lock operation, forwards or backwards; null where there is none. */
  lockOperation(from: number, direction: 1 | -1): number | null {
    for (let at = direction === 1 ? from : from - 2; at >= 0 && at < this.moves.length; at += direction)
      if (this.moves[at]!.isLockOperation) return at + 1;
    return null;
  }

  #cut(length: number): void {
    if (length >= this.moves.length) return;
    this.moves.length = length;
    this.states.length = length + 1;
    this.holds = this.holds.filter((hold) => hold.from <= length);
    this.#open.clear();
    for (const hold of this.holds) {
      if (hold.to !== null && hold.to > length) hold.to = null;
      if (hold.to === null) this.#open.set(keyOf(hold), hold);
    }
    this.arrows = this.arrows.filter((arrow) => arrow.position <= length);
    this.reports = this.reports.filter((report) => report.position <= length);
  }

  #compare(position: number, before: State | null, after: State, move: MoveData | null): void {
    if (
      before !== null &&
      before.locks === after.locks &&
      before.tasks === after.tasks &&
      before.vmas === after.vmas
    )
      return;
    const held = new Map<string, Hold>();
    const add = (task: number, lock: string, kind: HoldKind) => {
      const hold: Hold = { task, lock, kind, from: position, to: null };
      held.set(keyOf(hold), hold);
    };
    for (const lock of after.locks) {
      if (lock.writer !== null) add(lock.writer, lock.name, 'write');
      for (const reader of lock.readers) add(reader, lock.name, 'read');
      for (const one of lock.queue) add(one.task, lock.name, 'wait');
    }
    for (const vma of after.vmas) {
      for (const reader of vma.readers) add(reader, vma.name, 'read');
      if (!vma.isWriteLocked) continue;
      const open = [...this.#open.values()].find((hold) => hold.lock === vma.name && hold.kind === 'write');
      const writer = open?.task ?? writerOf(after, vma.mm) ?? move?.task;
      if (writer !== undefined) add(writer, vma.name, 'write');
    }
    for (const [task, one] of after.tasks.entries()) {
      if (one.rcu > 0) add(task, 'RCU', 'rcu');
      if (one.atomic > 0) add(task, 'atomic', 'atomic');
      const queued = [...held.values()].some((hold) => hold.task === task && hold.kind === 'wait');
      if (one.state === 'waiting' && !queued) add(task, one.waitsFor ?? 'wake-up', 'wait');
    }
    for (const [key, hold] of this.#open) {
      if (held.has(key)) continue;
      hold.to = position;
      this.#open.delete(key);
      if (hold.kind === 'wait' && move !== null && move.task !== hold.task)
        this.arrows.push({ kind: 'wake', from: move.task, to: hold.task, position, lock: hold.lock });
    }
    for (const [key, hold] of held) {
      if (this.#open.has(key)) continue;
      this.#open.set(key, hold);
      this.holds.push(hold);
      if (hold.kind !== 'wait') continue;
      for (const holder of held.values())
        if (holder.lock === hold.lock && holder.kind !== 'wait' && holder.task !== hold.task)
          this.arrows.push({ kind: 'wait', from: holder.task, to: hold.task, position, lock: hold.lock });
    }
  }
}

function keyOf({ task, lock, kind }: Hold): string {
  return `${task} ${kind} ${lock}`;
}

/** Who holds the lock of an mm for writing, and with it its VMAs. */
function writerOf(state: State, mm: string): number | null {
  return state.locks.find((lock) => lock.kind === 'mmap' && lock.name.startsWith(`${mm}.`))?.writer ?? null;
}
