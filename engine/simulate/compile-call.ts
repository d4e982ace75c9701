/** Calls: of functions with a body, of models, of macros, through pointers; guards; waiting for a condition. */
import type { Expr, FunctionIR, Instruction, SourceUnit } from '../c/index.ts';
import type { FunctionCompiler } from './compile.ts';
import { compileStore } from './compile-assign.ts';
import { addressValue, compilePlace, compileValue } from './compile-expression.ts';
import { emitModel, finishResult, resultSlot, runModel } from './compile-model.ts';
import { compileWait } from './compile-wait.ts';
import { type CType, UNKNOWN } from './ctypes.ts';
import { expressionText } from './expression-text.ts';
import type { FunctionRef } from './linker.ts';
import type { Machine, Op } from './machine.ts';
import type { Model, Site } from './model.ts';
import { resultClasses } from './result-classes.ts';
import { FAIL } from './signals.ts';
import { constant, FRAME_HEADER, type Label, type Scope, type Value } from './value.ts';

type Call = Extract<Instruction, { kind: 'call' }>;

/** Characters of a statement that are looked through for a call. */
const MAX_STATEMENT = 500;
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
    const body = c.linker.texts.macroBody(callee.unit, callee.macro);
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
export function expand(
  c: FunctionCompiler,
  ir: FunctionIR,
  unit: SourceUnit,
  substitutes: Scope['substitutes'],
  outer: Scope,
): Value {
  const scope: Scope = { prefix: `${c.temporary()}:`, unit, substitutes, depth: outer.depth + 1 };
  c.declare(ir.locals, scope);
  c.noteAddressed(ir, scope);
  const slot = c.temporary();
  const end: Label = { pc: -1 };
  c.blocks(ir.blocks, ir.entry, scope, (value) => {
    if (value !== null) c.move(slot, value);
    c.goto(end);
  });
  end.pc = c.pc;
  // An operation to land on, so that the label is inside the function even at its end.
  c.emit((next) => () => next, [], []);
  return { get: (m) => m.memory.get(m.fp + slot), type: UNKNOWN, uses: [slot], constant: null };
}

export function storeResult(c: FunctionCompiler, result: Expr | null, value: Value, scope: Scope): void {
  if (result === null) return;
  compileStore(c, compilePlace(c, result, scope), value);
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
  m.clean(next, fp);
  if (!m.enter(frame, next, slot)) return FAIL;
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
        const ref = linker.names.functionBehind(object.name);
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
    texts: argumentTexts(c, call, scope),
    types: call.args.map((arg) => (arg.kind === 'type' ? arg.text : '')),
    resultTag: type.kind === 'pointer' ? type.to.replace(/^(struct|union) /, '') : '',
    resultIsPointer: isPointer || type.kind === 'pointer',
    id: c.linker.nextSite(),
    classes,
  };
}

/** The arguments of a call for people to read: as the code has them, where the lowering gave names to parts of them. */
function argumentTexts(c: FunctionCompiler, call: Call, scope: Scope): readonly string[] {
  const texts = call.args.map(expressionText);
  if (!texts.some((text) => text.includes('%'))) return texts;
  const written = scope.depth === 0 ? writtenArguments(c.fn.unit.text, c.at, call.name ?? '') : null;
  return texts.map((text, i) => written?.[i] ?? text.replaceAll(/%\d+/g, '…'));
}

/** The arguments of the first call of that name from an offset on; null where there is none in the statement. */
function writtenArguments(text: string, from: number, name: string): string[] | null {
  const at = text.indexOf(`${name}(`, from);
  if (name === '' || at < 0 || at - from > MAX_STATEMENT) return null;
  const args: string[] = [];
  let begin = at + name.length + 1;
  let depth = 0;
  for (let i = begin; i < text.length && i - at < MAX_STATEMENT; i++) {
    const char = text[i]!;
    if (depth === 0 && (char === ',' || char === ')')) {
      args.push(text.slice(begin, i).replaceAll(/\s+/g, ' ').trim());
      begin = i + 1;
      if (char === ')') return args;
    } else if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char)) depth--;
  }
  return null;
}

function placeType(c: FunctionCompiler, expr: Expr, scope: Scope): CType {
  if (expr.kind === 'name') return c.types.get(scope.prefix + expr.name) ?? UNKNOWN;
  return UNKNOWN;
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
