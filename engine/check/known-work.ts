/**
 * What checks have found out and other checks can use: the same file in the images before and after a series, the
 * same function under two configurations that differ in nothing it sees, the code around an edit.
 *
 * A walk is a function of the lowered code and of what it is told of the names in it. So it is kept with each
 * question that it asked and the answer it got; where the same questions, asked in the same order, get the same
 * answers, it would come to the same end. (A walk asks nothing that the answers before did not lead it to, so asking
 * again is also all that it would have done.) What is kept is what a new walk would give, byte for byte.
 */
import {
  type Configuration,
  type CParser,
  type FunctionIR,
  type FunctionSource,
  lowerFunction,
  parseUnit,
  type SourceUnit,
  sliceFunction,
  symbolValue,
} from '../c/index.ts';
import type { ContractTable } from '../protocol/index.ts';
import type { Callee } from './callee.ts';
import { isSameData } from './same-data.ts';
import type { Summary } from './summary.ts';
import type { FunctionWalk, Surroundings } from './walk.ts';

/** Exits and events of all the walks that are kept: each holds a path state, which is what a walk weighs. */
const MAX_WEIGHT = 60_000;
/** Walks of one function, with different answers, that are told apart. */
const MAX_VERSIONS = 8;
/** Rounds of `forgetUnused()` that a file or function outlives without being asked for. */
const MAX_AGE = 8;

export class KnownWork {
  readonly #parser: CParser;
  /** By path; more than one where a file has changed. */
  readonly #units = new Map<string, { readonly unit: SourceUnit; used: number }[]>();
  readonly #lowered = new WeakMap<FunctionSource, Map<string, FunctionIR>>();
  /** By all that the lowering reads, for functions that an edit elsewhere in their file left where they were. */
  readonly #byText = new Map<string, { readonly ir: FunctionIR; used: number }>();
  readonly #macros = new WeakMap<SourceUnit, number>();
  readonly #macroTexts = new Map<string, number>();
  readonly #walked = new WeakMap<FunctionIR, KnownWalk[]>();
  /** The walks that are kept, the one used last at the end. */
  readonly #kept = new Map<KnownWalk, number>();
  #weight = 0;
  #round = 0;

  constructor(parser: CParser) {
    this.#parser = parser;
  }

