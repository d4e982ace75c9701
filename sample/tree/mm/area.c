// SPDX-License-Identifier: MIT
/* Questions about one area of an address space. */

#include <linux/mmap_lock.h>

/* The size of the area at an address, or 0 where nothing is mapped. */
unsigned long area_size(struct mm_struct *mm, unsigned long address)
{
	struct vm_area_struct *vma;
	unsigned long size = 0;

	vma = lock_vma_under_rcu(mm, address);
	if (vma) {
		size = vma->vm_end - vma->vm_start;
		vma_end_read(vma);
		return size;
	}

	mmap_read_lock(mm);
	vma = vma_lookup(mm, address);
	if (vma)
		size = vma->vm_end - vma->vm_start;
	mmap_read_unlock(mm);

	return size;
}

/* The flags of the area at an address, or 0 where nothing is mapped. */
unsigned long area_flags(struct mm_struct *mm, unsigned long address)
{
	struct vm_area_struct *vma;
	unsigned long flags = 0;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, address);
	if (vma)
		flags = vma->vm_flags;
	mmap_read_unlock(mm);

	return flags;
}
