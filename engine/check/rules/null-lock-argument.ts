/** A lock operation on NULL or on an error pointer. */
import { type Expr, printExpression } from '../../c/index.ts';
import { nameValue } from '../names.ts';
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
    const { expression, value } = event;
    const { table, ir } = context.walk;
    const given = textOf(expression);
    const followed = textOf(followedIn(expression));
    // Written as nothing, or nothing come out of an expression: then there is no more to say than that.
    const isNothing = given === 'NULL' || (given === '' && table.kind(event.term) === 'constant');
    const name = given === '' ? nameValue(table, ir, event.state, event.term) : `'${given}'`;
    const what = isNothing ? value : name;
    const which = followed === '' ? `, which is ${value}` : `, where '${followed}' is ${value}`;
    const isBad = isNothing ? '' : which;
    context.report({
      at: event.site.at,
      end: event.site.end,
      message: `${event.site.call}() is given ${what}${isBad} on this path`,
      why: `${event.site.call}() works on the lock inside the object and follows the pointer to get there.`,
      advice:
        'Return before this call where the object was not found, or look it up again under the lock that keeps it.',
      state: event.state,
      last: `calls ${event.site.call}() with ${what}${isBad}`,
      lock: -1,
      lockName: what,
      shape: `${event.site.call} ${event.argument} ${value}`,
    });
  },
};

/** As the code has it; empty for what only the lowering has a name for, and for nothing. */
function textOf(expression: Expr | null): string {
  const text = expression === null ? '' : printExpression(expression).replaceAll(/@\d+\b/g, '');
  return /[%<]/.test(text) ? '' : text;
}

/** The pointer that the address of a member is reckoned from: `pool` in `&pool->stats.lock`. Null for another pointer. */
function followedIn(expression: Expr | null): Expr | null {
  if (expression?.kind === 'cast') return followedIn(expression.operand);
  if (expression?.kind !== 'address') return null;
  let place = expression.operand;
  while (place.kind === 'index' || (place.kind === 'field' && !place.arrow)) place = place.base;
  return place.kind === 'field' ? place.base : null;
}
