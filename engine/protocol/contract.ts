/**
 * Contracts: what the kernel's lock functions mean, as data. One file a family beside this one; the table
 * lint in `lint.ts` keeps them honest.
 *
 * A lock is named by the address that the kernel gives it, so that `mmap_read_lock(mm)` and
 * `down_read(&mm->mmap_lock)` speak of one lock. `LockRef` says it as a small path:
 *
 *   `arg0`               the lock is what argument 0 points to (`mutex_lock(&d->lock)`)
 *   `arg0.mmap_lock`     a lock inside what argument 0 points to (`mmap_read_lock(mm)`)
 *   `arg0->vm_mm.mmap_lock`  through a pointer field
 *   `result.vma_lock`    inside the object that the function returned (`vma_lock` is a virtual field)
 *   `*arg3`              inside or at what an out-parameter was set to
 *   `@rcu`               a per-task state without an object: `@rcu`, `@preempt`, `@irq`, `@bh`, `@migrate`, `@pagefault`
 *   `@rtnl_mutex`        `@` and any other word: a global lock; where C text names it (`&cgroup_mutex`), by that name
 *   `arg0.*`             any lock of the effect's or need's kind whose object belongs to argument 0: for a
 *                        VMA lock, any VMA of that `mm`
 *   `current->mm.mmap_lock`  as `argN`, from the running task
 *   `any`                some lock of that kind, whatever its object: for iterators that do not name theirs
 *
 * `index.ts` exports `parseLockRef`. The virtual fields are listed in `kinds.ts`.
 */
export type LockRef = string;

/** The semantics of a lock: what holding it forbids, and how its modes exclude one another. */
export type LockKind =
  | 'mmap'
  | 'vma'
  | 'rwsem'
  | 'mutex'
  | 'ww_mutex'
  | 'semaphore'
  | 'rtmutex'
  | 'percpu_rwsem'
  | 'spinlock'
  | 'raw_spinlock'
  | 'rwlock'
  | 'bit_spinlock'
  | 'local_lock'
  | 'seqlock'
  | 'seqcount'
  | 'rcu'
  | 'srcu'
  | 'preempt'
  | 'irq'
  | 'bh'
  | 'migrate'
  | 'pagefault'
  | 'folio'
  | 'socket'
  | 'inode'
  | 'ptl'
  | 'reference'
  | 'speculation'
  /** A lock of which only the names of the functions that take and release it are known. */
  | 'named'
  | 'other';

/** How a lock is held. R read or shared, W write or exclusive, D downgraded from W to R. */
export type Mode = 'R' | 'W' | 'D';

/**
 * The class of a result for which an outcome holds, as the caller can tell it apart:
 * `any`; `true`/`false` (non-zero / zero); `zero`, `negative`, `positive`; `pointer` (valid), `null`, `error`
 * (ERR_PTR); `null-or-error`; `null-or-pointer`; `{ bits }`: any of these flag constants is set in the result, and none of those in
 * `without`; `{ noBits }`: none is.
 */
export type ResultClass =
  | 'any'
  | 'true'
  | 'false'
  | 'zero'
  | 'negative'
  | 'positive'
  | 'pointer'
  | 'null'
  | 'error'
  | 'null-or-error'
  | 'null-or-pointer'
  | { readonly bits: readonly string[]; readonly without?: readonly string[] }
  | { readonly noBits: readonly string[] }
  /** A constant the function returns by name or value, as `-EAGAIN` or `ERR_PTR(-EAGAIN)`. */
  | { readonly equals: string };

export type Effect =
  | {
      readonly op: 'acquire';
      readonly lock: LockRef;
      readonly kind: LockKind;
      readonly mode: Mode;
      readonly nested?: boolean;
      readonly trylock?: boolean;
    }
  | { readonly op: 'release'; readonly lock: LockRef; readonly kind: LockKind; readonly mode: Mode | 'any' }
  | { readonly op: 'downgrade'; readonly lock: LockRef; readonly kind: LockKind }
  /** Every lock of that kind whose object belongs to `of` is dropped: VMA write locks at `mmap_write_unlock`. */
  | { readonly op: 'release-all'; readonly kind: LockKind; readonly mode: Mode; readonly of: LockRef }
  /**
   * The lock is released and taken again inside: what was found under it before is stale. A function that
   * sleeps and retakes a lock sleeps without it (`cond_resched_lock`, `wait_event_lock_irq`).
   */
  | { readonly op: 'retake'; readonly lock: LockRef; readonly kind: LockKind }
  /** An argument's target is given a class of value: `*arg2` set to 0, `arg1` (a macro's lvalue) set non-NULL. */
  | {
      readonly op: 'set';
      readonly target: string;
      readonly value: 'zero' | 'nonzero' | 'null' | 'pointer' | 'error' | 'null-or-pointer' | 'unknown';
    };

