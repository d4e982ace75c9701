import type { Scenario } from '../scenario.ts';

export const writerWaits: Scenario = {
  name: 'writer-waits',
  title: 'a reader may fault on a user copy while it holds the mmap_lock; a writer queues between',
  property: 'no deadlock',
  depth: 'contract',
  mms: [{ name: 'mm', vmas: [{ name: 'A', start: 0x1000, end: 0x3000 }] }],
  roles: [
    {
      name: 'copy',
      what: 'copies to or from user memory',
      params: [
        { type: 'struct mm_struct *', name: 'mm' },
        { type: 'unsigned long', name: 'address' },
        { type: 'void *', name: 'buffer' },
      ],
      returns: 'int',
      match: {
        calls: ['copy_to_user', 'copy_from_user', 'put_user', 'get_user', 'clear_user', 'strncpy_from_user'],
        known: ['do_procmap_query'],
      },
    },
  ],
  user: { usize: 104, 'karg.query_addr': 0x2000 },
  c: `
    void reader(struct mm_struct *mm)
    {
      role_copy(mm, 0x2000, &sim_buffer);
    }

    void writer(struct mm_struct *mm)
    {
      mmap_write_lock(mm);
      mmap_write_unlock(mm);
    }
  `,
  tasks: [
    { name: 'reader', call: 'reader(mm)' },
    { name: 'writer', call: 'writer(mm)' },
  ],
};
