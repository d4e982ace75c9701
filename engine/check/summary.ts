/**
 * What calling a function does, derived from its body: for each kind of result, the locks it took and gave
 * back in terms of its parameters, and the flags it wrote. Small and self-contained, so that the walk it was
 * made from can be forgotten.
 */
import type { LockKind, Mode } from '../protocol/contract.ts';
import { lockKind, outlivesFunction } from '../protocol/kinds.ts';
import type { CalleeSite, Exit } from './events.ts';
import { ANY, type Fact, factKey, factOf, isUnknown, join, POSITIVE, ZERO } from './facts.ts';
import { classOf } from './lock-operations.ts';
import type { PathState, PathStep } from './path-state.ts';
import { isReread } from './reread.ts';
import { type Term, TermTable } from './terms.ts';
import { flagFact } from './truth.ts';
import { classesOf } from './values.ts';
import { exitVerdicts } from './verdicts.ts';
import type { FunctionWalk } from './walk.ts';

export interface SummaryLock {
  readonly lock: Term;
  readonly kind: LockKind;
  readonly mode: Mode | 'any';
  readonly site: CalleeSite;
  /** The function itself is reported for what it does with this lock. */
  readonly doubtful: boolean;
}

export interface SummaryOutcome {
  /** What must hold on entry, on terms over parameters and the memory they reach. */
  readonly given: readonly (readonly [Term, Fact])[];
  /** The returned value in the summary's own terms, or null where it returns none. */
  readonly result: Term | null;
  readonly resultFact: Fact;
  /** Held at the return and not on entry, in order of acquisition. */
  readonly takes: readonly SummaryLock[];
  /** Held on entry and not at the return. */
  readonly gives: readonly SummaryLock[];
  /** Held on entry and at the return, but let go in between. */
  readonly retakes: readonly SummaryLock[];
  /** Taken (not by trylock or nested) at a time when the caller's own hold would have blocked it. */
  readonly waits: readonly SummaryLock[];
  /** What the function leaves in memory that its caller can see. */
  readonly writes: readonly (readonly [Term, Term])[];
  /** What is known of those values: that a pointer which was put into a field is no NULL, or is the same as another. */
  readonly written: readonly (readonly [Term, Fact])[];
  /** Not all of it need be true of one path: several were joined, or what it writes was left out. */
  readonly joined: boolean;
}

export interface Summary {
  readonly name: string;
  readonly file: string;
  readonly table: TermTable;
  readonly outcomes: readonly SummaryOutcome[];
  /** True where no outcome touches a lock that the caller could see. */
  readonly neutral: boolean;
  /** True for each parameter that is a pointer. */
  readonly pointers: readonly boolean[];
  /** True for each parameter whose object something may have written to that is not told as a write. */
  readonly unclear: readonly boolean[];
  /** Parameters that a lock operation follows on every path before anything asks whether they are valid. */
  readonly followed: readonly number[];
  /**
   * The fields of which the writes of each outcome tell all: one that is not among them was left alone. Null where
   * there were too many writes to tell.
   */
  readonly remembered: ReadonlySet<string> | null;
  /** The classes of locks (`classOf()`) that some path keeps or gives back without its being known which of them. */
  readonly unsettled: ReadonlySet<string>;
  /** Locks of which it is not sure what becomes of them, beyond those of the outcomes. */
  readonly doubts: readonly Term[];
  /** False where the walk ran out of budget. */
  readonly complete: boolean;
}

/** How much a summary keeps. */
export interface SummarySize {
  /** More outcomes than this are not told apart. */
  readonly outcomes: number;
  /** Where an outcome has more writes than this, all are left out. */
  readonly writes: number;
  /** For a function that is judged together with others: that its returns leave different locks casts no doubt on it. */
  readonly isMember: boolean;
}

const CALLEE_SIZE: SummarySize = { outcomes: 24, writes: 6, isMember: false };

