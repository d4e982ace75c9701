/**
 * Completing the text of a function that a fragment shows in part: openers for the brackets that close without
 * having been opened, closers for those that stay open.
 */
import type { ActiveTokens } from './active-tokens.ts';
import { BLOCK, CALL, CONTROL, GROUP, INITIALISER, type Outer } from './rewrite-body.ts';
import * as T from './tokens.ts';
import * as W from './words.ts';

export interface Completion {
  /** What has to stand in front of the text, without the function's own head. */
  readonly prefix: string;
  /** Brackets that are open where the text begins, outermost first. */
  readonly outer: readonly Outer[];
  /** How many of the tokens are kept: a statement that is cut off at the end is left out. */
  readonly limit: number;
  /** What has to stand behind the last token that is kept. */
  readonly suffix: string;
}

interface Opener {
  readonly text: string;
  readonly meaning: number;
  readonly closer: number;
}

/**
 * How to complete the tokens `[from, count)`. `start`: the function's beginning is missing, its own brace included.
 * `end`: its end is missing. Where control would leave the text that is shown, it is made to stay for ever
 * (`for (;;);`), so that nothing is concluded from falling off the end.
 */
export function complete(
  text: string,
  tokens: ActiveTokens,
  from: number,
  start: boolean,
  end: boolean,
): Completion {
  const { kinds, partner, count } = tokens;
  const limit = end ? lastBoundary(tokens, from) : count;
  const openers: Opener[] = [];
  let level = from;
  if (start) {
    for (let i = from; i < limit; i++) {
      if (isClosing(kinds[i]!) && partner[i]! < 0) {
        openers.push(openerFor(text, tokens, level, i, !end && i === count - 1));
        level = i + 1;
      } else if (partner[i]! > i) {
        i = partner[i]!;
      }
    }
  }
  const designated = openers[0]?.meaning === INITIALISER && kinds[from] === T.DOT;
  let prefix = start && !designated ? leading(tokens, from) : '';
  for (const { text: opener } of openers) prefix = opener + prefix;
  let suffix = '';
  if (end) {
    const open = openBraces(tokens, from, limit);
    for (const brace of open) suffix += `for(;;);}${isDo(tokens, brace) ? 'while(1);' : ''}`;
    if (start) {
      // The function's own brace, and that of a switch whose cases stand at the outermost level.
      const cases = hasCases(tokens, level, limit);
      prefix = `{${cases ? 'switch(_){' : ''}${prefix}`;
      suffix += cases ? 'for(;;);}for(;;);}' : 'for(;;);}';
    }
  }
  const outer = openers.map(({ meaning, closer }) => ({ meaning, closer })).reverse();
  return { prefix, outer, limit, suffix };
}

/** The opener for the closing bracket at `i`; the tokens `[level, i)` stand on the level that it closes. */
function openerFor(text: string, tokens: ActiveTokens, level: number, i: number, own: boolean): Opener {
  const { kinds, words } = tokens;
  const next = i + 1 < tokens.count ? kinds[i + 1]! : T.END;
  if (kinds[i] === T.BRACKET_CLOSE) return { text: '_[', meaning: GROUP, closer: i };
  if (kinds[i] === T.PAREN_CLOSE) {
    const control = next === T.BRACE_OPEN || (next === T.WORD && words[i + 1] !== W.OTHER);
    const semicolons = semicolonsIn(tokens, level, i);
    if (semicolons > 0) {
      return { text: semicolons === 1 ? 'for(_;' : 'for(', meaning: CONTROL, closer: i };
    }
    const statement = control || (next === T.WORD && hasNewline(text, tokens, i));
    return statement
      ? { text: 'if(', meaning: CONTROL, closer: i }
      : { text: '_(', meaning: CALL, closer: i };
  }
  const cases = hasCases(tokens, level, i) ? 'switch(_){' : '';
  if (own) return { text: `{${cases === '' ? '' : cases}`, meaning: BLOCK, closer: i };
  if (next === T.WORD && words[i + 1] === W.ELSE) return { text: 'if(_){', meaning: BLOCK, closer: i };
  if (next === T.WORD && words[i + 1] === W.WHILE && endsWithSemicolon(tokens, i + 2)) {
    return { text: 'do{', meaning: BLOCK, closer: i };
  }
  if (next === T.PAREN_CLOSE) return { text: '{', meaning: BLOCK, closer: i };
  if ((next === T.SEMICOLON || next === T.COMMA) && semicolonsIn(tokens, level, i) === 0) {
    return { text: 'int _[]={', meaning: INITIALISER, closer: i };
  }
  return { text: cases === '' ? '{' : cases, meaning: BLOCK, closer: i };
}

