/** Macros at the beginning of a statement that are more than a call: iterators, guards, declarations. */

import {
  applyEdits,
  argumentsOf,
  blank,
  blankTokens,
  isAdjacent,
  newRewrite,
  put,
  type Rewrite,
  spanOf,
  wordText,
} from './rewrite.ts';
import { isInitialiser } from './rewrite-arguments.ts';
import type { GuardUse, IteratorUse } from './slice.ts';
import * as T from './tokens.ts';
import * as W from './words.ts';

/**
 * Handles `name(…)` at the beginning of a statement, `index` being the name. Returns true if a statement
 * follows the closing parenthesis: the name became `while`, or a missing semicolon was put in.
 */
export function takeStatementMacro(rewrite: Rewrite, index: number): boolean {
  const { kinds, words, partner } = rewrite.tokens;
  const open = index + 1;
  const close = partner[open]!;
  if (close < 0) return false;
  switch (words[index]) {
    case W.GUARD:
    case W.CLASS:
      takeGuard(rewrite, index, open, close);
      return false;
    case W.SCOPED_GUARD:
    case W.SCOPED_COND_GUARD:
    case W.SCOPED_CLASS:
      takeScoped(rewrite, index, open, close);
      return true;
  }
  if (!hasBody(rewrite, index, close)) {
    if (isUnfinished(rewrite, close)) {
      if (!endStatement(rewrite, close)) {
        put(rewrite, rewrite.tokens.starts[open]!, open + 1 === close ? ' ' : ',');
        put(rewrite, rewrite.tokens.starts[close]!, ';');
      }
      return true;
    }
    // `DECLARE_BITMAP(map, 8) = { … };`: the initialiser of a declaration that looks like a call.
    if (kinds[close + 1] === T.ASSIGN && kinds[close + 2] === T.BRACE_OPEN && partner[close + 2]! > 0) {
      if (isInitialiser(rewrite, close + 2, rewrite.tokens.count)) {
        blankTokens(rewrite, close + 1, partner[close + 2]!);
      }
    }
    return false;
  }
  takeIterator(rewrite, index, open, close);
  return true;
}

/**
 * Whether `name(type) variable;` is a declaration: one argument, which is a type, and a declarator behind. `open` is
 * the parenthesis.
 */
export function isTypeMacro(rewrite: Rewrite, open: number): boolean {
  const { kinds, words, partner } = rewrite.tokens;
  const close = partner[open]!;
  if (close < 0) return false;
  if (kinds[open + 1] !== T.WORD || !W.beginsType(words[open + 1]!)) return false;
  if (kinds[close + 1] !== T.WORD || words[close + 1] !== W.OTHER) return false;
  const next = kinds[close + 2]!;
  if (next !== T.SEMICOLON && next !== T.ASSIGN && next !== T.COMMA && next !== T.BRACKET_OPEN) return false;
  return argumentsOf(rewrite, open).length === 1;
}

/** Whether what follows `name(…)` can only be the statement that the macro runs. */
function hasBody(rewrite: Rewrite, index: number, close: number): boolean {
  const { kinds, words } = rewrite.tokens;
  const next = kinds[close + 1]!;
  if (next === T.BRACE_OPEN) return true;
  if (next === T.WORD) {
    const word = words[close + 1]!;
    if (isNextStatement(rewrite, index, close)) return false;
    // An attribute of a declaration, as in `DECLARE_WAITQUEUE(name, x) __maybe_unused;`.
    return word !== W.ELSE && !W.isAttribute(word) && word !== W.CLEANUP && word !== W.ANNOTATION;
  }
  if (next === T.STAR || next === T.PAREN_OPEN || next === 43 || next === 45) {
    // `for_each_x(i) *p++ = 0;`, where an operator could also go on with an expression.
    return wordText(rewrite, index).includes('for_each');
  }
  return next === T.SEMICOLON && endsDo(rewrite, index);
}

/** Whether a macro stands for the `while (…)` of a do statement: `do { … } for_each_x(a, b);`. */
function endsDo(rewrite: Rewrite, index: number): boolean {
  const { kinds, words, partner } = rewrite.tokens;
  if (index === 0 || kinds[index - 1] !== T.BRACE_CLOSE || partner[index - 1]! < 1) return false;
  return words[partner[index - 1]! - 1] === W.DO;
}

/**
 * Whether the word behind `name(…)` begins a statement of its own: on a later line, and not indented
 * deeper. Macros like `endfor_x(y)` are written without a semicolon.
 */
