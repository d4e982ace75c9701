/**
 * The names of values that a callee makes, in its caller's terms: after the call, the place in the callee, and, in a loop,
 * the round.
 */
import type { Term, TermTable } from './terms.ts';

/** What a walk calls its own values in its rounds is below this. */
const FIRST = 1000;
/** Rounds of a loop that are told apart by the names of the values made in them. */
export const ROUNDS_NAMED = 3;

/** The name of what a callee calls `made`; every path names it alike. */
export function madeByCallee(table: TermTable, site: number, made: Term, round: number, label: string): Term {
  return table.fresh(site, FIRST + ROUNDS_NAMED * made + round, label);
}

/** The round that such a value was made in, by the second operand of its term; -1 where no callee made it. */
export function roundMade(b: number): number {
  return b < FIRST ? -1 : (b - FIRST) % ROUNDS_NAMED;
}