/** What the first token needs in front of it, when a statement is cut off there. */
function leading(tokens: ActiveTokens, from: number): string {
  const { kinds, words } = tokens;
  const kind = kinds[from]!;
  const next = kinds[from + 1]!;
  if (words[from] === W.ELSE) return 'if(_);';
  const missing = missingHead(tokens, from);
  if (missing !== '' || kind === T.WORD) return missing;
  switch (kind) {
    case 45: // `->`, but not `-x` or `--x`.
      return next === 62 ? '_' : '';
    case 38: // `&&`
      return next === 38 ? '_ ' : '';
    case 58: // `:` of a conditional.
      return '_?_';
    case 33: // `!=`
      return next === T.ASSIGN ? '_ ' : '';
    case T.COMMA:
    case T.ASSIGN:
    case T.DOT:
    case 63:
    case 124:
    case 94:
    case 60:
    case 62:
    case 47:
    case 37:
      return '_ ';
    default:
      return '';
  }
}

/** `stmt; else …` lacks its `if`, and `a : b;` its condition. */
function missingHead(tokens: ActiveTokens, from: number): string {
  const { kinds, words, partner, count } = tokens;
  for (let i = from; i < count; i++) {
    const kind = kinds[i]!;
    if (kind === T.SEMICOLON) return words[i + 1] === W.ELSE && kinds[i + 1] === T.WORD ? 'if(_)' : '';
    if (kind === T.COLON) {
      const label = i === from + 1 && kinds[from] === T.WORD;
      return label || i === from ? '' : '_?';
    }
    if (kind === 63 || (kind === T.WORD && W.isControl(words[i]!))) return '';
    if (isClosing(kind) || kind === T.BRACE_OPEN) return '';
    if (partner[i]! > i) i = partner[i]!;
  }
  return '';
}

/** Behind the last token at which all open brackets are blocks and a statement has ended or a block begun. */
function lastBoundary(tokens: ActiveTokens, from: number): number {
  const { kinds, words, partner, count } = tokens;
  let best = from;
  let foreign = 0;
  for (let i = from; i < count; i++) {
    const kind = kinds[i]!;
    if (kind === T.PAREN_OPEN || kind === T.BRACKET_OPEN) {
      if (partner[i]! > i) i = partner[i]!;
      else foreign++;
      continue;
    }
    if (foreign > 0) continue;
    const before = i > from ? kinds[i - 1]! : T.SEMICOLON;
    if (kind === T.SEMICOLON) {
      best = i + 1;
    } else if (kind === T.BRACE_OPEN) {
      const block =
        before === T.PAREN_CLOSE || isBoundary(before) || (before === T.WORD && isBlockWord(words[i - 1]!));
      if (block) best = i + 1;
      else if (partner[i]! > i) i = partner[i]!;
      else foreign++;
    } else if (kind === T.BRACE_CLOSE) {
      best = i + 1;
    }
  }
  // `if (x) stmt; else`, `do { … }`: what has just ended may go on, but as it stands it is whole.
  return best;
}

function isBoundary(kind: number): boolean {
  return kind === T.SEMICOLON || kind === T.BRACE_OPEN || kind === T.BRACE_CLOSE || kind === T.COLON;
}

function isBlockWord(word: number): boolean {
  return word === W.ELSE || word === W.DO;
}

/** The braces in `[from, limit)` that are not closed in it, innermost first. */
function openBraces(tokens: ActiveTokens, from: number, limit: number): number[] {
  const { kinds, partner } = tokens;
  const open: number[] = [];
  for (let i = from; i < limit; i++) {
    if (kinds[i] !== T.BRACE_OPEN) continue;
    if (partner[i]! < 0 || partner[i]! >= limit) open.push(i);
  }
  return open.reverse();
}

function isDo(tokens: ActiveTokens, brace: number): boolean {
  return brace > 0 && tokens.kinds[brace - 1] === T.WORD && tokens.words[brace - 1] === W.DO;
}

/** Whether `case` or `default:` stands on the level of `[from, to)` itself. */
function hasCases(tokens: ActiveTokens, from: number, to: number): boolean {
  const { words, kinds, partner } = tokens;
  for (let i = from; i < to; i++) {
    if (words[i] === W.CASE || (words[i] === W.DEFAULT && kinds[i + 1] === T.COLON)) return true;
    if (partner[i]! > i) i = partner[i]!;
  }
  return false;
}

function semicolonsIn(tokens: ActiveTokens, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) {
    if (tokens.kinds[i] === T.SEMICOLON) count++;
    if (tokens.partner[i]! > i) i = tokens.partner[i]!;
  }
  return count;
}

function endsWithSemicolon(tokens: ActiveTokens, open: number): boolean {
  const close = tokens.partner[open] ?? -1;
  return close > open && tokens.kinds[close + 1] === T.SEMICOLON;
}

function hasNewline(text: string, tokens: ActiveTokens, i: number): boolean {
  for (let at = tokens.ends[i]!; at < tokens.starts[i + 1]!; at++)
    if (text.charCodeAt(at) === 10) return true;
  return false;
}

function isClosing(kind: number): boolean {
  return kind === T.PAREN_CLOSE || kind === T.BRACKET_CLOSE || kind === T.BRACE_CLOSE;
}