function isNextStatement(rewrite: Rewrite, index: number, close: number): boolean {
  const { starts, ends } = rewrite.tokens;
  const { text } = rewrite;
  const name = wordText(rewrite, index);
  if (name.includes('for_each')) return false;
  // `N(UP) N(DOWN)`: a list made by one macro.
  if (wordText(rewrite, close + 1) === name) return true;
  let newline = starts[close + 1]! - 1;
  while (newline >= ends[close]! && text.charCodeAt(newline) !== 10) newline--;
  if (newline < ends[close]!) return false;
  return starts[close + 1]! - newline - 1 <= indentation(text, starts[index]!);
}

/** How far the line of an offset is indented, in characters. Lines beyond reason are not indented code. */
function indentation(text: string, offset: number): number {
  let at = offset;
  while (at > 0 && offset - at < 2000 && text.charCodeAt(at - 1) !== 10) at--;
  let i = at;
  while (i < offset && (text.charCodeAt(i) === 9 || text.charCodeAt(i) === 32)) i++;
  return i - at;
}

/** Whether a macro that ends at token `last` is followed by a brace or word that cannot go on with it. */
function isUnfinished(rewrite: Rewrite, last: number): boolean {
  const { kinds, words } = rewrite.tokens;
  const word = words[last + 1]!;
  if (kinds[last + 1] === T.BRACE_CLOSE) return true;
  return kinds[last + 1] === T.WORD && !W.isAttribute(word) && word !== W.CLEANUP;
}

/**
 * Puts a semicolon behind token `last`, for a macro that is written without one; false if there is no room:
 * neither a blank in front of the next token nor a comment or blank behind this one.
 */
export function endStatement(rewrite: Rewrite, last: number): boolean {
  const { starts, ends } = rewrite.tokens;
  const { text } = rewrite;
  const from = ends[last]!;
  const next = starts[last + 1]!;
  if (next === from) return false;
  const before = text.charCodeAt(next - 1);
  if (before === 32 || before === 9) {
    put(rewrite, next - 1, ';');
    return true;
  }
  for (let at = from; at < next; at++) {
    const code = text.charCodeAt(at);
    if (code === 10) return false;
    if (code !== 32 && code !== 9 && code !== 47) continue;
    put(rewrite, at, ';');
    if (code === 47) blank(rewrite, at + 1, Math.min(commentEnd(text, at), next));
    return true;
  }
  return false;
}

function commentEnd(text: string, at: number): number {
  const block = text.charCodeAt(at + 1) === 42;
  const end = text.indexOf(block ? '*/' : '\n', at + 1);
  if (end < 0) return text.length;
  return block ? end + 2 : end;
}

/** Turns the name at `index` into `while` or, where it is too short, `if`. */
function putKeyword(rewrite: Rewrite, index: number, open: number): void {
  const { starts } = rewrite.tokens;
  const at = starts[index]!;
  const room = starts[open]! - at;
  const newline = rewrite.text.slice(at, starts[open]!).includes('\n');
  const keyword = room >= 5 && !newline ? 'while' : 'if';
  const word = rewrite.tokens.ends[index]! - at;
  if (word < keyword.length) return;
  put(rewrite, at, keyword);
  blank(rewrite, at + keyword.length, starts[open]!);
}

function takeIterator(rewrite: Rewrite, index: number, open: number, close: number): void {
  const { starts, ends } = rewrite.tokens;
  const name = wordText(rewrite, index);
  const args = argumentsOf(rewrite, open);
  const at = starts[index]!;
  const end = ends[close]!;
  if (args.length > 0) {
    putKeyword(rewrite, index, open);
  } else if (end - at >= 8 && ends[index]! - at >= 6) {
    // The condition stands where there is room: behind the keyword, or in place of the parenthesis.
    const roomy = ends[index]! - at > 6;
    put(rewrite, at, roomy ? 'while(1' : 'while(');
    blank(rewrite, at + (roomy ? 7 : 6), roomy ? starts[close]! : starts[open]!);
    if (!roomy) {
      put(rewrite, starts[open]!, '1');
      blank(rewrite, ends[open]!, starts[close]!);
    }
  } else if (end - at >= 5) {
    put(rewrite, at, 'if(1');
    blank(rewrite, at + 4, starts[close]!);
  }
  const iterator: IteratorUse = {
    name,
    args: args.map((arg) => spanOf(rewrite, arg)),
    runs: runsOf(rewrite, name),
    at,
    end,
  };
  rewrite.iterators.push(iterator);
}

function runsOf(rewrite: Rewrite, name: string): 'loop' | 'once' {
  const local = rewrite.macroRuns(name);
  if (local !== null) return local;
  return name.includes('scoped_') || name.startsWith('with_') || name.startsWith('if_') ? 'once' : 'loop';
}

