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
      const index = ref ? parameterOf(ir, one.args[Number(ref[1])]) : -1;
      if (index < 0) continue;
      needs.push({
        ...need,
        lock: `arg${index}${ref![2]}`,
        because: `${name}() begins with ${one.name}(): ${need.because}`,
      });
    }
  }
  return needs;
}

function parameterOf(ir: FunctionIR, arg: Expr | undefined): number {
  if (arg?.kind !== 'name' || arg.binding !== 'param') return -1;
  return ir.params.findIndex((param) => param.name === arg.name);
}
