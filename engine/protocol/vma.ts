/** The per-VMA lock, in the forms it has had since 6.4, and what is done under it. */
import {
  ANY_MODE,
  acquire,
  always,
  family,
  held,
  notHeld,
  on,
  oneOf,
  onPointer,
  onPointerOrError,
  onTrue,
  onZero,
  release,
} from './build.ts';
import type { Contract, Effect, Lifetime, Mode, Need } from './contract.ts';
import { FLAG_GROUPS } from './flag-groups.ts';

const h = family('include/linux/mmap_lock.h');
const c = family('mm/mmap_lock.c');
const old = family('include/linux/mm.h (6.12)');
const mmH = family('include/linux/mm.h');

const readResult = acquire('result.vma_lock', 'vma', 'R');
const readArg = acquire('arg0.vma_lock', 'vma', 'R');
const giveRead = release('arg0.vma_lock', 'vma', 'R');
const ON = { CONFIG_PER_VMA_LOCK: 'y' } as const;
const OFF = { CONFIG_PER_VMA_LOCK: 'n' } as const;

const underRcu = held('@rcu', 'rcu', ['R'], 'the VMA may be freed at any time but for the RCU read section');
const mmapOfVma = (modes: readonly Mode[], because: string): Need =>
  held('arg0->vm_mm.mmap_lock', 'mmap', modes, because);
const resultStable: Lifetime = {
  life: 'protects',
  pointer: 'result',
  by: [
    { lock: 'result.vma_lock', kind: 'vma' },
    { lock: 'any', kind: 'mmap' },
  ],
};
const ended: Lifetime = {
  life: 'ends',
  pointer: 'arg0',
  because: 'its read lock is given back, so that it may be detached and freed',
  unless: [{ lock: 'any', kind: 'mmap' }],
};
const neverFree = [
  notHeld('arg0.mmap_lock', 'mmap', ANY_MODE, 'it may take the mmap_lock of that mm itself'),
  notHeld('arg0.*', 'vma', ['R'], 'it may wait for the mmap_lock, whose writer may wait for this VMA reader'),
] as const;

const writeNeeds: readonly Need[] = [
  mmapOfVma(
    ['W'],
    'a VMA is write-locked until the mmap_lock is released or downgraded, so that must be held for writing',
  ),
  notHeld(
    'arg0.vma_lock',
    'vma',
    ['R'],
    'it waits until the readers of this VMA are gone, this task included',
  ),
];
const takeWrite = acquire('arg0.vma_lock', 'vma', 'W', { nested: true });
const writeOrMmap = held('arg0.vma_lock', 'vma', ['W'], 'it asserts that the VMA is write-locked');
const readOrWrite = held(
  'arg0.vma_lock',
  'vma',
  ['R', 'W'],
  'it asserts that the VMA lock is held: the mmap_lock does not count',
);
const stable: Need = oneOf(
  [
    ['arg0->vm_mm.mmap_lock', 'mmap', ANY_MODE],
    ['arg0.vma_lock', 'vma', ['R', 'W']],
  ],
  'the VMA must be kept from changing by the mmap_lock or its own lock',
);
const assertion = { assertion: true, sleeps: 'no', dereferences: [0] } as const;

const byFlag = (flag: 'bits' | 'noBits') =>
  [
    {
      operand: 'arg0->flags',
      is: flag === 'bits' ? { bits: ['FAULT_FLAG_VMA_LOCK'] } : { noBits: ['FAULT_FLAG_VMA_LOCK'] },
    },
  ] as const;
