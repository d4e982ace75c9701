import type { Scenario } from '../scenario.ts';

export const rollupContended: Scenario = {
  name: 'rollup-contended',
  title: 'smaps_rollup drops and retakes the mmap_lock when a writer waits; the writer merges two VMAs',
  property: 'nothing is read twice, nothing skipped; flags and lock agree',
  depth: 'contract',
  mms: [
    {
      name: 'mm',
      vmas: [
        { name: 'A', start: 0x1000, end: 0x3000 },
        { name: 'B', start: 0x3000, end: 0x5000 },
        { name: 'C', start: 0x5000, end: 0x6000 },
      ],
    },
  ],
  roles: [
    {
      name: 'show',
      what: 'walks all VMAs of an mm for a seq_file',
      params: [
        { type: 'struct seq_file *', name: 'm' },
        { type: 'void *', name: 'v' },
      ],
      returns: 'int',
      match: {
        params: ['struct\\s+seq_file\\s*\\*', 'void\\s*\\*'],
        calls: ['mmap_lock_is_contended'],
        known: ['show_smaps_rollup'],
      },
    },
  ],
  c: `
    void reader(struct mm_struct *mm)
    {
      long result;

      sim_watch_walks(0x1000);
      result = role_show(&sim_seq, NULL);
      if (!result)
        sim_walked_to(0x6000);
    }

    void writer(struct mm_struct *mm, struct vm_area_struct *a, struct vm_area_struct *b)
    {
      mmap_write_lock(mm);
      vma_start_write(a);
      vma_start_write(b);
      a->vm_end = 0x5000;
      sim_tree_store(mm, 0x1000, 0x5000, a);
      vma_mark_detached(b, 1);
      mmap_write_unlock(mm);
      sim_free_rcu(b);
    }
  `,
  tasks: [
    { name: 'reader', call: 'reader(mm)' },
    { name: 'writer', call: 'writer(mm, A, B)' },
  ],
};
