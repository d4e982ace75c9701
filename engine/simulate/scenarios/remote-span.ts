import type { Scenario } from '../scenario.ts';

export const remoteSpan: Scenario = {
  name: 'remote-span',
  title: 'a read of another address space across two VMAs while the second is replaced',
  property: 'one read sees one layout',
  depth: 'contract',
  mms: [
    {
      name: 'mm',
      vmas: [
        { name: 'A', start: 0x1000, end: 0x2000 },
        { name: 'B', start: 0x2000, end: 0x3000 },
        { name: 'C', start: 0x2000, end: 0x3000, spare: true },
      ],
    },
  ],
  roles: [
    {
      name: 'access',
      what: 'reads from another address space',
      params: [
        { type: 'struct mm_struct *', name: 'mm' },
        { type: 'unsigned long', name: 'address' },
        { type: 'void *', name: 'buffer' },
        { type: 'int', name: 'length' },
        { type: 'unsigned int', name: 'flags' },
      ],
      returns: 'int',
      match: {
        params: ['struct\\s+mm_struct\\s*\\*', 'unsigned\\s+long', 'void\\s*\\*', '\\bint\\b'],
        calls: ['get_user_page_vma_remote', 'get_user_pages_remote', 'vma_lookup'],
        known: ['__access_remote_vm'],
      },
    },
  ],
  c: `
    void reader(struct mm_struct *mm)
    {
      sim_watch_layout();
      role_access(mm, 0x1800, &sim_buffer, 0x1000, 0);
      sim_unwatch_layout();
    }

    void writer(struct mm_struct *mm, struct vm_area_struct *b, struct vm_area_struct *c)
    {
      mmap_write_lock(mm);
      vma_start_write(b);
      sim_tree_erase(mm, 0x2000, 0x3000);
      vma_mark_detached(b, 1);
      vma_start_write(c);
      vma_mark_attached(c);
      sim_tree_store(mm, 0x2000, 0x3000, c);
      mmap_write_unlock(mm);
      sim_free_rcu(b);
    }
  `,
  tasks: [
    { name: 'reader', call: 'reader(mm)' },
    { name: 'writer', call: 'writer(mm, B, C)' },
  ],
};
