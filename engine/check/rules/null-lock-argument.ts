/** A lock operation on NULL or on an error pointer. */
import type { Rule } from '../rule.ts';

export const nullLockArgument: Rule = {
  id: 'null-lock-argument',
  level: 'error',
  doc: {
    what: 'A lock operation is given a pointer that is NULL or an error pointer.',
    why: 'The operation follows the pointer: the machine oopses, or a lock at a small address is scribbled on.',
    advice:
      'Leave before the operation on this path, or look the object up again under the lock that keeps it.',
    bad: `	item = find_item(pool, key);
	if (!item)
		count_miss(pool);
	mutex_lock(&item->lock);`,
    good: `	item = find_item(pool, key);
	if (!item)
		return NULL;
	mutex_lock(&item->lock);`,
  },
  event(context, event) {
    if (event.kind !== 'bad-lock') return;
    const what =
      event.text === '' || event.text.startsWith('%')
        ? `argument ${event.argument + 1}`
        : `'${event.text.replace(/@\d+$/, '')}'`;
    context.report({
      at: event.site.at,
      end: event.site.end,
      message: `${event.site.call}() is given ${what}, which is ${event.value} on this path`,
      why: `${event.site.call}() works on the lock inside the object and follows the pointer to get there.`,
      advice:
        'Return before this call where the object was not found, or look it up again under the lock that keeps it.',
      state: event.state,
      last: `calls ${event.site.call}() with ${what}, ${event.value}`,
      lock: -1,
      lockName: what,
      shape: `${event.site.call} ${event.argument} ${event.value}`,
    });
  },
};
