/** A scenario as a Promela model, for Spin. */
import type { Limits } from '../explore/budget.ts';
import type { Program } from '../program.ts';
import { promelaModel } from './model.ts';
import { collectRules } from './rules.ts';

export type Exported =
  | { readonly text: string; readonly states: number; readonly transitions: number; readonly problem: null }
  | { readonly text: null; readonly problem: string };

/** @param now a clock in milliseconds. @returns a problem where the limits do not suffice to know every step. */
export function exportPromela(program: Program, now: () => number, limits: Partial<Limits> = {}): Exported {
  const { rules, problem } = collectRules(program, now, limits);
  if (rules === null) return { text: null, problem };
  const { states, transitions } = rules;
  return { text: promelaModel(program, rules), states, transitions, problem: null };
}
