/** One function under one configuration, made readable for tree-sitter's C grammar. */
import { activeTokens, activityOf } from './active-tokens.ts';
import { complete } from './complete.ts';
import type { Configuration } from './condition.ts';
import { headOfCut } from './cut-heads.ts';
import type { Span } from './ir.ts';
import { conditionalsOf } from './parse-unit.ts';
import { applyEdits, blank, newRewrite, type Rewrite } from './rewrite.ts';
import { rewriteBody } from './rewrite-body.ts';
import { rewriteCutSignature, rewriteSignature } from './rewrite-signature.ts';
import type { FunctionSlice } from './slice.ts';
import type { FunctionSource, MacroDefinition, SourceUnit } from './unit.ts';

const SLICES = new WeakMap<SourceUnit, Map<string, FunctionSlice>>();
const MACRO_RUNS = new WeakMap<SourceUnit, Map<string, 'loop' | 'once' | null>>();

/**
 * The text of `fn` under `configuration`, in which inactive branches, directives and attributes are blank and
 * kernel macros that the grammar cannot read are rewritten; see slice.ts for what the tables say. Slices
 * with equal text are made once for a unit. `fn.presence` is not looked at.
 */
export function sliceFunction(
  unit: SourceUnit,
  fn: FunctionSource,
  configuration: Configuration,
): FunctionSlice {
  const activity = activityOf(conditionalsOf(unit), fn.at, fn.end, configuration);
  const key = `${fn.nameAt}:${fn.at}-${fn.end}:${activity.choices}`;
  let slices = SLICES.get(unit);
  if (slices === undefined) {
    slices = new Map();
    SLICES.set(unit, slices);
  }
  const known = slices.get(key);
  if (known !== undefined) return known;
  const slice = makeSlice(unit, fn, activity.blanks, key);
  slices.set(key, slice);
  return slice;
}

function makeSlice(
  unit: SourceUnit,
  fn: FunctionSource,
  blanks: readonly Span[],
  key: string,
): FunctionSlice {
  const { text } = unit;
  if (fn.truncated) return makeCutSlice(unit, fn, blanks, key);
  const tokens = activeTokens(text, fn.at, fn.end, blanks);
  const rewrite = newRewrite(text, tokens, (name) => macroRunsOf(unit, name));
  let body = 0;
  while (body < tokens.count && tokens.starts[body]! < fn.bodyAt) body++;
  rewriteSignature(rewrite, body);
  rewriteBody(rewrite, body, tokens.count);
  for (const span of blanks) blank(rewrite, span.at, span.end);
  return finishSlice(rewrite, fn.at, fn.end, key);
}

/**
 * The slice of a function that is not shown whole: what is missing is made up in front of and behind its text, so
 * `offset` is in front of the function and the text longer than it.
 */
function makeCutSlice(
  unit: SourceUnit,
  fn: FunctionSource,
  blanks: readonly Span[],
  key: string,
): FunctionSlice {
  const { text } = unit;
  const tokens = activeTokens(text, fn.at, fn.end, blanks);
  const rewrite = newRewrite(text, tokens, (name) => macroRunsOf(unit, name));
  let body = 0;
  while (body < tokens.count && tokens.starts[body]! < fn.bodyAt) body++;
  const headless = fn.truncated !== 'end' && body === 0;
  const { prefix, suffix, limit, outer } = complete(text, tokens, body, headless, fn.truncated !== 'start');
  let head = headless ? headOfCut(fn) : '';
  if (fn.truncated === 'end') rewriteSignature(rewrite, body);
  else if (!headless) head = rewriteCutSignature(rewrite, body);
  rewriteBody(rewrite, body, limit, outer);
  for (const span of blanks) blank(rewrite, span.at, span.end);
  if (limit < tokens.count) blank(rewrite, tokens.starts[limit]!, fn.end);
  const slice = finishSlice(rewrite, fn.at, fn.end, key);
  const front = head + prefix;
  return { ...slice, text: front + slice.text + suffix, offset: fn.at - front.length };
}

/** The slice `[at, end)` that a finished rewrite gives. */
export function finishSlice(rewrite: Rewrite, at: number, end: number, key: string): FunctionSlice {
  return {
    text: applyEdits(rewrite.text, at, end, rewrite.edits),
    offset: at,
    iterators: rewrite.iterators,
    guards: rewrite.guards,
    typeArguments: rewrite.typeArguments,
    annotations: rewrite.annotations,
    caseRanges: rewrite.caseRanges,
    labelAddresses: rewrite.labelAddresses,
    computedGotos: rewrite.computedGotos,
    key,
  };
}

function macroRunsOf(unit: SourceUnit, name: string): 'loop' | 'once' | null {
  let runs = MACRO_RUNS.get(unit);
  if (runs === undefined) {
    runs = new Map();
    for (const macro of unit.macros) runs.set(macro.name, runsOfMacro(macro));
    MACRO_RUNS.set(unit, runs);
  }
  return runs.get(name) ?? null;
}

/** From its body, how a macro in front of a statement runs that statement; null if the body does not say. */
function runsOfMacro(macro: MacroDefinition): 'loop' | 'once' | null {
  if (macro.params === null) return null;
  if (/\b(for|while)\s*\(|for_each/.test(macro.body)) return 'loop';
  return /\bif\s*\(/.test(macro.body) ? 'once' : null;
}
