import { longer } from '../longer.ts';

/** States by their 64-bit hash. Two states that differ share one with a chance of n²/2^65: 10^-7 for a million. */
export class StateTable {
  /** Two words a slot, so that many lie close together: the second half of the hash, node + 1. */
  #slots = new Int32Array(1 << 14);
  #mask = (1 << 13) - 1;
  /** By node: the first half. */
  readonly #firsts = new IntList();
  count = 0;

  /** The node of a state, or -1. */
  find(hash1: number, hash2: number): number {
    const slots = this.#slots;
    for (let slot = hash1 & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const node = slots[slot * 2 + 1]! - 1;
      if (node < 0) return -1;
      if (slots[slot * 2] === hash2 && this.#firsts.at(node) === hash1) return node;
    }
  }

  /** Adds a state that is not there. @returns its node: 0, 1, 2, … */
  add(hash1: number, hash2: number): number {
    if (this.count * 2 > this.#mask) this.#grow();
    const node = this.count++;
    this.#firsts.push(hash1);
    this.#put(hash1, hash2, node + 1);
    return node;
  }

  #put(hash1: number, hash2: number, node: number): void {
    let slot = hash1 & this.#mask;
    while (this.#slots[slot * 2 + 1] !== 0) slot = (slot + 1) & this.#mask;
    this.#slots[slot * 2] = hash2;
    this.#slots[slot * 2 + 1] = node;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 4);
    this.#mask = this.#mask * 4 + 3;
    for (let at = 0; at < old.length; at += 2) {
      const node = old[at + 1]!;
      if (node !== 0) this.#put(this.#firsts.at(node - 1), old[at]!, node);
    }
  }
}

/** Edges between nodes, each with the task that moves: two words an edge. There are fewer than 16 tasks. */
export class EdgeList {
  readonly #list = new IntList();

  get count(): number {
    return this.#list.length / 2;
  }

  add(from: number, to: number, task: number): void {
    this.#list.push2(from, to * 16 + task);
  }

  from(edge: number): number {
    return this.#list.at(edge * 2);
  }

  to(edge: number): number {
    return this.#list.at(edge * 2 + 1) >>> 4;
  }

  task(edge: number): number {
    return this.#list.at(edge * 2 + 1) & 15;
  }
}

/** A growing list of 32-bit integers. */
export class IntList {
  data: Int32Array<ArrayBuffer>;
  length = 0;

  /** @param room for so many before it has to grow: costs nothing until they are there. */
  constructor(room = 1 << 14) {
    this.data = new Int32Array(room);
  }

  push(value: number): void {
    if (this.length >= this.data.length) this.#grow();
    this.data[this.length++] = value;
  }

  push2(first: number, second: number): void {
    if (this.length + 2 > this.data.length) this.#grow();
    this.data[this.length] = first;
    this.data[this.length + 1] = second;
    this.length += 2;
  }

  /** @returns where the first one is. */
  push3(first: number, second: number, third: number): number {
    if (this.length + 3 > this.data.length) this.#grow();
    const at = this.length;
    this.data[at] = first;
    this.data[at + 1] = second;
    this.data[at + 2] = third;
    this.length = at + 3;
    return at;
  }

  #grow(): void {
    this.data = longer(this.data, this.data.length * 4);
  }

  at(index: number): number {
    return this.data[index]!;
  }

  set(index: number, value: number): void {
    this.data[index] = value;
  }
}
