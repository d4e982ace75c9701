/** A set of ranges of lines that hunks have taken. Two insertions may share a place. */
export class Intervals {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  isFree(start: number, end: number): boolean {
    const i = this.#after(start);
    if (i > 0 && this.#ends[i - 1]! > start) return false;
    return i >= this.#starts.length || this.#starts[i]! >= end;
  }

  add(start: number, end: number): void {
    const i = this.#after(start);
    this.#starts.splice(i, 0, start);
    this.#ends.splice(i, 0, end);
  }

  /** Index of the first range that begins after `start`, or at it. */
  #after(start: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! < start || (this.#starts[middle] === start && this.#ends[middle] === start)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
