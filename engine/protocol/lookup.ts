/** Looking up a VMA: what must be held, and for how long what was found may be used. */
import { ANY_MODE, family, held, oneOf } from './build.ts';
import type { Contract, Lifetime, LockRef, Need } from './contract.ts';

const mmH = family('include/linux/mm.h');
const mmC = family('mm/mmap.c');
const maple = family('include/linux/maple_tree.h');

const found = (lock: LockRef): Lifetime => ({
  life: 'protects',
  pointer: 'result',
  by: [
    { lock, kind: 'mmap' },
    { lock: 'result.vma_lock', kind: 'vma' },
    { lock: '@rcu', kind: 'rcu' },
  ],
});
const inTree = (lock: LockRef): Need =>
  oneOf(
    [
      [lock, 'mmap', ANY_MODE],
      ['@rcu', 'rcu', ['R']],
    ],
    'the VMA tree may change, and what is found in it may be freed',
  );
const locked = held(
  'arg0.mmap_lock',
  'mmap',
  ANY_MODE,
  'it asserts that the mmap_lock is held: what it finds is not kept by anything else',
);
const underMmap: Lifetime = {
  life: 'protects',
  pointer: 'result',
  by: [{ lock: 'arg0.mmap_lock', kind: 'mmap' }],
};

/** Where an iterator stands in the tree is where it was under the lock; behind a drop it must be set anew. */
const standing: Lifetime = {
  life: 'iterates',
  pointer: 'arg0',
  by: [
    { lock: 'any', kind: 'mmap' },
    { lock: '@rcu', kind: 'rcu' },
  ],
};
/** Other trees have their own lock, which the iterator does not name. */
const standingAnywhere: Lifetime = { ...standing, by: [...standing.by, { lock: 'any', kind: 'spinlock' }] };
const renewed: Lifetime = { life: 'renews', pointer: 'arg0' };

/** Where only the iterator is at hand, the mm is not named; trees that are not in use yet need no lock. */
const iterating = { sleeps: 'no', dereferences: [0], lifetimes: [found('any'), standing] } as const;

export const lookup: readonly Contract[] = [
  ...mmC.each(['find_vma', 'find_vma_intersection'], [], {
    sleeps: 'no',
    dereferences: [0],
    needs: [locked],
    lifetimes: [underMmap],
  }),
  ...mmH.each(['vma_lookup', 'find_exact_vma', 'find_vma_prev'], [], {
    sleeps: 'no',
    dereferences: [0],
    needs: [inTree('arg0.mmap_lock')],
    lifetimes: [found('arg0.mmap_lock')],
  }),
  mmC.plain('find_extend_vma', {
    sleeps: 'yes',
    dereferences: [0],
    needs: [locked],
    lifetimes: [underMmap],
  }),
  ...mmH.each(
    ['vma_next', 'vma_prev', 'vma_find', 'vma_iter_load', 'vma_iter_next_range', 'vma_iter_prev_range'],
    [],
    iterating,
  ),
  ...maple.each(
    [
      'mas_walk',
      'mas_find',
      'mas_find_rev',
      'mas_find_range',
      'mas_next',
      'mas_next_range',
      'mas_prev',
      'mas_prev_range',
    ],
    [],
    { sleeps: 'no', lifetimes: [standingAnywhere] },
  ),
  ...maple.each(['mt_find', 'mt_find_after', 'mtree_load', 'mt_next', 'mt_prev'], [], { sleeps: 'no' }),
  // These only set the iterator, so that it may be used again after the lock was dropped.
  ...mmH.each(['vma_iter_init', 'vma_iter_set', 'vma_iter_invalidate'], [], {
    sleeps: 'no',
    lifetimes: [renewed],
  }),
  ...mmH.each(['vma_iter_free', 'vma_iter_addr', 'vma_iter_end'], [], { sleeps: 'no' }),
  ...maple.each(['mas_set', 'mas_set_range', 'mas_reset', 'mas_pause', 'mas_init'], [], {
    sleeps: 'no',
    lifetimes: [renewed],
  }),
  ...maple.each(['mas_destroy', 'mas_is_none'], [], { sleeps: 'no' }),
  // The gate VMA belongs to no mm and is never freed.
  family('include/linux/mm.h').plain('get_gate_vma', { sleeps: 'no' }),
];
