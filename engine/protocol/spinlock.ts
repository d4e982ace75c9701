/**
 * `spinlock_t`, `raw_spinlock_t`, `rwlock_t` and the counters that take one as they reach zero, with every
 * way of masking interrupts or bottom halves for the time the lock is held.
 */
import { acquire, always, family, onTrue, release, set } from './build.ts';
import type { Contract, Effect, LockKind, Mode } from './contract.ts';

const spinH = family('include/linux/spinlock.h');
const rwH = family('include/linux/rwlock.h');

const noSleep = { sleeps: 'no', dereferences: [0] } as const;
const trying = { ...noSleep, mustCheck: true } as const;
const maskIrq = acquire('@irq', 'irq');
const saveIrq = acquire('@irq', 'irq', 'W', { nested: true });
const unmaskIrq = release('@irq', 'irq');
const maskBh = acquire('@bh', 'bh');
const unmaskBh = release('@bh', 'bh');

/** The locking functions of one lock type and mode; the masks come first, as the functions apply them. */
function variants(lockName: string, unlockName: string, tryName: string, kind: LockKind, mode: Mode) {
  const h = kind === 'rwlock' ? rwH : spinH;
  const take = acquire('arg0', kind, mode);
  const nest = acquire('arg0', kind, mode, { nested: true });
  const tryTake = acquire('arg0', kind, mode, { trylock: true });
  const give = release('arg0', kind, mode);
  const rows: Contract[] = [
    h.fn(lockName, always(take), noSleep),
    h.fn(`${lockName}_nested`, always(nest), noSleep),
    h.fn(`${lockName}_irq`, always(maskIrq, take), noSleep),
    h.fn(`${lockName}_bh`, always(maskBh, take), noSleep),
    h.fn(`${lockName}_irqsave`, always(set('arg1', 'unknown'), saveIrq, take), noSleep),
    h.fn(unlockName, always(give), noSleep),
    h.fn(`${unlockName}_irq`, always(give, unmaskIrq), noSleep),
    h.fn(`${unlockName}_bh`, always(give, unmaskBh), noSleep),
    h.fn(`${unlockName}_irqrestore`, always(give, unmaskIrq), noSleep),
    h.fn(tryName, onTrue(tryTake), trying),
    h.fn(`${tryName}_irq`, onTrue(maskIrq, tryTake), trying),
    h.fn(`${tryName}_bh`, onTrue(maskBh, tryTake), trying),
    h.fn(`${tryName}_irqsave`, onTrue(set('arg1', 'unknown'), saveIrq, tryTake), trying),
  ];
  if (kind !== 'rwlock') {
    rows.push(
      h.fn(`${lockName}_nest_lock`, always(nest), noSleep),
      h.fn(`${lockName}_irqsave_nested`, always(set('arg1', 'unknown'), saveIrq, nest), noSleep),
      h.fn(`${lockName}_bh_nested`, always(maskBh, nest), noSleep),
      h.fn(`${lockName}_irq_nested`, always(maskIrq, nest), noSleep),
    );
  }
  return rows;
}

/** The guard classes of one lock type and mode. */
function guards(base: string, kind: LockKind, mode: Mode): Contract[] {
  const take = acquire('arg0', kind, mode);
  const give = release('arg0', kind, mode);
  const tryTake = acquire('arg0', kind, mode, { trylock: true });
  const masks: readonly (readonly [string, readonly Effect[], readonly Effect[]])[] = [
    ['', [], []],
    ['_irq', [maskIrq], [unmaskIrq]],
    ['_bh', [maskBh], [unmaskBh]],
    ['_irqsave', [saveIrq], [unmaskIrq]],
  ];
  return masks.flatMap(([suffix, mask, unmask]) => [
    spinH.guard(`${base}${suffix}`, [...mask, take], [give, ...unmask], noSleep),
    spinH.condGuard(`${base}${suffix}_try`, [...mask, tryTake], [give, ...unmask], noSleep),
  ]);
}

const decAndLock = (kind: LockKind) => acquire('arg1', kind);

