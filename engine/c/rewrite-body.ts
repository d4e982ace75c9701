/** The scan over a function's body that finds what to rewrite by where it stands. */
import { behind, blank, blankTokens, isAdjacent, makeWord, put, type Rewrite } from './rewrite.ts';
import { isInitialiser, takeArgument } from './rewrite-arguments.ts';
import { takeLocalLabels, takeNumber, takeOperator, takeString } from './rewrite-expressions.ts';
import { endLoneMacro, isLoneMacro, takeFieldMacro } from './rewrite-lone-macros.ts';
import { fillLabel, isTypeMacro, takeCase, takeStatementMacro } from './rewrite-statements.ts';
import { takeAsm, takeAttribute, takeRun, takeTypeof } from './rewrite-words.ts';
import * as T from './tokens.ts';
import * as W from './words.ts';

/** What a bracket means. */
export const BLOCK = 0;
export const INITIALISER = 1;
/** The body of a struct or union that is declared inside the function. */
const FIELDS = 2;
export const CALL = 3;
/** The parentheses of `if`, `while`, `switch`: a statement follows. */
export const CONTROL = 4;
const FOR_HEAD = 5;
/** Any other parentheses, of a cast or an expression, and brackets. */
export const GROUP = 6;
/** The arguments of a macro that a statement follows. */
const HEAD = 7;

/** A bracket that is open where a text begins: what it means, and the token that closes it. */
export interface Outer {
  readonly meaning: number;
  readonly closer: number;
}

interface Scan {
  readonly rewrite: Rewrite;
  readonly limit: number;
  /** For each open bracket its meaning and the token that closes it. */
  readonly meanings: number[];
  readonly closers: number[];
  /** Whether the next token begins a statement. */
  atStatement: boolean;
  /** What the parenthesis at token `knownAt` means. */
  known: number;
  knownAt: number;
  /** The colon of a `case` that was seen. */
  colon: number;
}

/**
 * Rewrites the tokens `[from, limit)`; `from` is the body's opening brace, or the first token of a text
 * that stands alone, `outer` being the brackets that are open there, outermost first.
 */
export function rewriteBody(
  rewrite: Rewrite,
  from: number,
  limit: number,
  outer: readonly Outer[] = [],
): void {
  const scan: Scan = {
    rewrite,
    limit,
    meanings: outer.map((one) => one.meaning),
    closers: outer.map((one) => one.closer),
    atStatement: outer.length === 0 || outer.at(-1)!.meaning === BLOCK,
    known: GROUP,
    knownAt: -1,
    colon: -1,
  };
  let i = outer.at(-1)?.meaning === CALL ? argument(scan, from, false) : from;
  while (i < limit) i = step(scan, i);
}

/** Handles the token at `i` and returns the next one to look at. */
function step(scan: Scan, i: number): number {
  const { rewrite, limit } = scan;
  const { kinds } = rewrite.tokens;
  const kind = kinds[i]!;
  switch (kind) {
    case T.WORD:
      return word(scan, i);
    case T.BRACE_OPEN:
      openBrace(scan, i);
      break;
    case T.PAREN_OPEN:
      return openParen(scan, i);
    case T.BRACKET_OPEN:
      open(scan, i, GROUP);
      break;
    case T.PAREN_CLOSE:
    case T.BRACKET_CLOSE:
    case T.BRACE_CLOSE:
      return close(scan, i);
    case T.SEMICOLON:
      scan.atStatement = isStatementPlace(scan);
      return i + 1;
    case T.COLON:
      scan.atStatement = i === scan.colon;
      if (scan.atStatement) fillLabel(rewrite, i);
      return i + 1;
    case T.COMMA:
      scan.atStatement = false;
      if (isArguments(scan.meanings.at(-1))) return argument(scan, i + 1, false);
      return i + 1;
    case T.STRING:
      scan.atStatement = false;
      return takeString(rewrite, i, limit);
    case T.NUMBER:
      scan.atStatement = false;
      return takeNumber(rewrite, i, limit);
    case T.AMPERSAND:
      if (kinds[i + 1] === T.AMPERSAND && isAdjacent(rewrite, i) && i + 2 < limit) {
        if (kinds[i + 2] === T.WORD && isUnary(scan, i)) {
          const at = rewrite.tokens.starts[i]!;
          put(rewrite, at, ' ');
          rewrite.labelAddresses.push({ at, end: at + 2 });
        }
        scan.atStatement = false;
        return i + 2;
      }
      break;
  }
  if (kind !== T.BRACE_OPEN) scan.atStatement = false;
  return i + 1;
}

