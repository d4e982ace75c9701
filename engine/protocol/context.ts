/** What the current processor does not do for a while: preemption, interrupts, bottom halves, migration, page faults. */
import { acquire, always, family, onTrue, release, set } from './build.ts';
import type { Contract, LockKind } from './contract.ts';

const preemptH = family('include/linux/preempt.h');
const irqH = family('include/linux/irqflags.h');
const bhH = family('include/linux/bottom_half.h');
const percpuH = family('include/linux/percpu-defs.h');
const highmemH = family('include/linux/highmem.h');
const quiet = { sleeps: 'no' } as const;
const on = (lock: string, kind: LockKind) => acquire(lock, kind);
const off = (lock: string, kind: LockKind) => release(lock, kind);

const noPreempt = on('@preempt', 'preempt');
const preempt = off('@preempt', 'preempt');
const noIrq = on('@irq', 'irq');
const saveIrq = acquire('@irq', 'irq', 'W', { nested: true });
const irq = off('@irq', 'irq');
const noBh = on('@bh', 'bh');
const bh = off('@bh', 'bh');
const noMigrate = on('@migrate', 'migrate');
const migrate = off('@migrate', 'migrate');
const noFault = on('@pagefault', 'pagefault');
const fault = off('@pagefault', 'pagefault');

export const context: readonly Contract[] = [
  ...preemptH.each(['preempt_disable', 'preempt_disable_notrace'], always(noPreempt), quiet),
  ...preemptH.each(
    [
      'preempt_enable',
      'preempt_enable_notrace',
      'preempt_enable_no_resched',
      'preempt_enable_no_resched_notrace',
      'sched_preempt_enable_no_resched',
    ],
    always(preempt),
    quiet,
  ),
  preemptH.guard('preempt', [noPreempt], [preempt], quiet),
  preemptH.guard('preempt_notrace', [noPreempt], [preempt], quiet),
  ...preemptH.each(['get_cpu', 'get_cpu_light'], always(noPreempt), quiet),
  ...preemptH.each(['put_cpu', 'put_cpu_light'], always(preempt), quiet),
  preemptH.fn('migrate_disable', always(noMigrate), quiet),
  preemptH.fn('migrate_enable', always(migrate), quiet),
  preemptH.guard('migrate', [noMigrate], [migrate], quiet),
  // With PREEMPT_RT these do one thing, without it the other or nothing, always in pairs.
  preemptH.fn('preempt_disable_nested', always(), quiet),
  preemptH.fn('preempt_enable_nested', always(), quiet),

  ...percpuH.each(['get_cpu_var', 'get_cpu_ptr'], always(noPreempt), { ...quiet, value: { value: 'pure' } }),
  ...percpuH.each(['put_cpu_var', 'put_cpu_ptr'], always(preempt), quiet),

  ...irqH.each(['local_irq_disable', 'raw_local_irq_disable', 'hard_irq_disable'], always(noIrq), quiet),
  ...irqH.each(['local_irq_enable', 'raw_local_irq_enable'], always(irq), quiet),
  ...irqH.each(['local_irq_save', 'raw_local_irq_save'], always(set('arg0', 'unknown'), saveIrq), quiet),
  ...irqH.each(['local_irq_restore', 'raw_local_irq_restore'], always(irq), quiet),
  irqH.guard('irq', [noIrq], [irq], quiet),
  irqH.guard('irqsave', [saveIrq], [irq], quiet),
  // Predicates: no effect.
  ...irqH.each(
    [
      'irqs_disabled',
      'irqs_disabled_flags',
      'local_save_flags',
      'in_interrupt',
      'in_atomic',
      'in_task',
      'in_hardirq',
      'in_softirq',
      'in_nmi',
      'preemptible',
      'in_irq',
      'in_serving_softirq',
    ],
    [],
    quiet,
  ),

  ...bhH.each(['local_bh_disable', '__local_bh_disable_ip'], always(noBh), quiet),
  ...bhH.each(['local_bh_enable', '_local_bh_enable', '__local_bh_enable_ip'], always(bh), quiet),
  bhH.guard('bh', [noBh], [bh], quiet),

  family('include/linux/uaccess.h').fn('pagefault_disable', always(noFault), quiet),
  family('include/linux/uaccess.h').fn('pagefault_enable', always(fault), quiet),
  family('include/linux/uaccess.h').guard('pagefault', [noFault], [fault], quiet),
  // User access regions end with user_access_end(), and only unsafe_*_user() is allowed inside.
  family('include/linux/uaccess.h').fn('user_access_begin', onTrue(acquire('@user_access', 'other')), quiet),
  ...family('include/linux/uaccess.h').each(
    ['user_read_access_begin', 'user_write_access_begin', 'masked_user_access_begin_checked'],
    onTrue(acquire('@user_access', 'other')),
    quiet,
  ),
  ...family('include/linux/uaccess.h').each(
    ['user_access_end', 'user_read_access_end', 'user_write_access_end'],
    always(release('@user_access', 'other')),
    quiet,
  ),

  // kmap_atomic() disables page faults and, without PREEMPT_RT, preemption. kmap_local() does neither.
  ...highmemH.each(
    ['kmap_atomic', 'kmap_atomic_prot', 'kmap_atomic_pfn', 'io_mapping_map_atomic_wc'],
    always(noPreempt, noFault),
    {
      ...quiet,
      value: { value: 'valid' },
    },
  ),
  ...highmemH.each(
    ['kunmap_atomic', '__kunmap_atomic', 'io_mapping_unmap_atomic'],
    always(fault, preempt),
    quiet,
  ),
  ...highmemH.each(['kmap_local_page', 'kmap_local_folio', 'kmap_local_page_prot', 'kmap_local_pfn'], [], {
    ...quiet,
    value: { value: 'valid' },
  }),
  highmemH.plain('kunmap_local', quiet),
  highmemH.plain('kmap', { sleeps: 'yes', value: { value: 'valid' } }),
  highmemH.plain('kunmap', { sleeps: 'yes' }),
];
