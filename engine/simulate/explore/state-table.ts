/** States by their 64-bit hash. Two states that differ share one with a chance of n²/2^65: 10^-7 for a million. */
export class StateTable {
  #hash1: Int32Array;
  #hash2: Int32Array;
  #node: Int32Array;
  #mask: number;
  count = 0;

  constructor() {
    const size = 1 << 12;
    this.#hash1 = new Int32Array(size);
    this.#hash2 = new Int32Array(size);
    this.#node = new Int32Array(size);
    this.#mask = size - 1;
  }

  /** The node of a state, or -1. */
  find(hash1: number, hash2: number): number {
    let slot = hash1 & this.#mask;
    for (;;) {
      const node = this.#node[slot]!;
      if (node === 0) return -1;
      if (this.#hash1[slot] === hash1 && this.#hash2[slot] === hash2) return node - 1;
      slot = (slot + 1) & this.#mask;
    }
  }

  /** Adds a state that is not there. @returns its node: 0, 1, 2, … */
  add(hash1: number, hash2: number): number {
    if (this.count * 2 >= this.#node.length) this.#grow();
    const node = this.count++;
    this.#put(hash1, hash2, node);
    return node;
  }

  #put(hash1: number, hash2: number, node: number): void {
    let slot = hash1 & this.#mask;
    while (this.#node[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#hash1[slot] = hash1;
    this.#hash2[slot] = hash2;
    this.#node[slot] = node + 1;
  }

  #grow(): void {
    const [hash1, hash2, node] = [this.#hash1, this.#hash2, this.#node];
    const size = node.length * 2;
    this.#hash1 = new Int32Array(size);
    this.#hash2 = new Int32Array(size);
    this.#node = new Int32Array(size);
    this.#mask = size - 1;
    for (let i = 0; i < node.length; i++) if (node[i] !== 0) this.#put(hash1[i]!, hash2[i]!, node[i]! - 1);
  }
}

/** A growing list of 32-bit integers. */
export class IntList {
  data = new Int32Array(1 << 10);
  length = 0;

  push(value: number): void {
    if (this.length >= this.data.length) {
      const data = new Int32Array(this.data.length * 2);
      data.set(this.data);
      this.data = data;
    }
    this.data[this.length++] = value;
  }

  at(index: number): number {
    return this.data[index]!;
  }

  set(index: number, value: number): void {
    this.data[index] = value;
  }
}
