/** What the walk over the top level of a file finds. */
import type { Declarator } from './declarators.ts';
import type { Conditionals } from './directives.ts';
import type * as T from './tokens.ts';

export interface Scan {
  readonly text: string;
  readonly tokens: T.Tokens;
  readonly conditionals: Conditionals;
}

/** One thing at the top level, as token indices. */
export interface Item {
  readonly from: number;
  /** Behind the last token. */
  readonly to: number;
  /** The first `{` outside parentheses and its `}`; -1 without one. */
  readonly open: number;
  readonly close: number;
  /** For a definition of a function, its name and parameters. */
  readonly declarator: Declarator | null;
  /** Whether an `=` stands in front of `open`. */
  readonly assigned: boolean;
  /** Whether the text ended before the body did. */
  readonly cut: boolean;
}
