import type { Scenario } from '../scenario.ts';

export const binderShrink: Scenario = {
  name: 'binder-shrink',
  title: "binder's shrinker and its trylocks against a writer and a user of the same buffer",
  property: 'everything taken is released on every skip',
  depth: 'contract',
  mms: [{ name: 'mm', vmas: [{ name: 'A', start: 0, end: 0x2000 }] }],
  roles: [
    {
      name: 'free_page',
      what: 'frees a page of a least-recently-used list',
      params: [
        { type: 'struct list_head *', name: 'item' },
        { type: 'struct list_lru_one *', name: 'lru' },
        { type: 'void *', name: 'argument' },
      ],
      returns: 'int',
      match: {
        params: ['struct\\s+list_head\\s*\\*', 'struct\\s+list_lru_one\\s*\\*'],
        known: ['binder_alloc_free_page'],
      },
    },
  ],
  c: `
    void shrinker(struct mm_struct *mm)
    {
      long status;

      spin_lock(&sim_lru.lock);
      status = role_free_page(&sim_item, &sim_lru, NULL);
      if (status != LRU_REMOVED_RETRY && status != LRU_RETRY)
        spin_unlock(&sim_lru.lock);
    }

    void user(void)
    {
      struct binder_alloc *alloc = container_of(&sim_item, struct binder_shrinker_mdata, lru)->alloc;

      mutex_lock(&alloc->mutex);
      mutex_unlock(&alloc->mutex);
    }

    void writer(struct mm_struct *mm, struct vm_area_struct *a)
    {
      mmap_write_lock(mm);
      vma_start_write(a);
      sim_tree_erase(mm, 0, 0x2000);
      vma_mark_detached(a, 1);
      mmap_write_unlock(mm);
      sim_free_rcu(a);
    }
  `,
  tasks: [
    { name: 'shrinker', call: 'shrinker(mm)' },
    { name: 'user', call: 'user()' },
    { name: 'writer', call: 'writer(mm, A)' },
  ],
};
