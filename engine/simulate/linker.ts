/** Links compiled functions: finds what names stand for, and compiles functions when they are first called. */
import {
  type CParser,
  type FunctionIR,
  type FunctionSource,
  lowerFunction,
  type MacroDefinition,
  parseUnit,
  type SourceUnit,
} from '../c/index.ts';
import type { Contract, ContractTable } from '../protocol/index.ts';
import type { Call } from './call.ts';
import { FunctionCompiler } from './compile.ts';
import type { CompiledFunction } from './compiled-function.ts';
import { contractModel, effectsModel } from './contract-model.ts';
import { type CType, parseType, UNKNOWN } from './ctypes.ts';
import { compileInlineValue } from './inline-value.ts';
import { deadRegisters } from './liveness.ts';
import { Machine } from './machine.ts';
import { type ObjectInfo, POINTER } from './memory.ts';
import type { Model, WaitForm } from './model.ts';
import { wrapper } from './numbers.ts';
import type { TestOf } from './result-classes.ts';
import type { UnitIndex } from './units.ts';
import { unknownModel } from './unknown.ts';
import { constant, type Scope, type Value } from './value.ts';

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

export type GuardForms =
  | { readonly kind: 'contract'; readonly enter: Model; readonly exit: Model; readonly conditional: boolean }
  | {
      readonly kind: 'text';
      readonly enter: FunctionIR;
      readonly exit: FunctionIR;
      readonly unit: SourceUnit;
      readonly conditional: 'no' | 'truth' | 'zero';
    };

export class Linker {
  readonly machine = new Machine();
  readonly options: LinkOptions;
  readonly functions: CompiledFunction[] = [];
  readonly #refs = new Map<FunctionSource, FunctionRef>();
  readonly #unknown = new Map<string, Model>();
  readonly #contractModels = new Map<Contract, Model>();
  readonly #macroBodies = new Map<MacroDefinition, FunctionIR | null>();
  readonly #invented = new Map<string, number>();
  #sites = 0;

  constructor(options: LinkOptions) {
    this.options = options;
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

  // --- Macros and guards ---------------------------------------------------------------------------------------

  /** A function-like macro's body as a function without parameters, whose names are then substituted. */
  macroBody(unit: SourceUnit, macro: MacroDefinition): FunctionIR | null {
    const known = this.#macroBodies.get(macro);
    if (known !== undefined) return known;
    const body = this.#lowerText(macro.body, unit);
    this.#macroBodies.set(macro, body);
    return body;
  }

  #lowerText(text: string, from: SourceUnit): FunctionIR | null {
    const body = text
      .trim()
      .replace(/;$/, '')
      .replaceAll(/\s*##\s*/g, '');
    if (body === '') return this.#lowerFunctionText('void f(void) { }', from);
    const isStatement =
      /^(do\b|if\b|for\b|while\b|switch\b|return\b|\{)/.test(body) || /;/.test(withoutBraces(body));
    return this.#lowerFunctionText(
      isStatement ? `void f(void) { ${body}; }` : `long f(void) { return (${body}); }`,
      from,
    );
  }

  #lowerFunctionText(text: string, from: SourceUnit): FunctionIR | null {
    const { parser, units, models } = this.options;
    const unit = parseUnit(from.path, text);
    const fn = unit.functions[0];
    if (fn === undefined) return null;
    const ir = lowerFunction(parser, unit, fn, units.configuration, {
      lazy: (name) => models.waits.has(name),
    });
    return ir.problems.length > 0 ? null : ir;
  }

  guard(name: string, from: SourceUnit): GuardForms | null {
    const { values, fallback } = this.options.units.configuration;
    const contract = this.options.contracts.guard(name, (symbol) => values.get(symbol) ?? fallback);
    const found = this.options.units.guard(name, from);
    if (found !== null && (this.options.depth === 'full' || contract === null)) {
      const forms = this.#guardText(found.one.macro, found.one.args, found.unit);
      if (forms !== null) return forms;
    }
    if (contract === null) return null;
    const conditional = contract.outcomes.some((outcome) => outcome.when === 'null');
    return {
      kind: 'contract',
      enter: this.contractModel(contract),
      exit: effectsModel(`end of guard(${name})`, contract.exit ?? []),
      conditional,
    };
  }

