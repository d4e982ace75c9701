/** Dropping what a path need not, or must not, know any longer. */
import type { Fact } from './facts.ts';
import type { Flow } from './flow.ts';
import type { LockHistory, PathState } from './path-state.ts';
import { filterLives, type Lives } from './pointer-lives.ts';
import type { Relevance } from './relevance.ts';
import type { Term, TermTable } from './terms.ts';

/** Forgets everything that is said in terms of `root`: what memory holds below that address and the facts on values that mention it. */
export function forgetUnder(table: TermTable, state: PathState, root: Term): PathState {
  const mentions = (term: Term) => table.some(term, (part) => part === root);
  return forgetWhere(state, (address) => address !== root && mentions(address), mentions);
}

/** Forgets whatever is said of values that are made anew, what was done with locks in their objects included. */
export function forgetMade(table: TermTable, state: PathState, isMade: (part: Term) => boolean): PathState {
  const mentions = (term: Term) => table.hasMade(term) && table.some(term, isMade);
  return forgetLocks(table, forgetWhere(state, mentions, mentions), isMade);
}

function forgetWhere(
  state: PathState,
  isAddress: (address: Term) => boolean,
  mentions: (term: Term) => boolean,
): PathState {
  const left = without(state, isAddress, mentions);
  const lives = filterLives(left.lives, (pointer) => !mentions(pointer));
  return lives === left.lives ? left : { ...left, lives };
}

/**
 * Forgets what lies in the object at an address.
 * @param unclear false for a field of which it is clear that nobody wrote it, by its name and the value known to be there
 */
export function forgetContents(
  table: TermTable,
  state: PathState,
  object: Term,
  unclear: (field: string, value: Term | undefined) => boolean = () => true,
): PathState {
  const isForgotten = (address: Term): boolean => {
    for (let at = address; table.kind(at) === 'field' || table.kind(at) === 'element'; at = table.a(at)) {
      if (table.a(at) === object)
        return table.kind(at) === 'element' || unclear(table.name(at), state.memory.get(address));
    }
    return false;
  };
  const mentions = (term: Term) =>
    table.some(term, (part) => table.kind(part) === 'load' && isForgotten(table.a(part)));
  return without(state, isForgotten, mentions);
}

/** The state without these addresses and without the facts on these terms; the same object where it has none of them. */
function without(
  state: PathState,
  isAddress: (address: Term) => boolean,
  isTerm: (term: Term) => boolean,
): PathState {
  let memory: Map<Term, Term> | null = null;
  for (const address of state.memory.keys()) {
    if (!isAddress(address)) continue;
    memory ??= new Map(state.memory);
    memory.delete(address);
  }
  let facts: Map<Term, Fact> | null = null;
  for (const term of state.facts.keys()) {
    if (!isTerm(term)) continue;
    facts ??= new Map(state.facts);
    facts.delete(term);
  }
  return memory || facts ? { ...state, memory: memory ?? state.memory, facts: facts ?? state.facts } : state;
}

/** Forgets what was done with locks in an object whose name now means another one. What is owed stays owed. */
export function forgetLocks(
  table: TermTable,
  state: PathState,
  isObject: (part: Term) => boolean,
): PathState {
  let history: Map<Term, LockHistory> | null = null;
  for (const [lock, past] of state.history) {
    if (past.owed > 0 || !table.some(lock, isObject)) continue;
    if (state.locks.some((held) => held.key === lock)) continue;
    history ??= new Map(state.history);
    history.delete(lock);
  }
  return history ? { ...state, history } : state;
}

/** What pruning needs to know of the function. */
export interface Interest {
  readonly flow: Flow;
  readonly relevance: Relevance;
  /** Parameters that the code never assigns to: always what the caller passed, so remembering them costs nothing. */
  readonly constant: ReadonlySet<string>;
  /** True for a site in a loop, which makes its values anew each round. */
  inLoop(site: number): boolean;
}

/**
 * Drops what cannot matter to locks any more from the start of a block on: variables and fields that nothing which
 * matters reads, and facts that nothing can ask about: those on values that no such variable holds, unless the code
 * tests the same thing in another place too.
 */
