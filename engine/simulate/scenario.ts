/** Scenarios: who does what to which address space, and what must hold. Each is a file of data in `scenarios/`. */

export interface VmaSpec {
  readonly name: string;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** Values of fields, by path: `vm_flags`, `vm_file`. */
  readonly fields?: Readonly<Record<string, number>>;
  /** Names of constants that are set in `vm_flags`. */
  readonly flags?: readonly string[];
  /** Not in the tree and detached at the start. */
  readonly spare?: boolean;
}

export interface MmSpec {
  readonly name: string;
  /** The VMA that belongs to no mm and is shown last, if there is one: the name of a spare one. */
  readonly gate?: string;
  readonly vmas: readonly VmaSpec[];
}

/** A part that a function of the patch or the tree plays. The scenario's C calls it as `role_NAME(…)`. */
export interface RoleSpec {
  readonly name: string;
  /** What the function is for, for messages. */
  readonly what: string;
  /** How the scenario calls it: C types and names of the arguments. Others that the function has are made up. */
  readonly params: readonly { readonly type: string; readonly name: string }[];
  /** `pointer`, `int` or `void`. */
  readonly returns: 'pointer' | 'int' | 'void';
  /** How a function is recognised, apart from being named on the command line; all that is given must fit. */
  readonly match: RoleMatch;
  /** Without it the scenario still runs: the call does nothing. */
  readonly optional?: boolean;
}

export interface RoleMatch {
  /** The member of an operations structure that the function is assigned to: `seq_operations.start`. */
  readonly member?: string;
  /** A member of the same structure, whose function calls one of these. */
  readonly returns?: string;
  /** Types that its parameters include. */
  readonly params?: readonly string[];
  /** Functions one of which it calls itself. */
  readonly calls?: readonly string[];
  /** The function that gives back what this role's function has taken: called beside it, with the same argument. */
  readonly partnerOf?: string;
  /** A function that the named role's function calls and that matches the rest. */
  readonly calledBy?: string;
  /** Names of functions in the tree that play the part where neither patch nor command line has one. */
  readonly known?: readonly string[];
}

export interface TaskSpec {
  readonly name: string;
  /** A call of a function of the scenario's C: `reader(mm)`. Arguments are names of mms and VMAs, or numbers. */
  readonly call: string;
  /** The mm of `current`; the first one where absent. */
  readonly mm?: string;
  /** It may go on for ever, and nobody waits for it. */
  readonly daemon?: boolean;
}

export interface Scenario {
  readonly name: string;
  /** One line: who does what. */
  readonly title: string;
  /** What must hold, besides the built-in checks. */
  readonly property: string;
  readonly depth: 'contract' | 'full';
  readonly config?: Readonly<Record<string, 'y' | 'm' | 'n'>>;
  /** Its functions are sought outside of the series, among those that a symbol decides over which it removes. */
  readonly ofRemovedSymbols?: boolean;
  /** Its callers keep the contracts of the functions, which are derived: see `caller-contract.ts`. */
  readonly derivesContracts?: boolean;
  readonly mms: readonly MmSpec[];
  readonly roles: readonly RoleSpec[];
  /** Each task's code, in C of our own. */
  readonly c: string;
  readonly tasks: readonly TaskSpec[];
  /** What user memory holds: the values that a copy into a variable of that name, or its field, finds. */
  readonly user?: Readonly<Record<string, number>>;
}
