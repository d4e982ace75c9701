/**
 * From `FunctionIR` to operations: closures over register numbers, each making at most one access to memory through
 * a pointer. Locals whose address is never taken are registers in the task's frame.
 */

import type { Block, Expr, FunctionIR, Instruction, SourceUnit, Terminator } from '../c/index.ts';
import { Access } from './access.ts';
import { compileCall, compileCleanup, compileGuardEnter, compileGuardExit } from './compile-call.ts';
import { compilePlace, compilePointer, compileValue, copyValue } from './compile-expression.ts';
import { type CType, parseType, UNKNOWN } from './ctypes.ts';
import type { Linker } from './linker.ts';
import type { Machine, Op } from './machine.ts';
import { POINTER } from './memory.ts';
import { wrapper } from './numbers.ts';
import { EXIT, FAIL } from './signals.ts';
import { constant, FRAME_HEADER, type Label, type Place, type Scope, shorten, type Value } from './value.ts';

export interface CompiledFunction {
  readonly index: number;
  readonly name: string;
  readonly ir: FunctionIR;
  readonly unit: SourceUnit;
  readonly returns: CType;
  /** Conversions of the arguments to the types of the parameters. */
  readonly wraps: readonly (((value: number) => number) | null)[];
  entry: number;
  /** Operations of this function are `first` to `last`, exclusive. */
  first: number;
  last: number;
  frameSize: number;
  /** Names of registers, for showing them. */
  readonly registers: Map<string, number>;
  /** Locals that live in memory, by name. */
  readonly objects: StackObject[];
  readonly flow: FlowOp[];
  /** Constructs that the machine cannot run: reaching one is a verdict. */
  readonly obstacles: { readonly at: number; readonly message: string }[];
  /** For each operation the registers that matter no more, made when first needed. */
  dead: Int16Array[] | null;
}

export interface StackObject {
  readonly name: string;
  readonly tag: string;
  /** The object's pointer in a frame, by frame address. */
  readonly pointers: Map<number, number>;
}

