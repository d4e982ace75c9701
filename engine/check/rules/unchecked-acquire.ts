/** A conditional acquire whose result nobody looks at. */

import type { Expr, FunctionIR, Instruction } from '../../c/ir.ts';
import type { Effect } from '../../protocol/contract.ts';
import type { PathEvent } from '../events.ts';
import { ZERO } from '../facts.ts';
import { eachName, successors } from '../flow.ts';
import { kindAt, lockNamed } from '../lock-needs.ts';
import { nameLock } from '../names.ts';
import type { Rule } from '../rule.ts';
import { classesOf } from '../values.ts';
import type { FunctionWalk } from '../walk.ts';

export const uncheckedAcquire: Rule = {
  id: 'unchecked-acquire',
  level: 'error',
  doc: {
    what: 'A conditional acquire (trylock, killable, lookup) is used as if it always succeeds.',
    why: 'Where it fails, the code behind it runs without the lock and then gives back what it does not hold.',
    advice: 'Test the result and leave where the lock was not taken, or use the form that always takes it.',
    bad: `	mutex_lock_interruptible(&d->lock);
	d->mode = mode;
	mutex_unlock(&d->lock);`,
    good: `	if (mutex_lock_interruptible(&d->lock))
		return -EINTR;
	d->mode = mode;
	mutex_unlock(&d->lock);`,
  },
  event(context, event) {
    if (event.kind !== 'call' || !event.contract?.mustCheck) return;
    const acquire = event.contract.outcomes
      .flatMap((outcome) => outcome.effects)
      .find((effect): effect is Extract<Effect, { op: 'acquire' }> => effect.op === 'acquire');
    if (!acquire || event.contract.outcomes.length < 2) return;
    const { walk, definition } = context;
    if (isToldByPlace(walk, event, acquire.lock) || !isDropped(walk.ir, event.site.at)) return;
    // A cast to void says that it is meant.
    if (/\(\s*void\s*\)\s*$/.test(definition.unit.text.slice(Math.max(0, event.site.at - 16), event.site.at)))
      return;
    const call = event.site.call.endsWith(')') ? event.site.call : `${event.site.call}()`;
    const lock = lockNamed(walk, event, acquire.lock);
    const name =
      lock === null
        ? 'the lock'
        : nameLock(walk.table, walk.ir, event.state, lock, kindAt(walk, lock, acquire.kind));
    context.report({
      at: event.site.at,
      end: event.site.end,
      message: `nothing looks at the result of ${call}, which may come back without ${acquire.kind === 'reference' ? 'a reference' : name}`,
      why: 'Where it fails, the code behind it runs without the lock and then gives back what it does not hold.',
      advice: 'Test the result and leave where the lock was not taken, or use the form that always takes it.',
      state: event.state,
      last: `calls ${call} and drops the result`,
      lock: lock ?? -1,
      lockName: name,
      shape: `${event.site.call} unchecked`,
    });
  },
};

/** True for the lock of an object that the call puts where NULL was: what is there afterwards tells as much as the result. */
function isToldByPlace(
  { table }: FunctionWalk,
  { args, state }: Extract<PathEvent, { kind: 'call' }>,
  lock: string,
): boolean {
  const place = args[Number(/^\*arg(\d+)/.exec(lock)?.[1] ?? -1)];
  const before = place === undefined ? undefined : state.memory.get(place);
  return before !== undefined && classesOf(table, state, before) === ZERO;
}

/** How often a result is followed from variable to variable. */
const MAX_COPIES = 4;

/** True where no path from the call reads what it returned. */
function isDropped(ir: FunctionIR, at: number): boolean {
  for (const block of ir.blocks) {
    for (const [index, one] of block.instructions.entries()) {
      if (one.at !== at || one.end < 0) continue;
      if (one.kind === 'guard-enter') return !isRead(ir, block.id, index + 1, one.variable, 0);
      if (one.kind !== 'call' || one.iterator) continue;
      if (one.result === null) return true;
      if (one.result.kind !== 'name' || one.result.binding === 'global') return false;
      return !isRead(ir, block.id, index + 1, one.result.name, 0);
    }
  }
  return false;
}

/** True where some path from here reads the variable before it is written again. */
function isRead(ir: FunctionIR, from: number, index: number, name: string, copies: number): boolean {
  if (copies > MAX_COPIES) return true;
  const seen = new Set<number>();
  const work = [{ id: from, index }];
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    const block = ir.blocks[next.id]!;
    let overwritten = false;
    for (let at = next.index; at < block.instructions.length && !overwritten; at++) {
      const one = block.instructions[at]!;
      const copy = copyOf(one, name);
      if (copy !== null) {
        if (copy !== name && isRead(ir, next.id, at + 1, copy, copies + 1)) return true;
      } else if (reads(one, name)) return true;
      overwritten = writes(one, name);
    }
    if (overwritten) continue;
    const end = block.terminator;
    if (end.kind === 'branch' && names(end.condition, name)) return true;
    if (end.kind === 'switch' && names(end.value, name)) return true;
    if (end.kind === 'return' && end.value && names(end.value, name)) return true;
    for (const id of successors(end)) {
      if (seen.has(id)) continue;
      seen.add(id);
      work.push({ id, index: 0 });
    }
  }
  return false;
}

/** The local variable that an instruction copies the value to as it is. */
function copyOf(one: Instruction, name: string): string | null {
  if (one.kind !== 'assign' || one.target.kind !== 'name' || one.target.binding === 'global') return null;
  return one.value.kind === 'name' && one.value.name === name ? one.target.name : null;
}

function reads(one: Instruction, name: string): boolean {
  switch (one.kind) {
    case 'assign':
      return names(one.value, name) || (one.target.kind !== 'name' && names(one.target, name));
    case 'call':
      return (
        names(one.callee, name) ||
        one.args.some((arg) => names(arg, name)) ||
        (one.result !== null && one.result.kind !== 'name' && names(one.result, name))
      );
    case 'guard-enter':
      return one.args.some((arg) => names(arg, name));
    case 'cleanup':
      return one.variable === name;
    case 'opaque':
      return one.text.includes(name);
    default:
      return false;
  }
}

function writes(one: Instruction, name: string): boolean {
  if (one.kind === 'assign') return one.target.kind === 'name' && one.target.name === name;
  if (one.kind === 'call') return one.result?.kind === 'name' && one.result.name === name;
  return one.kind === 'declare' && one.name === name;
}

function names(expr: Expr, name: string): boolean {
  let found = false;
  eachName(expr, (one) => {
    found ||= one === name;
  });
  return found;
}
