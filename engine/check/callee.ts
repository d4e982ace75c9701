/** What a name that is called means, and how the call is made. */
import type { Contract } from '../protocol/contract.ts';
import type { AfterCall } from './contract-effects.ts';
import type { Summary } from './summary.ts';

export type Callee =
  | { readonly kind: 'contract'; readonly contract: Contract }
  /** `assigns` names the fields that its body, or what that calls in view, assigns to. */
  | { readonly kind: 'summary'; readonly summary: Summary; readonly assigns?: () => ReadonlySet<string> }
  /** `writes` names the fields that its body, where there is one in view, assigns to. */
  | {
      readonly kind: 'unknown';
      readonly writes?: ReadonlySet<string>;
      /** What is known of a member of a structure of operations, of which no body can be named. */
      readonly member?: Contract | null;
    };

export type CallOutcome = AfterCall;

export interface CallManner {
  /** The call is a test that the function makes more than once: its result depends on the arguments alone. */
  readonly predicate: boolean;
  /** The call is the head of a loop made of an iterator macro. */
  readonly iterator: boolean;
  /** The function goes on to test the result, or returns it. */
  readonly tested: boolean;
}
