/** Links compiled functions: finds what names stand for, and compiles functions when they are first called. */
import {
  type CParser,
  type FunctionSource,
  lowerFunction,
  type MacroDefinition,
  type SourceUnit,
} from '../c/index.ts';
import type { Contract, ContractTable } from '../protocol/index.ts';
import type { Call } from './call.ts';
import { FunctionCompiler } from './compile.ts';
import type { CompiledFunction } from './compiled-function.ts';
import { contractModel } from './contract-model.ts';
import { type CType, parseType, tagOf, UNKNOWN } from './ctypes.ts';
import { GlobalNames } from './global-names.ts';
import { compileInlineValue } from './inline-value.ts';
import { deadRegisters } from './liveness.ts';
import { Machine } from './machine.ts';
import type { ObjectInfo } from './memory.ts';
import type { Model, WaitForm } from './model.ts';
import { wrapper } from './numbers.ts';
import type { TestOf } from './result-classes.ts';
import { TextBodies } from './text-bodies.ts';
import type { UnitIndex } from './units.ts';
import { unknownModel } from './unknown.ts';
import type { Scope, Value } from './value.ts';

export interface FunctionRef {
  readonly unit: SourceUnit;
  readonly fn: FunctionSource;
  compiled: CompiledFunction | null;
}

/** The file name of the code that gives a role's function its arguments. */
export const GLUE = '<scenario glue>';

export type Depth = 'contract' | 'full';

/** What the kernel's names mean, as data: see `models/`. */
export interface ModelSet {
  readonly models: ReadonlyMap<string, Model>;
  readonly waits: ReadonlyMap<string, WaitForm>;
  readonly waitModels: Readonly<Record<string, Model>>;
  readonly constants: ReadonlyMap<string, number>;
  /** Fields that share storage, by the name that is used instead. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Types of fields where no definition of their struct is in view. */
  readonly fieldTypes: ReadonlyMap<string, string>;
  /** Names of the running task, as the kernel calls it. */
  readonly current: ReadonlySet<string>;
  setUp(m: Machine): void;
}

export interface LinkOptions {
  readonly units: UnitIndex;
  readonly parser: CParser;
  readonly contracts: ContractTable;
  readonly depth: Depth;
  readonly models: ModelSet;
  /** Objects that fields of these struct tags point to unless something else is written: the scenario's `mm`. */
  readonly targets: Map<string, (object: ObjectInfo) => number>;
}

export type Callee =
  | { readonly kind: 'model'; readonly model: Model }
  | { readonly kind: 'function'; readonly ref: FunctionRef }
  | { readonly kind: 'macro'; readonly unit: SourceUnit; readonly macro: MacroDefinition }
  | { readonly kind: 'unknown' };

export class Linker {
  readonly machine = new Machine();
  readonly options: LinkOptions;
  readonly functions: CompiledFunction[] = [];
  readonly #refs = new Map<FunctionSource, FunctionRef>();
  readonly #unknown = new Map<string, Model>();
  readonly #contractModels = new Map<Contract, Model>();
  readonly names: GlobalNames;
  readonly texts: TextBodies;
  #sites = 0;

  constructor(options: LinkOptions) {
    this.options = options;
    this.names = new GlobalNames(this.machine, options, (name, from) => this.definition(name, from));
    this.texts = new TextBodies(options, (contract) => this.contractModel(contract));
    this.machine.frames = {
      dead: (pc) => this.#deadAt(pc),
      size: (pc) => this.functions[this.machine.opInfo[pc]!.fn]!.frameSize,
    };
    this.machine.memory.makeTarget = (object, path, tag) => this.#makeTarget(object, path, tag);
    options.models.setUp(this.machine);
  }

  get structs() {
    return this.options.units.structs;
  }

  // --- Functions -----------------------------------------------------------------------------------------------

  ref(unit: SourceUnit, fn: FunctionSource): FunctionRef {
    let ref = this.#refs.get(fn);
    if (ref === undefined) {
      ref = { unit, fn, compiled: null };
      this.#refs.set(fn, ref);
    }
    return ref;
  }

  /** Lowers and compiles a function unless that is done. */
  ensure(ref: FunctionRef): CompiledFunction {
    if (ref.compiled !== null) return ref.compiled;
    const { units, parser, models } = this.options;
    const ir = lowerFunction(parser, ref.unit, ref.fn, units.configuration, {
      lazy: (name) => models.waits.has(name),
    });
    const fn: CompiledFunction = {
      index: this.functions.length,
      name: ref.fn.name,
      ir,
      unit: ref.unit,
      returns: parseType(ir.returnType),
      wraps: ir.params.map((param) => {
        const type = parseType(param.type);
        return type.kind === 'int' ? wrapper(type.type) : null;
      }),
      entry: 0,
      first: 0,
      last: 0,
      frameSize: 3,
      registers: new Map(),
      objects: [],
      flow: [],
      obstacles: [],
      dead: null,
    };
    this.functions.push(fn);
    ref.compiled = fn;
    new FunctionCompiler(this, fn).compile();
    return fn;
  }

