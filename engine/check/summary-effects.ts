/** Calls of functions whose bodies are in view: each outcome of the summary on the caller's path. */
import { lockKind } from '../protocol/kinds.ts';
import { holding } from '../state/lock-state.ts';
import type { Callee, CallManner, CallOutcome } from './callee.ts';
import { type CallView, type EffectContext, historyOf, isGivenNothing } from './contract-effects.ts';
import type { CalleeSite, EventSite } from './events.ts';
import { POSITIVE, withClasses, ZERO } from './facts.ts';
import {
  acquireLock,
  classOf,
  findAlias,
  isAtNull,
  isFound,
  releaseLock,
  shapeOf,
} from './lock-operations.ts';
import { madeByCallee } from './made-values.ts';
import { type PathState, withHistory, withMemory, withStep } from './path-state.ts';
import { endRetaken, withLife } from './pointer-lives.ts';
import type { Summary, SummaryLock, SummaryOutcome } from './summary.ts';
import type { Term, TermTable } from './terms.ts';
import { byNothing, clobber, predicateTerm } from './unseen-writes.ts';
import { classesOf, learn, operate, read } from './values.ts';

export function bySummary(
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
  if (isGivenNothing(context, before, summary.followed, call)) return [];
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
  const renewed = context.renew(base, call.site.at);
  const feasible: { outcome: SummaryOutcome; bound: Binding; state: PathState }[] = [];
  for (const outcome of summary.outcomes) {
    const bound = bind(context, before, summary, call, renewed.round);
    let state: PathState | null = renewed.state;
    for (const [term, fact] of outcome.given) {
      if (!state) break;
      const here = bound.term(term);
      if (fact.classes === ZERO && isHardlyNull(context.table, state, here, summary, outcome, term)) {
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
    const quiet = joinQuiet(context, renewed.state, feasible, call, summary, manner);
    return [{ ...quiet, state: doubtClasses(context, quiet.state, summary.unsettled) }];
  }
  const after: CallOutcome[] = [];
  const classes = new Set(summary.unsettled);
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
      const shape = isFound(context.table, lock) && shapeOf(context.table, lock);
      if (shape) classes.add(shape);
    }
    const marked = locks.reduce((now, lock) => withHistory(now, lock, { doubtful: true }), done.state);
    const doubted = doubtReleased(context, marked, outcome, bound);
    after.push({ state: doubtClasses(context, doubted, classes), result: done.result });
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

/** Doubts what is held of the classes of which the callee gave something back, or kept it: it may have been these. */
function doubtClasses(context: EffectContext, before: PathState, classes: ReadonlySet<string>): PathState {
  let state = before;
  for (const lockClass of classes) {
    context.unsettle(lockClass);
    for (const { key, kind } of before.locks)
      if (classOf(context.table, key, kind) === lockClass)
        state = withHistory(state, key, { doubtful: true });
  }
  return state;
}

/**
 * True for an outcome at NULL that says nothing of a caller which never asked: a callee that can stand NULL does not mean
 * that its caller passes it, and a helper that gives a lock back and clears the pointer that says so has one to give back.
 */
function isHardlyNull(
  table: TermTable,
  state: PathState,
  here: Term,
  summary: Summary,
  outcome: SummaryOutcome,
  asked: Term,
): boolean {
  if (state.facts.has(here)) return false;
  if (isPointerParam(summary, asked)) return table.kind(here) !== 'constant';
  if (table.kind(here) !== 'load' || !isQuiet(outcome)) return false;
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

function bind(
  context: EffectContext,
  state: PathState,
  summary: Summary,
  call: CallView,
  round: number,
): Binding {
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
          here = madeByCallee(table, call.site.at, term, round, from.name(term) || summary.name);
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
  if ([...outcome.gives, ...outcome.takes].some((lock) => isAtNull(table, bound.term(lock.lock))))
    return null;
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
  if (state.locks.length === 0 || state.memory.has(address)) return false;
  return [...state.facts.keys()].some((term) => table.some(term, (part) => part === value));
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
