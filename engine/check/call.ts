/** What a call does to a path, whatever is known of the callee: a contract, its body's summary, or nothing. */
import type { Contract } from '../protocol/contract.ts';
import { lockKind } from '../protocol/kinds.ts';
import { holding } from '../state/lock-state.ts';
import {
  type AfterCall,
  applyContract,
  badArgument,
  type CallView,
  type EffectContext,
  goesOn,
  historyOf,
  touchesLocks,
  withLifetimes,
} from './contract-effects.ts';
import type { CalleeSite, EventSite } from './events.ts';
import { NEGATIVE, POSITIVE, withClasses, ZERO } from './facts.ts';
import { forgetContents, forgetUnder } from './forget.ts';
import { acquireLock, findAlias, releaseLock, shapeOf } from './lock-operations.ts';
import { type PathState, withHistory, withMemory, withStep } from './path-state.ts';
import { endRetaken, giveTo, withLife } from './pointer-lives.ts';
import { emitStaleArguments } from './stale-uses.ts';
import type { Summary, SummaryLock, SummaryOutcome } from './summary.ts';
import type { Term, TermTable } from './terms.ts';
import { addressOf, classesOf, learn, operate, read } from './values.ts';

export type Callee =
  | { readonly kind: 'contract'; readonly contract: Contract }
  /** `assigns` names the fields that its body, or what that calls in view, assigns to. */
  | { readonly kind: 'summary'; readonly summary: Summary; readonly assigns?: () => ReadonlySet<string> }
  /** `writes` names the fields that its body, where there is one in view, assigns to. */
  | {
      readonly kind: 'unknown';
      readonly writes?: ReadonlySet<string>;
      /** What is known of a member of a structure of operations, of which no body can be named. */
      readonly member?: Contract | null;
    };

export type CallOutcome = AfterCall;

export interface CallManner {
  /** The call is a test that the function makes more than once: its result depends on the arguments alone. */
  readonly predicate: boolean;
  /** The call is the head of a loop made of an iterator macro. */
  readonly iterator: boolean;
  /** The function goes on to test the result, or returns it. */
  readonly tested: boolean;
}

export function callEffects(
  context: EffectContext,
  before: PathState,
  callee: Callee,
  name: string | null,
  call: CallView,
  manner: CallManner,
): readonly CallOutcome[] {
  const contract = callee.kind === 'contract' ? callee.contract : null;
  const used = useArguments(context, before, name, contract, call);
  // Whoever is not followed may take a reference to what it is given.
  const keeps = contract === null || mayKeep(contract);
  const state = keeps && used.lives.size > 0 ? giveTo(context.table, used, call.args, name) : used;
  if (contract) return byContract(context, state, contract, call, manner);
  if (manner.iterator) return byIterator(context, state, null, call);
  if (callee.kind === 'summary') return bySummary(context, state, callee, call, manner);
  const member = callee.kind === 'unknown' ? (callee.member ?? null) : null;
  const said = name ?? member?.name ?? null;
  if (said !== null) {
    context.emit({
      kind: 'call',
      name: said,
      contract: member,
      args: call.args,
      state,
      site: member ? { ...call.site, call: said } : call.site,
    });
  }
  return [
    byNothing(context, state, name, call, manner, callee.kind === 'unknown' ? callee.writes : undefined),
  ];
}

/** True for a function of which only that it sleeps or not is known: `refcount_inc()`, a list insertion. */
function mayKeep(contract: Contract): boolean {
  return (
    contract.outcomes.every((outcome) => outcome.effects.length === 0) &&
    !contract.value &&
    !contract.assertion &&
    !contract.lifetimes
  );
}

function useArguments(
  context: EffectContext,
  state: PathState,
  name: string | null,
  contract: Contract | null,
  call: CallView,
): PathState {
  if (state.lives.size === 0) return state;
  const places = call.exprs.map((expr) =>
    contract?.what === 'iterator' ? addressOf(context, state, expr) : null,
  );
  return emitStaleArguments(context, state, name, contract, call.args, places, call.site);
}

