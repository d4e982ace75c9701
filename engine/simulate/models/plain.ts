/** Assertions, arithmetic, memory and everything that has no effect on what is simulated. */

import type { Machine } from '../machine.ts';
import { effect, type Model, type Site } from '../model.ts';
import { and, below, or, shiftLeft } from '../numbers.ts';
import { copyObject, resetObject } from '../object-copy.ts';
import { NO_RESULT } from '../signals.ts';
import { freshObject } from '../unknown.ts';
import { holds } from './vma-lock.ts';

const text = (site: Site) => `${site.callee}(${site.texts.join(', ')})`;

/** Macros that complain where their condition is true, and return it. */
function asserts(names: readonly string[]): Model[] {
  return names.map((name) => ({
    name,
    returns: 'bool',
    run: (m, [condition], site) => (condition === 0 ? 0 : m.failResult('assertion', text(site))),
  }));
}

function heldAssertion(name: string, write: boolean): Model {
  return {
    name,
    run(m, [sem], site) {
      if (!m.canFollow(sem!, text(site))) return NO_RESULT;
      const lock = m.locks.at(sem!, 'rwsem');
      m.touch(lock.touch, false);
      return m.locks.isHeldBy(lock, m.current, write)
        ? 0
        : m.failWithout(
            { kind: 'lock', pointer: lock.pointer, write },
            'assertion',
            `${text(site)}: it is not held${write ? ' for writing' : ''}`,
          );
    },
  };
}

function lockQuestion(name: string, ask: (m: Machine, pointer: number) => boolean): Model {
  return {
    name,
    returns: 'int',
    run(m, [sem], site) {
      if (!m.canFollow(sem!, text(site))) return NO_RESULT;
      return ask(m, sem!) ? 1 : 0;
    },
  };
}

const question = (m: Machine, pointer: number) => {
  const lock = m.locks.at(pointer, 'rwsem');
  m.touch(lock.touch, false);
  return lock;
};

const pure = (names: readonly string[], apply: (...args: number[]) => number, args?: string): Model[] =>
  names.map((name) => ({ name, ...(args === undefined ? {} : { args }), run: (_m, a) => apply(...a) }));

/** They take and give no lock, and nobody waits for them. */
const NOTHING = [
  'smp_mb',
  'smp_rmb',
  'smp_wmb',
  'smp_mb__before_atomic',
  'smp_mb__after_atomic',
  'smp_acquire__after_ctrl_dep',
  'barrier',
  'cpu_relax',
  'prefetch',
  'prefetchw',
  'lock_acquire',
  'lock_release',
  'lock_acquired',
  'lock_contended',
  'lock_acquire_exclusive',
  'lock_acquire_shared',
  '__vma_lockdep_acquire_read',
  '__vma_lockdep_release_read',
  '__vma_lockdep_acquire_exclusive',
  '__vma_lockdep_release_exclusive',
  '__vma_lockdep_stat_mark_acquired',
  'vma_lockdep_init',
  'lockdep_init_map',
  'count_vm_event',
  'count_vm_events',
  'count_vm_vma_lock_event',
  'count_memcg_event_mm',
  'count_memcg_events',
  '__mmap_lock_trace_start_locking',
  '__mmap_lock_trace_acquire_returned',
  '__mmap_lock_trace_released',
  'kcsan_atomic_next',
  'ASSERT_EXCLUSIVE_WRITER',
  'ASSERT_EXCLUSIVE_ACCESS',
  'BUILD_BUG_ON',
  'BUILD_BUG_ON_MSG',
  'BUILD_BUG',
  'static_assert',
  'typecheck',
  'instrument_atomic_read',
  'printk',
  'pr_info',
  'pr_warn',
  'pr_warn_once',
  'pr_err',
  'pr_debug',
  'pr_alert',
  'pr_emerg',
  'pr_warn_ratelimited',
  'pr_err_ratelimited',
  'dump_stack',
  'dump_page',
  'dump_vma',
  'show_smap_vma_flags',
  '__show_smap',
  'show_vma_header_prefix',
  'arch_vma_name',
  'thp_vma_allowable_orders',
  'vma_kernel_pagesize',
  'vma_mmu_pagesize',
  'seq_printf',
  'seq_puts',
  'seq_putc',
  'seq_write',
  'seq_pad',
  'seq_path',
  'seq_put_decimal_ull',
  'seq_put_decimal_ll',
  'seq_put_hex_ll',
  'seq_put_decimal_ull_width',
  'seq_setwidth',
  '__seq_puts',
  'cache_line_size',
  'flush_cache_page',
  'flush_dcache_page',
  'flush_icache_page',
  'update_mmu_cache',
  'update_mmu_cache_range',
  'mmu_notifier_range_init',
  'trace_mmap_lock_start_locking',
  'trace_mmap_lock_acquire_returned',
  'trace_mmap_lock_released',
  'tlb_gather_mmu',
  'tlb_finish_mmu',
  'lockdep_set_class',
  'va_start',
  'va_end',
  'arch_leave_lazy_mmu_mode',
  'arch_enter_lazy_mmu_mode',
  'lazy_mmu_mode_enable',
  'lazy_mmu_mode_disable',
  'kfree',
  'kvfree',
  'vfree',
  'smp_store_mb',
  'BUG_ON_MSG',
];

