/** Locks that hardware or a subsystem defines for itself: hardware spinlocks, resilient spinlocks, IIO, MSI, serio. */
import {
  acquire,
  always,
  family,
  on,
  onPointer,
  onPointerOrError,
  onTrue,
  onZero,
  release,
  set,
} from './build.ts';
import type { Contract } from './contract.ts';

const quiet = { sleeps: 'no', dereferences: [0] } as const;
const checked = { ...quiet, mustCheck: true } as const;
const maskIrq = acquire('@irq', 'irq');
const saveIrq = acquire('@irq', 'irq', 'W', { nested: true });
const unmaskIrq = release('@irq', 'irq');

const hw = family('include/linux/hwspinlock.h');
const hwTake = acquire('arg0.hwlock', 'raw_spinlock');
const hwGive = release('arg0.hwlock', 'raw_spinlock');
// These two leave it to the caller not to be preempted, and `raw` is used around code that sleeps.
const hwLoose = acquire('arg0.hwlock', 'mutex', 'W', { nested: true });
const hwLooseGive = release('arg0.hwlock', 'mutex');

const res = family('include/asm-generic/rqspinlock.h');
const iio = family('include/linux/iio/iio.h');
const mode = acquire('arg0.mlock', 'mutex');
const modeOff = release('arg0.mlock', 'mutex', 'W');
const pm = family('include/linux/pm_runtime.h');
const fileH = family('include/linux/file.h');
const fsH = family('include/linux/fs.h');

