/** Paired callbacks that do not balance over some order in which the core calls them. */
import { type Imbalance, type MemberSummaries, runCallbacks } from '../callback-harness.ts';
import { anchoredTables, isCompiled } from '../callback-tables.ts';
import type { TraceStep } from '../finding.ts';
import { EMPTY_STATE } from '../path-state.ts';
import type { Rule } from '../rule.ts';

export const callbackImbalance: Rule = {
  id: 'callback-imbalance',
  level: 'error',
  doc: {
    what: 'Paired callbacks (a `seq_operations` start and stop, a `mm_walk_ops` pre and post) do not balance over some order in which the core may call them.',
    why: 'Each callback looks right by itself. The core calls `stop` also after a `start` that returned NULL or an error pointer, and may start again after it.',
    advice:
      'Leave the state in which the closing callback does the right thing: clear the pointer or the flag that it tests on every way out without the lock.',
    bad: `static void *q_start(struct seq_file *m, loff_t *pos)
{
	struct queue *q = m->private;

	if (mutex_lock_killable(&q->lock))
		return ERR_PTR(-EINTR);	/* q_stop() is called after this too */
	return seq_list_start(&q->items, *pos);
}

static void q_stop(struct seq_file *m, void *v)
{
	struct queue *q = m->private;

	mutex_unlock(&q->lock);
}`,
    good: `static void *q_start(struct seq_file *m, loff_t *pos)
{
	struct queue *q = m->private;

	q->locked = !mutex_lock_killable(&q->lock);
	if (!q->locked)
		return ERR_PTR(-EINTR);
	return seq_list_start(&q->items, *pos);
}

static void q_stop(struct seq_file *m, void *v)
{
	struct queue *q = m->private;

	if (q->locked)
		mutex_unlock(&q->lock);
	q->locked = false;
}`,
  },
  function({ program, definition, configuration, report }) {
    const summaries: MemberSummaries = new Map();
    for (const table of anchoredTables(program, definition)) {
      if (!isCompiled(table, configuration)) continue;
      for (const one of runCallbacks(program, definition, table, configuration, summaries)) {
        const text = TEXTS[one.kind](one);
        const violation: TraceStep = {
          file: one.site.file,
          line: one.site.line,
          column: one.site.column,
          message: text.last,
          kind: 'violation',
          held: one.trace[one.trace.length - 1]?.held ?? null,
        };
        report({
          at: definition.fn.nameAt,
          end: definition.fn.nameAt + definition.fn.name.length,
          inside: one.site,
          message: text.message,
          why: `The core calls the functions of ${table.name} in this order; each is right only if the ones before it left what it expects.`,
          advice: text.advice,
          state: EMPTY_STATE,
          steps: one.steps,
          trace: [...one.trace, violation],
          last: text.last,
          lock: -1,
          lockName: one.shape,
          shape: `${one.kind} in ${table.pair.ops}`,
        });
      }
    }
  },
};

interface Text {
  readonly message: string;
  readonly last: string;
  readonly advice: string;
}

const TEXTS: Readonly<Record<Imbalance['kind'], (one: Imbalance) => Text>> = {
  kept: ({ lockName, member, opened, site }) => ({
    message: `${lockName}, taken here, is still held after ${member}()${when(opened)}`,
    last: `${site.function}() took ${lockName}, and nothing gave it back`,
    advice: `Give the lock back in ${member}() in this case too, or before the callback that took it returns.`,
  }),
  'not-held': ({ lockName, opened }) => ({
    message: `${lockName} is released here, but is not held${when(opened)}`,
    last: `releases ${lockName}, which is not held`,
    advice: 'Let the callback see whether the lock was taken: clear what it tests where the lock is not.',
  }),
  'wrong-mode': ({ lockName, opened }) => ({
    message: `${lockName} is released here in another mode than it was taken in${when(opened)}`,
    last: `releases ${lockName} in the wrong mode`,
    advice: 'Release the lock with the function that belongs to the one that took it.',
  }),
  collision: ({ lockName, member }) => ({
    message: `${member}() takes ${lockName}, which is held when the core calls it`,
    last: `takes ${lockName} again`,
    advice: 'Do not take in one callback what the one before it left held.',
  }),
};

function when(opened: string): string {
  return opened === '' ? '' : ` where the opening callback returned ${opened}`;
}