/**
 * A condition on an argument, on which an outcome or a need depends: `unlock_sock_fast(sk, slow)` releases what
 * `slow` says. `operand` is a path as in a `LockRef` (`arg2`, `*arg3`, `arg0->flags`). Where the value is not
 * known, an outcome is possible if its effects are (what it releases is held), and a need does not apply. Flags
 * are the exception: one that is not known to be set (`bits`) is taken for clear (`noBits`), since a call that
 * means a flag says so.
 */
export interface Given {
  readonly operand: string;
  readonly is:
    | 'zero'
    | 'nonzero'
    /** A valid pointer; NULL or an error pointer. */
    | 'pointer'
    | 'not-pointer'
    | { readonly bits: readonly string[] }
    | { readonly noBits: readonly string[] }
    | { readonly equals: string };
}

/**
 * What a call may do. Every outcome whose class and condition fit the caller's knowledge is possible; where two
 * fit the same result (`get_user_pages_remote` keeps the lock or drops it), the paths part. Together they
 * cover every result that the function can have: a result that fits none of them does not happen.
 */
export interface Outcome {
  readonly when: ResultClass;
  /** All of these must hold of the arguments too. Absent: whatever they are. */
  readonly given?: readonly Given[];
  readonly effects: readonly Effect[];
}

/**
 * A state that the caller must be in, or must not be in. `held` is broken only where no lock that is held could
 * be the one meant; the kind `other` in a need accepts a lock of any kind at that address.
 */
export type Need = (
  | {
      readonly need: 'held';
      readonly lock: LockRef;
      readonly kind: LockKind;
      readonly modes: readonly Mode[];
      readonly because: string;
    }
  /** At least one of several: `mmap_lock` or the VMA lock. */
  | {
      readonly need: 'one-of';
      readonly options: readonly {
        readonly lock: LockRef;
        readonly kind: LockKind;
        readonly modes: readonly Mode[];
      }[];
      readonly because: string;
    }
  | {
      readonly need: 'not-held';
      readonly lock: LockRef;
      readonly kind: LockKind;
      readonly modes: readonly Mode[];
      readonly because: string;
    }
) & { readonly given?: readonly Given[] };

/** What becomes of pointers. */
export type Lifetime =
  /** The result (or `*argN`, or macro lvalue `argN`) is valid only while one of these is held. */
  | {
      readonly life: 'protects';
      readonly pointer: string;
      readonly by: readonly Protector[];
      /** The object has a reference count as well, and whoever takes a reference keeps it without the lock. */
      readonly counted?: boolean;
    }
  /** The call takes a reference, which keeps the object and which the caller gives back. */
  | { readonly life: 'counts'; readonly pointer: string }
  /**
   * The iterator at this address is gone on with, and stands where it then does only while one of these is held;
   * `renews`: it, or the pointer, is set anew, whatever it was before.
   */
  | { readonly life: 'iterates'; readonly pointer: string; readonly by: readonly Protector[] }
  | { readonly life: 'renews'; readonly pointer: string }
  /** After this call the pointer must not be used: the object may be gone, unless one of these is held. */
  | {
      readonly life: 'ends';
      readonly pointer: string;
      readonly because: string;
      readonly unless?: readonly Protector[];
    };

export interface Protector {
  readonly lock: LockRef;
  readonly kind: LockKind;
}

