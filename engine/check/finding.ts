/** What a rule says: plain data in a reviewer's terms. `review/` adds status and fingerprint. */
import type { Tristate } from '../c/condition.ts';

export type Level = 'error' | 'warning' | 'note';

export interface TraceStep {
  readonly file: string;
  /** 1-based, in the image that was checked. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly kind:
    | 'enter'
    | 'branch'
    | 'acquire'
    | 'release'
    | 'call'
    | 'assign'
    | 'return'
    | 'configuration'
    | 'violation'
    | 'note';
  /** The locks held after this step, in short form ("mmap_lock R, RCU"), or null where it does not matter. */
  readonly held: string | null;
}

/** One edit of a quick fix, in offsets of the checked image of `file`. */
export interface TextEdit {
  readonly file: string;
  readonly at: number;
  readonly end: number;
  readonly text: string;
}

export interface Finding {
  readonly rule: string;
  readonly level: Level;
  /** One sentence: what is wrong, with names. */
  readonly message: string;
  /** Why it matters, in one to three sentences. */
  readonly why: string;
  /** What to do about it. */
  readonly advice: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
  readonly function: string;
  /** The smallest set of symbols that the finding needs. */
  readonly config: Readonly<Record<string, Tristate>>;
  readonly trace: readonly TraceStep[];
  /** The lock in a form without line numbers, and the shape of the path: what a fingerprint is made of. */
  readonly lock: string;
  readonly shape: string;
  /** Names what another function of the file is told as well: of those findings, one is shown. */
  readonly twin?: string;
  readonly fix?: { readonly title: string; readonly edits: readonly TextEdit[] };
}
