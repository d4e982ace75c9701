/**
 * Attributes and annotations among the words of a declaration.
 *
 * C allows few words next to each other: storage and qualifiers, one type, one declared name. What is too
 * much in such a run of words is an attribute, known or not, and is blanked.
 */
import { attributeScore } from './declarators.ts';
import type { Annotation } from './ir.ts';
import {
  argumentsOf,
  behind,
  blank,
  blankTokens,
  isAdjacent,
  makeWord,
  put,
  type Rewrite,
  wordText,
} from './rewrite.ts';
import * as T from './tokens.ts';
import * as W from './words.ts';

/** What remains of a run of adjacent words. */
export interface Run {
  /** The token behind the run. */
  readonly end: number;
  /** The last word of the run that was not blanked, or -1. */
  readonly last: number;
  /** Whether nothing but attributes was there. */
  readonly empty: boolean;
}

/** Where a run of words stands, which decides how many names it may hold. */
export type RunPlace = 'statement' | 'cast' | 'pointer' | 'bracket' | 'parameter' | 'other';

/**
 * Blanks the attribute at token `index` with its arguments, or notes and blanks an annotation. Returns the
 * token behind it, or -1 if the word is neither. A cleanup is an annotation only behind a declared name.
 */
export function takeAttribute(
  rewrite: Rewrite,
  index: number,
  limit: number,
  on: 'function' | 'variable',
): number {
  const { kinds, words } = rewrite.tokens;
  const word = words[index]!;
  const grouped = index + 1 < limit && kinds[index + 1] === T.PAREN_OPEN;
  if (W.isAttribute(word)) {
    if (isMember(rewrite, index)) return -1;
    const next =
      grouped && word === W.ATTRIBUTE_WITH_ARGUMENTS ? behind(rewrite, index + 1, limit) : index + 1;
    blankTokens(rewrite, index, next - 1);
    return next;
  }
  const before = kinds[index - 1];
  const behindName =
    index > 0 && (before === T.WORD || before === T.BRACKET_CLOSE || before === T.PAREN_CLOSE);
  if (word !== W.ANNOTATION && !(word === W.CLEANUP && grouped && behindName)) return -1;
  const next = grouped ? behind(rewrite, index + 1, limit) : index + 1;
  const annotation = annotationOf(rewrite, index, next);
  rewrite.annotations.push({
    ...annotation,
    on,
    variable: on === 'variable' ? nameBefore(rewrite, index) : null,
  });
  blankTokens(rewrite, index, next - 1);
  return next;
}

/** Whether a word stands behind `.` or `->`: a field may have any name. */
function isMember(rewrite: Rewrite, index: number): boolean {
  const { kinds } = rewrite.tokens;
  if (index === 0) return false;
  if (kinds[index - 1] === T.DOT) return kinds[index - 2] !== T.DOT;
  return kinds[index - 1] === 62 && kinds[index - 2] === 45 && isAdjacent(rewrite, index - 2);
}

function annotationOf(rewrite: Rewrite, index: number, next: number): Annotation {
  const { starts, ends } = rewrite.tokens;
  const args =
    next > index + 1
      ? argumentsOf(rewrite, index + 1).map(([a, b]) =>
          rewrite.text.slice(starts[a]!, ends[b - 1] ?? starts[a]!),
        )
      : [];
  return { name: wordText(rewrite, index), args, at: starts[index]!, end: ends[next - 1]! };
}

/** The nearest word in front of a token that is a name, array bounds skipped. */
function nameBefore(rewrite: Rewrite, index: number): string | null {
  const { kinds, words, partner } = rewrite.tokens;
  for (let i = index - 1; i >= 0; i--) {
    if (kinds[i] === T.BRACKET_CLOSE || kinds[i] === T.PAREN_CLOSE) {
      if (partner[i]! < 0) return null;
      i = partner[i]!;
    } else if (kinds[i] === T.WORD) {
      if (words[i] === W.OTHER || words[i] === W.CLEANUP) return wordText(rewrite, i);
    } else {
      return null;
    }
  }
  return null;
}

/** Makes `typeof(…)` one word. Returns the token behind it, or -1 if the word at `index` is none. */
export function takeTypeof(rewrite: Rewrite, index: number, limit: number): number {
  const { kinds, words } = rewrite.tokens;
  if (words[index] !== W.TYPEOF || kinds[index + 1] !== T.PAREN_OPEN || index + 1 >= limit) return -1;
  const next = behind(rewrite, index + 1, limit);
  makeWord(rewrite, index, next - 1, 'type');
  return next;
}