const HANDLES_VMA_LOCK = [{ operand: 'arg2', is: { bits: ['FAULT_FLAG_VMA_LOCK'] } }] as const;
/** Who does not allow a retry, or may not wait for it, keeps the lock whatever happens. */
const HANDLES_MMAP_LOCK = [
  { operand: 'arg2', is: { noBits: ['FAULT_FLAG_VMA_LOCK'] } },
  { operand: 'arg2', is: { noBits: ['FAULT_FLAG_RETRY_NOWAIT'] } },
  { operand: 'arg2', is: { bits: ['FAULT_FLAG_ALLOW_RETRY', 'FAULT_FLAG_DEFAULT'] } },
] as const;
const HANDLES_AT_ONCE = [
  { operand: 'arg2', is: { noBits: ['FAULT_FLAG_VMA_LOCK'] } },
  { operand: 'arg2', is: { bits: ['FAULT_FLAG_RETRY_NOWAIT'] } },
] as const;
/** A fault that let go of the lock is no failed one: mm/gup.c and the handlers of the architectures rest on it. */
const FAULT_RELEASED = {
  bits: ['VM_FAULT_RETRY', 'VM_FAULT_COMPLETED'],
  without: FLAG_GROUPS.get('VM_FAULT_ERROR')!,
} as const;
const FAULT_HELD = { noBits: ['VM_FAULT_RETRY', 'VM_FAULT_COMPLETED'] } as const;
const releaseFaultVma: Effect = release('arg0->vma.vma_lock', 'vma', 'R');
const releaseFaultMmap: Effect = release('arg0->vma->vm_mm.mmap_lock', 'mmap', 'R');

