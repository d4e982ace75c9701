/**
 * C integers as JavaScript numbers. Every value of the machine is an integer in a double: 32-bit values exactly, 64-bit
 * values as signed numbers (ULONG_MAX is -1), exact up to 2^53 in magnitude. Pointers lie in a range of their own
 * (see `memory.ts`), NULL is 0 and an error pointer is the negative error number, as in the kernel.
 */

export const TWO32 = 4294967296;

/** An integer type: its width, and whether it is unsigned. `bool` is 1 bit wide. */
export interface IntType {
  readonly bits: 1 | 8 | 16 | 32 | 64;
  readonly unsigned: boolean;
}

export const INT: IntType = { bits: 32, unsigned: false };
export const UINT: IntType = { bits: 32, unsigned: true };
export const LONG: IntType = { bits: 64, unsigned: false };
export const ULONG: IntType = { bits: 64, unsigned: true };
export const BOOL: IntType = { bits: 1, unsigned: true };

/** The value as an object of that type holds it. Null for 64 bits, which need no change. */
export function wrapper(type: IntType): ((value: number) => number) | null {
  switch (type.bits) {
    case 1:
      return (value) => (value === 0 ? 0 : 1);
    case 8:
      return type.unsigned ? (value) => value & 0xff : (value) => ((value | 0) << 24) >> 24;
    case 16:
      return type.unsigned ? (value) => value & 0xffff : (value) => ((value | 0) << 16) >> 16;
    case 32:
      return type.unsigned ? (value) => value >>> 0 : (value) => value | 0;
    default:
      return null;
  }
}

/** The type in which C computes a binary operation on these. */
export function commonType(left: IntType, right: IntType): IntType {
  const bits = left.bits === 64 || right.bits === 64 ? 64 : 32;
  const wide = (type: IntType) => type.unsigned && type.bits === bits;
  return { bits, unsigned: wide(left) || wide(right) };
}

/** `left < right` as unsigned 64-bit values. */
export function below(left: number, right: number): boolean {
  if (left >= 0) return right < 0 || left < right;
  return right < 0 && left < right;
}

function isSmall(value: number): boolean {
  return value === (value | 0);
}

const high = (value: number) => Math.floor(value / TWO32) | 0;
const join = (hi: number, lo: number) => hi * TWO32 + (lo >>> 0);

export function and(left: number, right: number): number {
  if (isSmall(left) && isSmall(right)) return left & right;
  return join(high(left) & high(right), left & right);
}

export function or(left: number, right: number): number {
  if (isSmall(left) && isSmall(right)) return left | right;
  return join(high(left) | high(right), left | right);
}

export function xor(left: number, right: number): number {
  if (isSmall(left) && isSmall(right)) return left ^ right;
  return join(high(left) ^ high(right), left ^ right);
}

/** `left << right` in 64 bits; what does not fit 2^53 keeps its low bits. */
export function shiftLeft(left: number, right: number): number {
  if (right < 0 || right > 63) return 0;
  const result = left * 2 ** right;
  if (Math.abs(result) <= Number.MAX_SAFE_INTEGER) return result;
  return Number(BigInt.asIntN(64, BigInt(Math.trunc(left)) << BigInt(right)));
}

export function shiftRight(left: number, right: number, unsigned: boolean): number {
  if (right < 0 || right > 63) return 0;
  if (left >= 0 || !unsigned) return Math.floor(left / 2 ** right);
  return Number(BigInt.asUintN(64, BigInt(left)) >> BigInt(right));
}

export function divide(left: number, right: number, unsigned: boolean): number {
  if (right === 0) return 0;
  if (unsigned && (left < 0 || right < 0)) {
    return Number(BigInt.asIntN(64, BigInt.asUintN(64, BigInt(left)) / BigInt.asUintN(64, BigInt(right))));
  }
  return Math.trunc(left / right) + 0;
}

export function remainder(left: number, right: number, unsigned: boolean): number {
  if (right === 0) return 0;
  if (unsigned && (left < 0 || right < 0)) {
    return Number(BigInt.asIntN(64, BigInt.asUintN(64, BigInt(left)) % BigInt.asUintN(64, BigInt(right))));
  }
  return (left % right) + 0;
}

/** The 64-bit number that a product or a sum stands for, where it left the range of exact doubles. */
export function fold(value: number): number {
  if (Number.isSafeInteger(value)) return value;
  return Number.isFinite(value) ? Number(BigInt.asIntN(64, BigInt(Math.trunc(value)))) : 0;
}
