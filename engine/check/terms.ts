/**
 * Symbolic values. A term stands for a value that a path computes: a constant, what a parameter held on
 * entry, what memory held at an address, the result of a call. Terms are hash-consed, so two equal terms
 * are the same number and tests on them agree wherever they are repeated.
 *
 * An address is a term like any other. A lock is identified by its address: `&mm->mmap_lock` is
 * `field(load(&mm), mmap_lock)`, whichever function was given it.
 */

/** The identity of a term in its table. */
export type Term = number;

export type TermKind =
  /** A known integer; NULL and false are 0, true is 1. */
  | 'constant'
  /** A name in capitals: an enumerator or macro constant of unknown value, equal to itself alone. */
  | 'symbolic'
  /** The value of parameter `a` on entry. */
  | 'param'
  /** A value that the code made at site `a` and that nothing more is known of; `b` tells rounds of a loop apart. */
  | 'fresh'
  /** The address of a local variable, a global variable or function, or a string. */
  | 'local'
  | 'global'
  /** The address of field `name` in the object at address `a`. */
  | 'field'
  /** The address of element `b` of the array at address `a`. */
  | 'element'
  /** What memory held at address `a` before this path wrote there; `b` counts re-readings after a retake. */
  | 'load'
  /** An operation `name` on `a` and `b` (-1 where unary). */
  | 'operation'
  /** A state of the task without an address (`@rcu`), or a global lock known by name. */
  | 'task';

/**
 * Terms of more parts than this, written out, are cut off with a fresh value: what decides over locks is
 * small, and everything that looks into a term takes time in its size.
 */
const MAX_SIZE = 32;

/** In the order of `TermKind`; a kind is stored as its index here. */
const KINDS: readonly TermKind[] = [
  'constant',
  'symbolic',
  'param',
  'fresh',
  'local',
  'global',
  'field',
  'element',
  'load',
  'operation',
  'task',
];
const CODES = Object.fromEntries(KINDS.map((kind, code) => [kind, code])) as Readonly<
  Record<TermKind, number>
>;

/** Entries are columns, found again through an open-addressing table: every step of every path asks for terms. */
export class TermTable {
  readonly #kinds: number[] = [];
  readonly #as: number[] = [];
  readonly #bs: number[] = [];
  readonly #names: string[] = [];
  readonly #sizes: number[] = [];
  /** True for a term with a fresh value in it. */
  readonly #made: boolean[] = [];
  #slots = new Int32Array(256).fill(-1);
  readonly zero: Term;
  readonly one: Term;

  constructor() {
    this.zero = this.constant(0);
    this.one = this.constant(1);
  }

  /** True where both tables hold the same terms under the same numbers. */
  equals(other: TermTable): boolean {
    if (this.#kinds.length !== other.#kinds.length) return false;
    return this.#kinds.every(
      (kind, term) =>
        kind === other.#kinds[term] &&
        this.#as[term] === other.#as[term] &&
        this.#bs[term] === other.#bs[term] &&
        this.#names[term] === other.#names[term],
    );
  }