export const vma: readonly Contract[] = [
  // 6.4 to 6.14: an rwsem, and a plain bool.
  old.fn('vma_start_read', onTrue({ ...readArg, trylock: true } as Effect), {
    until: '6.15',
    sleeps: 'no',
    dereferences: [0],
    mustCheck: true,
    config: ON,
  }),
  old.fn('vma_start_read', [], {
    until: '6.15',
    sleeps: 'no',
    config: OFF,
    value: { value: 'constant', constant: 0 },
  }),
  // 6.15 to 6.17: a reference count. RCU is kept whatever the result.
  c.fn(
    'vma_start_read',
    on('pointer', 'null-or-error', acquire('result.vma_lock', 'vma', 'R', { trylock: true })),
    {
      from: '6.15',
      until: '6.18',
      sleeps: 'no',
      dereferences: [0, 1],
      mustCheck: true,
      needs: [underRcu],
      lifetimes: [resultStable],
      config: ON,
    },
  ),
  // Since 6.18 a failure leaves the RCU read section as well.
  c.fn(
    'vma_start_read',
    [
      { when: 'pointer', effects: [acquire('result.vma_lock', 'vma', 'R', { trylock: true })] },
      { when: 'null', effects: [release('@rcu', 'rcu', 'R')] },
      { when: 'error', effects: [release('@rcu', 'rcu', 'R')] },
    ],
    {
      from: '6.18',
      sleeps: 'no',
      dereferences: [0, 1],
      mustCheck: true,
      needs: [underRcu],
      lifetimes: [resultStable],
      config: ON,
    },
  ),
  ...h.each(
    ['vma_start_read_locked', 'vma_start_read_locked_nested'],
    onTrue({ ...readArg, trylock: true } as Effect),
    {
      from: '6.15',
      sleeps: 'no',
      dereferences: [0],
      mustCheck: true,
      needs: [mmapOfVma(ANY_MODE, 'without a writer kept away it might be write-locked')],
      config: ON,
    },
  ),
  h.fn('vma_end_read', always(giveRead), {
    sleeps: 'no',
    dereferences: [0],
    lifetimes: [ended],
    config: ON,
  }),
  h.fn('vma_end_read', [], { sleeps: 'no', config: OFF }),
  h.fn('vma_refcount_put', always(giveRead), {
    from: '6.15',
    sleeps: 'no',
    dereferences: [0],
    lifetimes: [ended],
    config: ON,
  }),
  c.fn('lock_vma_under_rcu', onPointer(acquire('result.vma_lock', 'vma', 'R', { trylock: true })), {
    unlocked: 'vma_lookup',
    sleeps: 'no',
    dereferences: [0],
    mustCheck: true,
    lifetimes: [resultStable],
    config: ON,
  }),
  c.fn('lock_vma_under_rcu', [], {
    unlocked: 'vma_lookup',
    sleeps: 'no',
    config: OFF,
    value: { value: 'constant', constant: 0 },
  }),
  c.fn('lock_vma_under_rcu_wait', onPointer(readResult), {
    unlocked: 'vma_lookup',
    from: '7.0',
    sleeps: 'yes',
    dereferences: [0],
    mustCheck: true,
    needs: neverFree,
    lifetimes: [resultStable],
  }),
  c.fn(
    'lock_next_vma',
    [
      { when: 'pointer', effects: [readResult] },
      { when: 'null', effects: [] },
      { when: 'error', effects: [] },
    ],
    {
      from: '6.17',
      sleeps: 'yes',
      dereferences: [0, 1],
      mustCheck: true,
      needs: [underRcu, ...neverFree],
      lifetimes: [resultStable, { life: 'iterates', pointer: 'arg1', by: [{ lock: '@rcu', kind: 'rcu' }] }],
      config: ON,
    },
  ),

  h.fn('vma_start_write', always(takeWrite), {
    sleeps: 'yes',
    dereferences: [0],
    needs: writeNeeds,
    config: ON,
  }),
  h.fn('vma_start_write', [], { sleeps: 'no', config: OFF }),
  h.fn('vma_start_write_killable', onZero(takeWrite), {
    from: '6.18',
    sleeps: 'yes',
    dereferences: [0],
    mustCheck: true,
    needs: writeNeeds,
    config: ON,
  }),
  h.fn('vma_start_write_killable', [], {
    from: '6.18',
    sleeps: 'no',
    config: OFF,
    value: { value: 'constant', constant: 0 },
  }),
  c.fn('__vma_start_write', onZero(takeWrite), {
    from: '6.15',
    sleeps: 'yes',
    dereferences: [0],
    needs: writeNeeds,
    config: ON,
  }),
  h.fn('vma_mark_attached', [], {
    from: '6.15',
    sleeps: 'no',
    dereferences: [0],
    needs: [writeOrMmap],
    config: ON,
  }),
  h.fn('vma_mark_attached', [], { from: '6.15', sleeps: 'no', config: OFF }),
  // The argument says which way; attaching a new VMA needs no lock.
  old.fn('vma_mark_detached', [], {
    until: '6.15',
    sleeps: 'no',
    dereferences: [0],
    needs: [{ ...writeOrMmap, given: [{ operand: 'arg1', is: 'nonzero' }] }],
    config: ON,
  }),
  h.fn('vma_mark_detached', [], {
    from: '6.15',
    sleeps: 'yes',
    dereferences: [0],
    needs: [writeOrMmap],
    config: ON,
  }),
  h.fn('vma_mark_detached', [], { sleeps: 'no', config: OFF }),

  h.fn('vma_assert_write_locked', [], { ...assertion, needs: [writeOrMmap], config: ON }),
  h.fn('vma_assert_write_locked', [], {
    ...assertion,
    needs: [mmapOfVma(['W'], 'it asserts that the mmap_lock is held for writing')],
    config: OFF,
  }),
  h.fn('vma_assert_locked', [], { ...assertion, needs: [readOrWrite], config: ON }),
  h.fn('vma_assert_locked', [], {
    ...assertion,
    needs: [mmapOfVma(ANY_MODE, 'it asserts that the mmap_lock is held')],
    config: OFF,
  }),
  h.fn('vma_assert_stabilised', [], { ...assertion, from: '6.18', needs: [stable], config: ON }),
  h.fn('vma_assert_stabilised', [], {
    ...assertion,
    from: '6.18',
    needs: [mmapOfVma(ANY_MODE, 'it asserts that the mmap_lock is held')],
    config: OFF,
  }),
  ...h.each(['vma_assert_attached', 'vma_assert_detached'], [], { assertion: true, sleeps: 'no' }),
  ...h.each(['vma_lock_init', 'vma_is_attached'], [], { sleeps: 'no' }),

  ...mmH.each(['vm_flags_set', 'vm_flags_clear', 'vm_flags_mod'], always(takeWrite), {
    sleeps: 'yes',
    dereferences: [0],
    needs: writeNeeds,
    config: ON,
  }),
  ...mmH.each(['vm_flags_set', 'vm_flags_clear', 'vm_flags_mod'], [], {
    sleeps: 'no',
    dereferences: [0],
    config: OFF,
  }),
  ...mmH.each(['vm_flags_reset', 'vm_flags_reset_once'], [], {
    sleeps: 'no',
    dereferences: [0],
    needs: [
      held('arg0.vma_lock', 'vma', ['W'], 'the flags of a VMA in the tree change but under its write lock'),
    ],
    config: ON,
  }),
  // For a VMA that is not in the tree yet, so without a lock.
  ...mmH.each(['vm_flags_init', 'vma_init'], [], { sleeps: 'no', dereferences: [0] }),

  // Page faults: which lock is held is in the flags, and RETRY or COMPLETED says that it is gone.
  ...family('mm/memory.c').each(
    ['handle_mm_fault'],
    [
      { when: FAULT_RELEASED, given: HANDLES_VMA_LOCK, effects: [giveRead] },
      {
        when: FAULT_RELEASED,
        given: HANDLES_MMAP_LOCK,
        effects: [release('arg0->vm_mm.mmap_lock', 'mmap', 'R')],
      },
      {
        when: { bits: ['VM_FAULT_RETRY'], without: FLAG_GROUPS.get('VM_FAULT_ERROR')! },
        given: HANDLES_AT_ONCE,
        effects: [],
      },
      { when: FAULT_HELD, effects: [] },
    ],
    { sleeps: 'yes', dereferences: [0], needs: [stable], mustCheck: true },
  ),
  mmH.fn(
    'release_fault_lock',
    [
      { when: 'any', given: byFlag('bits'), effects: [releaseFaultVma] },
      { when: 'any', given: byFlag('noBits'), effects: [releaseFaultMmap] },
    ],
    { sleeps: 'no', dereferences: [0], config: ON },
  ),
  mmH.fn('release_fault_lock', always(releaseFaultMmap), { sleeps: 'no', dereferences: [0], config: OFF }),
  mmH.fn('assert_fault_locked', [], {
    ...assertion,
    needs: [
      oneOf(
        [
          ['arg0->vma.vma_lock', 'vma', ['R', 'W']],
          ['arg0->vma->vm_mm.mmap_lock', 'mmap', ANY_MODE],
        ],
        'it asserts that the lock of the fault is held',
      ),
    ],
  }),
  family('mm/memory.c').fn(
    'vmf_can_call_fault',
    [
      { when: { bits: ['VM_FAULT_RETRY'] }, given: byFlag('bits'), effects: [releaseFaultVma] },
      { when: 'zero', effects: [] },
    ],
    { sleeps: 'no', dereferences: [0], mustCheck: true },
  ),

  ...family('mm/userfaultfd.c').each(['uffd_lock_vma', 'uffd_mfill_lock'], onPointerOrError(readResult), {
    sleeps: 'yes',
    dereferences: [0],
    needs: neverFree,
    lifetimes: [resultStable],
    mustCheck: true,
    config: ON,
  }),
  family('mm/userfaultfd.c').fn('uffd_mfill_lock', onPointerOrError(acquire('arg0.mmap_lock', 'mmap', 'R')), {
    sleeps: 'yes',
    dereferences: [0],
    mustCheck: true,
    config: OFF,
  }),
  family('mm/userfaultfd.c').fn('uffd_mfill_unlock', always(giveRead), {
    sleeps: 'no',
    dereferences: [0],
    config: ON,
  }),
  family('mm/userfaultfd.c').fn('uffd_mfill_unlock', always(release('arg0->vm_mm.mmap_lock', 'mmap', 'R')), {
    sleeps: 'no',
    dereferences: [0],
    config: OFF,
  }),
];
