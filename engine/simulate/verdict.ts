/** What a run or an exploration ends with. */
import type { Schedule } from './schedule.ts';

/** `1 step`, `2 steps`. */
export const counted = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;

export type ViolationKind =
  | 'deadlock'
  | 'lock-held-at-exit'
  | 'unlock-not-held'
  | 'null-dereference'
  | 'error-pointer'
  | 'wild-pointer'
  | 'use-after-free'
  | 'sleep-in-atomic'
  | 'assertion'
  | 'refcount'
  | 'protocol'
  | 'no-progress'
  | 'stale-iterator'
  | 'property'
  | 'unrunnable';

export interface Violation {
  readonly kind: ViolationKind;
  readonly message: string;
  /** The task in which it shows, or -1 where all of them wait. */
  readonly task: number;
  /** The operation, as an index into the compiled code. */
  readonly pc: number;
  /** For a deadlock: who waits for whom, in sentences. */
  readonly cycle: readonly string[];
}

export interface Numbers {
  readonly states: number;
  readonly transitions: number;
  readonly milliseconds: number;
}

export type Verdict =
  /** No interleaving of this scenario breaks anything. */
  | { readonly verdict: 'holds'; readonly numbers: Numbers }
  /** `schedule` is the shortest where `shortest`, counted in steps. */
  | {
      readonly verdict: 'violated';
      readonly violation: Violation;
      readonly schedule: Schedule;
      readonly steps: number;
      readonly shortest: boolean;
      readonly numbers: Numbers;
    }
  /** A limit was reached: every interleaving with at most `bound` preemptions was tried, or none is known (null). */
  | {
      readonly verdict: 'not-finished';
      readonly reason: string;
      readonly bound: number | null;
      readonly numbers: Numbers;
    };
