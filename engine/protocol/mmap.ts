/** `mmap_lock`: the address space's lock, its sequence count, and the functions that hand it over or drop it. */
import {
  ANY_MODE,
  acquire,
  always,
  family,
  held,
  notHeld,
  oneOf,
  onPointer,
  onTrue,
  onZero,
  release,
  set,
} from './build.ts';
import type { Contract, Effect, Mode, Need } from './contract.ts';

const h = family('include/linux/mmap_lock.h');
const faults = family('mm/mmap_lock.c, mm/mmap.c');
const gup = family('mm/gup.c');
const order = 'Documentation/mm/process_addrs.rst';

export const MMAP = 'arg0.mmap_lock';
const takeRead = acquire(MMAP, 'mmap', 'R');
const takeWrite = acquire(MMAP, 'mmap', 'W');
const tryRead = acquire(MMAP, 'mmap', 'R', { trylock: true });
const giveRead = release(MMAP, 'mmap', 'R');
const dropVmaWrites: Effect = { op: 'release-all', kind: 'vma', mode: 'W', of: 'arg0' };
const giveWrite: readonly Effect[] = [dropVmaWrites, release(MMAP, 'mmap', 'W')];

const self = (modes: readonly Mode[]): Need =>
  notHeld(MMAP, 'mmap', modes, 'this task holds the mmap_lock of this mm already and would wait for itself');
const noVmaRead: Need = notHeld(
  'arg0.*',
  'vma',
  ['R'],
  'a writer that holds the mmap_lock waits for the readers of its VMAs: with a VMA read lock held, the two wait for each other',
);
const writing = { sleeps: 'yes', dereferences: [0], needs: [self(ANY_MODE), noVmaRead] } as const;
const reading = { sleeps: 'yes', dereferences: [0], needs: [self(['R', 'W', 'D']), noVmaRead] } as const;
const needsWrite = held(MMAP, 'mmap', ['W'], 'it gives up the mmap_lock held for writing');
const needsRead = held(MMAP, 'mmap', ['R', 'D'], 'it gives up the mmap_lock held for reading');

/** The address-space lookups drop the lock for the time of a fault where the caller passed `&locked`. */
function mayUnlock(argument: number, lock: string): Contract['outcomes'] {
  const locked = `arg${argument}`;
  return [
    { when: 'any', given: [{ operand: locked, is: 'zero' }], effects: [] },
    { when: 'any', given: [{ operand: locked, is: 'nonzero' }], effects: [] },
    {
      when: 'any',
      given: [{ operand: locked, is: 'nonzero' }],
      effects: [release(lock, 'mmap', 'R'), set(`*${locked}`, 'zero')],
    },
  ];
}

function unlocksOnSuccess(mm: number, unlock: number): Contract['outcomes'] {
  const given = (is: 'zero' | 'nonzero') => [{ operand: `arg${unlock}`, is }] as const;
  return [
    {
      when: 'zero',
      given: given('nonzero'),
      effects: [
        { op: 'release-all', kind: 'vma', mode: 'W', of: `arg${mm}` },
        release(`arg${mm}.mmap_lock`, 'mmap', 'any'),
      ],
    },
    { when: 'zero', given: given('zero'), effects: [] },
    { when: 'negative', effects: [] },
  ];
}

const heldRead = (lock: string) =>
  held(lock, 'mmap', ANY_MODE, 'it walks the page tables and VMAs of that mm and faults pages in');

