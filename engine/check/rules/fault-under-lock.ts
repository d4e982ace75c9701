/** User memory is touched under a lock that the page fault takes. */
import type { Held } from '../../state/lock-state.ts';
import { nameLock } from '../names.ts';
import type { Rule } from '../rule.ts';
import { type CallEvent, faultsAreOff, mayUnlockUnseen, sleepOf } from '../sleeps.ts';
import type { Term } from '../terms.ts';
import type { FunctionWalk } from '../walk.ts';

export const faultUnderLock: Rule = {
  id: 'fault-under-lock',
  level: 'error',
  doc: {
    what: 'User memory is touched while `mmap_lock` is held (the page fault would take it again behind a waiting writer).',
    why: 'The fault handler takes the mmap_lock for reading. If a writer has queued since, it waits for the writer, and the writer waits for this very task.',
    advice:
      'Copy to or from a kernel buffer outside of the lock, or use the form that does not fault and handle its failure.',
    bad: `	mmap_read_lock(mm);
	vma = find_vma(mm, addr);
	if (vma)
		ret = put_user(vma->vm_start, out);
	mmap_read_unlock(mm);`,
    good: `	mmap_read_lock(mm);
	vma = find_vma(mm, addr);
	if (vma)
		start = vma->vm_start;
	mmap_read_unlock(mm);
	ret = put_user(start, out);`,
  },
  event(context, event) {
    if (event.kind !== 'call' || event.state.joined || event.state.broken || faultsAreOff(event.state))
      return;
    const { walk, definition } = context;
    const held = addressSpaceHold(walk, event);
    if (!held || mayUnlockUnseen(walk)) return;
    const fault = sleepOf('faults', context.program, definition, context.configuration, walk, event);
    if (fault?.when !== 'always') return;
    const name = nameLock(walk.table, walk.ir, event.state, held.key, held.kind);
    const line = definition.unit.position(held.site).line;
    const way = fault.chain.map((site) => `${site.function}() in ${site.file}:${site.line}`).join(', ');
    context.report({
      at: event.site.at,
      end: event.site.end,
      message: `${event.site.call}() may fault on user memory, but ${name} is held since line ${line}`,
      why:
        (way === '' ? '' : `On every path it comes to ${fault.primitive}(): ${way}. `) +
        (held.kind === 'mmap'
          ? 'The page fault takes the mmap_lock again and waits behind a writer that waits for this task.'
          : 'The page fault may wait for the mmap_lock, whose holder waits for the readers of this VMA.'),
      advice:
        'Copy to or from a kernel buffer outside of the lock, or use the form that does not fault and handle its failure.',
      state: event.state,
      last: `${event.site.call}() may fault`,
      lock: held.key,
      lockName: name,
      shape: `${event.site.call} faults`,
    });
  },
};

/** A hold of the mmap_lock, or of a VMA for reading, that may be of the task's own address space. */
function addressSpaceHold(walk: FunctionWalk, event: CallEvent): Held<Term> | undefined {
  const { table } = walk;
  return event.state.locks.find((held) => {
    if (held.kind !== 'mmap' && !(held.kind === 'vma' && held.mode === 'R')) return false;
    if (walk.isUnstable(held.key) || event.state.history.get(held.key)?.doubtful) return false;
    // An address space that was made here, or that some call found, is as likely another task's.
    if (held.kind === 'mmap' && table.kind(table.root(held.key)) === 'fresh') return false;
    return walk.exits.some((exit) => (exit.state.history.get(held.key)?.releasedAt ?? -1) >= 0);
  });
}
