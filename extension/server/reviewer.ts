import type { Tristate } from '../../engine/c/condition.ts';
import type { Level } from '../../engine/check/finding.ts';
import type { AnswerTo, Question } from './questions.ts';

/** What is to be looked at, as plain data, so that it can be sent to a worker. */
export interface ReviewRequest {
  /** Equal for requests of the same code under the same settings: what was read for one serves the next. */
  readonly key: string;
  /** Patches to review, or the paths of files of the tree to check as they are. */
  readonly subject:
    | {
        readonly kind: 'patches';
        readonly inputs: readonly { readonly name: string; readonly text: string }[];
        /** The file of the tree that the editor shows, where the patch was made from it. */
        readonly shownAs?: string;
      }
    | { readonly kind: 'files'; readonly paths: readonly string[] };
  /** The tree's root as an absolute path; null: the hunks alone. */
  readonly tree: string | null;
  /** Texts that stand for the tree's own, by path in the tree (what is open and not yet saved); null: no such file. */
  readonly overlay: Readonly<Record<string, string | null>>;
  /** False: no program (git, a search tool) is started. */
  readonly mayExecute: boolean;
  /** Reviews may be kept on disk, and taken from there. */
  readonly cache: boolean;
  /** Also report what was there before a patch. */
  readonly all: boolean;
  readonly config: Readonly<Record<string, Tristate>>;
  readonly rules: Readonly<Record<string, Level | 'off'>>;
}

/**
 * Answers questions about code. Rejects when the engine fails, with an Error that says how; the server shows it
 * and goes on. After `signal` is aborted nobody looks at the answer.
 */
export interface Reviewer {
  ask<Q extends Question>(request: ReviewRequest, question: Q, signal: AbortSignal): Promise<AnswerTo<Q>>;
  /** Ends what it started. */
  dispose(): Promise<void>;
}
