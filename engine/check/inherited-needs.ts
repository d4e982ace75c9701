/** What a function needs of its caller's locks because the first thing it does needs them. */
import type { Expr, FunctionIR } from '../c/ir.ts';
import type { Need } from '../protocol/contract.ts';
import { lockKind } from '../protocol/kinds.ts';
import type { RuleContext } from './rule.ts';

/**
 * The needs of the calls that a function in view makes before it branches, or touches a lock of its own, in terms of
 * its parameters: whoever calls it must meet them.
 */
export function inheritedNeeds(context: RuleContext, name: string): readonly Need[] {
  const { program, definition, configuration } = context;
  const callee = program.resolve(name, definition.unit, configuration);
  if (!callee) return [];
  const ir = program.lower(callee, configuration);
  const needs: Need[] = [];
  for (const one of ir.blocks[ir.entry]!.instructions) {
    if (one.kind === 'guard-enter') break;
    if (one.kind !== 'call' || one.name === null) continue;
    const contract = program.contracts.lookup(one.name);
    const touches = contract?.outcomes.some((outcome) =>
      outcome.effects.some((effect) => effect.op !== 'set' && lockKind(effect.kind).leaks),
    );
    // Behind a call that is not followed, another lock state may hold.
    if (!contract || touches) break;
    for (const need of contract.needs ?? []) {
      if (need.need !== 'held' || need.given) continue;
      const ref = /^arg(\d+)(.*)$/.exec(need.lock);
      const object = ref ? inParameters(ir, one.args[Number(ref[1])]) : null;
      // Of the address of a member, no more is reached than the member itself.
      if (object === null || (object.includes('.') && ref![2] !== '')) continue;
      needs.push({
        ...need,
        lock: `${object}${ref![2]}`,
        because: `${name}() begins with ${one.name}(): ${need.because}`,
      });
    }
  }
  return needs;
}

/** A parameter, or the address of a member that is reached from one, as contracts name a lock; null for what is neither. */
function inParameters(ir: FunctionIR, arg: Expr | undefined): string | null {
  if (arg?.kind === 'name' && arg.binding === 'param') {
    const index = ir.params.findIndex((param) => param.name === arg.name);
    return index < 0 ? null : `arg${index}`;
  }
  return arg?.kind === 'address' ? memberRef(ir, arg.operand) : null;
}

/** `arg0.a->b.c` for `q->a->b.c`: the first arrow follows the argument itself. */
function memberRef(ir: FunctionIR, expr: Expr): string | null {
  if (expr.kind !== 'field') return null;
  if (expr.base.kind === 'name') {
    const object = expr.arrow ? inParameters(ir, expr.base) : null;
    return object === null ? null : `${object}.${expr.name}`;
  }
  const base = memberRef(ir, expr.base);
  return base === null ? null : `${base}${expr.arrow ? '->' : '.'}${expr.name}`;
}
