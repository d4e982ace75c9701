import type { Scenario } from '../scenario.ts';

export const configRemoved: Scenario = {
  name: 'config-removed',
  title: 'the code of another file, built with the symbol gone that the series removes',
  property: 'what its acquire takes, its release gives back',
  depth: 'contract',
  ofRemovedSymbols: true,
  mms: [{ name: 'mm', vmas: [{ name: 'A', start: 0x1000, end: 0x3000 }] }],
  roles: [
    {
      name: 'acquire',
      what: 'finds a VMA and locks it, one way or another',
      params: [
        { type: 'struct mm_struct *', name: 'mm' },
        { type: 'unsigned long', name: 'address' },
      ],
      returns: 'pointer',
      match: {
        returns: 'struct\\s+vm_area_struct\\s*\\*',
        params: ['unsigned\\s+long'],
        calls: ['lock_vma_under_rcu', 'mmap_read_lock', 'mmap_read_trylock'],
      },
    },
    {
      name: 'release',
      what: 'gives back what the other has taken',
      params: [
        { type: 'struct vm_area_struct *', name: 'vma' },
        { type: 'struct mm_struct *', name: 'mm' },
      ],
      returns: 'void',
      match: { partnerOf: 'acquire', calls: ['vma_end_read', 'mmap_read_unlock'] },
    },
  ],
  c: `
    void user(struct mm_struct *mm)
    {
      unsigned long address = sim_choose(2) ? 0x4000 : 0x2000;
      struct vm_area_struct *vma = role_acquire(mm, address);

      if (vma && !sim_is_error(vma))
        role_release(vma, mm);
    }

    void writer(struct mm_struct *mm, struct vm_area_struct *vma)
    {
      mmap_write_lock(mm);
      vma_start_write(vma);
      mmap_write_unlock(mm);
    }
  `,
  tasks: [
    { name: 'user', call: 'user(mm)' },
    { name: 'writer', call: 'writer(mm, A)' },
  ],
};
