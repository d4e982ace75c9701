/** Page-table walks: what must be held, and that they may sleep. The pages themselves are not simulated. */
import type { Machine } from '../machine.ts';
import { follows, type Model, type Site } from '../model.ts';
import { NO_RESULT } from '../signals.ts';
import { holds } from './vma-lock.ts';

/** `enum page_walk_lock` */
const RDLOCK = 0;
const VMA_RDLOCK_VERIFY = 3;

/** 1 + the address up to which a watched task has walked; 0 where nobody watches. */
const WALKED = '#walked';

export function beginWalks(m: Machine, from: number): void {
  m.poke(m.tasks[m.current]!.current, WALKED, from + 1);
}

/** A property violation where the walks did not reach an address. */
export function checkWalks(m: Machine, to: number): number {
  const walked = m.peek(m.tasks[m.current]!.current, WALKED) - 1;
  return walked >= to
    ? 0
    : m.failResult('property', `0x${walked.toString(16)} to 0x${to.toString(16)} is left out of the walk`);
}

function noteWalk(m: Machine, start: number, end: number): boolean {
  const { current } = m.tasks[m.current]!;
  const walked = m.peek(current, WALKED) - 1;
  if (walked < 0) return true;
  if (start < walked)
    m.fail('property', `0x${start.toString(16)} to 0x${Math.min(walked, end).toString(16)} is walked twice`);
  else m.poke(current, WALKED, end + 1);
  return start >= walked;
}

function walk(m: Machine, mm: number, vma: number, ops: number, site: Site): number {
  const what = `${site.callee}(${site.texts.join(', ')})`;
  if (!m.canFollow(ops, what) || !m.canFollow(mm, what)) return NO_RESULT;
  if (m.mustNotSleep(what)) return NO_RESULT;
  const lock = m.locks.at(m.memory.member(mm, 'mmap_lock'), 'mmap');
  m.touch(lock.touch, false);
  const mode = m.load(ops, 'walk_lock');
  if (mode === VMA_RDLOCK_VERIFY) {
    if (vma !== 0 && (holds(m, vma, m.current) > 0 || m.locks.isHeldBy(lock, m.current, false))) return 0;
    return m.failResult(
      'protocol',
      `${what}: the walk is to run under the VMA's read lock, which is not held`,
    );
  }
  if (!m.locks.isHeldBy(lock, m.current, mode !== RDLOCK)) {
    return m.failResult(
      'protocol',
      `${what}: the walk is to run under the mmap_lock${mode === RDLOCK ? '' : ' held for writing'}, which is not held`,
    );
  }
  return 0;
}

function ofVma(name: string, vmaIndex: number, opsIndex: number): Model {
  return {
    name,
    returns: 'int',
    run(m, args, site) {
      const vma = args[vmaIndex]!;
      if (!follows(m, vma, site)) return NO_RESULT;
      const result = walk(m, m.load(vma, 'vm_mm'), vma, args[opsIndex]!, site);
      if (result !== 0) return result;
      const [start, end] =
        opsIndex === 3 ? [args[1]!, args[2]!] : [m.load(vma, 'vm_start'), m.load(vma, 'vm_end')];
      return noteWalk(m, start, end) ? 0 : NO_RESULT;
    },
  };
}

export const pageWalk: readonly Model[] = [
  ofVma('walk_page_vma', 0, 1),
  ofVma('walk_page_range_vma', 0, 3),
  {
    name: 'walk_page_range',
    returns: 'int',
    run(m, [mm, start, end, ops], site) {
      const result = walk(m, mm!, 0, ops!, site);
      if (result !== 0) return result;
      return noteWalk(m, start!, end!) ? 0 : NO_RESULT;
    },
  },
];