/**
 * Works through the run of words that begins at `index`: attributes in it and behind its last word are
 * blanked, annotations noted, `typeof(…)` made one word, and names beyond what C allows blanked, the most
 * attribute-like first.
 */
export function takeRun(
  rewrite: Rewrite,
  index: number,
  limit: number,
  place: RunPlace,
  on: 'function' | 'variable' = 'variable',
): Run {
  const { kinds, words } = rewrite.tokens;
  const names: number[] = [];
  const fixed: number[] = [];
  let typed = place === 'pointer';
  let last = -1;
  let auto = -1;
  let i = index;
  while (i < limit && kinds[i] === T.WORD) {
    const word = words[i]!;
    if (endsRun(word)) break;
    const taken = takeAttribute(rewrite, i, limit, on);
    if (taken >= 0) {
      i = taken;
      continue;
    }
    const type = takeTypeof(rewrite, i, limit);
    if (type >= 0) {
      typed = true;
      last = i;
      i = type;
      continue;
    }
    if (word === W.TAG) {
      typed = true;
      last = i;
      i++;
      i = takeTag(rewrite, i, limit, on);
      continue;
    }
    if (word === W.EXTENSION) {
      blankTokens(rewrite, i, i);
      i++;
      continue;
    }
    if (word === W.TYPE) {
      typed = true;
      if (wordText(rewrite, i) === '__signed__') put(rewrite, rewrite.tokens.starts[i]!, 'signed    ');
    } else if (W.canBeName(word)) {
      names.push(i);
    } else {
      if (word === W.STORAGE && wordText(rewrite, i) === 'auto') auto = i;
      fixed.push(i);
    }
    last = i;
    i++;
  }
  const empty = last < 0;
  if (auto >= 0 && !typed && names.length <= 1) {
    // C23's `auto name = value;`: the grammar wants a type.
    makeWord(rewrite, auto, auto, 'type');
    typed = true;
  }
  const dropped = dropExcess(rewrite, names, allowedNames(rewrite, i, typed, place));
  for (const name of dropped) {
    // The arguments of an unknown attribute go with it.
    if (name === i - 1 && kinds[i] === T.PAREN_OPEN && i < limit) {
      const next = behind(rewrite, i, limit);
      blankTokens(rewrite, i, next - 1);
      i = next;
    }
    blankTokens(rewrite, name, name);
    if (name === last) last = names.find((n) => !dropped.includes(n)) ?? fixed.at(-1) ?? index;
  }
  return { end: i, last, empty };
}

/** Behind `struct`: attributes, then the tag. */
function takeTag(rewrite: Rewrite, index: number, limit: number, on: 'function' | 'variable'): number {
  const { kinds, words } = rewrite.tokens;
  let i = index;
  while (i < limit && kinds[i] === T.WORD) {
    const taken = takeAttribute(rewrite, i, limit, on);
    if (taken < 0) break;
    i = taken;
  }
  return i < limit && kinds[i] === T.WORD && W.canBeName(words[i]!) ? i + 1 : i;
}

/** Words that cannot be part of a declaration's specifiers. */
function endsRun(word: number): boolean {
  return (
    W.isControl(word) ||
    word === W.SIZEOF ||
    word === W.ALIGNOF ||
    word === W.OFFSETOF ||
    word === W.ASM ||
    word === W.ASM_ALIAS ||
    word === W.GENERIC
  );
}

function allowedNames(rewrite: Rewrite, end: number, typed: boolean, place: RunPlace): number {
  const { kinds } = rewrite.tokens;
  const next = kinds[end];
  if (place === 'bracket') return 0;
  const types = typed ? 0 : 1;
  if (place === 'cast' && (next === T.PAREN_CLOSE || next === T.STAR)) return types;
  if (next === T.STAR) return types;
  if (next === T.PAREN_OPEN && kinds[end + 1] === T.STAR) return types;
  return types + 1;
}

