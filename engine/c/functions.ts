/** Definitions and declarations of functions, made from the items of a file. */
import type { Condition } from './condition.ts';
import { collectSymbols } from './conditions.ts';
import { attributeScore, closing, type Declarator, splitArguments, textOf } from './declarators.ts';
import { conditionAt } from './directives.ts';
import type { Annotation } from './ir.ts';
import type { Item, Scan } from './items.ts';
import * as T from './tokens.ts';
import type { FunctionSource, Prototype } from './unit.ts';
import * as W from './words.ts';

/**
 * Macros whose arguments are the name, then type and name of each parameter: `SYSCALL_DEFINE2(kill, pid_t,
 * pid, int, sig)`. `prefix` is what the kernel puts in front of the name, `returns` its type
 * (include/linux/syscalls.h, include/linux/compat.h, include/linux/filter.h).
 */
const PAIR_MACROS: readonly { readonly word: string; readonly prefix: string; readonly returns: string }[] = [
  { word: 'COMPAT_SYSCALL_DEFINE', prefix: 'compat_sys_', returns: 'long' },
  { word: 'SYSCALL_DEFINE', prefix: 'sys_', returns: 'long' },
  { word: 'BPF_CALL_', prefix: '', returns: 'u64' },
];

/** How the tokens in front of a body make a function. */
export type Shape =
  /** `type name(parameters)`, the usual. */
  | { readonly kind: 'plain' }
  /** `name(parameters)` without a type, or with attributes alone. */
  | { readonly kind: 'untyped' }
  /** `SYSCALL_DEFINE2(name, type, parameter, …)`. */
  | { readonly kind: 'pairs'; readonly prefix: string; readonly returns: string }
  /** `DEFINE_SOMETHING(name, …)`. */
  | { readonly kind: 'made' };

/** Decides how the definition `[from, …)` with this declarator is written. */
export function shapeOf(text: string, tokens: T.Tokens, from: number, declarator: Declarator): Shape {
  const { kinds, words, starts, ends } = tokens;
  const macro = text.slice(starts[declarator.name]!, ends[declarator.name]!);
  const pair = PAIR_MACROS.find(({ word }) => macro.includes(word));
  if (pair !== undefined) return { kind: 'pairs', prefix: pair.prefix, returns: pair.returns };
  for (let i = from; i < declarator.name; i++) {
    if (kinds[i] !== T.WORD) {
      // A group in front of the name belongs to an attribute, or to a macro that stands for a type.
      if (kinds[i] === T.PAREN_OPEN) i = closing(tokens, i, declarator.name);
      else if (kinds[i] === T.STAR) return { kind: 'plain' };
      continue;
    }
    const word = words[i]!;
    if (word === W.TYPE || word === W.TAG || word === W.TYPEOF) return { kind: 'plain' };
    // Even `__like_this`, if it is not a known attribute, must be the type: something has to be.
    if (word === W.OTHER && kinds[i + 1] !== T.PAREN_OPEN) return { kind: 'plain' };
  }
  const args = splitArguments(tokens, declarator.open, declarator.close);
  const parameters = args.every(([a, b]) => b - a !== 1 || kinds[a] === T.DOT || words[a] === W.TYPE);
  const shouted = attributeScore(text, starts[declarator.name]!, ends[declarator.name]!) === 1;
  return parameters && !(shouted && args.length === 0) ? { kind: 'untyped' } : { kind: 'made' };
}

/** The function that an item defines; null if the item is not a definition. */
export function functionOf(scan: Scan, item: Item): FunctionSource | null {
  const { declarator } = item;
  if (declarator === null || item.open < 0) return null;
  const { text, tokens, conditionals } = scan;
  const { starts, ends } = tokens;
  const shape = shapeOf(text, tokens, item.from, declarator);
  const macro = text.slice(starts[declarator.name]!, ends[declarator.name]!);
  let name = macro;
  let nameAt = starts[declarator.name]!;
  if (shape.kind === 'pairs' || shape.kind === 'made') {
    const first = splitArguments(tokens, declarator.open, declarator.close).find(
      ([a, b]) => b === a + 1 && tokens.kinds[a] === T.WORD,
    );
    if (first !== undefined) {
      nameAt = starts[first[0]]!;
      name = (shape.kind === 'pairs' ? shape.prefix : '') + text.slice(nameAt, ends[first[0]]!);
    }
  }
  let isStatic = false;
  let isInline = false;
  for (let i = item.from; i < declarator.name; i++) {
    const word = tokens.words[i]!;
    if (word === W.STATIC) isStatic = true;
    else if (word === W.INLINE || word === W.ALWAYS_INLINE) isInline = true;
  }
  const at = starts[item.from]!;
  const body = usesOf(scan, item);
  return {
    name,
    nameAt,
    at,
    end: ends[item.to - 1]!,
    bodyAt: starts[item.open]!,
    presence: conditionAt(conditionals, starts[declarator.name]!),
    symbols: body.symbols,
    calls: body.calls,
    isStatic,
    isInline,
    definedBy: name === macro ? 'function' : macro,
    annotations: annotationsIn(scan, item.from, item.open),
    ...(item.cut ? { truncated: 'end' as const } : {}),
  };
}

