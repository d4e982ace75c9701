/** Device locks and the locks of buses and subsystems that drivers take through helpers. */
import { acquire, always, family, held, on, onPointer, onTrue, onZero, release, set } from './build.ts';
import type { Contract, LockKind, LockRef } from './contract.ts';

const quiet = { sleeps: 'no', dereferences: [0] } as const;
const sleeping = { sleeps: 'yes', dereferences: [0] } as const;
const trying = { ...quiet, mustCheck: true } as const;
const maskIrq = acquire('@irq', 'irq');
const saveIrq = acquire('@irq', 'irq', 'W', { nested: true });
const unmaskIrq = release('@irq', 'irq');

/** A sleeping lock behind a pair of helpers. */
function mutexPair(
  source: string,
  lock: readonly string[],
  unlock: readonly string[],
  ref: LockRef,
  kind: LockKind = 'mutex',
): Contract[] {
  const { each } = family(source);
  return [
    ...each(lock, always(acquire(ref, kind)), { sleeps: 'yes' }),
    ...each(unlock, always(release(ref, kind, 'W')), { sleeps: 'no' }),
  ];
}
const tryOn = (source: string, name: string, ref: LockRef, kind: LockKind = 'mutex') =>
  family(source).fn(name, onTrue(acquire(ref, kind, 'W', { trylock: true })), {
    sleeps: 'no',
    mustCheck: true,
  });
const zeroOn = (source: string, name: string, ref: LockRef, kind: LockKind = 'mutex') =>
  family(source).fn(name, onZero(acquire(ref, kind)), { sleeps: 'yes', mustCheck: true });

const DEV = 'include/linux/device.h';
const UART = 'include/linux/serial_core.h';
const PCM = 'include/sound/pcm.h';
const uart = family(UART);
const port = acquire('arg0.lock', 'spinlock');
const portOff = release('arg0.lock', 'spinlock');
const stream = 'arg0.self_group';
const pcm = family(PCM);

