/**
 * Iterators that a file keeps in a structure from call to call: `&priv->iter` given to what goes on with it. Who drops
 * and retakes the section that they stand in, in a function between two such calls, must set them anew.
 */
import type { SourceUnit } from '../c/index.ts';
import type { FunctionSource } from '../c/unit.ts';
import type { Contract, Lifetime } from '../protocol/contract.ts';
import type { Program } from './program.ts';

export interface KeptIterator {
  /** The structure's tag and the member in it. */
  readonly tag: string;
  readonly member: string;
}

const keptByUnit = new WeakMap<SourceUnit, readonly KeptIterator[]>();

/** The iterators that functions of a file go on with in a structure that they are given. */
export function keptIterators(program: Program, unit: SourceUnit): readonly KeptIterator[] {
  let kept = keptByUnit.get(unit);
  if (!kept) {
    const found = new Map<string, KeptIterator>();
    for (const fn of unit.functions) {
      for (const { variable, member } of memberArguments(program, unit, fn, 'iterates')) {
        const tag = new RegExp(`struct\\s+(\\w+)\\s*\\*\\s*${variable}\\b`).exec(
          unit.text.slice(fn.at, fn.end),
        )?.[1];
        if (tag !== undefined) found.set(`${tag} ${member}`, { tag, member });
      }
    }
    kept = [...found.values()];
    keptByUnit.set(unit, kept);
  }
  return kept;
}

/** True where a function, or one of its file that it calls, sets the iterator anew. */
export function renews(
  program: Program,
  unit: SourceUnit,
  fn: FunctionSource,
  member: string,
  seen = new Set<FunctionSource>(),
): boolean {
  if (seen.has(fn)) return false;
  seen.add(fn);
  if (memberArguments(program, unit, fn, 'renews').some((one) => one.member === member)) return true;
  return unit.functions.some(
    (other) => fn.calls.includes(other.name) && renews(program, unit, other, member, seen),
  );
}

/** The arguments `&variable->member` that calls in a function give to what has this to do with an iterator. */
function memberArguments(
  program: Program,
  unit: SourceUnit,
  fn: FunctionSource,
  life: Lifetime['life'],
): readonly { readonly variable: string; readonly member: string }[] {
  const names = fn.calls.filter((name) => concerns(program.contracts.lookup(name), life));
  if (names.length === 0) return [];
  const text = unit.text.slice(fn.bodyAt, fn.end);
  return names.flatMap((name) =>
    [...text.matchAll(new RegExp(`\\b${name}\\(([^;]*)`, 'g'))].flatMap(([, args]) =>
      [...args!.matchAll(/&(\w+)->(\w+)\b(?!\s*(?:->|\.|\[))/g)].map((one) => ({
        variable: one[1]!,
        member: one[2]!,
      })),
    ),
  );
}

function concerns(contract: Contract | null, life: Lifetime['life']): boolean {
  return contract?.lifetimes?.some((one) => one.life === life && one.pointer !== 'result') ?? false;
}
