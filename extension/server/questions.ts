/** What the server asks the engine beside a review, as plain data, so that it can be sent to a worker. */

import type {
  DocumentEdit,
  Explanation,
  InspectedFunction,
  Outline,
  Review,
} from '../../engine/review/index.ts';
import type { KconfigEntryText } from '../../engine/source/index.ts';

/** Lines are 1-based and columns 0-based, of the document that is reviewed. */
export type Question =
  | { readonly kind: 'review' }
  /** What the functions of some lines do with locks; null: of all lines. */
  | { readonly kind: 'inspect'; readonly lines: { readonly from: number; readonly to: number } | null }
  /** What there is to say about a place. */
  | { readonly kind: 'explain'; readonly line: number; readonly column: number }
  /** The patches, their functions and findings of every status. */
  | { readonly kind: 'outline' }
  /** A reply to the patch about one finding, or about all that it introduces (null). */
  | { readonly kind: 'reply'; readonly fingerprint: string | null }
  /** The edits that put a finding right, each proved by checking again. */
  | { readonly kind: 'fixes'; readonly fingerprint: string }
  /** The edit that says in the source why a finding is none. */
  | { readonly kind: 'suppression'; readonly fingerprint: string; readonly reason: string }
  /** A function before and after the patch. */
  | { readonly kind: 'function'; readonly file: string; readonly name: string };

export interface Explained {
  readonly explanation: Explanation;
  /** The Kconfig entry of a symbol, where the tree has it. */
  readonly entry: KconfigEntryText | null;
}

/** An edit of the document, with what it does. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly DocumentEdit[];
}

export interface FunctionTexts {
  readonly before: string | null;
  readonly after: string | null;
}

export interface Answers {
  readonly review: Review;
  readonly inspect: readonly InspectedFunction[];
  readonly explain: Explained | null;
  readonly outline: Outline | null;
  readonly reply: string;
  readonly fixes: readonly Fix[];
  readonly suppression: Fix | null;
  readonly function: FunctionTexts;
}

export type AnswerTo<Q extends Question> = Answers[Q['kind']];