/** `guard(class)(args)`, `CLASS(class, variable)(args)`: noted; the text stays a call of a call. */
function takeGuard(rewrite: Rewrite, index: number, open: number, close: number): void {
  const { kinds, partner, starts, ends, words } = rewrite.tokens;
  if (kinds[close + 1] !== T.PAREN_OPEN || partner[close + 1]! < 0) return;
  const head = argumentsOf(rewrite, open).map((range) => textOfRange(rewrite, range));
  const isClass = words[index] === W.CLASS;
  const use: GuardUse = {
    form: isClass ? 'class' : 'guard',
    macro: wordText(rewrite, index),
    guardClass: head[0] ?? '',
    variable: isClass ? (head[1] ?? null) : null,
    args: argumentsOf(rewrite, close + 1).map((arg) => spanOf(rewrite, arg)),
    failure: null,
    at: starts[index]!,
    end: ends[partner[close + 1]!]!,
  };
  rewrite.guards.push(use);
}

/** `scoped_guard(class, args) stmt` and relatives become `while (class, args) stmt`. */
function takeScoped(rewrite: Rewrite, index: number, open: number, close: number): void {
  const { starts, ends, words } = rewrite.tokens;
  const args = argumentsOf(rewrite, open);
  putKeyword(rewrite, index, open);
  const word = words[index];
  const isClass = word === W.SCOPED_CLASS;
  const conditional = word === W.SCOPED_COND_GUARD;
  const failureRange = conditional ? args[1] : undefined;
  const use: GuardUse = {
    form: conditional ? 'conditional' : 'scoped',
    macro: wordText(rewrite, index),
    guardClass: args[0] === undefined ? '' : textOfRange(rewrite, args[0]),
    variable: isClass && args[1] !== undefined ? textOfRange(rewrite, args[1]) : null,
    args: args.slice(conditional || isClass ? 2 : 1).map((arg) => spanOf(rewrite, arg)),
    failure: failureRange === undefined ? null : takeFailure(rewrite, failureRange),
    at: starts[index]!,
    end: ends[close]!,
  };
  rewrite.guards.push(use);
}

function takeFailure(rewrite: Rewrite, range: readonly [number, number]): GuardUse['failure'] {
  const { starts, tokens } = { starts: rewrite.tokens.starts, tokens: rewrite.tokens };
  const [from, to] = range;
  const span = spanOf(rewrite, range);
  // Comments may hold anything: what is kept is tokens alone.
  const inner = newRewrite(rewrite.text, tokens, rewrite.macroRuns);
  let done = span.at;
  for (let i = from; i < to; i++) {
    blank(inner, done, starts[i]!);
    done = tokens.ends[i]!;
  }
  const text = applyEdits(rewrite.text, span.at, span.end, inner.edits);
  // With the comma behind it (or, for the last argument, the one in front of it).
  const behind = tokens.kinds[to] === T.COMMA ? tokens.ends[to]! : span.end;
  const front = tokens.kinds[to] === T.COMMA ? span.at : starts[from - 1]!;
  blank(rewrite, front, behind);
  return { ...span, text };
}

function textOfRange(rewrite: Rewrite, [from, to]: readonly [number, number]): string {
  const { starts, ends } = rewrite.tokens;
  return from < to ? rewrite.text.slice(starts[from]!, ends[to - 1]!) : '';
}

/**
 * `case low ... high:` reads `case low || high:`. Returns the token index of the colon, or -1 if there is
 * none before the statement ends.
 */
export function takeCase(rewrite: Rewrite, index: number, limit: number): number {
  const { kinds, words, partner, starts, ends } = rewrite.tokens;
  let conditional = 0;
  for (let i = index + 1; i < limit; i++) {
    const kind = kinds[i]!;
    if (kind === T.COLON) {
      if (conditional-- === 0) return i;
    } else if (kind === 63) {
      conditional++;
    } else if (kind === T.SEMICOLON || kind === T.BRACE_CLOSE || kind === T.BRACE_OPEN) {
      return -1;
    } else if (kind === T.WORD && W.isControl(words[i]!)) {
      return -1;
    } else if (kind === T.DOT && kinds[i + 1] === T.DOT && kinds[i + 2] === T.DOT && isAdjacent(rewrite, i)) {
      const at = starts[i]!;
      put(rewrite, at, ' ||');
      rewrite.caseRanges.push({ at, end: ends[i + 2]! });
      i += 2;
    } else if (partner[i]! > i) {
      i = partner[i]!;
    }
  }
  return -1;
}

/** `label: }` needs a statement: a semicolon is put into the room in front of the brace, if there is any. */
export function fillLabel(rewrite: Rewrite, colon: number): void {
  if (rewrite.tokens.kinds[colon + 1] === T.BRACE_CLOSE) endStatement(rewrite, colon);
}
