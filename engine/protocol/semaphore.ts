/** `struct semaphore`: counts, and may be given back by another task than the one that took it. */
import { acquire, always, family, on, onZero, release } from './build.ts';
import type { Contract } from './contract.ts';

const h = family('include/linux/semaphore.h');
const take = acquire('arg0', 'semaphore');
const give = release('arg0', 'semaphore', 'W');
const sleeping = { sleeps: 'yes', dereferences: [0] } as const;

export const semaphore: readonly Contract[] = [
  h.fn('down', always(take), sleeping),
  ...h.each(['down_interruptible', 'down_killable', 'down_timeout'], onZero(take), {
    ...sleeping,
    mustCheck: true,
  }),
  // The other way round than every other trylock: 0 means taken.
  h.fn('down_trylock', on('zero', 'positive', acquire('arg0', 'semaphore', 'W', { trylock: true })), {
    sleeps: 'no',
    dereferences: [0],
    mustCheck: true,
  }),
  h.fn('up', always(give), { sleeps: 'no', dereferences: [0] }),
  h.plain('sema_init', { sleeps: 'no' }),
];
