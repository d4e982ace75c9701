/** Calls: of functions with a body, of models, of macros, through pointers; guards; waiting for a condition. */
import type { Expr, Instruction } from '../c/index.ts';
import type { FunctionCompiler } from './compile.ts';
import { addressValue, compilePlace, compileValue, readPlace } from './compile-expression.ts';
import { type CType, UNKNOWN } from './ctypes.ts';
import { expressionText } from './expression-text.ts';
import type { FunctionRef } from './linker.ts';
import type { Machine, Op } from './machine.ts';
import type { Model, Site, WaitForm } from './model.ts';
import { resultClasses } from './result-classes.ts';
import { BLOCK, FAIL, NO_RESULT } from './signals.ts';
import { constant, FRAME_HEADER, type Label, type Place, type Scope, shorten, type Value } from './value.ts';

type Call = Extract<Instruction, { kind: 'call' }>;

const MAX_MACRO_DEPTH = 12;

export function compileCall(c: FunctionCompiler, call: Call, scope: Scope): void {
  const { name } = call;
  const substitute = name === null ? undefined : scope.substitutes?.get(name);
  if (name === null || substitute !== undefined || c.types.has(scope.prefix + name)) {
    const callee = substitute !== undefined && substitute.expr.kind === 'name' ? substitute : null;
    if (
      callee !== null &&
      callee.expr.kind === 'name' &&
      !c.types.has(callee.scope.prefix + callee.expr.name)
    ) {
      compileNamed(c, { ...call, name: callee.expr.name }, scope);
    } else compileIndirect(c, call, scope);
    return;
  }
  compileNamed(c, call, scope);
}

function compileNamed(c: FunctionCompiler, call: Call, scope: Scope): void {
  const name = call.name!;
  const wait = c.linker.waits(name);
  if (wait !== null) {
    compileWait(c, call, scope, wait);
    return;
  }
  const value = c.linker.inlineValue(name, call, scope, c);
  if (value !== null) {
    storeResult(c, call.result, value, scope);
    return;
  }
  const callee = c.linker.callee(name, scope.unit, call.args.length);
  if (callee.kind === 'model') {
    compileModel(c, callee.model, call, scope);
    return;
  }
  if (callee.kind === 'function') {
    compileFunctionCall(c, callee.ref, call, scope);
    return;
  }
  if (callee.kind === 'macro') {
    if (scope.depth >= MAX_MACRO_DEPTH) {
      c.fail('unrunnable', `macros are nested too deep at ${name}()`);
      return;
    }
    const body = c.linker.macroBody(callee.unit, callee.macro);
    if (body === null) compileModel(c, c.linker.unknown(name), call, scope);
    else {
      const substitutes = new Map<string, { expr: Expr; scope: Scope }>();
      for (const [i, param] of callee.macro.params!.entries()) {
        substitutes.set(param.replace(/\.\.\.$/, '') || '__VA_ARGS__', { expr: call.args[i] ?? zero, scope });
      }
      storeResult(c, call.result, expand(c, body, callee.unit, substitutes, scope), scope);
    }
    return;
  }
  compileModel(c, c.linker.unknown(name), call, scope);
}

const zero: Expr = { kind: 'number', value: 0, text: '0' };

/** Puts a macro's body in the place of its call. @returns the value of what it returns. */
function expand(
  c: FunctionCompiler,
  ir: import('../c/index.ts').FunctionIR,
  unit: import('../c/index.ts').SourceUnit,
  substitutes: Scope['substitutes'],
  outer: Scope,
): Value {
  const scope: Scope = { prefix: `${c.temporary()}:`, unit, substitutes, depth: outer.depth + 1 };
  c.declare(ir.locals, scope);
  c.findAddressed(ir, scope);
  const slot = c.temporary();
  const end: Label = { pc: -1 };
  c.blocks(ir.blocks, ir.entry, scope, (value) => {
    if (value !== null) c.move(slot, value);
    c.goto(end);
  });
  end.pc = c.pc;
  // An operation to land on, so that the label is inside the function even at its end.
  c.emit((next) => () => next, [], []);
  return { get: (m) => m.memory.values[m.fp + slot]!, type: UNKNOWN, uses: [slot], constant: null };
}

export function storeResult(c: FunctionCompiler, result: Expr | null, value: Value, scope: Scope): void {
  if (result === null) return;
  c.store(compilePlace(c, result, scope), value);
}

