import type { Scenario } from '../scenario.ts';
import { SEQ_READ, seqRoles } from './seq-file.ts';

export const mapsShrink: Scenario = {
  name: 'maps-shrink',
  title: 'a reader of /proc/pid/maps; a writer shrinks VMA A from the left and maps B in the hole',
  property: 'the reader never reports a gap that was never there',
  depth: 'full',
  mms: [
    {
      name: 'mm',
      vmas: [
        { name: 'A', start: 0x1000, end: 0x4000 },
        { name: 'B', start: 0x1000, end: 0x2000, spare: true },
      ],
    },
  ],
  roles: seqRoles(['show_map']),
  c: `
    static unsigned long last_end;

    void reported(unsigned long start, unsigned long end)
    {
      sim_report(start, end);
      if (start >= 0x1000 && start < 0x4000)
        sim_assert(start <= last_end || start == 0x1000, "the reader reports a gap that was never there");
      last_end = end;
    }
    ${SEQ_READ}
    void reader(struct mm_struct *mm)
    {
      long pos = 0;

      last_end = 0;
      sim_read(&sim_seq, &pos);
    }

    void writer(struct mm_struct *mm, struct vm_area_struct *a, struct vm_area_struct *b)
    {
      mmap_write_lock(mm);
      vma_start_write(a);
      sim_tree_erase(mm, 0x1000, 0x2000);
      a->vm_start = 0x2000;
      vma_start_write(b);
      vma_mark_attached(b);
      sim_tree_store(mm, 0x1000, 0x2000, b);
      mmap_write_unlock(mm);
    }
  `,
  tasks: [
    { name: 'reader', call: 'reader(mm)' },
    { name: 'writer', call: 'writer(mm, A, B)' },
  ],
};
