/** Where a task is: its calls, with what their variables hold. For a debugger and for the panel. */
import type { CompiledFunction } from './compiled-function.ts';
import { deadRegisters } from './liveness.ts';
import type { Program } from './program.ts';
import { EXITED, FP, PC } from './signals.ts';
import { type Place, placeOf } from './snapshot.ts';

export interface Variable {
  readonly name: string;
  readonly value: string;
  /** Fields that have been used so far, of a variable that lives in memory. */
  readonly fields: readonly Variable[];
}

export interface Frame {
  /** What is executed next in it; in a caller, its call. */
  readonly place: Place;
  readonly variables: readonly Variable[];
}

const MAX_FRAMES = 200;

/** The calls of a task, the innermost first; none once it has ended. */
export function framesOf(program: Program, task: number): Frame[] {
  return callsOf(program, task).map(({ fn, at, pc, fp }) => ({
    place: placeOf(program, at),
    variables: variablesOf(program, fn, pc, fp),
  }));
}

/** The functions that a task is in, the innermost first. */
export function callNames(program: Program, task: number): string[] {
  return callsOf(program, task).map(({ fn }) => fn.name);
}

interface ActiveCall {
  readonly fn: CompiledFunction;
  /** The operation to show: the next one, or the call that is waited for. */
  readonly at: number;
  /** Where it goes on. */
  readonly pc: number;
  readonly fp: number;
}

function callsOf(program: Program, task: number): ActiveCall[] {
  const m = program.linker.machine;
  const calls: ActiveCall[] = [];
  if (m.status(task) === EXITED) return calls;
  let pc = m.field(task, PC);
  let fp = m.field(task, FP);
  while (pc >= 0 && calls.length < MAX_FRAMES) {
    const fn = program.linker.functions[m.opInfo[pc]?.fn ?? -1];
    if (fn === undefined) break;
    // A frame that waits for a callee returns to the operation after the call.
    calls.push({ fn, at: calls.length === 0 ? pc : Math.max(fn.first, pc - 1), pc, fp });
    pc = m.memory.get(fp);
    fp = m.memory.get(fp + 1);
  }
  return calls;
}

/** Variables whose value still matters: others have been cleared, so that equal states are equal. */
function variablesOf(program: Program, fn: CompiledFunction, pc: number, fp: number): Variable[] {
  const { memory } = program.linker.machine;
  const dead = new Set(deadRegisters(fn, pc));
  const variables: Variable[] = [];
  for (const [name, slot] of fn.registers) {
    if (!/^[A-Za-z_]\w*$/.test(name) || dead.has(slot)) continue;
    variables.push({ name, value: textOf(program, memory.get(fp + slot)), fields: [] });
  }
  for (const object of fn.objects) {
    const pointer = object.pointers.get(fp);
    const name = object.name.replace(/@\d+$/, '');
    if (pointer === undefined || !/^[A-Za-z_]\w*$/.test(name)) continue;
    const fields = memory.cellsBelow(pointer).flatMap((cell): Variable[] => {
      const path = memory.describe(memory.cellAddress[cell]!);
      if (path.includes('#')) return [];
      return [
        { name: path.slice(path.indexOf('.') + 1), value: textOf(program, memory.get(cell)), fields: [] },
      ];
    });
    const [only] = fields;
    if (fields.length === 1 && only!.name === name) variables.push({ ...only!, name });
    else variables.push({ name, value: object.tag === '' ? '' : `struct ${object.tag}`, fields });
  }
  return variables.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function textOf(program: Program, value: number): string {
  if (value >= 0 && value < 10) return String(value);
  return program.linker.machine.memory.describe(value);
}
