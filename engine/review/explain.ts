/** What there is to say about the word at a place of the code: a call, a variable, a configuration symbol. */
import { evaluate, type SourceUnit, type Tristate } from '../c/index.ts';
import {
  type Definition,
  describeLocks,
  type FunctionStates,
  functionStates,
  heldSentence,
  type KnownValue,
  knownValue,
} from '../check/index.ts';
import { type Contract, describeContract } from '../protocol/index.ts';
import type { CodePlace, CodeView } from './code-view.ts';
import { configText, statesOf } from './inspect.ts';

export type Explanation = CallExplanation | ValueExplanation | SymbolExplanation;

export interface CallExplanation {
  readonly kind: 'call';
  readonly name: string;
  /** The contract as `lock-review contracts NAME` prints it, or null. */
  readonly contract: string | null;
  /** Where the contract's facts come from: a file of the kernel, as a path in a tree. */
  readonly source: string | null;
  /** What a callee without a contract does, derived from its body; empty: it leaves the locks alone. */
  readonly derived: string | null;
  /** What is held before and after the call, all paths together; null where no path comes by, or none goes on. */
  readonly before: string | null;
  readonly after: string | null;
  /** Under which configuration, where not under the first one. */
  readonly config: string;
}

export interface ValueExplanation extends KnownValue {
  readonly kind: 'value';
  readonly config: string;
}

export interface SymbolExplanation {
  readonly kind: 'symbol';
  readonly symbol: string;
  readonly isRemoved: boolean;
  readonly fixed: Tristate | null;
  /** Functions of the document that do something else to locks with it than without. */
  readonly changes: readonly { readonly function: string; readonly on: string; readonly off: string }[];
}

/** Functions that are compared for one symbol. */
const MAX_COMPARED = 24;

/** Null where there is nothing to say. */
export function explainAt(view: CodeView, place: CodePlace): Explanation | null {
  const { unit, offset, definition } = place;
  const word = wordAt(unit.text, offset);
  if (word === null) return null;
  if (word.text.startsWith('CONFIG_')) return explainSymbol(view, word.text);
  if (!definition || offset < definition.fn.bodyAt) return null;
  const called = callAt(unit, word);
  if (called !== null) return explainCall(view, definition, called, word.at);
  return explainValue(view, definition, word.text, word.at);
}

interface Word {
  readonly text: string;
  readonly at: number;
  readonly end: number;
}

function wordAt(text: string, offset: number): Word | null {
  const isWord = (at: number) => /\w/.test(text[at] ?? '');
  let at = offset;
  if (!isWord(at)) at--;
  if (at < 0 || !isWord(at)) return null;
  let end = at + 1;
  while (isWord(end)) end++;
  while (at > 0 && isWord(at - 1)) at--;
  return { text: text.slice(at, end), at, end };
}

interface Called {
  readonly name: string;
  readonly guard: boolean;
}

/** The function that the word calls; for `guard(mutex)` and its like, the class. */
function callAt(unit: SourceUnit, { text, end }: Word): Called | null {
  const rest = unit.text.slice(end, end + 80);
  const guard = /^(?:guard|scoped_guard|scoped_cond_guard|CLASS|ACQUIRE)$/.test(text)
    ? /^\s*\(\s*(\w+)/.exec(rest)
    : null;
  if (guard) return { name: guard[1]!, guard: true };
  return /^\s*\(/.test(rest) ? { name: text, guard: false } : null;
}

function explainCall(
  view: CodeView,
  definition: Definition,
  { name, guard }: Called,
  at: number,
): CallExplanation | null {
  const { program } = view;
  const all = statesOf(view, definition);
  const states = all.find((one) => stepAt(one, at) !== null) ?? all[0];
  if (!states) return null;
  const value = (symbol: string) => states.configuration.values.get(symbol) ?? states.configuration.fallback;
  const contract: Contract | null = guard
    ? program.contracts.guard(name, value)
    : program.contracts.lookup(name, value);
  const callee = contract || guard ? null : program.resolve(name, definition.unit, states.configuration);
  if (!contract && !callee) return null;
  const step = stepAt(states, at);
  return {
    kind: 'call',
    name: guard ? `guard(${name})` : name,
    contract: contract ? describeContract(contract) : null,
    source: contract?.source ?? null,
    derived:
      callee === null
        ? null
        : program.isRelevant(callee)
          ? describeLocks(functionStates(program, callee, states.configuration))
          : '',
    before: step && heldSentence(step.before),
    after: step?.after ? heldSentence(step.after) : null,
    config: configText(all[0]!, states),
  };
}

/** The smallest step that covers the offset. */
function stepAt(states: FunctionStates, offset: number): FunctionStates['steps'][number] | null {
  let best: FunctionStates['steps'][number] | null = null;
  for (const step of states.steps)
    if (step.at <= offset && offset < step.end && (!best || step.end - step.at < best.end - best.at))
      best = step;
  return best;
}

function explainValue(
  view: CodeView,
  definition: Definition,
  name: string,
  at: number,
): ValueExplanation | null {
  const all = statesOf(view, definition);
  for (const states of all) {
    const known = knownValue(view.program, definition, states.configuration, name, at);
    if (known) return { kind: 'value', ...known, config: configText(all[0]!, states) };
  }
  return null;
}

function explainSymbol(view: CodeView, symbol: string): SymbolExplanation {
  const { program } = view;
  const changes: { function: string; on: string; off: string }[] = [];
  const asked = view.functions.filter(
    (one) => program.isRelevant(one) && program.symbolsOf(one).includes(symbol),
  );
  for (const definition of asked.slice(0, MAX_COMPARED)) {
    const [on, off] = (['y', 'n'] as const).map((value) => {
      const configuration = {
        values: new Map([...program.fixed.values, [symbol, value]]),
        fallback: 'y' as const,
      };
      if (!evaluate(definition.fn.presence, configuration)) return 'not compiled';
      return describeLocks(functionStates(program, definition, configuration));
    });
    if (on !== off) changes.push({ function: definition.fn.name, on: on!, off: off! });
  }
  return {
    kind: 'symbol',
    symbol,
    isRemoved: program.removed.has(symbol),
    fixed: program.removed.has(symbol) ? null : (program.fixed.values.get(symbol) ?? null),
    changes,
  };
}
