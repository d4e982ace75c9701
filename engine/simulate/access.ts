/** Where an operation's pointer leads: mostly where it led the last time. */
import type { Machine } from './machine.ts';
import { type CellHint, POINTER } from './memory.ts';

export class Access {
  /** The cell, after `follow()`. */
  cell = -1;
  /** True where it is on the running task's own stack: no step for the others. */
  isOwn = false;
  readonly #text: string;
  readonly #hint: CellHint;
  #pointer = 0;
  #task = -1;
  #isMortal = true;

  /** @param text the place as the code has it, for what goes wrong. @param hint what an unwritten cell holds. */
  constructor(text: string, hint: CellHint) {
    this.#text = text;
    this.#hint = hint;
  }

  /** @returns false, and a violation, where there is nothing behind the pointer. */
  follow(m: Machine, pointer: number): boolean {
    if (pointer !== this.#pointer) return this.#find(m, pointer);
    this.isOwn = this.#task === m.current;
    return !this.#isMortal || m.canFollow(pointer, this.#text);
  }

  #find(m: Machine, pointer: number): boolean {
    if (!m.canFollow(pointer, this.#text)) return false;
    const { memory } = m;
    const object = memory.objects[(pointer - POINTER) >>> 16]!;
    this.cell = memory.cell(pointer, this.#hint);
    this.#pointer = pointer;
    this.#isMortal = object.life >= 0;
    this.#task = object.task;
    this.isOwn = object.task === m.current;
    return true;
  }
}
