/** A step that has been made: what became of it, for making it again and for those that look at its traces. */
import type { Machine } from './machine.ts';
import type { StepEffect } from './memory.ts';
import { READY, STATUS } from './signals.ts';
import type { Touches } from './touches.ts';

const NO_CELLS = new Int32Array(0);
const NONE: readonly number[] = [];

/** A step of a task. Its cells are those that it changes. */
export class MadeStep implements StepEffect {
  readonly cells: Int32Array;
  readonly before: Float64Array;
  readonly after: Float64Array;
  readonly hash1: number;
  readonly hash2: number;
  /** Tasks that it makes able to move, and those that it makes unable to, as bits. */
  readonly wakes: number;
  readonly stops: number;
  /** Visible cells that it touched, each once: times 2, plus 1 where it wrote them. */
  readonly touched: Int32Array;
  /** Other cells that it touched: once one of them is visible, it is another step. */
  readonly hidden: readonly number[];
  readonly moves: number;
  readonly taken: readonly number[];
  /** Choices that lead to the next step of the task from the same state, or null. */
  readonly next: readonly number[] | null;

  /** The step that the machine has just made. @param mark the log's length before it. @param hash1 the hash before it. */
  constructor(m: Machine, mark: number, hash1: number, hash2: number) {
    const { memory, bases } = m;
    const { cells, before, after } = memory.changesSince(mark);
    this.cells = cells;
    this.before = before;
    this.after = after;
    this.hash1 = (memory.hash1 - hash1) | 0;
    this.hash2 = (memory.hash2 - hash2) | 0;
    let wakes = 0;
    let stops = 0;
    for (let i = 0; i < cells.length; i++) {
      const task = bases.indexOf(cells[i]! - STATUS);
      if (task < 0) continue;
      if (after[i] === READY) wakes |= 1 << task;
      else stops |= 1 << task;
    }
    this.wakes = wakes;
    this.stops = stops;
    this.touched = touchedIn(m.touches);
    this.hidden = m.touches.hidden.length === 0 ? NONE : [...m.touches.hidden];
    this.moves = m.moves;
    this.taken = m.taken.length === 0 ? NONE : [...m.taken];
    this.next = nextChoices(m.taken, m.offered);
  }
}

/** @returns the choices that come after these, or null where all have been tried. */
function nextChoices(taken: readonly number[], offered: readonly number[]): readonly number[] | null {
  for (let i = taken.length - 1; i >= 0; i--) {
    if (taken[i]! + 1 < offered[i]!) return [...taken.slice(0, i), taken[i]! + 1];
  }
  return null;
}

function touchedIn({ cells, writes, count }: Touches): Int32Array {
  if (count === 0) return NO_CELLS;
  const codes = new Int32Array(count);
  let different = 0;
  for (let i = 0; i < count; i++) {
    const code = cells[i]! * 2;
    let at = 0;
    while (at < different && (codes[at]! & ~1) !== code) at++;
    if (at === different) codes[different++] = code;
    codes[at]! |= writes[i]!;
  }
  return codes.subarray(0, different);
}