function isStatementPlace(scan: Scan): boolean {
  const meaning = scan.meanings.at(-1);
  return meaning === undefined || meaning === BLOCK || meaning === FIELDS;
}

function expectParen(scan: Scan, at: number, meaning: number): void {
  scan.known = meaning;
  scan.knownAt = at;
}

function isArguments(meaning: number | undefined): boolean {
  return meaning === CALL || meaning === HEAD;
}

function open(scan: Scan, i: number, meaning: number): void {
  const close = scan.rewrite.tokens.partner[i]!;
  scan.meanings.push(meaning);
  scan.closers.push(close < 0 ? scan.limit : close);
}

function close(scan: Scan, i: number): number {
  const { rewrite } = scan;
  const { kinds, words } = rewrite.tokens;
  // A bracket without a partner closes nothing; one that has skipped others closes those with it.
  let meaning = -1;
  while (scan.closers.length > 0 && scan.closers.at(-1)! <= i) {
    scan.closers.pop();
    meaning = scan.meanings.pop()!;
  }
  scan.atStatement =
    meaning === CONTROL ||
    meaning === FOR_HEAD ||
    meaning === HEAD ||
    (meaning === BLOCK && isStatementPlace(scan));
  if (meaning === CALL && kinds[i + 1] === T.STRING && i + 1 < scan.limit) {
    // `__stringify(X) "text"`: the grammar wants a plain word beside a string.
    const open = rewrite.tokens.partner[i]!;
    if (words[open - 1] === W.OTHER) blankTokens(rewrite, open, i);
  } else if ((meaning === FIELDS || meaning === INITIALISER) && kinds[i] === T.BRACE_CLOSE) {
    const place = scan.meanings.at(-1) === GROUP ? 'bracket' : 'pointer';
    if (kinds[i + 1] === T.WORD) return takeRun(rewrite, i + 1, scan.limit, place).end;
  }
  return i + 1;
}

function openBrace(scan: Scan, i: number): void {
  const { rewrite, limit } = scan;
  const { kinds, words } = rewrite.tokens;
  const before = kinds[i - 1];
  let meaning = INITIALISER;
  if (scan.atStatement) meaning = BLOCK;
  else if (before === T.WORD) {
    // `struct tag {`, `struct {`, `enum {`; attributes may stand between.
    let tag = i - 1;
    while (tag > 0 && kinds[tag] === T.WORD && words[tag] !== W.TAG && i - tag < 8) tag--;
    const isEnum = rewrite.text.charCodeAt(rewrite.tokens.starts[tag]!) === 101;
    meaning = words[tag] === W.TAG && !isEnum ? FIELDS : INITIALISER;
  } else if (before === T.PAREN_OPEN && !isInitialiser(rewrite, i, limit)) meaning = BLOCK;
  else if (before === T.COMMA && scan.meanings.at(-1) === CALL && !isInitialiser(rewrite, i, limit))
    meaning = BLOCK;
  else if (before === T.PAREN_OPEN && kinds[rewrite.tokens.partner[i]! + 1] === T.PAREN_CLOSE)
    meaning = BLOCK;
  open(scan, i, meaning);
  scan.atStatement = meaning === BLOCK || meaning === FIELDS;
}

function openParen(scan: Scan, i: number): number {
  const { kinds, words } = scan.rewrite.tokens;
  const before = kinds[i - 1];
  let meaning = GROUP;
  if (scan.knownAt === i) {
    meaning = scan.known;
  } else if (before === T.WORD && i > 0) {
    const word = words[i - 1]!;
    if (W.canBeName(word)) meaning = CALL;
  } else if ((before === T.PAREN_CLOSE || before === T.BRACKET_CLOSE) && i > 0) {
    meaning = CALL;
  }
  open(scan, i, meaning);
  scan.atStatement = false;
  if (!isArguments(meaning)) return i + 1;
  // A single type behind `)` is a second cast, or the parameters of a function pointer.
  return argument(scan, i + 1, before !== T.WORD);
}

