/**
 * What each lock lets its holder do with a VMA: Documentation/mm/process_addrs.rst, and the comments of
 * include/linux/mm_types.h for the reference count.
 */
import type { Mode } from './contract.ts';

/** What one task holds of a VMA's three locks. `rmap` is the mapping's or the anon_vma's. */
export interface VmaHolds {
  readonly mmap: Mode | null;
  readonly vma: 'R' | 'W' | null;
  readonly rmap: 'R' | 'W' | null;
}

/** What it may then do. */
export interface VmaRights {
  /** The VMA stays in the tree and is not freed. */
  readonly stable: boolean;
  readonly read: boolean;
  /** Fields that do not say where the VMA is. */
  readonly writeMost: boolean;
  /** Every field, `vm_start`, `vm_end` and `vm_pgoff` too. */
  readonly writeAll: boolean;
}

/**
 * The stability matrix. A VMA write lock without the `mmap_lock` held for writing does not exist: it counts for
 * nothing here.
 */
export function vmaRights(holds: VmaHolds): VmaRights {
  const stable = holds.mmap !== null || holds.vma === 'R' || holds.rmap !== null;
  const writes = holds.mmap === 'W' && holds.vma === 'W';
  return { stable, read: stable, writeMost: writes, writeAll: writes && holds.rmap === 'W' };
}

/** Two modes in which two tasks cannot hold one `mmap_lock`: R–W, D–D, D–W, W–W. */
export const EXCLUSIVE_PAIRS: readonly (readonly [Mode, Mode])[] = [
  ['R', 'W'],
  ['D', 'D'],
  ['D', 'W'],
  ['W', 'W'],
];

/** True where no two tasks can hold one lock in these modes at once. */
export function exclusive(left: Mode, right: Mode): boolean {
  return EXCLUSIVE_PAIRS.some(([a, b]) => (a === left && b === right) || (a === right && b === left));
}

/** The structure that `FIELD_RULES` speaks of. */
export const GUARDED_TYPE = 'struct vm_area_struct';

/** What a write to a field of a VMA in the tree needs. `pageTable`: that lock, where the mmap_lock is held for reading. */
export interface FieldRule {
  readonly field: string;
  readonly mmap: 'R' | 'W';
  readonly vma: 'W' | null;
  readonly rmap: 'W' | null;
  readonly pageTableLock: boolean;
  /** Only for a change to this value; absent: for any. */
  readonly to?: 'null' | 'non-null';
}

const located = { mmap: 'W', vma: 'W', rmap: 'W', pageTableLock: false } as const;
const other = { mmap: 'W', vma: 'W', rmap: null, pageTableLock: false } as const;

/** The rules of the fields that have one. A VMA that is not in the tree yet needs no lock. */
export const FIELD_RULES: readonly FieldRule[] = [
  { field: 'vm_start', ...located },
  { field: 'vm_end', ...located },
  { field: 'vm_pgoff', ...located },
  { field: 'vm_page_prot', ...other },
  { field: 'vm_flags', ...other },
  { field: '__vm_flags', ...other },
  { field: 'anon_name', ...other },
  { field: 'vm_policy', ...other },
  { field: 'vm_userfaultfd_ctx', ...other },
  { field: 'anon_vma', mmap: 'R', vma: null, rmap: null, pageTableLock: true, to: 'non-null' },
  { field: 'anon_vma', mmap: 'W', vma: 'W', rmap: 'W', pageTableLock: false, to: 'null' },
];

/** The rules of a field; empty for one that has none. */
export function fieldRules(field: string): readonly FieldRule[] {
  return FIELD_RULES.filter((rule) => rule.field === field);
}

/** What may be done to page tables, and under which locks; any one line of `allowed` is enough. */
export interface PageTableRule {
  readonly operation:
    | 'traverse'
    | 'zap'
    | 'install'
    | 'change-entry'
    | 'walk-under-rcu'
    | 'move-upper-levels'
    | 'outside-vmas';
  readonly allowed: readonly (readonly ('mmap' | 'vma' | 'rmap' | 'page-table' | 'rcu' | 'mmap-write')[])[];
  readonly note: string;
}

export const PAGE_TABLE_RULES: readonly PageTableRule[] = [
  {
    operation: 'traverse',
    allowed: [['mmap'], ['vma'], ['rmap']],
    note: 'any of the three keeps the tables',
  },
  { operation: 'zap', allowed: [['mmap'], ['vma'], ['rmap']], note: 'any of the three' },
  { operation: 'install', allowed: [['mmap'], ['vma']], note: 'never under a reverse-mapping lock alone' },
  { operation: 'change-entry', allowed: [['page-table']], note: "under that level's lock" },
  {
    operation: 'walk-under-rcu',
    allowed: [['rcu', 'page-table']],
    note: 'what was found under RCU alone is checked again under the page-table lock',
  },
  { operation: 'move-upper-levels', allowed: [['mmap', 'vma', 'rmap']], note: 'all three' },
  { operation: 'outside-vmas', allowed: [['mmap-write']], note: 'the mmap_lock held for writing' },
];

/** The bit of `vm_refcnt` that keeps new readers out: VM_REFCNT_EXCLUDE_READERS_FLAG (bit 30). */
export const EXCLUDE_READERS = 0x40000000;

export type RefcountState =
  | 'detached'
  | 'attached'
  | 'readers'
  | 'detaching'
  | 'excluded'
  | 'waiting-for-readers'
  | 'invalid';

/** What a value of `vm_refcnt` means, and how many readers it counts (those that are about to back off included). */
export function refcountMeaning(value: number): {
  readonly state: RefcountState;
  readonly readers: number;
  readonly text: string;
} {
  if (!Number.isInteger(value) || value < 0) {
    return { state: 'invalid', readers: 0, text: 'the count has gone below zero' };
  }
  if (value === 0) return { state: 'detached', readers: 0, text: 'detached; readers cannot enter' };
  if (value === 1) {
    return {
      state: 'attached',
      readers: 0,
      text: 'attached; unlocked, or write-locked if vm_lock_seq equals mm_lock_seq',
    };
  }
  if (value < EXCLUDE_READERS) {
    const readers = value - 1;
    return {
      state: 'readers',
      readers,
      text: `${readers} reader${readers === 1 ? '' : 's'}, or write-locked with readers about to back off`,
    };
  }
  if (value === EXCLUDE_READERS) return { state: 'detaching', readers: 0, text: 'detaching, about to be 0' };
  if (value === EXCLUDE_READERS + 1) {
    return {
      state: 'excluded',
      readers: 0,
      text: 'a writer that is done waiting, or a detacher that waits for one stray reader',
    };
  }
  return {
    state: 'waiting-for-readers',
    readers: value - EXCLUDE_READERS - 1,
    text: 'a writer or detacher waits for readers',
  };
}

/** True where the mm is write-locked: `mm_lock_seq` is odd while it is. */
export function writeLockedBySequence(mmLockSeq: number): boolean {
  return (mmLockSeq & 1) === 1;
}

/** What `vm_lock_seq` starts as, so that it equals no `mm_lock_seq`: UINT_MAX. */
export const INITIAL_VM_LOCK_SEQ = 0xffffffff;
