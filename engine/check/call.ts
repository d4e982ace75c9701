/** What a call does to a path, whatever is known of the callee: a contract, its body's summary, or nothing. */
import type { Contract } from '../protocol/contract.ts';
import type { Callee, CallManner, CallOutcome } from './callee.ts';
import {
  applyContract,
  type CallView,
  type EffectContext,
  goesOn,
  isGivenNothing,
  touchesLocks,
  withLifetimes,
} from './contract-effects.ts';
import { POSITIVE, withClasses } from './facts.ts';
import { forgetContents } from './forget.ts';
import { type PathState, withMemory, withStep } from './path-state.ts';
import { giveTo } from './pointer-lives.ts';
import { emitStaleArguments } from './stale-uses.ts';
import { bySummary } from './summary-effects.ts';
import { byNothing, clobber, predicateTerm } from './unseen-writes.ts';
import { addressOf, learn } from './values.ts';

export function callEffects(
  context: EffectContext,
  before: PathState,
  callee: Callee,
  name: string | null,
  call: CallView,
  manner: CallManner,
): readonly CallOutcome[] {
  const contract = callee.kind === 'contract' ? callee.contract : null;
  const used = useArguments(context, before, name, contract, call);
  // Whoever is not followed may take a reference to what it is given.
  const keeps = contract === null || mayKeep(contract);
  const state = keeps && used.lives.size > 0 ? giveTo(context.table, used, call.args, name) : used;
  if (contract) return byContract(context, state, contract, call, manner);
  if (manner.iterator) return byIterator(context, state, null, call);
  if (callee.kind === 'summary') return bySummary(context, state, callee, call, manner);
  const member = callee.kind === 'unknown' ? (callee.member ?? null) : null;
  const said = name ?? member?.name ?? null;
  if (said !== null) {
    context.emit({
      kind: 'call',
      name: said,
      contract: member,
      args: call.args,
      state,
      site: member ? { ...call.site, call: said } : call.site,
    });
  }
  return [
    byNothing(context, state, name, call, manner, callee.kind === 'unknown' ? callee.writes : undefined),
  ];
}

/** True for a function of which only that it sleeps or not is known: `refcount_inc()`, a list insertion. */
function mayKeep(contract: Contract): boolean {
  return (
    contract.outcomes.every((outcome) => outcome.effects.length === 0) &&
    !contract.value &&
    !contract.assertion &&
    !contract.lifetimes
  );
}

function useArguments(
  context: EffectContext,
  state: PathState,
  name: string | null,
  contract: Contract | null,
  call: CallView,
): PathState {
  if (state.lives.size === 0) return state;
  const places = call.exprs.map((expr) =>
    contract?.what === 'iterator' ? addressOf(context, state, expr) : null,
  );
  return emitStaleArguments(context, state, name, contract, call.args, places, call.site);
}

function byContract(
  context: EffectContext,
  before: PathState,
  contract: Contract,
  call: CallView,
  manner: CallManner,
): readonly CallOutcome[] {
  context.emit({
    kind: 'call',
    name: contract.name,
    contract,
    args: call.args,
    state: before,
    site: call.site,
  });
  // The machine stops there; what would come after is no path.
  if (touchesLocks(contract) && isGivenNothing(context, before, contract.dereferences ?? [], call)) return [];
  if (manner.iterator || contract.what === 'iterator') return byIterator(context, before, contract, call);
  const calm =
    !manner.tested && contract.complains ? goesOn(context, before, contract.complains, call) : before;
  // What the warning is about is certain here: a path that the code itself calls a bug.
  if (calm === null) return [];
  const state = touchesLocks(contract) || contract.value ? calm : clobber(context, calm, call, false);
  const outcomes = applyContract(context, state, manner.tested ? contract : unasked(contract), call);
  if (contract.outcomes.length === 0 && !contract.value && manner.predicate && contract.what === 'function') {
    return [{ state, result: predicateTerm(context, contract.name, call) }];
  }
  return outcomes;
}

const unaskedContracts = new WeakMap<Contract, Contract>();

/**
 * The contract for a caller that does not look at the result: where only some results mean that a lock was taken
 * and nothing says that they must be told apart, the caller knows that it gets it.
 */
function unasked(contract: Contract): Contract {
  let known = unaskedContracts.get(contract);
  if (!known) {
    const takes = contract.outcomes.filter((one) => one.effects.some((effect) => effect.op === 'acquire'));
    const others = contract.outcomes.filter((one) => one.effects.length === 0);
    const sure =
      !contract.mustCheck && takes.length > 0 && takes.length + others.length === contract.outcomes.length;
    known = sure && others.length > 0 ? { ...contract, outcomes: takes } : contract;
    unaskedContracts.set(contract, known);
  }
  return known;
}

/** One more round, with the loop's variables set; or the end of the loop. */
function byIterator(
  context: EffectContext,
  before: PathState,
  contract: Contract | null,
  call: CallView,
): readonly CallOutcome[] {
  const { table } = context;
  const assigned = contract?.assigns ?? call.exprs.map((_, index) => index);
  let more = before;
  let done = before;
  for (const index of assigned) {
    const expr = call.exprs[index];
    if (expr?.kind !== 'name' || expr.binding === 'global') continue;
    const address = addressOf(context, before, expr);
    if (address === null) continue;
    const made = context.fresh(more, call.site.at + index, expr.name);
    more = withMemory(forgetContents(table, made.state, address), address, made.term);
    if (contract) more = learn(table, more, made.term, withClasses(POSITIVE)) ?? more;
    if (contract?.after === 'null') done = withMemory(done, address, table.zero);
    else {
      const last = context.fresh(done, call.site.at + index, `${expr.name} after the loop`);
      done = withMemory(last.state, address, last.term);
    }
  }
  if (contract?.lifetimes) {
    more = withLifetimes(context, more, contract, call, table.one);
    done = withLifetimes(context, done, contract, call, table.zero);
  }
  return [
    {
      state: withStep(more, 'branch', call.site.at, 'goes round', { end: call.site.end }),
      result: table.one,
    },
    { state: withStep(done, 'branch', call.site.at, 'ends', { end: call.site.end }), result: table.zero },
  ];
}
