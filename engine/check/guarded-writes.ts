/** Where a path writes a field whose writers need a lock: an event for the rule to judge. */
import type { Expr, Instruction } from '../c/ir.ts';
import { fieldRules, GUARDED_TYPE } from '../protocol/stability.ts';
import type { Callee } from './callee.ts';
import type { PathState } from './path-state.ts';
import type { UseContext } from './stale-uses.ts';
import { evaluate } from './values.ts';

export interface WriteContext extends UseContext {
  /** The declared type of a variable, or null. */
  typeOf(name: string): string | null;
}

/** Emits an event for a write by assignment, or by a macro that stores (`WRITE_ONCE(p->f, v)`). */
export function emitGuardedWrite(
  context: WriteContext,
  state: PathState,
  instruction: Extract<Instruction, { kind: 'assign' | 'call' }>,
  callee: Callee | null,
): void {
  let target: Expr | undefined;
  let value: Expr | undefined;
  if (instruction.kind === 'assign') ({ target, value } = instruction);
  else {
    const stores = callee?.kind === 'contract' ? callee.contract.value : undefined;
    if (stores?.value !== 'store') return;
    target = instruction.args[stores.target];
    value = instruction.args[stores.source];
  }
  // A member of a member belongs to the field that it lies in: `vma->vm_userfaultfd_ctx.ctx`.
  while (target?.kind === 'field' && !target.arrow) target = target.base;
  if (target?.kind !== 'field' || !value || fieldRules(target.name).length === 0) return;
  const { base } = target;
  if (base.kind !== 'name' || !context.typeOf(base.name)?.includes(GUARDED_TYPE)) return;
  context.emit({
    kind: 'guarded-write',
    object: evaluate(context, state, base),
    field: target.name,
    value: evaluate(context, state, value),
    state,
    site: { at: instruction.at, end: instruction.end, call: '', inside: null },
  });
}
