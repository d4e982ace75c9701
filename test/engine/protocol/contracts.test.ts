import { describe, expect, it } from 'vitest';
import {
  CONTRACTS,
  type Contract,
  contractTable,
  describeContract,
  gfpSleeps,
  kindOfField,
  kindsAgree,
  LOCK_KINDS,
  lockKind,
  mayNestUnder,
  NEWEST,
  orderOf,
  outlivesFunction,
  parseLockRef,
} from '../../../engine/protocol/index.ts';

const table = contractTable(NEWEST);
const row = (name: string): Contract => {
  const contract = table.lookup(name);
  if (contract === null) throw new Error(`no row for ${name}`);
  return contract;
};
/** For which result something is taken: `zero: arg0`. */
const takes = (contract: Contract) =>
  contract.outcomes.flatMap((outcome) =>
    outcome.effects.flatMap((effect) =>
      effect.op === 'acquire' && lockKind(effect.kind).level !== 'context'
        ? [
            `${typeof outcome.when === 'string' ? outcome.when : JSON.stringify(outcome.when)}: ${effect.lock} ${effect.mode}`,
          ]
        : [],
    ),
  );
const releases = (contract: Contract) =>
  contract.outcomes.flatMap((outcome) =>
    outcome.effects.flatMap((effect) => (effect.op === 'release' ? [effect.lock] : [])),
  );

describe('conditional acquires', () => {
  it.each([
    ['mutex_trylock', 'true: arg0 W'],
    ['spin_trylock', 'true: arg0 W'],
    ['down_read_trylock', 'true: arg0 R'],
    ['mutex_lock_interruptible', 'zero: arg0 W'],
    ['mutex_lock_killable', 'zero: arg0 W'],
    ['down_write_killable', 'zero: arg0 W'],
    ['down_read_interruptible', 'zero: arg0 R'],
    ['down_interruptible', 'zero: arg0 W'],
    ['down_trylock', 'zero: arg0 W'],
    ['down_timeout', 'zero: arg0 W'],
    ['rt_mutex_trylock', 'true: arg0 W'],
    ['console_trylock', 'positive: @console_sem W'],
    ['atomic_dec_and_lock', 'true: arg1 W'],
    ['atomic_dec_and_mutex_lock', 'true: arg1 W'],
    ['refcount_dec_and_mutex_lock', 'true: arg1 W'],
    ['refcount_dec_and_lock_irqsave', 'true: arg1 W'],
    ['bit_spin_trylock', 'true: arg1 W'],
    ['raw_res_spin_lock_irqsave', 'zero: arg0 W'],
    ['hwspin_trylock', 'zero: arg0.hwlock W'],
    ['inode_trylock', 'true: arg0.i_rwsem W'],
    ['folio_trylock', 'true: arg0 W'],
    ['folio_lock_killable', 'zero: arg0 W'],
    ['rtnl_trylock', 'true: @rtnl_mutex W'],
    ['rtnl_lock_killable', 'zero: @rtnl_mutex W'],
    ['cpus_read_trylock', 'true: @cpu_hotplug_lock R'],
    ['lock_task_sighand', 'pointer: arg0->sighand.siglock W'],
    ['pte_offset_map_lock', 'pointer: *arg3 W'],
    ['filemap_lock_folio', 'pointer: result W'],
    ['mmap_read_trylock', 'true: arg0.mmap_lock R'],
    ['mmap_write_lock_killable', 'zero: arg0.mmap_lock W'],
    ['lock_vma_under_rcu', 'pointer: result.vma_lock R'],
    ['lock_mm_and_find_vma', 'pointer: arg0.mmap_lock R'],
    ['uffd_mfill_lock', 'pointer: result.vma_lock R'],
    ['start_creating', 'pointer: result->d_parent->d_inode.i_rwsem W'],
  ])('%s takes for %s', (name, expected) => {
    expect(takes(row(name)).filter((one) => !one.includes('reference'))).toContain(expected);
    expect(row(name).outcomes.length).toBeGreaterThan(1);
  });

  it('gives lock_sock_fast() one lock for each result, and unlock_sock_fast() the same by its argument', () => {
    expect(takes(row('lock_sock_fast'))).toEqual(['true: arg0.sk_lock W', 'false: arg0.sk_lock.slock W']);
    expect(
      row('unlock_sock_fast').outcomes.map((outcome) => [
        outcome.given?.[0]?.is,
        releases({ ...row('unlock_sock_fast'), outcomes: [outcome] }),
      ]),
    ).toEqual([
      ['nonzero', ['arg0.sk_lock']],
      ['zero', ['arg0.sk_lock.slock', '@bh']],
    ]);
  });
  it('takes or trades an LRU lock, by the one that is held', () => {
    const { outcomes } = row('folio_lruvec_relock_irq');
    expect(
      outcomes.map((outcome) => [outcome.given?.[0]?.is, outcome.effects.map((effect) => effect.op)]),
    ).toEqual([
      ['zero', ['acquire', 'acquire', 'acquire']],
      ['nonzero', ['release', 'acquire']],
    ]);
    const before = contractTable({ release: '7.0', perVmaLock: 'optional' });
    expect(before.lookup('folio_lruvec_lock')!.outcomes[0]!.effects).toHaveLength(1);
    expect(before.lookup('lruvec_unlock')).toBeNull();
    expect(row('folio_lruvec_lock').outcomes[0]!.effects).toHaveLength(2);
  });
  it('never leaves a lock of kref_put_mutex() with the caller', () => {
    expect(takes(row('kref_put_mutex'))).toEqual([]);
  });
  it('takes a ww_mutex for any result but an error, and always without a context', () => {
    const { outcomes } = row('ww_mutex_lock');
    const without = outcomes.filter((outcome) => outcome.given?.[0]?.is === 'zero');
    expect(without.map((outcome) => outcome.effects.length)).toEqual([1]);
    expect(
      outcomes.filter((outcome) => outcome.when === 'negative').map((outcome) => outcome.effects),
    ).toEqual([[]]);
  });
});

