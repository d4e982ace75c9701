/** A call that may sleep where nothing may. */

import { lockKind } from '../../protocol/kinds.ts';
import type { Held } from '../../state/lock-state.ts';
import { atomicHolds } from '../../state/lock-state.ts';
import { conditionalSleep } from '../conditional-sleep.ts';
import { nameLock } from '../names.ts';
import { isFromEntry } from '../path-state.ts';
import type { Rule, RuleContext } from '../rule.ts';
import { type CallEvent, letsGo, mayUnlockUnseen, type Sleep, sleepOf } from '../sleeps.ts';
import type { Term } from '../terms.ts';

export const sleepInAtomic: Rule = {
  id: 'sleep-in-atomic',
  level: 'error',
  doc: {
    what: 'A call that may sleep is made inside an RCU read section, under a spinlock, or with preemption or interrupts off.',
    why: 'The scheduler may run another task that spins for the lock on the same processor, for ever; in an RCU read section, what the section protects can be freed meanwhile.',
    advice:
      'Make the call before or after the section, or use the form that does not sleep (GFP_ATOMIC, a trylock).',
    bad: `	spin_lock(&d->lock);
	e = kmalloc(sizeof(*e), GFP_KERNEL);
	list_add(&e->node, &d->list);
	spin_unlock(&d->lock);`,
    good: `	e = kmalloc(sizeof(*e), GFP_KERNEL);
	spin_lock(&d->lock);
	list_add(&e->node, &d->list);
	spin_unlock(&d->lock);`,
  },
  event(context, event) {
    if (event.kind !== 'call' || event.state.joined || event.state.broken) return;
    if (atomicHolds(event.state.locks).length === 0) return;
    const held = sureHold(context, event);
    if (!held) return;
    const { walk, definition } = context;
    const { program, configuration } = context;
    const certain = sleepOf('sleeps', program, definition, configuration, walk, event);
    const sleep =
      certain?.when === 'always' ? certain : conditionalSleep(program, definition, configuration, event);
    if (!sleep) return;
    const sure = sleep === certain;
    const name = nameLock(walk.table, walk.ir, event.state, held.key, held.kind);
    const line = definition.unit.position(held.site).line;
    const section = walk.table.kind(held.key) === 'task' && lockKind(held.kind).level === 'context';
    context.report({
      at: event.site.at,
      end: event.site.end,
      message: section
        ? `${callText(event)} may sleep, but ${name} that began in line ${line} has not ended`
        : `${callText(event)} may sleep, but ${name} is held since line ${line}`,
      why: whyText(event, sleep, sure),
      ...(sure ? {} : { level: 'warning' }),
      advice:
        'Make the call before or after the section, or use the form that does not sleep (GFP_ATOMIC, a trylock).',
      state: event.state,
      last: `${callText(event)} may sleep`,
      lock: held.key,
      lockName: name,
      shape: `${event.site.call} sleeps`,
    });
  },
};

/** The innermost hold under which nothing may sleep, if the path is sure to have it during the call. */
function sureHold({ walk, configuration }: RuleContext, event: CallEvent): Held<Term> | null {
  // What is a spinlock elsewhere is a sleeping lock there.
  const preemptible = configuration.values.get('CONFIG_PREEMPT_RT') === 'y';
  const holds = atomicHolds(event.state.locks).filter((held) => {
    const facts = lockKind(held.kind);
    if (preemptible && facts.level === 'spinning') return false;
    // A call that gives up one lock while it waits gives up the interrupt state that came with it.
    if (letsGo(event.contract, facts.family)) return false;
    // A function that asks for a lock and sleeps knows what it does with it.
    if (event.contract?.needs?.some((need) => need.need === 'held' && need.kind === held.kind)) return false;
    if (walk.isUnstable(held.key) || (!walk.complete && walk.isRenewed(held.key))) return false;
    const past = event.state.history.get(held.key);
    if (!past || past.doubtful) return false;
    // An annotation says that callers hold it.
    if (isFromEntry(past)) return true;
    // Given up and taken again: the path had the caller's hold before, and has its own now.
    if (past.owed > 0) return past.owedAt >= 0 && held.site === past.takenAt;
    return past.taken && isReleased(held.key);
  });
  if (holds.length > 0 && mayUnlockUnseen(walk)) return null;
  return holds.at(-1) ?? null;

  // A lock that the function never gives back was given back by something out of view.
  function isReleased(lock: Term): boolean {
    return walk.exits.some((exit) => (exit.state.history.get(lock)?.releasedAt ?? -1) >= 0);
  }
}

function callText(event: CallEvent): string {
  return event.site.call.endsWith(')') ? event.site.call : `${event.site.call}()`;
}

function whyText(event: CallEvent, sleep: Sleep, sure: boolean): string {
  const [first, ...more] = sleep.chain;
  if (!first) {
    return event.contract && typeof event.contract.sleeps === 'object'
      ? 'Its allocation flags allow it to wait for memory.'
      : 'It may call the scheduler, with whatever else runs next on this processor.';
  }
  const way = [first, ...more].map((site) => `${site.function}() in ${site.file}:${site.line}`).join(', ');
  if (!sure)
    return `It comes to ${sleep.primitive}() where nothing that it is given keeps it from that: ${way}.`;
  return `On every path it comes to ${sleep.primitive}(): ${way}.`;
}