export const spinlock: readonly Contract[] = [
  ...variants('spin_lock', 'spin_unlock', 'spin_trylock', 'spinlock', 'W'),
  ...variants('raw_spin_lock', 'raw_spin_unlock', 'raw_spin_trylock', 'raw_spinlock', 'W'),
  ...variants('_raw_spin_lock', '_raw_spin_unlock', '_raw_spin_trylock', 'raw_spinlock', 'W'),
  ...variants('read_lock', 'read_unlock', 'read_trylock', 'rwlock', 'R'),
  ...variants('write_lock', 'write_unlock', 'write_trylock', 'rwlock', 'W'),
  ...variants('_raw_read_lock', '_raw_read_unlock', '_raw_read_trylock', 'rwlock', 'R'),
  ...variants('_raw_write_lock', '_raw_write_unlock', '_raw_write_trylock', 'rwlock', 'W'),
  ...guards('spinlock', 'spinlock', 'W'),
  ...guards('raw_spinlock', 'raw_spinlock', 'W'),
  spinH.guard(
    'raw_spinlock_nested',
    [acquire('arg0', 'raw_spinlock', 'W', { nested: true })],
    [release('arg0', 'raw_spinlock', 'W')],
    noSleep,
  ),
  ...guards('read_lock', 'rwlock', 'R'),
  ...guards('write_lock', 'rwlock', 'W'),
  ...['spinlock_init', 'raw_spinlock_init', 'rwlock_init'].map((name) => spinH.guard(name, [], [])),

  ...spinH.each(['arch_spin_lock', 'do_raw_spin_lock'], always(acquire('arg0', 'raw_spinlock')), noSleep),
  ...spinH.each(['arch_spin_unlock', 'do_raw_spin_unlock'], always(release('arg0', 'raw_spinlock')), noSleep),
  ...spinH.each(
    ['arch_spin_trylock', 'do_raw_spin_trylock'],
    onTrue(acquire('arg0', 'raw_spinlock', 'W', { trylock: true })),
    trying,
  ),
  ...(['read', 'write'] as const).flatMap((side) => {
    const mode = side === 'read' ? 'R' : 'W';
    return [
      ...rwH.each(
        [`arch_${side}_lock`, `do_raw_${side}_lock`],
        always(acquire('arg0', 'rwlock', mode)),
        noSleep,
      ),
      ...rwH.each(
        [`arch_${side}_unlock`, `do_raw_${side}_unlock`],
        always(release('arg0', 'rwlock', mode)),
        noSleep,
      ),
      ...rwH.each(
        [`arch_${side}_trylock`, `do_raw_${side}_trylock`],
        onTrue(acquire('arg0', 'rwlock', mode, { trylock: true })),
        trying,
      ),
    ];
  }),

  ...spinH.each(
    ['spin_is_locked', 'raw_spin_is_locked', 'spin_is_contended', 'raw_spin_is_contended', 'spin_needbreak'],
    [],
    noSleep,
  ),
  ...spinH.each(
    ['spin_lock_init', 'raw_spin_lock_init', 'rwlock_init', '__spin_lock_init', '__raw_spin_lock_init'],
    [],
    { sleeps: 'no' },
  ),

  ...spinH.each(['atomic_dec_and_lock', '_atomic_dec_and_lock'], onTrue(decAndLock('spinlock')), trying),
  spinH.fn(
    'atomic_dec_and_lock_irqsave',
    onTrue(set('arg2', 'unknown'), saveIrq, decAndLock('spinlock')),
    trying,
  ),
  spinH.fn('_atomic_dec_and_lock_irqsave', onTrue(saveIrq, decAndLock('spinlock')), trying),
  ...spinH.each(
    ['atomic_dec_and_raw_lock', '_atomic_dec_and_raw_lock'],
    onTrue(decAndLock('raw_spinlock')),
    trying,
  ),
  spinH.fn(
    'atomic_dec_and_raw_lock_irqsave',
    onTrue(set('arg2', 'unknown'), saveIrq, decAndLock('raw_spinlock')),
    trying,
  ),
  spinH.fn('refcount_dec_and_lock', onTrue(decAndLock('spinlock')), trying),
  spinH.fn(
    'refcount_dec_and_lock_irqsave',
    onTrue(set('*arg2', 'unknown'), saveIrq, decAndLock('spinlock')),
    trying,
  ),
];
