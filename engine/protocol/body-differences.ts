/**
 * Contracts that say something else than the bodies of their functions show, and why they are right all the same.
 * `lock-review contracts --verify` prints each beside the difference.
 */

export interface BodyDifference {
  readonly names: readonly string[];
  readonly because: string;
}

export const BODY_DIFFERENCES: readonly BodyDifference[] = [
  {
    names: ['bpf_mmap_unlock_mm'],
    because: 'given work, the lock is released later, from the interrupt that the work is queued for',
  },
  {
    names: ['shmem_get_folio_gfp'],
    because:
      'given a fault that user space is to handle it drops mmap_lock and says so in *arg7, which its one caller passes on',
  },
  {
    names: ['vma_end_write_all'],
    because: 'ending the write section of the sequence ends the write locks of all VMAs, and no lock else',
  },
  {
    names: ['get_user_pages_remote', 'pin_user_pages_remote', 'faultin_page_range'],
    because: 'the lock that a path takes again is the one that another path of the loop inside gave back',
  },
  {
    names: ['do_vmi_align_munmap', 'do_vmi_munmap'],
    because: 'asked to unlock, it downgrades first, and the mm of the iterator is the one of its argument',
  },
  {
    names: ['vma_prepare', 'vma_complete'],
    because: 'which of the two rmap locks are taken hangs on the VMA; the row stands for both as one',
  },
  {
    names: ['vma_start_read', 'vma_end_read', 'vma_start_write', 'vma_start_write_killable', 'uffd_lock_vma'],
    because: 'the lock is a counter of readers, and up to 6.14 a semaphore beside the VMA: one name for both',
  },
  {
    names: [
      'spin_lock',
      'spin_lock_irq',
      'spin_lock_bh',
      'spin_unlock',
      'spin_unlock_irq',
      'spin_unlock_bh',
      'spin_unlock_irqrestore',
      'spin_trylock',
      'spin_trylock_irq',
      'spin_trylock_bh',
    ],
    because: 'a spinlock_t holds its raw lock in `rlock`; the row names the lock that callers name',
  },
  {
    names: ['_raw_spin_lock_nest_lock', '_raw_spin_lock_irqsave_nested', 'do_raw_write_trylock'],
    because: 'the body is the lock itself: it turns preemption off and spins on a word of the architecture',
  },
  {
    names: [
      'rcu_read_lock_bh',
      'rcu_read_unlock_bh',
      'rcu_read_lock_sched',
      'rcu_read_lock_sched_notrace',
      'rcu_read_unlock_sched',
      'rcu_read_unlock_sched_notrace',
    ],
    because:
      'a section with bottom halves or preemption off is a read section since the flavours were merged',
  },
  {
    names: [
      'rcu_read_lock_trace',
      'rcu_read_lock_tasks_trace',
      'rcu_read_unlock_trace',
      'rcu_read_unlock_tasks_trace',
    ],
    because: 'the section is built on an SRCU structure of its own, which callers do not name',
  },
  {
    names: [
      'kmap_atomic_prot',
      'kmap_atomic_pfn',
      '__kunmap_atomic',
      'io_mapping_map_atomic_wc',
      'io_mapping_unmap_atomic',
    ],
    because: 'on PREEMPT_RT it is migration that stays off; the row has what other kernels turn off',
  },
  {
    names: ['bit_spin_lock', 'bit_spin_trylock', 'bit_spin_unlock', '__bit_spin_unlock', 'rht_assign_unlock'],
    because: 'the lock is a bit that the body sets by an atomic operation; preemption is off meanwhile',
  },
  {
    names: ['__folio_lock_or_retry'],
    because: 'whether the lock of the fault was released is said by the result of the fault itself',
  },
  {
    names: ['__filemap_get_folio', '__filemap_get_folio_mpol'],
    because: 'the folio is locked or not as the flags say; a path that dropped it again has found another',
  },
  {
    names: ['swap_read_folio'],
    because: 'the folio is unlocked when the read ends, which may be later, out of the body',
  },
  {
    names: ['lruvec_live_lock_irq', 'folio_lruvec_relock_irq'],
    because: 'the lock is that of the result, which may be the one that was passed in or already held',
  },
  {
    names: ['filemap_invalidate_lock_two', 'filemap_invalidate_unlock_two'],
    because: 'either argument may be NULL or both the same; the row has what callers with two files get',
  },
  {
    names: [
      'sb_start_write',
      'sb_end_write',
      'sb_start_pagefault',
      'sb_end_pagefault',
      'sb_start_intwrite',
      'sb_end_intwrite',
      'sb_start_write_trylock',
      'sb_start_intwrite_trylock',
    ],
    because: 'the levels are elements of one array of semaphores; the row gives each a name of its own',
  },
  {
    names: ['file_start_write', 'file_end_write', 'file_start_write_trylock'],
    because: 'the freeze protection is that of the file system the file is on, and of regular files alone',
  },
  {
    names: ['pte_offset_map_lock', '__pte_offset_map_lock'],
    because: 'the lock that the body finds by the page table is what the last argument is set to',
  },
  {
    names: [
      'hugetlb_vma_lock_read',
      'hugetlb_vma_unlock_read',
      'hugetlb_vma_lock_write',
      'hugetlb_vma_unlock_write',
      'hugetlb_vma_trylock_write',
    ],
    because: 'the lock lies in one of two places, or there is none: the row stands for whichever it is',
  },
  {
    names: ['vma_pgtable_walk_begin', 'vma_pgtable_walk_end'],
    because: 'only the page tables of a hugetlb VMA need a lock to be walked',
  },
  {
    names: ['page_vma_mapped_walk_done', 'page_vma_mapped_walk_restart'],
    because: 'what the walk holds is in its own structure, and is nothing where it found nothing',
  },
  {
    names: [
      'write_seqlock',
      'write_seqlock_irq',
      'write_seqlock_bh',
      'write_sequnlock',
      'write_sequnlock_irq',
      'write_sequnlock_bh',
      'write_sequnlock_irqrestore',
      'read_seqlock_excl',
      'read_seqlock_excl_irq',
      'read_seqlock_excl_bh',
      'read_sequnlock_excl',
      'read_sequnlock_excl_irq',
      'read_sequnlock_excl_bh',
      'read_sequnlock_excl_irqrestore',
    ],
    because: 'a seqlock is a spinlock and a count; the row speaks of it as the one lock that callers name',
  },
  {
    names: ['cgroup_threadgroup_change_begin', 'cgroup_threadgroup_change_end'],
    because: 'the semaphore of the thread group is taken as well where the kernel was told to favour it',
  },
  {
    names: ['ww_mutex_lock', 'ww_mutex_lock_interruptible', 'ww_mutex_trylock', 'ww_mutex_unlock'],
    because: 'the body works on the mutex inside, by atomic operations on its fast path',
  },
  {
    names: ['unlocked_inode_to_wb_begin', 'unlocked_inode_to_wb_end'],
    because: 'the lock of the page cache is taken only while the inode switches its writeback',
  },
  {
    names: ['page_vma_mapped_walk'],
    because:
      'the walk goes on from what it left in its argument, where the lock of the last round is known by value',
  },
];

const reasons = new Map(
  BODY_DIFFERENCES.flatMap(({ names, because }) => names.map((name) => [name, because] as const)),
);

/** Why the contract of this name is right although its body shows something else, or null. */
export function bodyDifference(name: string): string | null {
  return reasons.get(name) ?? null;
}
