/** Functions and macros that the checker sees through: their result is said in terms of their arguments. */
import { family } from './build.ts';
import type { Contract, Lifetime, Value } from './contract.ts';

function pure(source: string, names: readonly string[], value: Value): Contract[] {
  return family(source).each(names, [], { sleeps: 'no', value });
}
/** Prints a warning where argument `index` is true, and gives its truth. */
function warning(source: string, names: readonly string[], index = 0): Contract[] {
  return family(source).each(names, [], {
    sleeps: 'no',
    value: test(index, 'nonzero'),
    complains: { operand: `arg${index}`, is: 'nonzero' },
  });
}
const argument = (index: number): Value => ({ value: 'argument', index });
const test = (index: number, what: 'error' | 'null-or-error' | 'nonzero'): Value => ({
  value: 'test',
  index,
  test: what,
});

const underRcu: Lifetime = {
  life: 'protects',
  pointer: 'result',
  counted: true,
  by: [
    { lock: '@rcu', kind: 'rcu' },
    { lock: '@bh', kind: 'bh' },
    { lock: '@preempt', kind: 'preempt' },
    { lock: '@irq', kind: 'irq' },
  ],
};

export const values: readonly Contract[] = [
  ...pure(
    'include/linux/compiler.h',
    ['likely', 'unlikely', 'likely_notrace', 'unlikely_notrace'],
    test(0, 'nonzero'),
  ),
  ...pure(
    'include/linux/compiler.h',
    [
      'READ_ONCE',
      '__READ_ONCE',
      'READ_ONCE_NOCHECK',
      'data_race',
      'RELOC_HIDE',
      'ACCESS_ONCE',
      'array_index_nospec',
      'untagged_addr',
      'unrcu_pointer',
      'rcu_pointer_handoff',
      'kasan_reset_tag',
      'lockless_dereference',
      'ERR_CAST',
      'be16_to_cpu',
      'be32_to_cpu',
      'be64_to_cpu',
      'le16_to_cpu',
      'le32_to_cpu',
      'le64_to_cpu',
      'cpu_to_le16',
      'cpu_to_le32',
      'cpu_to_le64',
      'cpu_to_be16',
      'cpu_to_be32',
      'cpu_to_be64',
      'htons',
      'htonl',
      'ntohs',
      'ntohl',
    ],
    argument(0),
  ),
  // Reads through a pointer: what is behind the argument, not the argument.
  ...pure('include/asm-generic/barrier.h', ['smp_load_acquire'], { value: 'load', index: 0 }),
  ...pure(
    'include/linux/atomic.h',
    ['atomic_read', 'atomic64_read', 'atomic_long_read', 'atomic_read_acquire', 'refcount_read'],
    {
      value: 'load',
      index: 0,
    },
  ),
  ...pure('include/asm-generic/barrier.h', ['smp_store_release', 'smp_store_mb'], {
    value: 'store-through',
    target: 0,
    source: 1,
  }),
  ...pure('include/asm-generic/rwonce.h', ['WRITE_ONCE', '__WRITE_ONCE'], {
    value: 'store',
    target: 0,
    source: 1,
  }),

  // Read under RCU: what is found stays while the section does, or once a reference was taken.
  ...pure(
    'include/linux/rcupdate.h',
    ['rcu_dereference', 'rcu_dereference_bh', 'rcu_dereference_sched'],
    argument(0),
  ).map((row) => ({ ...row, lifetimes: [underRcu] })),
  // Read under another lock, or for its value alone.
  ...pure(
    'include/linux/rcupdate.h',
    [
      'rcu_dereference_raw',
      'rcu_dereference_raw_check',
      'rcu_dereference_check',
      'rcu_dereference_bh_check',
      'rcu_dereference_sched_check',
      'rcu_dereference_protected',
      'rcu_dereference_all',
      'rcu_dereference_all_check',
      'rcu_access_pointer',
      'srcu_dereference',
      'srcu_dereference_check',
      'srcu_dereference_notrace',
      'rtnl_dereference',
      'rcu_dereference_rtnl',
      'rcu_dereference_bh_rtnl',
      'wiphy_dereference',
      'nfnl_dereference',
      'rht_dereference',
      'rht_dereference_rcu',
    ],
    argument(0),
  ).map((row) => ({ ...row, lifetimes: [{ life: 'renews' as const, pointer: 'result' }] })),
  ...pure('include/linux/rcupdate.h', ['rcu_assign_pointer', 'RCU_INIT_POINTER'], {
    value: 'store',
    target: 0,
    source: 1,
  }),
  ...pure('include/linux/rcupdate.h', ['rcu_replace_pointer'], { value: 'exchange', target: 0, source: 1 }),

  ...pure('include/linux/err.h', ['IS_ERR', 'IS_ERR_VALUE'], test(0, 'error')),
  ...pure('include/linux/err.h', ['IS_ERR_OR_NULL'], test(0, 'null-or-error')),
  ...pure('include/linux/err.h', ['ERR_PTR', 'ERR_PTR_PCPU', 'INIT_ERR_PTR'], {
    value: 'error-pointer',
    index: 0,
  }),
  ...pure('include/linux/err.h', ['PTR_ERR', 'PTR_ERR_PCPU'], { value: 'error-number', index: 0 }),
  ...pure('include/linux/err.h', ['PTR_ERR_OR_ZERO'], { value: 'zero-or-error-number', index: 0 }),
  ...pure('include/linux/err.h', ['IS_ERR_PCPU'], test(0, 'error')),

  // The first argument's truth is the result; with VM_WARN_ON and its like it is evaluated or not, so no value.
  ...warning('include/asm-generic/bug.h', [
    'WARN_ON',
    'WARN_ON_ONCE',
    'WARN',
    'WARN_ONCE',
    'WARN_TAINT',
    'WARN_TAINT_ONCE',
    'WARN_RATELIMIT',
  ]),
  ...warning('include/linux/mmdebug.h', [
    'VM_WARN_ON_ONCE',
    'VM_WARN_ON_ONCE_PAGE',
    'VM_WARN_ON_ONCE_FOLIO',
    'VM_WARN_ON_ONCE_MM',
    'VM_WARN_ON_ONCE_VMA',
    'VM_WARN_ONCE',
  ]),
  ...warning('include/drm/drm_print.h', ['drm_WARN_ON', 'drm_WARN_ON_ONCE', 'drm_WARN', 'drm_WARN_ONCE'], 1),
  ...warning('include/net/net_debug.h', ['DEBUG_NET_WARN_ON_ONCE', 'DEBUG_NET_WARN_ONCE']),
  ...pure('fs', ['XFS_IS_CORRUPT', 'bch2_fs_inconsistent_on'], test(1, 'nonzero')),
  ...pure('include/linux/kconfig.h', ['static_branch_likely', 'static_branch_unlikely'], { value: 'pure' }),

  ...pure('include/linux/container_of.h', ['container_of', 'container_of_const'], {
    value: 'container',
    pointer: 0,
    member: 2,
  }),
  ...pure(
    'include/linux/list.h',
    ['list_entry', 'hlist_entry', 'rb_entry', 'llist_entry', 'hlist_nulls_entry'],
    {
      value: 'container',
      pointer: 0,
      member: 2,
    },
  ),

  ...pure('include/linux/atomic.h', ['xchg', 'xchg_relaxed', 'xchg_acquire', 'xchg_release'], {
    value: 'exchange-through',
    target: 0,
    source: 1,
  }),
  ...pure('include/linux/cleanup.h', ['no_free_ptr', 'retain_and_null_ptr', '__get_and_null'], {
    value: 'exchange',
    target: 0,
    source: null,
  }),
  ...pure('include/linux/cleanup.h', ['ACQUIRE_ERR'], { value: 'guard-error', index: 1 }),

  // Addresses computed from their arguments alone: the same arguments name the same object.
  ...pure('include/linux/percpu-defs.h', ['per_cpu_ptr', 'this_cpu_ptr', 'raw_cpu_ptr', 'per_cpu'], {
    value: 'pure',
    valid: true,
  }),
  ...pure('include/linux/fs.h', ['file_inode'], { value: 'member', index: 0, path: ['f_inode'] }),
  ...pure('include/linux/dcache.h', ['d_inode', 'd_inode_rcu', 'd_backing_inode'], {
    value: 'member',
    index: 0,
    path: ['d_inode'],
  }),
  ...pure(
    'include/linux/mm.h',
    ['pte_lockptr', 'pmd_lockptr', 'pud_lockptr', 'huge_pte_lockptr', 'ptlock_ptr', 'folio_lruvec'],
    { value: 'pure' },
  ),
  // A page and its folio have one lock and one count; so do a head page and its folio.
  ...pure('include/linux/page-flags.h', ['page_folio', 'compound_head'], argument(0)),
];
