/**
 * What of a function can matter to its locks: the variables and fields whose values decide over a lock operation,
 * over which object it works on, or over what is returned behind one, and the branches that choose between such
 * things. A path need not remember anything else, so paths that differ in nothing else go on as one.
 *
 * Variables by strong liveness (a use counts only where its result counts: Giegerich, Möncke and Wilhelm, 1981),
 * branches by control dependence (Ferrante, Ottenstein and Warren, TOPLAS 1987).
 */
import { partsOf } from '../c/expression-parts.ts';
import type { Block, BlockId, Expr, FunctionIR, Instruction } from '../c/ir.ts';
import { controlDependence } from './control-dependence.ts';
import { countTests, eachFollowed, eachName, expressionsOf, type Flow, successors } from './flow.ts';

/** What a call is to the locks of its caller. */
export interface CallWeight {
  /** It takes or gives back locks, or needs some: all its arguments matter. */
  readonly touches: boolean;
  /** Arguments that matter in any case. */
  readonly uses: readonly number[];
  /** Its result is a pointer that only something it says keeps valid. */
  readonly finds: boolean;
  /** Arguments that are not to be used behind it. */
  readonly ends: readonly number[];
  /** Fields that its body reads, on which what it does depends. */
  readonly reads: readonly string[];
}

type Call = Extract<Instruction, { kind: 'call' | 'guard-enter' }>;

export interface Relevance {
  /** Variables that matter from the start of each block on, before they are written. */
  readonly live: readonly ReadonlySet<string>[];
  /**
   * Fields, and variables outside the function, that something which matters reads; flow plays no part in it. Null
   * where all of them are to be remembered.
   */
  readonly fields: ReadonlySet<string> | null;
  /** True for a block whose branch decides over something that matters, or tests a variable that does. */
  readonly asks: readonly boolean[];
  /** How many of the branches and returns that matter ask about each place. */
  readonly tests: ReadonlyMap<string, number>;
  /** Some function is called in several places where what it does, or says, matters. */
  readonly repeatsCalls: boolean;
}

export function analyseRelevance(
  ir: FunctionIR,
  { order, flags }: Pick<Flow, 'order' | 'flags'>,
  weigh: (call: Call) => CallWeight,
): Relevance {
  return new Analysis(ir, order, flags, weigh).run();
}

/** For who wants to know of every variable, whether or not locks depend on it. */
export function everythingMatters(ir: FunctionIR, flow: Flow): Relevance {
  return {
    live: flow.live,
    fields: null,
    asks: ir.blocks.map(() => true),
    tests: flow.tests,
    repeatsCalls: true,
  };
}

class Analysis {
  readonly #ir: FunctionIR;
  readonly #order: readonly number[];
  /** Fields by which others may know what this function did, whether or not it reads them itself. */
  readonly #flags: ReadonlySet<string>;
  readonly #weights = new Map<Instruction, CallWeight>();
  readonly #fields: Set<string>;
  readonly #live: Set<string>[];
  readonly #decides: boolean[];
  readonly #teaches: boolean[];
  /** What the temporaries that a condition names were made of. */
  readonly #sources = new Map<string, readonly Expr[]>();
  /** Blocks that hold something that matters. */
  readonly #matters: boolean[];
  readonly #dependsOn: readonly (readonly BlockId[])[] | null;
  /** Variables that hold what was found, or what is gone: following them matters. */
  readonly #watched: ReadonlySet<string>;
  readonly #callSites = new Map<string, Set<number>>();
  #behindLocks: boolean[] = [];
  #changed = true;