export const hardware: readonly Contract[] = [
  hw.fn('hwspin_lock_timeout', onZero(hwTake), checked),
  hw.fn('hwspin_lock_timeout_irq', onZero(maskIrq, hwTake), checked),
  hw.fn('hwspin_lock_timeout_irqsave', onZero(set('*arg2', 'unknown'), saveIrq, hwTake), checked),
  ...hw.each(['hwspin_lock_timeout_raw', 'hwspin_lock_timeout_in_atomic'], onZero(hwLoose), checked),
  hw.fn('hwspin_trylock', onZero(hwTake), checked),
  hw.fn('hwspin_trylock_irq', onZero(maskIrq, hwTake), checked),
  hw.fn('hwspin_trylock_irqsave', onZero(set('*arg1', 'unknown'), saveIrq, hwTake), checked),
  ...hw.each(['hwspin_trylock_raw', 'hwspin_trylock_in_atomic'], onZero(hwLoose), checked),
  hw.fn('hwspin_unlock', always(hwGive), quiet),
  hw.fn('hwspin_unlock_irq', always(hwGive, unmaskIrq), quiet),
  hw.fn('hwspin_unlock_irqrestore', always(hwGive, unmaskIrq), quiet),
  ...hw.each(['hwspin_unlock_raw', 'hwspin_unlock_in_atomic'], always(hwLooseGive), quiet),

  // Resilient spinlocks give up on a deadlock and say so: 0 means taken.
  ...res.each(['raw_res_spin_lock', 'res_spin_lock'], onZero(acquire('arg0', 'raw_spinlock')), checked),
  res.fn(
    'raw_res_spin_lock_irqsave',
    onZero(set('arg1', 'unknown'), saveIrq, acquire('arg0', 'raw_spinlock')),
    checked,
  ),
  ...res.each(
    ['raw_res_spin_unlock', 'res_spin_unlock'],
    always(release('arg0', 'raw_spinlock', 'W')),
    quiet,
  ),
  res.fn('raw_res_spin_unlock_irqrestore', always(release('arg0', 'raw_spinlock', 'W'), unmaskIrq), quiet),

  iio.fn('__iio_dev_mode_lock', always(mode), { sleeps: 'yes', dereferences: [0] }),
  ...iio.each(
    ['__iio_dev_mode_unlock', 'iio_device_release_direct', 'iio_device_release_buffer_mode'],
    always(modeOff),
    quiet,
  ),
  ...iio.each(['iio_device_claim_direct', 'iio_device_try_claim_buffer_mode'], onTrue(mode), {
    sleeps: 'yes',
    dereferences: [0],
    mustCheck: true,
  }),
  iio.fn('iio_device_claim_direct_mode', onZero(mode), {
    sleeps: 'yes',
    dereferences: [0],
    mustCheck: true,
    until: '6.16',
  }),
  iio.fn('iio_device_release_direct_mode', always(modeOff), { ...quiet, until: '6.16' }),
  iio.guard('__priv__iio_dev_mode_lock', [mode], [modeOff], { sleeps: 'yes', dereferences: [0] }),
  iio.condGuard('__priv__iio_dev_mode_lock_try_direct', [mode], [modeOff], {
    sleeps: 'yes',
    dereferences: [0],
  }),

  ...family('include/linux/msi.h').each(
    ['msi_lock_descs', '__msi_lock_descs'],
    always(acquire('arg0.msi_descs', 'mutex')),
    { sleeps: 'yes' },
  ),
  ...family('include/linux/msi.h').each(
    ['msi_unlock_descs', '__msi_unlock_descs'],
    always(release('arg0.msi_descs', 'mutex', 'W')),
    { sleeps: 'no' },
  ),
  family('include/linux/msi.h').guard(
    'msi_descs_lock',
    [acquire('arg0.msi_descs', 'mutex')],
    [release('arg0.msi_descs', 'mutex', 'W')],
    { sleeps: 'yes' },
  ),
  family('include/linux/serio.h').fn(
    'serio_pause_rx',
    always(maskIrq, acquire('arg0.lock', 'spinlock')),
    quiet,
  ),
  family('include/linux/serio.h').fn(
    'serio_continue_rx',
    always(release('arg0.lock', 'spinlock'), unmaskIrq),
    quiet,
  ),
  family('include/linux/serio.h').guard(
    'serio_pause_rx',
    [maskIrq, acquire('arg0.lock', 'spinlock')],
    [release('arg0.lock', 'spinlock'), unmaskIrq],
    quiet,
  ),
  family('include/linux/interrupt.h').guard('disable_irq', [], [], { sleeps: 'yes' }),

  // Guards that take no lock: what they hold is a count or an object.
  ...['pm_runtime_noresume', 'pm_runtime_active', 'pm_runtime_active_auto'].map((name) =>
    pm.guard(name, [], []),
  ),
  ...[
    'pm_runtime_active_try',
    'pm_runtime_active_try_enabled',
    'pm_runtime_active_auto_try',
    'pm_runtime_active_auto_try_enabled',
  ].map((name) => pm.condGuard(name, [], [])),
  family('include/linux/ring_buffer.h').guard('ring_buffer_nest', [], []),
  ...['fd_pos', 'get_unused_fd'].map((name) => fileH.guard(name, [], [])),
  ...[
    'filename',
    'filename_kernel',
    'filename_flags',
    'filename_uflags',
    'filename_maybe_null',
    'filename_complete_delayed',
  ].map((name) => fsH.guard(name, [], [])),
  ...[
    'override_creds',
    'prepare_creds',
    'idr_alloc',
    'tty_port_tty',
    'local_lock_init',
    'local_trylock_init',
    'seqlock_init',
    'simple_xattr',
  ].map((name) => family('include/linux/cleanup.h').guard(name, [], [])),
  family('mm/oom_kill.c').fn('find_lock_task_mm', onPointer(acquire('result.alloc_lock', 'spinlock')), {
    sleeps: 'no',
    mustCheck: true,
  }),

  // Netfilter's tables and the tunnel offloads.
  ...family('include/linux/netfilter/x_tables.h').each(
    ['xt_find_table_lock', 'xt_request_find_table_lock'],
    onPointerOrError(acquire('@xt_table', 'mutex')),
    { sleeps: 'yes', mustCheck: true },
  ),
  family('include/linux/netfilter/x_tables.h').fn(
    'xt_table_unlock',
    always(release('@xt_table', 'mutex', 'W')),
    { sleeps: 'no' },
  ),
  family('include/linux/netfilter/x_tables.h').fn('xt_compat_lock', always(acquire('@xt_compat', 'mutex')), {
    sleeps: 'yes',
  }),
  family('include/linux/netfilter/x_tables.h').fn(
    'xt_compat_unlock',
    always(release('@xt_compat', 'mutex', 'W')),
    { sleeps: 'no' },
  ),
  family('include/net/udp_tunnel.h').fn('udp_tunnel_nic_lock', always(acquire('arg0.udp_tunnel', 'mutex')), {
    sleeps: 'yes',
  }),
  family('include/net/udp_tunnel.h').fn(
    'udp_tunnel_nic_unlock',
    always(release('arg0.udp_tunnel', 'mutex', 'W')),
    { sleeps: 'no' },
  ),
  family('include/net/inet_hashtables.h').plain('inet_ehash_lockp', {
    sleeps: 'no',
    value: { value: 'pure' },
  }),
  ...family('include/linux/notifier.h').each(
    [
      'blocking_notifier_call_chain',
      'blocking_notifier_chain_register',
      'blocking_notifier_chain_unregister',
      'srcu_notifier_call_chain',
      'srcu_notifier_chain_register',
      'srcu_notifier_chain_unregister',
    ],
    [],
    { sleeps: 'yes' },
  ),
  ...family('include/linux/notifier.h').each(
    ['atomic_notifier_call_chain', 'atomic_notifier_chain_register'],
    [],
    { sleeps: 'no' },
  ),
  ...family('include/linux/sched/rt.h').each(['rt_mutex_schedule', 'schedule_rtlock'], [], { sleeps: 'yes' }),
  family('include/linux/lockref.h').fn(
    'lockref_put_or_lock',
    on('false', 'true', acquire('arg0.lock', 'spinlock')),
    checked,
  ),
];
