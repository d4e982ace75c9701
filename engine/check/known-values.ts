/** What the paths that come to a place know of a variable there, in a reviewer's words. */
import type { Configuration, FunctionIR, SourceUnit } from '../c/index.ts';
import { ANY, type Fact, factOf, NEGATIVE, POSITIVE, ZERO } from './facts.ts';
import { nameValue } from './names.ts';
import { type PathState, stateKey } from './path-state.ts';
import type { Definition, Program } from './program.ts';
import type { Term, TermTable } from './terms.ts';
import { classesOf } from './values.ts';
import type { FunctionWalk, Visit } from './walk.ts';

export interface KnownValue {
  readonly name: string;
  readonly type: string;
  /** One phrase for each thing that it can be: `NULL`, `valid: the result of vma_lookup() in line 12`. */
  readonly can: readonly string[];
}

/** More different values than this are not listed: they say no more than "anything". */
const MOST_VALUES = 4;

/**
 * What is known of the variable at the word at `offset`: before the last step that begins there or to the left of
 * it on its line; where the word is assigned to, behind the assignment. Null for a name that is no parameter or
 * local of the function, or where no path comes by.
 */
export function knownValue(
  program: Program,
  definition: Definition,
  configuration: Configuration,
  name: string,
  offset: number,
): KnownValue | null {
  const { unit } = definition;
  const place = { offset, line: unit.position(offset).line, name };
  const { states, visit } = isAssigned(unit.text, place)
    ? watchAssignment(unit, place)
    : watchUse(unit, place);
  const walk = program.walkWatched(definition, configuration, visit);
  const variable = [...walk.ir.params, ...walk.ir.locals].find((one) => one.name === name);
  if (!variable || states.size === 0) return null;
  // Paths that got the value from the same place are told together.
  const byOrigin = new Map<string, Set<string>>();
  for (const state of states.values()) {
    const { known, origin } = phrase(walk, unit, state, variable.name, variable.type);
    const list = byOrigin.get(origin);
    if (list) list.add(known);
    else byOrigin.set(origin, new Set([known]));
  }
  const can = [...byOrigin].map(([origin, known]) => {
    const what = known.has('') ? '' : [...known].join(' or ');
    if (origin === '') return what;
    return what === '' ? origin : `${what}: ${origin}`;
  });
  const told = can.includes('') || can.length > MOST_VALUES ? [] : can;
  return { name, type: variable.type, can: told };
}

interface Place {
  readonly offset: number;
  readonly line: number;
  readonly name: string;
}

interface Watch {
  /** By their keys. */
  readonly states: Map<string, PathState>;
  readonly visit: (visit: Visit) => void;
}

/** Keeps the states before the step that uses the word: the one nearest to it on its line. */
function watchUse(unit: SourceUnit, { offset, line }: Place): Watch {
  const states = new Map<string, PathState>();
  let nearest = -1;
  const visit = ({ step, before }: Visit) => {
    if (step.at > offset && unit.position(step.at).line !== line) return;
    if (step.end < unit.lineStart(line) || step.at < nearest) return;
    if (step.at > nearest && nearest < offset) {
      states.clear();
      nearest = step.at;
    }
    if (step.at === nearest) states.set(stateKey(before), before);
  };
  return { states, visit };
}

/** Keeps the states behind the step that sets the word. */
function watchAssignment(unit: SourceUnit, { offset, line, name }: Place): Watch {
  const states = new Map<string, PathState>();
  const start = unit.lineStart(line);
  const end = unit.text.indexOf(';', offset);
  const visit = ({ step, after }: Visit) => {
    if (step.at < start || step.at > end) return;
    const target = 'target' in step ? step.target : 'result' in step ? step.result : null;
    if (target?.kind !== 'name' || target.name !== name) return;
    for (const state of after) if (!state.broken) states.set(stateKey(state), state);
  };
  return { states, visit };
}

function isAssigned(text: string, { offset, name }: Place): boolean {
  return /^\s*=(?!=)/.test(text.slice(offset + name.length, offset + name.length + 20));
}

function phrase(
  walk: FunctionWalk,
  unit: SourceUnit,
  state: PathState,
  name: string,
  type: string,
): { readonly known: string; readonly origin: string } {
  const { table, ir } = walk;
  const value = state.memory.get(table.local(name));
  if (value === undefined) return { known: '', origin: '' };
  const pointer = type.includes('*');
  const number = table.numberOf(value);
  if (number !== null) return { known: pointer && number === 0 ? 'NULL' : String(number), origin: '' };
  const symbol = symbolText(table, value);
  if (symbol !== null) return { known: symbol, origin: '' };
  const fact: Fact = { ...factOf(state.facts, value), classes: classesOf(table, state, value) };
  const what = classText(fact.classes, pointer);
  const equal = fact.equals >= 0 ? `equal to ${table.spell(fact.equals)}` : '';
  const origin = originOf(table, ir, unit, state, value, name);
  const flags = [
    ...(fact.anyBits.length > 0 ? [`with ${fact.anyBits.join(' or ')}`] : []),
    ...(fact.noBits.length > 0 ? [`without ${fact.noBits.join(', ')}`] : []),
  ].join(', ');
  const known = [equal === '' ? what : equal, flags].filter((text) => text !== '').join(', ');
  return { known, origin };
}

/** A constant by its name: `MAP_SHARED`, `-ENOMEM`; null for another value. */
function symbolText(table: TermTable, value: Term): string | null {
  if (table.kind(value) === 'symbolic') return table.name(value);
  if (table.kind(value) !== 'operation' || table.name(value) !== 'neg') return null;
  const inner = symbolText(table, table.a(value));
  return inner === null ? null : `-${inner}`;
}

/** The classes that a value can be of; empty where it can be anything. */
function classText(classes: number, pointer: boolean): string {
  const words = pointer
    ? { zero: 'NULL', positive: 'a valid pointer', negative: 'an error pointer' }
    : { zero: '0', positive: 'positive', negative: 'negative' };
  if ((classes & ANY) === ANY) return '';
  const parts = [
    ...(classes & ZERO ? [words.zero] : []),
    ...(classes & POSITIVE ? [words.positive] : []),
    ...(classes & NEGATIVE ? [words.negative] : []),
  ];
  return parts.join(' or ');
}

/** Where a value comes from: a call, an argument, memory. */
function originOf(
  table: TermTable,
  ir: FunctionIR,
  unit: SourceUnit,
  state: PathState,
  value: Term,
  name: string,
): string {
  switch (table.kind(value)) {
    case 'param':
      return ir.params[table.a(value)]?.name === name
        ? 'as the caller passed it'
        : `the argument ${ir.params[table.a(value)]?.name}`;
    case 'fresh': {
      const label = table.name(value);
      const site = table.a(value);
      if (label === '' || label === 'joined' || label === 'changed' || site < 0) return '';
      if (ir.locals.some((local) => local.name === label)) return '';
      return `the result of ${label}() in line ${unit.position(site).line}`;
    }
    case 'load':
    case 'field':
    case 'operation':
      return withoutOwnName(nameValue(table, ir, withoutLocal(table, state, name), value));
    default:
      return '';
  }
}

/** The state as seen without the variable itself, which else would be the name of its value. */
function withoutLocal(table: TermTable, state: PathState, name: string): PathState {
  const memory = new Map(state.memory);
  memory.delete(table.local(name));
  return { ...state, memory };
}

function withoutOwnName(text: string): string {
  return /[%()*]/.test(text) ? '' : text;
}
