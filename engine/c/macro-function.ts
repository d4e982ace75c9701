/** A macro that is defined in the file itself, read as if it were a function. */
import { type ActiveTokens, activeTokens } from './active-tokens.ts';
import type { Span } from './ir.ts';
import { macroBodyAt } from './macros.ts';
import { blank, makeWord, newRewrite, put, type Rewrite } from './rewrite.ts';
import { rewriteBody } from './rewrite-body.ts';
import type { FunctionSlice } from './slice.ts';
import { finishSlice } from './slice-function.ts';
import * as T from './tokens.ts';
import type { FunctionSource, MacroDefinition, SourceUnit } from './unit.ts';
import * as W from './words.ts';

export interface MacroFunction {
  readonly fn: FunctionSource;
  /**
   * `void NAME(){ body }`: the body stands where it stands in the file, the head in the room of `#define NAME(…)`, and
   * the closing brace behind the end of the macro. The head names no parameters.
   */
  readonly slice: FunctionSlice;
  /** The parameters, which have no types; a variadic one as `args` or `__VA_ARGS__`. */
  readonly params: readonly ({ readonly name: string } & Span)[];
  /** Whether the macro is an expression: then its value is that of the body's last statement. */
  readonly isExpression: boolean;
}

/**
 * Reads a macro's replacement text as the body of a function: `do { … } while (0)`, a statement, a list of statements or
 * an expression. Null for a macro with an empty body, with brackets that do not balance (`#define BEGIN(x) do {`),
 * or with a head that leaves no room.
 */
export function macroAsFunction(unit: SourceUnit, macro: MacroDefinition): MacroFunction | null {
  const { text } = unit;
  const from = macroBodyAt(text, text.indexOf('define', macro.at) + 'define'.length, macro.end);
  const head = `void ${macro.name}(){`;
  const newline = text.indexOf('\n', macro.at);
  const room = (newline < 0 || newline > from ? from : newline) - macro.at;
  if (room < head.length) return null;
  const tokens = activeTokens(text, from, macro.end, [], false);
  if (tokens.count === 0 || !isBalanced(tokens)) return null;
  const rewrite = newRewrite(text, tokens);
  put(rewrite, macro.at, head);
  blankGap(rewrite, macro.at + head.length, tokens.starts[0]!);
  rewriteOperators(rewrite);
  rewriteBody(rewrite, 0, tokens.count);
  blankContinuations(rewrite, tokens.starts[0]!, macro.end);
  const last = tokens.kinds[tokens.count - 1]!;
  const slice = finishSlice(rewrite, macro.at, macro.end, `macro ${macro.at}`);
  const closed = last === T.SEMICOLON || last === T.BRACE_CLOSE;
  const nameAt = text.indexOf(macro.name, macro.at);
  return {
    fn: {
      name: macro.name,
      nameAt,
      at: macro.at,
      end: macro.end,
      bodyAt: macro.at + head.length - 1,
      presence: macro.presence,
      symbols: [],
      calls: callsOf(rewrite),
      isStatic: true,
      isInline: true,
      definedBy: '#define',
      annotations: [],
    },
    slice: { ...slice, text: slice.text + (closed ? ' }' : ';}') },
    params: paramsOf(text, macro, nameAt),
    isExpression: !closed && !beginsStatement(rewrite),
  };
}

/** Blanks what is left of the head, its line continuations too. */
function blankGap(rewrite: Rewrite, from: number, to: number): void {
  if (from < to) blank(rewrite, from, to);
}

/** Backslashes at line ends, and comments behind the last token, where the closing brace will stand. */
function blankContinuations(rewrite: Rewrite, from: number, end: number): void {
  const { text, tokens } = rewrite;
  for (let i = text.indexOf('\\', from); i >= 0 && i < end; i = text.indexOf('\\', i + 1)) {
    const next = text.charCodeAt(i + 1);
    if (next === 10 || next === 13) blank(rewrite, i, i + 1);
  }
  blank(rewrite, tokens.ends[tokens.count - 1]!, end);
}

/** `a##b` becomes one word, `#a` a word, and the `##` of `, ##args` goes. */
function rewriteOperators(rewrite: Rewrite): void {
  const { kinds, starts, ends, count } = rewrite.tokens;
  const hash = 35;
  for (let i = 0; i < count; i++) {
    const pastes = kinds[i + 1] === hash && kinds[i + 2] === hash && ends[i + 1] === starts[i + 2];
    if (pastes && i + 3 < count && isOperand(kinds[i]!)) {
      let last = i + 3;
      while (kinds[last + 1] === hash && kinds[last + 2] === hash && last + 3 < count) last += 3;
      if (isOperand(kinds[last]!)) {
        makeWord(rewrite, i, last, 'other');
        i = last;
        continue;
      }
    }
    if (kinds[i] !== hash) continue;
    if (kinds[i + 1] === hash) {
      blank(rewrite, starts[i]!, ends[i + 1]!);
      i++;
    } else if (kinds[i + 1] === T.WORD && i + 1 < count) {
      makeWord(rewrite, i, i + 1, 'other');
      i++;
    } else {
      blank(rewrite, starts[i]!, ends[i]!);
    }
  }
}

function isBalanced(tokens: ActiveTokens): boolean {
  const { kinds, partner, count } = tokens;
  for (let i = 0; i < count; i++) if (isBracket(kinds[i]!) && partner[i]! < 0) return false;
  return true;
}

function isBracket(kind: number): boolean {
  return (
    kind === T.PAREN_OPEN ||
    kind === T.PAREN_CLOSE ||
    kind === T.BRACE_OPEN ||
    kind === T.BRACE_CLOSE ||
    kind === T.BRACKET_OPEN ||
    kind === T.BRACKET_CLOSE
  );
}

function isOperand(kind: number): boolean {
  return kind === T.WORD || kind === T.NUMBER;
}

function beginsStatement(rewrite: Rewrite): boolean {
  const { kinds, words } = rewrite.tokens;
  return kinds[0] === T.BRACE_OPEN || (kinds[0] === T.WORD && W.isControl(words[0]!));
}

function callsOf(rewrite: Rewrite): string[] {
  const { kinds, words, starts, ends, count } = rewrite.tokens;
  const calls = new Set<string>();
  for (let i = 1; i < count; i++) {
    if (kinds[i] !== T.PAREN_OPEN || kinds[i - 1] !== T.WORD || words[i - 1] !== W.OTHER) continue;
    calls.add(rewrite.text.slice(starts[i - 1]!, ends[i - 1]!));
  }
  return [...calls].sort();
}

function paramsOf(text: string, macro: MacroDefinition, nameAt: number): ({ name: string } & Span)[] {
  let at = nameAt + macro.name.length;
  return (macro.params ?? []).map((param) => {
    const name = param === '...' ? '__VA_ARGS__' : param.replace('...', '').trim();
    const found = text.indexOf(param, at);
    const start = found < 0 || found > macro.end ? at : found;
    at = start + param.length;
    return { name, at: start, end: at };
  });
}
