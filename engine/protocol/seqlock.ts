/** `seqlock_t` and sequence counts. Readers that only look at the count hold nothing. */
import { acquire, always, family, onTrue, release, set } from './build.ts';
import type { Contract } from './contract.ts';

const h = family('include/linux/seqlock.h');
const statsH = family('include/linux/u64_stats_sync.h');
const noSleep = { sleeps: 'no', dereferences: [0] } as const;
const maskIrq = acquire('@irq', 'irq');
const saveIrq = acquire('@irq', 'irq', 'W', { nested: true });
const unmaskIrq = release('@irq', 'irq');
const maskBh = acquire('@bh', 'bh');
const unmaskBh = release('@bh', 'bh');

/** `write_seqlock` and `read_seqlock_excl` with their masks. */
function side(lockName: string, unlockName: string, mode: 'R' | 'W'): Contract[] {
  const take = acquire('arg0', 'seqlock', mode);
  const give = release('arg0', 'seqlock', mode);
  return [
    h.fn(lockName, always(take), noSleep),
    h.fn(`${lockName}_irq`, always(maskIrq, take), noSleep),
    h.fn(`${lockName}_bh`, always(maskBh, take), noSleep),
    h.fn(`${lockName}_irqsave`, always(set('arg1', 'unknown'), saveIrq, take), noSleep),
    h.fn(unlockName, always(give), noSleep),
    h.fn(`${unlockName}_irq`, always(give, unmaskIrq), noSleep),
    h.fn(`${unlockName}_bh`, always(give, unmaskBh), noSleep),
    h.fn(`${unlockName}_irqrestore`, always(give, unmaskIrq), noSleep),
  ];
}

const beginWrite = acquire('arg0', 'seqcount');
const endWrite = release('arg0', 'seqcount', 'W');

export const seqlock: readonly Contract[] = [
  ...side('write_seqlock', 'write_sequnlock', 'W'),
  ...side('read_seqlock_excl', 'read_sequnlock_excl', 'R'),
  ...h.each(
    ['write_seqcount_begin', 'raw_write_seqcount_begin', 'do_raw_write_seqcount_begin'],
    always(beginWrite),
    noSleep,
  ),
  h.fn('write_seqcount_begin_nested', always(acquire('arg0', 'seqcount', 'W', { nested: true })), noSleep),
  ...h.each(
    ['write_seqcount_end', 'raw_write_seqcount_end', 'do_raw_write_seqcount_end'],
    always(endWrite),
    noSleep,
  ),
  // A reader holds nothing: it looks at the count, reads, and asks whether the count moved.
  ...h.each(
    [
      'read_seqbegin',
      'read_seqcount_begin',
      'raw_read_seqcount_begin',
      '__read_seqcount_begin',
      'raw_read_seqcount_latch',
      'read_seqcount_latch',
    ],
    always(acquire('arg0.seq', 'speculation', 'R')),
    { sleeps: 'no' },
  ),
  ...h.each(
    [
      'read_seqretry',
      'read_seqcount_retry',
      '__read_seqcount_retry',
      'read_seqcount_latch_retry',
      'raw_read_seqcount_latch_retry',
    ],
    always(release('arg0.seq', 'speculation')),
    { sleeps: 'no' },
  ),
  h.fn('raw_seqcount_try_begin', onTrue(acquire('arg0.seq', 'speculation', 'R'), set('arg1', 'unknown')), {
    sleeps: 'no',
  }),
  ...statsH.each(
    ['u64_stats_fetch_begin', 'u64_stats_fetch_begin_irq'],
    always(acquire('arg0.seq', 'speculation', 'R')),
    { sleeps: 'no' },
  ),
  ...statsH.each(
    ['u64_stats_fetch_retry', 'u64_stats_fetch_retry_irq'],
    always(release('arg0.seq', 'speculation')),
    { sleeps: 'no' },
  ),
  // They only look at the count, or leave it to the caller to wait for an even one.
  ...h.each(['raw_read_seqcount', 'raw_seqcount_begin'], [], { sleeps: 'no' }),
  ...h.each(
    [
      'write_seqcount_latch_begin',
      'write_seqcount_latch',
      'write_seqcount_latch_end',
      'raw_write_seqcount_latch',
      'raw_write_seqcount_barrier',
      'write_seqcount_invalidate',
      // These take the lock for exclusive reading where the count in `seq` is odd, and give it back likewise.
      'need_seqretry',
    ],
    [],
    { sleeps: 'no' },
  ),
  ...h.each(
    ['read_seqbegin_or_lock', 'read_seqbegin_or_lock_irqsave', 'done_seqretry', 'done_seqretry_irqrestore'],
    [],
    {
      sleeps: 'no',
    },
  ),
  ...h.each(['seqlock_init', 'seqcount_init'], [], { sleeps: 'no' }),
];