export function summarise(
  walk: FunctionWalk,
  position: (at: number) => { line: number; column: number },
  size: SummarySize = CALLEE_SIZE,
): Summary {
  const table = new TermTable();
  const source = walk.table;
  const { ir } = walk;
  const site = (at: number): CalleeSite => ({ file: ir.file, function: ir.name, ...position(at) });
  const copy = (term: Term): Term =>
    table.rebuild(
      source,
      term,
      () => null,
      (address, version) => table.load(address, version),
    );
  const doubtful = new Set(
    (size.isMember ? [] : exitVerdicts(walk))
      .filter((verdict) => verdict.kind !== 'handed-over')
      .map((verdict) => verdict.lock),
  );
  const unnamed = new Set([...walk.unsettled, ...namelessClasses(walk)]);
  const isDoubtful = (lock: Term, kind: LockKind) => {
    return doubtful.has(lock) || unnamed.has(classOf(source, lock, kind));
  };
  const returnsZero = walk.exits.some(({ value }) => value === source.zero);
  const outcomes = new Map<string, SummaryOutcome>();
  let neutral = true;
  let writesTold = true;
  for (const exit of walk.exits) {
    const effects = effectsOf(walk, exit, site);
    const touching = effects.takes.length + effects.gives.length + effects.retakes.length > 0;
    if (touching || effects.waits.length > 0) neutral = false;
    const locks = (list: readonly SummaryLock[]) =>
      list.map((one) => ({
        ...one,
        lock: copy(one.lock),
        doubtful: one.doubtful || isDoubtful(one.lock, one.kind),
      }));
    const value = exit.value;
    const resultFact =
      value === null ? factOf(new Map(), -1) : resultFactOf(source, exit.state, value, returnsZero);
    const all = visibleWrites(source, exit.state);
    if (all.length > size.writes) writesTold = false;
    const told = all.length <= size.writes;
    const places = told ? [] : all.filter(([address]) => !source.hasMade(address)).slice(0, size.writes);
    const writes = told ? all : places.map(([address]) => [address, changed(source, address)] as const);
    const outcome: SummaryOutcome = {
      given: entryFacts(source, exit.state).map(
        ([term, fact]) => [copy(term), copyFact(fact, copy)] as const,
      ),
      result: value === null ? null : copy(value),
      resultFact: copyFact(resultFact, copy),
      takes: locks(effects.takes),
      gives: locks(effects.gives),
      retakes: locks(effects.retakes),
      waits: locks(effects.waits),
      writes: writes.map(([address, kept]) => [copy(address), copy(kept)] as const),
      written: writtenFacts(source, exit.state, writes, copy),
      joined: exit.state.joined || !told,
    };
    const key = outcomeKey(outcome);
    const known = outcomes.get(key);
    // One path that shows it is enough.
    if (!known || known.joined) outcomes.set(key, outcome);
  }
  const limited = limitOutcomes(table, [...outcomes.values()], neutral, size.outcomes);
  return {
    name: ir.name,
    file: ir.file,
    table,
    outcomes: withUndecided(table, limited.outcomes),
    remembered: writesTold && limited.writesTold ? walk.remembered : null,
    neutral,
    pointers: ir.params.map((param) => param.type.includes('*')),
    unclear: ir.params.map((_, index) => walk.exposed.has(index)),
    followed: followedParameters(walk),
    unsettled: unnamed,
    doubts: doubtsOf(walk).map(copy),
    complete: walk.complete,
  };
}

/** The classes of locks that some return keeps, or gives back, under no name of which a caller could make use. */
function namelessClasses(walk: FunctionWalk): ReadonlySet<string> {
  const { table } = walk;
  const classes = new Set<string>();
  for (const exit of walk.exits) {
    const add = (lock: Term, kind: LockKind) => {
      if (isMute(walk, exit, lock, kind)) classes.add(classOf(table, lock, kind));
    };
    for (const { key, kind } of exit.locks) if (!isOwn(table, key)) add(key, kind);
    for (const [lock, past] of exit.state.history) if (past.owed > 0) add(lock, past.owedKind);
  }
  return classes;
}

/** True for a lock that the function's caller is told nothing of but its class. */
function isMute(walk: FunctionWalk, exit: Exit, lock: Term, kind: LockKind): boolean {
  return isNameless(walk, exit, lock) || goesNameless(walk, exit, lock, kind);
}

/** True for interrupts, bottom halves or preemption that went off, or come on, together with a lock that has no name. */
function goesNameless(walk: FunctionWalk, exit: Exit, lock: Term, kind: LockKind): boolean {
  if (lockKind(kind).level !== 'context' || !exit.state.history.get(lock)?.withOthers) return false;
  return (
    exit.locks.some(({ key }) => !isOwn(walk.table, key) && isNameless(walk, exit, key)) ||
    [...exit.state.history].some(([other, past]) => past.owed > 0 && isNameless(walk, exit, other))
  );
}

/** True for a lock in an object that a loop found, unless the function returns it or leaves it where its caller finds it. */
function isNameless(walk: FunctionWalk, { state, value }: Exit, lock: Term): boolean {
  if (walk.isUnstable(lock)) return true;
  if (!walk.isRenewed(lock)) return false;
  const { table } = walk;
  const object = table.root(lock);
  const leadsThere = (term: Term) => table.some(term, (part) => part === object);
  if (value !== null && leadsThere(value)) return false;
  return ![...state.memory].some(
    ([address, kept]) => table.kind(table.root(address)) !== 'local' && leadsThere(kept),
  );
}