/** What an operation does with registers, for finding those that matter. */
export interface FlowOp {
  readonly uses: readonly number[];
  readonly defs: readonly number[];
  readonly successors: readonly (number | Label)[];
}

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
    this.findAddressed(ir, scope);
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
        m.memory.set(m.memory.cell(pointer), m.memory.values[m.fp + slot]!);
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
      const pointer = this.linker.globalObject(`${fn.name}.${object.name}`, object.tag);
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
        const returnPc = memory.values[fp]!;
        const callerFp = memory.values[fp + 1]!;
        const slot = memory.values[fp + 2]!;
        for (const object of objects) this.#resetObject(m, object);
        const end = fp + fn.frameSize;
        for (let cell = fp; cell < end; cell++) if (memory.values[cell] !== 0) memory.set(cell, 0);
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
    if (pointer !== undefined) m.linkedReset(pointer);
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
              m.linkedReset(address(m));
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
    const place = compilePlace(this, target, scope);
    if (source.kind === 'aggregate') {
      this.#assignAggregate(place, source, scope);
      return;
    }
    if (place.kind === 'memory' && place.type.kind === 'struct') {
      const from = compilePlace(this, source, scope);
      if (from.kind === 'memory') {
        copyValue(this, place, from);
        return;
      }
    }
    const value =
      place.type.kind === 'pointer'
        ? compilePointer(this, source, scope, place.type)
        : compileValue(this, source, scope);
    this.store(place, value);
  }

  store(place: Place, value: Value): void {
    if (place.kind === 'register') {
      this.move(place.slot, value, place.type);
      return;
    }
    const { address, text, hint } = place;
    const { get } = value;
    const wrap = place.type.kind === 'int' ? wrapper(place.type.type) : null;
    this.emit(
      (next): Op => {
        const access = new Access(text, hint);
        return (m) => {
          if (!access.follow(m, address(m))) return FAIL;
          const result = wrap === null ? get(m) : wrap(get(m));
          if (access.isOwn) m.memory.set(access.cell, result);
          else m.write(access.cell, result);
          return next;
        };
      },
      [...place.uses, ...value.uses],
      [],
    );
  }

  #assignAggregate(place: Place, source: Extract<Expr, { kind: 'aggregate' }>, scope: Scope): void {
    if (place.kind === 'register') {
      const first = source.fields[0];
      this.store(place, first === undefined ? constant(0) : compileValue(this, first.value, scope));
      return;
    }
    const { address } = place;
    this.emit(
      (next) => (m) => {
        const pointer = address(m);
        if (pointer >= POINTER) m.linkedReset(pointer);
        return next;
      },
      place.uses,
      [],
    );
    this.#fillAggregate(place, source, scope);
  }

  #fillAggregate(
    place: Extract<Place, { kind: 'memory' }>,
    source: Extract<Expr, { kind: 'aggregate' }>,
    scope: Scope,
  ): void {
    const names = place.type.kind === 'struct' ? this.linker.structs.fields(place.type.tag) : [];
    for (const [i, field] of source.fields.entries()) {
      const path = field.name ?? (place.type.kind === 'array' ? `[${i}]` : (names[i] ?? `[${i}]`));
      const steps = path
        .replaceAll('[', '.[')
        .split('.')
        .filter((step) => step !== '' && step !== '[0]');
      let type = place.type;
      for (const step of steps) type = this.linker.fieldType(type, step);
      const inner: Place = {
        ...place,
        address: (m) => steps.reduce((pointer, step) => m.memory.member(pointer, step), place.address(m)),
        type,
        hint: type.kind === 'pointer' ? { pointerTo: type.to } : 'number',
      };
      if (field.value.kind === 'aggregate') this.#fillAggregate(inner, field.value, scope);
      else this.store(inner, compileValue(this, field.value, scope));
    }
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

  // --- What has to live in memory ------------------------------------------------------------------------------

  findAddressed(
    ir: {
      readonly blocks: readonly Block[];
      readonly params: FunctionIR['params'];
      readonly locals: FunctionIR['locals'];
    },
    scope: Scope,
  ): void {
    const names = new Set([...ir.params, ...ir.locals].map((variable) => variable.name));
    const add = (expr: Expr) => {
      if (expr.kind === 'name' && names.has(expr.name)) this.addressed.add(scope.prefix + expr.name);
    };
    const visit = (expr: Expr): void => {
      switch (expr.kind) {
        case 'address':
          add(baseOf(expr.operand));
          visit(expr.operand);
          return;
        case 'field':
          if (!expr.arrow) add(baseOf(expr.base));
          visit(expr.base);
          return;
        case 'index':
          visit(expr.base);
          visit(expr.index);
          return;
        case 'deref':
        case 'unary':
        case 'cast':
          visit(expr.operand);
          return;
        case 'binary':
          visit(expr.left);
          visit(expr.right);
          return;
        case 'aggregate':
          for (const field of expr.fields) visit(field.value);
      }
    };
    for (const variable of [...ir.params, ...ir.locals]) {
      const type = parseType(variable.type);
      if (type.kind === 'struct' || type.kind === 'array') this.addressed.add(scope.prefix + variable.name);
    }
    for (const block of ir.blocks) {
      for (const instruction of block.instructions) {
        if (instruction.kind === 'assign') {
          visit(instruction.target);
          visit(instruction.value);
          if (instruction.value.kind === 'aggregate') add(instruction.target);
        } else if (instruction.kind === 'call') {
          for (const [i, arg] of instruction.args.entries()) {
            visit(arg);
            if (instruction.name !== null && this.linker.passesReference(instruction.name, i, scope.unit))
              add(baseOf(arg));
          }
          visit(instruction.callee);
          if (instruction.result !== null) visit(instruction.result);
        } else if (instruction.kind === 'guard-enter') for (const arg of instruction.args) visit(arg);
      }
      const { terminator } = block;
      if (terminator.kind === 'branch') visit(terminator.condition);
      else if (terminator.kind === 'switch') visit(terminator.value);
      else if (terminator.kind === 'return' && terminator.value !== null) visit(terminator.value);
    }
  }
}

/** The variable that a place is part of, as long as no pointer is followed. */
function baseOf(expr: Expr): Expr {
  let at = expr;
  while ((at.kind === 'field' && !at.arrow) || at.kind === 'index') at = at.base;
  return at;
}