export const device: readonly Contract[] = [
  ...mutexPair(DEV, ['device_lock'], ['device_unlock'], 'arg0.mutex'),
  tryOn(DEV, 'device_trylock', 'arg0.mutex'),
  zeroOn(DEV, 'device_lock_interruptible', 'arg0.mutex'),
  family(DEV).guard(
    'device',
    [acquire('arg0.mutex', 'mutex')],
    [release('arg0.mutex', 'mutex', 'W')],
    sleeping,
  ),
  family(DEV).condGuard(
    'device_intr',
    [acquire('arg0.mutex', 'mutex')],
    [release('arg0.mutex', 'mutex', 'W')],
    sleeping,
  ),
  family(DEV).condGuard(
    'device_try',
    [acquire('arg0.mutex', 'mutex', 'W', { trylock: true })],
    [release('arg0.mutex', 'mutex', 'W')],
    quiet,
  ),
  family(DEV).fn('device_lock_assert', [], {
    ...quiet,
    assertion: true,
    needs: [held('arg0.mutex', 'mutex', ['W'], 'it asserts that the device is locked')],
  }),
  ...family(DEV).each(
    [
      'device_add',
      'device_register',
      'device_unregister',
      'device_del',
      'device_create',
      'device_destroy',
      'device_attach',
      'device_release_driver',
      'driver_register',
      'driver_unregister',
      'bus_register',
      'class_create',
      'class_register',
      'device_move',
      'device_rename',
      'platform_device_register',
      'platform_device_unregister',
      'platform_driver_unregister',
      'misc_register',
      'misc_deregister',
      'cdev_device_add',
      'cdev_device_del',
      'request_firmware',
      'request_firmware_direct',
      'request_module',
      'call_usermodehelper',
      'kobject_uevent',
      'kobject_uevent_env',
    ],
    [],
    { sleeps: 'yes' },
  ),

  ...mutexPair('include/linux/pci.h', ['pci_dev_lock'], ['pci_dev_unlock'], 'arg0.dev.mutex'),
  tryOn('include/linux/pci.h', 'pci_dev_trylock', 'arg0.dev.mutex'),
  family('include/linux/pci.h').guard(
    'pci_dev',
    [acquire('arg0.dev.mutex', 'mutex')],
    [release('arg0.dev.mutex', 'mutex', 'W')],
    sleeping,
  ),
  ...mutexPair(
    'include/linux/pci.h',
    ['pci_lock_rescan_remove'],
    ['pci_unlock_rescan_remove'],
    '@pci_rescan_remove_lock',
  ),
  ...mutexPair('include/linux/usb.h', ['usb_lock_device'], ['usb_unlock_device'], 'arg0.dev.mutex'),
  tryOn('include/linux/usb.h', 'usb_trylock_device', 'arg0.dev.mutex'),
  zeroOn('include/linux/usb.h', 'usb_lock_device_for_reset', 'arg0.dev.mutex'),
  ...family('include/linux/usb.h').each(
    [
      'usb_kill_urb',
      'usb_poison_urb',
      'usb_kill_anchored_urbs',
      'usb_control_msg',
      'usb_bulk_msg',
      'usb_interrupt_msg',
      'usb_set_interface',
      'usb_reset_device',
      'usb_deregister',
    ],
    [],
    { sleeps: 'yes' },
  ),
  family('include/linux/usb.h').plain('usb_submit_urb', { sleeps: { gfp: 1 } }),

  // The bus lock may be a mutex, an rt_mutex or nothing.
  ...mutexPair('include/linux/i2c.h', ['i2c_lock_bus'], ['i2c_unlock_bus'], 'arg0.bus_lock', 'rtmutex'),
  tryOn('include/linux/i2c.h', 'i2c_trylock_bus', 'arg0.bus_lock', 'rtmutex'),
  ...family('include/linux/i2c.h').each(
    [
      'i2c_transfer',
      'i2c_master_send',
      'i2c_master_recv',
      'i2c_smbus_read_byte_data',
      'i2c_smbus_write_byte_data',
      'i2c_smbus_read_byte',
      'i2c_smbus_write_byte',
      'i2c_smbus_read_word_data',
      'i2c_smbus_write_word_data',
      'i2c_smbus_read_i2c_block_data',
      'i2c_smbus_write_i2c_block_data',
      'i2c_smbus_xfer',
    ],
    [],
    { sleeps: 'yes' },
  ),
  ...mutexPair('include/linux/spi/spi.h', ['spi_bus_lock'], ['spi_bus_unlock'], 'arg0.bus_lock_mutex'),
  ...family('include/linux/spi/spi.h').each(
    ['spi_sync', 'spi_write', 'spi_read', 'spi_write_then_read', 'spi_sync_locked', 'spi_sync_transfer'],
    [],
    { sleeps: 'yes' },
  ),
  ...family('include/linux/clk.h').each(
    [
      'clk_prepare',
      'clk_unprepare',
      'clk_prepare_enable',
      'clk_disable_unprepare',
      'clk_set_rate',
      'clk_set_parent',
      'clk_get',
      'clk_put',
      'regulator_enable',
      'regulator_disable',
      'regulator_get',
      'regulator_put',
      'regulator_set_voltage',
      'gpiod_set_value_cansleep',
      'gpiod_get_value_cansleep',
      'gpio_set_value_cansleep',
      'gpio_get_value_cansleep',
      'reset_control_get',
      'nvmem_device_read',
      'mdiobus_read',
      'mdiobus_write',
      'phy_read',
      'phy_write',
    ],
    [],
    { sleeps: 'yes' },
  ),
  ...mutexPair('include/linux/hwmon.h', ['hwmon_lock'], ['hwmon_unlock'], 'arg0.hwmon_lock'),
  family('include/linux/hwmon.h').guard(
    'hwmon_lock',
    [acquire('arg0.hwmon_lock', 'mutex')],
    [release('arg0.hwmon_lock', 'mutex', 'W')],
    sleeping,
  ),
  ...mutexPair('include/linux/tty.h', ['tty_lock'], ['tty_unlock'], 'arg0.legacy_mutex'),
  zeroOn('include/linux/tty.h', 'tty_lock_interruptible', 'arg0.legacy_mutex'),
  ...mutexPair(
    'include/linux/tty_flip.h',
    ['tty_buffer_lock_exclusive'],
    ['tty_buffer_unlock_exclusive'],
    'arg0.buf.lock',
  ),
  ...mutexPair(
    'include/linux/jbd2.h',
    ['jbd2_journal_lock_updates'],
    ['jbd2_journal_unlock_updates'],
    'arg0.j_barrier',
  ),
  family('include/linux/cpufreq.h').guard(
    'cpufreq_policy_write',
    [acquire('arg0.rwsem', 'rwsem', 'W')],
    [release('arg0.rwsem', 'rwsem', 'W')],
    sleeping,
  ),
  family('include/linux/cpufreq.h').guard(
    'cpufreq_policy_read',
    [acquire('arg0.rwsem', 'rwsem', 'R')],
    [release('arg0.rwsem', 'rwsem', 'R')],
    sleeping,
  ),
  family('include/linux/thermal.h').guard(
    'cooling_dev',
    [acquire('arg0.lock', 'mutex')],
    [release('arg0.lock', 'mutex', 'W')],
    sleeping,
  ),
  family('drivers/thermal/thermal_core.h').guard(
    'thermal_zone',
    [acquire('arg0.lock', 'mutex')],
    [release('arg0.lock', 'mutex', 'W')],
    sleeping,
  ),
  ...mutexPair('include/media/v4l2-ctrls.h', ['v4l2_ctrl_lock'], ['v4l2_ctrl_unlock'], 'arg0->handler->lock'),
  ...mutexPair(
    'include/media/v4l2-subdev.h',
    ['v4l2_subdev_lock_state'],
    ['v4l2_subdev_unlock_state'],
    'arg0->lock',
  ),
  family('include/media/v4l2-subdev.h').fn(
    'v4l2_subdev_lock_and_get_active_state',
    onPointer(acquire('result->lock', 'mutex')),
    { sleeps: 'yes' },
  ),

  // Serial ports.
  uart.fn('uart_port_lock', always(port), quiet),
  uart.fn('uart_port_lock_irq', always(maskIrq, port), quiet),
  uart.fn('uart_port_lock_irqsave', always(set('*arg1', 'unknown'), saveIrq, port), quiet),
  uart.fn('uart_port_unlock', always(portOff), quiet),
  uart.fn('uart_port_unlock_irq', always(portOff, unmaskIrq), quiet),
  uart.fn('uart_port_unlock_irqrestore', always(portOff, unmaskIrq), quiet),
  uart.fn('uart_port_trylock', onTrue(acquire('arg0.lock', 'spinlock', 'W', { trylock: true })), trying),
  uart.fn(
    'uart_port_trylock_irqsave',
    onTrue(saveIrq, acquire('arg0.lock', 'spinlock', 'W', { trylock: true })),
    trying,
  ),
  uart.fn('uart_unlock_and_check_sysrq', always(portOff), quiet),
  uart.fn('uart_unlock_and_check_sysrq_irqrestore', always(portOff, unmaskIrq), quiet),
  uart.guard('uart_port_lock', [port], [portOff], quiet),
  uart.condGuard(
    'uart_port_lock_try',
    [acquire('arg0.lock', 'spinlock', 'W', { trylock: true })],
    [portOff],
    quiet,
  ),
  uart.guard('uart_port_lock_irq', [maskIrq, port], [portOff, unmaskIrq], quiet),
  uart.guard('uart_port_lock_irqsave', [saveIrq, port], [portOff, unmaskIrq], quiet),
  uart.condGuard(
    'uart_port_lock_irqsave_try',
    [saveIrq, acquire('arg0.lock', 'spinlock', 'W', { trylock: true })],
    [portOff, unmaskIrq],
    quiet,
  ),
  uart.guard('uart_port_lock_check_sysrq_irqsave', [saveIrq, port], [portOff, unmaskIrq], quiet),

  // A PCM stream's lock is a mutex or a spinlock with interrupts off, as the driver asked.
  ...['', '_irq'].flatMap((suffix) => [
    pcm.fn(`snd_pcm_stream_lock${suffix}`, always(acquire(stream, 'mutex')), quiet),
    pcm.fn(`snd_pcm_stream_unlock${suffix}`, always(release(stream, 'mutex', 'W')), quiet),
  ]),
  pcm.fn('snd_pcm_stream_lock_irqsave', always(set('arg1', 'unknown'), acquire(stream, 'mutex')), quiet),
  pcm.fn(
    'snd_pcm_stream_lock_irqsave_nested',
    always(set('arg1', 'unknown'), acquire(stream, 'mutex', 'W', { nested: true })),
    quiet,
  ),
  pcm.fn('snd_pcm_stream_unlock_irqrestore', always(release(stream, 'mutex', 'W')), quiet),
  ...['pcm_stream_lock', 'pcm_stream_lock_irq', 'pcm_stream_lock_irqsave'].map((name) =>
    pcm.guard(name, [acquire(stream, 'mutex')], [release(stream, 'mutex', 'W')], quiet),
  ),

  // Interrupt descriptors.
  ...family('kernel/irq/internals.h').each(
    ['irq_get_desc_lock', 'irq_get_desc_buslock'],
    onPointer(saveIrq, acquire('result.lock', 'raw_spinlock')),
    { mustCheck: true },
  ),
  ...family('kernel/irq/internals.h').each(
    ['irq_put_desc_unlock', 'irq_put_desc_busunlock'],
    always(release('arg0.lock', 'raw_spinlock', 'W'), unmaskIrq),
    {},
  ),

  // Regmap's lock is the map's own, of a kind that its maker chose; accesses take it inside.
  ...family('include/linux/regmap.h').each(['regmap_init', 'regmap_exit'], [], { sleeps: 'yes' }),
  ...family('include/linux/blkdev.h').each(
    ['blk_queue_enter'],
    on('zero', 'negative', acquire('arg0.q_usage_counter', 'reference', 'R')),
    { mustCheck: true },
  ),
  ...family('include/linux/blkdev.h').each(
    ['blk_queue_exit'],
    always(release('arg0.q_usage_counter', 'reference', 'R')),
    { sleeps: 'no' },
  ),
];
