// SPDX-License-Identifier: MIT
/* Areas that are locked for longer than one question. */

#include <linux/mmap_lock.h>

/*
 * Locks the area at an address without waiting. NULL: nothing is mapped
 * there, or a writer is at work on it.
 */
struct vm_area_struct *area_get(struct mm_struct *mm, unsigned long address)
{
	return lock_vma_under_rcu(mm, address);
}

void area_put(struct vm_area_struct *vma)
{
	vma_end_read(vma);
}
