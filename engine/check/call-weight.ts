/** How much a call matters to the locks of its caller, for the relevance analysis. */
import type { Contract } from '../protocol/contract.ts';
import { countsReferences, touchesLocks } from './contract-effects.ts';
import type { CallWeight } from './relevance.ts';
import type { Summary } from './summary.ts';
import type { Term } from './terms.ts';

/** Nothing is known of what it does. */
export const NO_WEIGHT: CallWeight = { touches: false, uses: [], finds: false, ends: [], reads: [] };

export function weighContract(contract: Contract | null): CallWeight {
  if (!contract) return NO_WEIGHT;
  const { sleeps, lifetimes = [] } = contract;
  return {
    touches:
      touchesLocks(contract) ||
      countsReferences(contract) ||
      contract.needs !== undefined ||
      contract.lifetimes !== undefined,
    // Allocation flags say whether it may sleep.
    uses: typeof sleeps === 'object' ? [sleeps.gfp] : [],
    finds: lifetimes.some((one) => one.life === 'protects' || one.life === 'counts'),
    ends: lifetimes.flatMap((one) => (one.life === 'ends' ? argumentOf(one.pointer) : [])),
    reads: [],
  };
}

/** N of `argN`; nothing for a place inside it. */
function argumentOf(ref: string): number[] {
  const index = /^arg(\d+)$/.exec(ref)?.[1];
  return index === undefined ? [] : [Number(index)];
}

const weights = new WeakMap<Summary, CallWeight>();

export function weighSummary(summary: Summary): CallWeight {
  let weight = weights.get(summary);
  if (!weight) {
    weight = { touches: !summary.neutral, uses: [], finds: false, ends: [], reads: [...fieldsRead(summary)] };
    weights.set(summary, weight);
  }
  return weight;
}

/** The fields whose values on entry decide what the function does, or are what it returns. */
function fieldsRead({ table, outcomes }: Summary): ReadonlySet<string> {
  const fields = new Set<string>();
  const collect = (term: Term) => {
    table.some(term, (part) => {
      if (table.kind(part) === 'field' || table.kind(part) === 'global') fields.add(table.name(part));
      return false;
    });
  };
  for (const { given, result } of outcomes) {
    for (const [term] of given) collect(term);
    if (result !== null) collect(result);
  }
  return fields;
}