  constructor(
    ir: FunctionIR,
    order: readonly number[],
    flags: ReadonlySet<string>,
    weigh: (call: Call) => CallWeight,
  ) {
    this.#ir = ir;
    this.#order = order;
    this.#flags = flags;
    this.#fields = new Set();
    for (const block of ir.blocks) {
      for (const one of block.instructions) {
        this.#noteSource(one);
        if (one.kind !== 'call' && one.kind !== 'guard-enter') continue;
        const weight = weigh(one);
        this.#weights.set(one, weight);
        for (const name of weight.reads) this.#fields.add(name);
      }
    }
    this.#watched = this.#findWatched();
    this.#live = ir.blocks.map(() => new Set());
    this.#decides = ir.blocks.map(() => false);
    this.#teaches = ir.blocks.map(() => false);
    this.#matters = ir.blocks.map(() => false);
    this.#dependsOn = controlDependence(ir, order);
    if (this.#dependsOn === null) this.#decides.fill(true);
  }

  run(): Relevance {
    this.#findReturns();
    const sequence = [...this.#ir.blocks.keys()]
      .filter((id) => this.#order[id]! >= 0)
      .sort((a, b) => this.#order[b]! - this.#order[a]!);
    while (this.#changed) {
      this.#changed = false;
      for (const id of sequence) this.#visit(this.#ir.blocks[id]!);
    }
    return {
      live: this.#live,
      fields: this.#fields,
      asks: this.#decides.map((decides, id) => decides || this.#teaches[id]!),
      tests: this.#countTests(),
      repeatsCalls: [...this.#callSites.values()].some((places) => places.size > 1),
    };
  }

  /** A return matters where locks were touched before it; in a function that touches none, for its value. */
  #findReturns(): void {
    const touching = this.#ir.blocks.filter((block) =>
      block.instructions.some((one) => this.#weights.get(one)?.touches),
    );
    const behind = this.#ir.blocks.map(() => touching.length === 0);
    const work = touching.map((block) => block.id);
    for (const id of work) behind[id] = true;
    for (let id = work.pop(); id !== undefined; id = work.pop()) {
      for (const next of successors(this.#ir.blocks[id]!.terminator)) {
        if (behind[next]) continue;
        behind[next] = true;
        work.push(next);
      }
    }
    this.#behindLocks = behind;
  }

  #findWatched(): ReadonlySet<string> {
    const watched = new Set<string>();
    const all = this.#ir.blocks.flatMap((block) => block.instructions);
    for (const one of all) {
      if (one.kind !== 'call') continue;
      const weight = this.#weights.get(one)!;
      if (weight.finds && one.result) eachName(one.result, (name) => watched.add(name));
      for (const index of weight.ends) {
        const arg = one.args[index];
        if (arg?.kind === 'name') watched.add(arg.name);
      }
    }
    for (let before = -1; watched.size > 0 && before !== watched.size; ) {
      before = watched.size;
      for (const one of all) {
        if (one.kind !== 'assign' || one.value.kind !== 'name' || !watched.has(one.value.name)) continue;
        if (one.target.kind === 'name') watched.add(one.target.name);
      }
    }
    return watched;
  }

  /** Makes watched pointers live where they are used, and the ways that lead to where they are followed matter. */
  #useWatched(id: BlockId, one: Instruction | Block['terminator'], live: Set<string>): void {
    if (this.#watched.size === 0) return;
    for (const expr of expressionsOf(one)) {
      eachName(expr, (name) => {
        if (this.#watched.has(name)) live.add(name);
      });
      eachFollowed(expr, false, (pointer) => {
        if (pointer.kind === 'name' && this.#watched.has(pointer.name)) this.#mark(id);
      });
    }
    const written = one.kind === 'assign' ? one.target : one.kind === 'call' ? one.result : null;
    if (written?.kind === 'name' && !reads(one, written.name)) live.delete(written.name);
  }

  #visit(block: Block): void {
    const live = new Set<string>();
    for (const next of successors(block.terminator)) for (const name of this.#live[next]!) live.add(name);
    const end = block.terminator;
    this.#useWatched(block.id, end, live);
    if (end.kind === 'return') {
      if (end.value) this.#use(end.value, live);
      if (this.#behindLocks[block.id] && !this.#matters[block.id]) this.#mark(block.id);
    }
    if (end.kind === 'branch' || end.kind === 'switch') {
      const condition = end.kind === 'branch' ? end.condition : end.value;
      this.#teaches[block.id] ||= this.#tests(condition, live, 0);
      if (this.#decides[block.id] || this.#teaches[block.id]) this.#use(condition, live);
    }
    for (let at = block.instructions.length - 1; at >= 0; at--) {
      this.#step(block, block.instructions[at]!, live);
      this.#useWatched(block.id, block.instructions[at]!, live);
    }
    const known = this.#live[block.id]!;
    for (const name of live) {
      if (known.has(name)) continue;
      known.add(name);
      this.#changed = true;
    }
  }

  #step(block: Block, one: Instruction, live: Set<string>): void {
    switch (one.kind) {
      case 'assign': {
        if (this.#reaches(one.target, live)) this.#mark(block.id);
        else if (one.target.kind !== 'field' || !this.#flags.has(one.target.name)) break;
        this.#write(one.target, live);
        this.#use(one.value, live);
        if (one.target.kind !== 'name') this.#use(one.target, live);
        break;
      }
      case 'call': {
        const weight = this.#weights.get(one)!;
        const wanted = one.result !== null && this.#reaches(one.result, live);
        if (one.result) this.#write(one.result, live);
        const matters = weight.touches || wanted || one.iterator;
        if (matters) this.#mark(block.id);
        one.args.forEach((arg, index) => {
          if (matters || weight.uses.includes(index)) this.#use(arg, live);
        });
        if (matters && one.name !== null) {
          const places = this.#callSites.get(one.name);
          if (places) places.add(one.at);
          else this.#callSites.set(one.name, new Set([one.at]));
        }
        break;
      }
      case 'declare':
        live.delete(one.name);
        break;
      case 'guard-enter':
        live.delete(one.variable);
        this.#mark(block.id);
        for (const arg of one.args) this.#use(arg, live);
        break;
      case 'guard-exit':
      case 'cleanup':
        this.#mark(block.id);
        live.add(one.variable);
        break;
      case 'opaque':
        break;
    }
  }

  #noteSource(one: Instruction): void {
    const target = one.kind === 'assign' ? one.target : one.kind === 'call' ? one.result : null;
    if (target?.kind !== 'name' || target.binding !== 'temp') return;
    const from = one.kind === 'assign' ? [one.value] : one.kind === 'call' ? one.args : [];
    this.#sources.set(target.name, [...(this.#sources.get(target.name) ?? []), ...from]);
  }

  /** True where an expression is a test of a variable that matters: NULL or not, an error or not. */
  #tests(expr: Expr, live: ReadonlySet<string>, depth: number): boolean {
    switch (expr.kind) {
      case 'name':
        if (live.has(expr.name)) return true;
        return (
          depth < 4 && (this.#sources.get(expr.name) ?? []).some((one) => this.#tests(one, live, depth + 1))
        );
      case 'unary':
      case 'cast':
        return this.#tests(expr.operand, live, depth);
      case 'binary':
        return this.#tests(expr.left, live, depth) || this.#tests(expr.right, live, depth);
      default:
        return false;
    }
  }

  /** Something in the block matters, so the branches that lead to it or past it do. */
  #mark(id: BlockId): void {
    if (this.#matters[id]) return;
    this.#matters[id] = true;
    this.#changed = true;
    const work = [id];
    for (let at = work.pop(); at !== undefined; at = work.pop()) {
      for (const branch of this.#dependsOn?.[at] ?? []) {
        if (this.#decides[branch]) continue;
        this.#decides[branch] = true;
        work.push(branch);
      }
    }
  }

  /** True where what is written to a place can be read by something that matters. */
  #reaches(target: Expr, live: ReadonlySet<string>): boolean {
    switch (target.kind) {
      case 'name':
        return target.binding === 'global' ? this.#fields.has(target.name) : live.has(target.name);
      case 'field':
        if (this.#fields.has(target.name)) return true;
        // A member of a structure that is itself a variable.
        return !target.arrow && this.#reaches(target.base, live);
      case 'index':
        return this.#reaches(target.base, live);
      case 'cast':
        return this.#reaches(target.operand, live);
      // Through a pointer: an out-parameter, which may be anything.
      default:
        return true;
    }
  }

  #write(target: Expr, live: Set<string>): void {
    if (target.kind === 'name') live.delete(target.name);
  }

  #use(expr: Expr, live: Set<string>): void {
    eachName(expr, (name) => live.add(name));
    this.#useFields(expr);
  }

  #useFields(expr: Expr): void {
    const add = (name: string) => {
      if (this.#fields.has(name)) return;
      this.#fields.add(name);
      this.#changed = true;
    };
    if (expr.kind === 'field' || (expr.kind === 'name' && expr.binding === 'global')) add(expr.name);
    for (const part of partsOf(expr)) this.#useFields(part);
  }

  #countTests(): ReadonlyMap<string, number> {
    const tests = new Map<string, number>();
    for (const block of this.#ir.blocks) {
      const end = block.terminator;
      if (end.kind === 'branch' && this.#decides[block.id]) countTests(end.condition, tests);
      else if (end.kind === 'switch' && this.#decides[block.id]) countTests(end.value, tests);
      else if (end.kind === 'return' && end.value) countTests(end.value, tests);
    }
    return tests;
  }
}

/** True where an instruction reads the variable, be it to write it again. */
function reads(one: Instruction | Block['terminator'], name: string): boolean {
  const sources = one.kind === 'assign' ? [one.value] : one.kind === 'call' ? one.args : [];
  let found = false;
  for (const expr of sources) {
    eachName(expr, (other) => {
      found ||= other === name;
    });
  }
  return found;
}
