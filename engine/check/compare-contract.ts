/** A built-in contract against what the body of its function does. */
import type { Contract, Outcome, ResultClass } from '../protocol/contract.ts';
import { kindOfField, lockKind, outlivesFunction } from '../protocol/kinds.ts';
import { resolveLock } from './contract-effects.ts';
import { ANY, NEGATIVE, POSITIVE, ZERO } from './facts.ts';
import { EMPTY_STATE } from './path-state.ts';
import type { Summary, SummaryLock, SummaryOutcome } from './summary.ts';
import { type Term, TermTable } from './terms.ts';

/** What one side has and the other has not, as `takes arg0.mmap_lock (rwsem R) where the result is 0`. */
export interface Mismatch {
  readonly side: 'contract' | 'body';
  readonly text: string;
}

/**
 * Locks that a caller has no name for (of objects that the function found by itself) are left out with the paths
 * that touch them, and so are write locks of VMAs, which nobody gives back, and the sequence count that is written
 * together with a lock.
 *
 * The outcomes of the contract that no path of the body has, and those of the body that the contract does not
 * allow. Empty where the two agree, and null where the body says nothing: it was not followed to its end, or it
 * does to bits and counters what the contract calls a lock.
 */
export function compareContract(contract: Contract, summary: Summary): readonly Mismatch[] | null {
  const works = (one: SummaryOutcome) => one.takes.length + one.gives.length > 0;
  if (!summary.complete || !summary.outcomes.some(works)) return null;
  const wanted = contract.outcomes.map((one) => ({
    classes: classesOfResult(one.when),
    effects: rowEffects(one),
  }));
  const all = summary.outcomes.map((one) => ({
    classes: one.resultFact.classes,
    effects: bodyEffects(summary.table, one),
  }));
  const found = all.filter((one) => one.effects !== null) as { classes: number; effects: string }[];
  if (found.every((one) => one.effects === '')) return null;
  const mismatches: Mismatch[] = [];
  const note = (side: Mismatch['side'], effects: string, classes: number) => {
    const text = `${effects === '' ? 'leaves every lock as it was' : effects}${resultText(classes)}`;
    if (!mismatches.some((one) => one.side === side && one.text === text)) mismatches.push({ side, text });
  };
  for (const one of wanted) {
    if (!found.some((other) => other.effects === one.effects && (other.classes & one.classes) !== 0))
      note('contract', one.effects, one.classes);
  }
  for (const one of found) {
    if (!wanted.some((other) => other.effects === one.effects && (other.classes & one.classes) !== 0))
      note('body', one.effects, one.classes);
  }
  return mismatches;
}

const CLASSES: Readonly<Record<string, number>> = {
  any: ANY,
  true: POSITIVE | NEGATIVE,
  false: ZERO,
  zero: ZERO,
  negative: NEGATIVE,
  positive: POSITIVE,
  pointer: POSITIVE,
  null: ZERO,
  error: NEGATIVE,
  'null-or-error': ZERO | NEGATIVE,
  'null-or-pointer': ZERO | POSITIVE,
};

function classesOfResult(when: ResultClass): number {
  if (typeof when === 'string') return CLASSES[when] ?? ANY;
  if ('bits' in when) return POSITIVE | NEGATIVE;
  if ('noBits' in when) return ANY;
  return when.equals.startsWith('-') || when.equals.startsWith('ERR_PTR') ? NEGATIVE : ANY;
}

function resultText(classes: number): string {
  if (classes === ANY) return '';
  const names = [
    ...(classes & ZERO ? ['0'] : []),
    ...(classes & POSITIVE ? ['positive'] : []),
    ...(classes & NEGATIVE ? ['an error'] : []),
  ];
  return ` where the result is ${names.join(' or ')}`;
}

function rowEffects(outcome: Outcome): string {
  const table = new TermTable();
  const context = { table, isArray: () => false, isPointer: () => false };
  const result = table.symbolic('result');
  const args = Array.from({ length: 10 }, (_, index) => table.param(index));
  const lines: string[] = [];
  for (const effect of outcome.effects) {
    if (effect.op !== 'acquire' && effect.op !== 'release') continue;
    if (!lockKind(effect.kind).leaks || !lockKind(effect.kind).underflows) continue;
    const lock = resolveLock(context, EMPTY_STATE, effect.lock, { args }, result);
    const kind =
      lock !== null && table.kind(lock) === 'field'
        ? kindOfField(table.name(lock), effect.kind)
        : effect.kind;
    const name = lock === null ? effect.lock : plain(table.spell(lock));
    if (outlivesFunction(kind, effect.mode === 'any' ? 'R' : effect.mode)) continue;
    lines.push(`${effect.op === 'acquire' ? 'takes' : 'releases'} ${name}${modeOf(kind, effect.mode)}`);
  }
  return lines.sort().join(', ');
}

/** As `rowEffects`; null for a path that touches a lock which its caller cannot name. */
function bodyEffects(table: TermTable, outcome: SummaryOutcome): string | null {
  const { result } = outcome;
  const named = (lock: Term): Term =>
    result !== null && !['constant', 'param'].includes(table.kind(result))
      ? table.replace(lock, result, table.symbolic('result'))
      : lock;
  const relevant = (one: SummaryLock) => !outlivesFunction(one.kind, one.mode === 'any' ? 'R' : one.mode);
  const all = [
    ...outcome.takes.filter(relevant).map((one) => ({ ...one, verb: 'takes' })),
    ...outcome.gives.filter(relevant).map((one) => ({ ...one, verb: 'releases' })),
  ].map((one) => ({ ...one, lock: named(one.lock) }));
  if (all.some((one) => table.kind(table.root(one.lock)) === 'fresh')) return null;
  const counts = all.filter((one) => one.kind !== 'seqcount');
  return (counts.length > 0 ? counts : all)
    .map((one) => `${one.verb} ${plain(table.spell(one.lock))}${modeOf(one.kind, one.mode)}`)
    .sort()
    .join(', ');
}

/** A global lock by its name, whichever way it was named; `@rcu` and its like keep their mark. */
function plain(name: string): string {
  return /^@(?:rcu|preempt|irq|bh|migrate|pagefault)$/.test(name) ? name : name.replace(/^@/, '');
}

/** The mode, for kinds that have more than one; what gives back any mode gives back each. */
function modeOf(kind: SummaryLock['kind'], mode: SummaryLock['mode']): string {
  return lockKind(kind).modes.length < 2 || mode === 'any' ? '' : mode === 'W' ? ' (W)' : ' (R)';
}
