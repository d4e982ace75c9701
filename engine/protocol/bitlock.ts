/** Bits that are spinlocks: `bit_spin_lock()` and the hash lists with a lock bit in their head. */
import { acquire, always, family, onTrue, release } from './build.ts';
import type { Contract } from './contract.ts';

const h = family('include/linux/bit_spinlock.h');
const listH = family('include/linux/list_bl.h');
const rhashH = family('include/linux/rhashtable.h');
const quiet = { sleeps: 'no' } as const;

export const bitlock: readonly Contract[] = [
  h.fn('bit_spin_lock', always(acquire('arg1', 'bit_spinlock')), { ...quiet, dereferences: [1] }),
  h.fn('bit_spin_trylock', onTrue(acquire('arg1', 'bit_spinlock', 'W', { trylock: true })), {
    ...quiet,
    dereferences: [1],
    mustCheck: true,
  }),
  ...h.each(['bit_spin_unlock', '__bit_spin_unlock'], always(release('arg1', 'bit_spinlock', 'W')), {
    ...quiet,
    dereferences: [1],
  }),
  h.plain('bit_spin_is_locked', quiet),
  listH.fn('hlist_bl_lock', always(acquire('arg0', 'bit_spinlock')), { ...quiet, dereferences: [0] }),
  listH.fn('hlist_bl_unlock', always(release('arg0', 'bit_spinlock', 'W')), { ...quiet, dereferences: [0] }),
  // The bucket's bit is taken with bottom halves or interrupts off.
  rhashH.fn(
    'rht_lock',
    always(acquire('@irq', 'irq', 'W', { nested: true }), acquire('arg1', 'bit_spinlock')),
    quiet,
  ),
  rhashH.fn(
    'rht_lock_nested',
    always(
      acquire('@irq', 'irq', 'W', { nested: true }),
      acquire('arg1', 'bit_spinlock', 'W', { nested: true }),
    ),
    quiet,
  ),
  rhashH.fn('rht_unlock', always(release('arg1', 'bit_spinlock', 'W'), release('@irq', 'irq')), quiet),
  rhashH.fn('rht_assign_unlock', always(release('arg1', 'bit_spinlock', 'W'), release('@irq', 'irq')), quiet),
];