function byContract(
  context: EffectContext,
  before: PathState,
  contract: Contract,
  call: CallView,
  manner: CallManner,
): readonly CallOutcome[] {
  context.emit({
    kind: 'call',
    name: contract.name,
    contract,
    args: call.args,
    state: before,
    site: call.site,
  });
  if (touchesLocks(contract)) {
    const bad = badArgument(context, before, contract.dereferences ?? [], call);
    if (bad) {
      const text = call.exprs[bad.index];
      context.emit({
        kind: 'bad-lock',
        argument: bad.index,
        text: text?.kind === 'name' ? text.name : '',
        value: bad.value,
        state: before,
        site: call.site,
      });
      // The machine stops here; what would come after is no path.
      return [];
    }
  }
  if (manner.iterator || contract.what === 'iterator') return byIterator(context, before, contract, call);
  const calm =
    !manner.tested && contract.complains ? goesOn(context, before, contract.complains, call) : before;
  // What the warning is about is certain here: a path that the code itself calls a bug.
  if (calm === null) return [];
  const state = touchesLocks(contract) || contract.value ? calm : clobber(context, calm, call, false);
  const outcomes = applyContract(context, state, manner.tested ? contract : unasked(contract), call);
  if (contract.outcomes.length === 0 && !contract.value && manner.predicate && contract.what === 'function') {
    return [{ state, result: predicateTerm(context, contract.name, call) }];
  }
  return outcomes;
}

const unaskedContracts = new WeakMap<Contract, Contract>();

/**
 * The contract for a caller that does not look at the result: where only some results mean that a lock was taken
 * and nothing says that they must be told apart, the caller knows that it gets it.
 */
function unasked(contract: Contract): Contract {
  let known = unaskedContracts.get(contract);
  if (!known) {
    const takes = contract.outcomes.filter((one) => one.effects.some((effect) => effect.op === 'acquire'));
    const others = contract.outcomes.filter((one) => one.effects.length === 0);
    const sure =
      !contract.mustCheck && takes.length > 0 && takes.length + others.length === contract.outcomes.length;
    known = sure && others.length > 0 ? { ...contract, outcomes: takes } : contract;
    unaskedContracts.set(contract, known);
  }
  return known;
}

/** One more round, with the loop's variables set; or the end of the loop. */
function byIterator(
  context: EffectContext,
  before: PathState,
  contract: Contract | null,
  call: CallView,
): readonly CallOutcome[] {
  const { table } = context;
  const assigned = contract?.assigns ?? call.exprs.map((_, index) => index);
  let more = before;
  let done = before;
  for (const index of assigned) {
    const expr = call.exprs[index];
    if (expr?.kind !== 'name' || expr.binding === 'global') continue;
    const address = addressOf(context, before, expr);
    if (address === null) continue;
    const made = context.fresh(more, call.site.at + index, expr.name);
    more = withMemory(forgetUnder(table, made.state, address, 'contents'), address, made.term);
    if (contract) more = learn(table, more, made.term, withClasses(POSITIVE)) ?? more;
    if (contract?.after === 'null') done = withMemory(done, address, table.zero);
    else {
      const last = context.fresh(done, call.site.at + index, `${expr.name} after the loop`);
      done = withMemory(last.state, address, last.term);
    }
  }
  if (contract?.lifetimes) {
    more = withLifetimes(context, more, contract, call, table.one);
    done = withLifetimes(context, done, contract, call, table.zero);
  }
  return [
    {
      state: withStep(more, 'branch', call.site.at, 'goes round', { end: call.site.end }),
      result: table.one,
    },
    { state: withStep(done, 'branch', call.site.at, 'ends', { end: call.site.end }), result: table.zero },
  ];
}

/** A function that nothing is known of: it may write what it is given the address of, and returns anything. */
function byNothing(
  context: EffectContext,
  before: PathState,
  name: string | null,
  call: CallView,
  manner: CallManner,
  writes?: ReadonlySet<string>,
): CallOutcome {
  const state = clobber(context, before, call, true, writes);
  if (manner.predicate && name !== null) return { state, result: predicateTerm(context, name, call) };
  const made = context.fresh(state, call.site.at, name ?? 'callback');
  return { state: made.state, result: made.term };
}

function predicateTerm(context: EffectContext, name: string, call: CallView): Term {
  const { table } = context;
  let term = table.operation(`call:${name}`, call.args[0] ?? table.zero);
  for (const arg of call.args.slice(1)) term = table.operation(`call:${name}`, term, arg);
  return table.tooDeep(term) ? table.fresh(call.site.at, 0, name) : term;
}

