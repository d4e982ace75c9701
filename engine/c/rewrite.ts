/** Edits that keep the length of a text and its newlines, and the side tables that they fill. */
import type { ActiveTokens } from './active-tokens.ts';
import type { Span } from './ir.ts';
import type { GuardUse, IteratorUse, SliceAnnotation, TypeArgument } from './slice.ts';
import * as T from './tokens.ts';
import { classify, OTHER } from './words.ts';

/** A replacement of `[at, end)`; blank where `text` is null. */
interface Edit extends Span {
  readonly text: string | null;
}

/** What the rewriting of one function works on. */
export interface Rewrite {
  /** The whole file. */
  readonly text: string;
  readonly tokens: ActiveTokens;
  readonly edits: Edit[];
  readonly iterators: IteratorUse[];
  readonly guards: GuardUse[];
  readonly typeArguments: TypeArgument[];
  readonly annotations: SliceAnnotation[];
  readonly caseRanges: Span[];
  readonly labelAddresses: Span[];
  readonly computedGotos: Span[];
  /** How a function-like macro of the same file with this name runs the statement behind it, if it is one. */
  readonly macroRuns: (name: string) => 'loop' | 'once' | null;
}

export function newRewrite(
  text: string,
  tokens: ActiveTokens,
  macroRuns: Rewrite['macroRuns'] = () => null,
): Rewrite {
  return {
    text,
    tokens,
    edits: [],
    iterators: [],
    guards: [],
    typeArguments: [],
    annotations: [],
    caseRanges: [],
    labelAddresses: [],
    computedGotos: [],
    macroRuns,
  };
}

/** Blanks `[at, end)`. */
export function blank(rewrite: Rewrite, at: number, end: number): void {
  if (end > at) rewrite.edits.push({ at, end, text: null });
}

/** Blanks the tokens `[from, to]`, comments between them included. */
export function blankTokens(rewrite: Rewrite, from: number, to: number): void {
  const { starts, ends, count } = rewrite.tokens;
  if (from <= to && from < count) blank(rewrite, starts[from]!, ends[Math.min(to, count - 1)]!);
}

/** Puts `text` at `at`; it must not reach over a newline. */
export function put(rewrite: Rewrite, at: number, text: string): void {
  rewrite.edits.push({ at, end: at + text.length, text });
}

/** Makes the tokens `[from, to]` one word, and keeps what they were. */
export function makeWord(rewrite: Rewrite, from: number, to: number, what: TypeArgument['what']): void {
  const { starts, ends } = rewrite.tokens;
  const at = starts[from]!;
  const end = ends[to]!;
  rewrite.edits.push({ at, end, text: wordOf(rewrite.text, at, end) });
  rewrite.typeArguments.push({ at, end, text: rewrite.text.slice(at, end), what });
}

/** `[at, end)` as one identifier on its first line, the rest blank. */
function wordOf(text: string, at: number, end: number): string {
  let word = '';
  let i = at;
  for (; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 10 || code === 13) break;
    word += isWordCode(code) ? text[i] : '_';
  }
  // Trailing blanks of the first line, and a text that is a keyword or begins like a number.
  const first = word.charCodeAt(0);
  if ((first >= 48 && first <= 57) || classify(word, 0, word.length) !== OTHER) word = `_${word.slice(1)}`;
  return word + blankText(text, i, end);
}

function isWordCode(code: number): boolean {
  return (
    code === 95 ||
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    (code >= 97 && code <= 122) ||
    (code >= 128 && code < 0xd800)
  );
}

/** As many blanks as the text has characters, newlines kept. */
export function blankText(text: string, at: number, end: number): string {
  let blanks = '';
  let from = at;
  for (let i = at; i < end; i++) {
    if (text.charCodeAt(i) !== 10) continue;
    blanks += `${' '.repeat(i - from)}\n`;
    from = i + 1;
  }
  return blanks + ' '.repeat(end - from);
}

/**
 * The text `[at, end)` with all edits applied. Of edits that overlap, the one that begins first wins, and of
 * those that begin together the longest.
 */
export function applyEdits(text: string, at: number, end: number, edits: Edit[]): string {
  edits.sort((a, b) => a.at - b.at || b.end - a.end);
  const parts: string[] = [];
  let done = at;
  for (const edit of edits) {
    if (edit.at < done || edit.end > end) continue;
    if (edit.at > done) parts.push(text.slice(done, edit.at));
    parts.push(edit.text ?? blankText(text, edit.at, edit.end));
    done = edit.end;
  }
  parts.push(text.slice(done, end));
  return parts.join('');
}

/** The token index behind the bracket that opens at `open`, or `limit`. */
export function behind(rewrite: Rewrite, open: number, limit: number): number {
  const close = rewrite.tokens.partner[open]!;
  return close < 0 || close >= limit ? limit : close + 1;
}

/** The text of token `index`. */
export function wordText(rewrite: Rewrite, index: number): string {
  const { starts, ends } = rewrite.tokens;
  return rewrite.text.slice(starts[index]!, ends[index]!);
}

/** Whether two tokens stand next to each other without anything between. */
export function isAdjacent(rewrite: Rewrite, index: number): boolean {
  const { starts, ends } = rewrite.tokens;
  return ends[index] === starts[index + 1];
}

/** The arguments between a parenthesis and its partner, as half-open token ranges. */
export function argumentsOf(rewrite: Rewrite, open: number): [number, number][] {
  const { kinds, partner, count } = rewrite.tokens;
  const close = partner[open]! < 0 ? count : partner[open]!;
  const args: [number, number][] = [];
  if (close <= open + 1) return args;
  let from = open + 1;
  for (let i = open + 1; i < close; i++) {
    if (kinds[i] === T.COMMA) {
      args.push([from, i]);
      from = i + 1;
    } else if (partner[i]! > i) {
      i = partner[i]!;
    }
  }
  args.push([from, close]);
  return args;
}

/** A range of tokens as offsets in the file; an empty range stands where its next token begins. */
export function spanOf(rewrite: Rewrite, range: readonly [number, number]): Span {
  const { starts, ends } = rewrite.tokens;
  const [from, to] = range;
  return from < to ? { at: starts[from]!, end: ends[to - 1]! } : { at: starts[from]!, end: starts[from]! };
}