/** Looks at the argument that begins at `from`, and goes behind it if it was made a word. */
function argument(scan: Scan, from: number, single: boolean): number {
  const { rewrite } = scan;
  const { kinds, partner } = rewrite.tokens;
  const close = scan.closers.at(-1)!;
  let to = from;
  while (to < close && kinds[to] !== T.COMMA)
    to = partner[to]! > to && partner[to]! < close ? partner[to]! + 1 : to + 1;
  const first = kinds[from - 1] !== T.COMMA;
  if (single && to === close) return from;
  return takeArgument(rewrite, from, to, first && to === close) ? to : from;
}

function isUnary(scan: Scan, i: number): boolean {
  const { kinds, words } = scan.rewrite.tokens;
  if (scan.atStatement || i === 0) return true;
  const before = kinds[i - 1]!;
  if (before === T.WORD) return W.isControl(words[i - 1]!);
  return before > T.CHARACTER && before !== T.PAREN_CLOSE && before !== T.BRACKET_CLOSE;
}

/** A word, and the run of words that it begins. */
function word(scan: Scan, i: number): number {
  const { rewrite, limit } = scan;
  const { kinds, words, starts, ends } = rewrite.tokens;
  const kind = words[i]!;
  const next = i + 1 < limit ? kinds[i + 1]! : T.END;
  switch (kind) {
    case W.IF:
    case W.WHILE:
    case W.SWITCH:
      expectParen(scan, i + 1, CONTROL);
      scan.atStatement = false;
      return i + 1;
    case W.FOR:
      expectParen(scan, i + 1, FOR_HEAD);
      scan.atStatement = false;
      return i + 1;
    case W.ELSE:
    case W.DO:
      scan.atStatement = true;
      return i + 1;
    case W.CASE:
      scan.colon = takeCase(rewrite, i, limit);
      scan.atStatement = false;
      return i + 1;
    case W.DEFAULT:
      if (next === T.COLON) scan.colon = i + 1;
      scan.atStatement = false;
      return i + 1;
    case W.GOTO:
      if (next === T.STAR) {
        blank(rewrite, starts[i]!, ends[i]!);
        rewrite.computedGotos.push({ at: starts[i]!, end: ends[i]! });
      }
      scan.atStatement = false;
      return i + 1;
    case W.RETURN:
    case W.JUMP:
    case W.SIZEOF:
      scan.atStatement = false;
      return i + 1;
    case W.ASM:
    case W.ASM_ALIAS:
      if (!scan.atStatement && kinds[i - 1] === T.WORD && next === T.PAREN_OPEN) {
        // `register type name asm("register") = value;`
        const end = behind(rewrite, i + 1, limit);
        blankTokens(rewrite, i, end - 1);
        return end;
      }
      scan.atStatement = false;
      return takeAsm(rewrite, i, limit);
    case W.GENERIC:
    case W.ALIGNOF:
    case W.OFFSETOF:
      scan.atStatement = false;
      return next === T.PAREN_OPEN ? takeOperator(rewrite, i, limit) : i + 1;
    case W.LOCAL_LABEL:
      return takeLocalLabels(rewrite, i, limit);
  }
  return names(scan, i, next);
}