describe('variants', () => {
  const base = ['spin_lock', 'raw_spin_lock', 'read_lock', 'write_lock'];
  it.each(base)('%s has its masks and their ends', (name) => {
    const unlock = name.replace('lock', 'unlock').replace('unspin', 'spin');
    const state = (contract: Contract, op: 'acquire' | 'release') =>
      contract.outcomes[0]!.effects.filter((effect) => effect.op === op).map((effect) =>
        'lock' in effect ? effect.lock : '',
      );
    expect(state(row(`${name}_irq`), 'acquire')).toEqual(['@irq', 'arg0']);
    expect(state(row(`${name}_irqsave`), 'acquire')).toEqual(['@irq', 'arg0']);
    expect(state(row(`${name}_bh`), 'acquire')).toEqual(['@bh', 'arg0']);
    expect(state(row(`${unlock}_irq`), 'release')).toEqual(['arg0', '@irq']);
    expect(state(row(`${unlock}_irqrestore`), 'release')).toEqual(['arg0', '@irq']);
    expect(state(row(`${unlock}_bh`), 'release')).toEqual(['arg0', '@bh']);
  });
  it.each([
    'mutex',
    'mutex_try',
    'mutex_intr',
    'mutex_kill',
    'spinlock',
    'spinlock_irqsave',
    'raw_spinlock_irq',
    'rcu',
    'srcu',
    'rwsem_read',
    'rwsem_read_try',
    'rwsem_read_intr',
    'rwsem_write',
    'rwsem_write_try',
    'rwsem_write_kill',
    'mmap_read_lock',
    'mmap_read_lock_try',
    'mmap_write_lock',
    'preempt',
    'irq',
    'irqsave',
    'migrate',
    'device',
    'device_intr',
    'cpus_read_lock',
    'percpu_read',
    'percpu_write',
    'pagefault',
    'task_lock',
    'local_lock',
    'super_write',
  ])('there is a guard %s', (name) => {
    const guard = table.guard(name)!;
    expect(guard.what).toBe('guard');
    expect(guard.exit!.length).toBeGreaterThan(0);
    expect(guard.mustCheck ?? false).toBe(/_(try|intr|kill)$/.test(name));
  });
  it('keeps guards apart from functions of the same name', () => {
    expect(table.guard('mutex_lock')).toBeNull();
    expect(table.lookup('mmap_read_lock')!.what).toBe('function');
    expect(table.guard('mmap_read_lock')!.what).toBe('guard');
    expect(table.cleanup('kfree')!.what).toBe('cleanup');
  });
});

