/** Typed arrays that grow: the machine's memory and what a search keeps of its states. */

type Numbers =
  | Float64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

/** A copy with room for so many; what is new in it is 0. @param length not below the one that it has */
export function longer<T extends Numbers>(from: T, length: number): T {
  const to = new (from.constructor as new (length: number) => T)(length);
  to.set(from);
  return to;
}
