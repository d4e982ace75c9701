import type { Call } from './call.ts';
import type { FunctionCompiler } from './compile.ts';
import { addressValue, compileValue } from './compile-expression.ts';
import { emitModel, finishResult, plainSite, resultSlot } from './compile-model.ts';
import { UNKNOWN } from './ctypes.ts';
import type { WaitForm } from './model.ts';
import { constant, type Label, type Scope, type Value } from './value.ts';

/** A `wait_event()` macro: a loop of steps around its condition. */
export function compileWait(c: FunctionCompiler, call: Call, scope: Scope, form: WaitForm): void {
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
    get: (m) => m.memory.get(m.fp + held),
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
  c.emit((next) => (m) => (m.memory.get(m.fp + truth) !== 0 ? end.pc : next), [truth], [], [c.pc + 1, end]);
  emitModel(c, model('signal'), [stateValue], plainSite(c, call.name!), result);
  c.emit(() => (m) => (m.memory.get(m.fp + result) !== 0 ? end.pc : asleep.pc), [result], [], [asleep, end]);
  asleep.pc = c.pc;
  emitModel(c, model('sleep'), [queueSlot, stateValue], plainSite(c, call.name!), 0);
  c.goto(again);
  end.pc = c.pc;
  emitModel(c, model('finish'), [queueSlot], plainSite(c, call.name!), 0);
  finishResult(c, slot, place, UNKNOWN);
}
