/** Inode and superblock locks, freeze protection, and the directory operations that lock the parent. */
import { acquire, always, family, on, onPointerOrError, onTrue, onZero, release } from './build.ts';
import type { Contract, LockRef, Mode } from './contract.ts';

const fsH = family('include/linux/fs.h');
const namei = family('include/linux/namei.h');
const superH = family('include/linux/fs/super.h');
const mountH = family('include/linux/mount.h');
const sleeping = { sleeps: 'yes', dereferences: [0] } as const;
const quiet = { sleeps: 'no', dereferences: [0] } as const;

const I_RWSEM = 'arg0.i_rwsem';
const inodeTake = (mode: Mode, nested = false) => acquire(I_RWSEM, 'inode', mode, nested ? { nested } : {});
const inodeTry = (mode: Mode) => acquire(I_RWSEM, 'inode', mode, { trylock: true });
const inodeGive = (mode: Mode) => release(I_RWSEM, 'inode', mode);
const invalidate = (mode: Mode) => acquire('arg0.invalidate_lock', 'rwsem', mode);
const freeze = (field: string) => acquire(`arg0.${field}`, 'percpu_rwsem', 'R', { nested: true });
const thaw = (field: string) => release(`arg0.${field}`, 'percpu_rwsem', 'R');
const nestedInode = (lock: LockRef) => acquire(lock, 'inode', 'W', { nested: true });

/** The parent directory is known by the child that comes back: `end_creating(child)` has nothing else. */
const CHILD = 'result->d_parent->d_inode.i_rwsem';
const endPath = release('arg0.dentry->d_inode.i_rwsem', 'inode', 'W');
const endChild = release('arg0->d_parent->d_inode.i_rwsem', 'inode', 'W');

