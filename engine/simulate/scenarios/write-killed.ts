import type { Scenario } from '../scenario.ts';

export const writeKilled: Scenario = {
  name: 'write-killed',
  title: 'a fatal signal while a writer waits for the readers of a VMA to leave',
  property: 'the VMA can be locked again afterwards, for reading and for writing',
  depth: 'full',
  mms: [{ name: 'mm', vmas: [{ name: 'A', start: 0x1000, end: 0x3000 }] }],
  roles: [
    {
      name: 'write',
      what: 'locks a VMA for writing and can be killed',
      params: [{ type: 'struct vm_area_struct *', name: 'vma' }],
      returns: 'int',
      match: {
        params: ['struct\\s+vm_area_struct\\s*\\*'],
        returns: '\\bint\\b',
        calls: ['__vma_start_write'],
        known: ['vma_start_write_killable'],
      },
    },
  ],
  c: `
    void reader(struct mm_struct *mm)
    {
      struct vm_area_struct *vma = lock_vma_under_rcu(mm, 0x2000);

      if (vma)
        vma_end_read(vma);
    }

    void writer(struct mm_struct *mm, struct vm_area_struct *vma)
    {
      mmap_write_lock(mm);
      role_write(vma);
      mmap_write_unlock(mm);

      mmap_write_lock(mm);
      vma_start_write(vma);
      mmap_write_unlock(mm);
      sim_assert(lock_vma_under_rcu(mm, 0x2000) == vma, "the VMA cannot be locked for reading any more");
      vma_end_read(vma);
    }

    void killer(void)
    {
      sim_kill(1);
    }
  `,
  tasks: [
    { name: 'reader', call: 'reader(mm)' },
    { name: 'writer', call: 'writer(mm, A)' },
    { name: 'killer', call: 'killer()' },
  ],
};
