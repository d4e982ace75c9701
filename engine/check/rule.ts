/** What a rule is: its text, and what it looks at. One file in rules/ each; rules/index.ts lists them. */
import type { Configuration } from '../c/index.ts';
import type { CalleeSite, PathEvent } from './events.ts';
import type { Level, TextEdit, TraceStep } from './finding.ts';
import type { LockSort } from './hand-over.ts';
import type { PathState } from './path-state.ts';
import type { Definition, Program } from './program.ts';
import type { Term } from './terms.ts';
import type { FunctionWalk } from './walk.ts';

export interface RuleDocumentation {
  /** One sentence: what the rule finds. */
  readonly what: string;
  /** Why it matters. */
  readonly why: string;
  /** What to do about it. */
  readonly advice: string;
  /** A short example in C that the rule flags, and one that it does not. */
  readonly bad: string;
  readonly good: string;
}

export interface Rule {
  readonly id: string;
  readonly level: Level;
  readonly doc: RuleDocumentation;
  /** Judges one event on a path. */
  event?(context: RuleContext, event: PathEvent): void;
  /** Judges a function once all its paths were walked. */
  function?(context: RuleContext): void;
}

/** What a rule is given: one function under one configuration. */
export interface RuleContext {
  readonly program: Program;
  readonly definition: Definition;
  readonly configuration: Configuration;
  /** Null while the walk is still going on (in `event`). */
  readonly walk: FunctionWalk;
  /** True where the code is held against what it was before a patch: `onlyIfNew` is looked at then alone. */
  readonly compares: boolean;
  report(report: Report): void;
}

/** What a function, all in all, does with a lock where its result is of these classes. */
export interface NetEffect {
  readonly what: 'keeps' | 'gives';
  readonly sort: LockSort;
  readonly results: number;
}

/** What a rule says of a place; the driver makes a `Finding` of it. */
export interface Report {
  readonly at: number;
  readonly end: number;
  /** Where the finding lies if it is not in the walked function but in a callee in view. */
  readonly inside?: CalleeSite | null;
  readonly message: string;
  readonly why: string;
  readonly advice: string;
  /** Absent: the rule's own. */
  readonly level?: Level;
  /** The path to show, and what its last step is: `held` is taken from the state. */
  readonly state: PathState;
  readonly last: string;
  /** The path as it is shown, where it is not one of the walked function; `steps` then says how long it is. */
  readonly trace?: readonly TraceStep[];
  readonly steps?: number;
  /** Steps on this lock are always shown. */
  readonly lock: Term;
  /** The lock as a reader calls it. */
  readonly lockName: string;
  /** What tells this finding from others of the rule on the same lock in the function. */
  readonly shape: string;
  /** Names what another function of the file would be told as well: said once. */
  readonly twin?: string;
  /** Only worth saying if a configuration symbol turns out to be the cause. */
  readonly doubtful?: boolean;
  /** Much code means it so: only worth saying where a patch brings it about, and nobody makes up for it. */
  readonly onlyIfNew?: NetEffect | null;
  readonly fix?: { readonly title: string; readonly edits: readonly TextEdit[] };
}