  /** The file as `parseUnit()` reads it; the same object for the same text. */
  unit(path: string, text: string): SourceUnit {
    const versions = this.#units.get(path) ?? [];
    let version = versions.find((one) => one.unit.text === text);
    if (!version) {
      version = { unit: parseUnit(path, text), used: this.#round };
      versions.push(version);
      this.#units.set(path, versions);
    }
    version.used = this.#round;
    return version.unit;
  }

  /** The function as `lowerFunction()` reads it; the same object where all that it reads is the same. */
  lower(unit: SourceUnit, fn: FunctionSource, configuration: Configuration): FunctionIR {
    let versions = this.#lowered.get(fn);
    if (!versions) {
      versions = new Map();
      this.#lowered.set(fn, versions);
    }
    const values = fn.symbols.map((symbol) => symbolValue(symbol, configuration)).join();
    const slice = sliceFunction(unit, fn, configuration);
    const key = `${slice.key}\n${values}`;
    let ir = versions.get(key);
    if (!ir) {
      const { line, column } = unit.position(fn.at);
      const place = `${unit.path}:${fn.at}:${line}:${column} ${fn.truncated ?? ''} ${slice.offset}`;
      const texts = [slice.text, unit.text.slice(fn.at, fn.end)];
      const whole = [place, fn.name, values, this.#macrosOf(unit), ...texts].join('\n');
      let known = this.#byText.get(whole);
      if (!known) {
        known = { ir: lowerFunction(this.#parser, unit, fn, configuration), used: this.#round };
        this.#byText.set(whole, known);
      }
      known.used = this.#round;
      ir = known.ir;
      versions.set(key, ir);
    }
    return ir;
  }

  /** A number for the file's own macros, which decide how code that uses them is read. */
  #macrosOf(unit: SourceUnit): number {
    let macros = this.#macros.get(unit);
    if (macros === undefined) {
      const facts = unit.macros.map(({ name, params, body, presence }) => [name, params, body, presence]);
      const text = JSON.stringify(facts);
      macros = this.#macroTexts.get(text) ?? this.#macroTexts.size;
      this.#macroTexts.set(text, macros);
      this.#macros.set(unit, macros);
    }
    return macros;
  }

  /**
   * What is known of a walk of this code in these surroundings.
   * @param entry what `begin` depends on, but for the code; null where it changes nothing
   * @param make walks, asking through the surroundings that it is handed
   */
  walk(
    ir: FunctionIR,
    around: Surroundings,
    entry: WalkEntry | null,
    make: (around: Surroundings) => FunctionWalk,
  ): KnownWalk {
    let versions = this.#walked.get(ir);
    if (!versions) {
      versions = [];
      this.#walked.set(ir, versions);
    }
    const answers = new Answers(around);
    for (const one of versions) {
      if (!isSameSet(one.flags, around.flags) || !isSameEntry(one.entry, entry)) continue;
      if (one.asked.every(({ what, name, answer }) => isSameAnswer(answers.get(what, name), answer)))
        return one;
    }
    const walk = make(answers.recording());
    const { flags } = around;
    const version: KnownWalk = { flags, entry, asked: answers.recorded, summary: null, walk };
    if (versions.length >= MAX_VERSIONS) versions.shift();
    versions.push(version);
    this.#keep(version, walk);
    return version;
  }

  /** The walk itself, made again where it was not kept. */
  walkOf(version: KnownWalk, make: () => FunctionWalk): FunctionWalk {
    const { walk } = version;
    if (walk && this.#kept.has(version)) {
      const weight = this.#kept.get(version)!;
      this.#kept.delete(version);
      this.#kept.set(version, weight);
      return walk;
    }
    version.walk = make();
    this.#keep(version, version.walk);
    return version.walk;
  }

  /**
   * The summary of a walk. One that callers cannot tell from that of another walk of the function is that one: what
   * depends on it then sees that nothing has changed.
   */
  summaryOf(ir: FunctionIR, version: KnownWalk, make: () => Summary): Summary {
    if (!version.summary) {
      const made = make();
      const same = this.#walked.get(ir)?.find((one) => one.summary && isSameSummary(one.summary, made));
      version.summary = same?.summary ?? made;
    }
    return version.summary;
  }

  #keep(version: KnownWalk, walk: FunctionWalk): void {
    const weight = 8 + walk.exits.length + walk.events.length;
    this.#kept.set(version, weight);
    this.#weight += weight;
    for (const [oldest, its] of this.#kept) {
      if (this.#weight <= MAX_WEIGHT || oldest === version) break;
      this.#kept.delete(oldest);
      oldest.walk = null;
      this.#weight -= its;
    }
  }

  /** Forgets what nothing has asked for in the last calls of this, and all that hangs on it. */
  forgetUnused(): void {
    const oldest = this.#round++ - MAX_AGE;
    for (const [path, versions] of this.#units) {
      const left = versions.filter((one) => one.used > oldest);
      if (left.length > 0) this.#units.set(path, left);
      else this.#units.delete(path);
    }
    for (const [key, { used }] of this.#byText) if (used <= oldest) this.#byText.delete(key);
  }
}

type Asked = 'callee' | 'guard' | 'cleanup';
type Answer = ReturnType<Surroundings[Asked]>;

/** What the state that a function begins in is made from. */
export interface WalkEntry {
  readonly unit: SourceUnit;
  readonly contracts: ContractTable;
}

/** A walk by what it rests on. */
export interface KnownWalk {
  readonly flags: Surroundings['flags'];
  readonly entry: WalkEntry | null;
  readonly asked: readonly { readonly what: Asked; readonly name: string; readonly answer: Answer }[];
  summary: Summary | null;
  /** Null where it is not kept any more. */
  walk: FunctionWalk | null;
}

/** The answers of some surroundings, each asked for once. */
class Answers {
  /** In the order in which the walk asked. */
  readonly recorded: { what: Asked; name: string; answer: Answer }[] = [];
  readonly #around: Surroundings;
  readonly #known = new Map<string, Answer>();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  get(what: Asked, name: string): Answer {
    const key = `${what} ${name}`;
    let answer = this.#known.get(key);
    if (answer === undefined) {
      answer = this.#around[what](name);
      this.#known.set(key, answer);
    }
    return answer;
  }

  recording(): Surroundings {
    const told = new Set<string>();
    const record = (what: Asked, name: string): Answer => {
      const answer = this.get(what, name);
      const key = `${what} ${name}`;
      if (!told.has(key)) {
        told.add(key);
        this.recorded.push({ what, name, answer });
      }
      return answer;
    };
    return {
      ...this.#around,
      callee: (name) => record('callee', name) as Callee,
      guard: (name) => record('guard', name) as ReturnType<Surroundings['guard']>,
      cleanup: (name) => record('cleanup', name) as ReturnType<Surroundings['cleanup']>,
    };
  }
}

function isSameAnswer(one: Answer, other: Answer): boolean {
  if (one === other) return true;
  const summaryOf = (answer: Answer) =>
    answer && 'kind' in answer && answer.kind === 'summary' ? answer.summary : null;
  if (summaryOf(one) || summaryOf(other)) return summaryOf(one) === summaryOf(other);
  return isSameData(one, other);
}

/** True where callers cannot tell two summaries of a function apart, down to the places that they name. */
function isSameSummary(one: Summary, other: Summary): boolean {
  const { table, ...facts } = one;
  const { table: otherTable, ...otherFacts } = other;
  return table.equals(otherTable) && isSameData(facts, otherFacts);
}

function isSameEntry(one: WalkEntry | null, other: WalkEntry | null): boolean {
  return one?.unit === other?.unit && one?.contracts === other?.contracts;
}

function isSameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one === other || (one.size === other.size && [...one].every((name) => other.has(name)));
}
