/**
 * Which memory a step touches, and which memory is visible: used by several tasks and written by one of them. Where a
 * step ends depends on the latter, so what is found out about it on the way counts only from the next search on.
 */
import type { Memory } from './memory.ts';

/** Touches of one step that are kept. */
const MAX_TOUCHES = 256;

export class Touches {
  readonly #memory: Memory;
  /** Visible cells that the step touched, and whether it wrote them. */
  readonly cells = new Int32Array(MAX_TOUCHES);
  readonly writes = new Uint8Array(MAX_TOUCHES);
  count = 0;
  /** Cells that it touched and that are not visible, those of an operation that was taken back included. */
  readonly hidden: number[] = [];
  /** The operation touched memory that is not the task's own; memory that is visible. */
  isShared = false;
  isVisible = false;
  /** How many cells turned out to have to be visible since the last `settleVisible()`. */
  newlyVisible = 0;
  readonly #toBeVisible = new Set<number>();
  /** Cells that a step touches that does not seem to end. */
  readonly #recent = new Set<number>();

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  beginStep(): void {
    this.count = 0;
    this.hidden.length = 0;
    if (this.#recent.size > 0) this.#recent.clear();
  }

  beginOperation(): void {
    this.isShared = false;
    this.isVisible = false;
  }

  /** @param isLate the step does not seem to end. */
  note(cell: number, write: boolean, task: number, isLate: boolean): void {
    const memory = this.#memory;
    const bit = 1 << task;
    this.isShared = true;
    if (memory.visible[cell] === 0) this.hidden.push(cell);
    if (isLate) this.#recent.add(cell);
    if ((memory.readers[cell]! & bit) === 0 || (write && (memory.writers[cell]! & bit) === 0)) {
      memory.readers[cell]! |= bit;
      if (write) memory.writers[cell]! |= bit;
      const users = memory.readers[cell]!;
      if (memory.writers[cell] !== 0 && (users & (users - 1)) !== 0) this.#mustBeVisible(cell);
    }
    if (memory.visible[cell] === 0) return;
    this.isVisible = true;
    const at = this.count;
    if (at === MAX_TOUCHES) return;
    this.cells[at] = cell;
    this.writes[at] = write ? 1 : 0;
    this.count = at + 1;
  }

  /** A loop over memory that nobody was seen to share may end once it is: that memory has to be visible. */
  showRecent(): void {
    for (const cell of this.#recent) this.#mustBeVisible(cell);
  }

  #mustBeVisible(cell: number): void {
    if (this.#memory.visible[cell] === 1 || this.#toBeVisible.has(cell)) return;
    this.#toBeVisible.add(cell);
    this.newlyVisible++;
  }

  /**
   * Makes the cells visible that several tasks were seen to use. Only between searches: what a step is must not change
   * while states and schedules that are made of steps are kept. @returns those cells.
   */
  settleVisible(): ReadonlySet<number> {
    const cells = new Set(this.#toBeVisible);
    for (const cell of cells) this.#memory.visible[cell] = 1;
    this.#toBeVisible.clear();
    this.newlyVisible = 0;
    return cells;
  }
}
