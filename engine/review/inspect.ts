/** What a document's functions do with locks, line by line: what an editor shows between the findings. */
import {
  type Configuration,
  collectSymbols,
  configurationSpace,
  evaluate,
  type FunctionSource,
} from '../c/index.ts';
import {
  type Definition,
  describeLocks,
  type FunctionStates,
  functionStates,
  type HeldLock,
  heldSentence,
} from '../check/index.ts';
import { type CodeView, firstShown } from './code-view.ts';

export interface InspectedFunction {
  readonly name: string;
  readonly file: string;
  /** 1-based line of its name in the file. */
  readonly line: number;
  /** 1-based line of the document to speak about it at: the first that shows part of it. */
  readonly shownAt: number;
  /** The patch changes a line of it; true for every function of a file by itself. */
  readonly isChanged: boolean;
  /** What it does with locks, in one sentence; empty where it leaves them alone. */
  readonly locks: string;
  /** The same under other configurations, where it differs: `CONFIG_MMU=n`. */
  readonly otherwise: readonly { readonly config: string; readonly locks: string }[];
  readonly lines: readonly InspectedLine[];
}

/** What is held behind a line that takes or gives back a lock. */
export interface InspectedLine {
  /** 1-based, in the document. */
  readonly shownAt: number;
  readonly held: readonly HeldLock[];
  /** The same as text: `mm->mmap_lock R`, `nothing`. */
  readonly text: string;
  /** Under which configuration, where not under the first one. */
  readonly config: string;
}

/** Configurations that are looked at for one function: enough to reach code under `#ifndef`. */
const MAX_CONFIGURATIONS = 4;

const known = new WeakMap<CodeView, Map<FunctionSource, readonly FunctionStates[]>>();
/** Functions whose states are kept for the next question about them. */
const MAX_KNOWN = 32;

/**
 * One function under the configurations that its own text asks about, the first being everything on. What only its
 * callees ask about is left out: it decides over findings, but hardly over what a reader sees here.
 */
export function statesOf(view: CodeView, definition: Definition): readonly FunctionStates[] {
  const { program } = view;
  const { fn } = definition;
  let kept = known.get(view);
  if (!kept) {
    kept = new Map();
    known.set(view, kept);
  }
  const before = kept.get(fn);
  if (before) return before;
  const base: Configuration = { values: program.fixed.values, fallback: 'y' };
  const symbols = new Set(fn.symbols);
  collectSymbols(fn.presence, symbols);
  const states = configurationSpace([...symbols], base, MAX_CONFIGURATIONS)
    .configurations.filter((configuration) => evaluate(fn.presence, configuration))
    .map((configuration) => functionStates(program, definition, configuration));
  if (kept.size >= MAX_KNOWN) kept.clear();
  kept.set(fn, states);
  return states;
}

/** @returns null for a function that no configuration compiles, or of which the document shows nothing. */
export function inspectFunction(view: CodeView, definition: Definition): InspectedFunction | null {
  const { unit, fn } = definition;
  const shownAt = firstShown(definition, view.shownAt);
  if (shownAt === null) return null;
  const place = {
    name: fn.name,
    isChanged: view.isChanged(definition),
    file: unit.path,
    line: unit.position(fn.nameAt).line,
    shownAt,
  };
  if (!view.program.isRelevant(definition)) return { ...place, locks: '', otherwise: [], lines: [] };
  const all = statesOf(view, definition);
  const [first] = all;
  if (!first) return null;
  const locks = describeLocks(first);
  const otherwise = all
    .slice(1)
    .map((states) => ({ config: configText(first, states), locks: describeLocks(states) }))
    .filter((one) => one.locks !== locks);
  return { ...place, locks, otherwise, lines: linesOf(view, definition, all) };
}

/** Each line as the first configuration has it that comes by there. */
function linesOf(
  view: CodeView,
  { unit }: Definition,
  all: readonly FunctionStates[],
): readonly InspectedLine[] {
  const reached = new Set<number>();
  const lines: InspectedLine[] = [];
  for (const states of all) {
    for (const { line, held } of states.lines) {
      const shownAt = reached.has(line) ? null : view.shownAt(unit.path, line);
      if (shownAt !== null)
        lines.push({ shownAt, held, text: heldSentence(held), config: configText(all[0]!, states) });
    }
    for (const step of states.steps) reached.add(unit.position(Math.max(step.at, step.end - 1)).line);
  }
  return lines.sort((left, right) => left.shownAt - right.shownAt);
}

/** How a configuration differs from the first one. */
export function configText(first: FunctionStates, other: FunctionStates): string {
  return [...other.configuration.values]
    .filter(([symbol, value]) => first.configuration.values.get(symbol) !== value)
    .map(([symbol, value]) => `${symbol}=${value}`)
    .join(', ');
}
