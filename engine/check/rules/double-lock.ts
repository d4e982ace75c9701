/** A lock that this path holds is taken again. */
import { modeText } from '../lock-operations.ts';
import { nameLock } from '../names.ts';
import type { Rule } from '../rule.ts';

export const doubleLock: Rule = {
  id: 'double-lock',
  level: 'error',
  doc: {
    what: 'A lock is taken again that this path holds and that cannot nest.',
    why: 'The task waits for itself, for ever. Two read holds of a semaphore deadlock as well once a writer queues between them.',
    advice: 'Drop the inner acquire, call the variant that expects the lock to be held, or release it first.',
    bad: `	mutex_lock(&d->lock);
	if (d->stale)
		refresh(d);	/* takes d->lock */
	mutex_unlock(&d->lock);`,
    good: `	mutex_lock(&d->lock);
	if (d->stale)
		__refresh(d);	/* expects d->lock */
	mutex_unlock(&d->lock);`,
  },
  event(context, event) {
    if (event.kind !== 'collision') return;
    const { walk, definition } = context;
    const name = nameLock(walk.table, walk.ir, event.state, event.lock, event.lockKind);
    const line = definition.unit.position(event.held.site).line;
    const inside = event.site.inside;
    context.report({
      at: event.site.at,
      end: event.site.end,
      message: inside
        ? `${event.site.call}() takes ${name}, which is held since line ${line}`
        : `${event.site.call}() takes ${name}${modeText(event.lockKind, event.mode)} again; it is held${modeText(event.lockKind, event.held.mode)} since line ${line}`,
      why: inside
        ? `${inside.function}() takes it in ${inside.file}:${inside.line} on every path, and waits for this very task.`
        : 'The task waits for itself.',
      advice:
        'Drop the inner acquire, call the variant that expects the lock to be held, or release it first.',
      state: event.state,
      last: `takes ${name} again`,
      lock: event.lock,
      lockName: name,
      shape: `${event.held.mode} then ${event.mode}`,
      doubtful: event.state.history.get(event.lock)?.doubtful ?? false,
    });
  },
};