  definition(name: string, from: SourceUnit | null): FunctionRef | null {
    const found = this.options.units.definition(name, from);
    return found === null ? null : this.ref(found.unit, found.fn);
  }

  callee(name: string, from: SourceUnit, _args: number): Callee {
    const { units, models, depth } = this.options;
    const found = units.definition(name, from);
    // The glue around a role calls the very function that plays it.
    if (found !== null && (found.unit.path.startsWith('<') || from.path === GLUE)) {
      return { kind: 'function', ref: this.ref(found.unit, found.fn) };
    }
    const model = models.models.get(name);
    const contract = this.contract(name);
    // Where the configuration turns a primitive into a stub, the stub is what is called.
    const isStub = Object.values(contract?.config ?? {}).includes('n');
    if (model !== undefined && !isStub && !(model.primitive === true && depth === 'full' && found !== null))
      return { kind: 'model', model };
    if (found !== null && this.isPrimitive(name))
      return { kind: 'function', ref: this.ref(found.unit, found.fn) };
    const isOwn =
      found !== null && found.unit === from && found.fn.isStatic && !found.unit.path.endsWith('.h');
    if (
      found !== null &&
      (isOwn ||
        contract === null ||
        found.unit.path.startsWith('<') ||
        model !== undefined ||
        !says(contract))
    ) {
      return { kind: 'function', ref: this.ref(found.unit, found.fn) };
    }
    if (contract !== null) return { kind: 'model', model: this.contractModel(contract) };
    const macro = units.macro(name, from);
    if (macro !== null && macro.one.params !== null)
      return { kind: 'macro', unit: macro.unit, macro: macro.one };
    return { kind: 'unknown' };
  }

  contract(name: string): Contract | null {
    const { values, fallback } = this.options.units.configuration;
    return this.options.contracts.lookup(name, (symbol) => values.get(symbol) ?? fallback);
  }

  /** At full depth: part of the locks on an mm and its VMAs, whose own code is to run. */
  isPrimitive(name: string): boolean {
    if (this.options.depth !== 'full') return false;
    if (this.options.models.models.get(name)?.primitive === true) return true;
    const contract = this.contract(name);
    if (contract === null || contract.what !== 'function') return false;
    const kinds = contract.outcomes.flatMap((one) =>
      one.effects.flatMap((effect) => (effect.op === 'set' ? [] : [effect.kind])),
    );
    const needs = (contract.needs ?? []).flatMap((need) =>
      need.need === 'one-of' ? need.options.map((one) => one.kind) : [need.kind],
    );
    return [...kinds, ...(contract.assertion === true ? needs : [])].some(
      (kind) => kind === 'mmap' || kind === 'vma',
    );
  }

  contractModel(contract: Contract): Model {
    let model = this.#contractModels.get(contract);
    if (model === undefined) {
      model = contractModel(contract);
      this.#contractModels.set(contract, model);
    }
    return model;
  }

  unknown(name: string): Model {
    let model = this.#unknown.get(name);
    if (model === undefined) {
      model = unknownModel(name);
      this.#unknown.set(name, model);
    }
    return model;
  }

  waits(name: string): WaitForm | null {
    return this.options.models.waits.get(name) ?? null;
  }

  waitModel(name: string): Model {
    return this.options.models.waitModels[name]!;
  }

  modelOf(name: string): Model | null {
    return this.options.models.models.get(name) ?? null;
  }

  inlineValue(name: string, call: Call, scope: Scope, c: FunctionCompiler): Value | null {
    if (this.options.models.models.has(name)) return null;
    const found = this.options.units.definition(name, scope.unit);
    if (found?.unit.path.startsWith('<') === true) return null;
    const value = this.contract(name)?.value;
    return value === undefined ? null : compileInlineValue(c, value, call, scope);
  }

