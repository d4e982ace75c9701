/** `local_lock_t`: without PREEMPT_RT, preemption or interrupts off for the data of this processor. */
import { acquire, always, family, onTrue, release, set } from './build.ts';
import type { Contract } from './contract.ts';

const h = family('include/linux/local_lock.h');
const quiet = { sleeps: 'no' } as const;
const take = acquire('arg0', 'local_lock');
const tryTake = acquire('arg0', 'local_lock', 'W', { trylock: true });
const give = release('arg0', 'local_lock', 'W');
const maskIrq = acquire('@irq', 'irq');
const saveIrq = acquire('@irq', 'irq', 'W', { nested: true });
const unmaskIrq = release('@irq', 'irq');

export const locallock: readonly Contract[] = [
  // The nested_bh form is for a section that has bottom halves off already.
  ...h.each(['local_lock', 'local_lock_nested_bh'], always(take), quiet),
  h.fn('local_lock_irq', always(maskIrq, take), quiet),
  h.fn('local_lock_irqsave', always(set('arg1', 'unknown'), saveIrq, take), quiet),
  ...h.each(['local_unlock', 'local_unlock_nested_bh'], always(give), quiet),
  h.fn('local_unlock_irq', always(give, unmaskIrq), quiet),
  h.fn('local_unlock_irqrestore', always(give, unmaskIrq), quiet),
  h.fn('local_trylock', onTrue(tryTake), { ...quiet, mustCheck: true }),
  h.fn('local_trylock_irqsave', onTrue(set('arg1', 'unknown'), saveIrq, tryTake), {
    ...quiet,
    mustCheck: true,
  }),
  h.plain('local_lock_init', quiet),
  h.guard('local_lock', [take], [give], quiet),
  h.guard('local_lock_irq', [maskIrq, take], [give, unmaskIrq], quiet),
  h.guard('local_lock_irqsave', [saveIrq, take], [give, unmaskIrq], quiet),
  h.guard('local_lock_nested_bh', [take], [give], quiet),
];
