/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_AREA_H
#define _LINUX_AREA_H

struct mm_struct;
struct vm_area_struct;

unsigned long area_size(struct mm_struct *mm, unsigned long address);
unsigned long area_flags(struct mm_struct *mm, unsigned long address);

struct vm_area_struct *area_get(struct mm_struct *mm, unsigned long address);
void area_put(struct vm_area_struct *vma);

#endif
