import type { Scenario } from '../scenario.ts';

export const lookupMiss: Scenario = {
  name: 'lookup-miss',
  title: 'a lookup of an address without a VMA, and one that collides with a writer',
  property: 'NULL is not followed, and no lock is left behind',
  depth: 'contract',
  mms: [
    {
      name: 'mm',
      vmas: [
        { name: 'A', start: 0x1000, end: 0x3000 },
        { name: 'B', start: 0x5000, end: 0x6000 },
      ],
    },
  ],
  roles: [
    {
      name: 'lookup',
      what: 'looks up the VMA of an address and locks it',
      params: [
        { type: 'struct mm_struct *', name: 'mm' },
        { type: 'unsigned long', name: 'address' },
      ],
      returns: 'pointer',
      match: {
        returns: 'struct\\s+vm_area_struct\\s*\\*',
        params: ['struct\\s+mm_struct\\s*\\*', 'unsigned\\s+long'],
        calls: ['lock_vma_under_rcu', 'vma_start_read', 'vma_start_read_locked'],
        known: ['lock_vma_under_rcu'],
      },
    },
  ],
  c: `
    void reader(struct mm_struct *mm)
    {
      unsigned long address = sim_choose(2) ? 0x2000 : 0x4000;
      struct vm_area_struct *vma = role_lookup(mm, address);

      if (vma && !sim_is_error(vma)) {
        sim_assert(vma->vm_mm == mm, "the VMA belongs to the mm that was asked");
        sim_assert(vma->vm_start <= address && address < vma->vm_end, "the VMA covers the address that was asked");
        vma_end_read(vma);
      }
    }

    void writer(struct mm_struct *mm, struct vm_area_struct *vma)
    {
      mmap_write_lock(mm);
      vma_start_write(vma);
      vma->vm_end = 0x2000;
      sim_tree_erase(mm, 0x2000, 0x3000);
      mmap_write_unlock(mm);
    }
  `,
  tasks: [
    { name: 'reader', call: 'reader(mm)' },
    { name: 'writer', call: 'writer(mm, A)' },
  ],
};
