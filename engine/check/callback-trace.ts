/** The path through several callbacks as steps that a person reads. */
import type { FunctionIR } from '../c/index.ts';
import type { TraceStep } from './finding.ts';
import type { PathState, PathStep } from './path-state.ts';
import type { TermTable } from './terms.ts';
import { heldText } from './trace.ts';

/** The calls and their results, and every step on a lock, in order. Steps lie in the bodies of the callbacks. */
export function callbackTrace(table: TermTable, ir: FunctionIR, state: PathState): readonly TraceStep[] {
  const steps: PathStep[] = [];
  for (let step = state.trace; step; step = step.previous) steps.push(step);
  return steps.reverse().flatMap((step): TraceStep[] => {
    if (!step.inside || (step.kind !== 'note' && step.kind !== 'acquire' && step.kind !== 'release'))
      return [];
    const { file, line, column } = step.inside;
    const isCall = step.kind === 'note';
    return [
      {
        file,
        line,
        column,
        message: isCall ? step.message : `${step.inside.function}() ${step.message}`,
        kind: isCall ? 'call' : step.kind,
        held: heldText(table, ir, state, step.locks),
      },
    ];
  });
}
