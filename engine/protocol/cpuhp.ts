/** CPU and memory hotplug, and other locks of the whole system. */
import { acquire, always, family, on, onTrue, onZero, release } from './build.ts';
import type { Contract, LockKind, LockRef, Mode } from './contract.ts';

const h = family('include/linux/cpuhplock.h');
const CPUS = '@cpu_hotplug_lock';
const quiet = { sleeps: 'no' } as const;
const sleeping = { sleeps: 'yes' } as const;

function pair(
  source: string,
  lock: string,
  unlock: string,
  ref: LockRef,
  kind: LockKind,
  mode: Mode = 'W',
): Contract[] {
  const { fn } = family(source);
  return [
    fn(lock, always(acquire(ref, kind, mode)), sleeping),
    fn(unlock, always(release(ref, kind, mode)), quiet),
  ];
}

export const cpuhp: readonly Contract[] = [
  ...pair('include/linux/cpuhplock.h', 'cpus_read_lock', 'cpus_read_unlock', CPUS, 'percpu_rwsem', 'R'),
  ...pair('include/linux/cpuhplock.h', 'cpus_write_lock', 'cpus_write_unlock', CPUS, 'percpu_rwsem', 'W'),
  ...pair('include/linux/cpu.h', 'get_online_cpus', 'put_online_cpus', CPUS, 'percpu_rwsem', 'R'),
  h.fn('cpus_read_trylock', onTrue(acquire(CPUS, 'percpu_rwsem', 'R', { trylock: true })), {
    ...quiet,
    mustCheck: true,
  }),
  h.guard(
    'cpus_read_lock',
    [acquire(CPUS, 'percpu_rwsem', 'R')],
    [release(CPUS, 'percpu_rwsem', 'R')],
    sleeping,
  ),
  h.guard(
    'cpus_write_lock',
    [acquire(CPUS, 'percpu_rwsem', 'W')],
    [release(CPUS, 'percpu_rwsem', 'W')],
    sleeping,
  ),
  ...pair(
    'include/linux/cpu.h',
    'cpu_maps_update_begin',
    'cpu_maps_update_done',
    '@cpu_add_remove_lock',
    'mutex',
  ),
  ...pair(
    'include/linux/memory_hotplug.h',
    'get_online_mems',
    'put_online_mems',
    '@mem_hotplug_lock',
    'percpu_rwsem',
    'R',
  ),
  // Memory hotplug keeps CPU hotplug away too.
  family('include/linux/memory_hotplug.h').fn(
    'mem_hotplug_begin',
    always(acquire(CPUS, 'percpu_rwsem', 'R'), acquire('@mem_hotplug_lock', 'percpu_rwsem', 'W')),
    sleeping,
  ),
  family('include/linux/memory_hotplug.h').fn(
    'mem_hotplug_done',
    always(release('@mem_hotplug_lock', 'percpu_rwsem', 'W'), release(CPUS, 'percpu_rwsem', 'R')),
    quiet,
  ),
  ...pair(
    'include/linux/device.h',
    'lock_device_hotplug',
    'unlock_device_hotplug',
    '@device_hotplug_lock',
    'mutex',
  ),
  family('include/linux/device.h').fn(
    'lock_device_hotplug_sysfs',
    onZero(acquire('@device_hotplug_lock', 'mutex')),
    { ...sleeping, mustCheck: true },
  ),
  ...pair(
    'include/linux/suspend.h',
    'lock_system_sleep',
    'unlock_system_sleep',
    '@system_transition_mutex',
    'mutex',
  ),
  ...pair('include/linux/jump_label.h', 'jump_label_lock', 'jump_label_unlock', '@jump_label_mutex', 'mutex'),
  family('include/linux/jump_label.h').guard(
    'jump_label_lock',
    [acquire('@jump_label_mutex', 'mutex')],
    [release('@jump_label_mutex', 'mutex', 'W')],
    sleeping,
  ),
  ...pair('include/linux/console.h', 'console_list_lock', 'console_list_unlock', '@console_mutex', 'mutex'),
  family('include/linux/console.h').fn(
    'console_lock',
    always(acquire('@console_sem', 'semaphore')),
    sleeping,
  ),
  // Unlocking prints what was logged meanwhile, and may give up the processor.
  family('include/linux/console.h').fn(
    'console_unlock',
    always(release('@console_sem', 'semaphore', 'W')),
    {},
  ),
  family('include/linux/console.h').fn(
    'console_trylock',
    on('positive', 'zero', acquire('@console_sem', 'semaphore')),
    { ...quiet, mustCheck: true },
  ),
  family('include/linux/console.h').guard(
    'console_lock',
    [acquire('@console_sem', 'semaphore')],
    [release('@console_sem', 'semaphore', 'W')],
    sleeping,
  ),
  family('include/linux/console.h').fn(
    'console_srcu_read_lock',
    always(acquire('@console_srcu', 'srcu', 'R')),
    quiet,
  ),
  family('include/linux/console.h').fn(
    'console_srcu_read_unlock',
    always(release('@console_srcu', 'srcu', 'R')),
    quiet,
  ),
  ...family('include/linux/cpuhotplug.h').each(
    [
      'cpuhp_setup_state',
      'cpuhp_setup_state_nocalls',
      'cpuhp_setup_state_multi',
      'cpuhp_state_add_instance',
      'cpuhp_state_remove_instance',
      'cpuhp_remove_state',
      'cpuhp_remove_state_nocalls',
      'cpuhp_remove_multi_state',
      'add_cpu',
      'remove_cpu',
      'static_key_slow_inc',
      'static_key_slow_dec',
      'static_branch_enable',
      'static_branch_disable',
      'static_branch_inc',
      'static_branch_dec',
      'static_key_enable',
      'static_key_disable',
    ],
    [],
    sleeping,
  ),
  ...family('include/linux/smp.h').each(
    [
      'smp_call_function_single',
      'smp_call_function_many',
      'smp_call_function',
      'on_each_cpu',
      'on_each_cpu_mask',
      'on_each_cpu_cond',
    ],
    [],
    quiet,
  ),
];