/** What the tokens `[item.open, item.to)` call, and the symbols tested from `item.from` on. */
export function usesOf(
  scan: Scan,
  item: Pick<Item, 'from' | 'open' | 'to'>,
): { symbols: string[]; calls: string[] } {
  const { text, tokens, conditionals } = scan;
  const { kinds, words, starts, ends } = tokens;
  const calls = new Set<string>();
  const symbols = new Set<string>();
  for (let i = item.open + 1; i < item.to; i++) {
    if (kinds[i] !== T.PAREN_OPEN || kinds[i - 1] !== T.WORD) continue;
    if (words[i - 1] === W.OTHER) calls.add(text.slice(starts[i - 1]!, ends[i - 1]!));
    if (words[i + 1] === W.CONFIG) symbols.add(text.slice(starts[i + 1]!, ends[i + 1]!));
  }
  const { directives, branchOf } = conditionals;
  // Directives are few: a binary search for the first one keeps this linear in their number.
  let index = directives.length === 0 ? 0 : firstAtOrBehind(directives, starts[item.from]!);
  for (; index < directives.length && directives[index]!.token < item.to; index++) {
    const branch = branchOf[index];
    if (branch) collectSymbols(branch.test, symbols);
  }
  return { symbols: [...symbols].sort(), calls: [...calls].sort() };
}

/** The index of the first directive that begins at or behind an offset. */
export function firstAtOrBehind(directives: readonly T.Directive[], offset: number): number {
  let low = 0;
  let high = directives.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (directives[middle]!.at < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The meaningful annotations among the tokens `[from, to)`. */
export function annotationsIn(scan: Scan, from: number, to: number): Annotation[] {
  const { tokens } = scan;
  const found: Annotation[] = [];
  for (let i = from; i < to; i++) {
    if (tokens.words[i] === W.ANNOTATION) found.push(annotationAt(scan.text, tokens, i, to));
  }
  return found;
}

/** The annotation whose name is token `index`, with its arguments. */
export function annotationAt(text: string, tokens: T.Tokens, index: number, limit: number): Annotation {
  const { kinds, starts, ends } = tokens;
  const name = text.slice(starts[index]!, ends[index]!);
  const at = starts[index]!;
  if (kinds[index + 1] !== T.PAREN_OPEN || index + 1 >= limit) {
    return { name, args: [], at, end: ends[index]! };
  }
  const close = closing(tokens, index + 1, limit);
  const args = splitArguments(tokens, index + 1, close).map(([a, b]) => textOf(text, tokens, a, b));
  return { name, args, at, end: ends[Math.min(close, limit - 1)]! };
}

/** The function that an item without braces declares; null if it declares none. */
export function prototypeOf(scan: Scan, item: Item, declarator: Declarator): Prototype | null {
  const { text, tokens, conditionals } = scan;
  if (tokens.words[item.from] === W.TYPEDEF) return null;
  if (shapeOf(text, tokens, item.from, declarator).kind !== 'plain') return null;
  const at = tokens.starts[item.from]!;
  return {
    name: text.slice(tokens.starts[declarator.name]!, tokens.ends[declarator.name]!),
    at,
    end: tokens.ends[item.to - 1]!,
    annotations: annotationsIn(scan, item.from, item.to),
    presence: conditionAt(conditionals, at),
  };
}

/** The condition at a token. */
export function presenceAt(scan: Scan, token: number): Condition {
  return conditionAt(scan.conditionals, scan.tokens.starts[token]!);
}
