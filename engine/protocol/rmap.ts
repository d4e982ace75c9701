/** Reverse-mapping locks: `anon_vma` and the file mapping's `i_mmap_rwsem`. */
import { ANY_MODE, acquire, always, family, held, on, onTrue, release } from './build.ts';
import type { Contract, Effect, Mode } from './contract.ts';

const h = family('include/linux/rmap.h, mm/internal.h');
const c = family('mm/rmap.c');
const fsH = family('include/linux/fs.h');
const ANON = 'arg0->root.rwsem';
const sleeping = { sleeps: 'yes', dereferences: [0] } as const;
const quiet = { sleeps: 'no', dereferences: [0] } as const;
const trying = { ...quiet, mustCheck: true } as const;

function pair(prefix: string, lock: string, mode: Mode, source: typeof h): Contract[] {
  const side = mode === 'R' ? 'read' : 'write';
  return [
    source.fn(`${prefix}_lock_${side}`, always(acquire(lock, 'rwsem', mode)), sleeping),
    source.fn(`${prefix}_unlock_${side}`, always(release(lock, 'rwsem', mode)), quiet),
    source.fn(`${prefix}_trylock_${side}`, onTrue(acquire(lock, 'rwsem', mode, { trylock: true })), trying),
  ];
}

const endWalk: Effect = { op: 'release-all', kind: 'ptl', mode: 'W', of: 'arg0' };

export const rmap: readonly Contract[] = [
  ...pair('anon_vma', ANON, 'R', h),
  ...pair('anon_vma', ANON, 'W', h),
  ...pair('i_mmap', 'arg0.i_mmap_rwsem', 'R', fsH),
  ...pair('i_mmap', 'arg0.i_mmap_rwsem', 'W', fsH),
  fsH.fn('i_mmap_assert_locked', [], {
    ...quiet,
    assertion: true,
    needs: [held('arg0.i_mmap_rwsem', 'rwsem', ANY_MODE, 'it asserts that the lock is held')],
  }),
  fsH.fn('i_mmap_assert_write_locked', [], {
    ...quiet,
    assertion: true,
    needs: [held('arg0.i_mmap_rwsem', 'rwsem', ['W'], 'it asserts that the lock is held for writing')],
  }),
  h.fn('anon_vma_assert_locked', [], {
    ...quiet,
    assertion: true,
    needs: [held(ANON, 'rwsem', ANY_MODE, 'it asserts that the lock is held')],
  }),
  h.fn('vma_lock_anon_vma', always(acquire('arg0->anon_vma->root.rwsem', 'rwsem', 'W')), sleeping),
  h.fn('vma_unlock_anon_vma', always(release('arg0->anon_vma->root.rwsem', 'rwsem', 'W')), quiet),
  c.fn('folio_lock_anon_vma_read', on('pointer', 'null', acquire('result->root.rwsem', 'rwsem', 'R')), {
    sleeps: 'yes',
    dereferences: [0],
    mustCheck: true,
  }),
  ...c.each(['anon_vma_prepare', '__anon_vma_prepare'], [], {
    ...sleeping,
    needs: [
      held(
        'arg0->vm_mm.mmap_lock',
        'mmap',
        ANY_MODE,
        'it looks at the neighbouring VMAs, which the lock of this VMA does not keep',
      ),
    ],
  }),
  ...c.each(['anon_vma_clone', 'anon_vma_fork'], [], sleeping),
  c.fn('unlink_anon_vmas', [], sleeping),
  ...c.each(
    ['rmap_walk', 'rmap_walk_locked', 'try_to_unmap', 'try_to_migrate', 'folio_referenced', 'folio_mkclean'],
    [],
    sleeping,
  ),
  // A loop: each round has the page table's lock, kept or taken; the end of the loop, and leaving it, give it back.
  family('include/linux/rmap.h').fn(
    'page_vma_mapped_walk',
    [
      { when: 'true', effects: [acquire('arg0.ptl', 'ptl', 'W', { nested: true })] },
      { when: 'false', effects: [endWalk] },
    ],
    quiet,
  ),
  ...family('include/linux/rmap.h').each(
    ['page_vma_mapped_walk_done', 'page_vma_mapped_walk_restart'],
    always(endWalk),
    quiet,
  ),
  family('mm/vma.c').fn(
    'mm_take_all_locks',
    [
      { when: 'zero', effects: [] },
      { when: 'negative', effects: [] },
    ],
    {
      ...sleeping,
      needs: [held('arg0.mmap_lock', 'mmap', ['W'], 'it takes every rmap lock of that mm')],
    },
  ),
  family('mm/vma.c').plain('mm_drop_all_locks', {
    ...quiet,
    needs: [held('arg0.mmap_lock', 'mmap', ['W'], 'it gives back every rmap lock of that mm')],
  }),
];
