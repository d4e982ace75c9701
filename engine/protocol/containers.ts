/** Locks that live in the kernel's containers and are taken through the container's own helpers. */
import { acquire, always, family, onTrue, release, set } from './build.ts';
import type { Contract, LockRef } from './contract.ts';

const quiet = { sleeps: 'no', dereferences: [0] } as const;
const maskIrq = acquire('@irq', 'irq');
const saveIrq = acquire('@irq', 'irq', 'W', { nested: true });
const unmaskIrq = release('@irq', 'irq');
const maskBh = acquire('@bh', 'bh');
const unmaskBh = release('@bh', 'bh');

/** A spinlock behind `PREFIX_lock` and its variants. */
function spinning(source: string, prefix: string, ref: LockRef): Contract[] {
  const { fn } = family(source);
  const take = acquire(ref, 'spinlock');
  const nest = acquire(ref, 'spinlock', 'W', { nested: true });
  const give = release(ref, 'spinlock');
  return [
    fn(`${prefix}_lock`, always(take), quiet),
    fn(`${prefix}_unlock`, always(give), quiet),
    fn(`${prefix}_lock_bh`, always(maskBh, take), quiet),
    fn(`${prefix}_unlock_bh`, always(give, unmaskBh), quiet),
    fn(`${prefix}_lock_irq`, always(maskIrq, take), quiet),
    fn(`${prefix}_unlock_irq`, always(give, unmaskIrq), quiet),
    fn(`${prefix}_lock_irqsave`, always(set('arg1', 'unknown'), saveIrq, take), quiet),
    fn(`${prefix}_unlock_irqrestore`, always(give, unmaskIrq), quiet),
    fn(`${prefix}_trylock`, onTrue(acquire(ref, 'spinlock', 'W', { trylock: true })), {
      ...quiet,
      mustCheck: true,
    }),
    fn(`${prefix}_lock_nested`, always(nest), quiet),
    fn(`${prefix}_lock_bh_nested`, always(maskBh, nest), quiet),
    fn(`${prefix}_lock_irq_nested`, always(maskIrq, nest), quiet),
    fn(`${prefix}_lock_irqsave_nested`, always(set('arg1', 'unknown'), saveIrq, nest), quiet),
  ];
}

export const containers: readonly Contract[] = [
  ...spinning('include/linux/xarray.h', 'xa', 'arg0.xa_lock'),
  ...spinning('include/linux/xarray.h', 'xas', 'arg0->xa.xa_lock').filter(
    (row) => !row.name.includes('nested'),
  ),
  ...spinning('include/linux/maple_tree.h', 'mtree', 'arg0.ma_lock').filter((row) =>
    /_(un)?lock(_nested)?$/.test(row.name),
  ),
  ...spinning('include/linux/maple_tree.h', 'mas', 'arg0->tree.ma_lock').filter((row) =>
    /_(un)?lock(_nested|_irqsave|_irqrestore)?$/.test(row.name),
  ),
  // Some architectures lock the mapping's pages around a change of its VMAs, others do nothing.
  family('include/linux/cacheflush.h').plain('flush_dcache_mmap_lock', { sleeps: 'no' }),
  family('include/linux/cacheflush.h').plain('flush_dcache_mmap_unlock', { sleeps: 'no' }),
  family('include/linux/memory_hotplug.h').fn(
    'pgdat_resize_lock',
    always(set('*arg1', 'unknown'), saveIrq, acquire('arg0.node_size_lock', 'spinlock')),
    quiet,
  ),
  family('include/linux/memory_hotplug.h').fn(
    'pgdat_resize_unlock',
    always(release('arg0.node_size_lock', 'spinlock'), unmaskIrq),
    quiet,
  ),
  // Which of the two it takes with the RCU read section is in the cookie.
  family('include/linux/backing-dev.h').fn(
    'unlocked_inode_to_wb_begin',
    always(acquire('@rcu', 'rcu', 'R')),
    {
      sleeps: 'no',
      value: { value: 'valid' },
    },
  ),
  family('include/linux/backing-dev.h').fn('unlocked_inode_to_wb_end', always(release('@rcu', 'rcu', 'R')), {
    sleeps: 'no',
  }),
];
