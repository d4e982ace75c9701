/** Run-time assertions about locks: no effect of their own, but what they assert is needed. */
import { ANY_MODE, family, held, notHeld } from './build.ts';
import type { Contract, LockKind, LockRef, Mode, Need } from './contract.ts';

const READERS: readonly Mode[] = ['R', 'D'];
const WRITERS: readonly Mode[] = ['W'];

function asserts(
  source: string,
  names: readonly string[],
  needs: readonly Need[],
  dereferences: readonly number[] = [],
) {
  return family(source).each(names, [], {
    assertion: true,
    sleeps: 'no',
    needs,
    ...(dereferences.length > 0 ? { dereferences } : {}),
  });
}
const that = (lock: LockRef, kind: LockKind, modes: readonly Mode[], what: string) =>
  held(lock, kind, modes, `it asserts that ${what}`);

const lockdep = 'include/linux/lockdep.h';

export const assertions: readonly Contract[] = [
  ...asserts(
    lockdep,
    ['lockdep_assert_held', 'lockdep_assert_held_once'],
    [that('arg0', 'other', ANY_MODE, 'the lock is held')],
  ),
  ...asserts(
    lockdep,
    ['lockdep_assert_held_write'],
    [that('arg0', 'other', WRITERS, 'the lock is held for writing')],
  ),
  ...asserts(
    lockdep,
    ['lockdep_assert_held_read'],
    [that('arg0', 'other', READERS, 'the lock is held for reading')],
  ),
  ...asserts(
    lockdep,
    ['lockdep_assert_not_held'],
    [notHeld('arg0', 'other', ANY_MODE, 'it asserts that the lock is not held')],
  ),
  ...asserts(
    lockdep,
    ['lockdep_assert_irqs_disabled'],
    [that('@irq', 'irq', WRITERS, 'interrupts are disabled')],
  ),
  ...asserts(
    lockdep,
    ['lockdep_assert_irqs_enabled'],
    [notHeld('@irq', 'irq', WRITERS, 'it asserts that interrupts are enabled')],
  ),
  ...asserts(
    lockdep,
    ['lockdep_assert_preemption_enabled'],
    [notHeld('@preempt', 'preempt', WRITERS, 'it asserts that preemption is enabled')],
  ),
  // Preemption is off inside any spinlock, with interrupts off, and in interrupt handlers, which no row can say.
  ...asserts(
    lockdep,
    [
      'lockdep_assert_preemption_disabled',
      'lockdep_assert_in_irq',
      'lockdep_assert_no_hardirq',
      'lockdep_assert_in_softirq',
      'lockdep_assert_in_softirq_func',
      'lockdep_assert_RT_in_threaded_ctx',
      'lockdep_assert_none_held_once',
      'lockdep_assert',
      'lockdep_assert_once',
      'RCU_LOCKDEP_WARN',
      'lockdep_assert_in_rcu_reader',
    ],
    [],
  ),
  ...asserts(
    'include/linux/rwsem.h',
    ['rwsem_assert_held', 'rwsem_assert_held_nolockdep'],
    [that('arg0', 'rwsem', ANY_MODE, 'the semaphore is held')],
    [0],
  ),
  ...asserts(
    'include/linux/rwsem.h',
    ['rwsem_assert_held_write', 'rwsem_assert_held_write_nolockdep'],
    [that('arg0', 'rwsem', WRITERS, 'the semaphore is held for writing')],
    [0],
  ),
  ...asserts(
    'include/linux/percpu-rwsem.h',
    ['percpu_rwsem_assert_held'],
    [that('arg0', 'percpu_rwsem', ['R', 'W'], 'the semaphore is held')],
    [0],
  ),
  ...asserts(
    'include/linux/spinlock.h',
    ['assert_spin_locked', 'assert_raw_spin_locked'],
    [that('arg0', 'spinlock', WRITERS, 'the lock is held')],
    [0],
  ),
  ...asserts(
    'include/linux/cpuhplock.h',
    ['lockdep_assert_cpus_held'],
    [that('@cpu_hotplug_lock', 'percpu_rwsem', ['R', 'W'], 'CPU hotplug is kept away')],
  ),
  ...asserts(
    'include/linux/rtnetlink.h',
    ['ASSERT_RTNL'],
    [that('@rtnl_mutex', 'mutex', WRITERS, 'the RTNL is held')],
  ),
  ...asserts('include/net/sock.h', ['sock_owned_by_me', 'sock_not_owned_by_me'], []),
  // True or false for the caller to use; lockdep answers "held" where it is off.
  ...family(lockdep).each(
    [
      'lockdep_is_held',
      'lockdep_is_held_type',
      'lock_is_held',
      'lock_is_held_type',
      'lockdep_rtnl_is_held',
      'lockdep_is_cpus_held',
      'lockdep_sock_is_held',
      'lockdep_is_cpus_write_held',
      'lockdep_hardirqs_enabled',
      'lockdep_softirqs_enabled',
    ],
    [],
    { sleeps: 'no' },
  ),
  // Annotations that tell lockdep about locks without taking them.
  ...family(lockdep).each(
    [
      'lockdep_set_class',
      'lockdep_set_class_and_name',
      'lockdep_set_class_and_subclass',
      'lockdep_set_subclass',
      'lockdep_set_novalidate_class',
      'lockdep_init_map',
      'lockdep_register_key',
      'lockdep_off',
      'lockdep_on',
      'lock_acquire',
      'lock_release',
      'lock_map_acquire',
      'lock_map_acquire_read',
      'lock_map_acquire_try',
      'lock_map_release',
      'rwsem_acquire',
      'rwsem_acquire_read',
      'rwsem_release',
      'mutex_acquire',
      'mutex_release',
      'spin_acquire',
      'spin_release',
      'lockdep_pin_lock',
      'lockdep_unpin_lock',
      'lockdep_repin_lock',
      'lockdep_hardirqs_on',
      'lockdep_hardirqs_off',
      '__acquire',
      '__release',
      '__acquire_shared',
      '__release_shared',
      '__assume_ctx_lock',
      'lock_sync',
    ],
    [],
    { sleeps: 'no' },
  ),
  family(lockdep).plain('lockdep_unregister_key', { sleeps: 'yes' }),
  // Taking the lock might be needed on another path: the caller must be able to.
  ...family(lockdep).each(['might_lock', 'might_lock_read', 'might_lock_nested'], [], { assertion: true }),
];
