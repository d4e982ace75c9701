/**
 * The code in view of a check: units that were read, the functions they define, and what calling each of them
 * does under a configuration. Reading is asynchronous and happens before; checking is not.
 */
import {
  type Configuration,
  type CParser,
  collectSymbols,
  evaluate,
  type FunctionIR,
  type FunctionSource,
  type SourceUnit,
  type StructDefinition,
  type Tristate,
} from '../c/index.ts';
import type { ContractTable } from '../protocol/index.ts';
import type { Run, SourceTree } from '../source/tree.ts';
import { heldOnEntry, lockAnnotations } from './annotations.ts';
import { callbackTables, pairedFunctions } from './callback-tables.ts';
import type { Callee } from './callee.ts';
import { takesReferences, touchesLocks } from './contract-effects.ts';
import { type KnownWalk, KnownWork } from './known-work.ts';
import { LockSymbols } from './lock-symbols.ts';
import { type NamedLocks, namedLocks } from './named-locks.ts';
import { type Summary, type SummaryOutcome, summarise } from './summary.ts';
import { type FunctionWalk, type Surroundings, walkFunction } from './walk.ts';

/** A definition of a function, in its file. */
export interface Definition {
  readonly unit: SourceUnit;
  readonly fn: FunctionSource;
}

export interface ProgramOptions {
  readonly tree: SourceTree | null;
  readonly parser: CParser;
  readonly contracts: ContractTable;
  /** Symbols whose value is settled: by the user, or because the series removes them. */
  readonly fixed: Configuration;
  /** Symbols that the series removes; they are fixed to n. */
  readonly removed: ReadonlySet<string>;
  /** How many times the functions called by what was read are looked up and read in turn. */
  readonly rounds: number;
  /** What other programs have found out, and this one will; by default it starts from nothing. */
  readonly known?: KnownWork;
}

/** Files that are read for one name: a stub in a header comes before what it stands for. */
const MAX_DEFINING_FILES = 3;
/** Calls deeper than this are not followed. */
const MAX_CALL_DEPTH = 20;
/** A function without locks is still followed for what it returns, if its text is shorter than this. */
const SMALL_FUNCTION = 400;

export class Program {
  readonly contracts: ContractTable;
  readonly fixed: Configuration;
  readonly removed: ReadonlySet<string>;
  readonly #tree: SourceTree | null;
  readonly #rounds: number;
  readonly #units = new Map<string, SourceUnit | null>();
  /** Definitions by name; those of a file itself are preferred to any other. */
  readonly #definitions = new Map<string, Definition[]>();
  readonly #searched = new Set<string>();
  readonly #relevant = new Map<FunctionSource, boolean>();
  readonly #symbols = new LockSymbols(this);
  readonly #summaries = new Map<string, Summary | null>();
  readonly #walks = new Map<string, KnownWalk>();
  #depth = 0;

  readonly #options: ProgramOptions;
  readonly #known: KnownWork;

  constructor(options: ProgramOptions) {
    this.#options = options;
    this.#tree = options.tree;
    this.#known = options.known ?? new KnownWork(options.parser);
    this.contracts = options.contracts;
    this.fixed = options.fixed;
    this.removed = options.removed;
    this.#rounds = options.rounds;
  }

  /** Adds a file's text to the view, in place of what the tree has. */
  add(path: string, text: string): SourceUnit {
    const unit = this.#known.unit(path, text);
    this.addUnit(unit);
    return unit;
  }

