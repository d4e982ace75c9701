/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_MMAP_LOCK_H
#define _LINUX_MMAP_LOCK_H

#include <linux/mm_types.h>

void mmap_read_lock(struct mm_struct *mm);
int mmap_read_lock_killable(struct mm_struct *mm);
bool mmap_read_trylock(struct mm_struct *mm);
void mmap_read_unlock(struct mm_struct *mm);

#ifdef CONFIG_PER_VMA_LOCK

struct vm_area_struct *lock_vma_under_rcu(struct mm_struct *mm,
					  unsigned long address);
bool vma_start_read_locked(struct vm_area_struct *vma);
void vma_end_read(struct vm_area_struct *vma);

#else

static inline struct vm_area_struct *lock_vma_under_rcu(struct mm_struct *mm,
							unsigned long address)
{
	return NULL;
}

static inline void vma_end_read(struct vm_area_struct *vma)
{
}

#endif

struct vm_area_struct *vma_lookup(struct mm_struct *mm, unsigned long address);

#endif
