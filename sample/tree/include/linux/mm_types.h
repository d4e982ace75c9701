/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_MM_TYPES_H
#define _LINUX_MM_TYPES_H

struct file;
struct rw_semaphore { long owner; };

struct mm_struct {
	struct rw_semaphore mmap_lock;
	unsigned long total_vm;
};

struct vm_area_struct {
	unsigned long vm_start;
	unsigned long vm_end;
	unsigned long vm_flags;
	struct mm_struct *vm_mm;
	struct file *vm_file;
	unsigned int vm_lock_seq;
	int vm_refcnt;
};

#endif
