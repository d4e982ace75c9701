/**
 * Functions that the core calls through a pointer: in which context, with which locks held, and which of them
 * belong together. Sources: Documentation/filesystems/locking.rst, the headers that declare the structures.
 */

import type { CallbackMember, CallbackPair, CallbackRegistration } from './callback.ts';
import { MEMBERS } from './callback-members.ts';
import { REGISTRATIONS } from './callback-registrations.ts';

export const CALLBACK_PAIRS: readonly CallbackPair[] = [
  {
    ops: 'seq_operations',
    opens: 'start',
    closes: 'stop',
    between: ['show', 'next'],
    closesAfter: 'any',
    source: 'fs/seq_file.c',
  },
  {
    ops: 'mm_walk_ops',
    opens: 'pre_vma',
    closes: 'post_vma',
    between: ['pgd_entry', 'p4d_entry', 'pud_entry', 'pmd_entry', 'pte_entry', 'pte_hole', 'hugetlb_entry'],
    closesAfter: 'zero',
    source: 'include/linux/pagewalk.h',
  },
  {
    ops: 'irq_chip',
    opens: 'irq_bus_lock',
    closes: 'irq_bus_sync_unlock',
    between: ['irq_mask', 'irq_unmask', 'irq_set_type', 'irq_set_wake'],
    closesAfter: 'any',
    source: 'include/linux/irq.h',
  },
  {
    ops: 'regmap_config',
    opens: 'lock',
    closes: 'unlock',
    between: [],
    closesAfter: 'any',
    source: 'include/linux/regmap.h',
  },
  // The other way round: the first lets go of the queue's lock, the second takes it again.
  {
    ops: 'vb2_ops',
    opens: 'wait_prepare',
    closes: 'wait_finish',
    between: [],
    closesAfter: 'any',
    source: 'include/media/videobuf2-core.h',
  },
  {
    ops: 'mmu_notifier_ops',
    opens: 'invalidate_range_start',
    closes: 'invalidate_range_end',
    between: [],
    closesAfter: 'zero',
    source: 'include/linux/mmu_notifier.h',
  },
  {
    ops: 'i2c_lock_operations',
    opens: 'lock_bus',
    closes: 'unlock_bus',
    between: [],
    closesAfter: 'any',
    source: 'include/linux/i2c.h',
  },
  {
    ops: 'address_space_operations',
    opens: 'write_begin',
    closes: 'write_end',
    between: [],
    closesAfter: 'zero',
    source: 'Documentation/filesystems/locking.rst',
  },
  {
    ops: 'tty_ldisc_ops',
    opens: 'open',
    closes: 'close',
    between: [],
    closesAfter: 'zero',
    source: 'include/linux/tty_ldisc.h',
  },
];

/**
 * Every order in which `seq_file` calls the members after one `read()`, as a regular language over their names; a
 * call of `start` that gives NULL or an error pointer goes straight to `stop`.
 */
export const SEQ_FILE_ORDERS: readonly (readonly string[])[] = [
  ['start', 'stop'],
  ['start', 'show', 'stop'],
  ['start', 'show', 'next', 'stop'],
  ['start', 'show', 'next', 'show', 'stop'],
  ['start', 'show', 'stop', 'start', 'show', 'next', 'stop'],
];

const members = new Map<string, CallbackMember>(MEMBERS.map((row) => [`${row.ops}.${row.member}`, row]));
const registrations = new Map<string, CallbackRegistration[]>();
for (const row of REGISTRATIONS) {
  const rows = registrations.get(row.function);
  if (rows) rows.push(row);
  else registrations.set(row.function, [row]);
}

/** The member of a structure of operations, or null. @param ops the structure's tag, without `struct`. */
export function callbackMember(ops: string, member: string): CallbackMember | null {
  return members.get(`${ops}.${member}`) ?? null;
}

/** The structure of operations that a field of this name leads to: `vma->vm_ops`; null where the name does not tell. */
export function operationsAt(field: string): string | null {
  return OPERATIONS_FIELDS.get(field) ?? null;
}

/** Source: the structures that hold them, in include/linux/mm_types.h and include/linux/fs.h. */
const OPERATIONS_FIELDS: ReadonlyMap<string, string> = new Map([
  ['vm_ops', 'vm_operations_struct'],
  ['a_ops', 'address_space_operations'],
  ['f_op', 'file_operations'],
  ['i_op', 'inode_operations'],
  ['s_op', 'super_operations'],
]);

/** The callbacks that a function takes; empty for most. */
export function callbackRegistrations(name: string): readonly CallbackRegistration[] {
  return registrations.get(name) ?? [];
}

/** The pairs of a structure of operations. */
export function callbackPairs(ops: string): readonly CallbackPair[] {
  return CALLBACK_PAIRS.filter((pair) => pair.ops === ops);
}

/**
 * The orders in which the core may call the members of a pair, from the opening one to the closing one. Where a
 * member that gives the next item gives none, the closing one comes at once.
 */
export function callbackOrders(pair: CallbackPair): readonly (readonly string[])[] {
  if (pair.ops === 'seq_operations') return SEQ_FILE_ORDERS;
  const { opens, closes } = pair;
  return [[opens, closes], ...pair.between.map((member) => [opens, member, closes])];
}

/**
 * Macros that make a table of operations out of functions whose names begin alike: the ending of each member.
 * Source: include/linux/seq_file.h.
 */
export const TABLE_MACROS: ReadonlyMap<
  string,
  { readonly ops: string; readonly endings: Readonly<Record<string, string>> }
> = new Map([
  [
    'DEFINE_SEQ_ATTRIBUTE',
    {
      ops: 'seq_operations',
      endings: { start: '_start', next: '_next', stop: '_stop', show: '_show' },
    },
  ],
]);

export * from './callback.ts';
export { MEMBERS as CALLBACK_MEMBERS } from './callback-members.ts';
export { REGISTRATIONS as CALLBACK_REGISTRATIONS } from './callback-registrations.ts';
