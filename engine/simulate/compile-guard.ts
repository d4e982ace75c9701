/** What a scope does at its ends: `guard()`, `scoped_guard()`, `__free()`. */
import type { Expr, Instruction } from '../c/index.ts';
import type { FunctionCompiler } from './compile.ts';
import { compileStore } from './compile-assign.ts';
import { expand } from './compile-call.ts';
import { compilePlace, compileValue, readPlace } from './compile-expression.ts';
import { emitModel, plainSite } from './compile-model.ts';
import { UNKNOWN } from './ctypes.ts';
import { constant, type Label, type Place, type Scope, shorten } from './value.ts';

export function compileGuardEnter(
  c: FunctionCompiler,
  guard: Extract<Instruction, { kind: 'guard-enter' }>,
  scope: Scope,
): void {
  const variable: Expr = { kind: 'name', name: guard.variable, binding: 'local' };
  const forms = c.linker.guard(guard.guardClass, scope.unit);
  const place = compilePlace(c, variable, scope);
  const first = guard.args[0];
  compileStore(c, place, first === undefined ? constant(1) : compileValue(c, first, scope));
  if (forms === null) {
    c.linker.assume(`guard(${guard.guardClass}) does nothing: its definition is not in view`);
    return;
  }
  if (forms.kind === 'contract') {
    const slot = c.temporary();
    emitModel(c, forms.enter, [readPlace(c, place)], plainSite(c, `guard(${guard.guardClass})`), slot);
    if (forms.conditional) keepIf(c, place, slot);
    return;
  }
  const substitutes = new Map([['_T', { expr: variable, scope }]]);
  const value = expand(c, forms.enter, forms.unit, substitutes, scope);
  if (forms.conditional !== 'no') {
    const slot = c.temporary();
    const { get } = value;
    const zeroTaken = forms.conditional === 'zero';
    c.emit(
      (next) => (m) => {
        m.memory.set(m.fp + slot, (get(m) === 0) === zeroTaken ? 1 : 0);
        return next;
      },
      value.uses,
      [slot],
    );
    keepIf(c, place, slot);
  }
}

/** variable := slot ? variable : NULL */
function keepIf(c: FunctionCompiler, place: Place, slot: number): void {
  const value = readPlace(c, place);
  const { get } = value;
  compileStore(c, place, {
    get: (m) => (m.memory.get(m.fp + slot) !== 0 ? get(m) : 0),
    type: UNKNOWN,
    uses: [...value.uses, slot],
    constant: null,
  });
}

export function compileGuardExit(
  c: FunctionCompiler,
  guard: Extract<Instruction, { kind: 'guard-exit' }>,
  scope: Scope,
): void {
  const variable: Expr = { kind: 'name', name: guard.variable, binding: 'local' };
  const forms = c.linker.guard(guard.guardClass, scope.unit);
  if (forms === null) return;
  whenSet(c, variable, scope, () => {
    if (forms.kind === 'contract') {
      emitModel(
        c,
        forms.exit,
        [compileValue(c, variable, scope)],
        plainSite(c, `end of guard(${guard.guardClass})`),
        0,
      );
    } else expand(c, forms.exit, forms.unit, new Map([['_T', { expr: variable, scope }]]), scope);
  });
}

export function compileCleanup(
  c: FunctionCompiler,
  cleanup: Extract<Instruction, { kind: 'cleanup' }>,
  scope: Scope,
): void {
  const variable: Expr = { kind: 'name', name: cleanup.variable, binding: 'local' };
  const forms = c.linker.cleanup(cleanup.cleanup, scope.unit);
  if (forms === null) {
    c.linker.assume(`__free(${shorten(cleanup.cleanup)}) does nothing: its definition is not in view`);
    return;
  }
  whenSet(c, variable, scope, () => {
    if (forms.kind === 'contract') {
      emitModel(
        c,
        forms.enter,
        [compileValue(c, variable, scope)],
        plainSite(c, `__free(${cleanup.cleanup})`),
        0,
      );
    } else expand(c, forms.enter, forms.unit, new Map([['_T', { expr: variable, scope }]]), scope);
  });
}

function whenSet(c: FunctionCompiler, variable: Expr, scope: Scope, body: () => void): void {
  const value = compileValue(c, variable, scope);
  const { get } = value;
  const end: Label = { pc: -1 };
  c.emit((next) => (m) => (get(m) > 0 ? next : end.pc), value.uses, [], [c.pc + 1, end]);
  body();
  end.pc = c.pc;
  c.emit((next) => () => next, [], []);
}
