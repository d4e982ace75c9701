/** A step that has been made: what became of it, for making it again and for those that look at its traces. */
import type { Machine } from './machine.ts';
import type { StepEffect } from './memory.ts';
import { READY, STATUS } from './signals.ts';

export interface MadeStep extends StepEffect {
  /** Visible cells that it touched, each once: times 2, plus 1 where it wrote them. */
  readonly touched: Int32Array;
  /** Tasks that it makes able to move, and those that it makes unable to, as bits. */
  readonly wakes: number;
  readonly stops: number;
  readonly moves: number;
  readonly taken: readonly number[];
  /** Choices that lead to the next step of the task from the same state, or null. */
  readonly next: readonly number[] | null;
}

const NO_CELLS = new Int32Array(0);
const NO_CHOICES: readonly number[] = [];

/** The step that the machine has just made. @param mark the log's length before it. @param hash1 the hash before it. */
export function madeStep(m: Machine, mark: number, hash1: number, hash2: number): MadeStep {
  const effect = m.memory.effectSince(mark, hash1, hash2);
  let wakes = 0;
  let stops = 0;
  for (let i = 0; i < effect.cells.length; i++) {
    const task = m.bases.indexOf(effect.cells[i]! - STATUS);
    if (task < 0) continue;
    if (effect.after[i] === READY) wakes |= 1 << task;
    else stops |= 1 << task;
  }
  const taken = m.taken.length === 0 ? NO_CHOICES : [...m.taken];
  return {
    ...effect,
    touched: touchedIn(m),
    wakes,
    stops,
    moves: m.moves,
    taken,
    next: nextChoices(taken, m.offered),
  };
}

/** @returns the choices that come after these, or null where all have been tried. */
function nextChoices(taken: readonly number[], offered: readonly number[]): readonly number[] | null {
  for (let i = taken.length - 1; i >= 0; i--) {
    if (taken[i]! + 1 < offered[i]!) return [...taken.slice(0, i), taken[i]! + 1];
  }
  return null;
}

function touchedIn({ touched, touchedWrite, touchedCount }: Machine): Int32Array {
  if (touchedCount === 0) return NO_CELLS;
  const codes = new Int32Array(touchedCount);
  let count = 0;
  for (let i = 0; i < touchedCount; i++) {
    const code = touched[i]! * 2;
    let at = 0;
    while (at < count && (codes[at]! & ~1) !== code) at++;
    if (at === count) codes[count++] = code;
    codes[at]! |= touchedWrite[i]!;
  }
  return codes.subarray(0, count);
}
