/** Page-table locks, and the walks over page tables. */
import { ANY_MODE, acquire, always, family, held, oneOf, onPointer, release, set } from './build.ts';
import type { Contract, Given, Mode, Need } from './contract.ts';

const mmH = family('include/linux/mm.h');
const genericC = family('mm/pgtable-generic.c');
const hugeH = family('include/linux/huge_mm.h');
const hugetlbH = family('include/linux/hugetlb.h');
const walkH = family('include/linux/pagewalk.h');

const enterRcu = acquire('@rcu', 'rcu', 'R');
const leaveRcu = release('@rcu', 'rcu', 'R');
const quiet = { sleeps: 'no' } as const;
const conditional = { sleeps: 'no', mustCheck: true } as const;

const walkGiven = (name: string): readonly Given[] => [{ operand: 'arg3->walk_lock', is: { equals: name } }];
const rangeGiven = (argument: number, name: string): readonly Given[] => [
  { operand: `arg${argument}->walk_lock`, is: { equals: name } },
];
const notUnderRcu: Need = {
  need: 'not-held',
  lock: '@rcu',
  kind: 'rcu',
  modes: ['R'],
  because: 'a page walk may sleep: its callbacks allocate, split and fault',
};
const mmapFor = (lock: string, modes: readonly Mode[], given: readonly Given[]): Need =>
  held(lock, 'mmap', modes, 'the walk_lock of its operations asks for it', given);
const stableFor = (lock: string, modes: readonly Mode[], given: readonly Given[]): Need =>
  held(lock, 'vma', modes, 'the walk_lock of its operations asks for it', given);

/** What a member of a table of operations is that its initialiser leaves out: the enumerator that is 0. */
export const OMITTED_MEMBERS: ReadonlyMap<string, string> = new Map([['walk_lock', 'PGWALK_RDLOCK']]);

/** What a walk of one VMA needs, by its operations' `walk_lock`. */
const vmaWalk = (ops: number): readonly Need[] => [
  mmapFor('arg0->vm_mm.mmap_lock', ANY_MODE, rangeGiven(ops, 'PGWALK_RDLOCK')),
  mmapFor('arg0->vm_mm.mmap_lock', ['W'], rangeGiven(ops, 'PGWALK_WRLOCK')),
  stableFor('arg0.vma_lock', ['W'], rangeGiven(ops, 'PGWALK_WRLOCK_VERIFY')),
  stableFor('arg0.vma_lock', ['R', 'W'], rangeGiven(ops, 'PGWALK_VMA_RDLOCK_VERIFY')),
  notUnderRcu,
];