/**
 * Forgets what a callee may have changed: variables whose address it was given, and fields that this path
 * wrote in objects it was given. Fields that were only read are taken to stay: a flag that is tested before
 * and after a call is far more often a flag than a victim.
 * @param unclear true for a field that the callee may have written without its being told
 * @param leavesAlone true for an argument of which all that is written through it is told
 */
function clobber(
  context: EffectContext,
  before: PathState,
  call: CallView,
  written: boolean,
  writes?: ReadonlySet<string>,
  unclear: (field: string) => boolean = () => true,
  leavesAlone: (index: number) => boolean = () => false,
): PathState {
  const { table } = context;
  let state = before;
  call.exprs.forEach((expr, index) => {
    const arg = call.args[index]!;
    if (!leavesAlone(index)) context.letWrite(arg);
    if (expr.kind === 'address') {
      const address = addressOf(context, before, expr.operand);
      if (address === null || table.kind(table.root(address)) !== 'local') {
        if (address !== null && written) state = forgetWritten(context, state, address, writes);
        return;
      }
      if (leavesAlone(index)) {
        state = forgetContents(table, state, address, unclear);
        return;
      }
      const made = context.fresh(state, call.site.at + index + 1, 'value');
      state = withMemory(forgetContents(table, made.state, address, unclear), address, made.term);
    } else if (written && table.kind(arg) !== 'constant' && table.kind(arg) !== 'symbolic') {
      state = forgetWritten(context, state, arg, writes);
    }
  });
  return state;
}

function forgetWritten(
  context: EffectContext,
  state: PathState,
  object: Term,
  writes?: ReadonlySet<string>,
): PathState {
  const { table } = context;
  let memory: Map<Term, Term> | null = null;
  for (const [address, value] of state.memory) {
    if (table.kind(address) === 'local') continue;
    let at = address;
    while (at !== object && (table.kind(at) === 'field' || table.kind(at) === 'element')) at = table.a(at);
    if (at !== object) continue;
    if (writes && table.kind(address) === 'field' && !writes.has(table.name(address))) continue;
    // A pointer that the path itself found and put there is hardly exchanged behind its back by who is out of view.
    if (!writes && table.kind(value) === 'fresh' && classesOf(table, state, value) === POSITIVE) continue;
    memory ??= new Map(state.memory);
    // Not what it read as before this path wrote there, either.
    memory.set(address, table.fresh(-1, value, 'changed'));
  }
  return memory ? { ...state, memory } : state;
}

function bySummary(
  context: EffectContext,
  before: PathState,
  { summary, assigns }: Extract<Callee, { kind: 'summary' }>,
  call: CallView,
  manner: CallManner,
): readonly CallOutcome[] {
  context.emit({
    kind: 'call',
    name: summary.name,
    contract: null,
    args: call.args,
    state: before,
    site: call.site,
  });
  const bad = badArgument(context, before, summary.followed, call);
  if (bad) {
    const text = call.exprs[bad.index];
    context.emit({
      kind: 'bad-lock',
      argument: bad.index,
      text: text?.kind === 'name' ? text.name : '',
      value: bad.value,
      state: before,
      site: call.site,
    });
    return [];
  }
  if (!summary.complete) {
    const after = byNothing(context, before, summary.name, call, manner, assigns?.());
    // What it did with locks was not walked to the end, so what follows is no evidence.
    return [summary.neutral ? after : { ...after, state: { ...after.state, joined: true } }];
  }
  if (summary.outcomes.length === 0) return [];
  const base = clobber(
    context,
    before,
    call,
    false,
    undefined,
    (field) => !summary.remembered?.has(field) && (assigns?.().has(field) ?? true),
    // What an outcome writes there, it says itself.
    (index) => summary.remembered !== null && !(summary.unclear[index] ?? true),
  );
  const feasible: { outcome: SummaryOutcome; bound: Binding; state: PathState }[] = [];
  for (const outcome of summary.outcomes) {
    const bound = bind(context, before, summary, call);
    let state: PathState | null = base;
    for (const [term, fact] of outcome.given) {
      if (!state) break;
      const here = bound.term(term);
      // A callee that can stand NULL does not mean that its caller passes it.
      if (
        fact.classes === ZERO &&
        isPointerParam(summary, term) &&
        !state.facts.has(here) &&
        context.table.kind(here) !== 'constant'
      ) {
        state = null;
        break;
      }
      if (fact.classes === ZERO && isIdle(context.table, state, here, summary, outcome, term)) {
        state = null;
        break;
      }
      const classes = fact.classes & classesOf(context.table, state, here);
      if (classes === 0) state = null;
      else state = learn(context.table, state, here, bound.fact(fact));
    }
    if (state) feasible.push({ outcome, bound, state });
  }
  reportWaits(context, before, feasible, call);
  if (!manner.tested && feasible.length > 1 && feasible.every(({ outcome }) => isQuiet(outcome))) {
    const quiet = joinQuiet(context, base, feasible, call, summary, manner);
    return [{ ...quiet, state: doubtShapes(context, quiet.state, summary.unsettled) }];
  }
  const after: CallOutcome[] = [];
  const shapes = new Set(summary.unsettled);
  const doubtful = [
    ...summary.doubts,
    ...summary.outcomes
      .flatMap((one) => [...one.gives, ...one.takes])
      .filter((lock) => lock.doubtful)
      .map(({ lock }) => lock),
  ];
  for (const { outcome, bound, state } of feasible) {
    const done = applyOutcome(context, state, outcome, bound, call, summary, manner);
    if (!done) continue;
    // What only some of its paths do to a lock leaves doubt on all of them.
    const locks = doubtful.map((lock) => bound.term(lock));
    for (const lock of locks) {
      const shape = context.table.kind(context.table.root(lock)) === 'fresh' && shapeOf(context.table, lock);
      if (shape) shapes.add(shape);
    }
    const marked = locks.reduce((now, lock) => withHistory(now, lock, { doubtful: true }), done.state);
    const doubted = doubtReleased(context, marked, outcome, bound);
    after.push({ state: doubtShapes(context, doubted, shapes), result: done.result });
  }
  return after;
}

