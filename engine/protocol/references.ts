/**
 * References: what keeps an object, and what gives it up. They are not balanced within functions, since they are
 * handed on and stored; what matters is which objects are kept and which of these functions may sleep.
 */
import { acquire, always, family, onPointer, onPointerOrError, onTrue, release } from './build.ts';
import type { Contract, LockRef } from './contract.ts';

const take = (lock: LockRef) => acquire(lock, 'reference', 'R');
const give = (lock: LockRef) => release(lock, 'reference', 'R');
const quiet = { sleeps: 'no' } as const;
const mayDereference = { sleeps: 'no', dereferences: [0] } as const;
/** The object comes back as the result. */
const returnsIt = { value: { value: 'argument', index: 0 } } as const;

const mmH = family('include/linux/sched/mm.h');
const taskH = family('include/linux/sched/task.h');
const folioH = family('include/linux/mm.h');
const fsH = family('include/linux/fs.h');
const fileH = family('include/linux/file.h');
const krefH = family('include/linux/kref.h');
const deviceH = family('include/linux/device.h');
const ofH = family('include/linux/of.h');
const netH = family('include/linux/netdevice.h');

const ownReference = { life: 'counts', pointer: 'result' } as const;

/** Functions that return an object with a reference, or NULL. */
const gets = (source: string, names: readonly string[], sleeps: 'yes' | 'no' | null): Contract[] =>
  family(source).each(names, onPointer(take('result')), sleeps === null ? {} : { sleeps });
/** Those that look the object up: the reference that they took may be all that keeps it. */
const finds = (source: string, names: readonly string[], sleeps: 'yes' | 'no' | null): Contract[] =>
  gets(source, names, sleeps).map((row) => ({ ...row, lifetimes: [ownReference] }));
/** Functions that give up the reference of their argument, which may be NULL. */
const puts = (source: string, names: readonly string[], sleeps: 'yes' | 'no' | null): Contract[] =>
  family(source).each(names, always(give('arg0')), sleeps === null ? {} : { sleeps });
const holds = (source: string, names: readonly string[]): Contract[] =>
  family(source).each(names, always(take('arg0')), mayDereference);

