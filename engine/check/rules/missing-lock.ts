/** A callee needs a lock that this path does not hold. */
import type { Mode, Need } from '../../protocol/contract.ts';
import { kindsAgree, lockKind } from '../../protocol/kinds.ts';
import { annotatedKind, annotatedRef, lockAnnotations } from '../annotations.ts';
import { inheritedNeeds } from '../inherited-needs.ts';
import { applies, lockNamed, locksUnseen, type Unmet, unmet } from '../lock-needs.ts';
import { modeText } from '../lock-operations.ts';
import { nameLock } from '../names.ts';
import type { Rule, RuleContext } from '../rule.ts';
import type { CallEvent } from '../sleeps.ts';

export const missingLock: Rule = {
  id: 'missing-lock',
  level: 'error',
  doc: {
    what: "A callee's stated need (an assertion, a walk's `walk_lock`, a contract) is not met.",
    why: 'The callee reads or changes what only the lock keeps still; without it, another task changes it at the same time.',
    advice:
      'Move the call to where the lock is held, take the lock around it, or look up again what was found under it.',
    bad: `	mutex_lock(&d->lock);
	d->users++;
	mutex_unlock(&d->lock);
	lockdep_assert_held(&d->lock);`,
    good: `	mutex_lock(&d->lock);
	d->users++;
	lockdep_assert_held(&d->lock);
	mutex_unlock(&d->lock);`,
  },
  event(context, event) {
    if (event.kind !== 'call' || event.state.joined || event.state.broken) return;
    const needs = event.contract
      ? event.contract.needs
      : [...annotatedNeeds(context, event.name), ...inheritedNeeds(context, event.name)];
    if (!needs) return;
    const { walk } = context;
    for (const need of needs) {
      if (!applies(context, event, need)) continue;
      if (need.need === 'not-held') forbidden(context, event, need);
      else {
        const wanted = need.need === 'held' ? [need] : need.options;
        // A release that finds another state is for the rules on releasing.
        if (wanted.some((one) => givesBack(event, one.lock))) continue;
        const missing = wanted.map((one) => unmet(walk, event, one));
        const [first] = missing;
        if (!first || missing.includes(null)) continue;
        if (first.how !== 'mode' && locksUnseen(walk)) continue;
        report(context, event, first, wanted[0]!.modes, need.because);
      }
    }
  },
};

/** What the annotations of a function in view say that its callers must hold. */
function annotatedNeeds({ program, definition, configuration }: RuleContext, name: string): readonly Need[] {
  const callee = program.resolve(name, definition.unit, configuration);
  if (!callee || lockAnnotations(callee).length === 0) return [];
  const ir = program.lower(callee, configuration);
  return lockAnnotations(callee).flatMap(({ says, lock, mode }): Need[] => {
    const ref = says === 'holds' ? annotatedRef(ir, lock) : null;
    const kind = ref === null ? null : annotatedKind(program, callee, ir, lock);
    if (ref === null || kind === null) return [];
    const modes: readonly Mode[] =
      mode === 'R' ? lockKind(kind).modes : [lockKind(kind).modes.includes('W') ? 'W' : 'R'];
    return [
      { need: 'held', lock: ref, kind, modes, because: `${name}() is annotated with __must_hold(${lock})` },
    ];
  });
}

function report(
  context: RuleContext,
  event: CallEvent,
  found: Unmet,
  modes: readonly Mode[],
  because: string,
): void {
  const { walk, definition } = context;
  const name = nameLock(walk.table, walk.ir, event.state, found.lock, found.kind);
  const call = callText(event);
  const line = (at: number) => definition.unit.position(at).line;
  const wants = modes.length === 1 ? modeText(found.kind, modes[0]!) : '';
  const text =
    found.how === 'mode'
      ? `${call} needs ${name}${wants}, but it is held${modeText(found.kind, found.held.mode)}`
      : found.how === 'area only'
        ? `${call} needs ${name}${wants}, but only the read lock of the VMA is held, since line ${line(found.at)}`
        : found.how === 'released'
          ? `${call} needs ${name}${wants}, which this path released in line ${line(found.at)}`
          : `${call} needs ${name}${wants}, which this path has not taken`;
  context.report({
    at: event.site.at,
    end: event.site.end,
    message: text,
    why:
      found.how === 'never taken'
        ? `${capital(because)}. The caller cannot hold it, for line ${line(found.at)} takes it on other paths.`
        : `${capital(because)}.`,
    advice:
      'Move the call to where the lock is held, take the lock around it, or look up again what was found under it.',
    state: event.state,
    last: `calls ${call} without ${name}${found.how === 'mode' ? wants : ''}`,
    lock: found.lock,
    lockName: name,
    shape: `${event.site.call} needs ${found.how}`,
  });
}

/** A call that must not be made with the lock held; one that takes it is for the rules on taking. */
function forbidden(context: RuleContext, event: CallEvent, need: Extract<Need, { need: 'not-held' }>): void {
  const { walk, definition } = context;
  const takes = event.contract!.outcomes.some((one) => one.effects.some((effect) => effect.op === 'acquire'));
  const lock = takes ? null : lockNamed(walk, event, need.lock);
  if (lock === null || walk.isUnstable(lock)) return;
  const held = event.state.locks.find((one) => one.key === lock && kindsAgree(one.kind, need.kind));
  if (!held || !need.modes.includes(held.mode) || event.state.history.get(lock)?.doubtful) return;
  const name = nameLock(walk.table, walk.ir, event.state, lock, held.kind);
  context.report({
    at: event.site.at,
    end: event.site.end,
    message: `${callText(event)} must not be called with ${name} held; it is held since line ${definition.unit.position(held.site).line}`,
    why: `${capital(need.because)}.`,
    advice: 'Release the lock before the call.',
    state: event.state,
    last: `calls ${callText(event)} with ${name} held`,
    lock,
    lockName: name,
    shape: `${event.site.call} forbids`,
  });
}

function givesBack(event: CallEvent, lock: string): boolean {
  return (event.contract?.outcomes ?? []).some((outcome) =>
    outcome.effects.some(
      (effect) => (effect.op === 'release' || effect.op === 'downgrade') && effect.lock === lock,
    ),
  );
}

function callText(event: CallEvent): string {
  return event.site.call.endsWith(')') ? event.site.call : `${event.site.call}()`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
