/** A lock taken for reading is released for writing, or the other way round. */
import { resultClasses } from '../exits.ts';
import { sortOf } from '../hand-over.ts';
import { modeText } from '../lock-operations.ts';
import { nameLock } from '../names.ts';
import type { Rule } from '../rule.ts';

export const wrongMode: Rule = {
  id: 'wrong-mode',
  level: 'error',
  doc: {
    what: 'A lock taken for reading is released for writing, or the other way round.',
    why: "The lock's count then says that a writer left where a reader is still inside, or the reverse; the next task is let in too early or never.",
    advice: 'Release the lock with the function that belongs to the one that took it.',
    bad: `	down_read(&d->sem);
	show(d);
	up_write(&d->sem);`,
    good: `	down_read(&d->sem);
	show(d);
	up_read(&d->sem);`,
  },
  event(context, event) {
    if (event.kind !== 'wrong-mode') return;
    const { walk, definition } = context;
    const name = nameLock(walk.table, walk.ir, event.state, event.lock, event.lockKind);
    const taken = modeText(event.lockKind, event.held.mode);
    const line = definition.unit.position(event.held.site).line;
    const wanted = event.mode === 'any' ? '' : modeText(event.lockKind, event.mode);
    const downgrade = event.mode === 'D';
    context.report({
      at: event.site.at,
      end: event.site.end,
      message: downgrade
        ? `${event.site.call}() downgrades ${name}, which is held${taken}`
        : `${event.site.call}() releases ${name}${wanted}, but it was taken${taken} in line ${line}`,
      why: 'Readers and writers are counted apart; the count of the other kind is now wrong.',
      advice: downgrade
        ? 'Only a lock held for writing can be downgraded.'
        : 'Release it with the function that belongs to the one that took it.',
      state: event.state,
      last: downgrade ? `downgrades ${name}` : `releases ${name}${wanted}`,
      lock: event.lock,
      lockName: name,
      shape: `${event.held.mode} as ${event.mode}`,
    });
  },
  /** Given up in one mode and taken again in the other: since a patch, that is a slip, unless a caller changed with it. */
  function(context) {
    if (!context.compares || !context.walk.complete) return;
    const { walk, definition } = context;
    for (const exit of walk.exits) {
      for (const held of exit.locks) {
        const past = exit.state.history.get(held.key);
        if (!past || past.owed === 0 || past.owedAt < 0 || past.owedMode === 'any') continue;
        if ((past.owedMode === 'W') === (held.mode === 'W')) continue;
        const name = nameLock(walk.table, walk.ir, exit.state, held.key, held.kind);
        const line = definition.unit.position(held.site).line;
        const given = modeText(held.kind, past.owedMode);
        context.report({
          at: past.owedAt,
          end: past.owedAt + 1,
          message: `${name} is released here${given}, and taken again${modeText(held.kind, held.mode)} in line ${line}`,
          why: 'Before the patch it was given up as it was held; the caller gives it back as it took it.',
          advice: 'Release it with the function that belongs to the one that took it.',
          state: exit.state,
          last: `returns with ${name} held${modeText(held.kind, held.mode)}`,
          lock: held.key,
          lockName: name,
          shape: 'taken again in another mode',
          onlyIfNew: {
            what: 'gives',
            sort: sortOf(walk, held.key, held.kind),
            results: resultClasses(walk, exit),
          },
        });
      }
    }
  },
};
