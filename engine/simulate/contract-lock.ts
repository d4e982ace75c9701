/** Which lock a contract speaks of: its reference, followed from the arguments of a call. */
import { type LockKind, type LockRef, parseLockRef } from '../protocol/index.ts';
import type { LockInfo } from './locks.ts';
import type { Machine } from './machine.ts';

/** Kinds that are states of the task and not locks with holders. */
export const SECTIONS = new Set<LockKind>(['preempt', 'irq', 'bh']);
/** Kinds that exclude nobody in what is simulated. */
export const IGNORED = new Set<LockKind>([
  'reference',
  'speculation',
  'seqcount',
  'migrate',
  'pagefault',
  'srcu',
  'vma',
]);
function address(m: Machine, ref: LockRef, args: readonly number[], result: number): number | null {
  const path = parseLockRef(ref);
  if (path === null || path.all) return null;
  const { base } = path;
  let pointer: number;
  if (base.root === 'argument') pointer = args[base.index] ?? 0;
  else if (base.root === 'target') {
    const target = args[base.index] ?? 0;
    if (!m.isPointer(target)) return null;
    pointer = m.loadAt(target);
  } else if (base.root === 'result') pointer = result;
  else if (base.root === 'current') pointer = m.tasks[m.current]!.current;
  else if (base.root === 'global') {
    pointer = m.memory.pointer(
      m.memory.object(`global ${base.name}`, { name: base.name, tag: '', kind: 'global' }),
    );
  } else return null;
  for (const field of path.fields) {
    if (!m.isPointer(pointer)) return null;
    const member = m.memory.member(pointer, field.name);
    pointer = field.arrow ? m.memory.get(m.memory.cell(member, { pointerTo: '' })) : member;
  }
  return m.isPointer(pointer) ? pointer : null;
}

/** The lock itself, or null where the arguments do not lead to one. */
export function lockOf(
  m: Machine,
  ref: LockRef,
  kind: string,
  args: readonly number[],
  result: number,
): LockInfo | null {
  const pointer = address(m, ref, args, result);
  return pointer === null ? null : m.locks.at(pointer, kind);
}