export const references: readonly Contract[] = [
  mmH.fn('mmget', always(take('arg0.mm_users')), mayDereference),
  mmH.fn('mmget_not_zero', onTrue(take('arg0.mm_users')), { ...mayDereference, mustCheck: true }),
  mmH.fn('mmgrab', always(take('arg0.mm_count')), mayDereference),
  mmH.fn('mmput', always(give('arg0.mm_users')), { sleeps: 'yes', dereferences: [0] }),
  mmH.fn('mmput_async', always(give('arg0.mm_users')), mayDereference),
  ...mmH.each(
    ['mmdrop', 'mmdrop_sched', 'mmdrop_lazy_tlb', 'mmdrop_async'],
    always(give('arg0.mm_count')),
    mayDereference,
  ),
  ...mmH.each(['get_task_mm'], onPointer(take('result.mm_users')), { ...quiet, lifetimes: [ownReference] }),
  mmH.fn('mm_access', onPointerOrError(take('result.mm_users')), {
    sleeps: 'yes',
    lifetimes: [ownReference],
  }),

  taskH.fn('get_task_struct', always(take('arg0')), { ...mayDereference, ...returnsIt }),
  taskH.fn('tryget_task_struct', onPointer(take('result')), quiet),
  ...taskH.each(
    ['put_task_struct', 'put_task_struct_many', 'put_task_struct_rcu_user'],
    always(give('arg0')),
    mayDereference,
  ),
  taskH.cleanup('put_task', [give('arg0')]),
  ...finds(
    'include/linux/pid.h',
    ['get_pid_task', 'find_get_pid', 'get_task_pid', 'find_get_task_by_vpid'],
    'no',
  ),
  ...gets('include/linux/pid.h', ['get_pid'], 'no'),
  ...puts('include/linux/pid.h', ['put_pid'], 'no'),

  ...folioH.each(
    ['folio_get', 'get_page', 'folio_ref_inc', 'page_ref_inc'],
    always(take('arg0')),
    mayDereference,
  ),
  ...folioH.each(
    ['folio_try_get', 'try_get_page', 'get_page_unless_zero', 'folio_ref_try_add'],
    onTrue(take('arg0')),
    { ...mayDereference, mustCheck: true },
  ),
  ...folioH.each(
    ['folio_put', 'put_page', 'folio_put_refs', 'unpin_user_page', 'unpin_folio'],
    always(give('arg0')),
    mayDereference,
  ),

  ...fsH.each(['dget', 'dget_dlock'], always(take('arg0')), { ...quiet, ...returnsIt }),
  ...gets(
    'include/linux/dcache.h',
    ['dget_parent', 'd_find_alias', 'd_find_any_alias', 'd_lookup', 'd_hash_and_lookup'],
    null,
  ),
  fsH.fn('dput', always(give('arg0')), { sleeps: 'yes' }),
  fsH.fn('dput_to_list', always(give('arg0')), quiet),
  ...fsH.each(['ihold', '__iget'], always(take('arg0')), mayDereference),
  fsH.fn('igrab', onPointer(take('result')), { ...mayDereference, mustCheck: true }),
  fsH.fn('iput', always(give('arg0')), { sleeps: 'yes' }),
  fsH.fn('iput_not_last', always(give('arg0')), mayDereference),
  ...finds('include/linux/fs.h', ['ilookup', 'ilookup5', 'iget5_locked', 'iget_locked'], 'yes'),
  ...gets('include/linux/fs.h', ['ilookup5_nowait', 'find_inode_nowait'], 'no'),
  fsH.cleanup('iput', [give('arg0')], { sleeps: 'yes' }),
  fsH.cleanup('dput', [give('arg0')], { sleeps: 'yes' }),
  ...family('include/linux/path.h').each(['path_get'], always(take('arg0')), mayDereference),
  ...family('include/linux/path.h').each(['path_put'], always(give('arg0')), { sleeps: 'yes' }),
  family('include/linux/path.h').cleanup('path_put', [give('arg0')], { sleeps: 'yes' }),
  ...family('include/linux/mount.h').each(['mntget'], always(take('arg0')), { ...quiet, ...returnsIt }),
  ...puts('include/linux/mount.h', ['mntput'], null),
  ...puts('include/linux/mount.h', ['kern_unmount'], 'yes'),

  ...finds('include/linux/file.h', ['fget', 'fget_raw', 'fget_task', 'fget_task_next'], 'no'),
  fileH.fn('get_file', always(take('arg0')), { ...mayDereference, ...returnsIt }),
  ...fileH.each(['get_file_rcu', 'get_file_active'], onPointer(take('result')), quiet),
  // The final put is deferred to task work or a workqueue, so it does not sleep; __fput_sync() does.
  ...fileH.each(['fput'], always(give('arg0')), quiet),
  fileH.fn('__fput_sync', always(give('arg0')), { sleeps: 'yes' }),
  fileH.cleanup('fput', [give('arg0')], quiet),
  ...fileH.each(['fdget', 'fdget_raw'], [], quiet),
  fileH.fn('fdput', [], quiet),
  ...fileH.each(['fd', 'fd_raw'], [], quiet).map((row) => ({ ...row, what: 'guard' as const, exit: [] })),

  krefH.fn('kref_get', always(take('arg0')), mayDereference),
  krefH.fn('kref_get_unless_zero', onTrue(take('arg0')), { ...mayDereference, mustCheck: true }),
  // The release callback runs inside; whether it sleeps is its own affair.
  krefH.fn('kref_put', always(give('arg0')), { dereferences: [0] }),
  // The callback runs with the lock held and lets go of it; the caller never holds it.
  krefH.fn('kref_put_mutex', always(give('arg0')), { sleeps: 'yes', dereferences: [0] }),
  krefH.fn('kref_put_lock', always(give('arg0')), { dereferences: [0] }),
  ...family('include/linux/refcount.h').each(['refcount_inc', 'refcount_add'], [], quiet),
  ...family('include/linux/refcount.h').each(
    [
      'refcount_inc_not_zero',
      'refcount_dec_and_test',
      'refcount_dec',
      'refcount_set',
      'refcount_add_not_zero',
      'refcount_sub_and_test',
      'refcount_dec_if_one',
      'refcount_dec_not_one',
    ],
    [],
    quiet,
  ),
  ...holds('include/linux/kobject.h', ['kobject_get']),
  ...puts('include/linux/kobject.h', ['kobject_put'], null),

  ...deviceH.each(['get_device'], always(take('arg0')), { ...quiet, ...returnsIt }),
  ...puts('include/linux/device.h', ['put_device'], null),
  deviceH.cleanup('put_device', [give('arg0')]),
  deviceH.cleanup('device_del', [], { sleeps: 'yes' }),
  ...finds(
    'include/linux/device/bus.h',
    [
      'bus_find_device',
      'bus_find_device_by_name',
      'class_find_device',
      'driver_find_device',
      'device_find_child',
    ],
    'yes',
  ),
  ofH.fn('of_node_get', always(take('arg0')), { ...quiet, ...returnsIt }),
  ...finds(
    'include/linux/of.h',
    [
      'of_find_node_by_name',
      'of_find_node_by_path',
      'of_find_node_by_phandle',
      'of_find_compatible_node',
      'of_find_matching_node',
      'of_get_parent',
      'of_get_next_child',
      'of_get_child_by_name',
      'of_parse_phandle',
      'of_get_next_parent',
    ],
    'no',
  ),
  ofH.fn('of_node_put', always(give('arg0')), {}),
  ofH.cleanup('device_node', [give('arg0')]),
  ...family('include/linux/fwnode.h').each(['fwnode_handle_put'], always(give('arg0')), {}),
  ...family('include/linux/fwnode.h').each(['fwnode_handle_get'], always(take('arg0')), returnsIt),
  family('include/linux/fwnode.h').cleanup('fwnode_handle', [give('arg0')]),
  ...finds('include/linux/pci.h', ['pci_get_device', 'pci_get_domain_bus_and_slot', 'pci_get_slot'], 'yes'),
  ...gets('include/linux/pci.h', ['pci_dev_get'], 'yes'),
  ...puts('include/linux/pci.h', ['pci_dev_put'], null),
  family('include/linux/pci.h').cleanup('pci_dev_put', [give('arg0')]),
  family('include/linux/module.h').fn('try_module_get', onTrue(take('arg0')), {
    sleeps: 'no',
    mustCheck: true,
  }),
  ...family('include/linux/module.h').each(['__module_get'], always(take('arg0')), quiet),
  ...puts('include/linux/module.h', ['module_put'], 'no'),
  family('include/linux/module.h').cleanup('module_put', [give('arg0')]),

  ...netH.each(['dev_hold', 'netdev_hold', '__dev_hold'], always(take('arg0')), quiet),
  ...netH.each(['dev_put', 'netdev_put', '__dev_put'], always(give('arg0')), quiet),
  netH.cleanup('dev_put', [give('arg0')]),
  ...finds(
    'include/linux/netdevice.h',
    ['dev_get_by_name', 'dev_get_by_index', 'netdev_get_by_index', 'netdev_get_by_name'],
    'no',
  ),
  ...holds('include/net/sock.h', ['sock_hold']),
  ...puts('include/net/sock.h', ['sock_put', '__sock_put'], 'no'),
  ...gets('include/net/sock.h', ['sockfd_lookup', 'sock_from_file'], 'no'),
  ...holds('include/linux/skbuff.h', ['skb_get']),
  ...holds('include/linux/cred.h', ['get_cred']),
  ...puts('include/linux/cred.h', ['put_cred'], 'no'),
  family('include/linux/cred.h').cleanup('put_cred', [give('arg0')]),
  ...family('include/linux/cgroup_refcnt.h').each(['css_get', 'cgroup_get'], always(take('arg0')), quiet),
  ...family('include/linux/cgroup_refcnt.h').each(['css_tryget', 'css_tryget_online'], onTrue(take('arg0')), {
    sleeps: 'no',
    mustCheck: true,
  }),
  ...puts('include/linux/cgroup_refcnt.h', ['css_put', 'cgroup_put'], 'no'),
  ...family('include/linux/percpu-refcount.h').each(['percpu_ref_get'], always(take('arg0')), mayDereference),
  ...family('include/linux/percpu-refcount.h').each(
    ['percpu_ref_tryget', 'percpu_ref_tryget_live', 'percpu_ref_tryget_live_rcu', 'percpu_ref_tryget_many'],
    onTrue(take('arg0')),
    { ...mayDereference, mustCheck: true },
  ),
  ...family('include/linux/percpu-refcount.h').each(
    ['percpu_ref_put', 'percpu_ref_put_many'],
    always(give('arg0')),
    mayDereference,
  ),
];
