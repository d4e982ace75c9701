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

interface Entry {
  readonly kind: TermKind;
  readonly a: number;
  readonly b: number;
  readonly name: string;
  readonly size: number;
}

/**
 * Terms of more parts than this, written out, are cut off with a fresh value: what decides over locks is
 * small, and everything that looks into a term takes time in its size.
 */
const MAX_SIZE = 32;

export class TermTable {
  readonly #entries: Entry[] = [];
  readonly #index = new Map<string, Term>();
  readonly zero: Term;
  readonly one: Term;

  constructor() {
    this.zero = this.constant(0);
    this.one = this.constant(1);
  }

  #intern(kind: TermKind, a: number, b: number, name: string, size: number): Term {
    const key = `${kind}|${a}|${b}|${name}`;
    const known = this.#index.get(key);
    if (known !== undefined) return known;
    const term = this.#entries.length;
    this.#entries.push({ kind, a, b, name, size });
    this.#index.set(key, term);
    return term;
  }

  #entry(term: Term): Entry {
    return this.#entries[term]!;
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

  kind(term: Term): TermKind {
    return this.#entry(term).kind;
  }
  /** First operand: a base, an address, a parameter's index or a site, as the kind has it. */
  a(term: Term): number {
    return this.#entry(term).a;
  }
  b(term: Term): number {
    return this.#entry(term).b;
  }
  name(term: Term): string {
    return this.#entry(term).name;
  }
  /** How many parts the term has, written out. */
  size(term: Term): number {
    return this.#entry(term).size;
  }
  tooDeep(term: Term): boolean {
    return this.size(term) > MAX_SIZE;
  }
  /** The number that a constant term stands for, or null. */
  numberOf(term: Term): number | null {
    const entry = this.#entry(term);
    return entry.kind === 'constant' ? Number(entry.name) : null;
  }

  /** The operands of a term that are terms themselves. */
  operands(term: Term): readonly Term[] {
    const entry = this.#entry(term);
    switch (entry.kind) {
      case 'field':
      case 'load':
        return [entry.a];
      case 'element':
        return [entry.a, entry.b];
      case 'operation':
        return entry.b < 0 ? [entry.a] : [entry.a, entry.b];
      default:
        return [];
    }
  }

  /** True where `term` is or contains one for which `test` holds. */
  some(term: Term, test: (part: Term) => boolean): boolean {
    if (test(term)) return true;
    for (const part of this.operands(term)) if (this.some(part, test)) return true;
    return false;
  }

  /** The term with every occurrence of one part replaced. */
  replace(term: Term, part: Term, by: Term): Term {
    if (term === part) return by;
    const entry = this.#entry(term);
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
      const entry = this.#entry(at);
      if (entry.kind === 'field' || entry.kind === 'load' || entry.kind === 'element') at = entry.a;
      else return at;
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
    const entry = from.#entry(term);
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
    const entry = this.#entry(term);
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
