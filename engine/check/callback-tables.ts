/** Tables of callbacks that the core calls as brackets, such as a `struct seq_operations`, in a file. */
import { type Condition, type Configuration, evaluate, type SourceUnit } from '../c/index.ts';
import { type CallbackPair, callbackPairs, TABLE_MACROS } from '../protocol/index.ts';
import type { Definition, Program } from './program.ts';

/** One table of operations with a pair of members that belong together. */
export interface CallbackTable {
  readonly pair: CallbackPair;
  /** The variable, or the name that a macro made the table of. */
  readonly name: string;
  readonly presence: Condition;
  /** The function of each member that is set. */
  readonly members: ReadonlyMap<string, string>;
}

const tablesByUnit = new WeakMap<SourceUnit, readonly CallbackTable[]>();

/** The tables that a file defines in which one of a pair of members is set, in the order of the file. */
export function callbackTables(unit: SourceUnit): readonly CallbackTable[] {
  let tables = tablesByUnit.get(unit);
  if (!tables) {
    tables = [...initialised(unit), ...madeByMacros(unit)];
    tablesByUnit.set(unit, tables);
  }
  return tables;
}

function initialised(unit: SourceUnit): readonly CallbackTable[] {
  return unit.initialisers.flatMap((one) => {
    const ops = /\bstruct\s+(\w+)/.exec(one.type)?.[1] ?? '';
    const members = new Map<string, string>();
    for (const { name, value } of one.fields) {
      const fn = /^&?\s*(\w+)$/.exec(value.trim())?.[1];
      if (fn !== undefined && fn !== 'NULL') members.set(name, fn);
    }
    return tablesOf(ops, one.name, one.presence, members);
  });
}

function madeByMacros(unit: SourceUnit): readonly CallbackTable[] {
  const found: CallbackTable[] = [];
  for (const [macro, { ops, endings }] of TABLE_MACROS) {
    if (!unit.text.includes(macro)) continue;
    for (const use of unit.text.matchAll(new RegExp(`^${macro}\\(\\s*(\\w+)\\s*\\)`, 'gm'))) {
      const name = use[1]!;
      const members = new Map(Object.entries(endings).map(([member, ending]) => [member, name + ending]));
      found.push(...tablesOf(ops, name, unit.conditionAt(use.index), members));
    }
  }
  return found;
}

function tablesOf(
  ops: string,
  name: string,
  presence: Condition,
  members: ReadonlyMap<string, string>,
): readonly CallbackTable[] {
  return callbackPairs(ops)
    .filter((pair) => members.has(pair.opens) && members.has(pair.closes))
    .map((pair) => ({ pair, name, presence, members }));
}

/** The functions of a table that its pair speaks of, in the order in which they are called. */
export function pairedFunctions({ pair, members }: CallbackTable): readonly string[] {
  return [pair.opens, ...pair.between, pair.closes].flatMap((member) => members.get(member) ?? []);
}

/**
 * The tables that are judged with this function, so that each is judged once: those of which it is the first
 * member in its file that has to do with locks.
 */
export function anchoredTables(program: Program, { unit, fn }: Definition): readonly CallbackTable[] {
  return callbackTables(unit).filter((table) => {
    const functions = pairedFunctions(table);
    if (!functions.includes(fn.name)) return false;
    const anchor = functions.find((name) =>
      program.definitionsIn(name, unit).some((one) => program.isRelevant(one)),
    );
    return anchor === fn.name;
  });
}

/** The functions that share a table with one of these: what a change of one of them can break. */
export function callbackPartners(unit: SourceUnit, names: ReadonlySet<string>): ReadonlySet<string> {
  const partners = new Set<string>();
  for (const table of callbackTables(unit)) {
    const functions = pairedFunctions(table);
    if (functions.some((name) => names.has(name))) for (const name of functions) partners.add(name);
  }
  return partners;
}

/** True where the table is compiled. */
export function isCompiled(table: CallbackTable, configuration: Configuration): boolean {
  return evaluate(table.presence, configuration);
}
