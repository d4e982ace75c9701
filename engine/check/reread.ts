/**
 * What a path learnt under a lock and may no longer be so once the lock is let go: code that asks again does so
 * because another task may have changed it.
 */
import { lockKind } from '../protocol/kinds.ts';
import { type Fact, type Facts, factKey } from './facts.ts';
import type { PathState } from './path-state.ts';
import type { Term, TermTable } from './terms.ts';

/**
 * Gives flags that were asked about under a lock a new value of which nothing is known. `before` is what was
 * known when the lock was taken, `flags` the fields that code of the file sets. Facts on the old values stay, for they say how the path came here. Nothing
 * changes while a lock that was taken under this one is still held: which way the code went then decides over
 * that lock, and the code relies on it.
 */
export function rereadAfter(
  { table, flags }: { readonly table: TermTable; readonly flags: ReadonlySet<string> },
  state: PathState,
  lock: Term,
  before: Facts,
): PathState {
  const at = state.locks.findIndex((held) => held.key === lock);
  const held = state.locks[at];
  if (!held || held.depth > 1 || lockKind(held.kind).level === 'context' || held.kind === 'srcu')
    return state;
  if (state.locks.slice(at + 1).some((one) => lockKind(one.kind).level !== 'context')) return state;
  let memory: Map<Term, Term> | null = null;
  let facts: Map<Term, Fact> | null = null;
  for (const [term, fact] of state.facts) {
    const known = before.get(term);
    if (known === fact || (known && factKey(known) === factKey(fact))) continue;
    for (const load of loadsIn(table, term)) {
      const address = table.a(load);
      if (table.kind(address) !== 'field' || !flags.has(table.name(address))) continue;
      const now = state.memory.get(address);
      // What the path wrote itself, or read anew once before, is another value.
      if (now === undefined) {
        memory ??= new Map(state.memory);
        memory.set(address, table.load(address, REREAD));
      } else if (now === load && table.b(load) === REREAD) {
        facts ??= new Map(state.facts);
        facts.delete(term);
      }
    }
  }
  return memory || facts ? { ...state, memory: memory ?? state.memory, facts: facts ?? state.facts } : state;
}

/** The version of a load that stands for all readings after the first release: one is enough to end every loop. */
const REREAD = 1;

/** True for a value that memory held at some time after the function was entered. */
export function isReread(table: TermTable, term: Term): boolean {
  return table.kind(term) === 'load' && table.b(term) !== 0;
}

/** The values that a term asks about: memory that others can reach, not the pointers that lead there. */
function loadsIn(table: TermTable, term: Term): readonly Term[] {
  switch (table.kind(term)) {
    case 'load': {
      const root = table.kind(table.root(term));
      return root === 'local' ? [] : [term];
    }
    case 'operation':
      return table.operands(term).flatMap((part) => loadsIn(table, part));
    default:
      return [];
  }
}
