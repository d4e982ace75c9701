/**
 * Plays the core: calls the members of a table of callbacks in every order in which the core may, on the
 * summaries of their bodies, and looks whether the closing member leaves the locks as the opening one found them.
 *
 * What one callback writes to memory that it reaches from its arguments, the next one reads: a flag in a private
 * structure decides for both. Memory that none of them wrote is unknown, and what the closing one does by it proves
 * nothing: so the first round proves less than the second, which finds what the first left.
 */
import type { Configuration, FunctionIR, FunctionSource } from '../c/index.ts';
import type { LockKind } from '../protocol/contract.ts';
import { type CallbackPair, callbackMember, callbackOrders } from '../protocol/index.ts';
import { lockKind, outlivesFunction } from '../protocol/kinds.ts';
import { callEffects } from './call.ts';
import type { CallbackTable } from './callback-tables.ts';
import { callbackTrace } from './callback-trace.ts';
import type { Callee, CallOutcome } from './callee.ts';
import type { EffectContext } from './contract-effects.ts';
import type { CalleeSite, PathEvent } from './events.ts';
import { NEGATIVE, POSITIVE, withClasses, ZERO } from './facts.ts';
import type { TraceStep } from './finding.ts';
import { shapeOf } from './lock-operations.ts';
import { nameLock } from './names.ts';
import { EMPTY_STATE, type PathState, type PathStep, stateKey, withStep } from './path-state.ts';
import type { Definition, Program } from './program.ts';
import { type Summary, summarise } from './summary.ts';
import { type Term, TermTable } from './terms.ts';
import { classesOf, learn } from './values.ts';

/** What is wrong with a lock when a callback is done. */
export interface Imbalance {
  readonly kind: 'kept' | 'not-held' | 'wrong-mode' | 'collision';
  readonly lockName: string;
  /** The callback after which it shows. */
  readonly member: string;
  /** Where the lock was taken or given back. */
  readonly site: CalleeSite;
  /** What the opening callback returned on this path: "NULL", "an error pointer" and so on. */
  readonly opened: string;
  /** The lock's name without its object, for fingerprints. */
  readonly shape: string;
  readonly steps: number;
  readonly trace: readonly TraceStep[];
}

/** Summaries of members that several tables share, under one configuration. */
export type MemberSummaries = Map<FunctionSource, Summary | null>;

/** Rounds from the opening to the closing callback that follow on each other. */
const ROUNDS = 2;
/** States kept after one call; more are dropped, so that less is proved. */
const MAX_STATES = 40;
/** Places of one call, in offsets of their own: arguments and results are told apart by them. */
const PLACES_PER_CALL = 64;
/** Callbacks have more to tell apart than what other functions call. */
const SUMMARY_SIZE = { outcomes: 40, writes: 24, isMember: true };

interface Member {
  readonly name: string;
  readonly definition: Definition | null;
  readonly callee: Callee;
  readonly params: FunctionIR['params'];
  readonly returnsPointer: boolean;
  readonly returnsNothing: boolean;
}

/** One sequence of calls so far. */
interface Path {
  readonly state: PathState;
  /** What the last callback that gives an item gave. */
  readonly item: Term | null;
  readonly opened: string;
  readonly round: number;
  /** Some step of it is made of several paths of a callback: it proves nothing. */
  readonly joined: boolean;
}

interface Wrong extends Pick<Imbalance, 'kind' | 'member' | 'opened'> {
  readonly lock: Term;
  readonly lockKind: LockKind;
  readonly site: CalleeSite | null;
  readonly state: PathState;
}

/** What one outcome of a callback came to, and what was wrong with it. */
interface Effects {
  readonly outcome: CallOutcome;
  readonly events: readonly PathEvent[];
  readonly as: Callee;
}

/** What is wrong with a table under a configuration; nothing where a member that decides is not in view. */
export function runCallbacks(
  program: Program,
  home: Definition,
  table: CallbackTable,
  configuration: Configuration,
  summaries: MemberSummaries,
): readonly Imbalance[] {
  const members = new Map<string, Member>();
  for (const [member, name] of table.members) {
    const resolved = resolveMember(program, home, name, configuration, summaries);
    if (resolved) members.set(member, resolved);
  }
  const opens = members.get(table.pair.opens);
  const closes = members.get(table.pair.closes);
  if (!opens || !closes) return [];
  return new Harness(table.pair, members, opens).run();
}

