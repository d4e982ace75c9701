/** The part of a function in front of its body. */
import { attributeScore, type Declarator, findDeclarator } from './declarators.ts';
import { type Shape, shapeOf } from './functions.ts';
import { argumentsOf, behind, blank, blankTokens, makeWord, put, type Rewrite } from './rewrite.ts';
import { takeAttribute, takeRun, takeTypeof } from './rewrite-words.ts';
import * as T from './tokens.ts';
import * as W from './words.ts';

/** Rewrites the tokens `[0, body)` so that they read `type name(parameters)`. */
export function rewriteSignature(rewrite: Rewrite, body: number): void {
  const { tokens, text } = rewrite;
  const declarator = findDeclarator(text, tokens, 0, body);
  if (declarator === null) return;
  const shape = shapeOf(text, tokens, 0, declarator);
  switch (shape.kind) {
    case 'plain':
      rewritePrefix(rewrite, declarator);
      rewriteParameters(rewrite, declarator.open, declarator.close, 'parameter');
      break;
    case 'untyped':
      rewritePrefix(rewrite, declarator);
      giveType(rewrite, declarator.name, 'int');
      rewriteParameters(rewrite, declarator.open, declarator.close, 'parameter');
      break;
    case 'pairs':
      rewritePrefix(rewrite, declarator);
      rewritePairs(rewrite, declarator, shape);
      break;
    case 'made':
      rewritePrefix(rewrite, declarator);
      giveType(rewrite, declarator.name, 'void');
      blank(rewrite, tokens.ends[declarator.open]!, tokens.starts[declarator.close]!);
      break;
  }
  rewriteSuffix(rewrite, declarator.close + 1, body);
}

/**
 * A signature of which the beginning is missing, `b, struct foo *c)`: its parameters are rewritten. Returns what has
 * to stand in front of it.
 */
export function rewriteCutSignature(rewrite: Rewrite, body: number): string {
  const { kinds, words, partner } = rewrite.tokens;
  let close = 0;
  while (close < body && !(kinds[close] === T.PAREN_CLOSE && partner[close]! < 0)) close++;
  rewriteParameters(rewrite, -1, close, 'parameter');
  rewriteSuffix(rewrite, close + 1, body);
  if (kinds[0] === T.PAREN_CLOSE) return 'void _(';
  if (kinds[0] === T.COMMA) return 'void _(int _';
  // The first parameter may lack its type: then it begins with its name.
  const typed = kinds[0] === T.WORD && (words[0] !== W.OTHER || kinds[1] === T.WORD || kinds[1] === T.STAR);
  return typed ? 'void _(' : 'void _(int ';
}

/**
 * In front of the name: attributes go. The names that remain are at most one, the type, if no type keyword
 * is there; a macro with arguments stands for the type only if nothing else does.
 */
function rewritePrefix(rewrite: Rewrite, declarator: Declarator): void {
  const { kinds, words, starts, ends } = rewrite.tokens;
  const end = declarator.name;
  const names: { index: number; next: number; score: number }[] = [];
  let typed = false;
  let i = 0;
  while (i < end) {
    if (kinds[i] !== T.WORD) {
      i++;
      continue;
    }
    const taken = takeAttribute(rewrite, i, end, 'function');
    const next = taken >= 0 ? taken : takeTypeof(rewrite, i, end);
    if (next >= 0) {
      typed ||= taken < 0;
      i = next;
      continue;
    }
    const word = words[i]!;
    if (word === W.TAG) {
      typed = true;
      i++;
      while (i < end && W.isAttribute(words[i]!)) i = takeAttribute(rewrite, i, end, 'function');
    } else if (word === W.TYPE) {
      typed = true;
    } else if (word === W.EXTENSION) {
      blankTokens(rewrite, i, i);
    } else if (word === W.OTHER) {
      const grouped = kinds[i + 1] === T.PAREN_OPEN && kinds[i + 2] !== T.STAR;
      const after = grouped ? behind(rewrite, i + 1, end) : i + 1;
      const score = attributeScore(rewrite.text, starts[i]!, ends[i]!) + (grouped ? 3 : 0);
      names.push({ index: i, next: after, score });
      i = after;
      continue;
    }
    i++;
  }
  const allowed = typed ? 0 : 1;
  names.sort((a, b) => b.score - a.score || a.index - b.index);
  for (const { index, next } of names.slice(0, Math.max(0, names.length - allowed))) {
    blankTokens(rewrite, index, next - 1);
  }
  for (const { index, next } of names.slice(Math.max(0, names.length - allowed))) {
    if (next > index + 1) makeWord(rewrite, index, next - 1, 'type');
  }
}

