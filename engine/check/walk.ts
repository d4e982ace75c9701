/**
 * Walks every path of one function under one configuration through the lock-state engine.
 *
 * Blocks are taken in reverse post-order, so that states meet before the code behind a join is walked. Of
 * states that are equal there, one goes on. A block that has seen many different states merges those that
 * agree on the locks (property simulation), which loses facts but never a lock.
 */
import type { Block, Expr, FunctionIR, Instruction, Terminator } from '../c/ir.ts';
import type { Contract } from '../protocol/contract.ts';
import { callEffects } from './call.ts';
import { NO_WEIGHT, weighContract, weighSummary } from './call-weight.ts';
import type { Callee, CallOutcome } from './callee.ts';
import {
  caseText,
  conditionUses,
  constantParameters,
  isArithmetic,
  isUnsigned,
  mentions,
  repeatedTests,
  targetName,
} from './code-shape.ts';
import type { EffectContext } from './contract-effects.ts';
import { applyContract, applyEffects, applyGuardExit, argumentsOf } from './contract-effects.ts';
import type { EventSite, Exit, PathEvent, Walked } from './events.ts';
import { POSITIVE, withClasses, ZERO } from './facts.ts';
import { analyseFlow, type Flow } from './flow.ts';
import { forgetContents, forgetLocks, forgetMade, forgetUnder, type Interest, prune } from './forget.ts';
import { emitGuardedWrite } from './guarded-writes.ts';
import { distinct, joinStates, locksOnly, mergeKey } from './join-states.ts';
import { ROUNDS_NAMED, roundMade } from './made-values.ts';
import { memberCallee } from './member-calls.ts';
import { nameLock } from './names.ts';
import { EMPTY_STATE, lockKey, type PathState, stateKey, withMemory, withStep } from './path-state.ts';
import { letEscape } from './pointer-lives.ts';
import { analyseRelevance, type CallWeight, everythingMatters, type Relevance } from './relevance.ts';
import { emitStaleReads } from './stale-uses.ts';
import { type Term, TermTable } from './terms.ts';
import { addressOf, assume, classesOf, evaluate, learn, operate, read, store } from './values.ts';
import { type Waiting, Worklist } from './worklist.ts';

/** What walking a function needs from the program around it. */
export interface Surroundings {
  /** What a call of this name means here. */
  callee(name: string): Callee;
  guard(guardClass: string): Contract | null;
  cleanup(name: string): Contract | null;
  /** Fields that the function's file sets to constants. */
  readonly flags: ReadonlySet<string>;
  /** The state that the function begins in, made of one in which nothing is held. */
  begin(state: PathState, table: TermTable): PathState;
  /**
   * Called for each step of each path, by who shows paths rather than judges them. Nothing of them is then forgotten
   * for not mattering to locks.
   */
  visit?(step: Visit): void;
}

/** One step of one path: an instruction with the states that it makes, or a jump with the state that leaves. */
export interface Visit {
  readonly step: Instruction | Terminator;
  readonly before: PathState;
  readonly after: readonly PathState[];
}

export interface WalkLimits {
  /** Instructions executed, all states counted. */
  readonly steps: number;
  /** States a block may see before those with equal locks are merged. */
  readonly statesPerBlock: number;
}

export const WALK_LIMITS: WalkLimits = { steps: 20_000, statesPerBlock: 16 };

/** Paths to one return statement that are all kept. */
const EXITS_PER_RETURN = 48;

/** How often what was joined at a block is walked on from before all but the locks is forgotten. */
const MERGE_ROUNDS = 3;

export interface FunctionWalk extends Walked {
  readonly table: TermTable;
}

export function walkFunction(
  ir: FunctionIR,
  surroundings: Surroundings,
  limits: WalkLimits = WALK_LIMITS,
): FunctionWalk {
  return new Walker(ir, surroundings, limits).run();
}