/** How the result relates to the arguments, for functions that are pure in the checker's eyes. */
export type Value =
  /** The result is argument N itself: `READ_ONCE(x)`, `likely(x)`, `rcu_dereference(p)`. */
  | { readonly value: 'argument'; readonly index: number }
  /** The truth of a test on argument N: `IS_ERR`, `IS_ERR_OR_NULL`, and `!x` for `not`. */
  | { readonly value: 'test'; readonly index: number; readonly test: 'error' | 'null-or-error' | 'nonzero' }
  /** The result is an error pointer made of argument N, or the error number of one: `ERR_PTR`, `PTR_ERR`. */
  | { readonly value: 'error-pointer' | 'error-number' | 'zero-or-error-number'; readonly index: number }
  /** Argument N is set to argument M and that is the result: `WRITE_ONCE(x, v)`. */
  | { readonly value: 'store'; readonly target: number; readonly source: number }
  /** An exchange: the result is the old value of the target, which becomes `source` or 0. */
  | { readonly value: 'exchange'; readonly target: number; readonly source: number | null }
  /** As `argument`, `store` and `exchange`, through a pointer: `smp_load_acquire(&x)`, `xchg(&x, v)`. */
  | { readonly value: 'load'; readonly index: number }
  | { readonly value: 'store-through'; readonly target: number; readonly source: number }
  | { readonly value: 'exchange-through'; readonly target: number; readonly source: number | null }
  /** The enclosing object of a member: `container_of(ptr, type, member)`. */
  | { readonly value: 'container'; readonly pointer: number; readonly member: number }
  /** The result is the address of a lock inside the argument: `pte_lockptr(mm, pmd)`; equal arguments, equal result. */
  /** `valid`: it is an address that is never NULL. */
  | { readonly value: 'pure'; readonly valid?: boolean }
  /** The result is read from a member of what argument `index` points to: `file_inode(f)` is `f->f_inode`. */
  | { readonly value: 'member'; readonly index: number; readonly path: readonly string[] }
  /** A constant. */
  | { readonly value: 'constant'; readonly constant: number }
  /** Never NULL and never an error pointer. */
  | { readonly value: 'valid' }
  /** 0 where the guard variable that argument `index` points to took its lock, else negative: `ACQUIRE_ERR`. */
  | { readonly value: 'guard-error'; readonly index: number };

export interface Contract {
  readonly name: string;
  /**
   * A `function` or macro; a `guard` class, whose `outcomes` take and whose `exit` gives back (a conditional one
   * has the classes `pointer` (taken) and `null`); the head of an `iterator` loop; or a `cleanup`, the name in
   * `__free(name)`, whose argument 0 is the variable's value, and which does nothing for NULL and error pointers.
   */
  readonly what: 'function' | 'guard' | 'iterator' | 'cleanup';
  /** Kernel releases in which it holds, `6.15` style, from inclusive, until exclusive. Absent: all. */
  readonly from?: string;
  readonly until?: string;
  /** Symbols under which it holds; another row covers the rest. */
  readonly config?: Readonly<Record<string, 'y' | 'n'>>;
  readonly outcomes: readonly Outcome[];
  /** For a guard: the effects at the end of the scope. */
  readonly exit?: readonly Effect[];
  readonly needs?: readonly Need[];
  /**
   * May sleep: `yes`; `no`; or `gfp`, where argument `gfp` decides (GFP_KERNEL and others sleep, GFP_ATOMIC and
   * GFP_NOWAIT do not; a call that leaves it out has GFP_KERNEL, as `kmalloc_obj(*p)`). Absent: derived from the body where the tree has it, else unknown.
   */
  readonly sleeps?: 'yes' | 'no' | { readonly gfp: number };
  /** Touches user memory and may take `mmap_lock` of the current task's mm to fault it in. */
  readonly faults?: boolean;
  /** Arguments that are followed and so must be valid pointers. */
  readonly dereferences?: readonly number[];
  readonly lifetimes?: readonly Lifetime[];
  readonly value?: Value;
  /** The function never returns. */
  readonly noreturn?: boolean;
  /** The function does not return where this holds: `BUG_ON(condition)`. */
  readonly stops?: Given;
  /**
   * The function complains where this holds, and goes on. Code that does not look at the result takes it never to
   * hold: `WARN_ON(condition);`.
   */
  readonly complains?: Given;
  /** A run-time assertion of its `needs` (lockdep_assert_held and the like): no effect of its own. */
  readonly assertion?: boolean;
  /**
   * The function that finds, with the same arguments, the same object without locking it: for who has failed here,
   * and then holds the lock that keeps such objects.
   */
  readonly unlocked?: string;
  /** The result of a conditional acquire must be looked at. */
  readonly mustCheck?: boolean;
  /** For an iterator: the macro arguments that it assigns, non-NULL inside the loop; `after` says their value behind it. */
  readonly assigns?: readonly number[];
  /** What each argument in `assigns` is inside the loop: absent, a valid pointer; a number may be anything. */
  readonly inside?: readonly ('pointer' | 'unknown')[];
  /** Of the pointers among them; numbers are unknown behind the loop. */
  readonly after?: 'null' | 'unknown';
  /** Where the fact comes from: a header, a document, a mail. */
  readonly source: string;
}