describe('the mmap_lock and VMA locks', () => {
  it('drops every VMA write lock with the mmap_lock', () => {
    for (const name of ['mmap_write_unlock', 'mmap_write_downgrade'])
      expect(row(name).outcomes[0]!.effects[0]).toEqual({
        op: 'release-all',
        kind: 'vma',
        mode: 'W',
        of: 'arg0',
      });
  });
  it('forbids waiting for the mmap_lock with a VMA read lock, but not trying', () => {
    for (const name of [
      'mmap_read_lock',
      'mmap_read_lock_killable',
      'mmap_write_lock',
      'lock_vma_under_rcu_wait',
    ])
      expect(row(name).needs).toContainEqual(
        expect.objectContaining({ need: 'not-held', kind: 'vma', lock: 'arg0.*' }),
      );
    expect(row('mmap_read_trylock').needs).toBeUndefined();
  });
  it('wants a valid VMA where one is asserted through', () => {
    expect(row('vma_start_read_locked').dereferences).toEqual([0]);
  });
  it('accepts no mmap_lock for vma_assert_locked(), but does for vma_assert_stabilised()', () => {
    expect(row('vma_assert_locked').needs).toMatchObject([{ need: 'held', kind: 'vma' }]);
    expect(row('vma_assert_stabilised').needs).toMatchObject([{ need: 'one-of' }]);
  });
  it('releases nothing with a failed expand_stack() left held', () => {
    const { outcomes } = row('expand_stack');
    expect(outcomes.find((outcome) => outcome.when === 'pointer')!.effects).toMatchObject([{ op: 'retake' }]);
    expect(outcomes.find((outcome) => outcome.when === 'null')!.effects).toMatchObject([
      { op: 'release', lock: 'arg0.mmap_lock' },
    ]);
  });
  it('lets handle_mm_fault() give up the lock that its flags name', () => {
    const { outcomes } = row('handle_mm_fault');
    expect(outcomes.map((outcome) => releases({ ...row('handle_mm_fault'), outcomes: [outcome] }))).toEqual([
      ['arg0.vma_lock'],
      ['arg0->vm_mm.mmap_lock'],
      // One that may not wait keeps it.
      [],
      [],
    ]);
  });
  it('gives up the mmap_lock where a flag or an out-parameter says so', () => {
    const held = (name: string) =>
      row(name).outcomes.map((outcome) => [
        outcome.when,
        outcome.given?.[0]?.is,
        releases({ ...row(name), outcomes: [outcome] }),
      ]);
    expect(held('do_vmi_munmap')).toEqual([
      ['zero', 'nonzero', ['arg1.mmap_lock']],
      ['zero', 'zero', []],
      ['negative', undefined, []],
    ]);
    expect(held('populate_vma_page_range')).toEqual([
      ['any', 'zero', []],
      ['any', 'nonzero', []],
      ['any', 'nonzero', ['arg0->vm_mm.mmap_lock']],
    ]);
  });
  it('holds the page-table lock in each round of a walk of mappings, and not behind it', () => {
    expect(
      row('page_vma_mapped_walk').outcomes.map((outcome) => [outcome.when, outcome.effects[0]!.op]),
    ).toEqual([
      ['true', 'acquire'],
      ['false', 'release-all'],
    ]);
    expect(row('page_vma_mapped_walk_done').outcomes[0]!.effects[0]!.op).toBe('release-all');
  });
  it('walks pages by what the operations ask for, and never under RCU', () => {
    expect(row('walk_page_vma').needs!.map((need) => need.given?.[0]?.is)).toEqual([
      { equals: 'PGWALK_RDLOCK' },
      { equals: 'PGWALK_WRLOCK' },
      { equals: 'PGWALK_WRLOCK_VERIFY' },
      { equals: 'PGWALK_VMA_RDLOCK_VERIFY' },
      undefined,
    ]);
    expect(row('walk_page_range').needs!.at(-1)).toMatchObject({ need: 'not-held', lock: '@rcu' });
  });
  it('says under what a found VMA is valid', () => {
    const by = (name: string) =>
      row(name).lifetimes!.flatMap((life) =>
        life.life === 'protects' ? life.by.map((one) => one.kind) : [],
      );
    expect(by('find_vma')).toEqual(['mmap']);
    expect(by('vma_lookup')).toEqual(['mmap', 'vma', 'rcu']);
    expect(by('lock_vma_under_rcu')).toEqual(['vma', 'mmap']);
  });
});

