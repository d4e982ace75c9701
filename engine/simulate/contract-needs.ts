/** What a contract asks for: conditions on arguments, and locks that have to be held. */
import type { Contract, Given, LockKind, LockRef } from '../protocol/index.ts';
import { IGNORED, lockOf, SECTIONS } from './contract-lock.ts';
import type { Machine } from './machine.ts';
import { ATOMIC, RCU } from './signals.ts';
import type { Lacking } from './task.ts';

/** Whether a condition on an argument holds; null where that is not known. */
export function holds(m: Machine, given: Given, args: readonly number[]): boolean | null {
  const match = /^(\*?)arg(\d+)$/.exec(given.operand);
  if (match === null) return null;
  let value = args[Number(match[2])];
  if (value === undefined) return null;
  if (match[1] === '*') {
    if (!m.isPointer(value)) return null;
    value = m.loadAt(value);
  }
  const { is } = given;
  if (is === 'zero') return value === 0;
  if (is === 'nonzero') return value !== 0;
  if (is === 'pointer') return m.isPointer(value);
  if (is === 'not-pointer') return !m.isPointer(value);
  return null;
}

function gives(contract: Contract, lock: LockRef): boolean {
  return contract.outcomes.some((one) =>
    one.effects.some(
      (effect) => (effect.op === 'release' || effect.op === 'downgrade') && effect.lock === lock,
    ),
  );
}

/** @returns false, and a violation, where a lock is not held that has to be. */
export function checkNeeds(m: Machine, contract: Contract, args: readonly number[]): boolean {
  for (const need of contract.needs ?? []) {
    if (need.need === 'not-held' || (need.given ?? []).some((given) => holds(m, given, args) !== true))
      continue;
    // What is given back without being held is told by the release itself.
    if (need.need === 'held' && gives(contract, need.lock)) continue;
    const options = need.need === 'held' ? [need] : need.options;
    let known = true;
    const met = options.some((option) => {
      if (option.kind === 'rcu') return m.field(m.current, RCU) > 0;
      if (SECTIONS.has(option.kind)) return m.field(m.current, ATOMIC) > 0;
      if (IGNORED.has(option.kind)) {
        known = false;
        return true;
      }
      const lock = lockOf(m, option.lock, option.kind, args, 0);
      if (lock === null) {
        known = false;
        return true;
      }
      m.touch(lock.touch, false);
      return m.locks.isHeldBy(lock, m.current, !option.modes.includes('R') && !option.modes.includes('D'));
    });
    if (met || !known) continue;
    const kind = contract.assertion === true ? 'assertion' : 'protocol';
    m.failWithout(lackingOf(m, options[0]!, args), kind, `${contract.name}(): ${need.because}`);
    return false;
  }
  return true;
}

function lackingOf(
  m: Machine,
  {
    kind,
    lock,
    modes,
  }: { readonly kind: LockKind; readonly lock: LockRef; readonly modes: readonly string[] },
  args: readonly number[],
): Lacking | null {
  if (kind === 'rcu') return { kind: 'rcu', pointer: 0, write: false };
  const info = SECTIONS.has(kind) ? null : lockOf(m, lock, kind, args, 0);
  return info === null
    ? null
    : { kind: 'lock', pointer: info.pointer, write: !modes.includes('R') && !modes.includes('D') };
}
