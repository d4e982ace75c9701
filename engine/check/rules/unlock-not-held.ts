/** A release of a lock that this path does not hold. */
import { resultClasses } from '../exits.ts';
import { sortOf } from '../hand-over.ts';
import { nameLock } from '../names.ts';
import type { Rule, RuleContext } from '../rule.ts';
import { type ExitVerdict, exitVerdicts, unsureVerdicts } from '../verdicts.ts';

export const unlockNotHeld: Rule = {
  id: 'unlock-not-held',
  level: 'error',
  doc: {
    what: 'A lock is released that this path does not hold.',
    why: 'Releasing a lock that is free, or that another task holds, lets two tasks into the section at once.',
    advice: 'Jump to a label behind the release, or take the lock on this path.',
    bad: `int start(struct dev *d)
{
	int ret = power_on(d);

	if (ret)
		goto out;		/* the lock is not taken yet */
	mutex_lock(&d->lock);
	ret = load(d);
out:
	mutex_unlock(&d->lock);
	return ret;
}`,
    good: `int start(struct dev *d)
{
	int ret = power_on(d);

	if (ret)
		return ret;
	mutex_lock(&d->lock);
	ret = load(d);
	mutex_unlock(&d->lock);
	return ret;
}`,
  },
  event(context, event) {
    if (event.kind !== 'over-release') return;
    const { definition, walk } = context;
    const name = nameLock(walk.table, walk.ir, event.state, event.lock, event.lockKind);
    const line = definition.unit.position(event.releasedAt).line;
    context.report({
      at: event.site.at,
      end: event.site.end,
      message: `${event.site.call}() releases ${name}, which this path released already in line ${line}`,
      why: 'A second release frees the lock under whoever holds it by now.',
      advice: 'Drop one of the two releases, or jump behind this one.',
      state: event.state,
      last: `releases ${name} a second time`,
      lock: event.lock,
      lockName: name,
      shape: 'released twice',
      doubtful: event.state.history.get(event.lock)?.doubtful ?? false,
    });
  },
  function(context) {
    const { walk } = context;
    for (const verdict of [...exitVerdicts(walk), ...(context.compares ? unsureVerdicts(walk) : [])]) {
      if (verdict.kind !== 'foreign-release' && verdict.kind !== 'given-back') continue;
      const { bad, lock, lockKind } = verdict;
      const past = bad.state.history.get(lock)!;
      const name = nameLock(walk.table, walk.ir, bad.state, lock, lockKind);
      let step = bad.state.trace;
      while (step && !(step.kind === 'release' && step.at === past.owedAt)) step = step.previous;
      context.report({
        at: past.owedAt,
        end: step?.end ?? past.owedAt,
        inside: step?.inside ?? null,
        message: past.overdrawn
          ? `${name} is released here once more than this path took it`
          : `${name} is released here, but this path never took it`,
        why: whyText(context, verdict),
        advice: 'Jump to a label behind the release, or take the lock on this path.',
        state: step ? { ...bad.state, trace: step.previous } : bad.state,
        last: `releases ${name}, which is not held`,
        lock,
        lockName: name,
        shape: 'never taken',
        doubtful: verdict.doubtful,
        onlyIfNew: verdict.unsure
          ? { what: 'gives', sort: sortOf(walk, lock, lockKind), results: resultClasses(walk, bad) }
          : null,
      });
    }
  },
};

function whyText({ walk, definition }: RuleContext, verdict: ExitVerdict): string {
  const { kind, instead, bad, good, lock, goodLock } = verdict;
  if (kind === 'given-back')
    return 'Before the patch the function left it as it was on entry, and no caller in view takes it for this release.';
  if (instead)
    return `What the path holds is ${nameLock(walk.table, walk.ir, bad.state, instead.key, instead.kind)}, which other returns give back.`;
  const line = definition.unit.position(good!.state.history.get(goodLock)!.takenAt).line;
  if (bad.state.history.get(lock)!.overdrawn)
    return `Line ${line} takes it, and this path has released it before.`;
  return `It is not held on entry, for line ${line} takes it on other paths.`;
}
