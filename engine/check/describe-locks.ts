/** What a function does with locks, in one sentence for its reader: what it takes, returns with and gives back. */
import { lockKind } from '../protocol/kinds.ts';
import type { Exit } from './events.ts';
import { ANY, NEGATIVE, POSITIVE, ZERO } from './facts.ts';
import type { FunctionStates } from './line-states.ts';
import { nameLock } from './names.ts';
import { handedOver } from './summary.ts';
import { classesOf } from './values.ts';
import type { FunctionWalk } from './walk.ts';

/** Locks named in one part of the sentence; of more, the rest is counted. */
const MAX_NAMED = 2;

/** `takes mm->mmap_lock R, returns with VMA lock of vma R if the result is not NULL`. Empty: no locks at all. */
export function describeLocks(states: FunctionStates): string {
  const { walk } = states;
  const kept = new Map<string, Exit[]>();
  const given = new Map<string, Exit[]>();
  for (const exit of walk.exits) {
    for (const held of handedOver(walk, exit)) {
      // A debt that was paid by taking the lock again is none.
      if ((exit.state.history.get(held.key)?.owed ?? 0) > 0) continue;
      const modes = lockKind(held.kind).modes.length > 1 ? ` ${held.mode}` : '';
      add(kept, nameOf(walk, exit, held.key, held.kind) + modes, exit);
    }
    for (const [lock, past] of exit.state.history) {
      if (past.owed === 0 || exit.locks.some((held) => held.key === lock)) continue;
      add(given, nameOf(walk, exit, lock, past.owedKind), exit);
    }
  }
  const taken = states.taken
    .map(({ name, mode }) => (mode === null ? name : `${name} ${mode}`))
    .filter((name) => kept.get(name)?.length !== walk.exits.length);
  return [
    part('takes', new Map([['', taken.filter((name) => !kept.has(name))]])),
    part('gives back', byCondition(walk, given)),
    part('returns with', byCondition(walk, kept)),
  ]
    .filter((text) => text !== '')
    .join(', ');
}

function add(into: Map<string, Exit[]>, name: string, exit: Exit): void {
  const exits = into.get(name);
  if (!exits) into.set(name, [exit]);
  else if (!exits.includes(exit)) exits.push(exit);
}

function nameOf(walk: FunctionWalk, exit: Exit, ...lock: [number, Parameters<typeof nameLock>[4]]): string {
  return nameLock(walk.table, walk.ir, exit.state, ...lock).replace(/^the /, '');
}

/** The names under the condition on which each of them is so. */
function byCondition(walk: FunctionWalk, locks: ReadonlyMap<string, readonly Exit[]>): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [name, exits] of locks) {
    const when = condition(walk, exits);
    const list = groups.get(when);
    if (list) list.push(name);
    else groups.set(when, [name]);
  }
  return groups;
}

function part(verb: string, groups: ReadonlyMap<string, readonly string[]>): string {
  const texts = [...groups]
    .filter(([, names]) => names.length > 0)
    .map(([when, names]) => {
      const more = names.length - MAX_NAMED;
      const shown = more > 0 ? [...names.slice(0, MAX_NAMED), `${more} more`] : names;
      return shown.join(when === SOMETIMES ? ' or ' : ', ') + when;
    });
  return texts.length === 0 ? '' : `${verb} ${texts.join(', ')}`;
}

const SOMETIMES = ' on some paths';

/** For which results it is so; ` on some paths` where the result does not tell. */
function condition(walk: FunctionWalk, exits: readonly Exit[]): string {
  if (exits.length === walk.exits.length) return '';
  const classes = (list: readonly Exit[]) =>
    list.reduce(
      (all, exit) => all | (exit.value === null ? ANY : classesOf(walk.table, exit.state, exit.value)),
      0,
    );
  const with_ = classes(exits);
  const without = classes(walk.exits.filter((exit) => !exits.includes(exit)));
  if ((with_ & without) !== 0) return SOMETIMES;
  const pointer = walk.ir.returnType.includes('*');
  if (with_ === POSITIVE) {
    if (pointer) return without & NEGATIVE ? ' if the result is valid' : ' if the result is not NULL';
    return walk.ir.returnType.includes('bool') ? ' if true' : ' if the result is positive';
  }
  if (with_ === ZERO)
    return pointer ? ' if NULL' : walk.ir.returnType.includes('bool') ? ' if false' : ' if 0';
  if (with_ === NEGATIVE) return ' on error';
  if (without === NEGATIVE) return ' unless it fails';
  if (without === ZERO) return pointer ? ' if the result is not NULL' : ' if the result is not 0';
  return SOMETIMES;
}
