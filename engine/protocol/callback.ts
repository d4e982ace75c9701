/** What is known of a function that the core calls through a pointer. The rows are in `callback-*.ts` beside this. */
import type { LockKind, LockRef, Mode, Outcome } from './contract.ts';

/** `process`: may sleep. `atomic`: may not, for one reason or another; the others say which. */
export type CallContext = 'process' | 'atomic' | 'softirq' | 'hardirq';

export interface EntryHold {
  /** In terms of the callback's own parameters. */
  readonly lock: LockRef;
  readonly kind: LockKind;
  readonly modes: readonly Mode[];
}

/** A member of a structure of operations. */
export interface CallbackMember {
  /** The structure's tag, as in `struct seq_operations`. */
  readonly ops: string;
  readonly member: string;
  readonly context: CallContext;
  /** What is held when it is called. */
  readonly held: readonly EntryHold[];
  /** What of it the callback gives back: `read_folio` unlocks the folio. */
  readonly releases?: readonly EntryHold[];
  /** What it takes and leaves held for its counterpart or its caller. */
  readonly takes?: readonly EntryHold[];
  /** What it can come to for who calls it, in terms of its parameters; absent where it leaves the locks alone. */
  readonly outcomes?: readonly Outcome[];
  readonly source: string;
}

/** A function that is handed to another one, which arranges for it to be called. */
export interface CallbackRegistration {
  /** The function that takes the callback, and which of its arguments it is. */
  readonly function: string;
  readonly argument: number;
  readonly context: CallContext;
  readonly source: string;
}

/**
 * Members that the core calls as brackets around others. What `opens` leaves held, `closes` gives back.
 *
 * `closesAfter`: for which results of `opens` the closing one is called. `seq_file` calls `stop` whatever `start`
 * returned, an error pointer included; a page walk calls `post_vma` only if `pre_vma` and the walk succeeded.
 */
export interface CallbackPair {
  readonly ops: string;
  readonly opens: string;
  readonly closes: string;
  readonly between: readonly string[];
  readonly closesAfter: 'any' | 'zero' | 'success';
  readonly source: string;
}
