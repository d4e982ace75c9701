/** Returns that a caller cannot tell apart and that leave different locks held. */
import { resultClasses } from '../exits.ts';
import { isFlagged, sortOf } from '../hand-over.ts';
import { nameLock } from '../names.ts';
import type { Rule } from '../rule.ts';
import { exitVerdicts, mayBeTakenUnseen, unsureVerdicts } from '../verdicts.ts';

export const inconsistentReturn: Rule = {
  id: 'inconsistent-return',
  level: 'warning',
  doc: {
    what: 'Returns that the caller cannot tell apart leave different locks held.',
    why: 'Whatever the caller does next, it is wrong for one of them: it leaks the lock or releases one that is not held.',
    advice: 'Give the paths different results, or bring them to the same lock state before they return.',
    bad: `struct item *get_item(struct pool *p)
{
	struct item *it = cached_item(p);

	if (it)
		return it;		/* not locked */
	spin_lock(&p->lock);
	return make_item(p);		/* locked */
}`,
    good: `struct item *get_item(struct pool *p)
{
	struct item *it;

	spin_lock(&p->lock);
	it = cached_item(p);
	return it ? it : make_item(p);	/* locked either way */
}`,
  },
  function(context) {
    const { walk, definition } = context;
    for (const verdict of [...exitVerdicts(walk), ...(context.compares ? unsureVerdicts(walk) : [])]) {
      if (verdict.kind !== 'inconsistent') continue;
      const { bad, good, lock, lockKind } = verdict;
      const sort = sortOf(walk, lock, lockKind);
      const onlyIfNew = verdict.unsure || isFlagged(context.program, definition, context.configuration, sort);
      const held = bad.locks.some((one) => one.key === lock);
      if (onlyIfNew && (!context.compares || (!held && mayBeTakenUnseen(walk, lock)))) continue;
      const name = nameLock(walk.table, walk.ir, bad.state, lock, lockKind);
      const line = definition.unit.position(good!.at).line;
      context.report({
        at: bad.at,
        end: bad.end,
        message: held
          ? `${definition.fn.name}() returns here with ${name} held, but not in line ${line}`
          : `${definition.fn.name}() returns here without releasing ${name}, which it releases before line ${line}`,
        why: 'The two returns give the same kind of result, so the caller cannot know which state it is in.',
        advice: 'Give the paths different results, or bring them to the same lock state before they return.',
        state: bad.state,
        last: held ? `returns with ${name} held` : `returns without having released ${name}`,
        lock,
        lockName: name,
        shape: held ? 'held' : 'not released',
        doubtful: verdict.doubtful,
        onlyIfNew: onlyIfNew
          ? { what: held ? 'keeps' : 'gives', sort, results: resultClasses(walk, bad) }
          : null,
      });
    }
  },
};