  addUnit(unit: SourceUnit): void {
    if (this.#units.get(unit.path)) return;
    this.#units.set(unit.path, unit);
    for (const fn of unit.functions) {
      const list = this.#definitions.get(fn.name);
      if (list) list.push({ unit, fn });
      else this.#definitions.set(fn.name, [{ unit, fn }]);
    }
  }

  /** The same program with another text of one file; what was read of other files is shared. */
  withFile(path: string, text: string): Program {
    const copy = new Program({ ...this.#options, known: this.#known });
    for (const [name, unit] of this.#units) if (unit && name !== path) copy.addUnit(unit);
    copy.add(path, text);
    return copy;
  }

  unit(path: string): SourceUnit | null {
    return this.#units.get(path) ?? null;
  }

  units(): readonly SourceUnit[] {
    return [...this.#units.values()].filter((unit) => unit !== null);
  }

  /** Reads a file of the tree into the view. Null where the tree has no such file. */
  async load(path: string): Promise<SourceUnit | null> {
    const known = this.#units.get(path);
    if (known !== undefined) return known;
    const text = (await this.#tree?.read(path)) ?? null;
    if (text === null) {
      this.#units.set(path, null);
      return null;
    }
    return this.add(path, text);
  }

  /** Reads the files that define what these functions call, and what those call, a few rounds deep. */
  async loadCallees(roots: readonly Definition[], run?: Run): Promise<void> {
    if (!this.#tree) return;
    let frontier = roots;
    for (let round = 0; round < this.#rounds && frontier.length > 0; round++) {
      if (run?.cancelled?.()) return;
      const reached = this.#reach(frontier);
      const wanted = new Set<string>();
      for (const { unit, fn } of reached) {
        for (const name of fn.calls) {
          if (this.#searched.has(name) || this.contracts.lookup(name) !== null) continue;
          if (this.#isDefined(name, unit)) continue;
          wanted.add(name);
        }
      }
      for (const unit of round === 0 ? new Set(frontier.map((one) => one.unit)) : []) {
        for (const name of callbackTables(unit).flatMap(pairedFunctions))
          if (
            this.contracts.lookup(name) === null &&
            !this.#searched.has(name) &&
            !this.#isDefined(name, unit)
          )
            wanted.add(name);
      }
      for (const name of wanted) this.#searched.add(name);
      if (wanted.size === 0) return;
      run?.progress?.(`looking up ${wanted.size} functions`);
      const found = await this.#tree.findDefinitions([...wanted].sort());
      const next: Definition[] = [];
      for (const [name, paths] of found) {
        for (const path of paths.slice(0, MAX_DEFINING_FILES)) {
          const unit = await this.load(path);
          const fns = unit?.functions.filter((fn) => fn.name === name) ?? [];
          for (const fn of fns) next.push({ unit: unit!, fn });
          if (fns.some((fn) => this.#isEnabled(fn))) break;
        }
      }
      frontier = next;
    }
  }

  /** The functions given and those of their own files that they can call. */
  #reach(roots: readonly Definition[]): readonly Definition[] {
    const seen = new Set<FunctionSource>();
    const work = [...roots];
    const reached: Definition[] = [];
    while (work.length > 0) {
      const definition = work.pop()!;
      if (seen.has(definition.fn)) continue;
      seen.add(definition.fn);
      reached.push(definition);
      for (const name of definition.fn.calls) {
        for (const other of this.#definitions.get(name) ?? []) {
          if (other.unit === definition.unit) work.push(other);
        }
      }
    }
    return reached;
  }

  /** The definitions that a call of `name` in `unit` can mean, best first. */
  candidates(name: string, unit: SourceUnit): readonly Definition[] {
    const all = this.#definitions.get(name);
    if (!all) return [];
    const own = all.filter((one) => one.unit === unit);
    if (own.length > 0) return own;
    let visible = all.filter((one) => !one.fn.isStatic || one.unit.path.endsWith('.h'));
    // Files that are included into one another see each other's static functions.
    if (visible.length === 0) visible = all.filter((one) => folder(one.unit.path) === folder(unit.path));
    if (visible.length < 2) return visible;
    // Of several files that define it, the nearest: architectures and tests have their own versions.
    const stubs = visible.filter(isStub);
    const whole = stubs.length < visible.length ? visible.filter((one) => !isStub(one)) : visible;
    const best = Math.max(...whole.map((one) => nearness(one.unit.path, unit.path)));
    const nearest = whole.filter((one) => nearness(one.unit.path, unit.path) === best);
    const chosen = nearest.filter((one) => one.unit === nearest[0]!.unit);
    return whole === visible ? chosen : [...stubs, ...chosen];
  }

  /** True where a definition of the function is in view, and it is not only what a header has for when it is configured out. */
  #isDefined(name: string, unit: SourceUnit): boolean {
    return this.candidates(name, unit).some((one) => this.#isEnabled(one.fn));
  }

  /** True for a definition that is compiled where everything is configured in. */
  #isEnabled(fn: FunctionSource): boolean {
    return evaluate(fn.presence, { values: this.fixed.values, fallback: 'y' });
  }

  /**
   * The one definition that is compiled under a configuration. Where there is none, the call could not be linked, so it
   * is configured out as well, by a Makefile perhaps: then the definition that there is elsewhere. Null without any.
   */
  resolve(name: string, unit: SourceUnit, configuration: Configuration): Definition | null {
    const found = this.candidates(name, unit);
    const compiled = found.find((one) => evaluate(one.fn.presence, configuration));
    return compiled ?? found.find((one) => this.#isEnabled(one.fn)) ?? null;
  }

  definitions(name: string): readonly Definition[] {
    return this.#definitions.get(name) ?? [];
  }

  /** True where a text, such as the body of a macro, calls something that takes or gives back a lock. */
  touchesLocks(text: string): boolean {
    return [...text.matchAll(/\b(\w+)\s*\(/g)].some(([, name]) => {
      const contract = this.contracts.lookup(name!);
      if (contract) return touchesLocks(contract);
      return this.definitions(name!).some((one) => this.isRelevant(one));
    });
  }

  readonly #structs = new Map<string, StructDefinition>();
  #unitsSearched = 0;
  /** The definition of a structure in what was read, or undefined. */
  structOf(tag: string): StructDefinition | undefined {
    if (this.#unitsSearched !== this.#units.size) {
      for (const unit of this.units())
        for (const one of unit.structs) if (!this.#structs.has(one.tag)) this.#structs.set(one.tag, one);
      this.#unitsSearched = this.#units.size;
    }
    return this.#structs.get(tag);
  }

  /** The definitions of a function that a file has itself, one for each configuration that has its own. */
  definitionsIn(name: string, unit: SourceUnit): readonly Definition[] {
    return this.definitions(name).filter((one) => one.unit === unit);
  }

  /** True where the function, or what it calls in view, takes or gives back a lock. */
  isRelevant({ unit, fn }: Definition, depth = 0): boolean {
    const known = this.#relevant.get(fn);
    if (known !== undefined) return known;
    this.#relevant.set(fn, false);
    let relevant = false;
    for (const name of fn.calls) {
      const contract = this.contracts.lookup(name);
      if (contract && touchesLocks(contract)) {
        relevant = true;
        break;
      }
    }
    relevant ||= GUARDS.test(unit.text.slice(fn.bodyAt, fn.end));
    relevant ||= this.#namedLocks({ unit, fn }).size > 0;
    // What is held from before matters to a body that does nothing to locks itself.
    relevant ||= fn.annotations.length > 0 && lockAnnotations({ unit, fn }).length > 0;
    if (!relevant && depth < MAX_CALL_DEPTH) {
      relevant = fn.calls.some(
        (name) =>
          this.contracts.lookup(name) === null &&
          this.candidates(name, unit).some((one) => this.isRelevant(one, depth + 1)),
      );
    }
    this.#relevant.set(fn, relevant);
    return relevant;
  }

  /** True where the function itself takes references or reads under a sequence count, locks or not. */
  keepsReferences({ fn }: Definition): boolean {
    return fn.calls.some((name) => {
      const contract = this.contracts.lookup(name);
      return contract !== null && takesReferences(contract);
    });
  }

  /** The symbols that can change what the function does with locks, the ones tested inside it first. */
  symbolsOf(definition: Definition): readonly string[] {
    return this.#symbols.of(definition);
  }

  lower({ unit, fn }: Definition, configuration: Configuration): FunctionIR {
    return this.#known.lower(unit, fn, configuration);
  }

  /** What a call of the function does, or null where it is not followed: too deep, recursive, or too large. */
  summary(definition: Definition, configuration: Configuration): Summary | null {
    const { unit, fn } = definition;
    if (!this.isRelevant(definition) && fn.calls.length > 0 && fn.end - fn.bodyAt > SMALL_FUNCTION)
      return null;
    const key = this.walkKey(definition, configuration);
    const known = this.#summaries.get(key);
    if (known !== undefined) return known;
    if (this.#depth >= MAX_CALL_DEPTH) return null;
    this.#summaries.set(key, null);
    this.#depth++;
    try {
      const ir = this.lower(definition, configuration);
      const summary = this.#known.summaryOf(ir, this.#knownWalk(definition, configuration), () =>
        summarise(this.walk(definition, configuration), (at) => unit.position(at)),
      );
      this.#summaries.set(key, summary);
      return summary;
    } finally {
      this.#depth--;
    }
  }

  /** Equal for configurations under which the function, and all that it calls in view, is the same. */
  walkKey(definition: Definition, configuration: Configuration): string {
    const { unit, fn } = definition;
    const seen = this.#reachedSymbols(definition);
    let key = `${unit.path}\n${fn.at}`;
    if (seen.size === 0) return key;
    key += `\n${configuration.fallback}`;
    for (const [symbol, value] of configuration.values)
      if (value !== configuration.fallback && seen.has(symbol)) key += ` ${symbol}=${value}`;
    return key;
  }

  readonly #written = new Map<FunctionSource, ReadonlySet<string>>();
  /** The names of the fields that the function, or what it calls in view, assigns to. */
  #writtenFields(definition: Definition): ReadonlySet<string> {
    const known = this.#written.get(definition.fn);
    if (known) return known;
    const fields = new Set<string>();
    for (const { unit, fn } of this.#closure(definition)) {
      const text = unit.text.slice(fn.bodyAt, fn.end);
      for (const [, name] of text.matchAll(/(?:->|\.)(\w+)\s*(?:[-+*|&^]?=(?!=)|\+\+|--)/g))
        fields.add(name!);
    }
    this.#written.set(definition.fn, fields);
    return fields;
  }

  readonly #reached = new Map<FunctionSource, ReadonlySet<string>>();
  #reachedSymbols(definition: Definition): ReadonlySet<string> {
    const known = this.#reached.get(definition.fn);
    if (known) return known;
    const symbols = new Set<string>();
    for (const { unit, fn } of this.#closure(definition)) {
      for (const symbol of fn.symbols) symbols.add(symbol);
      for (const name of fn.calls) {
        for (const symbol of this.contracts.symbols(name)) symbols.add(symbol);
        for (const one of this.candidates(name, unit)) collectSymbols(one.fn.presence, symbols);
      }
    }
    this.#reached.set(definition.fn, symbols);
    return symbols;
  }

  /** The function and everything that it can call in view. */
  #closure(root: Definition): readonly Definition[] {
    const seen = new Set<FunctionSource>([root.fn]);
    const all = [root];
    for (let at = 0; at < all.length; at++) {
      const { unit, fn } = all[at]!;
      for (const name of fn.calls) {
        if (this.contracts.lookup(name) !== null) continue;
        for (const one of this.candidates(name, unit)) {
          if (seen.has(one.fn)) continue;
          seen.add(one.fn);
          all.push(one);
        }
      }
    }
    return all;
  }

  /** Every path of a function under a configuration. The walks made last are remembered. */
  walk(definition: Definition, configuration: Configuration): FunctionWalk {
    return this.#known.walkOf(this.#knownWalk(definition, configuration), () =>
      walkFunction(this.lower(definition, configuration), this.#surroundings(definition, configuration)),
    );
  }

  #knownWalk(definition: Definition, configuration: Configuration): KnownWalk {
    const key = this.walkKey(definition, configuration);
    let known = this.#walks.get(key);
    if (!known) {
      const ir = this.lower(definition, configuration);
      const around = this.#surroundings(definition, configuration);
      const isHeld = lockAnnotations(definition).some((one) => one.says === 'holds');
      const entry = isHeld ? { unit: definition.unit, contracts: this.contracts } : null;
      known = this.#known.walk(ir, around, entry, (asking) => walkFunction(ir, asking));
      this.#walks.set(key, known);
    }
    return known;
  }

  /** The same, with each step shown as it is made. */
  walkWatched(
    definition: Definition,
    configuration: Configuration,
    visit: NonNullable<Surroundings['visit']>,
  ): FunctionWalk {
    const surroundings = { ...this.#surroundings(definition, configuration), visit };
    return walkFunction(this.lower(definition, configuration), surroundings);
  }

  #surroundings(definition: Definition, configuration: Configuration): Surroundings {
    // What a series makes unconditional is there, though its symbol is not.
    const value = (symbol: string) =>
      this.removed.has(symbol) ? 'y' : (configuration.values.get(symbol) ?? configuration.fallback);
    return {
      begin: (state, table) =>
        heldOnEntry(this, definition, table, this.lower(definition, configuration), state),
      flags: flagFields(definition.unit),
      callee: (name) => this.#callee(name, definition, configuration, value),
      guard: (name) => this.contracts.guard(name, value),
      cleanup: (name) => this.contracts.cleanup(name, value),
    };
  }

  readonly #named = new Map<FunctionSource, NamedLocks>();
  /** What calls in the function mean of which nothing but the name is known. */
  #namedLocks(definition: Definition): NamedLocks {
    let known = this.#named.get(definition.fn);
    if (!known) {
      known = namedLocks(
        definition,
        (name) => this.contracts.lookup(name) === null && this.candidates(name, definition.unit).length === 0,
      );
      this.#named.set(definition.fn, known);
    }
    return known;
  }

  #callee(
    name: string,
    caller: Definition,
    configuration: Configuration,
    value: (symbol: string) => Tristate,
  ): Callee {
    const { unit } = caller;
    const contract = this.contracts.lookup(name, value);
    const definition = this.resolve(name, unit, configuration);
    if (contract) {
      // A file may have a static function of its own by the name of a known one; the table then means another.
      const other =
        definition &&
        definition.unit === unit &&
        definition.fn.isStatic &&
        !contract.source.includes(unit.path);
      if (!other || unit.path.endsWith('.h')) return { kind: 'contract', contract };
    }
    if (!definition) {
      const named = this.#namedLocks(caller).get(name);
      return named ? { kind: 'contract', contract: named } : { kind: 'unknown' };
    }
    const summary = this.summary(definition, configuration);
    const assigns = () => this.#writtenFields(definition);
    if (summary && definition.unit !== unit) return { kind: 'summary', summary: trusted(summary), assigns };
    return summary
      ? { kind: 'summary', summary, assigns }
      : { kind: 'unknown', writes: this.#writtenFields(definition) };
  }
}

const flagsByUnit = new WeakMap<SourceUnit, ReadonlySet<string>>();

/** The fields that code of the file sets to a constant: flags, and pointers that are cleared. */
function flagFields(unit: SourceUnit): ReadonlySet<string> {
  let flags = flagsByUnit.get(unit);
  if (!flags) {
    const found = new Set<string>();
    for (const [, name] of unit.text.matchAll(/(?:->|\.)(\w+) ?= ?(?:true|false|NULL|0|1);/g))
      found.add(name!);
    flags = found;
    flagsByUnit.set(unit, flags);
  }
  return flags;
}

const trustedSummaries = new WeakMap<Summary, Summary>();

/**
 * A summary without what is doubtful in it. Of a function in another file that seems to leave a lock behind on
 * some paths, it is far more likely that the paths were not understood than that the kernel leaks there.
 */
function trusted(summary: Summary): Summary {
  let known = trustedSummaries.get(summary);
  if (!known) {
    const sure = (locks: SummaryOutcome['takes']) => locks.filter((lock) => !lock.doubtful);
    known = {
      ...summary,
      doubts: [
        ...summary.doubts,
        ...summary.outcomes
          .flatMap((one) => [...one.takes, ...one.gives, ...one.retakes])
          .filter((lock) => lock.doubtful)
          .map(({ lock }) => lock),
      ],
      outcomes: summary.outcomes.map((one) => ({
        ...one,
        takes: sure(one.takes),
        gives: sure(one.gives),
        retakes: sure(one.retakes),
      })),
    };
    trustedSummaries.set(summary, known);
  }
  return known;
}

function folder(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/** True for what a header has under a condition: where that holds it wins, elsewhere the function is defined in a file. */
function isStub({ unit, fn }: Definition): boolean {
  return unit.path.endsWith('.h') && fn.presence.kind !== 'constant';
}

/** How many leading folders two paths share, headers for everybody counted as near. */
function nearness(path: string, from: string): number {
  const left = path.split('/');
  const right = from.split('/');
  let shared = 0;
  while (shared < left.length - 1 && left[shared] === right[shared]) shared++;
  const general = path.startsWith('include/') ? 1 : 0;
  const elsewhere = /^(arch|tools|samples|Documentation|rust)\//.test(path) && shared === 0 ? -2 : 0;
  return shared + general + elsewhere;
}

/** How code says that a lock is held to the end of a scope. */
const GUARDS = /\b(?:guard|CLASS|ACQUIRE|scoped_\w*guard)\s*\(/;