/**
 * Doubts the locks that an outcome with an enumerator for a result treats otherwise than one of whose result nothing
 * is known: which of them a caller has, that asks whether the result is 0, hangs on the enumerator's value.
 */
function withUndecided(table: TermTable, outcomes: readonly SummaryOutcome[]): readonly SummaryOutcome[] {
  const isSymbol = ({ result, resultFact }: SummaryOutcome) =>
    result !== null && table.kind(result) === 'symbolic' && resultFact.classes === ANY;
  const symbols = outcomes.filter(isSymbol);
  const unknown = outcomes.filter((one) => one.resultFact.classes === ANY && !isSymbol(one));
  if (symbols.length === 0 || unknown.length === 0) return outcomes;
  const touched = ({ takes, gives }: SummaryOutcome) => new Set([...takes, ...gives].map(({ lock }) => lock));
  const bySymbols = symbols.map(touched);
  const byUnknown = unknown.map(touched);
  const undecided = new Set<Term>();
  for (const one of [...bySymbols, ...byUnknown])
    for (const lock of one)
      if (bySymbols.some((all) => !all.has(lock)) || byUnknown.some((all) => !all.has(lock)))
        undecided.add(lock);
  if (undecided.size === 0) return outcomes;
  const doubt = (locks: readonly SummaryLock[]) =>
    locks.map((one) => (undecided.has(one.lock) ? { ...one, doubtful: true } : one));
  return outcomes.map((one) => ({ ...one, takes: doubt(one.takes), gives: doubt(one.gives) }));
}

/** Locks that a caller has a name for and of which some path is not sure what became of them in a callee. */
function doubtsOf(walk: FunctionWalk): readonly Term[] {
  const doubts = new Set<Term>();
  for (const exit of walk.exits) {
    for (const [lock, past] of exit.state.history) {
      const root = walk.table.kind(walk.table.root(lock));
      if (past.doubtful && (root === 'param' || root === 'global')) doubts.add(lock);
    }
  }
  return [...doubts];
}

interface LockEffects {
  readonly takes: SummaryLock[];
  readonly gives: SummaryLock[];
  readonly retakes: SummaryLock[];
  readonly waits: SummaryLock[];
}

/** The net effect of a path on locks that outlive the function. */
function effectsOf(walk: FunctionWalk, exit: Exit, site: (at: number) => CalleeSite): LockEffects {
  const { table } = walk;
  const effects: LockEffects = { takes: [], gives: [], retakes: [], waits: [] };
  const owed = new Map<Term, number>();
  for (const [lock, past] of exit.state.history) if (past.owed > 0) owed.set(lock, past.owed);
  const isDoubtful = (lock: Term) => exit.state.history.get(lock)?.doubtful ?? false;
  const inside = (at: number) => lastSite(exit.state.trace, at) ?? site(at);
  for (const held of exit.locks) {
    if (isOwn(table, held.key) || isMute(walk, exit, held.key, held.kind)) continue;
    // A mask has no depth, so what another function does to it cannot be settled with this one.
    if (!lockKind(held.kind).underflows) continue;
    let depth = held.depth;
    const debt = owed.get(held.key) ?? 0;
    const paid = Math.min(depth, debt);
    if (paid > 0) {
      owed.set(held.key, debt - paid);
      depth -= paid;
      const past = exit.state.history.get(held.key)!;
      const lock = {
        lock: held.key,
        kind: held.kind,
        mode: held.mode,
        site: inside(held.site),
        doubtful: isDoubtful(held.key),
      };
      if (past.owedMode !== 'any' && (past.owedMode === 'W') !== (held.mode === 'W')) {
        // Given up in one mode and taken again in the other: the caller holds it otherwise than before.
        effects.gives.push({ ...lock, mode: past.owedMode, site: inside(past.owedAt) });
        effects.takes.push(lock);
      } else if (past.owedAt >= 0) {
        // Else it is held since before the function, and nothing was done to it.
        effects.retakes.push(lock);
      }
    }
    for (; depth > 0; depth--) {
      effects.takes.push({
        lock: held.key,
        kind: held.kind,
        mode: held.mode,
        site: inside(held.site),
        doubtful: isDoubtful(held.key),
      });
    }
  }
  for (const [lock, count] of owed) {
    if (isMute(walk, exit, lock, exit.state.history.get(lock)!.owedKind)) continue;
    const past = exit.state.history.get(lock)!;
    for (let n = 0; n < count; n++) {
      effects.gives.push({
        lock,
        kind: past.owedKind,
        mode: past.owedMode,
        site: inside(past.owedAt),
        doubtful: isDoubtful(lock),
      });
    }
  }
  for (const [lock, past] of exit.state.history) {
    if (past.waitedAt < 0 || isOwn(table, lock)) continue;
    effects.waits.push({
      lock,
      kind: past.waitedKind,
      mode: past.waitedMode,
      site: inside(past.waitedAt),
      doubtful: isDoubtful(lock),
    });
  }
  return effects;
}

