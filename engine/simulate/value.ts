/** What expressions become, and what every part of the compiler uses. */
import type { Expr, SourceUnit } from '../c/index.ts';
import { type CType, UNKNOWN } from './ctypes.ts';
import type { Machine } from './machine.ts';
import type { CellHint } from './memory.ts';

/** Registers at the start of each frame: where to return to, the caller's frame, and the register for the result. */
export const FRAME_HEADER = 3;

export interface Value {
  readonly get: (m: Machine) => number;
  readonly type: CType;
  /** Registers that `get` reads. */
  readonly uses: readonly number[];
  readonly constant: number | null;
}

export type Place =
  | {
      readonly kind: 'register';
      readonly slot: number;
      readonly type: CType;
      readonly uses: readonly number[];
    }
  | {
      readonly kind: 'memory';
      readonly address: (m: Machine) => number;
      readonly type: CType;
      readonly hint: CellHint;
      readonly uses: readonly number[];
      readonly text: string;
    };

/** A place in the code that is known once it has been compiled. */
export interface Label {
  pc: number;
}

/** Where names of the text being compiled are looked up: the function itself, or a macro expanded into it. */
export interface Scope {
  readonly prefix: string;
  readonly unit: SourceUnit;
  /** For a macro: its parameters, as the caller wrote them. */
  readonly substitutes: ReadonlyMap<string, { readonly expr: Expr; readonly scope: Scope }> | null;
  readonly depth: number;
}

export function constant(value: number): Value {
  return { get: () => value, type: UNKNOWN, uses: [], constant: value };
}

export function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}
