/**
 * Reading a file of which only pieces are known: what hunks show, with blank lines between them.
 *
 * Each piece is read on its own. Where it begins inside a function, what comes before the end of that function is a
 * function without a beginning; the rest is read like a file. Layout helps: in kernel code a brace in column 0
 * begins or ends something at the top level.
 */
import { matchBrackets } from './active-tokens.ts';
import { setHeadOfCut } from './cut-heads.ts';
import { type Break, conditionAt, readConditionals } from './directives.ts';
import { annotationsIn, usesOf } from './functions.ts';
import type { Scan } from './items.ts';
import { append, type Contents, emptyContents, makeUnit, parseUnit, readContents } from './parse-unit.ts';
import { sliceFunction } from './slice-function.ts';
import * as T from './tokens.ts';
import type { FunctionSource, SourceUnit } from './unit.ts';
import * as W from './words.ts';

/** What is known about a fragment beside its text. Lines are 1-based, ranges include both ends. */
export interface FragmentInfo {
  /** Lines that are not known and blank in the text. Without it, three blank lines in a row are a gap. */
  readonly unknown?: readonly { readonly start: number; readonly end: number }[];
  /** What `@@` lines quote, with the first line of their hunk: the line that its enclosing function began with. */
  readonly sections?: readonly { readonly postLine: number; readonly text: string }[];
}

/**
 * Reads a fragment. Functions that are not shown whole say so in `truncated`; one whose beginning is missing has the
 * name that its hunk's section gives, else `function at line N`.
 */
export function parseFragment(path: string, text: string, info: FragmentInfo = {}): SourceUnit {
  const lines = lineStarts(text);
  const contents = emptyContents();
  const directives: T.Directive[] = [];
  const breaks: Break[] = [];
  const tokens = T.newTokens();
  const sections = [...(info.sections ?? [])].sort((a, b) => a.postLine - b.postLine);
  let nextSection = 0;
  for (const piece of piecesOf(text, lines, info)) {
    while (nextSection < sections.length && sections[nextSection]!.postLine < piece.line) nextSection++;
    const section = sections[nextSection];
    const label = section !== undefined && section.postLine < piece.endLine ? section.text : '';
    breaks.push({ directive: directives.length, at: piece.from });
    const from = skipTail(text, piece.from, piece.to);
    T.tokenise(text, from, piece.to, tokens);
    append(directives, tokens.directives);
    const read = readLabel(label);
    readPiece({ text, from, to: piece.to, tokens, line: piece.line, label: read }, contents);
  }
  const conditionals = readConditionals(text, directives, -1, breaks);
  contents.symbolTests.sort((a, b) => a.at - b.at);
  for (const fn of contents.functions) {
    if (!fn.truncated) continue;
    const part = { start: 'beginning', end: 'end', both: 'beginning and end' }[fn.truncated];
    contents.problems.push({ at: fn.at, end: fn.end, message: `${fn.name}: its ${part} is not shown` });
  }
  contents.problems.sort((a, b) => a.at - b.at);
  return makeUnit(path, text, contents, conditionals);
}

interface Lines {
  readonly from: number;
  readonly to: number;
  /** 1-based line of `from`. */
  readonly line: number;
  /** Behind its last line. */
  readonly endLine: number;
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return starts;
}

/** The stretches of known lines. */
function piecesOf(text: string, starts: readonly number[], info: FragmentInfo): Lines[] {
  const pieces: Lines[] = [];
  const add = (first: number, end: number) => {
    const from = starts[first - 1]!;
    const to = end - 1 < starts.length ? starts[end - 1]! : text.length;
    if (first < end && text.slice(from, to).trim() !== '')
      pieces.push({ from, to, line: first, endLine: end });
  };
  let first = 1;
  for (const gap of info.unknown ?? blankRuns(text, starts)) {
    add(first, gap.start);
    first = gap.end + 1;
  }
  add(first, starts.length + 1);
  return pieces;
}

