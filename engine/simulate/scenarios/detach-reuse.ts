import type { Scenario } from '../scenario.ts';

/** What a test does from outside to a VMA: detaches, frees and reuses it for another mm. */
export const detachReuse: Scenario = {
  name: 'detach-reuse',
  title: 'a reader finds a VMA; a writer detaches it, it is freed and reused by another mm',
  property: 'the reader never keeps a VMA of another mm, nor one that is being written',
  depth: 'full',
  mms: [
    { name: 'mm', vmas: [{ name: 'A', start: 0x1000, end: 0x3000 }] },
    { name: 'other', vmas: [] },
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
    {
      name: 'detach',
      what: 'detaches a VMA from its tree',
      params: [
        { type: 'struct vm_area_struct *', name: 'vma' },
        { type: 'bool', name: 'detached' },
      ],
      returns: 'void',
      match: { known: ['vma_mark_detached'] },
    },
    {
      name: 'attach',
      what: 'attaches a VMA',
      params: [
        { type: 'struct vm_area_struct *', name: 'vma' },
        { type: 'bool', name: 'attached' },
      ],
      returns: 'void',
      match: { known: ['vma_mark_attached', 'vma_mark_detached'] },
    },
  ],
  c: `
    void reader(struct mm_struct *mm)
    {
      struct vm_area_struct *vma = role_lookup(mm, 0x2000);

      if (vma && !sim_is_error(vma)) {
        vma->sim_readers++;
        sim_assert(vma->vm_mm == mm, "the reader keeps a VMA of another mm");
        sim_assert(!vma->sim_writing, "the reader is inside a VMA that is being written");
        vma->sim_readers--;
        vma_end_read(vma);
      }
    }

    void writer(struct mm_struct *mm, struct mm_struct *other, struct vm_area_struct *vma)
    {
      mmap_write_lock(mm);
      vma_start_write(vma);
      vma->sim_writing = 1;
      sim_assert(!vma->sim_readers, "a writer has locked a VMA that a reader is inside of");
      sim_tree_erase(mm, 0x1000, 0x3000);
      role_detach(vma, 1);
      vma->sim_writing = 0;
      mmap_write_unlock(mm);

      /* The slab gives the same memory out again. */
      sim_recycle(vma);
      vma->vm_lock_seq = UINT_MAX;
      vma->vm_mm = other;
      mmap_write_lock(other);
      vma_start_write(vma);
      vma->sim_writing = 1;
      sim_assert(!vma->sim_readers, "a writer has locked a VMA that a reader is inside of");
      role_attach(vma, 0);
      sim_tree_store(other, 0x1000, 0x3000, vma);
      vma->sim_writing = 0;
      mmap_write_unlock(other);
    }
  `,
  tasks: [
    { name: 'reader', call: 'reader(mm)' },
    { name: 'writer', call: 'writer(mm, other, A)' },
  ],
};
