/** What each kind of lock is: whether its holder may sleep, whether taking it may, and how it nests. */
import type { LockKind, Mode } from './contract.ts';

export interface KindFacts {
  /** What a reader of a finding calls it. */
  readonly title: string;
  /** The holder must not sleep. For a `spinlock_t` and the like this is the rule for a kernel without PREEMPT_RT. */
  readonly atomic: boolean;
  /** Taking it, other than by trylock, may sleep. */
  readonly sleeps: boolean;
  /** Whether one task may take it again: `always`; `readers` (read after read); `never`. */
  readonly nests: 'always' | 'readers' | 'never';
  readonly modes: readonly Mode[];
  /**
   * Kinds of one family are given back by each other's functions: `up_read(&mm->mmap_lock)` releases what
   * `mmap_read_lock(mm)` took, `spin_unlock(ptl)` what `pte_offset_map_lock()` took.
   */
  readonly family: string;
  /** A function that returns with it on some paths only is wrong. False for references, which are handed on. */
  readonly leaks: boolean;
  /**
   * Giving back what is not held is wrong, or gives back what the caller holds. False for masks that have no depth,
   * as `local_irq_enable()`, and for what is not followed.
   */
  readonly underflows: boolean;
  /** Level in the order of the lock types: a lock may be taken only under locks of the same or an earlier level. */
  readonly level: 'sleeping' | 'spinning' | 'raw' | 'context' | 'none';
}

const sleepingLock = {
  atomic: false,
  sleeps: true,
  nests: 'never',
  modes: ['W'],
  leaks: true,
  underflows: true,
  level: 'sleeping',
} as const;
const spinningLock = { ...sleepingLock, atomic: true, sleeps: false, level: 'spinning' } as const;
const context = {
  atomic: true,
  sleeps: false,
  nests: 'always',
  modes: ['W'],
  leaks: true,
  underflows: true,
  level: 'context',
} as const;
const readWrite = ['R', 'W'] as const;
const withDowngrade = ['R', 'W', 'D'] as const;

const FACTS: Readonly<Record<LockKind, KindFacts>> = {
  mmap: { ...sleepingLock, title: 'mmap_lock', modes: withDowngrade, family: 'rwsem' },
  // Write locks end all together with the mmap_lock, so leaving a function with one is how they are used, and
  // taking one again does nothing; read locks are given back one by one.
  vma: { ...sleepingLock, title: 'VMA lock', modes: readWrite, family: 'vma' },
  rwsem: { ...sleepingLock, title: 'rw_semaphore', modes: withDowngrade, family: 'rwsem' },
  mutex: { ...sleepingLock, title: 'mutex', family: 'mutex' },
  ww_mutex: { ...sleepingLock, title: 'ww_mutex', family: 'ww_mutex' },
  // A semaphore counts, and whoever likes gives it back.
  semaphore: {
    ...sleepingLock,
    title: 'semaphore',
    nests: 'always',
    family: 'semaphore',
  },
  rtmutex: { ...sleepingLock, title: 'rt_mutex', family: 'rtmutex' },
  percpu_rwsem: { ...sleepingLock, title: 'percpu_rw_semaphore', modes: readWrite, family: 'percpu_rwsem' },
  spinlock: { ...spinningLock, title: 'spinlock', family: 'spinlock' },
  raw_spinlock: { ...spinningLock, title: 'raw spinlock', family: 'spinlock', level: 'raw' },
  rwlock: { ...spinningLock, title: 'rwlock', nests: 'readers', modes: readWrite, family: 'rwlock' },
  bit_spinlock: { ...spinningLock, title: 'bit spinlock', family: 'bit_spinlock', level: 'raw' },
  local_lock: { ...spinningLock, title: 'local_lock', family: 'local_lock' },
  // The writer, and an exclusive reader, hold a spinlock; other readers only look at the count.
  seqlock: { ...spinningLock, title: 'seqlock', modes: readWrite, family: 'seqlock' },
  // Whether its writer may sleep depends on the lock that guards it, which forbids it by itself where it must.
  seqcount: {
    ...spinningLock,
    title: 'sequence count',
    atomic: false,
    modes: readWrite,
    family: 'seqcount',
    level: 'none',
  },
  rcu: { ...context, title: 'RCU read section', modes: ['R'], family: 'rcu' },
  srcu: {
    ...context,
    title: 'SRCU read section',
    modes: ['R'],
    family: 'srcu',
    atomic: false,
    level: 'none',
  },
  preempt: { ...context, title: 'preemption-disabled section', family: 'preempt' },
  irq: { ...context, title: 'interrupt-disabled section', family: 'irq', underflows: false },
  bh: { ...context, title: 'bottom-half-disabled section', family: 'bh' },
  migrate: { ...context, title: 'migration-disabled section', family: 'migrate', atomic: false },
  // User accesses may be made with page faults disabled, and then neither sleep nor take mmap_lock; any other
  // sleep is allowed.
  pagefault: { ...context, title: 'page-fault-disabled section', family: 'pagefault', atomic: false },
  folio: { ...sleepingLock, title: 'folio lock', family: 'folio' },
  socket: { ...sleepingLock, title: 'socket lock', family: 'socket' },
  inode: { ...sleepingLock, title: 'inode lock', modes: withDowngrade, family: 'rwsem' },
  ptl: { ...spinningLock, title: 'page-table lock', family: 'spinlock' },
  reference: {
    ...sleepingLock,
    title: 'reference',
    modes: ['R'],
    sleeps: false,
    nests: 'always',
    family: 'reference',
    leaks: false,
    underflows: false,
    level: 'none',
  },
  speculation: {
    ...sleepingLock,
    title: 'speculation',
    sleeps: false,
    nests: 'always',
    modes: ['R'],
    family: 'speculation',
    leaks: false,
    underflows: false,
    level: 'none',
  },
  named: {
    ...sleepingLock,
    title: 'lock',
    sleeps: false,
    nests: 'always',
    family: 'named',
    level: 'none',
  },
  // Nothing is known of it: in a need, it stands for a lock of any kind.
  other: {
    ...sleepingLock,
    title: 'lock',
    sleeps: false,
    modes: withDowngrade,
    nests: 'always',
    family: 'other',
    leaks: false,
    underflows: false,
    level: 'none',
  },
};