class Walker implements EffectContext {
  readonly table = new TermTable();
  readonly #ir: FunctionIR;
  readonly #around: Surroundings;
  readonly #limits: WalkLimits;
  readonly #flow: Flow;
  readonly #relevance: Relevance;
  readonly #interest: Interest;
  readonly #callees = new Map<string, Callee>();
  readonly #arrays: ReadonlySet<string>;
  readonly #repeatedTests: ReadonlySet<string>;
  #askedFlags: readonly string[] | null = null;
  readonly #exits: Exit[] = [];
  readonly #events: PathEvent[] = [];
  readonly #unknown = new Set<string>();
  readonly #exposed = new Set<number>();
  readonly #unsettled = new Set<string>();
  readonly #work: Worklist;
  readonly #seen: Map<string, PathState>[];
  readonly #merged: Map<string, { readonly waiting: Waiting; readonly rounds: number }>[];
  #block: Block;
  #types: ReadonlyMap<string, string> | null = null;
  readonly #returns = new Map<number, { count: number; readonly keys: Set<string> }>();
  /** Places in loops that made unknown values. */
  readonly #loopSites = new Set<number>();
  readonly #deep = new Set<Term>();
  #steps = 0;
  #paths = 0;
  #complete = true;

  constructor(ir: FunctionIR, around: Surroundings, limits: WalkLimits) {
    this.#ir = ir;
    this.#around = around;
    this.#limits = limits;
    this.#flow = analyseFlow(ir, around.flags);
    this.#relevance = around.visit
      ? everythingMatters(ir, this.#flow)
      : analyseRelevance(ir, this.#flow, (call) => this.#weigh(call));
    this.#interest = {
      flow: this.#flow,
      relevance: this.#relevance,
      constant: constantParameters(ir),
      inLoop: (site) => this.#loopSites.has(site),
    };
    this.#arrays = new Set(ir.locals.filter((one) => one.type.includes('[')).map((one) => one.name));
    this.#repeatedTests = repeatedTests(ir);
    this.#seen = ir.blocks.map(() => new Map());
    this.#merged = ir.blocks.map(() => new Map());
    this.#work = new Worklist(ir.blocks.length);
    this.#block = ir.blocks[ir.entry]!;
  }

  run(): FunctionWalk {
    const memory = new Map<Term, Term>();
    this.#ir.params.forEach((param, index) => {
      memory.set(this.table.local(param.name), this.table.param(index));
    });
    this.#enter(this.#ir.entry, this.#around.begin({ ...EMPTY_STATE, memory }, this.table));
    while (this.#steps <= this.#limits.steps) {
      const next = this.#work.take();
      if (!next) break;
      this.#walkBlock(this.#ir.blocks[this.#blockAt(next.order)]!, next.state);
    }
    return {
      ir: this.#ir,
      table: this.table,
      exits: this.#exits,
      events: this.#events,
      paths: this.#paths,
      complete: this.#complete,
      unknown: [...this.#unknown].sort(),
      remembered: new Set([...(this.#relevance.fields ?? []), ...this.#around.flags]),
      exposed: this.#exposed,
      unsettled: this.#unsettled,
      isUnstable: (lock) => this.isUnstable(lock),
      isRenewed: (lock) => this.isRenewed(lock),
      deep: this.#deep,
    };
  }

  get flags(): ReadonlySet<string> {
    return this.#around.flags;
  }

  #callee(name: string): Callee {
    let callee = this.#callees.get(name);
    if (!callee) {
      callee = this.#around.callee(name);
      this.#callees.set(name, callee);
    }
    return callee;
  }

  /** What a call can be to locks, before any path is walked. */
  #weigh(call: Extract<Instruction, { kind: 'call' | 'guard-enter' }>): CallWeight {
    if (call.kind === 'guard-enter') return weighContract(this.#around.guard(call.guardClass));
    if (call.name === null) return NO_WEIGHT;
    const callee = this.#callee(call.name);
    if (callee.kind === 'contract') return weighContract(callee.contract);
    return callee.kind === 'summary' ? weighSummary(callee.summary) : NO_WEIGHT;
  }

  typeOf(name: string): string | null {
    this.#types ??= new Map([...this.#ir.params, ...this.#ir.locals].map((one) => [one.name, one.type]));
    return this.#types.get(name) ?? null;
  }

  isArray(name: string): boolean {
    return this.#arrays.has(name);
  }

  isPointer(name: string): boolean {
    return this.typeOf(name)?.includes('*') ?? false;
  }

  emit(event: PathEvent): void {
    // Of a joined path only what needs no memory of the way is sure.
    if (event.state.joined && (event.kind === 'bad-lock' || event.kind === 'over-release')) return;
    this.#events.push(event);
  }

  lockName(state: PathState, lock: Term, kind: Parameters<typeof nameLock>[4]): string {
    return nameLock(this.table, this.#ir, state, lock, kind);
  }

  letWrite(pointer: Term): void {
    if (this.table.kind(pointer) === 'param') this.#exposed.add(this.table.a(pointer));
  }

  deepens(lock: Term): void {
    this.#deep.add(lock);
  }

  unsettle(lockClass: string): void {
    this.#unsettled.add(lockClass);
  }

  isRenewed(lock: Term): boolean {
    const { table } = this;
    return (
      this.isUnstable(lock) ||
      table.some(lock, (part) => table.kind(part) === 'fresh' && this.#loopSites.has(table.a(part)))
    );
  }

  isUnstable(lock: Term): boolean {
    const { table } = this;
    const changes = (part: Term) =>
      table.kind(part) === 'fresh' && (table.name(part) === 'joined' || this.#loopSites.has(table.a(part)));
    return table.some(
      lock,
      (part) =>
        (table.kind(part) === 'element' && table.some(table.b(part), changes)) ||
        (table.kind(part) === 'fresh' && table.name(part) === 'joined'),
    );
  }

  fresh(state: PathState, site: number, label: string): { term: Term; state: PathState } {
    if (this.#flow.inLoop[this.#block.id]) this.#loopSites.add(site);
    else return { term: this.table.fresh(site, 0, label), state };
    const round = this.#freeRound(state, (part, nth) => part === this.table.fresh(site, nth, label));
    const term = this.table.fresh(site, round, label);
    const left = forgetUnder(this.table, state, term);
    return { term, state: forgetLocks(this.table, left, (part) => part === term) };
  }

  renew(state: PathState, site: number): { round: number; state: PathState } {
    if (!this.#flow.inLoop[this.#block.id]) return { round: 0, state };
    this.#loopSites.add(site);
    const { table } = this;
    const isMade = (part: Term, round: number) =>
      table.kind(part) === 'fresh' && table.a(part) === site && roundMade(table.b(part)) === round;
    const round = this.#freeRound(state, isMade);
    return { round, state: forgetMade(table, state, (part) => isMade(part, round)) };
  }

  /** In a loop the value of the last round may live on; the new one then gets another name, as long as there are some. */
  #freeRound(state: PathState, isMade: (part: Term, round: number) => boolean): number {
    for (let round = 0; round < ROUNDS_NAMED - 1; round++) {
      const mentioned = (term: Term) =>
        this.table.hasMade(term) && this.table.some(term, (part) => isMade(part, round));
      const used =
        state.locks.some((held) => mentioned(held.key)) ||
        [...state.memory].some(([address, value]) => mentioned(value) || mentioned(address));
      if (!used) return round;
    }
    return ROUNDS_NAMED - 1;
  }

  readonly #blocksByOrder: number[] = [];
  #blockAt(order: number): number {
    if (this.#blocksByOrder.length === 0) {
      for (const block of this.#ir.blocks) {
        const at = this.#flow.order[block.id]!;
        if (at >= 0) this.#blocksByOrder[at] = block.id;
      }
    }
    return this.#blocksByOrder[order]!;
  }

  /** Queues a state at a block, unless an equal one has been there. */
  #enter(id: number, arriving: PathState): void {
    const seen = this.#seen[id]!;
    const state = prune(this.table, this.#interest, id, arriving);
    const key = stateKey(state);
    if (seen.has(key)) return;
    // Loops meet their own states again and again, so they join sooner.
    const many = this.#flow.inLoop[id] ? this.#limits.statesPerBlock >> 1 : this.#limits.statesPerBlock;
    if (seen.size >= many) {
      this.#merge(id, state);
      return;
    }
    seen.set(key, state);
    this.#work.add(this.#flow.order[id]!, state);
  }

  /**
   * Joins a state with those that came to the block before it with the same locks and flags, and queues what came of
   * it where that is new. Knowledge is only ever lost here, and after a few rounds all but the locks, so every loop ends.
   */
  #merge(id: number, state: PathState): void {
    const merged = this.#merged[id]!;
    // Where flags make too many of them, the locks alone decide what is joined.
    const fine = mergeKey(this.table, this.#interest, state);
    const locks = merged.has(fine) || merged.size < 2 * this.#limits.statesPerBlock ? fine : lockKey(state);
    const known = merged.get(locks);
    const order = this.#flow.order[id]!;
    if (!known) {
      if (merged.size >= 6 * this.#limits.statesPerBlock) this.#complete = false;
      else merged.set(locks, { waiting: this.#work.add(order, state), rounds: 1 });
      return;
    }
    const before = known.waiting.state;
    const joined =
      known.rounds < MERGE_ROUNDS
        ? joinStates(this.table, id, before, state)
        : locksOnly(this.table, id, before, state);
    if (stateKey(joined) === stateKey(before)) return;
    if (known.waiting.waits) known.waiting.state = joined;
    else merged.set(locks, { waiting: this.#work.add(order, joined), rounds: known.rounds + 1 });
  }

  #walkBlock(block: Block, start: PathState): void {
    this.#block = block;
    let states: readonly PathState[] = [start];
    for (const instruction of block.instructions) {
      const next: PathState[] = [];
      for (const state of states) {
        if (state.broken) continue;
        // A step costs what its state is worth: each change copies part of it.
        this.#steps += 1 + ((state.memory.size + state.facts.size) >> 4);
        if (this.#steps > this.#limits.steps) {
          this.#complete = false;
          return;
        }
        const after = this.#execute(state, instruction);
        this.#around.visit?.({ step: instruction, before: state, after });
        next.push(...after);
      }
      states = next.length > 8 ? this.#few(block, distinct(next)) : next;
      if (states.length === 0) {
        this.#paths++;
        return;
      }
    }
    for (const state of states) if (!state.broken) this.#leave(block, state);
  }

  /** Of many states in one block, those that hold the same locks and agree on the flags are joined. */
  #few(block: Block, states: readonly PathState[]): readonly PathState[] {
    if (states.length <= this.#limits.statesPerBlock) return states;
    const fine = this.#joinAlike(block, states, (state) => mergeKey(this.table, this.#interest, state));
    return fine.length <= 2 * this.#limits.statesPerBlock ? fine : this.#joinAlike(block, fine, lockKey);
  }

  #joinAlike(
    block: Block,
    states: readonly PathState[],
    keyOf: (state: PathState) => string,
  ): readonly PathState[] {
    const joined = new Map<string, PathState>();
    for (const state of states) {
      const key = keyOf(state);
      const known = joined.get(key);
      joined.set(key, known ? joinStates(this.table, block.id, known, state) : state);
    }
    return [...joined.values()];
  }

  #leave(block: Block, before: PathState): void {
    const end = block.terminator;
    const state = emitStaleReads(this, before, end);
    this.#around.visit?.({ step: end, before: state, after: [state] });
    switch (end.kind) {
      case 'goto':
        this.#enter(end.to, state);
        break;
      case 'branch': {
        if (this.#faults(state, end.condition)) break;
        const condition = evaluate(this, state, end.condition);
        const asked = this.#relevance.asks[block.id]!;
        const never = asked && this.#isBelowZero(state, end.condition);
        const yes = never ? null : asked ? assume(this, state, condition, true) : state;
        const no = asked ? assume(this, state, condition, false) : state;
        const decided = this.table.numberOf(condition) !== null;
        if (yes)
          this.#enter(end.then, decided ? yes : withStep(yes, 'branch', end.at, 'is true', { end: end.end }));
        if (no)
          this.#enter(
            end.otherwise,
            decided ? no : withStep(no, 'branch', end.at, 'is false', { end: end.end }),
          );
        break;
      }
      case 'switch':
        this.#leaveSwitch(end, state);
        break;
      case 'return': {
        const value = end.value ? evaluate(this, state, end.value) : null;
        this.#paths++;
        if (this.#isNews(end.at, state, value)) {
          this.#exits.push({ state, value, at: end.at, end: end.end, locks: state.locks });
        }
        break;
      }
      case 'unreachable':
        this.#paths++;
        break;
    }
  }

  /** True for a size that would have to be less than 0: nothing that has no sign is. */
  #isBelowZero(state: PathState, condition: Expr): boolean {
    if (condition.kind !== 'binary' || (condition.op !== '<' && condition.op !== '>')) return false;
    const [less, more] =
      condition.op === '<' ? [condition.left, condition.right] : [condition.right, condition.left];
    const typeOf = (name: string) => this.typeOf(name);
    if (!isUnsigned(less, typeOf) || !isUnsigned(more, typeOf)) return false;
    return classesOf(this.table, state, evaluate(this, state, more)) === ZERO;
  }

  /** Of very many paths to one return, those that bring it another lock state or another class of result. */
  #isNews(at: number, state: PathState, value: Term | null): boolean {
    let known = this.#returns.get(at);
    if (!known) {
      known = { count: 0, keys: new Set() };
      this.#returns.set(at, known);
    }
    known.count++;
    const key = `${lockKey(state)} ${value === null ? '' : classesOf(this.table, state, value)}`;
    if (known.count > EXITS_PER_RETURN && known.keys.has(key)) return false;
    known.keys.add(key);
    return true;
  }

  #leaveSwitch(end: Extract<Block['terminator'], { kind: 'switch' }>, state: PathState): void {
    const value = evaluate(this, state, end.value);
    let rest: PathState | null = state;
    for (const one of end.cases) {
      if (!rest) return;
      let taken: PathState | null = rest;
      if (one.high) {
        taken = assume(this, rest, operate(this, rest, '>=', value, evaluate(this, rest, one.low)), true);
        if (taken)
          taken = assume(
            this,
            taken,
            operate(this, taken, '<=', value, evaluate(this, taken, one.high)),
            true,
          );
      } else {
        const equal = operate(this, rest, '==', value, evaluate(this, rest, one.low));
        taken = assume(this, rest, equal, true);
        rest = assume(this, rest, equal, false);
      }
      if (taken)
        this.#enter(one.to, withStep(taken, 'branch', end.at, `is ${caseText(one.low)}`, { end: end.end }));
    }
    if (rest) this.#enter(end.otherwise, rest);
  }

  /** True where an expression reads through a pointer that is NULL or an error pointer on this path. */
  #faults(state: PathState, expr: Expr, place = false): boolean {
    switch (expr.kind) {
      case 'field':
        if (this.#faults(state, expr.base, !expr.arrow)) return true;
        return expr.arrow && !place && this.#isInvalid(state, expr.base);
      case 'deref':
        return this.#faults(state, expr.operand) || (!place && this.#isInvalid(state, expr.operand));
      case 'index':
        return this.#faults(state, expr.base) || this.#faults(state, expr.index);
      case 'address':
        return this.#faults(state, expr.operand, true);
      case 'unary':
      case 'cast':
        return this.#faults(state, expr.operand);
      case 'binary':
        return this.#faults(state, expr.left) || this.#faults(state, expr.right);
      default:
        return false;
    }
  }

  #isInvalid(state: PathState, pointer: Expr): boolean {
    if (pointer.kind !== 'name' && pointer.kind !== 'field') return false;
    return !(classesOf(this.table, state, evaluate(this, state, pointer)) & POSITIVE);
  }

  #execute(before: PathState, instruction: Instruction): readonly PathState[] {
    const state = emitStaleReads(this, before, instruction);
    // The machine faults there: whatever the path is, it does not go on, and it is not a matter of locks.
    if (
      instruction.kind === 'assign' &&
      (this.#faults(state, instruction.value) || this.#faults(state, instruction.target))
    )
      return [];
    if (instruction.kind === 'call' && instruction.args.some((arg) => this.#faults(state, arg))) return [];
    switch (instruction.kind) {
      case 'assign':
        emitGuardedWrite(this, state, instruction, null);
        return [this.#assign(state, instruction)];
      case 'declare': {
        const address = this.table.local(instruction.name);
        const made = this.fresh(state, instruction.at, instruction.name);
        return [withMemory(forgetUnder(this.table, made.state, address), address, made.term)];
      }
      case 'call':
        return this.#call(state, instruction);
      case 'guard-enter':
        return this.#guardEnter(state, instruction);
      case 'guard-exit': {
        const contract = this.#around.guard(instruction.guardClass);
        return this.#atScopeEnd(
          state,
          instruction.variable,
          contract,
          instruction,
          `guard(${instruction.guardClass})`,
        );
      }
      case 'cleanup': {
        const contract = this.#around.cleanup(instruction.cleanup);
        return this.#atScopeEnd(state, instruction.variable, contract, instruction, instruction.cleanup);
      }
      case 'opaque':
        return [state];
    }
  }

  #assign(before: PathState, instruction: Extract<Instruction, { kind: 'assign' }>): PathState {
    const address = addressOf(this, before, instruction.target);
    if (address === null) return before;
    let state = before;
    let value = evaluate(this, state, instruction.value);
    const { value: expr } = instruction;
    const counts =
      this.#flow.inLoop[this.#block.id] && this.table.kind(value) !== 'symbolic' && isArithmetic(expr);
    if (expr.kind === 'unknown' || expr.kind === 'aggregate' || counts || this.#follows(value)) {
      const made = this.fresh(state, instruction.at, targetName(instruction.target));
      value = made.term;
      state = made.state;
    }
    state = forgetContents(this.table, state, address);
    if (instruction.target.kind !== 'name') state = letEscape(this.table, state, value);
    state = store(state, address, value);
    if (expr.kind === 'aggregate') {
      state = this.#withRestZero(state, address, expr);
      for (const field of expr.fields) {
        if (field.name === null) continue;
        const place = field.name.split('.').reduce((base, name) => this.table.field(base, name), address);
        const part = evaluate(this, before, field.value);
        state = store(letEscape(this.table, state, part), place, part);
      }
    }
    return state;
  }

  /** Members that a braced initialiser leaves out are 0: of those, the flags that something here asks for. */
  #withRestZero(
    before: PathState,
    address: Term,
    { fields }: Extract<Expr, { kind: 'aggregate' }>,
  ): PathState {
    const isZero = ({ name, value }: (typeof fields)[number]) =>
      name !== null || (value.kind === 'number' && value.value === 0);
    if (!fields.every(isZero)) return before;
    this.#askedFlags ??= [...this.#around.flags].filter(
      (name) => this.#relevance.fields === null || this.#relevance.fields.has(name),
    );
    return this.#askedFlags.reduce(
      (state, name) => store(state, this.table.field(address, name), this.table.zero),
      before,
    );
  }

  /** True where a loop goes on along a list: the value was read through the same field twice, `t->next->next`. */
  #follows(value: Term): boolean {
    const { table } = this;
    if (!this.#flow.inLoop[this.#block.id]) return false;
    const fields = new Set<string>();
    for (let at = value; table.kind(at) === 'load'; ) {
      at = table.a(at);
      const name = table.kind(at) === 'field' ? table.name(at) : '';
      if (name !== '' && fields.has(name)) return true;
      fields.add(name);
      while (table.kind(at) === 'field' || table.kind(at) === 'element') at = table.a(at);
    }
    return false;
  }

  #call(state: PathState, instruction: Extract<Instruction, { kind: 'call' }>): readonly PathState[] {
    const { name } = instruction;
    const callee: Callee = name === null ? memberCallee(this.#ir, instruction.callee) : this.#callee(name);
    if (callee.kind === 'unknown' && name !== null) this.#unknown.add(name);
    emitGuardedWrite(this, state, instruction, callee);
    const site: EventSite = {
      at: instruction.at,
      end: instruction.end,
      call: name ?? 'an indirect call',
      inside: null,
    };
    const args = argumentsOf(this, state, instruction.args);
    const call = { exprs: instruction.args, args, site };
    const predicate =
      name !== null &&
      this.#repeatedTests.has(name) &&
      !this.#flow.inLoop[this.#block.id] &&
      conditionUses(this.#block, instruction.result);
    const outcomes: readonly CallOutcome[] = callEffects(this, state, callee, name, call, {
      predicate,
      iterator: instruction.iterator,
      tested: this.#isTested(instruction.result),
    });
    return outcomes.map((outcome) => {
      if (!instruction.result) return outcome.state;
      const address = addressOf(this, outcome.state, instruction.result);
      if (address === null) return outcome.state;
      return store(forgetContents(this.table, outcome.state, address), address, outcome.result);
    });
  }

  /** True where the result, or a variable that it is put into, is tested or returned. */
  #isTested(result: Expr | null, depth = 0): boolean {
    if (result?.kind !== 'name') return result !== null;
    if ((this.#flow.tests.get(result.name) ?? 0) > 0) return true;
    if (conditionUses(this.#block, result)) return true;
    const end = this.#block.terminator;
    if (end.kind === 'return' && end.value && mentions(end.value, result.name)) return true;
    if (end.kind === 'switch' && mentions(end.value, result.name)) return true;
    return this.#block.instructions.some((one) => {
      if (one.kind === 'call') return one.args.some((arg) => mentions(arg, result.name));
      if (one.kind !== 'assign' || !mentions(one.value, result.name)) return false;
      return (
        one.target.kind !== 'name' ||
        (depth < 3 && this.#isTested(one.target, depth + 1)) ||
        (this.#flow.tests.get(one.target.name) ?? 0) > 0
      );
    });
  }

  #guardEnter(
    state: PathState,
    instruction: Extract<Instruction, { kind: 'guard-enter' }>,
  ): readonly PathState[] {
    const contract = this.#around.guard(instruction.guardClass);
    const site: EventSite = {
      at: instruction.at,
      end: instruction.end,
      call: `guard(${instruction.guardClass})`,
      inside: null,
    };
    const args = argumentsOf(this, state, instruction.args);
    const variable = this.table.local(instruction.variable);
    if (!contract) {
      const made = this.fresh(state, instruction.at, instruction.guardClass);
      return [withMemory(made.state, variable, made.term)];
    }
    const outcomes = callEffects(
      this,
      state,
      { kind: 'contract', contract },
      `guard(${instruction.guardClass})`,
      { exprs: instruction.args, args, site },
      { predicate: false, iterator: false, tested: true },
    );
    return outcomes.map((outcome) => {
      // The variable keeps the lock itself, so that the end of the scope can give the same one back.
      const classes = classesOf(this.table, outcome.state, outcome.result);
      const taken = (classes & POSITIVE) !== 0;
      const value = !taken ? this.table.zero : (args[0] ?? this.table.one);
      const next =
        taken && args[0] !== undefined
          ? learn(this.table, outcome.state, args[0], withClasses(POSITIVE))
          : outcome.state;
      return withMemory(next ?? outcome.state, variable, value);
    });
  }

  #atScopeEnd(
    state: PathState,
    variable: string,
    contract: Contract | null,
    span: { readonly at: number; readonly end: number },
    call: string,
  ): readonly PathState[] {
    if (!contract) return [state];
    const value = read(this, state, this.table.local(variable));
    const classes = classesOf(this.table, state, value);
    if (!(classes & POSITIVE)) return [state];
    const view = { exprs: [], args: [value], site: { at: span.at, end: span.end, call, inside: null } };
    const run = (from: PathState) =>
      contract.what === 'guard'
        ? applyGuardExit(this, from, contract, view)
        : contract.outcomes.reduce((now, one) => applyEffects(this, now, one.effects, view, value), from);
    if (classes === POSITIVE) return [run(state)];
    const valid = learn(this.table, state, value, withClasses(POSITIVE));
    const other = learn(this.table, state, value, withClasses(classes & ~POSITIVE || ZERO));
    return [...(valid ? [run(valid)] : []), ...(other ? [other] : [])];
  }

  /** For callers that apply a contract outside of a call instruction. */
  apply(state: PathState, contract: Contract, call: Parameters<typeof applyContract>[3]) {
    return applyContract(this, state, contract, call);
  }
}
