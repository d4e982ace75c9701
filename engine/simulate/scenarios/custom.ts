import type { Scenario } from '../scenario.ts';

const params = [
  { type: 'struct mm_struct *', name: 'mm' },
  { type: 'struct vm_area_struct *', name: 'vma' },
  { type: 'unsigned long', name: 'address' },
  { type: 'unsigned long', name: 'length' },
  { type: 'struct seq_file *', name: 'm' },
  { type: 'void *', name: 'buffer' },
] as const;

/** Functions named by the user, each a task of its own, beside a writer. */
export const custom: Scenario = {
  name: 'custom',
  title: 'functions of your choice, each a task of its own, and a writer',
  property: 'the built-in checks, with what the functions expect of their callers',
  depth: 'contract',
  derivesContracts: true,
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
    { name: 'first', what: 'is to be run: name it with --function', params, returns: 'int', match: {} },
    { name: 'second', what: 'is to be run beside it', params, returns: 'int', match: {}, optional: true },
    { name: 'third', what: 'is to be run beside them', params, returns: 'int', match: {}, optional: true },
  ],
  c: `
    static int hold_entry_locks(void)
    {
      int i;

      for (i = 0; i < sim_entry_locks(); i++)
        if (!sim_take_entry_lock(i))
          return 0;
      return 1;
    }

    void one(struct mm_struct *mm, struct vm_area_struct *vma)
    {
      long result = 0;

      if (hold_entry_locks())
        result = role_first(mm, vma, 0x2000, 0x1000, &sim_seq, &sim_buffer);
      sim_give_back(result);
    }

    void two(struct mm_struct *mm, struct vm_area_struct *vma)
    {
      long result = 0;

      if (hold_entry_locks())
        result = role_second(mm, vma, 0x2000, 0x1000, &sim_seq, &sim_buffer);
      sim_give_back(result);
    }

    void three(struct mm_struct *mm, struct vm_area_struct *vma)
    {
      long result = 0;

      if (hold_entry_locks())
        result = role_third(mm, vma, 0x4000, 0x1000, &sim_seq, &sim_buffer);
      sim_give_back(result);
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
    { name: 'first', call: 'one(mm, A)' },
    { name: 'second', call: 'two(mm, A)' },
    { name: 'third', call: 'three(mm, B)' },
    { name: 'writer', call: 'writer(mm, A)' },
  ],
};