  #guardText(macro: string, args: readonly string[], unit: SourceUnit): GuardForms | null {
    const plain = (text: string | undefined) => (text ?? '').replaceAll('_T->lock', '_T');
    if (/_COND/.test(macro)) {
      const base = this.options.units.guard(args[0]!.trim(), unit);
      if (base === null) return null;
      const enter = this.#lowerText(plain(args[2]), unit);
      const exit = this.#lowerText(plain(base.one.args[3]), base.unit);
      if (enter === null || exit === null) return null;
      return {
        kind: 'text',
        enter,
        exit,
        unit,
        conditional: /_RET\s*==\s*0/.test(args[3] ?? '') ? 'zero' : 'truth',
      };
    }
    if (!/GUARD/.test(macro)) return null;
    const last = /_0$/.test(macro) ? [args[1], args[2]] : [args[2], args[3]];
    const enter = this.#lowerText(plain(last[0]), unit);
    const exit = this.#lowerText(plain(last[1]), unit);
    return enter === null || exit === null ? null : { kind: 'text', enter, exit, unit, conditional: 'no' };
  }

  cleanup(name: string, from: SourceUnit): GuardForms | null {
    const { values, fallback } = this.options.units.configuration;
    const found = this.options.units.guard(name, from);
    if (found !== null && /FREE/.test(found.one.macro)) {
      const enter = this.#lowerText(found.one.args[2] ?? '', found.unit);
      if (enter !== null) return { kind: 'text', enter, exit: enter, unit: found.unit, conditional: 'no' };
    }
    const contract = this.options.contracts.cleanup(name, (symbol) => values.get(symbol) ?? fallback);
    if (contract === null) return null;
    const model = this.contractModel(contract);
    return { kind: 'contract', enter: model, exit: model, conditional: false };
  }

  // --- Names ---------------------------------------------------------------------------------------------------

  /** The value of a global name that is no variable: a constant, the running task, a function. */
  globalValue(name: string, from: SourceUnit): Value | null {
    const { models, units } = this.options;
    if (models.current.has(name)) {
      return {
        get: (m) => m.tasks[m.current]!.current,
        type: { kind: 'pointer', to: 'struct task_struct' },
        uses: [],
        constant: null,
      };
    }
    const value = units.constant(name, from, (one) => models.constants.get(one) ?? null);
    if (value !== null) return { ...constant(value), type: UNKNOWN };
    const fn = this.functionValue(name, from);
    if (fn !== null) return fn;
    if (units.initialiser(name, from) !== null) return null;
    if (/^[A-Z][A-Z0-9_]+$/.test(name)) return constant(this.#invent(name));
    return null;
  }

  functionValue(name: string, from: SourceUnit): Value | null {
    const found = this.options.units.definition(name, from);
    if (found === null && !this.options.models.models.has(name)) return null;
    return {
      ...constant(this.functionObject(name, found?.unit ?? null)),
      type: { kind: 'pointer', to: 'function' },
    };
  }

  /** Constants whose value is not in view: each a bit of its own, so that they differ. */
  #invent(name: string): number {
    let value = this.#invented.get(name);
    if (value === undefined) {
      value = 2 ** (10 + (this.#invented.size % 20));
      this.#invented.set(name, value);
      this.assume(`${name} is a bit of its own: its definition is not in view`);
    }
    return value;
  }

  readonly #behind = new Map<string, FunctionRef>();

  functionObject(name: string, unit: SourceUnit | null): number {
    const { memory } = this.machine;
    const key = unit === null ? name : `${name}`;
    const ref = this.definition(name, unit);
    if (ref !== null) this.#behind.set(key, ref);
    return memory.pointer(memory.object(`function ${key}`, { name: key, tag: 'function', kind: 'function' }));
  }

  functionBehind(name: string): FunctionRef | null {
    return this.#behind.get(name) ?? null;
  }

  globalObject(name: string, tag: string): number {
    const { memory } = this.machine;
    const known = memory.find(`global ${name}`);
    if (known !== undefined) return memory.pointer(known);
    const found = this.options.units.initialiser(name, null);
    const initial = new Map<string, number>();
    const id = memory.object(`global ${name}`, {
      name,
      tag: tag === '' && found !== null ? tagOf(found.one.type) : tag,
      kind: 'global',
      initial,
    });
    for (const field of found?.one.fields ?? []) {
      const value = this.#initialiserValue(field.value, found!.unit);
      if (value !== null) initial.set(field.name.replace(/^\./, ''), value);
    }
    return memory.pointer(id);
  }

  #initialiserValue(text: string, unit: SourceUnit): number | null {
    const word = text.trim().replace(/^&\s*/, '');
    if (!/^[A-Za-z_]\w*$/.test(word)) {
      const number = Number(word);
      return Number.isFinite(number) ? number : null;
    }
    const value = this.globalValue(word, unit);
    if (value?.constant !== null && value !== null) return value.constant;
    return this.globalObject(word, '');
  }

  globalType(name: string, from: SourceUnit): CType {
    const found = this.options.units.initialiser(name, from);
    return found === null ? UNKNOWN : parseType(found.one.type);
  }

  stringObject(text: string): number {
    const { memory } = this.machine;
    return memory.pointer(memory.object(`string ${text}`, { name: text, tag: 'char', kind: 'string' }));
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

export function tagOf(type: string): string {
  return type
    .replace(/\b(const|volatile|struct|union|static|__user|__rcu)\b/g, '')
    .replaceAll('*', '')
    .trim();
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

/** The text outside of `({ … })`. */
function withoutBraces(text: string): string {
  let depth = 0;
  let result = '';
  for (const char of text) {
    if (char === '{' || char === '(') depth++;
    else if (char === '}' || char === ')') depth--;
    else if (depth === 0) result += char;
  }
  return result;
}

export { POINTER };
