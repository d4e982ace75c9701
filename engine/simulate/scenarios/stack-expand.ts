import type { Scenario } from '../scenario.ts';

export const stackExpand: Scenario = {
  name: 'stack-expand',
  title:
    'a fault below the stack: unlock, relock for writing, look up again, expand, downgrade; a writer unmaps or replaces the stack',
  property: 'the VMA that is used is the one looked up under the lock that is held',
  depth: 'contract',
  mms: [
    {
      name: 'mm',
      vmas: [
        { name: 'stack', start: 0x5000, end: 0x7000, flags: ['VM_GROWSDOWN'] },
        { name: 'other', start: 0x5000, end: 0x7000, flags: ['VM_GROWSDOWN'], spare: true },
      ],
    },
  ],
  roles: [
    {
      name: 'find',
      what: 'takes the mmap_lock and finds the VMA of a faulting address',
      params: [
        { type: 'struct mm_struct *', name: 'mm' },
        { type: 'unsigned long', name: 'address' },
      ],
      returns: 'pointer',
      match: {
        params: ['struct\\s+mm_struct\\s*\\*', 'unsigned\\s+long', 'struct\\s+pt_regs'],
        returns: 'vm_area_struct',
        known: ['lock_mm_and_find_vma'],
      },
    },
  ],
  c: `
    void fault(struct mm_struct *mm)
    {
      struct vm_area_struct *vma = role_find(mm, 0x4800);

      if (vma) {
        sim_assert(sim_in_tree(mm, vma), "the VMA that is used is not in the tree any more");
        sim_assert(vma->vm_start <= 0x4800 && 0x4800 < vma->vm_end, "the VMA covers the faulting address");
        mmap_read_unlock(mm);
      }
    }

    void writer(struct mm_struct *mm, struct vm_area_struct *stack, struct vm_area_struct *other)
    {
      mmap_write_lock(mm);
      vma_start_write(stack);
      sim_tree_erase(mm, 0x4000, 0x7000);
      vma_mark_detached(stack, 1);
      if (sim_choose(2)) {
        vma_start_write(other);
        vma_mark_attached(other);
        sim_tree_store(mm, 0x5000, 0x7000, other);
      }
      mmap_write_unlock(mm);
      sim_free_rcu(stack);
    }
  `,
  tasks: [
    { name: 'fault', call: 'fault(mm)' },
    { name: 'writer', call: 'writer(mm, stack, other)' },
  ],
};
