/**
 * The order in which locks are taken: by type (a spinlock inside a mutex, never the other way round), and the
 * documented order of the locks of memory management. Sources: Documentation/locking/locktypes.rst, the comment at
 * the head of mm/rmap.c and of mm/filemap.c, Documentation/mm/process_addrs.rst.
 */
import type { LockKind } from './contract.ts';
import { lockKind } from './kinds.ts';

const LEVELS = ['sleeping', 'spinning', 'raw'] as const;

/**
 * Whether a lock of one type may be taken under one of another: sleeping locks are outermost, then `spinlock_t`,
 * `rwlock_t` and `local_lock_t`, then `raw_spinlock_t` and bit locks. With `trylock` nothing waits, but a sleeping
 * lock still may not be taken in atomic context on PREEMPT_RT; that is left to the rule about sleeping.
 */
export function mayNestUnder(inner: LockKind, outer: LockKind): boolean {
  const inside = LEVELS.indexOf(lockKind(inner).level as (typeof LEVELS)[number]);
  const outside = LEVELS.indexOf(lockKind(outer).level as (typeof LEVELS)[number]);
  if (inside < 0) return true;
  if (outside < 0) return !(lockKind(outer).atomic && lockKind(inner).sleeps);
  return inside >= outside;
}

/** A class of lock in the documented order, recognised by its kind and the field that it lives in. */
export interface OrderClass {
  readonly name: string;
  readonly title: string;
  readonly kinds: readonly LockKind[];
  /** The last field of the lock's path; absent where the kind says it all. */
  readonly fields?: readonly string[];
  /** Only this mode is meant. */
  readonly mode?: 'R' | 'W';
}

/** Outermost first: a lock may be taken while any lock above it is held, and not the other way round. */
export const MM_ORDER: readonly OrderClass[] = [
  { name: 'inode', title: 'inode lock', kinds: ['inode', 'rwsem'], fields: ['i_rwsem'] },
  { name: 'mmap', title: 'mmap_lock', kinds: ['mmap', 'rwsem'], fields: ['mmap_lock'] },
  { name: 'invalidate', title: 'invalidate_lock', kinds: ['rwsem'], fields: ['invalidate_lock'] },
  { name: 'folio', title: 'folio lock', kinds: ['folio'] },
  { name: 'vma-write', title: 'VMA write lock', kinds: ['vma'], mode: 'W' },
  { name: 'i_mmap', title: 'i_mmap_rwsem', kinds: ['rwsem'], fields: ['i_mmap_rwsem'] },
  { name: 'anon_vma', title: 'anon_vma rwsem', kinds: ['rwsem'], fields: ['rwsem'] },
  {
    name: 'page-table',
    title: 'page-table lock',
    kinds: ['ptl', 'spinlock'],
    fields: ['page_table_lock', 'ptl'],
  },
  { name: 'swap', title: 'swap device lock', kinds: ['spinlock'], fields: ['swap_lock'] },
  {
    name: 'i_pages',
    title: 'page cache lock',
    kinds: ['spinlock', 'raw_spinlock'],
    fields: ['i_pages.xa_lock', 'i_pages'],
  },
  { name: 'lru', title: 'LRU lock', kinds: ['spinlock'], fields: ['lru_lock'] },
  { name: 'i_lock', title: 'i_lock', kinds: ['spinlock'], fields: ['i_lock'] },
  { name: 'wb', title: 'writeback list lock', kinds: ['spinlock'], fields: ['list_lock'] },
];

/**
 * Where in `MM_ORDER` a lock stands, or -1. @param field the last field of its path, or null.
 *
 * `ptl` kinds are page-table locks whatever their path; the anon_vma's `rwsem` field is too common a name to go by
 * alone, so the caller says whether the object is an anon_vma, where it knows.
 */
export function orderOf(
  kind: LockKind,
  field: string | null,
  mode: 'R' | 'W' | 'D',
  isAnonVma = true,
): number {
  return MM_ORDER.findIndex((entry) => {
    if (!entry.kinds.includes(kind)) return false;
    if (entry.mode !== undefined && entry.mode !== mode) return false;
    if (entry.name === 'anon_vma' && !isAnonVma) return false;
    if (entry.fields === undefined || (entry.name === 'page-table' && kind === 'ptl')) return true;
    return field !== null && entry.fields.includes(field);
  });
}

/**
 * Pairs whose order leads to a deadlock, with the reason. Folio locks inside `i_mmap_rwsem` and the like are left
 * out: trylocks and hugetlb turn them round with care.
 */
export const DEADLOCKS: readonly {
  readonly held: LockKind;
  readonly heldModes: readonly ('R' | 'W' | 'D')[];
  readonly taken: LockKind;
  readonly because: string;
}[] = [
  {
    held: 'vma',
    heldModes: ['R'],
    taken: 'mmap',
    because:
      'a writer that holds the mmap_lock waits for the readers of the VMA, and this reader waits for the mmap_lock',
  },
];
