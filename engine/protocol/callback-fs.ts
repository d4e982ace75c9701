/** What memory management and the file systems are called back for, and the locks held around it. */

import { acquire, on } from './build.ts';
import type { CallbackMember } from './callback.ts';
import { group, hold } from './callback-build.ts';
import type { Mode } from './contract.ts';
import { FLAG_GROUPS } from './flag-groups.ts';

const FS = 'Documentation/filesystems/locking.rst';
const parentExclusive = hold('arg1.i_rwsem', 'inode');
const folio0 = hold('arg0', 'folio');
const folio1 = hold('arg1', 'folio');
const mmapRead = hold('any', 'mmap', 'R', 'D', 'W');
const sUmount = (...modes: Mode[]) => hold('arg0.s_umount', 'rwsem', ...modes);
const rcu = hold('@rcu', 'rcu', 'R');

/** The result says whether the page that was found is locked already. */
const lockedPage = on(
  {
    bits: ['VM_FAULT_LOCKED'],
    without: [
      ...FLAG_GROUPS.get('VM_FAULT_ERROR')!,
      'VM_FAULT_NOPAGE',
      'VM_FAULT_RETRY',
      'VM_FAULT_DONE_COW',
    ],
  },
  { noBits: ['VM_FAULT_LOCKED'] },
  acquire('arg0->page', 'folio'),
);

