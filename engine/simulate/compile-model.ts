/** Operations that run a model, and where the result of a call goes. */
import type { Expr } from '../c/index.ts';
import type { FunctionCompiler } from './compile.ts';
import { compileStore } from './compile-assign.ts';
import { compilePlace } from './compile-expression.ts';
import type { CType } from './ctypes.ts';
import type { Machine, Op } from './machine.ts';
import type { Model, Site } from './model.ts';
import { BLOCK, FAIL, NO_RESULT } from './signals.ts';
import type { Place, Scope, Value } from './value.ts';

/** Where a call's result goes: its register where that needs no conversion, else a temporary that is stored after. */
export function resultSlot(
  c: FunctionCompiler,
  result: Expr | null,
  scope: Scope,
): { slot: number; place: Place | null } {
  if (result === null) return { slot: 0, place: null };
  const place = compilePlace(c, result, scope);
  if (place.kind === 'register' && (place.type.kind !== 'int' || place.type.type.bits === 64))
    return { slot: place.slot, place: null };
  return { slot: c.temporary(), place };
}

export function finishResult(c: FunctionCompiler, slot: number, place: Place | null, type: CType): void {
  if (place === null) return;
  compileStore(c, place, { get: (m) => m.memory.get(m.fp + slot), type, uses: [slot], constant: null });
}

export function runModel(
  m: Machine,
  model: Model,
  values: readonly number[],
  site: Site,
  slot: number,
  next: number,
): number {
  const result = model.run(m, values, site);
  if (result === NO_RESULT) return m.violation !== null ? FAIL : BLOCK;
  if (m.violation !== null) return FAIL;
  if (slot > 0) m.memory.set(m.fp + slot, result);
  return next;
}

export function emitModel(
  c: FunctionCompiler,
  model: Model,
  args: readonly Value[],
  site: Site,
  slot: number,
): void {
  const getters = args.map((arg) => arg.get);
  const uses = args.flatMap((arg) => arg.uses);
  c.emit(
    (next): Op => {
      const values: number[] = getters.map(() => 0);
      return (m) => {
        for (let i = 0; i < getters.length; i++) values[i] = getters[i]!(m);
        return runModel(m, model, values, site, slot, next);
      };
    },
    uses,
    slot > 0 ? [slot] : [],
  );
}

export function plainSite(c: FunctionCompiler, callee: string): Site {
  return {
    callee,
    file: c.fn.unit.path,
    at: c.at,
    texts: [],
    types: [],
    resultTag: '',
    resultIsPointer: false,
    id: c.linker.nextSite(),
    classes: [],
  };
}
