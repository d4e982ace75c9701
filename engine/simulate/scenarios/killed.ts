import type { Scenario } from '../scenario.ts';

export const killed: Scenario = {
  name: 'killed',
  title: 'a fatal signal while a task waits for the mmap_lock that a writer holds',
  property: 'every early return leaves nothing held',
  depth: 'contract',
  mms: [
    {
      name: 'mm',
      vmas: [
        { name: 'A', start: 0x1000, end: 0x2000 },
        { name: 'B', start: 0x2000, end: 0x3000 },
      ],
    },
  ],
  roles: [
    {
      name: 'code',
      what: 'waits for the mmap_lock and can be killed',
      params: [
        { type: 'struct seq_file *', name: 'm' },
        { type: 'struct mm_struct *', name: 'mm' },
        { type: 'unsigned long', name: 'address' },
        { type: 'void *', name: 'buffer' },
        { type: 'int', name: 'length' },
        { type: 'unsigned int', name: 'flags' },
      ],
      returns: 'int',
      match: { calls: ['mmap_read_lock_killable', 'mmap_write_lock_killable'], known: ['show_smaps_rollup'] },
    },
  ],
  c: `
    void victim(struct mm_struct *mm)
    {
      role_code(&sim_seq, mm, 0x1800, &sim_buffer, 0x1000, 0);
    }

    void writer(struct mm_struct *mm)
    {
      mmap_write_lock(mm);
      mmap_write_unlock(mm);
    }

    void killer(void)
    {
      sim_kill(0);
    }
  `,
  tasks: [
    { name: 'victim', call: 'victim(mm)' },
    { name: 'writer', call: 'writer(mm)' },
    { name: 'killer', call: 'killer()' },
  ],
};
