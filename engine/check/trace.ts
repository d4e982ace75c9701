/** From the steps of a path to the steps that a person reads. */
import type { FunctionIR } from '../c/ir.ts';
import type { SourceUnit } from '../c/unit.ts';
import { lockKind } from '../protocol/kinds.ts';
import type { LockState } from '../state/lock-state.ts';
import type { TraceStep } from './finding.ts';
import { nameLock } from './names.ts';
import type { PathState, PathStep } from './path-state.ts';
import type { Report } from './rule.ts';
import type { Term, TermTable } from './terms.ts';

/** Branches before the first step on the lock that are shown, and steps in all. */
const BRANCHES_BEFORE = 4;
const MAX_STEPS = 24;

export function renderTrace(
  table: TermTable,
  ir: FunctionIR,
  unit: SourceUnit,
  report: Report,
): readonly TraceStep[] {
  const steps: PathStep[] = [];
  for (let step = report.state.trace; step; step = step.previous) steps.push(step);
  steps.reverse();
  const rendered = select(steps, report.lock).map((step) => renderStep(table, ir, unit, report.state, step));
  const where = report.inside ?? { file: unit.path, ...unit.position(report.at) };
  rendered.push({
    file: where.file,
    line: where.line,
    column: where.column,
    message: report.last,
    kind: 'violation',
    held: heldText(table, ir, report.state, report.state.locks),
  });
  return rendered;
}

/** All steps on locks, and the branches that lead to the end; of those before the lock was touched, the last. */
function select(steps: readonly PathStep[], lock: Term): readonly PathStep[] {
  const first = steps.findIndex((step) => step.lock >= 0 && (lock < 0 || step.lock === lock));
  const from = first < 0 ? steps.length : first;
  const early = steps.slice(0, from);
  const branches = early.filter((step) => step.kind === 'branch').slice(-BRANCHES_BEFORE);
  const kept = early.filter((step) => step.kind !== 'branch' || branches.includes(step));
  const all = [...kept, ...steps.slice(from)].filter((step, at, list) => {
    const next = list[at + 1];
    // "calls f()" says nothing that the lock step inside f() does not.
    return !(step.kind === 'call' && next !== undefined && next.at === step.at);
  });
  if (all.length <= MAX_STEPS) return all;
  const locks = all.filter((step) => step.lock >= 0 && (lock < 0 || step.lock === lock));
  const tail = all.slice(-Math.max(8, MAX_STEPS - locks.length));
  return all.filter((step) => locks.includes(step) || tail.includes(step)).slice(-MAX_STEPS);
}

function renderStep(
  table: TermTable,
  ir: FunctionIR,
  unit: SourceUnit,
  state: PathState,
  step: PathStep,
): TraceStep {
  const here = unit.position(step.at);
  const where = step.inside ?? { file: unit.path, ...here };
  const text = unit.text
    .slice(step.at, Math.min(step.end, step.at + 200))
    .replace(/\s+/g, ' ')
    .trim();
  let message = step.message;
  if (step.kind === 'branch')
    message = text === '' ? `the condition ${step.message}` : `'${shorten(text)}' ${step.message}`;
  else if (step.inside) message = `${step.inside.function}(), called in line ${here.line}, ${step.message}`;
  return {
    file: where.file,
    line: where.line,
    column: where.column,
    message,
    kind: step.kind,
    held: step.kind === 'branch' ? null : heldText(table, ir, state, step.locks),
  };
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}

/** "mm->mmap_lock R, the RCU read section": what is held, oldest first. */
export function heldText(table: TermTable, ir: FunctionIR, state: PathState, locks: LockState<Term>): string {
  const names = locks.map((held) => {
    const modes = lockKind(held.kind).modes.length > 1 ? ` ${held.mode}` : '';
    const depth = held.depth > 1 ? ` x${held.depth}` : '';
    return `${nameLock(table, ir, state, held.key, held.kind).replace(/^the /, '')}${modes}${depth}`;
  });
  return names.length === 0 ? 'nothing' : names.join(', ');
}