const bit = (n: number) => shiftLeft(1, n);

export const plain: readonly Model[] = [
  ...asserts([
    'WARN_ON',
    'WARN_ON_ONCE',
    'WARN',
    'WARN_ONCE',
    'VM_WARN_ON',
    'VM_WARN_ON_ONCE',
    'VM_WARN_ONCE',
    'VM_WARN',
    'VM_WARN_ON_ONCE_VMA',
    'VM_WARN_ON_ONCE_MM',
    'VM_WARN_ON_ONCE_PAGE',
    'VM_WARN_ON_ONCE_FOLIO',
    'VM_WARN_ON_FOLIO',
    'VM_WARN_ON_VMG',
    'BUG_ON',
    'VM_BUG_ON',
    'VM_BUG_ON_VMA',
    'VM_BUG_ON_MM',
    'VM_BUG_ON_PAGE',
    'VM_BUG_ON_FOLIO',
    'RCU_LOCKDEP_WARN',
    'DEBUG_LOCKS_WARN_ON',
    'WARN_ON_RATELIMIT',
  ]),
  heldAssertion('rwsem_assert_held', false),
  heldAssertion('rwsem_assert_held_write', true),
  lockQuestion('rwsem_is_locked', (m, sem) => m.locks.isHeld(question(m, sem))),
  lockQuestion('rwsem_is_contended', (m, sem) => m.locks.queueOf(question(m, sem)).length > 0),
  lockQuestion(
    'mmap_lock_is_contended',
    (m, mm) => m.locks.queueOf(question(m, m.memory.member(mm, 'mmap_lock'))).length > 0,
  ),
  lockQuestion('mutex_is_locked', (m, lock) => m.locks.isHeld(question(m, lock))),
  {
    name: 'lockdep_is_held',
    returns: 'int',
    run: (m, [pointer]) => (m.locks.isHeldBy(question(m, pointer!), m.current, false) ? 1 : 0),
  },
  {
    name: 'lock_is_held',
    returns: 'int',
    // The map of a VMA's lock: who holds the VMA for reading.
    run(m, [map]) {
      const object = m.memory.objectOf(map!);
      return object !== null && holds(m, m.memory.pointer(object.id), m.current) > 0 ? 1 : 0;
    },
  },
  ...pure(['min', 'umin'], (a, b) => Math.min(a!, b!)),
  ...pure(['max', 'umax'], (a, b) => Math.max(a!, b!)),
  ...pure(['min_t'], (_t, a, b) => (below(a!, b!) ? a! : b!)),
  ...pure(['max_t'], (_t, a, b) => (below(a!, b!) ? b! : a!)),
  ...pure(['min3'], (a, b, c) => Math.min(a!, b!, c!)),
  ...pure(['clamp'], (value, low, high) => Math.min(Math.max(value!, low!), high!)),
  ...pure(['clamp_t'], (_t, value, low, high) => Math.min(Math.max(value!, low!), high!)),
  ...pure(['abs'], (value) => Math.abs(value!)),
  ...pure(['DIV_ROUND_UP'], (a, b) => Math.ceil(a! / b!)),
  ...pure(['ALIGN', 'round_up'], (a, b) => Math.ceil(a! / b!) * b!),
  ...pure(['ALIGN_DOWN', 'round_down', 'rounddown'], (a, b) => Math.floor(a! / b!) * b!),
  ...pure(['PAGE_ALIGN'], (a) => Math.ceil(a! / 4096) * 4096),
  ...pure(['PAGE_ALIGN_DOWN'], (a) => Math.floor(a! / 4096) * 4096),
  ...pure(['offset_in_page'], (a) => and(a!, 4095)),
  ...pure(
    ['offsetof', 'offsetofend', 'sizeof_field', 'struct_size', 'array_size', 'size_mul'],
    () => 8,
    '---',
  ),
  ...pure(['ARRAY_SIZE'], () => 4, '-'),
  ...pure(['u64_to_user_ptr', 'untagged_addr', 'u64_to_ptr'], (a) => a!),
  ...pure(['array_index_nospec'], (a) => a!),
  ...pure(['BIT', 'BIT_ULL'], (n) => bit(n!)),
  ...pure(['user_mode'], () => 1),
  ...pure(
    [
      'tracepoint_enabled',
      'static_branch_unlikely',
      'static_key_false',
      'in_atomic',
      'irqs_disabled',
      'is_hugetlb_entry_migration',
    ],
    () => 0,
    '-',
  ),
  ...pure(['static_branch_likely'], () => 1, '-'),
  ...pure(['__builtin_constant_p'], () => 0, '-'),
  ...pure(['__builtin_expect'], (a) => a!),
  ...pure(['ilog2', 'fls', '__fls'], (a) => Math.floor(Math.log2(Math.max(1, a!)))),
  {
    name: 'test_bit',
    returns: 'bool',
    run: (m, [n, address]) => (m.isPointer(address!) ? and(Math.floor(m.loadAt(address!) / bit(n!)), 1) : 0),
  },
  ...['set_bit', '__set_bit'].map((name) =>
    effect(name, (m, [n, address]) => m.storeAt(address!, or(m.loadAt(address!), bit(n!)))),
  ),
  ...['clear_bit', '__clear_bit', 'clear_bit_unlock'].map((name) =>
    effect(name, (m, [n, address]) => {
      const value = m.loadAt(address!);
      m.storeAt(address!, and(value, bit(n!)) === 0 ? value : value - bit(n!));
    }),
  ),
  ...['test_and_set_bit', '__test_and_set_bit'].map(
    (name): Model => ({
      name,
      returns: 'bool',
      run(m, [n, address]) {
        const value = m.loadAt(address!);
        m.storeAt(address!, or(value, bit(n!)));
        return and(value, bit(n!)) === 0 ? 0 : 1;
      },
    }),
  ),
  {
    name: 'swap',
    args: 'rr',
    run(m, [a, b]) {
      const first = m.loadAt(a!);
      m.storeAt(a!, m.loadAt(b!));
      m.storeAt(b!, first);
      return 0;
    },
  },
  effect('memset', (m, [target]) => resetObject(m, target!)),
  ...['memcpy', 'memmove', '__builtin_memcpy'].map((name) =>
    effect(name, (m, [target, source]) => {
      if (m.isPointer(target!) && m.isPointer(source!)) copyObject(m, target!, source!);
      return 0;
    }),
  ),
  ...[
    'kmalloc',
    'kzalloc',
    'kvmalloc',
    'kvzalloc',
    'kmalloc_obj',
    'kzalloc_obj',
    'kmalloc_array',
    'kcalloc',
    'kvmalloc_array',
    'kvcalloc',
    '__get_free_page',
    'kmem_cache_alloc',
    'kmem_cache_zalloc',
    'kmemdup',
    'kstrdup',
  ].map(
    (name): Model => ({
      name,
      run(m, _a, site) {
        if (site.classes.includes('null') && m.choose(2, `${name}() fails`) === 1) return 0;
        return freshObject(m, name, site);
      },
    }),
  ),
  // Pages and their mappings are there, whatever they hold.
  ...[
    'page_folio',
    'folio_page',
    'kmap_local_page',
    'kmap_local_folio',
    'kmap_atomic',
    'page_address',
    'page_to_virt',
    'virt_to_page',
    'pfn_to_page',
  ].map((name): Model => ({ name, run: (m, _a, site) => freshObject(m, name, site) })),
  ...NOTHING.map((name) => effect(name, () => 0, '--------')),
];