/** Doubts what a release that is not sure would have given back here, under whatever name it is held. */
function doubtReleased(
  context: EffectContext,
  before: PathState,
  outcome: SummaryOutcome,
  bound: Binding,
): PathState {
  let state = before;
  for (const { lock, kind, mode, doubtful } of outcome.gives) {
    const term = bound.term(lock);
    if (!doubtful || state.locks.some(({ key }) => key === term)) continue;
    const at = findAlias(context.table, state, term, kind, mode);
    if (at >= 0) state = withHistory(state, state.locks[at]!.key, { doubtful: true });
  }
  return state;
}

/** Doubts what is held of the shapes of which the callee gave something back, or kept it: it may have been these. */
function doubtShapes(context: EffectContext, before: PathState, shapes: ReadonlySet<string>): PathState {
  let state = before;
  for (const shape of shapes) {
    context.unsettle(shape);
    for (const { key } of before.locks)
      if (shapeOf(context.table, key) === shape) state = withHistory(state, key, { doubtful: true });
  }
  return state;
}

/**
 * True for the outcome of a helper that finds nothing to give back, where another gives a lock back and clears the
 * pointer that says so: that it stands NULL does not mean that a caller which never asked has it NULL.
 */
function isIdle(
  table: TermTable,
  state: PathState,
  here: Term,
  summary: Summary,
  outcome: SummaryOutcome,
  asked: Term,
): boolean {
  if (table.kind(here) !== 'load' || state.facts.has(here) || !isQuiet(outcome)) return false;
  const from = summary.table;
  return summary.outcomes.some(
    ({ gives, writes }) =>
      gives.length > 0 &&
      writes.some(([address, value]) => value === from.zero && from.load(address) === asked),
  );
}

function isPointerParam(summary: Summary, term: Term): boolean {
  return summary.table.kind(term) === 'param' && (summary.pointers[summary.table.a(term)] ?? false);
}

/** True for an outcome that leaves the locks alone. */
function isQuiet(outcome: SummaryOutcome): boolean {
  return outcome.takes.length + outcome.gives.length + outcome.retakes.length === 0;
}

