/** What a scope does at its ends: `guard()`, `scoped_guard()`, `__free()`. */
import type { Expr, Instruction } from '../c/index.ts';
import type { FunctionCompiler } from './compile.ts';
import { compileStore } from './compile-assign.ts';
import { expand } from './compile-call.ts';
import { compilePlace, compileValue, readPlace } from './compile-expression.ts';
import { emitModel, plainSite } from './compile-model.ts';
import { UNKNOWN } from './ctypes.ts';
import type { GuardForms } from './text-bodies.ts';
import { constant, type Label, type Place, type Scope, shorten } from './value.ts';

/** The variable that a scope takes to its end. */
const variableOf = (name: string): Expr => ({ kind: 'name', name, binding: 'local' });

/** `_T` in the text of a guard or a cleanup: the variable. */
const standingForT = (variable: Expr, scope: Scope): Scope['substitutes'] =>
  new Map([['_T', { expr: variable, scope }]]);

export function compileGuardEnter(
  c: FunctionCompiler,
  { guardClass, variable: name, args }: Extract<Instruction, { kind: 'guard-enter' }>,
  scope: Scope,
): void {
  const variable = variableOf(name);
  const forms = c.linker.texts.guard(guardClass, scope.unit);
  const place = compilePlace(c, variable, scope);
  const first = args[0];
  compileStore(c, place, first === undefined ? constant(1) : compileValue(c, first, scope));
  if (forms === null) {
    c.linker.assume(`guard(${guardClass}) does nothing: its definition is not in view`);
    return;
  }
  if (forms.kind === 'contract') {
    const slot = c.temporary();
    emitModel(c, forms.enter, [readPlace(c, place)], plainSite(c, `guard(${guardClass})`), slot);
    if (forms.conditional) keepIf(c, place, slot);
    return;
  }
  const value = expand(c, forms.enter, forms.unit, standingForT(variable, scope), scope);
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
  { guardClass, variable }: Extract<Instruction, { kind: 'guard-exit' }>,
  scope: Scope,
): void {
  const forms = c.linker.texts.guard(guardClass, scope.unit);
  // That its definition is not in view was said where the scope begins.
  if (forms !== null) compileEnd(c, variable, forms, `end of guard(${guardClass})`, scope);
}

export function compileCleanup(
  c: FunctionCompiler,
  { cleanup, variable }: Extract<Instruction, { kind: 'cleanup' }>,
  scope: Scope,
): void {
  const what = `__free(${shorten(cleanup)})`;
  const forms = c.linker.texts.cleanup(cleanup, scope.unit);
  if (forms === null) c.linker.assume(`${what} does nothing: its definition is not in view`);
  else compileEnd(c, variable, forms, what, scope);
}

/** What is done with a variable at the end of its scope, if it is set. */
function compileEnd(c: FunctionCompiler, name: string, forms: GuardForms, what: string, scope: Scope): void {
  const variable = variableOf(name);
  whenSet(c, variable, scope, () => {
    if (forms.kind === 'contract')
      emitModel(c, forms.exit, [compileValue(c, variable, scope)], plainSite(c, what), 0);
    else expand(c, forms.exit, forms.unit, standingForT(variable, scope), scope);
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