  /** True where an argument of a macro is passed as the place that it names. */
  passesReference(name: string, index: number, from: SourceUnit): boolean {
    if (this.waits(name)?.byName === true && this.waits(name)!.queue === index) return true;
    const callee = this.options.models.models.get(name);
    if (callee !== undefined) return callee.args?.[index] === 'r';
    const contract = this.contract(name);
    if (contract === null) return false;
    if (this.options.units.definition(name, from) !== null && !says(contract)) return false;
    const { value } = contract;
    if (value !== undefined && (value.value === 'exchange' || value.value === 'container')) {
      return value.value === 'exchange' && value.target === index;
    }
    return this.contractModel(contract).args?.[index] === 'r';
  }

  testOf: TestOf = (name) => {
    const value = this.contract(name)?.value;
    if (value?.value === 'test') return value.test === 'nonzero' ? 'truth' : value.test;
    if (value?.value === 'error-number' || value?.value === 'zero-or-error-number') return 'error';
    if (value?.value === 'argument') return 'truth';
    return this.contract(name)?.stops !== undefined ? 'truth' : null;
  };

  returnsPointer(name: string): boolean {
    const found = this.options.units.definitions(name)[0];
    if (found === undefined) return false;
    return /\*\s*$/.test(found.unit.text.slice(found.fn.at, found.fn.nameAt));
  }

  // --- Types ---------------------------------------------------------------------------------------------------

  pointee(type: CType): CType {
    if (type.kind === 'pointer') return type.to === '' ? UNKNOWN : parseType(type.to);
    if (type.kind === 'array') return parseType(type.of);
    return UNKNOWN;
  }

  fieldType(owner: CType, name: string): CType {
    if (owner.kind === 'struct' || owner.kind === 'named') {
      const type = this.structs.field(owner.tag, name);
      if (type.kind !== 'unknown') return type;
    }
    const known = this.options.models.fieldTypes.get(name);
    return known === undefined ? UNKNOWN : parseType(known);
  }

  fieldAlias(name: string): string {
    return this.options.models.aliases.get(name) ?? name;
  }

  typeOf(text: string | undefined): CType {
    return text === undefined ? UNKNOWN : parseType(text);
  }

  /** A size: exact for integers and pointers, else a plausible one that is the same everywhere. */
  sizeOf(text: string, c: FunctionCompiler, scope: Scope): number {
    const inner = /^sizeof\s*\(?\s*(.*?)\s*\)?$/s.exec(text)?.[1] ?? '';
    let type = c.types.get(scope.prefix + inner) ?? parseType(inner);
    if (inner.startsWith('*'))
      type = this.pointee(c.types.get(scope.prefix + inner.slice(1).trim()) ?? UNKNOWN);
    if (type.kind === 'int') return Math.max(1, type.type.bits / 8);
    if (type.kind === 'struct') return 8 * Math.max(1, this.structs.fields(type.tag).length);
    return 8;
  }

  // --- Running -------------------------------------------------------------------------------------------------

  assume(sentence: string): void {
    this.machine.assumed.add(sentence);
  }

  nextSite(): number {
    return this.#sites++;
  }

  #deadAt(pc: number): Int16Array {
    const fn = this.functions[this.machine.opInfo[pc]!.fn]!;
    fn.dead ??= [];
    let dead = fn.dead[pc - fn.first];
    if (dead === undefined) {
      dead = deadRegisters(fn, pc);
      fn.dead[pc - fn.first] = dead;
    }
    return dead;
  }

  /** The object behind a pointer that nobody has set yet. */
  #makeTarget(object: ObjectInfo, path: number, to: string): number {
    if (object.kind === 'stack') return 0;
    const { memory } = this.machine;
    const tag = tagOf(to);
    const field = memory.paths.name(path);
    // The links of a list that nobody has put anything on lead back to its head.
    if (tag === 'list_head' && (field === 'next' || field === 'prev'))
      return memory.pointer(object.id, memory.paths.parent(path));
    const target = this.options.targets.get(tag);
    if (target !== undefined) return target(object);
    if (depthOf(object) > 6) return 0;
    const id = memory.object(`lazy ${object.id} ${path}`, {
      name: `${object.name}->${memory.paths.text(path)}`,
      tag,
      kind: 'lazy',
    });
    return memory.pointer(id);
  }
}

function depthOf(object: ObjectInfo): number {
  return object.name.split('->').length;
}

/** True for a contract that says more than how long pointers live: then it is used and not the body. */
function says(contract: Contract): boolean {
  return (
    contract.outcomes.some((outcome) => outcome.effects.length > 0) ||
    contract.value !== undefined ||
    contract.stops !== undefined ||
    contract.noreturn === true ||
    contract.assertion === true ||
    contract.faults === true ||
    (contract.assigns?.length ?? 0) > 0 ||
    contract.what !== 'function' ||
    (contract.needs?.length ?? 0) > 0
  );
}
