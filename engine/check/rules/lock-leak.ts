/** A lock that is still held at a return although the function's other returns of the kind gave it back. */
import { lockKind as kindOf } from '../../protocol/kinds.ts';
import type { Exit } from '../events.ts';
import { resultClasses } from '../exits.ts';
import { handOver, sortOf } from '../hand-over.ts';
import { nameLock } from '../names.ts';
import type { Rule } from '../rule.ts';
import { type ExitVerdict, exitVerdicts, unsureVerdicts } from '../verdicts.ts';

export const lockLeak: Rule = {
  id: 'lock-leak',
  level: 'error',
  doc: {
    what: "A lock is still held at a return where the function's other returns of the same kind do not hold it.",
    why: 'The caller does not know that it must give the lock back. The next task that wants it waits for ever, or this one deadlocks on itself.',
    advice: 'Release the lock on this path too, or jump to the label that does.',
    bad: `int set_mode(struct dev *d, int mode)
{
	mutex_lock(&d->lock);
	if (mode < 0)
		return -EINVAL;	/* returns with d->lock */
	d->mode = mode;
	mutex_unlock(&d->lock);
	return 0;
}`,
    good: `int set_mode(struct dev *d, int mode)
{
	int ret = -EINVAL;

	mutex_lock(&d->lock);
	if (mode < 0)
		goto unlock;
	d->mode = mode;
	ret = 0;
unlock:
	mutex_unlock(&d->lock);
	return ret;
}`,
  },
  function(context) {
    const { walk, definition } = context;
    const all = exitVerdicts(walk);
    const overOf = ({ lock, lockKind }: ExitVerdict) =>
      handOver(context.program, definition, context.configuration, sortOf(walk, lock, lockKind));
    for (const verdict of [...all, ...(context.compares ? unsureVerdicts(walk) : [])]) {
      const { bad, good, lock, lockKind } = verdict;
      const sort = sortOf(walk, lock, lockKind);
      let onlyIfNew = verdict.unsure;
      if (verdict.kind === 'handed-over') {
        const over = overOf(verdict);
        if (over === 'declared') continue;
        onlyIfNew ||= over !== 'not meant';
        // A read section that keeps the lock's object alive is handed over with the lock.
        onlyIfNew ||=
          kindOf(lockKind).nests === 'always' &&
          all.some((other) => other !== verdict && isKeptWith(other, bad) && overOf(other) !== 'not meant');
      } else if (verdict.kind !== 'leak') continue;
      if (onlyIfNew && !context.compares) continue;
      const name = nameLock(walk.table, walk.ir, bad.state, lock, lockKind);
      const line = good === null ? null : definition.unit.position(good.at).line;
      context.report({
        at: bad.at,
        end: bad.end,
        message: `${definition.fn.name}() returns here with ${name} held`,
        why:
          line === null || verdict.kind === 'handed-over'
            ? `No caller in view gives it back, and nothing says that ${definition.fn.name}() hands it over.`
            : `It is given back before the return in line ${line}, and a caller cannot tell the two apart by the result.`,
        advice: 'Release it on this path too, or jump to the label that does.',
        state: bad.state,
        last: `returns with ${name} held`,
        lock,
        lockName: name,
        shape: 'held at return',
        doubtful: verdict.doubtful,
        onlyIfNew: onlyIfNew ? { what: 'keeps', sort, results: resultClasses(walk, bad) } : null,
      });
    }
  },
};

/** True for a lock that is handed over and held at this return, too. */
function isKeptWith({ kind, lock }: ExitVerdict, exit: Exit): boolean {
  return kind === 'handed-over' && exit.locks.some((held) => held.key === lock);
}
