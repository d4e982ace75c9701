/** The folio lock, lookups in the page cache that take it, and the LRU lists' locks. */
import {
  acquire,
  always,
  family,
  on,
  onPointer,
  onPointerOrError,
  onTrue,
  onZero,
  release,
  set,
} from './build.ts';
import type { Contract, Effect, Given } from './contract.ts';

const h = family('include/linux/pagemap.h');
const c = family('mm/filemap.c');
const memcgH = family('include/linux/memcontrol.h');
const take = acquire('arg0', 'folio');
const tryTake = acquire('arg0', 'folio', 'W', { trylock: true });
const give = release('arg0', 'folio');
const found = acquire('result', 'folio');
const reference = acquire('result', 'reference', 'R');
const sleeping = { sleeps: 'yes', dereferences: [0] } as const;
const quiet = { sleeps: 'no', dereferences: [0] } as const;
const locking: readonly Given[] = [{ operand: 'arg2', is: { bits: ['FGP_LOCK', 'FGP_WRITEBEGIN'] } }];
const notLocking: readonly Given[] = [{ operand: 'arg2', is: { noBits: ['FGP_LOCK', 'FGP_WRITEBEGIN'] } }];

/** `__filemap_get_folio()`: locked where the flags ask for it; absent as `missing` says. */
const byFlags = (missing: 'error' | 'null') => [
  { when: 'pointer' as const, given: locking, effects: [found, reference] },
  { when: 'pointer' as const, given: notLocking, effects: [reference] },
  { when: missing, effects: [] },
];

const rcuEnter = acquire('@rcu', 'rcu', 'R');
const rcuLeave = release('@rcu', 'rcu', 'R');
const maskIrq = acquire('@irq', 'irq');
const saveIrq = acquire('@irq', 'irq', 'W', { nested: true });
const unmaskIrq = release('@irq', 'irq');

/** The LRU locks are inside an RCU read section since 7.1, which keeps the memory cgroup. */
function lruvec(release_: { from?: string; until?: string }, rcu: boolean): Contract[] {
  const enter: Effect[] = rcu ? [rcuEnter] : [];
  const leave: Effect[] = rcu ? [rcuLeave] : [];
  const lock = acquire('result.lru_lock', 'spinlock');
  const own = acquire('arg0.lru_lock', 'spinlock');
  const unlock = release('arg0.lru_lock', 'spinlock');
  const valid = { ...quiet, ...release_, value: { value: 'valid' } } as const;
  return [
    memcgH.fn('folio_lruvec_lock', always(...enter, lock), valid),
    memcgH.fn('folio_lruvec_lock_irq', always(...enter, maskIrq, lock), valid),
    memcgH.fn('folio_lruvec_lock_irqsave', always(...enter, saveIrq, lock), valid),
    memcgH.fn(rcu ? 'lruvec_unlock' : 'unlock_page_lruvec', always(unlock, ...leave), {
      ...quiet,
      ...release_,
    }),
    memcgH.fn(rcu ? 'lruvec_unlock_irq' : 'unlock_page_lruvec_irq', always(unlock, unmaskIrq, ...leave), {
      ...quiet,
      ...release_,
    }),
    memcgH.fn(
      rcu ? 'lruvec_unlock_irqrestore' : 'unlock_page_lruvec_irqrestore',
      always(unlock, unmaskIrq, ...leave),
      { ...quiet, ...release_ },
    ),
    ...(rcu
      ? [
          memcgH.fn('lruvec_lock_irq', always(rcuEnter, maskIrq, own), { ...quiet, ...release_ }),
          memcgH.fn('lruvec_live_lock_irq', always(rcuEnter, maskIrq, lock), valid),
        ]
      : []),
    // The lock held is kept where it is that of the folio, else traded for it: a trade either way.
    memcgH.fn(
      'folio_lruvec_relock_irq',
      [
        { when: 'any', given: [{ operand: 'arg1', is: 'zero' }], effects: [...enter, maskIrq, lock] },
        {
          when: 'any',
          given: [{ operand: 'arg1', is: 'nonzero' }],
          effects: [release('arg1.lru_lock', 'spinlock'), lock],
        },
      ],
      valid,
    ),
    memcgH.fn(
      'folio_lruvec_relock_irqsave',
      [
        {
          when: 'any',
          given: [{ operand: '*arg1', is: 'zero' }],
          effects: [set('*arg1', 'pointer'), ...enter, saveIrq, acquire('*arg1.lru_lock', 'spinlock')],
        },
        {
          when: 'any',
          given: [{ operand: '*arg1', is: 'nonzero' }],
          effects: [
            release('*arg1.lru_lock', 'spinlock'),
            set('*arg1', 'pointer'),
            acquire('*arg1.lru_lock', 'spinlock'),
          ],
        },
      ],
      { ...quiet, ...release_ },
    ),
  ];
}

