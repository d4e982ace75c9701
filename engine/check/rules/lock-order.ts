/** Locks taken against the documented order, or by two functions in opposite orders. */
import { DEADLOCKS, MM_ORDER, orderOf } from '../../protocol/order.ts';
import type { Held } from '../../state/lock-state.ts';
import { kindAt, lockNamed } from '../lock-needs.ts';
import { shapeOf } from '../lock-operations.ts';
import { nameLock } from '../names.ts';
import { opposite, orderPairs } from '../order-pairs.ts';
import type { Rule } from '../rule.ts';
import type { CallEvent } from '../sleeps.ts';
import type { Term } from '../terms.ts';
import type { FunctionWalk } from '../walk.ts';

export const lockOrder: Rule = {
  id: 'lock-order',
  level: 'error',
  doc: {
    what: 'Locks are taken against the documented order, or two functions in view take a pair in opposite orders.',
    why: 'Another task takes them in the other order; each then holds what the other waits for.',
    advice:
      'Take the outer lock first, try the inner one with a trylock, or release it before the outer one is taken.',
    bad: `	mmap_write_lock(mm);
	inode_lock(inode);		/* the inode lock is the outer one */
	inode_unlock(inode);
	mmap_write_unlock(mm);`,
    good: `	inode_lock(inode);
	mmap_write_lock(mm);
	mmap_write_unlock(mm);
	inode_unlock(inode);`,
  },
  event(context, event) {
    if (event.kind !== 'call' || !event.contract) return;
    const { state } = event;
    if (state.joined || state.broken || state.locks.length === 0) return;
    const { walk, definition } = context;
    for (const outcome of event.contract.outcomes) {
      for (const effect of outcome.effects) {
        if (effect.op !== 'acquire' || effect.trylock || effect.nested) continue;
        const lock = lockNamed(walk, event, effect.lock);
        if (lock === null) continue;
        const kind = kindAt(walk, lock, effect.kind);
        const broken = brokenOrder(walk, event, { key: lock, kind, mode: effect.mode, depth: 1, site: 0 });
        if (!broken) continue;
        const name = nameLock(walk.table, walk.ir, state, lock, kind);
        const outer = nameLock(walk.table, walk.ir, state, broken.held.key, broken.held.kind);
        const line = definition.unit.position(broken.held.site).line;
        context.report({
          at: event.site.at,
          end: event.site.end,
          message: `${callText(event)} takes ${name} while ${outer} is held since line ${line}`,
          why: broken.because,
          advice:
            'Take the outer lock first, try the inner one with a trylock, or release it before the outer one is taken.',
          state,
          last: `takes ${name} inside ${outer}`,
          lock: broken.held.key,
          lockName: outer,
          shape: `${broken.held.kind} then ${kind}`,
        });
        return;
      }
    }
  },
  function(context) {
    const { program, definition, configuration, walk } = context;
    for (const pair of orderPairs(program, walk)) {
      const { event, held } = pair;
      const { state } = event;
      if (brokenOrder(walk, event, pair.taken)) continue;
      const other = opposite(program, definition, configuration, pair);
      if (!other) continue;
      const taken = nameLock(walk.table, walk.ir, state, pair.taken.key, pair.taken.kind);
      const outer = nameLock(walk.table, walk.ir, state, held.key, held.kind);
      const { unit, fn } = other.definition;
      const line = (at: number) => definition.unit.position(at).line;
      context.report({
        at: event.site.at,
        end: event.site.end,
        message: `${callText(event)} takes ${taken} while ${outer} is held since line ${line(held.site)}; ${fn.name}() takes the two in the opposite order`,
        why: `${fn.name}() takes ${pair.outer} in line ${unit.position(other.pair.event.site.at).line} while it holds ${pair.inner}. Two tasks, one in each, wait for each other for ever.`,
        advice: 'Take the two in one order everywhere, or the inner one with a trylock.',
        state,
        last: `takes ${taken} inside ${outer}`,
        lock: held.key,
        lockName: outer,
        shape: `${pair.outer} then ${pair.inner}`,
        twin: [pair.outer, pair.inner].sort().join(),
      });
    }
  },
};

/**
 * The classes whose place in the order is told by the lock alone. Spinning locks are left out: their fields have
 * names that other locks have too.
 */
const CERTAIN: ReadonlySet<string> = new Set(['inode', 'mmap', 'invalidate', 'i_mmap']);

function brokenOrder(
  walk: FunctionWalk,
  event: CallEvent,
  taken: Held<Term>,
): { readonly held: Held<Term>; readonly because: string } | null {
  const inner = place(walk, taken);
  for (const held of event.state.locks) {
    if (held.key === taken.key || walk.isUnstable(held.key)) continue;
    const past = event.state.history.get(held.key);
    if (!past?.taken || past.doubtful) continue;
    const deadlock = DEADLOCKS.find(
      (one) => one.held === held.kind && one.heldModes.includes(held.mode) && one.taken === taken.kind,
    );
    if (deadlock)
      return { held, because: `${deadlock.because.charAt(0).toUpperCase()}${deadlock.because.slice(1)}.` };
    const outer = place(walk, held);
    if (inner >= 0 && outer > inner) {
      const titles = [MM_ORDER[inner]!.title, MM_ORDER[outer]!.title] as const;
      return {
        held,
        because: `The documented order is: the ${titles[0]} first, the ${titles[1]} inside it.`,
      };
    }
  }
  return null;
}

function place(walk: FunctionWalk, { key, kind, mode }: Held<Term>): number {
  const at = orderOf(kind, shapeOf(walk.table, key), mode, false);
  return at >= 0 && CERTAIN.has(MM_ORDER[at]!.name) ? at : -1;
}

function callText(event: CallEvent): string {
  return event.site.call.endsWith(')') ? event.site.call : `${event.site.call}()`;
}
