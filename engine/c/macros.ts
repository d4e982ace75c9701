/** `#define` lines, and the macros that define guards, made from the directives and items of a file. */
import { splitArguments, textOf } from './declarators.ts';
import { conditionAt } from './directives.ts';
import type { Item, Scan } from './items.ts';
import * as T from './tokens.ts';
import type { GuardDefinition, MacroDefinition } from './unit.ts';
import * as W from './words.ts';

/** The macro that a `#define` line defines; null if it names none. */
export function macroOf(scan: Scan, directive: T.Directive): MacroDefinition | null {
  const { text, conditionals } = scan;
  const { end } = directive;
  let i = skipBlanks(text, directive.argument, end);
  const from = i;
  while (i < end && isWordCode(text.charCodeAt(i))) i++;
  if (i === from) return null;
  const name = text.slice(from, i);
  let params: string[] | null = null;
  if (text.charCodeAt(i) === 40 && i < end) {
    const to = parenClose(text, i, end);
    const inner = joinLines(text.slice(i + 1, to)).trim();
    params = inner === '' ? [] : inner.split(',').map((param) => param.trim());
    i = Math.min(to + 1, end);
  }
  return {
    name,
    params,
    body: joinLines(text.slice(i, end)).trim(),
    at: directive.at,
    end,
    presence: conditionAt(conditionals, directive.at),
  };
}

/** Offset of a macro's replacement text; its name begins at or behind `directive.argument`. */
export function macroBodyAt(text: string, argument: number, end: number): number {
  let i = skipBlanks(text, argument, end);
  while (i < end && isWordCode(text.charCodeAt(i))) i++;
  if (text.charCodeAt(i) !== 40 || i >= end) return i;
  return Math.min(parenClose(text, i, end) + 1, end);
}

function parenClose(text: string, from: number, end: number): number {
  let i = from;
  while (i < end && text.charCodeAt(i) !== 41) i++;
  return i;
}

function skipBlanks(text: string, from: number, to: number): number {
  let i = from;
  while (i < to && (text.charCodeAt(i) <= 32 || text.charCodeAt(i) === 92)) i++;
  return i;
}

function isWordCode(code: number): boolean {
  return (
    code === 95 ||
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    (code >= 97 && code <= 122) ||
    code >= 128
  );
}

/** Line continuations become a space. */
function joinLines(text: string): string {
  return text.includes('\\') ? text.replaceAll('\\\r\n', ' ').replaceAll('\\\n', ' ') : text;
}

/** The guard that an item defines, `DEFINE_GUARD(name, …)` or a relative; null if it defines none. */
export function guardOf(scan: Scan, item: Item): GuardDefinition | null {
  const { text, tokens, conditionals } = scan;
  const { kinds, words, starts, ends } = tokens;
  let name = item.from;
  while (name < item.to && (W.isAttribute(words[name]!) || words[name] === W.STATIC)) name++;
  if (kinds[name] !== T.WORD || words[name] !== W.OTHER || kinds[name + 1] !== T.PAREN_OPEN) return null;
  const macro = text.slice(starts[name]!, ends[name]!);
  if (!isGuardMacro(macro)) return null;
  const close = closingParen(tokens, name + 1, item.to);
  const args = splitArguments(tokens, name + 1, close).map(([a, b]) => textOf(text, tokens, a, b));
  if (args.length === 0) return null;
  const at = starts[name]!;
  return {
    macro,
    name: args[0]!,
    args,
    at,
    end: ends[Math.min(close, item.to - 1)]!,
    presence: conditionAt(conditionals, at),
  };
}

/** `DEFINE_…`, `DECLARE_…` and `EXTEND_…` with GUARD, FREE or CLASS as a part of the name (include/linux/cleanup.h). */
function isGuardMacro(macro: string): boolean {
  const [first, ...parts] = macro.split('_');
  if (first !== 'DEFINE' && first !== 'EXTEND' && first !== 'DECLARE') return false;
  return parts.some((part) => part === 'GUARD' || part === 'FREE' || part === 'CLASS' || part === 'ACQUIRE');
}

function closingParen(tokens: T.Tokens, open: number, end: number): number {
  let depth = 0;
  for (let i = open; i < end; i++) {
    if (tokens.kinds[i] === T.PAREN_OPEN) depth++;
    else if (tokens.kinds[i] === T.PAREN_CLOSE && --depth === 0) return i;
  }
  return end;
}
