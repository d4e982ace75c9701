/** An annotation that says of a function's locks what its body does not do. */
import { annotatedKind, annotatedTerms, type LockAnnotation, lockAnnotations } from '../annotations.ts';
import type { Exit } from '../events.ts';
import { type LockEnd, lockEndOf, outcomeOf } from '../exits.ts';
import { ZERO } from '../facts.ts';
import type { Rule, RuleContext } from '../rule.ts';
import type { Term } from '../terms.ts';
import { classesOf } from '../values.ts';

export const annotationMismatch: Rule = {
  id: 'annotation-mismatch',
  level: 'warning',
  doc: {
    what: "An annotation (`__acquires`, `__releases`, `__must_hold`, `__cond_acquires`) says of a function's locks what its body does not do.",
    why: 'Callers, and the tools that check them, go by the annotation; one of the two is wrong.',
    advice: 'Make the annotation say what the body does, or the body do what the annotation says.',
    bad: `static void queue_flush(struct queue *q)
	__releases(&q->lock)
{
	spin_lock(&q->lock);	/* gives back only what it took */
	q->used = 0;
	spin_unlock(&q->lock);
}`,
    good: `static void queue_flush(struct queue *q)
	__must_hold(&q->lock)
{
	q->used = 0;
}`,
  },
  function(context) {
    const { walk, definition } = context;
    const said = lockAnnotations(definition);
    if (said.length === 0 || !walk.complete || walk.exits.length === 0) return;
    for (const one of said) {
      // Released and taken again, or the other way round: as on entry, which each of the two denies.
      const opposite = said.some(
        (other) =>
          other !== one &&
          other.says !== one.says &&
          other.lock.replace(/\s/g, '') === one.lock.replace(/\s/g, ''),
      );
      if (opposite) continue;
      const contradiction = contradictionOf(context, one);
      if (contradiction) report(context, one, contradiction);
    }
  },
};

interface Contradiction {
  readonly exit: Exit;
  readonly lock: Term;
  readonly end: LockEnd;
  readonly text: string;
}

/** A return that does not fit; null where all do, or where the lock is not followed by its name. */
function contradictionOf(
  { walk, program, definition }: RuleContext,
  said: LockAnnotation,
): Contradiction | null {
  const terms = annotatedTerms(walk.table, walk.ir, said.lock);
  if (terms.length === 0) return null;
  const touched = terms.filter((term) => walk.exits.some((exit) => exit.state.history.has(term)));
  // Under two names it is not sure which of them is meant; under none, the work is done out of view.
  if (touched.length !== 1) return null;
  const [lock] = touched as [Term];
  if (annotatedKind(program, definition, walk.ir, said.lock) === null) return null;
  const ends = walk.exits
    .filter((exit) => !exit.state.joined && !exit.state.history.get(lock)?.doubtful)
    .map((exit) => ({ exit, end: lockEndOf(exit, lock) }));
  if (ends.length < walk.exits.length) return null;
  const found = (end: LockEnd, text: string): Contradiction | null => {
    const bad = ends.find((one) => one.end === end);
    return bad ? { ...bad, lock, text } : null;
  };
  const balanced = ends.every(({ end }) => end === 'balanced' || end === 'untouched');
  switch (said.says) {
    case 'acquires':
      return (
        found('given', 'gives it back instead') ??
        (balanced ? found('balanced', 'has given it back at every return') : null)
      );
    case 'releases':
      return (
        found('kept', 'takes it instead') ??
        (balanced ? found('balanced', 'gives back no more than it took') : null)
      );
    case 'holds':
      return found('given', 'returns without it') ?? found('kept', 'takes it once more');
    case 'acquires-if':
      return conditional(walk, said, lock, ends);
  }
}

function conditional(
  walk: RuleContext['walk'],
  said: LockAnnotation,
  lock: Term,
  ends: readonly { readonly exit: Exit; readonly end: LockEnd }[],
): Contradiction | null {
  const wanted = RESULTS[said.result];
  if (wanted === undefined) return null;
  for (const { exit, end } of ends) {
    if (exit.value === null || outcomeOf(walk, exit) === 'either') continue;
    const classes = classesOf(walk.table, exit.state, exit.value);
    const isZero = classes === ZERO;
    if (!isZero && classes & ZERO) continue;
    const takes = isZero === wanted;
    if (takes && end !== 'kept') return { exit, lock, end, text: `returns ${said.result} without it` };
    if (!takes && end === 'kept') return { exit, lock, end, text: 'returns something else with it' };
  }
  return null;
}

/** Whether the result that the annotation names is 0, NULL or false. */
const RESULTS: Readonly<Record<string, boolean>> = {
  true: false,
  1: false,
  nonzero: false,
  nonnull: false,
  false: true,
  0: true,
  NULL: true,
};

const TEXTS = {
  acquires: 'takes',
  releases: 'gives back',
  holds: 'is entered and left with',
  'acquires-if': 'takes, for some results,',
} as const;

function report({ definition, report: say }: RuleContext, said: LockAnnotation, found: Contradiction): void {
  const { fn } = definition;
  const { annotation } = said;
  const text = `${fn.name}() is annotated as one that ${TEXTS[said.says]} ${said.lock}, but it ${found.text}`;
  // An annotation on a declaration is told at the definition: both belong to the function.
  const here = annotation.at >= fn.at && annotation.end <= fn.end;
  say({
    at: here ? annotation.at : fn.nameAt,
    end: here ? annotation.end : fn.nameAt + fn.name.length,
    message: text,
    why: 'Callers, and the tools that check them, go by the annotation; one of the two is wrong.',
    advice: 'Make the annotation say what the body does, or the body do what the annotation says.',
    state: found.exit.state,
    last: `${annotation.name}(${annotation.args.join(', ')}) says otherwise`,
    lock: found.lock,
    lockName: said.lock,
    shape: `${said.says} ${found.end}`,
  });
}