/** The outcomes of a call whose result nobody asks about, and that leaves the locks alone, as one. */
function joinQuiet(
  context: EffectContext,
  base: PathState,
  feasible: readonly { readonly outcome: SummaryOutcome; readonly bound: Binding }[],
  call: CallView,
  summary: Summary,
  manner: CallManner,
): CallOutcome {
  const { table } = context;
  const written = new Map<Term, Term>();
  let classes = 0;
  for (const { outcome, bound } of feasible) {
    classes |= outcome.resultFact.classes;
    for (const [place, value] of outcome.writes) {
      const address = bound.term(place);
      const here = bound.term(value);
      const known = written.get(address);
      written.set(
        address,
        known === undefined || known === here ? here : table.fresh(-1, address, 'changed'),
      );
    }
  }
  const made = manner.predicate
    ? { term: predicateTerm(context, summary.name, call), state: base }
    : context.fresh(base, call.site.at, summary.name);
  let state = learn(table, made.state, made.term, withClasses(classes)) ?? made.state;
  for (const [address, value] of written) {
    // What only some outcomes write may be as before.
    const always = feasible.every(({ outcome, bound }) =>
      outcome.writes.some(([place]) => bound.term(place) === address),
    );
    state = withMemory(state, address, always ? value : table.fresh(-1, address, 'changed'));
  }
  return { state, result: made.term };
}

/** The summary's terms in the caller's: parameters are the arguments, its memory is the caller's memory. */
interface Binding {
  term(term: Term): Term;
  fact(fact: SummaryOutcome['resultFact']): SummaryOutcome['resultFact'];
  /** Unknown values of the callee that the caller has now names for. */
  readonly made: ReadonlyMap<Term, Term>;
}

function bind(context: EffectContext, state: PathState, summary: Summary, call: CallView): Binding {
  const { table } = context;
  const from = summary.table;
  const made = new Map<Term, Term>();
  const leaf = (term: Term): Term | null => {
    switch (from.kind(term)) {
      case 'param':
        return call.args[from.a(term)] ?? table.fresh(-1, from.a(term), 'argument');
      case 'fresh':
      case 'local': {
        let here = made.get(term);
        if (here === undefined) {
          // Named after the call and the place in the callee, so that every path names it alike.
          here = table.fresh(call.site.at, 1000 + term, from.name(term) || summary.name);
          made.set(term, here);
        }
        return here;
      }
      default:
        return null;
    }
  };
  const term = (one: Term): Term =>
    table.rebuild(
      from,
      one,
      leaf,
      (address) => read(context, state, address),
      (op, a, b) => operate(context, state, op, a, b),
    );
  return {
    term,
    made,
    fact: (fact) =>
      fact.equals < 0 && fact.differs.length === 0
        ? fact
        : {
            ...fact,
            equals: fact.equals < 0 ? -1 : term(fact.equals),
            differs: fact.differs.map(term).sort((a, b) => a - b),
          },
  };
}

function applyOutcome(
  context: EffectContext,
  before: PathState,
  outcome: SummaryOutcome,
  bound: Binding,
  call: CallView,
  summary: Summary,
  manner: CallManner,
): CallOutcome | null {
  const { table } = context;
  const touching = outcome.takes.length + outcome.gives.length + outcome.retakes.length > 0;
  const at = (lock: SummaryLock): EventSite => ({ ...call.site, inside: lock.site });
  let state = before;
  if (touching)
    state = withStep(state, 'call', call.site.at, `calls ${summary.name}()`, {
      inside: calleeStart(outcome),
      end: call.site.end,
    });
  // A lock in NULL: the callee would not have come there.
  if ([...outcome.gives, ...outcome.takes].some((lock) => inNull(table, bound.term(lock.lock)))) return null;
  for (const lock of outcome.gives) {
    if (lock.doubtful) continue;
    state = releaseLock(context, state, {
      lock: bound.term(lock.lock),
      kind: lock.kind,
      mode: lock.mode,
      site: at(lock),
    });
  }
  for (const lock of outcome.takes) {
    if (lock.mode === 'any') continue;
    state = acquireLock(context, state, {
      lock: bound.term(lock.lock),
      kind: lock.kind,
      mode: lock.mode,
      nested: true,
      trylock: false,
      site: at(lock),
    });
  }
  for (const lock of outcome.retakes) {
    if (lock.doubtful || lock.mode === 'any') continue;
    const key = bound.term(lock.lock);
    const name = context.lockName(state, key, lock.kind);
    const how = `${name} is dropped and taken again in ${summary.name}()`;
    state = endRetaken(state, key, lock.kind, { at: call.site.at, how });
  }
  for (const wait of outcome.waits) state = waitsInside(context, state, wait, bound.term(wait.lock), call);
  let result: Term;
  let known: PathState | null = state;
  if (outcome.result === null) {
    const asked = !touching && manner.predicate;
    const made = asked
      ? { term: predicateTerm(context, summary.name, call), state }
      : context.fresh(state, call.site.at, summary.name);
    result = made.term;
    known = learn(table, made.state, result, bound.fact(outcome.resultFact));
  } else {
    result = bound.term(outcome.result);
    // What the callee makes is new each time, whatever an earlier round had of that name.
    if (state.lives.size > 0) for (const term of bound.made.values()) state = withLife(state, term, null);
    const fact = bound.fact(outcome.resultFact);
    if (!touching && manner.predicate && table.kind(result) === 'fresh')
      result = predicateTerm(context, summary.name, call);
    known = learn(table, state, result, fact);
    // A pointer that was passed in and comes back: nobody has doubted that it is one.
    if (
      known &&
      isPointerParam(summary, outcome.result) &&
      !known.facts.has(result) &&
      table.kind(result) !== 'constant'
    ) {
      known = learn(table, known, result, withClasses(POSITIVE)) ?? known;
    }
  }
  // What the code after the call finds contradictory cannot happen there.
  if (!known) return null;
  state = known;
  for (const [address, value] of outcome.writes) {
    const here = bound.term(address);
    if (isUntold(summary.table, value) && isReliedOn(table, before, here)) continue;
    state = withMemory(state, here, bound.term(value));
  }
  for (const [term, fact] of outcome.written) {
    const told = learn(table, state, bound.term(term), bound.fact(fact));
    if (!told) return null;
    state = told;
  }
  return { state, result };
}