export const FS_MEMBERS: readonly CallbackMember[] = [
  ...group('seq_operations', 'fs/seq_file.c', 'process', [], ['start', 'next', 'show', 'stop']),
  ...group(
    'mm_walk_ops',
    'mm/pagewalk.c',
    'process',
    [],
    ['pgd_entry', 'p4d_entry', 'pud_entry', 'pmd_entry', 'pte_hole', 'test_walk', 'pre_vma', 'post_vma'],
  ),
  // The walk holds the page table's lock around each entry.
  ...group('mm_walk_ops', 'mm/pagewalk.c', 'atomic', [hold('any', 'ptl'), rcu], ['pte_entry', 'install_pte']),
  ...group(
    'mm_walk_ops',
    'mm/pagewalk.c',
    'process',
    [hold('arg4->vma.hugetlb_lock', 'rwsem', 'R')],
    ['hugetlb_entry'],
  ),

  ...group('vm_operations_struct', FS, 'process', [], ['fault', 'page_mkwrite'], { outcomes: lockedPage }),
  ...group('vm_operations_struct', FS, 'process', [], ['huge_fault', 'pfn_mkwrite']),
  ...group('vm_operations_struct', FS, 'atomic', [rcu], ['map_pages']),
  ...group(
    'vm_operations_struct',
    FS,
    'process',
    [hold('arg0->vm_mm.mmap_lock', 'mmap', 'W')],
    ['open', 'close', 'may_split', 'mprotect'],
  ),
  ...group('vm_operations_struct', FS, 'process', [mmapRead], ['access', 'find_special_page', 'name']),
  ...group(
    'mmu_notifier_ops',
    'include/linux/mmu_notifier.h',
    'process',
    [],
    ['release', 'invalidate_range_start', 'invalidate_range_end', 'alloc_notifier', 'free_notifier'],
  ),
  ...group(
    'mmu_notifier_ops',
    'include/linux/mmu_notifier.h',
    'atomic',
    [],
    ['arch_invalidate_secondary_tlbs', 'test_young', 'clear_young', 'clear_flush_young'],
  ),
  ...group('shrinker', 'include/linux/shrinker.h', 'process', [], ['count_objects', 'scan_objects']),

  ...group('address_space_operations', FS, 'process', [folio1], ['read_folio'], { releases: [folio1] }),
  ...group(
    'address_space_operations',
    FS,
    'process',
    [folio0],
    ['invalidate_folio', 'release_folio', 'launder_folio', 'is_partially_uptodate'],
  ),
  ...group(
    'address_space_operations',
    FS,
    'process',
    [hold('arg1', 'folio'), hold('arg2', 'folio')],
    ['migrate_folio'],
  ),
  ...group('address_space_operations', FS, 'process', [hold('arg1', 'folio')], ['error_remove_folio']),
  ...group(
    'address_space_operations',
    FS,
    'process',
    [],
    [
      'writepages',
      'readahead',
      'bmap',
      'direct_IO',
      'swap_activate',
      'swap_deactivate',
      'swap_rw',
      'dirty_folio',
    ],
  ),
  ...group(
    'address_space_operations',
    FS,
    'process',
    [hold('arg1->f_inode.i_rwsem', 'inode')],
    ['write_begin'],
  ),
  ...group('address_space_operations', FS, 'process', [hold('arg5', 'folio')], ['write_end'], {
    releases: [hold('arg5', 'folio')],
  }),
  ...group('address_space_operations', FS, 'atomic', [hold('arg0', 'folio')], ['is_dirty_writeback']),

  ...group('dentry_operations', FS, 'atomic', [rcu], ['d_hash', 'd_compare']),
  ...group('dentry_operations', FS, 'atomic', [hold('arg0.d_lock', 'spinlock')], ['d_delete', 'd_prune']),
  ...group(
    'dentry_operations',
    FS,
    'process',
    [],
    ['d_weak_revalidate', 'd_init', 'd_iput', 'd_automount', 'd_release', 'd_real'],
  ),
  ...group(
    'inode_operations',
    FS,
    'process',
    [hold('arg0.i_rwsem', 'inode', 'R', 'W')],
    ['lookup', 'atomic_open'],
  ),
  ...group('inode_operations', FS, 'process', [parentExclusive], ['create', 'symlink', 'mkdir', 'mknod']),
  ...group(
    'inode_operations',
    FS,
    'process',
    [hold('arg0.i_rwsem', 'inode'), hold('arg1->d_inode.i_rwsem', 'inode')],
    ['unlink', 'rmdir'],
  ),
  ...group(
    'inode_operations',
    FS,
    'process',
    [hold('arg1.i_rwsem', 'inode'), hold('arg0->d_inode.i_rwsem', 'inode')],
    ['link'],
  ),
  ...group(
    'inode_operations',
    FS,
    'process',
    [hold('arg1.i_rwsem', 'inode'), hold('arg3.i_rwsem', 'inode')],
    ['rename'],
  ),
  ...group(
    'inode_operations',
    FS,
    'process',
    [hold('arg1->d_inode.i_rwsem', 'inode')],
    ['setattr', 'set_acl', 'fileattr_set'],
  ),
  ...group(
    'inode_operations',
    FS,
    'process',
    [],
    ['readlink', 'getattr', 'listxattr', 'fiemap', 'update_time', 'tmpfile', 'get_acl', 'fileattr_get'],
  ),
  ...group(
    'super_operations',
    FS,
    'process',
    [],
    [
      'alloc_inode',
      'destroy_inode',
      'dirty_inode',
      'write_inode',
      'evict_inode',
      'statfs',
      'umount_begin',
      'show_options',
      'nr_cached_objects',
      'free_cached_objects',
    ],
  ),
  // An RCU callback frees the inode.
  ...group('super_operations', FS, 'softirq', [], ['free_inode']),
  ...group('super_operations', FS, 'atomic', [hold('arg0.i_lock', 'spinlock')], ['drop_inode']),
  ...group(
    'super_operations',
    FS,
    'process',
    [sUmount('W')],
    ['put_super', 'freeze_fs', 'unfreeze_fs', 'remount_fs'],
  ),
  ...group('super_operations', FS, 'process', [sUmount('R', 'W')], ['sync_fs']),
  ...group(
    'file_operations',
    FS,
    'process',
    [],
    [
      'llseek',
      'read',
      'write',
      'read_iter',
      'write_iter',
      'poll',
      'unlocked_ioctl',
      'compat_ioctl',
      'open',
      'flush',
      'release',
      'fsync',
      'fasync',
      'lock',
      'flock',
      'splice_read',
      'splice_write',
      'fallocate',
      'copy_file_range',
      'remap_file_range',
      'uring_cmd',
    ],
  ),
  ...group('file_operations', FS, 'process', [hold('current->mm.mmap_lock', 'mmap', 'W')], ['mmap']),
  ...group(
    'file_operations',
    FS,
    'process',
    [hold('arg0->f_inode.i_rwsem', 'inode', 'R', 'W')],
    ['iterate_shared'],
  ),
  ...group('file_lock_operations', FS, 'atomic', [], ['fl_copy_lock', 'fl_release_private']),
  ...group(
    'lock_manager_operations',
    FS,
    'atomic',
    [],
    ['lm_notify', 'lm_break', 'lm_change', 'lm_breaker_owns_lease'],
  ),
];