/** The place in a callee where the step at this offset was really made, if it was inside one. */
function lastSite(trace: PathStep | null, at: number): CalleeSite | null {
  for (let step = trace; step; step = step.previous) {
    if (step.at === at && step.inside) return step.inside;
  }
  return null;
}

/** A lock in a variable of the function itself: nobody else can see it. */
function isOwn(table: TermTable, lock: Term): boolean {
  return table.kind(table.root(lock)) === 'local';
}

/** A function that returns 0 in one place and an enumerator in another means two things by them. */
function resultFactOf(table: TermTable, state: PathState, value: Term, returnsZero: boolean): Fact {
  const fact = flagFact(table, state, value);
  const classes = classesOf(table, state, value);
  return {
    ...fact,
    classes: returnsZero && table.kind(value) === 'symbolic' ? classes & ~ZERO : classes,
  };
}

/** Facts on what the caller passed in or can reach from it. */
function entryFacts(table: TermTable, state: PathState): readonly (readonly [Term, Fact])[] {
  const given: (readonly [Term, Fact])[] = [];
  for (const [term, fact] of state.facts) {
    if (isUnknown(fact)) continue;
    const foreign = table.some(term, (part) => {
      const kind = table.kind(part);
      return (
        kind === 'fresh' ||
        kind === 'local' ||
        isReread(table, part) ||
        (kind === 'operation' && table.name(part).startsWith('call:'))
      );
    });
    const rooted = table.some(term, (part) => table.kind(part) === 'param' || table.kind(part) === 'global');
    if (!foreign && rooted) given.push([term, fact]);
  }
  return given.sort((left, right) => left[0] - right[0]);
}

/** What lies at an address of which it is only known that it was written. */
function changed(table: TermTable, address: Term): Term {
  return table.fresh(-1, address, 'changed');
}

/** Values left in fields that the caller can reach: constants and what came from the caller or is returned. */
function visibleWrites(table: TermTable, state: PathState): readonly (readonly [Term, Term])[] {
  const writes: (readonly [Term, Term])[] = [];
  for (const [address, value] of state.memory) {
    if (table.kind(table.root(address)) === 'local') continue;
    if (table.some(address, (part) => table.kind(part) === 'local')) continue;
    // Read again, not written.
    if (isReread(table, value) && table.a(value) === address) continue;
    writes.push([address, value]);
  }
  return writes.sort((left, right) => left[0] - right[0]);
}

/** What is known of the values left in memory: their classes, and which of them are equal. */
function writtenFacts(
  table: TermTable,
  { facts }: PathState,
  writes: readonly (readonly [Term, Term])[],
  copy: (term: Term) => Term,
): readonly (readonly [Term, Fact])[] {
  if (writes.length === 0) return [];
  const written = new Set(writes.map(([, value]) => value));
  return [...facts].flatMap(([term, fact]) => {
    const isTold = written.has(term) || isComparisonOf(table, term, written);
    return isTold ? [[copy(term), copyFact(fact, copy)] as const] : [];
  });
}

function isComparisonOf(table: TermTable, term: Term, values: ReadonlySet<Term>): boolean {
  return (
    table.kind(term) === 'operation' &&
    table.name(term) === '==' &&
    values.has(table.a(term)) &&
    values.has(table.b(term))
  );
}

function copyFact(fact: Fact, copy: (term: Term) => Term): Fact {
  if (fact.equals < 0 && fact.differs.length === 0) return fact;
  return {
    ...fact,
    equals: fact.equals < 0 ? -1 : copy(fact.equals),
    differs: fact.differs.map(copy).sort((left, right) => left - right),
  };
}

function outcomeKey(outcome: SummaryOutcome): string {
  const locks = (list: readonly SummaryLock[]) =>
    list.map((one) => `${one.lock}${one.kind}${one.mode}`).join();
  const given = outcome.given.map(([term, fact]) => `${term}:${factKey(fact)}`).join();
  const writes = outcome.writes.map(([address, value]) => `${address}=${value}`).join();
  return [
    given,
    outcome.result,
    factKey(outcome.resultFact),
    locks(outcome.takes),
    locks(outcome.gives),
    locks(outcome.retakes),
    locks(outcome.waits),
    writes,
    outcome.written.map(([term, fact]) => `${term}:${factKey(fact)}`).join(),
  ].join('|');
}