/** Where a call's result goes: its register where that needs no conversion, else a temporary that is stored after. */
function resultSlot(
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

function finishResult(c: FunctionCompiler, slot: number, place: Place | null, type: CType): void {
  if (place === null) return;
  c.store(place, { get: (m) => m.memory.values[m.fp + slot]!, type, uses: [slot], constant: null });
}

function argumentValue(c: FunctionCompiler, arg: Expr, scope: Scope): Value {
  if (arg.kind === 'type') return constant(0);
  return compileValue(c, arg, scope);
}

function compileFunctionCall(c: FunctionCompiler, ref: FunctionRef, call: Call, scope: Scope): void {
  const args = call.args.map((arg) => argumentValue(c, arg, scope));
  const { slot, place } = resultSlot(c, call.result, scope);
  const caller = c.fn;
  const { linker } = c;
  const uses = args.flatMap((arg) => arg.uses);
  const getters = args.map((arg) => arg.get);
  c.emit(
    (next): Op => {
      const values: number[] = getters.map(() => 0);
      return (m) => {
        const callee = linker.ensure(ref);
        const count = Math.min(getters.length, callee.ir.params.length);
        for (let i = 0; i < count; i++) values[i] = getters[i]!(m);
        return push(m, caller, callee, values, count, next, slot);
      };
    },
    uses,
    slot > 0 ? [slot] : [],
  );
  finishResult(c, slot, place, UNKNOWN);
}

function push(
  m: Machine,
  caller: { readonly frameSize: number },
  callee: { readonly entry: number; readonly wraps?: readonly (((value: number) => number) | null)[] },
  values: readonly number[],
  count: number,
  next: number,
  slot: number,
): number {
  const { fp } = m;
  const frame = fp + caller.frameSize;
  m.clean(m, next, fp);
  if (!m.enter(callee.entry, frame, next, slot)) return FAIL;
  for (let i = 0; i < count; i++) {
    const wrap = callee.wraps?.[i] ?? null;
    m.memory.set(frame + FRAME_HEADER + i, wrap === null ? values[i]! : wrap(values[i]!));
  }
  return callee.entry;
}

function compileIndirect(c: FunctionCompiler, call: Call, scope: Scope): void {
  const callee = compileValue(
    c,
    call.name === null ? call.callee : { kind: 'name', name: call.name, binding: 'local' },
    scope,
  );
  const args = call.args.map((arg) => argumentValue(c, arg, scope));
  const { slot, place } = resultSlot(c, call.result, scope);
  const caller = c.fn;
  const { linker } = c;
  const text = expressionText(call.callee);
  const site = siteOf(c, call, text, scope);
  const getters = args.map((arg) => arg.get);
  const { get } = callee;
  c.emit(
    (next): Op =>
      (m) => {
        const pointer = get(m);
        const object = m.memory.objectOf(pointer);
        if (object === null) {
          m.canFollow(pointer, `${text}()`);
          return FAIL;
        }
        const values = getters.map((one) => one(m));
        const ref = linker.functionBehind(object.name);
        if (object.kind === 'function' && ref !== null) {
          const target = linker.ensure(ref);
          return push(
            m,
            caller,
            target,
            values,
            Math.min(values.length, target.ir.params.length),
            next,
            slot,
          );
        }
        const model =
          (object.kind === 'function' ? linker.modelOf(object.name) : null) ?? linker.unknown(text);
        return runModel(m, model, values, site, slot, next);
      },
    [...callee.uses, ...args.flatMap((arg) => arg.uses)],
    slot > 0 ? [slot] : [],
  );
  finishResult(c, slot, place, UNKNOWN);
}

function siteOf(c: FunctionCompiler, call: Call, callee: string, scope: Scope): Site {
  const type = call.result === null ? UNKNOWN : placeType(c, call.result, scope);
  const { isPointer, classes } = resultClasses(c.fn.ir, call, c.linker.returnsPointer(callee), (name) =>
    c.linker.testOf(name),
  );
  return {
    callee,
    file: c.fn.unit.path,
    at: c.at,
    texts: call.args.map(expressionText),
    types: call.args.map((arg) => (arg.kind === 'type' ? arg.text : '')),
    resultTag: type.kind === 'pointer' ? type.to.replace(/^(struct|union) /, '') : '',
    resultIsPointer: isPointer || type.kind === 'pointer',
    id: c.linker.nextSite(),
    classes,
  };
}

function placeType(c: FunctionCompiler, expr: Expr, scope: Scope): CType {
  if (expr.kind === 'name') return c.types.get(scope.prefix + expr.name) ?? UNKNOWN;
  return UNKNOWN;
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

function compileModel(c: FunctionCompiler, model: Model, call: Call, scope: Scope): void {
  const modes = model.args ?? '';
  const args = call.args.map((arg, i) => {
    const mode = modes[i] ?? 'v';
    if (mode === '-' || arg.kind === 'type') return constant(0);
    if (mode === 'r') return addressValue(c, arg, scope);
    return compileValue(c, arg, scope);
  });
  const { slot, place } = resultSlot(c, call.result, scope);
  const site = siteOf(c, call, call.name ?? model.name, scope);
  emitModel(c, model, args, site, slot);
  finishResult(c, slot, place, c.linker.typeOf(model.returns));
}

function emitModel(
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

function plainSite(c: FunctionCompiler, callee: string): Site {
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

// --- Waiting for a condition -----------------------------------------------------------------------------------

function compileWait(c: FunctionCompiler, call: Call, scope: Scope, form: WaitForm): void {
  const queueArg = call.args[form.queue]!;
  const queue = form.byName ? addressValue(c, queueArg, scope) : compileValue(c, queueArg, scope);
  const { state } = form;
  const stateValue =
    typeof state === 'object'
      ? compileValue(c, call.args[state.argument]!, scope)
      : constant(state === 'killable' ? 258 : 2);
  const { slot, place } = resultSlot(c, call.result, scope);
  const result = slot === 0 ? c.temporary() : slot;
  const held = c.temporary();
  c.move(held, queue);
  const queueSlot: Value = {
    get: (m) => m.memory.values[m.fp + held]!,
    type: UNKNOWN,
    uses: [held],
    constant: null,
  };
  const model = (name: string) => c.linker.waitModel(name);
  c.move(result, constant(0));
  emitModel(c, model('prepare'), [queueSlot], plainSite(c, call.name!), 0);
  const again: Label = { pc: c.pc };
  const end: Label = { pc: -1 };
  emitModel(c, model('state'), [stateValue], plainSite(c, call.name!), 0);
  const truth = c.temporary();
  const lazy = call.lazyArgs?.[form.condition] ?? null;
  const evaluated: Label = { pc: -1 };
  if (lazy === null) c.move(truth, compileValue(c, call.args[form.condition]!, scope));
  else {
    c.blocks(lazy.blocks, lazy.entry, scope, (value) => {
      c.move(truth, value ?? constant(1));
      c.goto(evaluated);
    });
  }
  evaluated.pc = c.pc;
  const asleep: Label = { pc: -1 };
  c.emit(
    (next) => (m) => (m.memory.values[m.fp + truth] !== 0 ? end.pc : next),
    [truth],
    [],
    [c.pc + 1, end],
  );
  emitModel(c, model('signal'), [stateValue], plainSite(c, call.name!), result);
  c.emit(
    () => (m) => (m.memory.values[m.fp + result] !== 0 ? end.pc : asleep.pc),
    [result],
    [],
    [asleep, end],
  );
  asleep.pc = c.pc;
  emitModel(c, model('sleep'), [queueSlot, stateValue], plainSite(c, call.name!), 0);
  c.goto(again);
  end.pc = c.pc;
  emitModel(c, model('finish'), [queueSlot], plainSite(c, call.name!), 0);
  finishResult(c, slot, place, UNKNOWN);
}

// --- Guards ----------------------------------------------------------------------------------------------------

export function compileGuardEnter(
  c: FunctionCompiler,
  guard: Extract<Instruction, { kind: 'guard-enter' }>,
  scope: Scope,
): void {
  const variable: Expr = { kind: 'name', name: guard.variable, binding: 'local' };
  const forms = c.linker.guard(guard.guardClass, scope.unit);
  const place = compilePlace(c, variable, scope);
  const first = guard.args[0];
  c.store(place, first === undefined ? constant(1) : compileValue(c, first, scope));
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
  c.store(place, {
    get: (m) => (m.memory.values[m.fp + slot] !== 0 ? get(m) : 0),
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