describe('sleeping', () => {
  it.each([
    'mutex_lock',
    'schedule',
    'msleep',
    'cond_resched',
    'copy_from_user',
    'synchronize_rcu',
    'vma_start_write',
    'wait_for_completion',
    'mmput',
    'iput',
    'dput',
    'down',
    'flush_work',
    'cancel_work_sync',
    'kvfree',
    'vfree',
    'device_lock',
  ])('%s may', (name) => {
    expect(row(name).sleeps).toBe('yes');
  });
  it.each([
    'mutex_unlock',
    'spin_lock',
    'mutex_trylock',
    'up_read',
    'kfree',
    'mmput_async',
    'fput',
    'queue_work',
    'complete',
    'wake_up',
    '__copy_from_user_inatomic',
    'call_rcu',
    'mmap_read_trylock',
    'lock_vma_under_rcu',
  ])('%s does not', (name) => {
    expect(row(name).sleeps).toBe('no');
  });
  it('lets go of the lock that it waits with', () => {
    for (const [name, lock] of [
      ['cond_resched_lock', 'arg0'],
      ['wait_event_lock_irq', 'arg2'],
      ['sk_wait_event', 'arg0.sk_lock'],
    ] as const)
      expect(row(name).outcomes[0]!.effects).toContainEqual(expect.objectContaining({ op: 'retake', lock }));
  });
  it('reads GFP flags', () => {
    expect(row('kmalloc').sleeps).toEqual({ gfp: 1 });
    expect(row('kcalloc').sleeps).toEqual({ gfp: 2 });
    expect(row('alloc_pages').sleeps).toEqual({ gfp: 0 });
    expect(gfpSleeps(['GFP_KERNEL'])).toBe('yes');
    expect(gfpSleeps(['GFP_ATOMIC', '__GFP_ZERO'])).toBe('no');
    expect(gfpSleeps(['GFP_NOWAIT', '__GFP_NOWARN'])).toBe('no');
    expect(gfpSleeps(['__GFP_ZERO'])).toBe('no');
    expect(gfpSleeps(['GFP_KERNEL'], ['__GFP_DIRECT_RECLAIM'])).toBe('no');
    expect(gfpSleeps(['gfp_mask'])).toBe('unknown');
    expect(gfpSleeps(['gfp_mask', 'GFP_KERNEL'])).toBe('yes');
    expect(gfpSleeps([])).toBe('unknown');
  });
});

describe('kinds', () => {
  it('has facts for every kind, and modes that make sense', () => {
    for (const kind of LOCK_KINDS) {
      const facts = lockKind(kind);
      expect(facts.title).not.toBe('');
      expect(facts.modes.length).toBeGreaterThan(0);
      expect(facts.atomic && facts.sleeps).toBe(false);
    }
    expect(
      new Set(
        CONTRACTS.flatMap((contract) =>
          contract.outcomes.flatMap((outcome) =>
            outcome.effects.flatMap((effect) => ('kind' in effect ? [effect.kind] : [])),
          ),
        ),
      ).size,
    ).toBeGreaterThan(20);
  });
  it('knows a lock by its field', () => {
    expect(kindOfField('mmap_lock', 'rwsem')).toBe('mmap');
    expect(kindOfField('i_rwsem', 'rwsem')).toBe('inode');
    expect(kindOfField('page_table_lock', 'spinlock')).toBe('ptl');
    expect(kindOfField('mmap_lock', 'mutex')).toBe('mutex');
    expect(kindOfField('lock', 'rwsem')).toBe('rwsem');
  });
  it('lets kinds of one family, and `other`, agree', () => {
    expect(kindsAgree('mmap', 'rwsem')).toBe(true);
    expect(kindsAgree('ptl', 'spinlock')).toBe(true);
    expect(kindsAgree('other', 'mutex')).toBe(true);
    expect(kindsAgree('mutex', 'spinlock')).toBe(false);
    expect(kindsAgree('vma', 'mmap')).toBe(false);
  });
  it('lets a function return with VMA write locks and references, and with nothing else', () => {
    expect(outlivesFunction('vma', 'W')).toBe(true);
    expect(outlivesFunction('vma', 'R')).toBe(false);
    expect(outlivesFunction('reference', 'R')).toBe(true);
    expect(outlivesFunction('mutex', 'W')).toBe(false);
    expect(outlivesFunction('rcu', 'R')).toBe(false);
  });
});