function blankRuns(text: string, starts: readonly number[]): { start: number; end: number }[] {
  const runs: { start: number; end: number }[] = [];
  let first = 0;
  for (let line = 1; line <= starts.length + 1; line++) {
    const from = starts[line - 1];
    const blank = from !== undefined && from < text.length && text.charCodeAt(from) === 10;
    if (blank && first === 0) first = line;
    if (!blank && first > 0) {
      if (line - first >= 3) runs.push({ start: first, end: line - 1 });
      first = 0;
    }
  }
  return runs;
}

/** Behind the rest of a comment or of a macro's lines that a piece begins with. */
function skipTail(text: string, from: number, to: number): number {
  const close = text.indexOf('*/', from);
  const open = text.indexOf('/*', from);
  let at = from;
  if (isInnerComment(text, from, to)) return to;
  if (close >= 0 && close < to && (open < 0 || open > close)) at = close + 2;
  for (;;) {
    const newline = text.indexOf('\n', at);
    if (newline < 0 || newline >= to) return at;
    const line = text.slice(at, newline).trimEnd();
    if (!line.endsWith('\\') || line.trimStart().startsWith('#')) break;
    at = newline + 1;
    // The last line of the macro has no backslash.
    const end = text.indexOf('\n', at);
    const next = text.slice(at, end < 0 ? to : Math.min(end, to)).trimEnd();
    if (!next.endsWith('\\')) return end < 0 ? to : Math.min(end + 1, to);
  }
  return at;
}

/** Whether every line begins like the inside of a comment, with an asterisk and a blank. */
function isInnerComment(text: string, from: number, to: number): boolean {
  for (const line of text.slice(from, to).split('\n')) {
    const shown = line.trim();
    if (shown !== '' && !/^\*(\s|$)/.test(shown)) return false;
  }
  return true;
}

interface Label {
  readonly kind: 'function' | 'other' | 'unknown';
  readonly name: string | null;
  readonly head: string | null;
}