export function prune(table: TermTable, interest: Interest, block: number, state: PathState): PathState {
  const { flow, relevance } = interest;
  const live = relevance.live[block]!;
  const kept = new Set<Term>();
  const keep = (term: Term): void => {
    if (kept.has(term)) return;
    kept.add(term);
    for (const part of table.operands(term)) keep(part);
  };
  for (const held of state.locks) keep(held.key);
  const dropped = new Set<Term>();
  /** Places that what this path found leads to: they are there for as long as it is kept. */
  let found: Term[] = [];
  for (const [address, value] of state.memory) {
    const root = table.root(address);
    const kind = table.kind(root);
    if (kind === 'local') {
      const name = table.name(root);
      if (!live.has(name) && !flow.addressTaken.has(name) && !interest.constant.has(name)) {
        dropped.add(address);
        continue;
      }
    } else if (!isRead(table, interest, address)) {
      dropped.add(address);
      continue;
    } else if (table.hasMade(address)) {
      found.push(address);
      continue;
    }
    keep(address);
    keep(value);
  }
  for (let before = -1; before !== found.length; ) {
    before = found.length;
    found = found.filter((address) => {
      if (!table.everyMade(address, (part) => kept.has(part))) return true;
      keep(address);
      keep(state.memory.get(address)!);
      return false;
    });
  }
  for (const address of found) dropped.add(address);
  let { memory } = state;
  if (dropped.size > 0) memory = new Map([...memory].filter(([address]) => !dropped.has(address)));
  const history = livingHistory(table, state, kept, interest);
  const facts = new Map<Term, Fact>();
  for (const [term, fact] of state.facts) {
    if (kept.has(term) || askedAgain(table, interest, term, kept)) facts.set(term, fact);
  }
  return {
    ...state,
    memory,
    facts: facts.size === state.facts.size ? state.facts : facts,
    history,
    lives: livingPointers(state, kept, interest),
  };
}

/** True where what was written to an address outside the function may be read by something that matters. */
function isRead(table: TermTable, { flow, relevance }: Interest, address: Term): boolean {
  let at = address;
  while (table.kind(at) === 'element') at = table.a(at);
  const kind = table.kind(at);
  if (kind !== 'field' && kind !== 'global') return true;
  if (relevance.fields === null) return true;
  const name = table.name(at);
  return relevance.fields.has(name) || flow.flags.has(name);
}

/** What no variable holds any more cannot be used. An iterator is a place, and a reference is to be given back. */
function livingPointers(state: PathState, kept: ReadonlySet<Term>, interest: Interest): Lives {
  return filterLives(state.lives, (pointer) => {
    const life = state.lives.get(pointer)!;
    return (
      kept.has(pointer) ||
      life.what === 'iterator' ||
      (life.references >= 0 && !interest.inLoop(life.foundAt))
    );
  });
}

/** What was done with locks that nothing can name any more, and that are not held or owed, does not matter. */
function livingHistory(
  table: TermTable,
  state: PathState,
  kept: ReadonlySet<Term>,
  interest: Interest,
): ReadonlyMap<Term, LockHistory> {
  let living: Map<Term, LockHistory> | null = null;
  for (const [lock, past] of state.history) {
    if (past.owed > 0 || past.waitedAt >= 0 || kept.has(lock)) continue;
    const root = table.root(lock);
    // Only what a loop makes anew each round could grow without end.
    if (table.kind(root) !== 'fresh' || (table.name(root) !== 'joined' && !interest.inLoop(table.a(root))))
      continue;
    living ??= new Map(state.history);
    living.delete(lock);
  }
  return living ?? state.history;
}

function askedAgain(table: TermTable, interest: Interest, term: Term, kept: ReadonlySet<Term>): boolean {
  switch (table.kind(term)) {
    case 'load':
      // What the caller passed tells returns apart, even if it is asked about once: `*locked`, which is both asked and set.
      if (table.kind(table.a(term)) === 'param') return true;
      return isFlag(table, interest.flow, term) || askedOften(table, interest.relevance, term);
    case 'param':
      return true;
    case 'operation': {
      if (table.name(term).startsWith('call:') || table.name(term).startsWith('pure:')) return true;
      for (const part of table.operands(term)) {
        const kind = table.kind(part);
        if (kind === 'constant' || kind === 'symbolic' || kind === 'global' || kind === 'local') continue;
        if (!kept.has(part) && !askedAgain(table, interest, part, kept)) return false;
      }
      return true;
    }
    default:
      return false;
  }
}

/** Tested in several places here, or never here: then by something called, which may be called again. */
function askedOften(table: TermTable, relevance: Relevance, term: Term): boolean {
  const tests = relevance.tests.get(placeName(table, table.a(term)));
  return tests === undefined ? relevance.repeatsCalls : tests > 1;
}

/** True for a flag in memory that the caller can reach, as it was on entry. */
function isFlag(table: TermTable, flow: Flow, term: Term): boolean {
  const root = table.kind(table.root(term));
  const address = table.a(term);
  return (
    (root === 'param' || root === 'global') &&
    table.kind(address) === 'field' &&
    flow.flags.has(table.name(address))
  );
}

/** The name under which `Flow.tests` counts a place. */
function placeName(table: TermTable, address: Term): string {
  let at = address;
  while (table.kind(at) === 'element') at = table.a(at);
  if (table.kind(at) === 'field') return `.${table.name(at)}`;
  if (table.kind(at) === 'global' || table.kind(at) === 'local') return table.name(at);
  return '*';
}
