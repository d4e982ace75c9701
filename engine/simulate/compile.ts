/**
 * From `FunctionIR` to operations: closures over register numbers, each making at most one access to memory through
 * a pointer. Locals whose address is never taken are registers in the task's frame.
 */

import type { Block, Expr, FunctionIR, Instruction, Terminator } from '../c/index.ts';
import { addressedVariables } from './addressed.ts';
import { compileAssign } from './compile-assign.ts';
import { compileCall } from './compile-call.ts';
import { compilePointer, compileValue } from './compile-expression.ts';
import { compileCleanup, compileGuardEnter, compileGuardExit } from './compile-guard.ts';
import type { CompiledFunction, StackObject } from './compiled-function.ts';
import { type CType, parseType, UNKNOWN } from './ctypes.ts';
import type { Linker } from './linker.ts';
import type { Machine, Op } from './machine.ts';
import { wrapper } from './numbers.ts';
import { resetObject } from './object-copy.ts';
import { EXIT } from './signals.ts';
import { FRAME_HEADER, type Label, type Scope, shorten, type Value } from './value.ts';

export class FunctionCompiler {
  readonly linker: Linker;
  readonly fn: CompiledFunction;
  readonly types = new Map<string, CType>();
  readonly objects = new Map<string, StackObject>();
  /** Names that have to live in memory. */
  readonly addressed = new Set<string>();
  at = 0;
  #next: number;

  constructor(linker: Linker, fn: CompiledFunction) {
    this.linker = linker;
    this.fn = fn;
    this.#next = FRAME_HEADER;
  }

  // --- Registers -----------------------------------------------------------------------------------------------

