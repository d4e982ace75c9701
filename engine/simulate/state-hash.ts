/**
 * The hash of a state: for each cell a number made of the cell and its value, all of them added up, so that a write
 * changes it by what that cell was and is. Two halves of 32 bits. It is the same in every run.
 */
import { longer } from './longer.ts';
import { TWO32 } from './numbers.ts';

export class CellKeys {
  #first = new Int32Array(1 << 12);
  #second = new Int32Array(1 << 12);

  /** Makes the keys of a cell. */
  add(cell: number): void {
    if (cell >= this.#first.length) {
      this.#first = longer(this.#first, this.#first.length * 2);
      this.#second = longer(this.#second, this.#second.length * 2);
    }
    let x = Math.imul(cell + 1, 0x9e3779b1) ^ 0x5bd1e995;
    x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
    this.#first[cell] = x ^ (x >>> 13);
    x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
    this.#second[cell] = x ^ (x >>> 15);
  }

  /** By how much the first half changes with the value of a cell. */
  first(cell: number, old: number, value: number): number {
    const key = this.#first[cell]!;
    return (scramble(fingerprint(value) ^ key) - scramble(fingerprint(old) ^ key)) | 0;
  }

  second(cell: number, old: number, value: number): number {
    const key = this.#second[cell]!;
    return (scramble(fingerprint(value) ^ key) - scramble(fingerprint(old) ^ key)) | 0;
  }
}

/** 32 bits of a value; values that differ by less than 2^32 never collide. */
function fingerprint(value: number): number {
  const low = value | 0;
  if (low === value) return low;
  return low ^ Math.imul(Math.floor(value / TWO32) | 0, 0x85ebca6b);
}

function scramble(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}