/** Parameter declarations between parentheses, nested ones included. */
function rewriteParameters(rewrite: Rewrite, open: number, close: number, place: 'parameter' | 'cast'): void {
  const { kinds } = rewrite.tokens;
  let i = open + 1;
  while (i < close) {
    if (kinds[i] !== T.WORD) {
      i++;
      continue;
    }
    const before = kinds[i - 1];
    const at =
      before === T.STAR
        ? 'pointer'
        : before === T.BRACKET_CLOSE || before === T.PAREN_CLOSE
          ? 'bracket'
          : place;
    i = Math.max(takeRun(rewrite, i, close, at).end, i + 1);
  }
}

/** `SYSCALL_DEFINE2(name, type, parameter, …)` becomes `long name(type parameter, …)`, each word in its place. */
function rewritePairs(rewrite: Rewrite, declarator: Declarator, shape: Shape & { kind: 'pairs' }): void {
  const { starts, ends } = rewrite.tokens;
  const args = argumentsOf(rewrite, declarator.open);
  const macro = declarator.name;
  if (args.length < 3) {
    giveType(rewrite, macro, shape.returns);
    blank(rewrite, ends[declarator.open]!, starts[declarator.close]!);
    return;
  }
  put(rewrite, starts[macro]!, shape.returns);
  blank(rewrite, starts[macro]! + shape.returns.length, ends[declarator.open]!);
  put(rewrite, starts[args[0]![1]]!, '(');
  for (let k = 1; k < args.length; k++) {
    const comma = args[k]![1];
    if (k % 2 === 1 && k + 1 < args.length) blankTokens(rewrite, comma, comma);
    rewriteRange(rewrite, args[k]!, k % 2 === 1 ? 'cast' : 'parameter');
  }
}

function rewriteRange(rewrite: Rewrite, [from, to]: [number, number], place: 'cast' | 'parameter'): void {
  const { kinds } = rewrite.tokens;
  let i = from;
  while (i < to) {
    if (kinds[i] === T.WORD)
      i = Math.max(takeRun(rewrite, i, to, kinds[i - 1] === T.STAR ? 'pointer' : place).end, i + 1);
    else i++;
  }
}

/** Puts a type where there is none: into blanked attributes in front of the name, else into the name itself. */
function giveType(rewrite: Rewrite, name: number, type: string): void {
  const { starts, ends } = rewrite.tokens;
  const at = starts[name]!;
  const room = ends[name]! - at;
  const index = rewrite.edits.findIndex((e) => e.text === null && e.end <= at && e.end - e.at > type.length);
  const edit = rewrite.edits[index];
  if (edit !== undefined && !rewrite.text.slice(edit.at, edit.end).includes('\n')) {
    rewrite.edits[index] = { at: edit.at, end: edit.end, text: type.padEnd(edit.end - edit.at) };
  } else if (room > type.length + 1) {
    put(rewrite, at, `${type} `);
  } else if (room > 2) {
    put(rewrite, at, 'T ');
  }
}

/** Behind the parameters: annotations and attributes; a bracket of an outer declarator stays. */
function rewriteSuffix(rewrite: Rewrite, from: number, body: number): void {
  const { kinds } = rewrite.tokens;
  let i = from;
  while (i < body) {
    if (kinds[i] !== T.WORD) {
      // The parameters of a function pointer that the function returns.
      if (kinds[i] === T.PAREN_OPEN && kinds[i - 1] === T.PAREN_CLOSE) {
        const next = behind(rewrite, i, body);
        rewriteParameters(rewrite, i, next - 1, 'parameter');
        i = next;
      } else {
        i++;
      }
      continue;
    }
    const taken = takeAttribute(rewrite, i, body, 'function');
    if (taken >= 0) {
      i = taken;
      continue;
    }
    const next = kinds[i + 1] === T.PAREN_OPEN && i + 1 < body ? behind(rewrite, i + 1, body) : i + 1;
    blankTokens(rewrite, i, next - 1);
    i = next;
  }
}