  register(name: string): number {
    let slot = this.fn.registers.get(name);
    if (slot === undefined) {
      slot = this.#next++;
      this.fn.registers.set(name, slot);
      this.fn.frameSize = Math.max(this.fn.frameSize, this.#next);
    }
    return slot;
  }

  temporary(): number {
    const slot = this.#next++;
    this.fn.frameSize = Math.max(this.fn.frameSize, this.#next);
    return slot;
  }

  // --- Operations ----------------------------------------------------------------------------------------------

  get pc(): number {
    return this.linker.machine.ops.length;
  }

  /** Adds an operation. `make` is given the index of the operation after it. */
  emit(
    make: (next: number) => Op,
    uses: readonly number[],
    defs: readonly number[],
    successors?: readonly (number | Label)[],
  ): void {
    const machine = this.linker.machine;
    const pc = machine.ops.length;
    machine.ops.push(make(pc + 1));
    machine.opInfo.push({ fn: this.fn.index, at: this.at });
    this.fn.flow.push({ uses, defs, successors: successors ?? [pc + 1] });
  }

  fail(kind: 'unrunnable', message: string): void {
    this.fn.obstacles.push({ at: this.at, message });
    this.emit(() => (m) => m.fail(kind, message), [], [], []);
  }

  goto(label: Label): void {
    this.emit(() => () => label.pc, [], [], [label]);
  }

  /** register := value */
  move(slot: number, value: Value, type: CType = UNKNOWN): void {
    const { get } = value;
    const wrap = type.kind === 'int' ? wrapper(type.type) : null;
    if (wrap === null) {
      this.emit(
        (next) => (m) => {
          m.memory.set(m.fp + slot, get(m));
          return next;
        },
        value.uses,
        [slot],
      );
    } else {
      this.emit(
        (next) => (m) => {
          m.memory.set(m.fp + slot, wrap(get(m)));
          return next;
        },
        value.uses,
        [slot],
      );
    }
  }

  // --- The function --------------------------------------------------------------------------------------------

  compile(): void {
    const { ir } = this.fn;
    const scope: Scope = { prefix: '', unit: this.fn.unit, substitutes: null, depth: 0 };
    this.fn.first = this.pc;
    this.declare(ir.params, scope);
    this.declare(ir.locals, scope);
    for (const param of ir.params) this.register(param.name);
    this.noteAddressed(ir, scope);
    this.fn.entry = this.pc;
    for (const param of ir.params) this.#spill(param.name);
    this.blocks(ir.blocks, ir.entry, scope, (value, at) => this.#return(value, at));
    this.fn.last = this.pc;
  }

  declare(variables: FunctionIR['params'], scope: Scope): void {
    for (const variable of variables) {
      this.types.set(scope.prefix + variable.name, parseType(variable.type));
      if (variable.isStatic) this.addressed.add(scope.prefix + variable.name);
    }
  }

  noteAddressed(ir: Pick<FunctionIR, 'blocks' | 'params' | 'locals'>, scope: Scope): void {
    const isReference = (name: string, i: number) => this.linker.passesReference(name, i, scope.unit);
    for (const name of addressedVariables(ir, isReference)) this.addressed.add(scope.prefix + name);
  }

  /** Compiles blocks; `leave` is what a return does. */
  blocks(
    blocks: readonly Block[],
    entry: number,
    scope: Scope,
    leave: (value: Value | null, at: number) => void,
  ): void {
    const labels: Label[] = blocks.map(() => ({ pc: -1 }));
    const order = [entry, ...blocks.map((_, i) => i).filter((i) => i !== entry)];
    for (const id of order) {
      const block = blocks[id]!;
      labels[id]!.pc = this.pc;
      for (const instruction of block.instructions) this.#instruction(instruction, scope);
      this.#terminator(block.terminator, labels, scope, leave);
    }
  }

  /** A parameter whose address is taken moves into memory. */
  #spill(name: string): void {
    if (!this.addressed.has(name)) return;
    const slot = this.register(name);
    const object = this.stackObject(name);
    const address = this.addressOf(object);
    this.emit(
      (next) => (m) => {
        const pointer = address(m);
        m.memory.set(m.memory.cell(pointer), m.memory.get(m.fp + slot));
        return next;
      },
      [slot],
      [],
    );
  }

  stackObject(name: string): StackObject {
    let object = this.objects.get(name);
    if (object === undefined) {
      const type = this.types.get(name) ?? UNKNOWN;
      const tag = type.kind === 'struct' || type.kind === 'named' ? type.tag : '';
      object = { name, tag, pointers: new Map() };
      this.objects.set(name, object);
      this.fn.objects.push(object);
    }
    return object;
  }

  /** The address of a local in memory; the object is made for each frame that the function runs in. */
  addressOf(object: StackObject): (m: Machine) => number {
    const { fn } = this;
    const variable = fn.ir.locals.find((local) => local.name === object.name);
    if (variable?.isStatic === true) {
      const pointer = this.linker.names.globalObject(`${fn.name}.${object.name}`, object.tag);
      return () => pointer;
    }
    return (m) => {
      const known = object.pointers.get(m.fp);
      if (known !== undefined) return known;
      const task = m.current;
      const id = m.memory.object(`stack ${task} ${m.fp} ${fn.index} ${object.name}`, {
        name: object.name.replace(/@\d+$/, ''),
        tag: object.tag,
        kind: 'stack',
        task,
      });
      const pointer = m.memory.pointer(id);
      object.pointers.set(m.fp, pointer);
      return pointer;
    };
  }

  #return(value: Value | null, at: number): void {
    this.at = at;
    const { fn } = this;
    const { returns } = fn;
    const wrap = returns.kind === 'int' ? wrapper(returns.type) : null;
    const get = value?.get ?? null;
    const { objects } = fn;
    this.emit(
      () => (m) => {
        const memory = m.memory;
        const { fp } = m;
        let result = get === null ? 0 : get(m);
        if (wrap !== null) result = wrap(result);
        const returnPc = memory.get(fp);
        const callerFp = memory.get(fp + 1);
        const slot = memory.get(fp + 2);
        for (const object of objects) this.#resetObject(m, object);
        const end = fp + fn.frameSize;
        for (let cell = fp; cell < end; cell++) if (memory.get(cell) !== 0) memory.set(cell, 0);
        m.fp = callerFp;
        if (returnPc < 0) return EXIT;
        if (slot > 0) memory.set(callerFp + slot, result);
        return returnPc;
      },
      value?.uses ?? [],
      [],
      [],
    );
  }

  #resetObject(m: Machine, object: StackObject): void {
    const pointer = object.pointers.get(m.fp);
    if (pointer !== undefined) resetObject(m, pointer);
  }

