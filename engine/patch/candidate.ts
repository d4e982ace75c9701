/** A diff that a message holds or quotes, and one that was accepted as a patch of the series. */
import type { Message } from './message.ts';
import type { FilePatch, Problem } from './series.ts';

export interface Candidate {
  readonly message: Message;
  /** How deep the diff is quoted; 0 where it is not. */
  readonly depth: number;
  readonly author: string | null;
  readonly description: readonly string[];
  readonly files: readonly FilePatch[];
  /** What was lost in reading it; told only where this candidate is used. */
  readonly problems: readonly Problem[];
  /** 1-based line of the input. */
  readonly line: number;
  /** Position of the message in the input. */
  readonly order: number;
}

/** A patch that was accepted, with what is needed to order it. */
export interface Accepted {
  /** Position in the order of acceptance. */
  readonly rank: number;
  readonly candidate: Candidate;
  /** Further quotations of it, where the patch as sent is not in the input: what one has cut, another may have. */
  readonly copies: Candidate[];
  /** True where the whole patch as sent is in the input, not only a quotation of it. */
  readonly whole: boolean;
  /** True for a diff that somebody proposes in a reply: it comes behind the series. */
  readonly isProposal: boolean;
}