/** True for a value of which the summary says only that the callee may have written it. */
function isUntold(table: TermTable, value: Term): boolean {
  return table.kind(value) === 'fresh' && table.a(value) === -1 && table.name(value) === 'changed';
}

/**
 * True where the way to a lock that is held leads through a place, or it was asked about before one was taken and not
 * written since: code that goes on to use it takes it to stay.
 */
function isReliedOn(table: TermTable, state: PathState, address: Term): boolean {
  const value = state.memory.get(address) ?? table.load(address);
  if (state.locks.some((held) => table.some(held.key, (part) => part === value))) return true;
  return state.locks.length > 0 && !state.memory.has(address) && state.facts.has(value);
}

/** What the callee waits for, whoever calls this function must not hold either. */
function waitsInside(
  context: EffectContext,
  state: PathState,
  wait: SummaryLock,
  lock: Term,
  call: CallView,
): PathState {
  const past = historyOf(state, lock);
  const { table } = context;
  const root = table.kind(table.root(lock));
  if (wait.mode === 'any' || past.waitedAt >= 0 || past.owed > 0 || past.taken) return state;
  if (root !== 'param' && root !== 'global' && root !== 'task') return state;
  return withHistory(state, lock, {
    waitedAt: call.site.at,
    waitedKind: wait.kind,
    waitedMode: wait.mode,
  });
}

function inNull(table: TermTable, lock: Term): boolean {
  return table.kind(table.root(lock)) === 'constant';
}

function calleeStart(outcome: SummaryOutcome): CalleeSite | null {
  return outcome.takes[0]?.site ?? outcome.gives[0]?.site ?? outcome.retakes[0]?.site ?? null;
}

/** A callee that, whatever it finds, waits for a lock that the caller holds. */
function reportWaits(
  context: EffectContext,
  state: PathState,
  feasible: readonly { readonly outcome: SummaryOutcome; readonly bound: Binding }[],
  call: CallView,
): void {
  const first = feasible[0];
  if (!first || state.locks.length === 0) return;
  for (const wait of first.outcome.waits) {
    const lock = first.bound.term(wait.lock);
    const held = holding(state.locks, lock);
    if (!held || wait.mode === 'any' || lockKind(wait.kind).nests === 'always' || context.isRenewed(lock))
      continue;
    if (lockKind(wait.kind).nests === 'readers' && held.mode !== 'W' && wait.mode !== 'W') continue;
    const always = feasible.every(({ outcome, bound }) =>
      outcome.waits.some((other) => bound.term(other.lock) === lock && other.kind === wait.kind),
    );
    if (!always) continue;
    context.emit({
      kind: 'collision',
      lock,
      lockKind: wait.kind,
      mode: wait.mode,
      held,
      state,
      site: { ...call.site, inside: wait.site },
    });
  }
}

/** Used by rules that ask what a value is on a path. */
export function isInvalid(context: EffectContext, state: PathState, value: Term): boolean {
  const classes = classesOf(context.table, state, value);
  return classes === ZERO || classes === NEGATIVE || classes === (ZERO | NEGATIVE);
}