  #instruction(instruction: Instruction, scope: Scope): void {
    this.at = scope.depth === 0 ? instruction.at : this.at;
    switch (instruction.kind) {
      case 'assign':
        this.assign(instruction.target, instruction.value, scope);
        return;
      case 'call':
        compileCall(this, instruction, scope);
        return;
      case 'declare': {
        const name = scope.prefix + instruction.name;
        if (this.addressed.has(name)) {
          const address = this.addressOf(this.stackObject(name));
          this.emit(
            (next) => (m) => {
              resetObject(m, address(m));
              return next;
            },
            [],
            [],
          );
        } else this.move(this.register(name), { get: () => 0, type: UNKNOWN, uses: [], constant: 0 });
        return;
      }
      case 'guard-enter':
        compileGuardEnter(this, instruction, scope);
        return;
      case 'guard-exit':
        compileGuardExit(this, instruction, scope);
        return;
      case 'cleanup':
        compileCleanup(this, instruction, scope);
        return;
      case 'opaque':
        if (/^\s*(asm|__asm__)\b/.test(instruction.text)) {
          this.fail('unrunnable', `inline assembly: ${shorten(instruction.text)}`);
        } else this.fail('unrunnable', `${instruction.reason}: ${shorten(instruction.text)}`);
        return;
    }
  }

  assign(target: Expr, source: Expr, scope: Scope): void {
    compileAssign(this, target, source, scope);
  }

  #terminator(
    terminator: Terminator,
    labels: readonly Label[],
    scope: Scope,
    leave: (value: Value | null, at: number) => void,
  ): void {
    if (scope.depth === 0) this.at = terminator.at;
    switch (terminator.kind) {
      case 'goto':
        this.goto(labels[terminator.to]!);
        return;
      case 'branch': {
        const { get, uses, constant: known } = compileValue(this, terminator.condition, scope);
        const then = labels[terminator.then]!;
        const otherwise = labels[terminator.otherwise]!;
        if (known !== null) {
          this.goto(known !== 0 ? then : otherwise);
          return;
        }
        this.emit(() => (m) => (get(m) !== 0 ? then.pc : otherwise.pc), uses, [], [then, otherwise]);
        return;
      }
      case 'switch': {
        const { get, uses } = compileValue(this, terminator.value, scope);
        const cases = terminator.cases.map((one) => {
          const low = compileValue(this, one.low, scope);
          const high = one.high === null ? low : compileValue(this, one.high, scope);
          return { low: low.get, high: high.get, to: labels[one.to]! };
        });
        const otherwise = labels[terminator.otherwise]!;
        this.emit(
          () => (m) => {
            const value = get(m);
            for (const one of cases) if (value >= one.low(m) && value <= one.high(m)) return one.to.pc;
            return otherwise.pc;
          },
          uses,
          [],
          [...cases.map((one) => one.to), otherwise],
        );
        return;
      }
      case 'return':
        leave(terminator.value === null ? null : this.#returned(terminator.value, scope), terminator.at);
        return;
      case 'unreachable':
        this.emit(() => (m) => m.fail('assertion', 'code that is not to be reached is reached'), [], [], []);
    }
  }

  #returned(expr: Expr, scope: Scope): Value {
    const { returns } = this.fn;
    return scope.depth === 0 && returns.kind === 'pointer'
      ? compilePointer(this, expr, scope, returns)
      : compileValue(this, expr, scope);
  }
}
