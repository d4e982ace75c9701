/**
 * What the path walker sees and rules judge: one event for each thing on a path that breaks, or could break,
 * the protocol. An event carries the state it happened in, so that a rule can tell the path.
 */
import type { Expr, FunctionIR } from '../c/ir.ts';
import type { Contract, LockKind, Mode } from '../protocol/contract.ts';
import type { Held, LockState } from '../state/lock-state.ts';
import type { PathState } from './path-state.ts';
import type { Life } from './pointer-lives.ts';
import type { Term } from './terms.ts';

/** Where in the walked function an event happened, and through which call. */
export interface EventSite {
  readonly at: number;
  readonly end: number;
  /** The function or macro called there, as written. */
  readonly call: string;
  /** The place inside the callee that did it, where the callee's body is in view. */
  readonly inside: CalleeSite | null;
}

/** A place in a callee, for traces that go through calls. */
export interface CalleeSite {
  readonly file: string;
  readonly function: string;
  readonly line: number;
  readonly column: number;
}

export type PathEvent =
  /** A lock that is held, and that cannot nest, is taken again. */
  | {
      readonly kind: 'collision';
      readonly lock: Term;
      readonly lockKind: LockKind;
      readonly mode: Mode;
      readonly held: Held<Term>;
      readonly state: PathState;
      readonly site: EventSite;
    }
  /** A lock is given back that this path gave back already. */
  | {
      readonly kind: 'over-release';
      readonly lock: Term;
      readonly lockKind: LockKind;
      readonly mode: Mode | 'any';
      readonly releasedAt: number;
      readonly state: PathState;
      readonly site: EventSite;
    }
  /** A lock is given back in another mode than it was taken in. */
  | {
      readonly kind: 'wrong-mode';
      readonly lock: Term;
      readonly lockKind: LockKind;
      readonly mode: Mode | 'any';
      readonly held: Held<Term>;
      readonly state: PathState;
      readonly site: EventSite;
    }
  /** A lock operation is given NULL or an error pointer. */
  | {
      readonly kind: 'bad-lock';
      readonly argument: number;
      /** What the code hands over, where that is written out. */
      readonly expression: Expr | null;
      readonly term: Term;
      readonly value: 'NULL' | 'an error pointer';
      readonly state: PathState;
      readonly site: EventSite;
    }
  /** A call, before its effects: `callee` is the contract, if there is one. */
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly contract: Contract | null;
      readonly args: readonly Term[];
      readonly state: PathState;
      readonly site: EventSite;
    }
  /** A field is written whose writers need a lock, before the write. */
  | {
      readonly kind: 'guarded-write';
      readonly object: Term;
      readonly field: string;
      readonly value: Term;
      readonly state: PathState;
      readonly site: EventSite;
    }
  /** A pointer is followed, or given to a callee, after what kept it valid was dropped. */
  | {
      readonly kind: 'stale-use';
      readonly pointer: Term;
      readonly life: Life;
      readonly use:
        | { readonly kind: 'read' }
        /** The callee goes on from where the iterator stood. */
        | { readonly kind: 'iterate' }
        /** `followed`: the callee follows it for certain; else its body says. */
        | {
            readonly kind: 'argument';
            readonly argument: number;
            readonly callee: string | null;
            readonly followed: boolean;
          };
      readonly state: PathState;
      readonly site: EventSite;
    }
  /** A call that may sleep, made by the callee somewhere. `chain` names the calls down to the primitive. */
  | {
      readonly kind: 'sleep';
      readonly chain: readonly CalleeSite[];
      readonly name: string;
      readonly state: PathState;
      readonly site: EventSite;
    };

/** The end of a path: what it returns and what it holds then. */
export interface Exit {
  readonly state: PathState;
  /** The returned value, or null in a function that returns none. */
  readonly value: Term | null;
  readonly at: number;
  readonly end: number;
  readonly locks: LockState<Term>;
}

/** Everything that walking one function under one configuration gave. */
export interface Walked {
  readonly ir: FunctionIR;
  readonly exits: readonly Exit[];
  readonly events: readonly PathEvent[];
  /** Paths followed, merged ones counted once. */
  readonly paths: number;
  /** False where the budget ran out before every path was followed. */
  readonly complete: boolean;
  /** Calls of functions that nothing is known of, sorted. */
  readonly unknown: readonly string[];
  /** Fields that paths remembered writes to until their end. */
  readonly remembered: ReadonlySet<string>;
  /** Parameters that were passed on to functions which may write to what they point to, unseen. */
  readonly exposed: ReadonlySet<number>;
  /** The classes of locks (`classOf()`) that were given back without its being known which of them. */
  readonly unsettled: ReadonlySet<string>;
  /** True for a lock whose name may mean another one in the next round of a loop. */
  isUnstable(lock: Term): boolean;
  /** True for a lock in an object that a loop finds anew each round. */
  isRenewed(lock: Term): boolean;
  /** Locks that some path took more often than paths are followed; of those, how often a return holds them is unsure. */
  readonly deep: ReadonlySet<Term>;
}
