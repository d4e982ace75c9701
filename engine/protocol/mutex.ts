/** `struct mutex`, and the atomic counters that take one as they reach zero. */
import { acquire, always, family, onTrue, onZero, release } from './build.ts';
import type { Contract } from './contract.ts';

const { fn, each, guard, condGuard } = family('include/linux/mutex.h');
const take = acquire('arg0', 'mutex');
const takeNested = acquire('arg0', 'mutex', 'W', { nested: true });
const tryTake = acquire('arg0', 'mutex', 'W', { trylock: true });
const give = release('arg0', 'mutex', 'W');

export const mutex: readonly Contract[] = [
  ...each(['mutex_lock', 'mutex_lock_io'], always(take), { sleeps: 'yes', dereferences: [0] }),
  ...each(
    ['mutex_lock_nested', 'mutex_lock_io_nested', 'mutex_lock_nest_lock', '_mutex_lock_nest_lock'],
    always(takeNested),
    { sleeps: 'yes', dereferences: [0] },
  ),
  ...each(['mutex_lock_interruptible', 'mutex_lock_killable'], onZero(take), {
    sleeps: 'yes',
    dereferences: [0],
    mustCheck: true,
  }),
  ...each(
    [
      'mutex_lock_interruptible_nested',
      'mutex_lock_killable_nested',
      'mutex_lock_killable_nest_lock',
      '_mutex_lock_killable',
    ],
    onZero(takeNested),
    { sleeps: 'yes', dereferences: [0], mustCheck: true },
  ),
  ...each(['mutex_trylock', 'mutex_trylock_nest_lock', '_mutex_trylock_nest_lock'], onTrue(tryTake), {
    sleeps: 'no',
    dereferences: [0],
    mustCheck: true,
  }),
  // Since the mutex's owner may be preempted in it, mutex_unlock() is not for interrupt context either, but it
  // does not sleep.
  fn('mutex_unlock', always(give), { sleeps: 'no', dereferences: [0] }),
  fn('mutex_is_locked', [], { sleeps: 'no', dereferences: [0] }),
  ...each(['mutex_init', '__mutex_init', 'mutex_destroy'], [], { sleeps: 'no' }),
  guard('mutex', [take], [give], { sleeps: 'yes', dereferences: [0] }),
  condGuard('mutex_try', [tryTake], [give], { sleeps: 'no', dereferences: [0] }),
  condGuard('mutex_intr', [take], [give], { sleeps: 'yes', dereferences: [0] }),
  condGuard('mutex_kill', [take], [give], { sleeps: 'yes', dereferences: [0] }),
  guard('mutex_init', [], []),
  fn('atomic_dec_and_mutex_lock', onTrue(acquire('arg1', 'mutex')), { sleeps: 'yes', mustCheck: true }),
  ...family('include/linux/refcount.h').each(
    ['refcount_dec_and_mutex_lock'],
    onTrue(acquire('arg1', 'mutex')),
    { sleeps: 'yes', mustCheck: true },
  ),
];
