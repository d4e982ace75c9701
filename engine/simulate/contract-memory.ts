/** Contracts that are about memory: copies that may fault, loops over what is not in view, exchanges. */
import type { Contract } from '../protocol/index.ts';
import { classValue } from './contract-results.ts';
import type { Machine } from './machine.ts';
import type { Site } from './model.ts';
import { NO_RESULT, RESUMED } from './signals.ts';
import { resultValue } from './unknown.ts';

/** A copy to or from user memory: it may fault, and a fault takes the `mmap_lock` of the running task's mm. */
export function fault(m: Machine, contract: Contract, args: readonly number[], site: Site): number {
  const mm = m.peek(m.tasks[m.current]!.current, 'mm');
  const ended = m.field(m.current, RESUMED) !== 0;
  const faults = ended || (m.isPointer(mm) && m.choose(2, `${contract.name}() faults`) === 1);
  if (faults) {
    if (!ended && m.mustNotSleep(`the page fault in ${contract.name}()`)) return NO_RESULT;
    const lock = m.locks.at(m.memory.member(mm, 'mmap_lock'), 'mmap');
    const got = m.locks.acquire(lock, false);
    if (got === NO_RESULT) return got;
    m.locks.release(lock, false, 'the page fault');
  }
  fill(m, args[0] ?? 0);
  return classValue(m, 'any', contract.name, {
    ...site,
    classes: site.classes.filter((one) => one === 0 || one === 1),
  });
}

/** A copy from user memory to a local of a name that the scenario has data for. */
function fill(m: Machine, target: number): void {
  const object = m.memory.objectOf(target);
  if (object?.kind !== 'stack') return;
  for (const [name, value] of m.userData) {
    const [variable, ...fields] = name.split('.');
    if (variable !== object.name) continue;
    m.storeAt(
      fields.reduce((at, field) => m.memory.member(at, field), m.memory.pointer(object.id)),
      value,
    );
  }
}

/** A loop over something that is not in view: no round, or one. */
export function iterate(m: Machine, contract: Contract, args: readonly number[], site: Site): number {
  const cell = m.memory.cell(m.memory.member(m.tasks[m.current]!.current, `#rounds${site.id}`));
  const before = m.memory.get(cell);
  const more = before === 0 && m.choose(2, `${contract.name}() has another round`) === 1;
  m.assumed.add(`${contract.name}() makes no round or one`);
  m.memory.set(cell, more ? 1 : 0);
  for (const [i, index] of (contract.assigns ?? []).entries()) {
    const target = args[index] ?? 0;
    if (!m.isPointer(target)) continue;
    const inside = contract.inside?.[i] ?? 'pointer';
    m.storeAt(
      target,
      more && inside === 'pointer'
        ? resultValue(m, 'valid', contract.name, { ...site, id: site.id * 8 + i + 1_000_000 })
        : 0,
    );
  }
  return more ? 1 : 0;
}

/** @returns what the place held; null for a contract that exchanges nothing. */
export function exchange(m: Machine, contract: Contract, args: readonly number[]): number | null {
  const { value } = contract;
  if (value?.value !== 'exchange' && value?.value !== 'exchange-through') return null;
  const target = args[value.target] ?? 0;
  if (!m.canFollow(target, contract.name)) return NO_RESULT;
  const old = m.loadAt(target);
  m.storeAt(target, value.source === null ? 0 : (args[value.source] ?? 0));
  return old;
}
