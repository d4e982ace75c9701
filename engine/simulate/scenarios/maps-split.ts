import type { Scenario } from '../scenario.ts';
import { SEQ_READ, seqRoles } from './seq-file.ts';

export const mapsSplit: Scenario = {
  name: 'maps-split',
  title: 'a reader of /proc/pid/maps; a writer splits a VMA, unmaps the second half and maps another there',
  property: 'every address that is mapped throughout is reported, and positions only grow',
  depth: 'full',
  mms: [
    {
      name: 'mm',
      vmas: [
        { name: 'A', start: 0x1000, end: 0x5000 },
        { name: 'B', start: 0x3000, end: 0x5000, spare: true },
        { name: 'C', start: 0x3000, end: 0x4000, spare: true },
      ],
    },
  ],
  roles: seqRoles(['show_map']),
  c: `
    static unsigned long last_end;

    void reported(unsigned long start, unsigned long end)
    {
      sim_report(start, end);
      sim_assert(end > last_end, "the reader goes back: what it reports ends before what it has reported");
      sim_assert(start <= last_end || start == 0x1000 || last_end >= 0x3000, "an address that is mapped all the time is not reported");
      last_end = end;
    }
    ${SEQ_READ}
    void reader(struct mm_struct *mm)
    {
      long pos = 0;

      last_end = 0;
      sim_read(&sim_seq, &pos);
      sim_assert(!last_end || last_end >= 0x3000, "an address that is mapped all the time is not reported");
    }

    void writer(struct mm_struct *mm, struct vm_area_struct *a, struct vm_area_struct *b, struct vm_area_struct *c)
    {
      mmap_write_lock(mm);
      vma_start_write(a);
      vma_start_write(b);
      a->vm_end = 0x3000;
      vma_mark_attached(b);
      sim_tree_store(mm, 0x3000, 0x5000, b);
      mmap_write_unlock(mm);

      mmap_write_lock(mm);
      vma_start_write(b);
      sim_tree_erase(mm, 0x3000, 0x5000);
      vma_mark_detached(b, 1);
      vma_start_write(c);
      vma_mark_attached(c);
      sim_tree_store(mm, 0x3000, 0x4000, c);
      mmap_write_unlock(mm);
      sim_free_rcu(b);
    }
  `,
  tasks: [
    { name: 'reader', call: 'reader(mm)' },
    { name: 'writer', call: 'writer(mm, A, B, C)' },
  ],
};
