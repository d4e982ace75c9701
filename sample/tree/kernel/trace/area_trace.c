// SPDX-License-Identifier: MIT
/*
 * Tells which file each address of a stack belongs to. It is called with
 * preemption off, so it never waits.
 */

#include <linux/mmap_lock.h>

struct trace_entry {
	unsigned long address;
	struct file *file;
	unsigned long offset;
};

/*
 * With a lock for each area that one is enough; without, the whole address
 * space is locked, if it can be had at once.
 */
static struct vm_area_struct *trace_lock_area(struct mm_struct *mm,
					      unsigned long address)
{
	struct vm_area_struct *vma;

	vma = lock_vma_under_rcu(mm, address);
	if (vma)
		return vma;

	if (IS_ENABLED(CONFIG_PER_VMA_LOCK))
		return NULL;

	if (!mmap_read_trylock(mm))
		return NULL;

	vma = vma_lookup(mm, address);
	if (!vma)
		mmap_read_unlock(mm);

	return vma;
}

static void trace_unlock_area(struct mm_struct *mm, struct vm_area_struct *vma)
{
#ifdef CONFIG_PER_VMA_LOCK
	vma_end_read(vma);
#else
	mmap_read_unlock(mm);
#endif
}

void trace_resolve(struct mm_struct *mm, struct trace_entry *entries, int count)
{
	struct vm_area_struct *vma;
	int i;

	for (i = 0; i < count; i++) {
		vma = trace_lock_area(mm, entries[i].address);
		if (!vma) {
			entries[i].file = NULL;
			continue;
		}

		entries[i].file = vma->vm_file;
		entries[i].offset = entries[i].address - vma->vm_start;
		trace_unlock_area(mm, vma);
	}
}