/**
 * Keeps the outcomes few: those that do the same to locks and memory and give the same class of result are one,
 * with what was given of all of them. A function without effects differs only in its result.
 */
function limitOutcomes(
  table: TermTable,
  all: readonly SummaryOutcome[],
  neutral: boolean,
  most: number,
): { readonly outcomes: readonly SummaryOutcome[]; readonly writesTold: boolean } {
  const exact = joinAlike(all, (one) => `${effectKey(one)} ${casesOf(one)}`);
  if (exact.length <= most) return { outcomes: exact, writesTold: true };
  const few = joinAlike(all, effectKey);
  if (few.length <= most) return { outcomes: few, writesTold: true };
  // Whichever of them it was, each place that any of them wrote may be another than before.
  const places = [...new Set(few.flatMap((one) => one.writes.map(([address]) => address)))];
  const writes = places.sort((a, b) => a - b).map((address) => [address, changed(table, address)] as const);
  const unclear = joinAlike(
    few.map((one) => ({ ...one, writes, written: [], joined: true })),
    effectKey,
  );
  return { outcomes: neutral ? unclear.slice(0, most) : unclear, writesTold: false };
}

function joinAlike(
  all: readonly SummaryOutcome[],
  keyOf: (outcome: SummaryOutcome) => string,
): readonly SummaryOutcome[] {
  const joined = new Map<string, SummaryOutcome>();
  for (const outcome of all) {
    const key = keyOf(outcome);
    const known = joined.get(key);
    joined.set(key, known ? joinOutcomes(known, outcome) : outcome);
  }
  return [...joined.values()];
}

/** What an outcome does and the class of its result. */
function effectKey(outcome: SummaryOutcome): string {
  return outcomeKey({
    ...outcome,
    given: [],
    result: null,
    resultFact: withoutConstants(outcome.resultFact),
  });
}

/** The constants that arguments must equal for this outcome: the cases of a `switch` on one. */
function casesOf(outcome: SummaryOutcome): string {
  return outcome.given
    .filter(([, fact]) => fact.equals >= 0)
    .map(([term, fact]) => `${term}=${fact.equals}`)
    .join();
}

function joinOutcomes(left: SummaryOutcome, right: SummaryOutcome): SummaryOutcome {
  return {
    ...left,
    given: sharedGiven(left.given, right.given),
    result: left.result === right.result ? left.result : null,
    resultFact: join(left.resultFact, right.resultFact),
    written: sharedGiven(left.written, right.written),
    joined: left.joined && right.joined,
  };
}

function withoutConstants(fact: Fact): Fact {
  return { ...fact, equals: -1, differs: [] };
}

function sharedGiven(
  left: readonly (readonly [Term, Fact])[],
  right: readonly (readonly [Term, Fact])[],
): readonly (readonly [Term, Fact])[] {
  const other = new Map(right);
  return left.filter(([term, fact]) => {
    const match = other.get(term);
    return match !== undefined && factKey(match) === factKey(fact);
  });
}

/** Parameters whose object holds a lock that every path takes or gives back, unasked. */
function followedParameters(walk: FunctionWalk): readonly number[] {
  if (walk.exits.length === 0) return [];
  const { table } = walk;
  const followed: number[] = [];
  walk.ir.params.forEach((_, index) => {
    const param = table.param(index);
    const every = walk.exits.every((exit) => {
      // A path that asked and found no object would have come out without the lock.
      if (!(classesOf(table, exit.state, param) & POSITIVE)) return false;
      return [...exit.state.history].some(
        ([lock, past]) =>
          (past.taken || past.owed > 0) &&
          lockBase(table, lock) === param &&
          lockKind(past.owed > 0 ? past.owedKind : past.takenKind).leaks,
      );
    });
    if (every) followed.push(index);
  });
  return followed;
}

/** The pointer that is followed first to reach a lock. */
function lockBase(table: TermTable, lock: Term): Term {
  return table.root(lock);
}

/** Locks that the function holds at this exit and its caller must know about. */
export function handedOver(
  walk: FunctionWalk,
  exit: Exit,
): readonly {
  readonly key: Term;
  readonly kind: LockKind;
  readonly mode: Mode;
  readonly depth: number;
  readonly site: number;
}[] {
  return exit.locks.filter((held) => !isOwn(walk.table, held.key) && !outlivesFunction(held.kind, held.mode));
}
