/** Which cell an address has: object × 2^16 + path → cell, by open addressing. */
export class CellTable {
  #keys = new Int32Array(1 << 12);
  /** Cell + 1; 0 where the slot is free. */
  #cells = new Int32Array(1 << 12);
  #used = 0;

  /** The cell, or −1 where there is none. */
  find(key: number): number {
    const mask = this.#keys.length - 1;
    for (let slot = Math.imul(key, 0x9e3779b1) & mask; ; slot = (slot + 1) & mask) {
      const cell = this.#cells[slot]!;
      if (cell === 0) return -1;
      if (this.#keys[slot] === key) return cell - 1;
    }
  }

  /** Adds an address that is not there. */
  add(key: number, cell: number): void {
    if (this.#used * 2 >= this.#keys.length) this.#grow();
    const mask = this.#keys.length - 1;
    let slot = Math.imul(key, 0x9e3779b1) & mask;
    while (this.#cells[slot] !== 0) slot = (slot + 1) & mask;
    this.#keys[slot] = key;
    this.#cells[slot] = cell + 1;
    this.#used++;
  }

  #grow(): void {
    const keys = this.#keys;
    const cells = this.#cells;
    this.#keys = new Int32Array(keys.length * 2);
    this.#cells = new Int32Array(cells.length * 2);
    this.#used = 0;
    for (let slot = 0; slot < keys.length; slot++) {
      if (cells[slot] !== 0) this.add(keys[slot]!, cells[slot]! - 1);
    }
  }
}
