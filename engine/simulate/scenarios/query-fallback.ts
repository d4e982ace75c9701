import type { Scenario } from '../scenario.ts';

const context = { type: 'struct proc_maps_locking_ctx *', name: 'context' };

export const queryFallback: Scenario = {
  name: 'query-fallback',
  title: 'PROCMAP_QUERY with its fall-back to the mmap_lock, against a writer that unmaps',
  property: 'teardown releases just what setup and the search took',
  depth: 'contract',
  mms: [
    {
      name: 'mm',
      vmas: [
        { name: 'A', start: 0x1000, end: 0x3000 },
        { name: 'B', start: 0x3000, end: 0x5000 },
      ],
    },
  ],
  roles: [
    {
      name: 'setup',
      what: 'prepares a query',
      params: [context],
      returns: 'int',
      match: { params: ['locking_ctx'], returns: 'int', known: ['query_vma_setup'] },
    },
    {
      name: 'find',
      what: 'finds the VMA that a query asks for',
      params: [context, { type: 'unsigned long', name: 'address' }, { type: 'unsigned int', name: 'flags' }],
      returns: 'pointer',
      match: {
        params: ['locking_ctx', 'unsigned\\s+long'],
        returns: 'vm_area_struct',
        calls: ['lock_next_vma'],
        known: ['query_matching_vma'],
      },
    },
    {
      name: 'teardown',
      what: 'ends a query',
      params: [context],
      returns: 'void',
      match: { params: ['locking_ctx'], partnerOf: 'setup', known: ['query_vma_teardown'] },
    },
  ],
  c: `
    void reader(struct mm_struct *mm)
    {
      struct proc_maps_locking_ctx context = { .mm = mm };
      unsigned int flags = sim_choose(2) ? PROCMAP_QUERY_FILE_BACKED_VMA | PROCMAP_QUERY_COVERING_OR_NEXT_VMA : 0;
      struct vm_area_struct *vma;

      if (role_setup(&context))
        return;
      vma = role_find(&context, 0x2000, flags);
      if (vma && !sim_is_error(vma))
        sim_assert(vma->vm_start <= 0x2000 && 0x2000 < vma->vm_end, "the VMA that is found covers the address");
      role_teardown(&context);
    }

    void writer(struct mm_struct *mm, struct vm_area_struct *a)
    {
      mmap_write_lock(mm);
      vma_start_write(a);
      sim_tree_erase(mm, 0x1000, 0x3000);
      vma_mark_detached(a, 1);
      mmap_write_unlock(mm);
      sim_free_rcu(a);
    }
  `,
  tasks: [
    { name: 'reader', call: 'reader(mm)' },
    { name: 'writer', call: 'writer(mm, A)' },
  ],
};
