/** Calls of which what they write is not told: what a path must forget behind them. */
import type { CallManner, CallOutcome } from './callee.ts';
import type { CallView, EffectContext } from './contract-effects.ts';
import { POSITIVE } from './facts.ts';
import { forgetContents } from './forget.ts';
import { type PathState, withMemory } from './path-state.ts';
import type { Term, TermTable } from './terms.ts';
import { addressOf, classesOf } from './values.ts';

/** A function that nothing is known of: it may write what it is given the address of, and returns anything. */
export function byNothing(
  context: EffectContext,
  before: PathState,
  name: string | null,
  call: CallView,
  manner: CallManner,
  writes?: ReadonlySet<string>,
): CallOutcome {
  const state = clobber(context, before, call, true, writes);
  if (manner.predicate && name !== null) return { state, result: predicateTerm(context, name, call) };
  const made = context.fresh(state, call.site.at, name ?? 'callback');
  return { state: made.state, result: made.term };
}

export function predicateTerm(context: EffectContext, name: string, call: CallView): Term {
  const { table } = context;
  let term = table.operation(`call:${name}`, call.args[0] ?? table.zero);
  for (const arg of call.args.slice(1)) term = table.operation(`call:${name}`, term, arg);
  return table.tooDeep(term) ? table.fresh(call.site.at, 0, name) : term;
}

/**
 * Forgets what a callee may have changed: variables whose address it was given, and fields that this path
 * wrote in objects it was given. Fields that were only read are taken to stay: a flag that is tested before
 * and after a call is far more often a flag than a victim.
 * @param unclear true for a field that the callee may have written without its being told
 * @param leavesAlone true for an argument of which all that is written through it is told
 */
export function clobber(
  context: EffectContext,
  before: PathState,
  call: CallView,
  written: boolean,
  writes?: ReadonlySet<string>,
  unclear: (field: string) => boolean = () => true,
  leavesAlone: (index: number) => boolean = () => false,
): PathState {
  const { table } = context;
  let state = before;
  const isForgotten = (field: string, value: Term | undefined) =>
    unclear(field) && (value === undefined || !isOwnFind(table, before, value));
  call.exprs.forEach((expr, index) => {
    const arg = call.args[index]!;
    if (!leavesAlone(index)) context.letWrite(arg);
    if (expr.kind === 'address') {
      const address = addressOf(context, before, expr.operand);
      if (address === null || table.kind(table.root(address)) !== 'local') {
        if (address !== null && written) state = forgetWritten(context, state, address, writes);
        return;
      }
      if (leavesAlone(index)) {
        state = forgetContents(table, state, address, isForgotten);
        return;
      }
      const made = context.fresh(state, call.site.at + index + 1, 'value');
      state = withMemory(forgetContents(table, made.state, address, isForgotten), address, made.term);
    } else if (written && table.kind(arg) !== 'constant' && table.kind(arg) !== 'symbolic') {
      state = forgetWritten(context, state, arg, writes);
    }
  });
  return state;
}

/** A pointer that the path itself found and put there is hardly exchanged behind its back by who is out of view. */
function isOwnFind(table: TermTable, state: PathState, value: Term): boolean {
  return table.kind(value) === 'fresh' && classesOf(table, state, value) === POSITIVE;
}

function forgetWritten(
  context: EffectContext,
  state: PathState,
  object: Term,
  writes?: ReadonlySet<string>,
): PathState {
  const { table } = context;
  let memory: Map<Term, Term> | null = null;
  for (const [address, value] of state.memory) {
    if (table.kind(address) === 'local') continue;
    let at = address;
    while (at !== object && (table.kind(at) === 'field' || table.kind(at) === 'element')) at = table.a(at);
    if (at !== object) continue;
    if (writes && table.kind(address) === 'field' && !writes.has(table.name(address))) continue;
    if (!writes && isOwnFind(table, state, value)) continue;
    memory ??= new Map(state.memory);
    // Not what it read as before this path wrote there, either.
    memory.set(address, table.fresh(-1, value, 'changed'));
  }
  return memory ? { ...state, memory } : state;
}