export const pagetable: readonly Contract[] = [
  ...genericC.each(
    ['pte_offset_map_lock', '__pte_offset_map_lock'],
    onPointer(set('*arg3', 'pointer'), enterRcu, acquire('*arg3', 'ptl')),
    conditional,
  ),
  mmH.fn('pte_alloc_map_lock', onPointer(set('*arg3', 'pointer'), enterRcu, acquire('*arg3', 'ptl')), {
    sleeps: 'yes',
    mustCheck: true,
  }),
  mmH.fn('pte_alloc_map', onPointer(enterRcu), { sleeps: 'yes', mustCheck: true }),
  mmH.plain('pte_alloc', { sleeps: 'yes' }),
  mmH.fn('pte_unmap_unlock', always(release('arg1', 'ptl'), leaveRcu), quiet),
  ...mmH.each(['pte_offset_map', '__pte_offset_map'], onPointer(enterRcu), conditional),
  genericC.fn('pte_offset_map_ro_nolock', onPointer(set('*arg3', 'pointer'), enterRcu), {
    ...conditional,
    from: '6.13',
  }),
  genericC.fn('pte_offset_map_rw_nolock', onPointer(set('*arg4', 'pointer'), enterRcu), {
    ...conditional,
    from: '6.13',
  }),
  genericC.fn('pte_offset_map_nolock', onPointer(set('*arg3', 'pointer'), enterRcu), {
    ...conditional,
    until: '6.14',
  }),
  family('include/linux/pgtable.h').fn('pte_unmap', always(leaveRcu), quiet),
  family('include/linux/pgtable.h').plain('pte_offset_kernel', quiet),
  // The lock is the result itself.
  mmH.fn('pmd_lock', always(acquire('result', 'ptl')), { ...quiet, value: { value: 'valid' } }),
  mmH.fn('pud_lock', always(acquire('result', 'ptl')), { ...quiet, value: { value: 'valid' } }),
  hugetlbH.fn('huge_pte_lock', always(acquire('result', 'ptl')), { ...quiet, value: { value: 'valid' } }),
  ...hugeH.each(
    ['pmd_trans_huge_lock', '__pmd_trans_huge_lock', 'pud_trans_huge_lock', '__pud_trans_huge_lock'],
    onPointer(acquire('result', 'ptl')),
    conditional,
  ),
  ...family('include/linux/pgtable.h').each(['pmd_alloc', 'pud_alloc', 'p4d_alloc', '__pte_alloc'], [], {
    sleeps: 'yes',
  }),

  walkH.fn('folio_walk_start', onPointer(acquire('arg0->ptl', 'ptl')), {
    sleeps: 'yes',
    dereferences: [0, 1],
    mustCheck: true,
    needs: [
      held('arg1->vm_mm.mmap_lock', 'mmap', ANY_MODE, 'the page tables may be freed but for the mmap_lock', [
        { operand: 'arg3', is: { noBits: ['FW_VMA_LOCKED'] } },
      ]),
      oneOf(
        [
          ['arg1->vm_mm.mmap_lock', 'mmap', ANY_MODE],
          ['arg1.vma_lock', 'vma', ['R', 'W']],
        ],
        'the page tables may be freed but for the mmap_lock or the VMA lock',
      ),
    ],
  }),
  walkH.fn('folio_walk_end', always(release('arg0->ptl', 'ptl')), { sleeps: 'no', dereferences: [0] }),
  walkH.plain('walk_page_range', {
    sleeps: 'yes',
    dereferences: [0, 3],
    needs: [
      mmapFor('arg0.mmap_lock', ANY_MODE, walkGiven('PGWALK_RDLOCK')),
      mmapFor('arg0.mmap_lock', ['W'], walkGiven('PGWALK_WRLOCK')),
      mmapFor('arg0.mmap_lock', ['W'], walkGiven('PGWALK_WRLOCK_VERIFY')),
      // A range may span several VMAs, which one VMA lock does not keep.
      notUnderRcu,
    ],
  }),
  walkH.plain('walk_page_range_vma', { sleeps: 'yes', dereferences: [0, 3], needs: vmaWalk(3) }),
  walkH.plain('walk_page_vma', { sleeps: 'yes', dereferences: [0, 1], needs: vmaWalk(1) }),
  walkH.plain('walk_page_mapping', { sleeps: 'yes', dereferences: [0], needs: [notUnderRcu] }),
  ...walkH.each(['walk_kernel_page_table_range', 'walk_page_range_novma', 'walk_page_range_debug'], [], {
    sleeps: 'yes',
  }),

  hugetlbH.fn('hugetlb_vma_lock_read', always(acquire('arg0.hugetlb_lock', 'rwsem', 'R')), {
    sleeps: 'yes',
    dereferences: [0],
  }),
  hugetlbH.fn('hugetlb_vma_unlock_read', always(release('arg0.hugetlb_lock', 'rwsem', 'R')), {
    sleeps: 'no',
    dereferences: [0],
  }),
  hugetlbH.fn('hugetlb_vma_lock_write', always(acquire('arg0.hugetlb_lock', 'rwsem', 'W')), {
    sleeps: 'yes',
    dereferences: [0],
  }),
  hugetlbH.fn('hugetlb_vma_unlock_write', always(release('arg0.hugetlb_lock', 'rwsem', 'W')), {
    sleeps: 'no',
    dereferences: [0],
  }),
  hugetlbH.fn(
    'hugetlb_vma_trylock_write',
    [
      { when: 'true', effects: [acquire('arg0.hugetlb_lock', 'rwsem', 'W', { trylock: true })] },
      { when: 'false', effects: [] },
    ],
    { sleeps: 'no', dereferences: [0], mustCheck: true },
  ),
  // Only a hugetlb VMA has anything to lock; both ends look at the same VMA.
  mmH.fn('vma_pgtable_walk_begin', always(acquire('arg0.hugetlb_lock', 'rwsem', 'R')), {
    sleeps: 'yes',
    dereferences: [0],
  }),
  mmH.fn('vma_pgtable_walk_end', always(release('arg0.hugetlb_lock', 'rwsem', 'R')), {
    sleeps: 'no',
    dereferences: [0],
  }),
];
