/** Joining path states that hold the same locks: property simulation, where exact states have become too many. */
import { ANY, type Fact, factKey, factOf, join, UNKNOWN, withClasses } from './facts.ts';
import { joinHistory, type PathState, stateKey } from './path-state.ts';
import type { Term, TermTable } from './terms.ts';
import { classesOf } from './values.ts';

/** The state with little known but the locks: what both agree on of the variables. */
export function locksOnly(table: TermTable, id: number, known: PathState, state: PathState): PathState {
  const memory = new Map<Term, Term>();
  const facts = new Map<Term, Fact>();
  for (const [term, fact] of state.facts) {
    const other = known.facts.get(term);
    if (other && factKey(other) === factKey(fact)) facts.set(term, fact);
  }
  for (const [address, value] of state.memory) {
    const same = known.memory.get(address) === value;
    const kept = same ? value : table.fresh(-2 - id, address, 'joined');
    memory.set(address, kept);
    const before = known.memory.get(address);
    const classes =
      before === undefined ? ANY : classesOf(table, known, before) | classesOf(table, state, value);
    if (classes !== ANY && !same) facts.set(kept, withClasses(classes));
  }
  return { ...state, memory, facts, history: joinHistory(known.history, state.history), joined: true };
}

/** What two states with equal locks have in common; a variable that differs becomes unknown within its classes. */
export function joinStates(table: TermTable, id: number, left: PathState, right: PathState): PathState {
  const memory = new Map<Term, Term>();
  const facts = new Map<Term, Fact>();
  for (const [term, fact] of left.facts) {
    const both = join(fact, factOf(right.facts, term));
    if (both !== UNKNOWN) facts.set(term, both);
  }
  for (const address of new Set([...left.memory.keys(), ...right.memory.keys()])) {
    const a = left.memory.get(address) ?? table.load(address);
    const b = right.memory.get(address) ?? table.load(address);
    if (a === b) {
      memory.set(address, a);
      continue;
    }
    const joined = table.fresh(-2 - id, address, 'joined');
    memory.set(address, joined);
    const classes = classesOf(table, left, a) | classesOf(table, right, b);
    facts.set(joined, withClasses(classes));
  }
  for (const [term, fact] of facts) {
    if (
      fact.classes === 7 &&
      fact.equals < 0 &&
      fact.differs.length + fact.anyBits.length + fact.noBits.length === 0
    ) {
      facts.delete(term);
    }
  }
  return { ...left, memory, facts, history: joinHistory(left.history, right.history), joined: true };
}

/** The states without those that are equal to another. */
export function distinct(states: readonly PathState[]): readonly PathState[] {
  const byKey = new Map<string, PathState>();
  for (const state of states) {
    const key = stateKey(state);
    if (!byKey.has(key)) byKey.set(key, state);
  }
  return [...byKey.values()];
}