describe('order', () => {
  it.each([
    ['mutex', 'spinlock', false],
    ['spinlock', 'mutex', true],
    ['spinlock', 'raw_spinlock', false],
    ['raw_spinlock', 'spinlock', true],
    ['bit_spinlock', 'spinlock', true],
    ['local_lock', 'raw_spinlock', false],
    ['mmap', 'rcu', false],
    ['mutex', 'irq', false],
    ['spinlock', 'rcu', true],
    ['mutex', 'srcu', true],
    ['rcu', 'spinlock', true],
    ['spinlock', 'spinlock', true],
  ] as const)('a %s under a %s: %s', (inner, outer, expected) => {
    expect(mayNestUnder(inner, outer)).toBe(expected);
  });
  it('follows the documented order of memory management', () => {
    const ranks = [
      orderOf('inode', 'i_rwsem', 'W'),
      orderOf('mmap', 'mmap_lock', 'R'),
      orderOf('rwsem', 'invalidate_lock', 'R'),
      orderOf('folio', null, 'W'),
      orderOf('vma', 'vma_lock', 'W'),
      orderOf('rwsem', 'i_mmap_rwsem', 'W'),
      orderOf('rwsem', 'rwsem', 'R'),
      orderOf('ptl', 'anything', 'W'),
      orderOf('spinlock', 'lru_lock', 'W'),
      orderOf('spinlock', 'i_lock', 'W'),
    ];
    expect(ranks.every((rank) => rank >= 0)).toBe(true);
    expect([...ranks].sort((a, b) => a - b)).toEqual(ranks);
    expect(new Set(ranks).size).toBe(ranks.length);
  });
  it('has no place for other locks', () => {
    expect(orderOf('mutex', 'lock', 'W')).toBe(-1);
    expect(orderOf('rwsem', 'rwsem', 'R', false)).toBe(-1);
    expect(orderOf('vma', 'vma_lock', 'R')).toBe(-1);
  });
});

describe('parseLockRef', () => {
  it('reads each form', () => {
    expect(parseLockRef('arg0')).toEqual({ base: { root: 'argument', index: 0 }, fields: [], all: false });
    expect(parseLockRef('arg1->vm_mm.mmap_lock')).toEqual({
      base: { root: 'argument', index: 1 },
      fields: [
        { name: 'vm_mm', arrow: true },
        { name: 'mmap_lock', arrow: false },
      ],
      all: false,
    });
    expect(parseLockRef('*arg3')!.base).toEqual({ root: 'target', index: 3 });
    expect(parseLockRef('result.vma_lock')!.base).toEqual({ root: 'result' });
    expect(parseLockRef('current->mm.mmap_lock')!.base).toEqual({ root: 'current' });
    expect(parseLockRef('@rcu')!.base).toEqual({ root: 'global', name: 'rcu' });
    expect(parseLockRef('any')!.base).toEqual({ root: 'any' });
    expect(parseLockRef('arg0.*')).toMatchObject({ fields: [], all: true });
  });
  it.each(['', 'arg', 'argx', 'results', 'arg0.', 'arg0->*', 'arg0.*.x', '@', 'arg0 .x', '&arg0', 'arg100'])(
    'refuses "%s"',
    (text) => {
      expect(parseLockRef(text)).toBeNull();
    },
  );
});

describe('describeContract', () => {
  it('says what a reviewer asks', () => {
    expect(describeContract(row('vma_start_read'))).toBe(
      [
        'vma_start_read() [since 6.18, CONFIG_PER_VMA_LOCK=y]',
        '  does not sleep',
        '  needs RCU read section: the VMA may be freed at any time but for the RCU read section',
        '  valid pointer: takes VMA lock of the result for reading',
        '  NULL: leaves the RCU read section',
        '  error pointer: leaves the RCU read section',
        '  follows argument 1, argument 2: not NULL',
        '  the result is valid under VMA lock of the result, or some mmap_lock',
        '  its result must be looked at',
        '  source: mm/mmap_lock.c',
      ].join('\n'),
    );
  });
  it('describes every row in full lines', () => {
    for (const contract of CONTRACTS) {
      const text = describeContract(contract);
      expect(text).not.toMatch(/undefined|\[object/);
      expect(text.split('\n').length).toBeGreaterThan(1);
    }
  });
});
