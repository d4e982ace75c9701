/**
 * Which registers still matter at an operation. The others are cleared where a task stops, so that states that differ
 * only in them are one state.
 */
import type { CompiledFunction } from './compiled-function.ts';
import { FRAME_HEADER } from './value.ts';

const cache = new WeakMap<CompiledFunction, Uint32Array[]>();

/** The registers of the function that no operation from `pc` on reads before it writes them. */
export function deadRegisters(fn: CompiledFunction, pc: number): Int16Array {
  const live = liveSets(fn)[pc - fn.first];
  const dead: number[] = [];
  for (let register = FRAME_HEADER; register < fn.frameSize; register++) {
    if (live === undefined || ((live[register >>> 5]! >>> (register & 31)) & 1) === 0) dead.push(register);
  }
  return Int16Array.from(dead);
}

function liveSets(fn: CompiledFunction): Uint32Array[] {
  const known = cache.get(fn);
  if (known !== undefined) return known;
  const words = (fn.frameSize >>> 5) + 1;
  const sets = fn.flow.map(() => new Uint32Array(words));
  const scratch = new Uint32Array(words);
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = fn.flow.length - 1; i >= 0; i--) {
      const op = fn.flow[i]!;
      scratch.fill(0);
      for (const successor of op.successors) {
        const target = (typeof successor === 'number' ? successor : successor.pc) - fn.first;
        const next = sets[target];
        if (next !== undefined) for (let w = 0; w < words; w++) scratch[w]! |= next[w]!;
      }
      for (const register of op.defs) scratch[register >>> 5]! &= ~(1 << (register & 31));
      for (const register of op.uses) scratch[register >>> 5]! |= 1 << (register & 31);
      const set = sets[i]!;
      for (let w = 0; w < words; w++) {
        const merged = (set[w]! | scratch[w]!) >>> 0;
        if (merged !== set[w]) {
          set[w] = merged;
          changed = true;
        }
      }
    }
  }
  cache.set(fn, sets);
  return sets;
}
