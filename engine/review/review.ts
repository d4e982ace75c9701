/** The result of the main job, as every report takes it. */
import type { Finding } from '../check/finding.ts';

export type Status = 'introduced' | 'existing' | 'fixed';

export interface ReviewFinding extends Finding {
  readonly status: Status;
  /** 1-based line of the INPUT that shows the finding's line; null when it is outside the patch. */
  readonly inputLine: number | null;
  /** Which INPUT, an index into `Review.inputs`. */
  readonly input: number;
  /** Text of the finding's line, for quoting. */
  readonly sourceLine: string;
  /** Quoted text of each trace step's line, parallel to `trace`. */
  readonly traceLines: readonly string[];
  /** The INPUT line of each trace step, parallel to `trace`; null outside the patch. */
  readonly traceInputLines: readonly (number | null)[];
  /** Stable under unrelated line shifts. */
  readonly fingerprint: string;
}

export interface Note {
  readonly message: string;
  /** A file of the tree or an input, and a 1-based line in it, where there is one. */
  readonly file: string | null;
  readonly line: number | null;
}

export interface Stats {
  readonly files: number;
  readonly functions: number;
  readonly paths: number;
  readonly configs: number;
  readonly milliseconds: number;
}

export interface Review {
  /** Names of the inputs as given. */
  readonly inputs: readonly string[];
  /** Sorted by file, line, column, rule. */
  readonly findings: readonly ReviewFinding[];
  readonly notes: readonly Note[];
  readonly stats: Stats;
}
