/** Where a line stands: in which function, and as what. */
import type { SourceUnit } from '../../c/index.ts';

/** The 1-based lines of the function that a line is in; null outside functions. */
export function functionAround(
  unit: SourceUnit,
  line: number,
): { readonly first: number; readonly last: number } | null {
  for (const fn of unit.functions) {
    const first = unit.position(fn.at).line;
    const last = unit.position(fn.end).line;
    if (first <= line && line <= last) return { first, last };
  }
  return null;
}

/** True for a line that is the body of an `if`, `else` or loop without braces. */
export function isBody(unit: SourceUnit, line: number): boolean {
  const before = unit.line(line - 1).trimEnd();
  return /\)$|\belse$/.test(before) && !before.endsWith(';');
}

/** A call that is a statement of its own on its line: its name and arguments. */
export const STATEMENT = /^\s*(\w+)\(([^;{}]*)\);\s*$/;
