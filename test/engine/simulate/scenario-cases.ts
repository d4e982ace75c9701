/** One-line changes to real trees, each of which a scenario catches; and the programs that they make. */
import { loadProgram, scenarioNamed } from '../../../engine/simulate/index.ts';
import { overlayTree, type SourceTree } from '../../../engine/source/index.ts';
import { openDirectoryTree } from '../../../extension/tree/index.ts';
import { shared } from '../../shared.ts';
import { testParser } from '../parser.ts';

const LOCK = 'mm/mmap_lock.c';
const HEADER = 'include/linux/mmap_lock.h';
const PROC = 'fs/proc/task_mmu.c';
const BINDER = 'drivers/android/binder_alloc.c';

export interface Case {
  readonly scenario: string;
  readonly release: '7.2' | '6.12';
  readonly depth?: 'contract' | 'full';
  readonly what: string;
  /** The file, the text to look for (behind `after`, if given), and what to put there. */
  readonly edit: readonly [file: string, from: string, to: string, after?: string];
  readonly kind: string;
  readonly functions?: readonly string[];
}

export const CASES: readonly Case[] = [
  {
    scenario: 'detach-reuse',
    release: '7.2',
    what: 'no second look at the sequence',
    edit: [LOCK, 'vma->vm_lock_seq == raw_read_seqcount(&mm->mm_lock_seq)', '0'],
    kind: 'property',
  },
  {
    scenario: 'detach-reuse',
    release: '7.2',
    what: 'vm_mm is not looked at again',
    edit: [LOCK, 'vma->vm_mm != mm', '0'],
    kind: 'property',
  },
  {
    scenario: 'detach-reuse',
    release: '7.2',
    what: 'nobody is woken',
    edit: [HEADER, 'rcuwait_wake_up(&mm->vma_writer_wait);', ';'],
    kind: 'deadlock',
  },
  {
    scenario: 'detach-reuse',
    release: '7.2',
    what: 'the writer does not wait for readers',
    edit: [LOCK, 'refcount_read(&vma->vm_refcnt) == tgt_refcnt', '1'],
    kind: 'property',
  },
  {
    scenario: 'detach-reuse',
    release: '7.2',
    what: 'detaching does not wait for stray readers',
    edit: [HEADER, '__vma_exclude_readers_for_detach(vma);', ';', 'vma_mark_detached(struct'],
    kind: 'property',
  },
  {
    scenario: 'detach-reuse',
    release: '7.2',
    what: 'the unlock leaves the sequence odd',
    edit: [HEADER, 'vma_end_write_all(mm);', ';', 'void mmap_write_unlock('],
    kind: 'protocol',
  },
  {
    scenario: 'write-killed',
    release: '7.2',
    what: 'the flag stays on the killable path',
    edit: [LOCK, '__vma_end_exclude_readers(ves);', ';', 'if (err) {'],
    kind: 'property',
  },
  {
    scenario: 'detach-reuse',
    release: '6.12',
    what: 'no second look at the sequence',
    edit: ['include/linux/mm.h', 'vma->vm_lock_seq == raw_read_seqcount(&vma->vm_mm->mm_lock_seq)', '0'],
    kind: 'property',
  },
  {
    scenario: 'detach-reuse',
    release: '6.12',
    what: 'a detached VMA is not refused',
    edit: ['mm/memory.c', 'if (vma->detached)', 'if (0)'],
    kind: 'property',
  },
  {
    scenario: 'lookup-miss',
    release: '7.2',
    depth: 'full',
    what: 'the range is not looked at again',
    edit: [LOCK, 'address < vma->vm_start || address >= vma->vm_end', '0'],
    kind: 'property',
  },
  {
    scenario: 'maps-shrink',
    release: '7.2',
    what: 'no walk again after the sequence check',
    edit: [LOCK, 'vma != vma_next(vmi)', '0'],
    kind: 'property',
  },
  {
    scenario: 'maps-merge',
    release: '7.2',
    what: 'the iterator is not set again before the retry',
    edit: [LOCK, 'vma_iter_set(vmi, from_addr);', ';', 'reset to search'],
    kind: 'stale-iterator',
  },
  {
    scenario: 'maps-split',
    release: '7.2',
    what: 'the position does not move on',
    edit: [PROC, '*ppos = vma->vm_end;', '*ppos = vma->vm_start;'],
    kind: 'property',
  },
  {
    scenario: 'smaps-walk',
    release: '7.2',
    what: 'RCU is not dropped',
    edit: [PROC, 'drop_rcu(priv);', ';', 'Might sleep.'],
    kind: 'sleep-in-atomic',
  },
  {
    scenario: 'smaps-walk',
    release: '7.2',
    what: 'the iterator is not reset',
    edit: [PROC, 'vma_iter_set(&priv->iter, priv->lock_ctx.locked_vma->vm_end);', ';'],
    kind: 'stale-iterator',
  },
  {
    scenario: 'smaps-walk',
    release: '7.2',
    what: 'the walk is one for the mmap_lock',
    edit: [PROC, 'return &smaps_walk_vma_lock_ops;', 'return &smaps_walk_ops;'],
    kind: 'protocol',
  },
  {
    scenario: 'rollup-contended',
    release: '7.2',
    what: 'a merged VMA is walked from its start',
    edit: [
      PROC,
      'smap_gather_stats(priv, vma, &mss, last_vma_end);',
      'smap_gather_stats(priv, vma, &mss, 0);',
    ],
    kind: 'property',
  },
  {
    scenario: 'query-fallback',
    release: '7.2',
    what: 'teardown takes no notice of the flag',
    edit: [PROC, 'if (lock_ctx->mmap_locked)', 'if (1)', 'void query_vma_teardown('],
    kind: 'unlock-not-held',
  },
  {
    scenario: 'query-fallback',
    release: '7.2',
    what: 'RCU is kept',
    edit: [PROC, 'rcu_read_unlock();', ';', 'lock_next_vma(mm, &vmi, addr)'],
    kind: 'lock-held-at-exit',
  },
  {
    scenario: 'stack-expand',
    release: '7.2',
    what: 'no second lookup',
    edit: [LOCK, 'vma = find_vma(mm, addr);', ';', 'upgrade_mmap_lock_carefully(mm, regs))'],
    kind: 'use-after-free',
  },
  {
    scenario: 'stack-expand',
    release: '7.2',
    what: 'the failure path releases for reading',
    edit: [LOCK, 'mmap_write_unlock(mm);', 'mmap_read_unlock(mm);', 'fail:'],
    kind: 'unlock-not-held',
  },
  {
    scenario: 'remote-span',
    release: '7.2',
    what: 'the lock is dropped between two pages',
    edit: [
      'mm/memory.c',
      'len -= bytes;',
      'mmap_read_unlock(mm); mmap_read_lock(mm); len -= bytes;',
      'folio_release_kmap(folio, maddr);',
    ],
    kind: 'property',
  },
  {
    scenario: 'killed',
    release: '7.2',
    what: 'the interrupted wait is not noticed',
    edit: [PROC, 'if (ret)', 'if (0)', 'ret = lock_ctx_mm(&priv->lock_ctx);'],
    kind: 'protocol',
  },
  {
    scenario: 'binder-shrink',
    release: '7.2',
    what: 'the skip takes the lock for a VMA lock',
    edit: [BINDER, 'if (mm_locked)', 'if (0)', 'err_get_alloc_mutex_failed:'],
    kind: 'null-dereference',
  },
  {
    scenario: 'writer-waits',
    release: '7.2',
    what: 'a copy under the mmap_lock',
    edit: [
      PROC,
      'if (copy_from_user(&usize, (void __user *)uarg, sizeof(usize)))',
      'mmap_read_lock(mm); err = copy_from_user(&usize, uarg, sizeof(usize)); mmap_read_unlock(mm); if (err)',
    ],
    kind: 'deadlock',
  },
];