/** What the line says that a hunk's enclosing definition begins with; it may be cut off itself. */
function readLabel(text: string): Label {
  const line = text.trim();
  const unknown: Label = { kind: 'unknown', name: null, head: null };
  if (line === '') return unknown;
  const open = line.indexOf('(');
  const assigns = (line.endsWith('{') ? line.slice(0, -1).trimEnd() : line).endsWith('=');
  if (open < 0 || assigns || /^(struct|union|enum)\s+\w+\s*\{/.test(line)) {
    return open < 0 && /^\w+:?$/.test(line) ? unknown : { kind: 'other', name: null, head: null };
  }
  const head = closeParameters(line, open);
  const unit = parseUnit('', `${head}{}`);
  const fn = unit.functions[0];
  if (fn === undefined) return unknown;
  const slice = sliceFunction(unit, fn, { values: new Map(), fallback: 'n' });
  return { kind: 'function', name: fn.name, head: slice.text.slice(0, -2) };
}

/** A signature of which the end may be missing: cut at the last whole parameter. */
function closeParameters(line: string, open: number): string {
  let depth = 0;
  let comma = -1;
  for (let i = open; i < line.length; i++) {
    const code = line.charCodeAt(i);
    if (code === 40) depth++;
    else if (code === 41 && --depth === 0) return line.slice(0, i + 1);
    else if (code === 44 && depth === 1) comma = i;
  }
  return `${line.slice(0, comma < 0 ? open + 1 : comma)})`;
}

interface Piece {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly tokens: T.Tokens;
  readonly line: number;
  readonly label: Label;
}

/** What a piece begins with. */
interface Head {
  readonly kind: 'none' | 'function' | 'signature' | 'other';
  /** Behind its last token. */
  readonly end: number;
  readonly closed: boolean;
  /** For a signature, the token of the body's brace. */
  readonly open: number;
}

function readPiece(piece: Piece, contents: Contents): void {
  const { text, tokens } = piece;
  const head = headOf(piece);
  let from = piece.from;
  if (head.kind !== 'none') {
    const scan: Scan = { text, tokens, conditionals: readConditionals(text, tokens.directives, -1) };
    const end = tokens.ends[head.end - 1]!;
    if (head.kind === 'other') {
      contents.problems.push({ at: tokens.starts[0]!, end, message: 'the beginning of this is not shown' });
    } else if (head.end > 1) {
      contents.functions.push(cutFunction(piece, scan, head));
    }
    from = end;
  }
  if (from >= piece.to) return;
  // From the start again, for the line structure, unless nothing was taken.
  if (from > piece.from) T.tokenise(text, from, piece.to, tokens, false);
  if (tokens.count === 0 && tokens.directives.length === 0) return;
  readContents({ text, tokens, conditionals: readConditionals(text, tokens.directives, -1) }, contents);
}

function cutFunction(piece: Piece, scan: Scan, head: Head): FunctionSource {
  const { tokens, label } = piece;
  const at = tokens.starts[0]!;
  const named = label.kind === 'function' && label.name !== null;
  const uses = usesOf(scan, { from: 0, open: Math.max(head.open, 0) - 1, to: head.end });
  const fn: FunctionSource = {
    name: named ? label.name! : `function at line ${piece.line}`,
    nameAt: at,
    at,
    end: tokens.ends[head.end - 1]!,
    bodyAt: head.open < 0 ? at : tokens.starts[head.open]!,
    presence: conditionAt(scan.conditionals, at),
    symbols: uses.symbols,
    calls: uses.calls,
    isStatic: /\bstatic\b/.test(label.head ?? ''),
    isInline: false,
    definedBy: 'function',
    annotations: head.open < 0 ? [] : annotationsIn(scan, 0, head.open),
    truncated: head.closed ? 'start' : 'both',
  };
  if (named && label.head !== null && head.open < 0) setHeadOfCut(fn, label.head);
  return fn;
}

/** Decides what a piece begins with, by its unmatched brackets, its layout and its words. */
function headOf(piece: Piece): Head {
  const { text, tokens } = piece;
  const { kinds, words, starts, ends, count } = tokens;
  const none: Head = { kind: 'none', end: 0, closed: false, open: -1 };
  if (count === 0) return none;
  const partner = matchBrackets(tokens);
  let unmatched = -1;
  for (let i = 0; i < count; i++) {
    if (partner[i]! > i) {
      i = partner[i]!;
      continue;
    }
    if (kinds[i] === T.PAREN_CLOSE && partner[i]! < 0 && unmatched < 0) {
      const body = signatureBody(piece, i);
      // The end of a macro's arguments, then something new.
      const fresh = i + 1 < count && isColumnZero(text, starts[i + 1]!) && !beginsInside(piece, i + 1);
      if (body < 0 && fresh) return { kind: 'other', end: i + 1, closed: true, open: -1 };
      if (body >= 0) {
        const close = partner[body]!;
        return { kind: 'signature', end: close < 0 ? count : close + 1, closed: close >= 0, open: body };
      }
    }
    if (kinds[i] !== T.BRACE_CLOSE || partner[i]! >= 0) continue;
    unmatched = i;
    if (!endsTopLevel(piece, i)) continue;
    const next = kinds[i + 1]!;
    const sameLine = i + 1 < count && !text.slice(ends[i]!, starts[i + 1]!).includes('\n');
    if (sameLine && next !== T.BRACE_CLOSE) {
      // `};`, `} name;`, `} __packed;`: not a function.
      let end = i + 1;
      while (end < count && kinds[end] !== T.SEMICOLON) end++;
      return { kind: 'other', end: Math.min(end + 1, count), closed: true, open: -1 };
    }
    return { kind: 'function', end: i + 1, closed: true, open: -1 };
  }
  const inside = unmatched >= 0 || beginsInside(piece, 0);
  if (!inside) return none;
  // Up to where something in column 0 begins that no function can hold.
  let end = count;
  for (let i = 1; i < count && unmatched < 0; i++) {
    if (partner[i]! > i) i = partner[i]!;
    else if (isColumnZero(text, starts[i]!) && !beginsInside(piece, i) && isBoundary(kinds[i - 1]!)) {
      end = i;
      break;
    }
  }
  if (end < count) return { kind: 'other', end, closed: false, open: -1 };
  const kind = looksLikeStatements(tokens, words, piece.label) ? 'function' : 'other';
  return { kind, end: count, closed: false, open: -1 };
}

function isBoundary(kind: number): boolean {
  return kind === T.SEMICOLON || kind === T.BRACE_CLOSE;
}

/** The body that begins behind the parenthesis at `i`, if that ends the parameters of a definition; else -1. */
function signatureBody(piece: Piece, i: number): number {
  const { text, tokens } = piece;
  const { kinds, words, starts, count } = tokens;
  let next = i + 1;
  while (
    next < count &&
    kinds[next] === T.WORD &&
    (words[next] === W.ANNOTATION || W.isAttribute(words[next]!))
  ) {
    next++;
    let depth = 0;
    while (next < count && (depth > 0 || kinds[next] === T.PAREN_OPEN)) {
      if (kinds[next] === T.PAREN_OPEN) depth++;
      else if (kinds[next] === T.PAREN_CLOSE) depth--;
      next++;
    }
  }
  return next < count && kinds[next] === T.BRACE_OPEN && isColumnZero(text, starts[next]!) ? next : -1;
}

/** Whether the unmatched brace at `i` ends something at the top level. */
function endsTopLevel(piece: Piece, i: number): boolean {
  const { text, tokens } = piece;
  const { words, starts, count } = tokens;
  if (isColumnZero(text, starts[i]!)) return true;
  // Layout that was lost: what follows can only stand at the top level.
  return i + 1 < count && words[i + 1] === W.STATIC && isColumnZero(text, starts[i + 1]!);
}

/** Whether the token at `i`, the first of its line, stands inside a definition: indented, or a label. */
function beginsInside(piece: Piece, i: number): boolean {
  const { text, tokens } = piece;
  const { kinds, words, starts } = tokens;
  if (!isColumnZero(text, starts[i]!)) return true;
  if (kinds[i] !== T.WORD) return kinds[i] !== T.BRACE_OPEN && kinds[i] !== T.BRACE_CLOSE;
  return W.isControl(words[i]!) || (words[i] === W.OTHER && kinds[i + 1] === T.COLON);
}

/** Statements have control words, calls with a semicolon, assignments; fields and elements have none of these. */
function looksLikeStatements(tokens: T.Tokens, words: Uint8Array, label: Label): boolean {
  if (label.kind === 'function') return true;
  if (label.kind === 'other') return false;
  const { kinds, count } = tokens;
  for (let i = 0; i < count; i++) {
    if (kinds[i] === T.WORD && W.isControl(words[i]!)) return true;
    if (kinds[i] === T.PAREN_CLOSE && kinds[i + 1] === T.SEMICOLON) return true;
    if (kinds[i] === T.ASSIGN && kinds[i - 2] !== T.DOT && endsStatement(tokens, i)) return true;
    if (kinds[i] === 43 && kinds[i + 1] === 43) return true;
  }
  return false;
}

function endsStatement(tokens: T.Tokens, from: number): boolean {
  for (let i = from; i < tokens.count && i < from + 60; i++) {
    if (tokens.kinds[i] === T.SEMICOLON) return true;
    if (tokens.kinds[i] === T.COMMA || tokens.kinds[i] === T.BRACE_OPEN) return false;
  }
  return false;
}

function isColumnZero(text: string, offset: number): boolean {
  return offset === 0 || text.charCodeAt(offset - 1) === 10;
}
