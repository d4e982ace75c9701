/** Where a path uses a pointer, or goes on with an iterator, whose life has ended: an event for the rule to judge. */
import type { Instruction, Terminator } from '../c/ir.ts';
import type { Contract } from '../protocol/contract.ts';
import type { EventSite, PathEvent } from './events.ts';
import { eachFollowed, expressionsOf } from './flow.ts';
import type { PathState } from './path-state.ts';
import { endedAround, type Life, withLife } from './pointer-lives.ts';
import type { Term } from './terms.ts';
import { evaluate, type ValueContext } from './values.ts';

export interface UseContext extends ValueContext {
  emit(event: PathEvent): void;
}

/** Reports what an instruction reads or writes through a pointer that ended; each pointer once on a path. */
export function emitStaleReads(
  context: UseContext,
  before: PathState,
  instruction: Instruction | Terminator,
): PathState {
  if (!anyEnded(before)) return before;
  let state = before;
  const site: EventSite = { at: instruction.at, end: instruction.end, call: '', inside: null };
  for (const expr of expressionsOf(instruction)) {
    eachFollowed(expr, false, (pointer) => {
      const value = evaluate(context, state, pointer);
      const life = state.lives.get(value);
      if (!life?.ended || life.what !== 'pointer') return;
      // What was read from memory may have been replaced there, so only a variable holds it for certain.
      if (context.table.kind(value) === 'load' && pointer.kind !== 'name') return;
      state = emitUse(context, state, value, life, { kind: 'read' }, site);
    });
  }
  return state;
}

/** Reports what a call is given of a pointer that ended, or which iterator that ended it goes on with. */
export function emitStaleArguments(
  context: UseContext,
  before: PathState,
  name: string | null,
  contract: Contract | null,
  args: readonly Term[],
  places: readonly (Term | null)[],
  site: EventSite,
): PathState {
  if (!anyEnded(before)) return before;
  let state = before;
  for (const [index, arg] of args.entries()) {
    const iterated = contract?.lifetimes?.some(
      (one) => one.life === 'iterates' && one.pointer === `arg${index}`,
    );
    if (iterated) {
      for (const iterator of [arg, places[index] ?? -1]) {
        const life = state.lives.get(iterator);
        if (life?.ended && life.what === 'iterator')
          state = emitUse(context, state, iterator, life, { kind: 'iterate' }, site);
      }
    }
    const pointer = endedAround(context.table, state, arg);
    if (pointer === null) continue;
    // The address of a member says that the callee is to work on it; a bare pointer may only be compared.
    const followed = arg !== pointer || contract?.dereferences?.includes(index) === true;
    if (contract && !followed) continue;
    // Once more, or told that it is gone: that is for the rules on balance.
    if (contract?.lifetimes?.some((one) => one.life === 'ends' && one.pointer === `arg${index}`)) continue;
    const use = { kind: 'argument', argument: index, callee: name, followed } as const;
    state = emitUse(context, state, pointer, state.lives.get(pointer)!, use, site);
  }
  return state;
}

function emitUse(
  context: UseContext,
  state: PathState,
  pointer: Term,
  life: Life,
  use: Extract<PathEvent, { kind: 'stale-use' }>['use'],
  site: EventSite,
): PathState {
  context.emit({ kind: 'stale-use', pointer, life, use, state, site });
  return withLife(state, pointer, null);
}

function anyEnded(state: PathState): boolean {
  if (state.broken) return false;
  for (const life of state.lives.values()) if (life.ended) return true;
  return false;
}