export const inode: readonly Contract[] = [
  fsH.fn('inode_lock', always(inodeTake('W')), sleeping),
  fsH.fn('inode_lock_nested', always(inodeTake('W', true)), sleeping),
  fsH.fn('inode_lock_killable', onZero(inodeTake('W')), { ...sleeping, mustCheck: true }),
  fsH.fn('inode_trylock', onTrue(inodeTry('W')), { ...quiet, mustCheck: true }),
  fsH.fn('inode_unlock', always(inodeGive('W')), quiet),
  fsH.fn('inode_lock_shared', always(inodeTake('R')), sleeping),
  fsH.fn('inode_lock_shared_nested', always(inodeTake('R', true)), sleeping),
  fsH.fn('inode_lock_shared_killable', onZero(inodeTake('R')), { ...sleeping, mustCheck: true }),
  fsH.fn('inode_trylock_shared', onTrue(inodeTry('R')), { ...quiet, mustCheck: true }),
  fsH.fn('inode_unlock_shared', always(inodeGive('R')), quiet),
  fsH.fn('inode_is_locked', [], quiet),
  // Either may be NULL, and both may be one: then it is locked once, as it is unlocked.
  fsH.fn('lock_two_nondirectories', always(nestedInode('arg0.i_rwsem'), nestedInode('arg1.i_rwsem')), {
    sleeps: 'yes',
  }),
  fsH.fn(
    'unlock_two_nondirectories',
    always(release('arg1.i_rwsem', 'inode', 'W'), release('arg0.i_rwsem', 'inode', 'W')),
    { sleeps: 'no' },
  ),
  fsH.fn('filemap_invalidate_lock', always(invalidate('W')), sleeping),
  fsH.fn('filemap_invalidate_unlock', always(release('arg0.invalidate_lock', 'rwsem', 'W')), quiet),
  fsH.fn('filemap_invalidate_lock_shared', always(invalidate('R')), sleeping),
  fsH.fn(
    'filemap_invalidate_trylock_shared',
    onTrue(acquire('arg0.invalidate_lock', 'rwsem', 'R', { trylock: true })),
    { ...quiet, mustCheck: true },
  ),
  fsH.fn('filemap_invalidate_unlock_shared', always(release('arg0.invalidate_lock', 'rwsem', 'R')), quiet),
  fsH.fn(
    'filemap_invalidate_lock_two',
    always(
      acquire('arg0.invalidate_lock', 'rwsem', 'W', { nested: true }),
      acquire('arg1.invalidate_lock', 'rwsem', 'W', { nested: true }),
    ),
    { sleeps: 'yes' },
  ),
  fsH.fn(
    'filemap_invalidate_unlock_two',
    always(release('arg1.invalidate_lock', 'rwsem', 'W'), release('arg0.invalidate_lock', 'rwsem', 'W')),
    { sleeps: 'no' },
  ),

  // Freeze protection: a shared hold of the superblock's writers, level by level.
  ...(
    [
      ['sb_start_write', 'sb_end_write', 'sb_write'],
      ['sb_start_pagefault', 'sb_end_pagefault', 'sb_pagefault'],
      ['sb_start_intwrite', 'sb_end_intwrite', 'sb_intwrite'],
      ['file_start_write', 'file_end_write', 'sb_write'],
    ] as const
  ).flatMap(([start, end, field]) => [
    superH.fn(start, always(freeze(field)), sleeping),
    superH.fn(end, always(thaw(field)), quiet),
  ]),
  superH.fn('sb_start_write_trylock', onTrue(freeze('sb_write')), { ...quiet, mustCheck: true }),
  superH.fn('sb_start_intwrite_trylock', onTrue(freeze('sb_intwrite')), { ...quiet, mustCheck: true }),
  superH.fn('file_start_write_trylock', onTrue(freeze('sb_write')), { ...quiet, mustCheck: true }),
  superH.guard('super_write', [freeze('sb_write')], [thaw('sb_write')], sleeping),
  // Asynchronous writes end in the completion, so the function that starts one returns with it.
  fsH.plain('kiocb_start_write', sleeping),
  fsH.plain('kiocb_end_write', quiet),
  ...mountH.each(
    ['mnt_want_write', 'mnt_want_write_file', 'mnt_get_write_access', 'mnt_get_write_access_file'],
    onZero(freeze('mnt_write')),
    { ...sleeping, mustCheck: true },
  ),
  ...mountH.each(
    ['mnt_drop_write', 'mnt_drop_write_file', 'mnt_put_write_access', 'mnt_put_write_access_file'],
    always(thaw('mnt_write')),
    quiet,
  ),

  // Superblocks come back with s_umount held.
  ...fsH.each(['sget', 'sget_fc', 'sget_dev'], onPointerOrError(acquire('result.s_umount', 'rwsem', 'W')), {
    sleeps: 'yes',
    mustCheck: true,
  }),
  fsH.fn(
    'user_get_super',
    [
      {
        when: 'pointer',
        given: [{ operand: 'arg1', is: 'zero' }],
        effects: [acquire('result.s_umount', 'rwsem', 'R')],
      },
      {
        when: 'pointer',
        given: [{ operand: 'arg1', is: 'nonzero' }],
        effects: [acquire('result.s_umount', 'rwsem', 'W')],
      },
      { when: 'null', effects: [] },
    ],
    { sleeps: 'yes', mustCheck: true },
  ),
  fsH.fn('drop_super', always(release('arg0.s_umount', 'rwsem', 'R')), sleeping),
  fsH.fn('drop_super_exclusive', always(release('arg0.s_umount', 'rwsem', 'W')), sleeping),
  fsH.fn('deactivate_locked_super', always(release('arg0.s_umount', 'rwsem', 'W')), sleeping),
  fsH.plain('deactivate_super', sleeping),
  fsH.fn('super_trylock_shared', onTrue(acquire('arg0.s_umount', 'rwsem', 'R', { trylock: true })), {
    ...quiet,
    mustCheck: true,
  }),

  // Renames lock both directories, unless the first is an error pointer.
  namei.fn(
    'lock_rename',
    on(
      'null-or-pointer',
      'error',
      acquire('arg0->d_inode.i_rwsem', 'inode', 'W', { nested: true }),
      acquire('arg1->d_inode.i_rwsem', 'inode', 'W', { nested: true }),
    ),
    { sleeps: 'yes', dereferences: [0, 1] },
  ),
  namei.fn(
    'unlock_rename',
    always(release('arg0->d_inode.i_rwsem', 'inode', 'W'), release('arg1->d_inode.i_rwsem', 'inode', 'W')),
    { sleeps: 'no', dereferences: [0, 1] },
  ),
  ...namei.each(
    [
      'start_creating',
      'start_removing',
      'start_creating_killable',
      'start_removing_killable',
      'start_creating_noperm',
      'start_removing_noperm',
      'start_creating_dentry',
      'start_removing_dentry',
      'start_dirop',
    ],
    onPointerOrError(nestedInode(CHILD)),
    { sleeps: 'yes', mustCheck: true, from: '6.17' },
  ),
  // For an error pointer there is nothing to end, and it does nothing.
  ...namei.each(
    ['end_creating', 'end_removing', 'end_dirop', 'end_creating_keep'],
    [
      { when: 'any', given: [{ operand: 'arg0', is: 'pointer' }], effects: [endChild] },
      { when: 'any', given: [{ operand: 'arg0', is: 'not-pointer' }], effects: [] },
    ],
    { sleeps: 'yes', from: '6.17' },
  ),
  // With a path, the directory is the path's dentry. Write access to the mount comes and goes with it.
  ...(
    [
      ['start_creating_path', 2],
      ['start_creating_user_path', 2],
      ['start_removing_path', 1],
      ['start_removing_user_path_at', 2],
      ['kern_path_create', 2],
      ['user_path_create', 2],
      ['kern_path_locked', 1],
      ['user_path_locked_at', 2],
    ] as const
  ).map(([name, path]) =>
    namei.fn(name, onPointerOrError(nestedInode(`arg${path}.dentry->d_inode.i_rwsem`)), {
      sleeps: 'yes',
      mustCheck: true,
    }),
  ),
  ...namei.each(['end_creating_path', 'end_removing_path', 'done_path_create'], always(endPath), {
    sleeps: 'yes',
  }),

  family('include/linux/fs.h').fn('inode_dio_wait', [], sleeping),
  ...family('fs/mount.h').each(['lock_mount_hash'], always(acquire('@mount_lock', 'seqlock')), {
    sleeps: 'no',
  }),
  ...family('fs/mount.h').each(['unlock_mount_hash'], always(release('@mount_lock', 'seqlock')), {
    sleeps: 'no',
  }),
  // I/O completion unlocks a buffer that was submitted, so the lock is not followed.
  ...family('include/linux/buffer_head.h').each(
    ['lock_buffer', '__lock_buffer'],
    always(acquire('arg0.buffer_lock', 'other')),
    sleeping,
  ),
  family('include/linux/buffer_head.h').fn(
    'trylock_buffer',
    onTrue(acquire('arg0.buffer_lock', 'other')),
    quiet,
  ),
  family('include/linux/buffer_head.h').fn(
    'unlock_buffer',
    always(release('arg0.buffer_lock', 'other')),
    quiet,
  ),
  ...family('include/linux/buffer_head.h').each(
    [
      'wait_on_buffer',
      '__bread',
      '__bread_gfp',
      'sb_bread',
      'sb_getblk',
      '__getblk',
      'sync_dirty_buffer',
      '__sync_dirty_buffer',
      'bh_read',
      'bh_read_batch',
      'sync_mapping_buffers',
    ],
    [],
    { sleeps: 'yes' },
  ),
  family('include/linux/buffer_head.h').plain('bdev_getblk', { sleeps: { gfp: 3 } }),
  ...family('include/linux/fs.h').each(
    [
      'vfs_read',
      'vfs_write',
      'kernel_read',
      'kernel_write',
      '__kernel_write',
      'vfs_fsync',
      'vfs_fsync_range',
      'vfs_getattr',
      'vfs_getattr_nosec',
      'vfs_statx',
      'vfs_create',
      'vfs_mkdir',
      'vfs_unlink',
      'vfs_rmdir',
      'vfs_rename',
      'vfs_link',
      'vfs_symlink',
      'vfs_truncate',
      'vfs_fallocate',
      'vfs_iter_read',
      'vfs_iter_write',
      'vfs_llseek',
      'filp_open',
      'filp_close',
      'file_open_name',
      'dentry_open',
      'file_open_root',
      'kern_path',
      'iterate_dir',
      'notify_change',
      'lookup_one_unlocked',
      'lookup_noperm_unlocked',
      'lookup_one',
      'lookup_noperm',
      'd_splice_alias',
      'd_invalidate',
      'shrink_dcache_parent',
      'shrink_dcache_sb',
      'evict_inodes',
      'sync_filesystem',
      'sync_inodes_sb',
      'writeback_inodes_sb',
      'sync_blockdev',
      'generic_file_read_iter',
      'generic_file_write_iter',
      '__generic_file_write_iter',
      'generic_perform_write',
      'file_update_time',
      'file_modified',
      'file_remove_privs',
      'new_inode',
      'iget_failed',
      'clear_inode',
      'freeze_super',
      'thaw_super',
      'vfs_setxattr',
      'vfs_getxattr',
      'vfs_removexattr',
      'kernfs_create_dir',
      'sysfs_create_group',
      'sysfs_remove_group',
      'sysfs_create_file',
      'sysfs_remove_file',
      'sysfs_create_link',
      'debugfs_create_dir',
      'debugfs_create_file',
      'debugfs_remove',
      'debugfs_remove_recursive',
      'proc_create',
      'proc_create_data',
      'proc_mkdir',
      'remove_proc_entry',
      'proc_remove',
      'seq_read',
      'seq_read_iter',
      'submit_bio_wait',
      'blkdev_issue_flush',
      'blkdev_issue_discard',
      'blkdev_issue_zeroout',
      'bdev_file_open_by_path',
      'bdev_file_open_by_dev',
      'blk_mq_freeze_queue',
      'blk_mq_quiesce_queue',
      'blk_execute_rq',
      'blk_rq_map_user',
      'blk_rq_map_user_iov',
      'blk_rq_unmap_user',
    ],
    [],
    { sleeps: 'yes' },
  ),
];
