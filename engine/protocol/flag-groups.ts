/** Flag constants that stand for several, as the kernel's headers define them: what the code asks for by one name. */

/** By the name of the group, the flags in it. Source: include/linux/mm_types.h. */
export const FLAG_GROUPS: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'VM_FAULT_ERROR',
    [
      'VM_FAULT_OOM',
      'VM_FAULT_SIGBUS',
      'VM_FAULT_SIGSEGV',
      'VM_FAULT_HWPOISON',
      'VM_FAULT_HWPOISON_LARGE',
      'VM_FAULT_FALLBACK',
    ],
  ],
  ['FAULT_FLAG_DEFAULT', ['FAULT_FLAG_ALLOW_RETRY', 'FAULT_FLAG_KILLABLE', 'FAULT_FLAG_INTERRUPTIBLE']],
]);
