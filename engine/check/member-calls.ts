/** What is known of a call through a pointer in a structure of operations: `shrinker->count_objects(shrinker, sc)`. */
import type { Expr, FunctionIR } from '../c/ir.ts';
import {
  CALLBACK_MEMBERS,
  type CallbackMember,
  callbackMember,
  operationsAt,
} from '../protocol/callbacks.ts';
import type { Contract } from '../protocol/contract.ts';
import type { Callee } from './callee.ts';

/**
 * The contract of a member that is called, or null where the member is not known. What is called in process
 * context may sleep, whoever implements it; a member that may be called elsewhere does not, as far as is known.
 */
function memberContract(ir: FunctionIR, callee: Expr): Contract | null {
  const place = callee.kind === 'deref' ? callee.operand : callee;
  if (place.kind !== 'field') return null;
  const tag = structOf(ir, place.base);
  const row = tag === null ? distinctMember(place.name) : callbackMember(tag, place.name);
  if (!row) return null;
  let contract = contracts.get(row);
  if (!contract) {
    contract = {
      name: row.member,
      what: 'function',
      outcomes: row.outcomes ?? [],
      ...(row.context === 'process' ? { sleeps: 'yes' } : {}),
      source: row.source,
    };
    contracts.set(row, contract);
  }
  return contract;
}

/** What a call through a pointer means: all that is known is the member that it is made through. */
export function memberCallee(ir: FunctionIR, callee: Expr): Callee {
  const contract = memberContract(ir, callee);
  return contract && contract.outcomes.length > 0
    ? { kind: 'contract', contract }
    : { kind: 'unknown', member: contract };
}

const contracts = new WeakMap<CallbackMember, Contract>();

/** The tag of the structure that a variable points to, or null where the expression does not say. */
function structOf(ir: FunctionIR, base: Expr): string | null {
  if (base.kind === 'field') return operationsAt(base.name);
  if (base.kind !== 'name') return null;
  const variable = [...ir.params, ...ir.locals].find((one) => one.name === base.name);
  return /\bstruct\s+(\w+)/.exec(variable?.type ?? '')?.[1] ?? null;
}

/** A member whose name alone tells its structure: of two words at least, and in one structure only. */
function distinctMember(name: string): CallbackMember | null {
  if (!name.includes('_')) return null;
  const rows = CALLBACK_MEMBERS.filter((one) => one.member === name);
  return rows.length === 1 ? rows[0]! : null;
}
