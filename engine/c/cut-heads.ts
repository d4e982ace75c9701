/** Heads of functions that a fragment shows without their beginning. */
import type { FunctionSource } from './unit.ts';

const HEADS = new WeakMap<FunctionSource, string>();

/** Remembers the head, `type name(parameters)`, to put in front of the slices of a function. */
export function setHeadOfCut(fn: FunctionSource, head: string): void {
  HEADS.set(fn, head);
}

/** The head to put in front of a function whose beginning is missing. */
export function headOfCut(fn: FunctionSource): string {
  return HEADS.get(fn) ?? 'void _(void)';
}