export const folio: readonly Contract[] = [
  ...h.each(['folio_lock', 'lock_page', '__folio_lock'], always(take), sleeping),
  ...h.each(['folio_trylock', 'trylock_page'], onTrue(tryTake), { ...quiet, mustCheck: true }),
  ...h.each(['folio_lock_killable', 'lock_page_killable', '__folio_lock_killable'], onZero(take), {
    ...sleeping,
    mustCheck: true,
  }),
  ...h.each(['folio_unlock', 'unlock_page'], always(give), quiet),
  // The flag of the lock alone, in a folio that nobody else can have found yet.
  ...family('include/linux/page-flags.h').each(
    ['__folio_set_locked', '__SetPageLocked'],
    always(tryTake),
    quiet,
  ),
  ...family('include/linux/page-flags.h').each(
    ['__folio_clear_locked', '__ClearPageLocked'],
    always(give),
    quiet,
  ),
  // The end of a read unlocks the folio too.
  h.fn('folio_end_read', always(give), quiet),
  // Where it has to wait, it has dropped the lock of the fault, unless the flags forbid the wait.
  ...h.each(
    ['folio_lock_or_retry', '__folio_lock_or_retry'],
    on('zero', { bits: ['VM_FAULT_RETRY'] }, take),
    { ...sleeping, mustCheck: true },
  ),
  ...h.each(
    [
      'folio_wait_locked',
      'folio_wait_locked_killable',
      'folio_wait_writeback',
      'folio_wait_writeback_killable',
      'folio_wait_stable',
      'wait_on_page_writeback',
      'folio_wait_bit',
      'folio_wait_bit_killable',
      'folio_wait_private_2',
    ],
    [],
    sleeping,
  ),
  ...h.each(
    [
      'folio_end_writeback',
      'folio_start_writeback',
      'folio_test_locked',
      'PageLocked',
      'folio_mark_uptodate',
    ],
    [],
    { sleeps: 'no' },
  ),
  h.fn('__filemap_get_folio', byFlags('error'), { mustCheck: true }),
  h.fn('__filemap_get_folio_mpol', byFlags('error'), { mustCheck: true }),
  h.fn('pagecache_get_page', byFlags('null'), { mustCheck: true }),
  h.fn('filemap_get_folio', onPointerOrError(reference), { sleeps: 'no', mustCheck: true }),
  ...h.each(
    ['filemap_lock_folio', 'filemap_grab_folio', 'write_begin_get_folio', 'filemap_lock_hugetlb_folio'],
    onPointerOrError(found, reference),
    {
      sleeps: 'yes',
      mustCheck: true,
    },
  ),
  ...h.each(
    ['find_lock_page', 'find_or_create_page', 'grab_cache_page', 'grab_cache_page_write_begin'],
    onPointer(found, reference),
    {
      sleeps: 'yes',
      mustCheck: true,
    },
  ),
  h.fn('grab_cache_page_nowait', onPointer(found, reference), { mustCheck: true }),
  h.fn('find_get_page', onPointer(reference), { sleeps: 'no', mustCheck: true }),
  ...c.each(
    [
      'read_cache_folio',
      'read_mapping_folio',
      'read_cache_page',
      'read_mapping_page',
      'mapping_read_folio_gfp',
      'read_cache_page_gfp',
    ],
    onPointerOrError(reference),
    { sleeps: 'yes', mustCheck: true },
  ),
  ...c.each(
    [
      'filemap_write_and_wait',
      'filemap_write_and_wait_range',
      'filemap_fdatawrite',
      'filemap_fdatawrite_range',
      'filemap_fdatawait',
      'filemap_fdatawait_range',
      'filemap_flush',
      'file_write_and_wait_range',
      'sync_inode_metadata',
      'write_inode_now',
      'truncate_inode_pages',
      'truncate_inode_pages_range',
      'truncate_inode_pages_final',
      'truncate_pagecache',
      'truncate_pagecache_range',
      'truncate_setsize',
      'invalidate_inode_pages2',
      'invalidate_inode_pages2_range',
      'unmap_mapping_range',
      'unmap_mapping_pages',
      'unmap_mapping_folio',
      'invalidate_mapping_pages',
      'balance_dirty_pages_ratelimited',
      'migrate_pages',
      'split_folio',
      'split_huge_page',
      'lru_add_drain_all',
    ],
    [],
    { sleeps: 'yes' },
  ),
  // It locks the folio before anybody can find it, and unlocks it where it could not be added.
  c.fn(
    'filemap_add_folio',
    [
      { when: 'zero', effects: [acquire('arg1', 'folio', 'W', { trylock: true })] },
      { when: 'negative', effects: [] },
    ],
    { sleeps: { gfp: 3 } },
  ),
  // These I/O helpers hand the locked folio on: its lock ends with the read or the write.
  ...family('include/linux/buffer_head.h').each(['block_read_full_folio', 'mpage_read_folio'], always(give), {
    sleeps: 'yes',
  }),
  ...family('include/linux/buffer_head.h').each(
    ['block_write_full_folio', '__block_write_full_folio'],
    always(give),
    { sleeps: 'yes' },
  ),
  ...family('include/linux/iomap.h').each(['netfs_read_folio'], always(release('arg1', 'folio')), {
    sleeps: 'yes',
  }),

  // The filler unlocks the folio, at once or when the read is done.
  c.fn('filemap_read_folio', always(release('arg2', 'folio')), { sleeps: 'yes' }),
  family('mm/page_io.c').fn('swap_read_folio', always(give), { sleeps: 'yes' }),
  // Each call gives the next folio of the window, locked by whoever put it there.
  ...h.each(['readahead_folio', '__readahead_folio'], onPointer(), { sleeps: 'no' }),
  // Where nothing is to be allocated, a hole is left as NULL.
  ...family('include/linux/shmem_fs.h').each(
    ['shmem_get_folio', 'shmem_get_folio_gfp'],
    [
      { when: 'zero', effects: [set('*arg3', 'pointer'), acquire('*arg3', 'folio')] },
      ...['SGP_READ', 'SGP_NOALLOC'].map((mode) => ({
        when: 'zero' as const,
        given: [{ operand: 'arg4', is: { equals: mode } }],
        effects: [set('*arg3', 'null')],
      })),
      { when: 'negative', effects: [] },
    ],
    { sleeps: 'yes', mustCheck: true },
  ),
  // write_begin leaves the folio locked for write_end.
  family('include/linux/buffer_head.h').fn(
    'block_write_begin',
    onZero(set('*arg3', 'pointer'), acquire('*arg3', 'folio')),
    {
      sleeps: 'yes',
      mustCheck: true,
    },
  ),
  family('include/linux/fs.h').fn(
    'simple_write_begin',
    onZero(set('*arg4', 'pointer'), acquire('*arg4', 'folio')),
    {
      sleeps: 'yes',
      mustCheck: true,
    },
  ),
  ...family('include/linux/buffer_head.h').each(['generic_write_end'], always(release('arg5', 'folio')), {
    sleeps: 'yes',
  }),
  family('include/linux/iomap.h').fn('iomap_get_folio', onPointerOrError(found, reference), {
    sleeps: 'yes',
    mustCheck: true,
  }),

  ...lruvec({ until: '7.1' }, false),
  ...lruvec({ from: '7.1' }, true),
  // The cluster's lock is taken whatever the folio, and never fails.
  ...family('mm/swap.h').each(
    ['swap_cluster_get_and_lock', 'swap_cluster_lock'],
    always(acquire('result.lock', 'spinlock')),
    { sleeps: 'no', value: { value: 'valid' } },
  ),
  family('mm/swap.h').fn(
    'swap_cluster_get_and_lock_irq',
    always(maskIrq, acquire('result.lock', 'spinlock')),
    {
      sleeps: 'no',
      value: { value: 'valid' },
    },
  ),
  family('mm/swap.h').fn('swap_cluster_unlock', always(release('arg0.lock', 'spinlock')), quiet),
  family('mm/swap.h').fn(
    'swap_cluster_unlock_irq',
    always(release('arg0.lock', 'spinlock'), unmaskIrq),
    quiet,
  ),
  // It unlocks the page table before it waits.
  ...family('include/linux/migrate.h').each(
    ['softleaf_entry_wait_on_locked', 'migration_entry_wait_on_locked'],
    always(release('arg1', 'ptl')),
    {},
  ),
  ...family('include/linux/swap.h').each(
    ['folio_add_lru', 'lru_add_drain', 'folio_mark_accessed', 'folio_isolate_lru', 'folio_putback_lru'],
    [],
    { sleeps: 'no' },
  ),
  ...memcgH.each(['folio_memcg_lock', 'lock_page_memcg'], always(rcuEnter), { ...quiet, until: '6.13' }),
  ...memcgH.each(['folio_memcg_unlock', 'unlock_page_memcg'], always(rcuLeave), { ...quiet, until: '6.13' }),
];
