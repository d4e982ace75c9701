import type { Scenario } from '../scenario.ts';
import { SEQ_READ, seqRoles } from './seq-file.ts';

export const smapsWalk: Scenario = {
  name: 'smaps-walk',
  title:
    'a reader of /proc/pid/smaps drops the RCU section for the page walk and takes it again; a writer unmaps',
  property: 'no sleep under RCU; the iterator is reset; the gate VMA takes no lock',
  depth: 'contract',
  mms: [
    {
      name: 'mm',
      gate: 'gate',
      vmas: [
        { name: 'A', start: 0x1000, end: 0x3000 },
        { name: 'B', start: 0x3000, end: 0x5000 },
        { name: 'gate', start: 0x7000, end: 0x8000, spare: true },
      ],
    },
  ],
  roles: seqRoles(['show_smap']),
  c: `
    static unsigned long last_end;

    void reported(unsigned long start, unsigned long end)
    {
      sim_report(start, end);
      sim_assert(end > last_end, "the reader goes back: what it reports ends before what it has reported");
      last_end = end;
    }
    ${SEQ_READ}
    void reader(struct mm_struct *mm, struct vm_area_struct *gate)
    {
      long pos = 0;

      last_end = 0;
      sim_read(&sim_seq, &pos);
      sim_assert(!gate->vm_refcnt, "the gate VMA is locked");
    }

    void writer(struct mm_struct *mm, struct vm_area_struct *b)
    {
      mmap_write_lock(mm);
      vma_start_write(b);
      sim_tree_erase(mm, 0x3000, 0x5000);
      vma_mark_detached(b, 1);
      mmap_write_unlock(mm);
      sim_free_rcu(b);
    }
  `,
  tasks: [
    { name: 'reader', call: 'reader(mm, gate)' },
    { name: 'writer', call: 'writer(mm, B)' },
  ],
};