  #intern(kind: TermKind, a: number, b: number, name: string, size: number): Term {
    const code = CODES[kind];
    let hash = hashOf(code, a, b, name);
    const mask = this.#slots.length - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const term = this.#slots[at]!;
      if (term < 0) {
        hash = at;
        break;
      }
      if (
        this.#kinds[term] === code &&
        this.#as[term] === a &&
        this.#bs[term] === b &&
        this.#names[term] === name
      )
        return term;
    }
    const term = this.#kinds.length;
    this.#kinds.push(code);
    this.#as.push(a);
    this.#bs.push(b);
    this.#names.push(name);
    this.#sizes.push(size);
    this.#made.push(code === CODES.fresh || this.operands(term).some((part) => this.#made[part]));
    this.#slots[hash] = term;
    if (2 * this.#kinds.length > this.#slots.length) this.#grow();
    return term;
  }

  #grow(): void {
    const slots = new Int32Array(2 * this.#slots.length).fill(-1);
    const mask = slots.length - 1;
    for (let term = 0; term < this.#kinds.length; term++) {
      let at = hashOf(this.#kinds[term]!, this.#as[term]!, this.#bs[term]!, this.#names[term]!) & mask;
      while (slots[at]! >= 0) at = (at + 1) & mask;
      slots[at] = term;
    }
    this.#slots = slots;
  }

  constant(value: number): Term {
    return this.#intern('constant', 0, 0, String(value), 0);
  }
  symbolic(name: string): Term {
    return this.#intern('symbolic', 0, 0, name, 0);
  }
  param(index: number): Term {
    return this.#intern('param', index, 0, '', 0);
  }
  fresh(site: number, round: number, label: string): Term {
    return this.#intern('fresh', site, round, label, 0);
  }
  local(name: string): Term {
    return this.#intern('local', 0, 0, name, 0);
  }
  global(name: string): Term {
    return this.#intern('global', 0, 0, name, 0);
  }
  task(name: string): Term {
    return this.#intern('task', 0, 0, name, 0);
  }
  field(base: Term, name: string): Term {
    return this.#intern('field', base, 0, name, this.size(base) + 1);
  }
  element(base: Term, index: Term): Term {
    const size = this.size(base) + this.size(index) + 1;
    if (size > MAX_SIZE && this.size(index) > 1) return this.element(base, this.fresh(-1, index, 'index'));
    return this.#intern('element', base, index, '', size);
  }
  load(address: Term, version = 0): Term {
    return this.#intern('load', address, version, '', this.size(address) + 1);
  }
  /** An operation without simplification; `operate()` in operations.ts simplifies first. */
  operation(name: string, a: Term, b: Term = -1): Term {
    const size = 1 + this.size(a) + (b < 0 ? 0 : this.size(b));
    return this.#intern('operation', a, b, name, size);
  }

  #read(term: Term) {
    return {
      kind: this.kind(term),
      a: this.#as[term]!,
      b: this.#bs[term]!,
      name: this.#names[term]!,
      size: this.#sizes[term]!,
    };
  }

  kind(term: Term): TermKind {
    return KINDS[this.#kinds[term]!]!;
  }
  /** First operand: a base, an address, a parameter's index or a site, as the kind has it. */
  a(term: Term): number {
    return this.#as[term]!;
  }
  b(term: Term): number {
    return this.#bs[term]!;
  }
  name(term: Term): string {
    return this.#names[term]!;
  }
  /** True where the code made the term, or a part of it: it means something else when the code is run again. */
  hasMade(term: Term): boolean {
    return this.#made[term]!;
  }
  /** How many parts the term has, written out. */
  size(term: Term): number {
    return this.#sizes[term]!;
  }
  tooDeep(term: Term): boolean {
    return this.size(term) > MAX_SIZE;
  }
  /** The number that a constant term stands for, or null. */
  numberOf(term: Term): number | null {
    return this.#kinds[term] === CODES.constant ? Number(this.#names[term]) : null;
  }

  /** The operands of a term that are terms themselves. */
  operands(term: Term): readonly Term[] {
    const a = this.#as[term]!;
    const b = this.#bs[term]!;
    switch (this.#kinds[term]) {
      case CODES.field:
      case CODES.load:
        return [a];
      case CODES.element:
        return [a, b];
      case CODES.operation:
        return b < 0 ? [a] : [a, b];
      default:
        return NONE;
    }
  }

  /** True where `term` is or contains one for which `test` holds. */
  some(term: Term, test: (part: Term) => boolean): boolean {
    if (test(term)) return true;
    switch (this.#kinds[term]) {
      case CODES.field:
      case CODES.load:
        return this.some(this.#as[term]!, test);
      case CODES.element:
      case CODES.operation:
        return this.some(this.#as[term]!, test) || (this.#bs[term]! >= 0 && this.some(this.#bs[term]!, test));
      default:
        return false;
    }
  }

  /** True where each fresh value in a term passes a test. */
  everyMade(term: Term, test: (part: Term) => boolean): boolean {
    if (!this.#made[term]) return true;
    if (this.#kinds[term] === CODES.fresh) return test(term);
    return this.operands(term).every((part) => this.everyMade(part, test));
  }

  /** The term with every occurrence of one part replaced. */
  replace(term: Term, part: Term, by: Term): Term {
    if (term === part) return by;
    const entry = this.#read(term);
    const inner = (one: Term) => this.replace(one, part, by);
    switch (entry.kind) {
      case 'field':
        return this.field(inner(entry.a), entry.name);
      case 'element':
        return this.element(inner(entry.a), inner(entry.b));
      case 'load':
        return this.load(inner(entry.a), entry.b);
      case 'operation':
        return this.operation(entry.name, inner(entry.a), entry.b < 0 ? -1 : inner(entry.b));
      default:
        return term;
    }
  }

  /** The leaf that an address or value hangs on: the parameter, global, local or fresh value at its root. */
  root(term: Term): Term {
    let at = term;
    for (;;) {
      const kind = this.#kinds[at];
      if (kind !== CODES.field && kind !== CODES.load && kind !== CODES.element) return at;
      at = this.#as[at]!;
    }
  }

  /**
   * Rebuilds a term of another table here, with its leaves replaced: how a callee's summary becomes the
   * caller's. `replace` gives the new term for a leaf of `from`, or null to copy it; `reload` reads memory
   * at a rebuilt address; `operate` builds (and simplifies) an operation.
   */
  rebuild(
    from: TermTable,
    term: Term,
    replace: (leaf: Term) => Term | null,
    reload: (address: Term, version: number) => Term,
    operate: (name: string, a: Term, b: Term) => Term = (name, a, b) => this.operation(name, a, b),
  ): Term {
    const entry = from.#read(term);
    const part = (inner: Term) => this.rebuild(from, inner, replace, reload, operate);
    switch (entry.kind) {
      case 'field':
        return this.field(part(entry.a), entry.name);
      case 'element':
        return this.element(part(entry.a), part(entry.b));
      case 'load':
        return reload(part(entry.a), entry.b);
      case 'operation':
        return operate(entry.name, part(entry.a), entry.b < 0 ? -1 : part(entry.b));
      default:
        return replace(term) ?? this.#intern(entry.kind, entry.a, entry.b, entry.name, entry.size);
    }
  }

  /** A short C-like spelling, for messages and for matching locks by shape. */
  spell(term: Term): string {
    const entry = this.#read(term);
    switch (entry.kind) {
      case 'constant':
      case 'symbolic':
      case 'global':
      case 'local':
      case 'task':
        return entry.name;
      case 'param':
        return `arg${entry.a}`;
      case 'fresh':
        return entry.name || 'value';
      case 'field':
        return `${this.spell(entry.a)}.${entry.name}`;
      case 'element':
        return `${this.spell(entry.a)}[]`;
      case 'load':
        return `*${this.spell(entry.a)}`;
      case 'operation':
        return entry.b < 0
          ? `${entry.name}(${this.spell(entry.a)})`
          : `(${this.spell(entry.a)} ${entry.name} ${this.spell(entry.b)})`;
    }
  }
}

const NONE: readonly Term[] = [];

function hashOf(code: number, a: number, b: number, name: string): number {
  let hash = Math.imul(a + 0x7f4a7c15, 0x85ebca6b) ^ Math.imul(b ^ (code << 24), 0x9e3779b1);
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return hash ^ (hash >>> 15);
}
