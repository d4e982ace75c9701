/** Objects as a whole: cleared, copied. */
import type { Machine } from './machine.ts';

/** Every cell below a pointer becomes what it is at first: zero, on a stack. */
export function resetObject(m: Machine, pointer: number): void {
  const { memory } = m;
  const object = memory.objectOf(pointer);
  if (object === null) return;
  for (const cell of memory.cellsBelow(pointer)) if (memory.get(cell) !== 0) m.writeAny(pointer, cell, 0);
}

/** Copies what lies below one pointer to another: what the source has, and zero for the rest of the target. */
export function copyObject(m: Machine, target: number, source: number): void {
  const { memory } = m;
  const from = memory.pathOf(source);
  const to = memory.pathOf(target);
  const wanted = new Map<number, number>();
  for (const cell of memory.cellsBelow(source)) {
    const steps = memory.paths.below(from, memory.pathOf(memory.cellAddress[cell]!));
    const path = steps.reduce((at, step) => memory.paths.child(at, step), to);
    wanted.set(target - to + path, m.readAny(source, cell));
  }
  for (const cell of memory.cellsBelow(target)) {
    const address = memory.cellAddress[cell]!;
    if (!wanted.has(address)) m.writeAny(target, cell, 0);
  }
  for (const [address, value] of wanted) m.writeAny(target, memory.cell(address), value);
}
