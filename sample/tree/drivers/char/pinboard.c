// SPDX-License-Identifier: MIT
/* A board of remembered addresses, each with the flags of its area. */

#include <linux/area.h>
#include <linux/mm_types.h>
#include <linux/mutex.h>

struct pin {
	unsigned long address;
	unsigned long flags;
};

struct pinboard {
	struct mutex lock;
	struct pin pins[16];
	int used;
	int refused;
};

/* Remembers an address of @mm. Returns its place on the board or an error. */
int pinboard_add(struct pinboard *board, struct mm_struct *mm,
		 unsigned long address)
{
	struct vm_area_struct *vma;
	struct pin *pin;
	int ret;

	mutex_lock(&board->lock);
	if (board->used == ARRAY_SIZE(board->pins)) {
		ret = -ENOSPC;
		goto out;
	}

	vma = area_get(mm, address);
	if (!vma)
		goto refuse;

	pin = &board->pins[board->used];
	pin->address = address;
	pin->flags = vma->vm_flags;
	area_put(vma);

	ret = board->used++;
	goto out;

refuse:
	board->refused++;
	ret = -EAGAIN;
out:
	mutex_unlock(&board->lock);
	return ret;
}