function resolveMember(
  program: Program,
  home: Definition,
  name: string,
  configuration: Configuration,
  summaries: MemberSummaries,
): Member | null {
  const definition = program.resolve(name, home.unit, configuration);
  if (!definition) {
    const contract = program.contracts.lookup(name);
    if (!contract) return null;
    return {
      name,
      definition,
      callee: { kind: 'contract', contract },
      params: [],
      returnsPointer: true,
      returnsNothing: false,
    };
  }
  let summary = summaries.get(definition.fn);
  if (summary === undefined) {
    summary = memberSummary(program, definition, configuration);
    summaries.set(definition.fn, summary);
  }
  if (!summary) return null;
  const ir = program.lower(definition, configuration);
  return {
    name,
    definition,
    callee: { kind: 'summary', summary },
    params: ir.params,
    returnsPointer: ir.returnType.includes('*'),
    returnsNothing: /\bvoid\s*$/.test(ir.returnType),
  };
}

/** The summary with more told apart than a caller needs, or null where the function was not walked to its end. */
function memberSummary(
  program: Program,
  definition: Definition,
  configuration: Configuration,
): Summary | null {
  const walk = program.walk(definition, configuration);
  if (!walk.complete) return null;
  return summarise(walk, (at) => definition.unit.position(at), SUMMARY_SIZE);
}

class Harness implements EffectContext {
  readonly table = new TermTable();
  /** What a member asked about in memory is not asked again here. */
  readonly flags: ReadonlySet<string> = new Set();
  readonly #pair: CallbackPair;
  readonly #members: ReadonlyMap<string, Member>;
  readonly #arguments = new Map<string, Term>();
  readonly #ir: FunctionIR;
  /** The fields that some member asks about, or finds a lock through. */
  readonly #asked = new Set<string>();
  /** Kinds that the core itself holds around some member. */
  readonly #foreign: ReadonlySet<LockKind>;
  readonly #found = new Map<string, Wrong>();
  #events: PathEvent[] = [];

