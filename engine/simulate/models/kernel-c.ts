/** Models in C: the kernel's functions that are shorter told in their own language. Our own text, not the kernel's. */
export const KERNEL_C = `
int expand_stack_locked(struct vm_area_struct *vma, unsigned long address)
{
  struct mm_struct *mm = vma->vm_mm;

  mmap_assert_write_locked(mm);
  if (!(vma->vm_flags & VM_GROWSDOWN))
    return -EFAULT;
  vma_start_write(vma);
  vma->vm_start = address & PAGE_MASK;
  sim_tree_store(mm, vma->vm_start, vma->vm_end, vma);
  return 0;
}

struct vm_area_struct *expand_stack(struct mm_struct *mm, unsigned long address)
{
  struct vm_area_struct *vma;

  mmap_read_unlock(mm);
  if (mmap_write_lock_killable(mm))
    return NULL;
  vma = find_vma(mm, address);
  if (!vma || (vma->vm_start > address && expand_stack_locked(vma, address))) {
    mmap_write_unlock(mm);
    return NULL;
  }
  mmap_write_downgrade(mm);
  return vma;
}

long get_user_pages_remote(struct mm_struct *mm, unsigned long start, unsigned long count, unsigned int flags, struct page **pages, int *locked)
{
  struct vm_area_struct *vma = vma_lookup(mm, start);

  might_sleep();
  if (!vma)
    return -EFAULT;
  if (pages)
    *pages = &sim_page;
  return 1;
}

struct page *get_user_page_vma_remote(struct mm_struct *mm, unsigned long address, int flags, struct vm_area_struct **found)
{
  struct page *page;
  struct vm_area_struct *vma;
  long got = get_user_pages_remote(mm, address, 1, flags, &page, NULL);

  if (got < 0)
    return (struct page *)got;
  vma = vma_lookup(mm, address);
  if (!vma)
    return (struct page *)-EINVAL;
  *found = vma;
  return page;
}
`;