/** The facts of a kind. */
export function lockKind(kind: LockKind): KindFacts {
  return FACTS[kind];
}

/** Every kind, in the order of the type. */
export const LOCK_KINDS = Object.keys(FACTS) as readonly LockKind[];

/** True where a lock of one kind may be the one that the other speaks of: one family, or `other` for any. */
export function kindsAgree(left: LockKind, right: LockKind): boolean {
  return left === 'other' || right === 'other' || FACTS[left].family === FACTS[right].family;
}

/** True where this mode, once taken, need not be given back by the function that took it: VMA write locks. */
export function outlivesFunction(kind: LockKind, mode: Mode): boolean {
  return !FACTS[kind].leaks || (kind === 'vma' && mode === 'W');
}

/**
 * Locks that are known by the field they live in, so that the general functions on that field speak of the
 * special kind: `down_read(&mm->mmap_lock)`.
 */
const FIELD_KINDS: ReadonlyMap<string, LockKind> = new Map<string, LockKind>([
  ['mmap_lock', 'mmap'],
  ['vma_lock', 'vma'],
  ['i_rwsem', 'inode'],
  ['page_table_lock', 'ptl'],
]);

/** The kind of a lock whose address ends in this field, given the kind that the function's contract says. */
export function kindOfField(field: string, kind: LockKind): LockKind {
  const special = FIELD_KINDS.get(field);
  return special !== undefined && FACTS[special].family === FACTS[kind].family ? special : kind;
}

/** Source: include/linux/spinlock_types.h, mutex_types.h, rwsem.h and their neighbours. */
const TYPE_KINDS: ReadonlyMap<string, LockKind> = new Map<string, LockKind>([
  ['spinlock_t', 'spinlock'],
  ['raw_spinlock_t', 'raw_spinlock'],
  ['rwlock_t', 'rwlock'],
  ['struct mutex', 'mutex'],
  ['struct rw_semaphore', 'rwsem'],
  ['struct rt_mutex', 'rtmutex'],
  ['struct ww_mutex', 'ww_mutex'],
  ['struct semaphore', 'semaphore'],
  ['struct percpu_rw_semaphore', 'percpu_rwsem'],
  ['seqlock_t', 'seqlock'],
]);

/** The kind of lock that a variable or field of a declared type is or points to, or null where it is none. */
export function kindOfType(type: string): LockKind | null {
  const plain = type
    .replace(/\b(const|volatile|static)\b|\*|\[.*/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  return TYPE_KINDS.get(plain) ?? null;
}

/** Fields in `LockRef`s that no structure has: they stand for what is not a plain member. */
export const VIRTUAL_FIELDS: ReadonlyMap<string, string> = new Map([
  ['vma_lock', "a VMA's own lock: `vm_lock` up to 6.14, `vm_refcnt` and `vm_lock_seq` since"],
  ['mm_users', 'a use of an address space: mmget(), mmput()'],
  ['mm_count', 'a reference to a struct mm_struct: mmgrab(), mmdrop()'],
  ['seq', 'the sequence of a seqlock or sequence count as a reader sees it'],
]);