  constructor(pair: CallbackPair, members: ReadonlyMap<string, Member>, opens: Member) {
    this.#pair = pair;
    this.#members = members;
    const params: FunctionIR['params'][number][] = [];
    for (const member of [opens, ...members.values()]) {
      for (const [key, param] of argumentKeys(member)) {
        if (this.#arguments.has(key)) continue;
        this.#arguments.set(key, this.table.param(params.length));
        params.push(param);
      }
    }
    for (const { callee } of members.values())
      if (callee.kind === 'summary') addAsked(callee.summary, this.#asked);
    this.#ir = { ...EMPTY_IR, params };
    this.#foreign = new Set(
      [pair.opens, ...pair.between, pair.closes].flatMap((member) =>
        (callbackMember(pair.ops, member)?.held ?? []).map((one) => one.kind),
      ),
    );
  }

  run(): readonly Imbalance[] {
    let starts: readonly Path[] = [{ state: EMPTY_STATE, item: null, opened: '', round: 0, joined: false }];
    for (let round = 0; round < ROUNDS; round++) {
      starts = this.#round(starts.map((one) => ({ ...one, item: null, round })));
    }
    return [...this.#found.values()].map((wrong) => this.#imbalance(wrong));
  }

  isArray(): boolean {
    return false;
  }
  isPointer(): boolean {
    return false;
  }
  emit(event: PathEvent): void {
    this.#events.push(event);
  }
  lockName(state: PathState, lock: Term, kind: LockKind): string {
    return nameLock(this.table, this.#ir, state, lock, kind);
  }
  deepens(): void {}

  isRenewed(lock: Term): boolean {
    return this.isUnstable(lock);
  }
  /** A name that a callback's own loops, joins or untold writes made means one lock here and another there. */
  isUnstable(lock: Term): boolean {
    return this.table.some(
      lock,
      (part) =>
        this.table.kind(part) === 'element' || (this.table.kind(part) === 'fresh' && this.#isUnknown(part)),
    );
  }
  unsettle(): void {
    // Locks without a name of their own are left alone here in any case.
  }
  letWrite(): void {
    // What callbacks are given is the core's own, which no caller of the harness asks about.
  }

  fresh(state: PathState, site: number, label: string): { term: Term; state: PathState } {
    return { term: this.table.fresh(site, 0, label), state };
  }
  renew(state: PathState): { round: number; state: PathState } {
    return { round: 0, state };
  }

  /** From each state that a round may begin in, through every order, to those that it ends in with no lock held. */
  #round(starts: readonly Path[]): readonly Path[] {
    const ends: Path[] = [];
    const orders = segments(this.#pair);
    const follow = (paths: readonly Path[], at: number, possible: readonly (readonly string[])[]): void => {
      if (paths.length === 0) return;
      for (const member of new Set(possible.flatMap((order) => order[at] ?? []))) {
        const rest = possible.filter((order) => order[at] === member);
        if (member === this.#pair.closes) {
          const due = paths.filter((path) => at > 1 || this.#mayCloseAtOnce(path));
          ends.push(...due.flatMap((path) => this.#close(path, at)));
          continue;
        }
        const running = paths.filter((path) => at === 0 || this.#goesOn(path));
        const after = distinct(running.flatMap((path) => this.#call(path, member, at)));
        // Whoever has no item closes at once, whatever the order says.
        const over = after.filter((path) => !this.#goesOn(path));
        if (this.#givesItem(member)) ends.push(...over.flatMap((path) => this.#close(path, at + 1)));
        follow(this.#givesItem(member) ? after.filter((path) => this.#goesOn(path)) : after, at + 1, rest);
      }
    };
    // One at a time, so that the many ways of one do not crowd out the others.
    for (const start of starts) follow([start], 0, orders);
    return distinct(ends.map((path) => ({ ...path, state: this.#forgetUnasked(path.state) })));
  }

  /** The state without what no member asks about: from one round to the next it makes no difference. */
  #forgetUnasked(state: PathState): PathState {
    const { table } = this;
    const isAsked = (address: Term) =>
      table.kind(address) !== 'field' || this.#asked.has(table.name(address));
    const memory = new Map([...state.memory].filter(([address]) => isAsked(address)));
    const values = new Set(memory.values());
    const facts = new Map(
      [...state.facts].filter(([term]) =>
        table.some(
          term,
          (part) => values.has(part) || (table.kind(part) === 'load' && isAsked(table.a(part))),
        ),
      ),
    );
    return { ...state, memory, facts };
  }

  #givesItem(member: string): boolean {
    return this.#members.get(member)?.returnsPointer ?? false;
  }

  /** An opening callback that gives an item is followed by another call before it is closed. */
  #mayCloseAtOnce(path: Path): boolean {
    return path.item === null;
  }

  #goesOn({ item, state }: Path): boolean {
    return item === null || classesOf(this.table, state, item) === POSITIVE;
  }

  /** The states after a callback, one for each kind of result that the core tells apart. */
  #call(path: Path, member: string, at: number): readonly Path[] {
    const callee = this.#members.get(member);
    if (!callee) return [path];
    const after = this.#effects(path, callee, at);
    if (after.some(({ events }) => events.length > 0) && after.every(({ events }) => events.length > 0)) {
      this.#blame(path, member, after[0]!.events[0]!);
      return [];
    }
    const sound = after.filter(({ events, outcome }) => events.length === 0 && !outcome.state.broken);
    const opens = member === this.#pair.opens;
    const possible = sound.filter(
      ({ outcome, as }) => !(opens && this.#owes(outcome.state) && this.#asksTheUnknown(path, callee, as)),
    );
    return possible.flatMap(({ outcome, as }) => {
      const joined = path.joined || isJoined(as) || this.#guesses(path, callee, as, !opens);
      return this.#results({ ...path, joined }, member, callee, outcome, at);
    });
  }

  /** True where a lock was given back that the core did not hold when it opened. */
  #owes(state: PathState): boolean {
    return [...state.history].some(([, past]) => past.owed > 0 && !this.#foreign.has(past.owedKind));
  }

  #effects(path: Path, callee: Member, at: number): readonly Effects[] {
    const place = (path.round * 16 + at) * PLACES_PER_CALL;
    const site = { at: place, end: place, call: callee.name, inside: null };
    const args = argumentKeys(callee).map(([key]) =>
      key === ITEM && path.item !== null ? path.item : this.#arguments.get(key)!,
    );
    const exprs = args.map(() => ({ kind: 'unknown', text: '' }) as const);
    const state = withStep(path.state, 'note', place, `${callee.name}() is called`, {
      inside: startOf(callee),
    });
    const before = this.#events;
    // One outcome at a time, so that an event belongs to the outcome that made it.
    const alone = outcomesOf(callee.callee).map((one) => {
      this.#events = [];
      const outcomes = callEffects(this, state, one, callee.name, { exprs, args, site }, MANNER);
      const wrong = this.#events.filter((event) => event.kind !== 'call');
      return outcomes.length === 0 && wrong.length > 0
        ? [
            {
              outcome: { state: { ...state, broken: true }, result: this.table.zero },
              events: wrong,
              as: one,
            },
          ]
        : outcomes.map((outcome) => ({ outcome, events: wrong, as: one }));
    });
    this.#events = before;
    return alone.flat();
  }

  #results(
    path: Path,
    member: string,
    callee: Member,
    { state, result }: CallOutcome,
    at: number,
  ): readonly Path[] {
    const place = (path.round * 16 + at) * PLACES_PER_CALL;
    const said = (now: PathState, text: string) =>
      withStep(now, 'note', place, `${callee.name}() returns ${text}`, { inside: startOf(callee) });
    if (callee.returnsPointer) {
      const kinds = [
        [POSITIVE, 'an item'],
        [ZERO, 'NULL'],
        [NEGATIVE, 'an error pointer'],
      ] as const;
      // A token in capitals is a pointer that means something.
      const possible =
        this.table.kind(result) === 'symbolic' ? POSITIVE : classesOf(this.table, state, result);
      return kinds.flatMap(([classes, text]) => {
        if (!(possible & classes)) return [];
        const known = learn(this.table, state, result, withClasses(classes));
        if (!known) return [];
        const opened = member === this.#pair.opens ? text : path.opened;
        return [{ ...path, state: said(known, text), item: result, opened }];
      });
    }
    if (member !== this.#pair.opens || this.#pair.closesAfter === 'any' || callee.returnsNothing)
      return [{ ...path, state }];
    const good = learn(this.table, state, result, withClasses(ZERO));
    const bad = learn(this.table, state, result, withClasses(POSITIVE | NEGATIVE));
    if (bad) this.#judge({ ...path, state: said(bad, 'an error'), opened: 'an error' }, member);
    return good ? [{ ...path, state: said(good, '0'), opened: '0' }] : [];
  }

  /** Calls the closing member; keeps the paths on which it leaves nothing behind. */
  #close(path: Path, at: number): readonly Path[] {
    const callee = this.#members.get(this.#pair.closes)!;
    const after = this.#effects(path, callee, at);
    const judged = after.map(({ outcome, events, as }) => {
      const now = { ...path, state: outcome.state, joined: path.joined || isJoined(as) };
      const wrong = this.#wrongWith(now, this.#pair.closes, events);
      return { now, wrong, as };
    });
    // A member that could also have done right may know something that is out of view.
    const first = judged[0]?.wrong;
    if (
      first &&
      judged.every(({ wrong, now }) => wrong !== null && !isDoubtful(wrong) && !now.joined) &&
      judged.every(({ as }) => !this.#asksTheUnknown(path, callee, as))
    )
      this.#say(first);
    return judged.flatMap(({ now, wrong }) => (wrong === null && !now.state.broken ? [now] : []));
  }

  /** True where a callback decides by memory that none of those before it wrote: there may be a reason why it never is so. */
  #asksTheUnknown(path: Path, member: Member, as: Callee): boolean {
    return this.#asks(path, member, as, (term) => this.table.some(term, (part) => this.#isUnknown(part)));
  }

  /**
   * True where a callback decides by what one before it may have written; or, once open, by memory that nobody has
   * asked about so far: an index against a limit, say, which the opening one may have seen to.
   */
  #guesses(path: Path, member: Member, as: Callee, isOpen: boolean): boolean {
    return this.#asks(path, member, as, (term) =>
      this.table.some(term, (part) => {
        if (!this.#isUnknown(part)) return false;
        return this.table.kind(part) === 'fresh' || (isOpen && !path.state.facts.has(term));
      }),
    );
  }

  /** True where a callback decides by a value of which this is true, as the state before it has it. */
  #asks({ state, item }: Path, member: Member, as: Callee, isMeant: (term: Term) => boolean): boolean {
    if (as.kind !== 'summary') return false;
    const from = as.summary.table;
    const keys = argumentKeys(member);
    const here = (term: Term) =>
      this.table.rebuild(
        from,
        term,
        (leaf) => {
          const key = from.kind(leaf) === 'param' ? keys[from.a(leaf)]?.[0] : undefined;
          if (key === undefined) return null;
          return key === ITEM && item !== null ? item : (this.#arguments.get(key) ?? null);
        },
        (address) => state.memory.get(address) ?? this.table.load(address),
      );
    return as.summary.outcomes.some(({ given, gives, takes, retakes }) =>
      given.some(([term]) => {
        // A pointer on the way to a lock is there because it was followed.
        const onTheWay = [...gives, ...takes, ...retakes].some(({ lock }) =>
          from.some(lock, (part) => part === term),
        );
        return !onTheWay && isMeant(here(term));
      }),
    );
  }

  /** Memory that no callback wrote, or that one may have written. */
  #isUnknown(part: Term): boolean {
    if (this.table.kind(part) === 'load') return true;
    return this.table.kind(part) === 'fresh' && ['changed', 'joined'].includes(this.table.name(part));
  }

  #judge(path: Path, member: string): void {
    const wrong = this.#wrongWith(path, member, []);
    if (wrong && path.round > 0 && !path.joined && !isDoubtful(wrong)) this.#say(wrong);
  }

  #blame(path: Path, member: string, event: PathEvent): void {
    const wrong = this.#wrongWith(path, member, [event]);
    if (wrong && path.round > 0 && !path.joined && !isDoubtful(wrong)) this.#say(wrong);
  }

  /** Of several paths that show one thing, the shortest is kept. */
  #say(wrong: Wrong): void {
    if (wrong.site === null) return;
    const key = `${wrong.kind} ${wrong.site.file} ${wrong.site.line} ${wrong.lock}`;
    const known = this.#found.get(key);
    if (!known || length(wrong.state) < length(known.state)) this.#found.set(key, wrong);
  }

  #imbalance({ kind, lock, lockKind: of, member, site, opened, state }: Wrong): Imbalance {
    const lockName = this.lockName(state, lock, of);
    return {
      kind,
      lockName,
      member,
      site: site!,
      opened,
      shape: shapeOf(this.table, lock) ?? lockName,
      steps: length(state),
      trace: callbackTrace(this.table, this.#ir, state),
    };
  }

  /**
   * Bottom halves or interrupts that went off together with a lock: the lock says all there is to say. Beside locks
   * that cannot be told apart it is not known with which of them they come on again.
   */
  #isSideEffect({ history }: PathState, lock: Term, kind: LockKind): boolean {
    if (lockKind(kind).level !== 'context') return false;
    return history.get(lock)?.withOthers || [...history.keys()].some((other) => this.isUnstable(other));
  }

  #wrongWith(path: Path, member: string, events: readonly PathEvent[]): Wrong | null {
    const { opened, state } = path;
    const name = this.#members.get(member)!.name;
    for (const event of events) {
      if (event.kind !== 'over-release' && event.kind !== 'wrong-mode' && event.kind !== 'collision')
        continue;
      const kind = event.kind === 'over-release' ? 'not-held' : event.kind;
      const { lock, lockKind: of, site } = event;
      if (this.#isSideEffect(event.state, lock, of)) continue;
      return { kind, lock, lockKind: of, member: name, site: site.inside, opened, state: event.state };
    }
    const made = (kind: Imbalance['kind'], lock: Term, of: LockKind, step: PathStep['kind']): Wrong => {
      const site = siteOf(state.trace, step, lock);
      return { kind, lock, lockKind: of, member: name, site, opened, state };
    };
    const counted = (lock: Term, kind: LockKind) =>
      lockKind(kind).leaks &&
      lockKind(kind).underflows &&
      !this.#foreign.has(kind) &&
      !this.isUnstable(lock) &&
      !this.#isSideEffect(state, lock, kind);
    for (const held of state.locks) {
      const owed = state.history.get(held.key)?.owed ?? 0;
      if (!counted(held.key, held.kind) || outlivesFunction(held.kind, held.mode)) continue;
      if (held.depth > owed) return made('kept', held.key, held.kind, 'acquire');
    }
    for (const [lock, past] of state.history) {
      const depth = state.locks.find((held) => held.key === lock)?.depth ?? 0;
      if (past.owed <= depth || !counted(lock, past.owedKind)) continue;
      return made('not-held', lock, past.owedKind, 'release');
    }
    return null;
  }
}

const MANNER = { predicate: false, iterator: false, tested: true };

/** The key of the argument that is the item given by the callback before. */
const ITEM = 'void * 0';

/** The arguments of a member, by their types: two members that take a `struct mm_walk *` are given the same one. */
function argumentKeys({ params }: Member): readonly (readonly [string, FunctionIR['params'][number]])[] {
  const seen = new Map<string, number>();
  return params.map((param) => {
    const type = param.type
      .replace(/\b(const|volatile)\b/g, '')
      .replace(/\s+/g, ' ')
      .trim();
    const count = seen.get(type) ?? 0;
    seen.set(type, count + 1);
    return [`${type} ${count}`, param];
  });
}

function addAsked({ table, outcomes }: Summary, asked: Set<string>): void {
  const visit = (term: Term): void => {
    if (table.kind(term) === 'field') asked.add(table.name(term));
    for (const part of table.operands(term)) visit(part);
  };
  for (const { given, takes, gives, retakes } of outcomes) {
    for (const [term] of given) visit(term);
    for (const { lock } of [...takes, ...gives, ...retakes]) visit(lock);
  }
}

/** Each outcome of a summary as a callee of its own; anything else as it is. */
function outcomesOf(callee: Callee): readonly Callee[] {
  if (callee.kind !== 'summary') return [callee];
  return callee.summary.outcomes.map((outcome) => ({
    kind: 'summary',
    summary: { ...callee.summary, outcomes: [outcome] },
  }));
}

/** The orders of a pair, cut behind each closing call: what comes after it is another round. */
function segments(pair: CallbackPair): readonly (readonly string[])[] {
  const found = new Map<string, readonly string[]>();
  for (const order of callbackOrders(pair)) {
    let from = 0;
    for (const [at, member] of order.entries()) {
      if (member !== pair.closes) continue;
      const segment = order.slice(from, at + 1);
      found.set(segment.join(), segment);
      from = at + 1;
    }
  }
  return [...found.values()];
}

function distinct(paths: readonly Path[]): readonly Path[] {
  const byKey = new Map<string, Path>();
  for (const path of paths) {
    const key = `${path.item} ${path.opened} ${path.joined} ${stateKey(path.state)}`;
    if (!byKey.has(key)) byKey.set(key, path);
  }
  return [...byKey.values()].slice(0, MAX_STATES);
}

function isJoined(callee: Callee): boolean {
  return callee.kind === 'summary' && callee.summary.outcomes.some((outcome) => outcome.joined);
}

function isDoubtful({ state, lock }: Wrong): boolean {
  return state.history.get(lock)?.doubtful ?? false;
}

function startOf({ definition }: Member): CalleeSite | null {
  if (!definition) return null;
  const { unit, fn } = definition;
  return { file: unit.path, function: fn.name, ...unit.position(fn.nameAt) };
}

/** Where the last such step on a lock was really made. */
function siteOf(trace: PathStep | null, kind: PathStep['kind'], lock: Term): CalleeSite | null {
  for (let step = trace; step; step = step.previous)
    if (step.kind === kind && step.lock === lock && step.inside) return step.inside;
  return null;
}

function length(state: PathState): number {
  return state.trace?.length ?? 0;
}

const EMPTY_IR: FunctionIR = {
  name: 'the core',
  file: '',
  at: 0,
  end: 0,
  returnType: '',
  isStatic: false,
  params: [],
  locals: [],
  entry: 0,
  blocks: [],
  labels: [],
  annotations: [],
  problems: [],
};