/** Chooses which of the names go: those that look most like attributes; lower-case words stay. */
function dropExcess(rewrite: Rewrite, names: readonly number[], allowed: number): number[] {
  const excess = names.length - allowed;
  if (excess <= 0) return [];
  const { starts, ends } = rewrite.tokens;
  const scored = names
    .map((name) => ({ name, score: attributeScore(rewrite.text, starts[name]!, ends[name]!) }))
    .filter(({ score }) => score > 0);
  scored.sort((a, b) => b.score - a.score || a.name - b.name);
  return scored.slice(0, excess).map(({ name }) => name);
}

/** `asm_inline volatile (…)`: its name becomes `asm`. */
export function renameAsm(rewrite: Rewrite, index: number): void {
  const { starts, ends } = rewrite.tokens;
  put(rewrite, starts[index]!, 'asm');
  blank(rewrite, starts[index]! + 3, ends[index]!);
}

/**
 * Inline assembly that the grammar cannot read is reduced: a template made by macros becomes `""`, and
 * operands that are not `[name] "constraint" (value)` are blanked with it. Returns the token behind it.
 */
export function takeAsm(rewrite: Rewrite, index: number, limit: number): number {
  const { kinds, words, starts, ends } = rewrite.tokens;
  if (words[index] === W.ASM_ALIAS) renameAsm(rewrite, index);
  let open = index + 1;
  while (open < limit && kinds[open] === T.WORD) {
    if (wordText(rewrite, open) === '__volatile') blank(rewrite, starts[open]!, ends[open]!);
    open++;
  }
  if (kinds[open] !== T.PAREN_OPEN || open >= limit) return open;
  const next = behind(rewrite, open, limit);
  const close = next - 1;
  let colon = open + 1;
  while (colon < close && kinds[colon] !== T.COLON) colon++;
  const plainTemplate = isStrings(rewrite, open + 1, colon);
  const plainOperands = areOperands(rewrite, colon, close);
  if (plainTemplate && plainOperands) {
    takeCasts(rewrite, colon, close);
    return next;
  }
  const from = ends[open]!;
  const to = plainOperands ? ends[colon - 1]! : starts[close]!;
  if (!plainTemplate || !plainOperands) {
    const first = starts[open + 1]!;
    const at = ends[open + 1]! - first >= 2 ? first : roomFor(rewrite, from, to, 2);
    blank(rewrite, from, at);
    if (at + 2 <= to) {
      put(rewrite, at, '""');
      blank(rewrite, at + 2, to);
    }
  }
  if (plainOperands) takeCasts(rewrite, colon, close);
  return next;
}

/** Attributes in the casts of operands. */
function takeCasts(rewrite: Rewrite, from: number, to: number): void {
  for (let i = from; i < to; ) {
    const taken = takeAttribute(rewrite, i, to, 'variable');
    const next = taken < 0 ? takeTypeof(rewrite, i, to) : taken;
    i = next < 0 ? i + 1 : next;
  }
}

/** The first offset in `[from, to)` at which `count` characters stand before a newline. */
function roomFor(rewrite: Rewrite, from: number, to: number, count: number): number {
  let at = from;
  for (let i = from; i < to && i < at + count; i++) if (rewrite.text.charCodeAt(i) === 10) at = i + 1;
  return at;
}

function isStrings(rewrite: Rewrite, from: number, to: number): boolean {
  const { kinds } = rewrite.tokens;
  let strings = 0;
  for (let i = from; i < to; i++) {
    if (kinds[i] === T.STRING) strings++;
    else if (kinds[i] !== T.WORD) return false;
  }
  return strings > 0;
}

/** Whether `[from, to)` is `: [name] "constraint" (value), … : …`, clobbers and labels included. */
function areOperands(rewrite: Rewrite, from: number, to: number): boolean {
  const { kinds, partner } = rewrite.tokens;
  let section = 0;
  let i = from;
  while (i < to) {
    if (kinds[i] === T.COLON || kinds[i] === T.COMMA) {
      if (kinds[i] === T.COLON) section++;
      i++;
    } else if (section > 2) {
      // Clobbers are strings, the labels of `asm goto` are words.
      if (kinds[i] !== (section === 3 ? T.STRING : T.WORD)) return false;
      i++;
    } else {
      if (kinds[i] === T.BRACKET_OPEN) i = (partner[i]! < 0 ? to : partner[i]!) + 1;
      if (kinds[i] !== T.STRING || kinds[i + 1] !== T.PAREN_OPEN || partner[i + 1]! < 0) return false;
      i = partner[i + 1]! + 1;
    }
  }
  return true;
}
