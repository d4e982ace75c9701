/** Joining path states that hold the same locks: property simulation, where exact states have become too many. */
import { ANY, type Fact, factKey, isUnknown, join, UNKNOWN, withClasses } from './facts.ts';
import type { Interest } from './forget.ts';
import { joinHistory, lockKey, type PathState, stateKey } from './path-state.ts';
import { joinLives } from './pointer-lives.ts';
import type { Term, TermTable } from './terms.ts';
import { flagFact } from './truth.ts';
import { classesOf } from './values.ts';

/**
 * Equal for states that may be joined: they hold the same locks, and agree on what code tests to know which locks it
 * holds, flags in memory and results in variables. Joined all the same, `if (ctx->locked) unlock` would go both ways.
 */
export function mergeKey(table: TermTable, { flow, relevance }: Interest, state: PathState): string {
  let flags = '';
  for (const [address, value] of state.memory) {
    const kind = table.kind(address);
    const name = kind === 'field' || kind === 'local' ? table.name(address) : '';
    const tested =
      kind === 'field'
        ? flow.flags.has(name) && relevance.fields?.has(name)
        : kind === 'local' && relevance.tests.has(name);
    if (!tested) continue;
    const classes = classesOf(table, state, value);
    if (classes !== ANY) flags += `${address}:${classes};`;
  }
  return `${lockKey(state)} ${flags}`;
}

/**
 * What two states with equal locks have in common; a variable that differs becomes unknown within its classes. The
 * result says no more than `left` does, so that joining again and again comes to an end.
 */
export function joinStates(table: TermTable, id: number, left: PathState, right: PathState): PathState {
  const facts = new Map<Term, Fact>();
  for (const [term, fact] of left.facts) {
    const other = right.facts.get(term);
    const both = other === fact ? fact : join(fact, other ?? UNKNOWN);
    if (!isUnknown(both)) facts.set(term, both);
  }
  return joinWith(table, id, left, right, facts);
}

/** The state with little known but the locks: what both agree on of the variables. */
export function locksOnly(table: TermTable, id: number, left: PathState, right: PathState): PathState {
  const facts = new Map<Term, Fact>();
  for (const [term, fact] of left.facts) {
    const other = right.facts.get(term);
    if (other && (other === fact || factKey(other) === factKey(fact))) facts.set(term, fact);
  }
  return joinWith(table, id, left, right, facts);
}

function joinWith(
  table: TermTable,
  id: number,
  left: PathState,
  right: PathState,
  facts: Map<Term, Fact>,
): PathState {
  const memory = new Map<Term, Term>();
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
    const { anyBits, noBits } = join(flagFact(table, left, a), flagFact(table, right, b));
    if (classes === ANY && anyBits.length + noBits.length === 0) facts.delete(joined);
    else facts.set(joined, { ...withClasses(classes), anyBits, noBits });
  }
  return {
    ...left,
    memory,
    facts,
    history: joinHistory(left.history, right.history),
    lives: joinLives(left.lives, right.lives),
    joined: true,
  };
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