/** Words that are no keyword of a statement: a declaration, a call, a name. */
function names(scan: Scan, i: number, next: number): number {
  const { rewrite, limit } = scan;
  const { kinds, words } = rewrite.tokens;
  const kind = words[i]!;
  const atStatement = scan.atStatement;
  if (atStatement && next === T.COLON && kinds[i + 2] !== T.COLON && kind === W.OTHER) {
    scan.colon = i + 1;
    return i + 1;
  }
  const inFields = scan.meanings.at(-1) === FIELDS;
  if (atStatement && kind === W.OTHER && !inFields && isLoneMacro(rewrite, i, limit)) {
    endLoneMacro(rewrite, i);
    return i + 1;
  }
  const lone = next !== T.WORD;
  if (lone && kind === W.OTHER) {
    scan.atStatement = false;
    if (kinds[i - 1] === T.BRACKET_CLOSE && i > 0) return takeRun(rewrite, i, limit, 'bracket').end;
    if (next !== T.PAREN_OPEN) return i + 1;
    if (atStatement && inFields) return takeFieldMacro(rewrite, i, limit);
    if (atStatement && isTypeMacro(rewrite, i + 1)) {
      const close = rewrite.tokens.partner[i + 1]!;
      makeWord(rewrite, i, close, 'type');
      return afterType(scan, close + 1);
    }
    if (atStatement && takeStatementMacro(rewrite, i)) expectParen(scan, i + 1, HEAD);
    return i + 1;
  }
  if (lone && kind >= W.GUARD && kind <= W.SCOPED_COND_GUARD) {
    scan.atStatement = false;
    if (atStatement && next === T.PAREN_OPEN && takeStatementMacro(rewrite, i))
      expectParen(scan, i + 1, HEAD);
    return i + 1;
  }
  if (lone && kind === W.SCOPED_CLASS && atStatement && next === T.PAREN_OPEN) {
    scan.atStatement = false;
    if (takeStatementMacro(rewrite, i)) expectParen(scan, i + 1, HEAD);
    return i + 1;
  }
  if (lone) {
    const taken = takeAttribute(rewrite, i, limit, 'variable');
    if (taken >= 0) return taken;
    const type = takeTypeof(rewrite, i, limit);
    scan.atStatement = false;
    if (type < 0) return i + 1;
    return kinds[type] === T.WORD && type < limit ? afterType(scan, type) : type;
  }
  if (scan.meanings.at(-1) === INITIALISER && kind === W.OTHER && words[i + 1] === W.OTHER) {
    // `FIRST_OPS SECOND_OPS` in an initialiser: macros that bring their commas.
    const at = rewrite.tokens.starts[i + 1]! - 1;
    if (rewrite.text.charCodeAt(at) <= 32 && rewrite.text.charCodeAt(at) !== 10) put(rewrite, at, ',');
    scan.atStatement = false;
    return i + 1;
  }
  const run = takeRun(rewrite, i, limit, placeOf(scan, i));
  if (run.empty) return Math.max(run.end, i + 1);
  scan.atStatement = false;
  const last = run.last;
  if (atStatement && kinds[run.end] === T.PAREN_OPEN && last === run.end - 1) storageOfMacro(scan, i, last);
  return Math.max(run.end, i + 1);
}

/** The declared name and attributes behind `typeof(x)`, which is one word by now. */
function afterType(scan: Scan, from: number): number {
  return Math.max(takeRun(scan.rewrite, from, scan.limit, 'pointer').end, from + 1);
}

function placeOf(scan: Scan, i: number): 'statement' | 'cast' | 'pointer' | 'bracket' | 'other' {
  const { kinds } = scan.rewrite.tokens;
  if (scan.atStatement) return 'statement';
  const before = kinds[i - 1];
  if (before === T.STAR) return 'pointer';
  // A further name of a declaration.
  if (before === T.COMMA && isStatementPlace(scan)) return 'pointer';
  if (before === T.BRACKET_CLOSE) return 'bracket';
  if (before === T.PAREN_OPEN && scan.meanings.at(-1) === GROUP) return 'cast';
  return 'other';
}

/** `static DEFINE_X(a, b);` has no type: without its storage words it is a call. */
function storageOfMacro(scan: Scan, from: number, last: number): void {
  const { rewrite } = scan;
  const { words, kinds } = rewrite.tokens;
  for (let i = from; i < last; i++) {
    const word = words[i]!;
    const storage = word === W.STATIC || word === W.STORAGE || word === W.QUALIFIER || word === W.INLINE;
    if (!storage && !W.isAttribute(word)) return;
  }
  for (let i = from; i < last; i++) if (kinds[i] === T.WORD) blankTokens(rewrite, i, i);
  if (takeStatementMacro(rewrite, last)) expectParen(scan, last + 1, HEAD);
}
