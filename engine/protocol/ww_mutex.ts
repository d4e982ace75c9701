/**
 * Wound/wait mutexes and what is built on them. With a context, taking one may fail (-EDEADLK) and the context
 * remembers which are held; without, it is a plain mutex.
 */
import { acquire, always, family, onTrue, release } from './build.ts';
import type { Contract, LockRef, Outcome } from './contract.ts';

const h = family('include/linux/ww_mutex.h');
const resvH = family('include/linux/dma-resv.h');
const drmH = family('include/drm/drm_modeset_lock.h');
const ttmH = family('include/drm/ttm/ttm_bo.h');
const rtH = family('include/linux/rtmutex.h');
const sleeping = { sleeps: 'yes', dereferences: [0] } as const;

/** Taken for any result where the context is NULL, else where the result is 0. */
function withContext(lock: LockRef, context: number, interruptible: boolean): Outcome[] {
  const take = acquire(lock, 'ww_mutex', 'W', { nested: true });
  const given = (is: 'zero' | 'nonzero') => [{ operand: `arg${context}`, is }] as const;
  const without: Outcome[] = interruptible
    ? [
        { when: 'zero', given: given('zero'), effects: [take] },
        { when: 'negative', given: given('zero'), effects: [] },
      ]
    : [{ when: 'zero', given: given('zero'), effects: [take] }];
  return [
    ...without,
    { when: 'zero', given: given('nonzero'), effects: [take] },
    { when: 'negative', given: given('nonzero'), effects: [] },
  ];
}

export const ww_mutex: readonly Contract[] = [
  h.fn('ww_mutex_lock', withContext('arg0', 1, false), sleeping),
  h.fn('ww_mutex_lock_interruptible', withContext('arg0', 1, true), { ...sleeping, mustCheck: true }),
  h.fn('ww_mutex_lock_slow', always(acquire('arg0', 'ww_mutex', 'W', { nested: true })), sleeping),
  h.fn('ww_mutex_lock_slow_interruptible', withContext('arg0', 1, true), { ...sleeping, mustCheck: true }),
  h.fn('ww_mutex_trylock', onTrue(acquire('arg0', 'ww_mutex', 'W', { trylock: true })), {
    sleeps: 'no',
    dereferences: [0],
    mustCheck: true,
  }),
  h.fn('ww_mutex_unlock', always(release('arg0', 'ww_mutex', 'W')), { sleeps: 'no', dereferences: [0] }),
  ...h.each(
    [
      'ww_mutex_init',
      'ww_mutex_destroy',
      'ww_mutex_is_locked',
      'ww_acquire_init',
      'ww_acquire_done',
      'ww_acquire_fini',
    ],
    [],
    {
      sleeps: 'no',
    },
  ),

  resvH.fn('dma_resv_lock', withContext('arg0.lock', 1, false), sleeping),
  resvH.fn('dma_resv_lock_interruptible', withContext('arg0.lock', 1, true), {
    ...sleeping,
    mustCheck: true,
  }),
  resvH.fn('dma_resv_lock_slow', always(acquire('arg0.lock', 'ww_mutex', 'W', { nested: true })), sleeping),
  resvH.fn('dma_resv_trylock', onTrue(acquire('arg0.lock', 'ww_mutex', 'W', { trylock: true })), {
    sleeps: 'no',
    dereferences: [0],
    mustCheck: true,
  }),
  resvH.fn('dma_resv_unlock', always(release('arg0.lock', 'ww_mutex', 'W')), {
    sleeps: 'no',
    dereferences: [0],
  }),

  // Taken in a context, a modeset lock is given back by drm_modeset_drop_locks(ctx), which does not name it.
  drmH.fn(
    'drm_modeset_lock',
    [
      { when: 'zero', given: [{ operand: 'arg1', is: 'zero' }], effects: [acquire('arg0', 'ww_mutex')] },
      { when: 'any', given: [{ operand: 'arg1', is: 'nonzero' }], effects: [] },
    ],
    sleeping,
  ),
  drmH.fn('drm_modeset_unlock', always(release('arg0', 'ww_mutex', 'W')), {
    sleeps: 'no',
    dereferences: [0],
  }),
  ...drmH.each(
    ['drm_modeset_lock_all_ctx', 'drm_modeset_backoff', 'drm_modeset_lock_single_interruptible'],
    [],
    { sleeps: 'yes' },
  ),
  drmH.plain('drm_modeset_drop_locks', { sleeps: 'no' }),
  drmH.fn('drm_modeset_lock_all', always(acquire('arg0.modeset_locks', 'ww_mutex')), sleeping),
  drmH.fn('drm_modeset_unlock_all', always(release('arg0.modeset_locks', 'ww_mutex', 'W')), {
    dereferences: [0],
  }),
  ttmH.fn(
    'ttm_bo_reserve',
    [
      { when: 'zero', effects: [acquire('arg0.base->resv.lock', 'ww_mutex', 'W', { nested: true })] },
      { when: 'negative', effects: [] },
    ],
    { dereferences: [0] },
  ),
  ttmH.fn('ttm_bo_unreserve', always(release('arg0.base->resv.lock', 'ww_mutex', 'W')), {
    dereferences: [0],
  }),

  rtH.fn('rt_mutex_lock', always(acquire('arg0', 'rtmutex')), sleeping),
  ...rtH.each(
    ['rt_mutex_lock_nested', 'rt_mutex_lock_nest_lock', '_rt_mutex_lock_nest_lock'],
    always(acquire('arg0', 'rtmutex', 'W', { nested: true })),
    sleeping,
  ),
  ...rtH.each(
    ['rt_mutex_lock_interruptible', 'rt_mutex_lock_killable'],
    [
      { when: 'zero', effects: [acquire('arg0', 'rtmutex')] },
      { when: 'negative', effects: [] },
    ],
    { ...sleeping, mustCheck: true },
  ),
  rtH.fn('rt_mutex_trylock', onTrue(acquire('arg0', 'rtmutex', 'W', { trylock: true })), {
    sleeps: 'no',
    dereferences: [0],
    mustCheck: true,
  }),
  rtH.fn('rt_mutex_unlock', always(release('arg0', 'rtmutex', 'W')), { sleeps: 'no', dereferences: [0] }),
];