const trees = new Map<string, SourceTree>();
export function treeOf(release: string): SourceTree {
  let tree = trees.get(release);
  if (tree === undefined) {
    tree = openDirectoryTree(shared('kernel', `linux-${release}`));
    trees.set(release, tree);
  }
  return tree;
}

type Loaded = Pick<Case, 'scenario' | 'depth' | 'functions'> & Partial<Pick<Case, 'edit'>>;

/** The program of a case as a patch of its file has it. */
export async function programOf(one: Loaded, tree: SourceTree) {
  const loaded = await loadProgram({
    tree,
    parser: await testParser(),
    scenario: scenarioNamed(one.scenario)!,
    functions: one.functions ?? [],
    touched: one.edit === undefined ? [] : [one.edit[0]],
    configuration: new Map(),
    ...(one.depth === undefined ? {} : { depth: one.depth }),
  });
  if (loaded.program === null) throw new Error(loaded.problem);
  return loaded.program;
}

/** The tree with the change of a case, or null where the tree has no such code. */
export async function edited(
  tree: SourceTree,
  [file, from, to, after]: Case['edit'],
): Promise<SourceTree | null> {
  const text = (await tree.read(file)) ?? '';
  const start = after === undefined ? 0 : text.indexOf(after);
  const at = start < 0 ? -1 : text.indexOf(from, start);
  if (at < 0) return null;
  return overlayTree(tree, new Map([[file, text.slice(0, at) + to + text.slice(at + from.length)]]));
}

/** As `edited()`, for a tree that is known to have the code. @throws where it has not. */
export async function changedTree(one: Case): Promise<SourceTree> {
  const tree = await edited(treeOf(one.release), one.edit);
  if (tree === null) throw new Error(`${one.edit[0]} of ${one.release} has no '${one.edit[1]}'`);
  return tree;
}