export const mmap: readonly Contract[] = [
  h.fn('mmap_write_lock', always(takeWrite), writing),
  // The nested form is for a second mm.
  h.fn('mmap_write_lock_nested', always(acquire(MMAP, 'mmap', 'W', { nested: true })), writing),
  h.fn('mmap_write_lock_killable', onZero(takeWrite), { ...writing, mustCheck: true }),
  h.fn('mmap_write_trylock', onTrue(acquire(MMAP, 'mmap', 'W', { trylock: true })), {
    sleeps: 'no',
    dereferences: [0],
    mustCheck: true,
    until: '6.13',
  }),
  h.fn('mmap_write_unlock', always(...giveWrite), { sleeps: 'no', dereferences: [0], needs: [needsWrite] }),
  h.fn('mmap_write_downgrade', always(dropVmaWrites, { op: 'downgrade', lock: MMAP, kind: 'mmap' }), {
    sleeps: 'no',
    dereferences: [0],
    needs: [needsWrite],
  }),
  h.fn('mmap_read_lock', always(takeRead), reading),
  h.fn('mmap_read_lock_killable', onZero(takeRead), { ...reading, mustCheck: true }),
  h.fn('mmap_read_trylock', onTrue(tryRead), { sleeps: 'no', dereferences: [0], mustCheck: true }),
  h.fn('mmap_read_unlock', always(giveRead), {
    sleeps: 'no',
    dereferences: [0],
    needs: [needsRead],
  }),
  // For a lock that another task took and handed over.
  h.fn('mmap_read_unlock_non_owner', always(giveRead), { sleeps: 'no', dereferences: [0] }),
  // It releases the lock here, or hands it to interrupt work that will.
  family('kernel/bpf/mmap_unlock_work.h').fn(
    'bpf_mmap_unlock_mm',
    always(release('arg1.mmap_lock', 'mmap', 'R')),
    { sleeps: 'no', dereferences: [1] },
  ),
  h.guard('mmap_read_lock', [takeRead], [giveRead], reading),
  h.condGuard('mmap_read_lock_try', [tryRead], [giveRead], { sleeps: 'no', dereferences: [0] }),
  h.guard('mmap_write_lock', [takeWrite], giveWrite, writing),
  h.fn('vma_end_write_all', always(dropVmaWrites), {
    sleeps: 'no',
    dereferences: [0],
    needs: [held(MMAP, 'mmap', ['W'], 'it ends every VMA write lock of that mm')],
  }),
  ...h.each(['mmap_lock_is_contended', 'mmap_init_lock'], [], { sleeps: 'no', dereferences: [0] }),

  // No lock is taken: the sequence says whether a writer came in between.
  h.fn('mmap_lock_speculate_try_begin', onTrue(acquire(MMAP, 'speculation', 'R')), {
    sleeps: 'no',
    dereferences: [0],
    from: '6.15',
    config: { CONFIG_PER_VMA_LOCK: 'y' },
  }),
  h.fn('mmap_lock_speculate_try_begin', [], {
    sleeps: 'no',
    from: '6.15',
    config: { CONFIG_PER_VMA_LOCK: 'n' },
    value: { value: 'constant', constant: 0 },
  }),
  h.fn('mmap_lock_speculate_retry', always(release(MMAP, 'speculation')), {
    sleeps: 'no',
    dereferences: [0],
    from: '6.15',
    config: { CONFIG_PER_VMA_LOCK: 'y' },
  }),
  h.fn('mmap_lock_speculate_retry', [], {
    sleeps: 'no',
    from: '6.15',
    config: { CONFIG_PER_VMA_LOCK: 'n' },
    value: { value: 'constant', constant: 1 },
  }),

  h.fn('mmap_assert_locked', [], {
    sleeps: 'no',
    assertion: true,
    dereferences: [0],
    needs: [held(MMAP, 'mmap', ANY_MODE, 'it asserts that the mmap_lock is held')],
  }),
  h.fn('mmap_assert_write_locked', [], {
    sleeps: 'no',
    assertion: true,
    dereferences: [0],
    needs: [held(MMAP, 'mmap', ['W'], 'it asserts that the mmap_lock is held for writing')],
  }),

  faults.fn('lock_mm_and_find_vma', onPointer(takeRead), {
    sleeps: 'yes',
    dereferences: [0],
    needs: [self(ANY_MODE), noVmaRead],
    mustCheck: true,
    lifetimes: [{ life: 'protects', pointer: 'result', by: [{ lock: MMAP, kind: 'mmap' }] }],
  }),
  faults.fn(
    'expand_stack',
    [
      { when: 'pointer', effects: [{ op: 'retake', lock: MMAP, kind: 'mmap' }] },
      { when: 'null', effects: [giveRead] },
    ],
    {
      sleeps: 'yes',
      dereferences: [0],
      mustCheck: true,
      needs: [
        held(MMAP, 'mmap', ['R', 'D'], 'it drops the mmap_lock held for reading and takes it for writing'),
      ],
      lifetimes: [{ life: 'protects', pointer: 'result', by: [{ lock: MMAP, kind: 'mmap' }] }],
    },
  ),
  faults.fn('expand_stack_locked', [], {
    sleeps: 'yes',
    dereferences: [0],
    needs: [held('arg0->vm_mm.mmap_lock', 'mmap', ['W'], 'it changes the bounds of a VMA')],
  }),
  faults.fn('find_extend_vma_locked', [], {
    sleeps: 'yes',
    dereferences: [0],
    needs: [held(MMAP, 'mmap', ['W'], 'it may change the bounds of a VMA')],
    lifetimes: [{ life: 'protects', pointer: 'result', by: [{ lock: MMAP, kind: 'mmap' }] }],
  }),

  ...gup.each(['get_user_pages_remote', 'pin_user_pages_remote'], mayUnlock(5, MMAP), {
    sleeps: 'yes',
    dereferences: [0],
    needs: [heldRead(MMAP)],
  }),
  gup.fn('populate_vma_page_range', mayUnlock(3, 'arg0->vm_mm.mmap_lock'), {
    sleeps: 'yes',
    dereferences: [0],
    needs: [heldRead('arg0->vm_mm.mmap_lock')],
  }),
  gup.fn('faultin_page_range', mayUnlock(4, MMAP), {
    sleeps: 'yes',
    dereferences: [0],
    needs: [heldRead(MMAP)],
  }),
  gup.plain('get_user_page_vma_remote', { sleeps: 'yes', dereferences: [0], needs: [heldRead(MMAP)] }),
  ...gup.each(['get_user_pages', 'pin_user_pages'], [], {
    sleeps: 'yes',
    needs: [heldRead('current->mm.mmap_lock')],
  }),
  ...gup.each(
    [
      'get_user_pages_unlocked',
      'pin_user_pages_unlocked',
      'get_user_pages_fast',
      'pin_user_pages_fast',
      'get_user_page_fast',
      'fault_in_safe_writeable',
    ],
    [],
    { sleeps: 'yes', faults: true },
  ),
  ...gup.each(['get_user_pages_fast_only', 'get_user_page_fast_only'], [], { sleeps: 'no' }),
  gup.fn(
    'fixup_user_fault',
    [
      { when: 'any', given: [{ operand: 'arg3', is: 'zero' }], effects: [] },
      {
        when: 'any',
        given: [{ operand: 'arg3', is: 'nonzero' }],
        effects: [{ op: 'retake', lock: MMAP, kind: 'mmap' }],
      },
    ],
    { sleeps: 'yes', dereferences: [0], needs: [heldRead(MMAP)] },
  ),
  ...family('mm/memory.c').each(['access_remote_vm', '__access_remote_vm', 'copy_remote_vm_str'], [], {
    sleeps: 'yes',
    needs: [notHeld(MMAP, 'mmap', ANY_MODE, 'it takes the mmap_lock of that mm itself'), noVmaRead],
  }),
  family('mm/memory.c').plain('access_process_vm', { sleeps: 'yes' }),
  family('include/linux/uaccess.h').plain('untagged_addr_remote', {
    sleeps: 'no',
    dereferences: [0],
    needs: [
      held(MMAP, 'mmap', ANY_MODE, 'the untagging mask of another mm may change but under its mmap_lock'),
    ],
    value: { value: 'argument', index: 1 },
  }),
  ...family('mm/mmap.c').each(['do_mmap', 'mmap_region'], [], {
    sleeps: 'yes',
    needs: [held('current->mm.mmap_lock', 'mmap', ['W'], 'it changes the address space')],
  }),
  ...family('mm/mmap.c').each(
    ['vm_mmap', 'vm_munmap', 'vm_mmap_pgoff', 'vm_brk_flags', '__mm_populate'],
    [],
    {
      sleeps: 'yes',
      needs: [
        notHeld('current->mm.mmap_lock', 'mmap', ANY_MODE, 'it takes the mmap_lock of the current mm itself'),
      ],
    },
  ),
  // With `unlock`, success gives up the lock that failure keeps.
  family('mm/vma.c').fn('do_vmi_align_munmap', unlocksOnSuccess(2, 6), { sleeps: 'yes' }),
  family('mm/vma.c').fn('do_vmi_munmap', unlocksOnSuccess(1, 5), { sleeps: 'yes' }),
  // What it locks of the mappings on both sides of a change is in the structure.
  family('mm/vma.c').fn('vma_prepare', always(acquire('arg0.prepared', 'rwsem', 'W')), {
    sleeps: 'yes',
    dereferences: [0],
  }),
  family('mm/vma.c').fn('vma_complete', always(release('arg0.prepared', 'rwsem', 'W')), {
    sleeps: 'yes',
    dereferences: [0],
  }),
  family('mm/mmap.c').plain('do_munmap', {
    sleeps: 'yes',
    needs: [held(MMAP, 'mmap', ['W'], 'it changes the address space')],
  }),
  family(order).plain('insert_vm_struct', {
    sleeps: 'yes',
    needs: [held(MMAP, 'mmap', ['W'], 'it adds a VMA to the tree')],
  }),
  family('mm/mmap.c').plain('get_unmapped_area', {
    sleeps: 'yes',
    needs: [held('current->mm.mmap_lock', 'mmap', ANY_MODE, 'it searches the tree for a gap')],
  }),
  family('mm/madvise.c').plain('madvise_set_anon_name', {
    sleeps: 'yes',
    needs: [notHeld(MMAP, 'mmap', ANY_MODE, 'it takes the mmap_lock itself')],
  }),
  ...family('mm/memory.c').each(
    ['remap_pfn_range', 'io_remap_pfn_range', 'vm_insert_page', 'vm_insert_pages', 'vm_map_pages'],
    [],
    {
      sleeps: 'yes',
      dereferences: [0],
    },
  ),
  family('mm/memory.c').plain('zap_page_range_single', {
    sleeps: 'yes',
    needs: [
      oneOf(
        [
          ['arg0->vm_mm.mmap_lock', 'mmap', ANY_MODE],
          ['arg0.vma_lock', 'vma', ['R', 'W']],
          ['any', 'rwsem', ANY_MODE],
        ],
        'the VMA must not be freed while its page tables are walked',
      ),
    ],
  }),
];
