/** The lines among which those of a hunk stand, each with what it looks like on its own. */
import type { Line } from './lines.ts';
import { isFileStart, isHardStop, isSignature } from './marks.ts';
import { bodyStart, isCutMark, type Prefix, quoteDepth } from './quoting.ts';

/** A line of the region in which the hunk's lines stand. */
export interface Item {
  /** `thin`: a blank line with fewer quote marks than its neighbours, which may be a line of the diff. */
  readonly kind: 'added' | 'removed' | 'context' | 'blank' | 'thin' | 'other' | 'cut' | 'nonewline';
  readonly line: Line;
  /** Index in the line's text at which its body begins, the marker included. */
  readonly start: number;
  /** True where this looks like the end of the line before, broken off by a mailer. */
  readonly continues: boolean;
  /** True where a comment stands directly before or behind. */
  readonly besideComment: boolean;
  /** True for the end of a quoted line that came out without quote marks: never a line of its own. */
  readonly foreign: boolean;
  /** Index among the lines of the message. */
  readonly index: number;
}

/** What is known of a text as a whole. */
export interface TextTraits {
  /** True where the mail declares `format=flowed`: a line that ends in a space goes on in the next. */
  readonly flowed: boolean;
  /** Length of the longest line that a mailer would have broken: it breaks none that is shorter. */
  readonly longest: number;
}

/** Reads the traits off the lines of a message. */
export function traitsOf(lines: readonly Line[], flowed: boolean): TextTraits {
  let longest = 0;
  for (const { text } of lines) {
    if (text.length <= longest || text.length > 400) continue;
    const last = text.lastIndexOf(' ');
    // A line whose last word is long cannot be broken well, and is left alone.
    if (last >= 30 && text.length - last <= 25) longest = text.length;
  }
  return { flowed, longest };
}

export interface Region {
  readonly items: readonly Item[];
  /** True where the lines were too many, and the rest was left. */
  readonly isOverlong: boolean;
  /** Index of the first line that is left to the caller. */
  readonly next: number;
}

/** Collects the lines behind the `@@` line at `at`, up to what can only be something else. */
export function collectRegion(
  lines: readonly Line[],
  at: number,
  prefix: Prefix,
  traits: TextTraits,
  maxItems: number,
): Region {
  const items: Item[] = [];
  const plain = { continues: false, besideComment: false, foreign: false };
  const quoted = prefix.kind === 'literal' || prefix.depth > 0;
  let comment = false;
  let next = at + 1;
  let last = at + 1;
  for (; next < lines.length; next++) {
    const line = lines[next]!;
    if (isHardStop(lines, next, prefix)) break;
    if (items.length >= maxItems) return { items, next, isOverlong: true };
    const start = bodyStart(line, prefix);
    const body = start < 0 ? line.text : line.text.slice(start);
    if (start < 0 ? isCutByReviewer(line.text) : isCutMark(body)) {
      items.push({
        ...plain,
        kind: 'cut',
        line,
        start: Math.max(0, start),
        besideComment: true,
        index: next,
      });
      last = next + 1;
      continue;
    }
    if (start < 0) {
      if (isThinBlank(lines, next, prefix)) {
        items.push({ ...plain, kind: 'thin', line, start: line.text.length, index: next });
        continue;
      }
      const broken = continuesQuoted(lines, next, prefix, traits);
      if (broken)
        items.push({ ...plain, kind: 'other', line, start: 0, continues: true, foreign: true, index: next });
      comment ||= !broken;
      if (!broken) markBeside(items);
      continue;
    }
    if (isSignature(body)) break;
    if (body.startsWith('--- ') && isFileStart(lines, next, prefix)) break;
    // The end of a post on an archive page.
    if (!quoted && body.startsWith('^ permalink raw reply')) break;
    const kind = kindOf(body);
    const previous = items.at(-1);
    // The first line may be the end of the section text of the `@@` line.
    const whole = previous === undefined || (previous.kind !== 'cut' && previous.kind !== 'blank');
    const continues = whole && isBrokenOff(previous?.line ?? lines[at]!, line, body, traits);
    items.push({ kind, line, start, continues, besideComment: comment, foreign: false, index: next });
    comment = false;
    last = next + 1;
  }
  // What stands between the last line of the region and the stop belongs to nobody: it is left to the caller.
  return { items, next: Math.min(next, Math.max(last, at + 1)), isOverlong: false };
}

/** A blank line that lost quote marks on the way: directly between two lines of the diff. */
function isThinBlank(lines: readonly Line[], at: number, prefix: Prefix): boolean {
  const { text } = lines[at]!;
  if (text.slice(quoteDepth(text).end).trim() !== '') return false;
  const [before, after] = [lines[at - 1], lines[at + 1]];
  return (
    before !== undefined &&
    after !== undefined &&
    bodyStart(before, prefix) >= 0 &&
    bodyStart(after, prefix) >= 0
  );
}

/** A cut between quoted lines, in brackets: dots alone may be a part of what the reviewer writes. */
function isCutByReviewer(text: string): boolean {
  const { end } = quoteDepth(text);
  const rest = text.slice(end).trim();
  return !rest.startsWith('.') && !rest.startsWith('…') && isCutMark(rest);
}

function markBeside(items: Item[]): void {
  const last = items.at(-1);
  if (last && !last.besideComment) items[items.length - 1] = { ...last, besideComment: true };
}

function kindOf(body: string): Item['kind'] {
  const marker = body[0];
  if (marker === undefined || (marker === '\r' && body.length === 1)) return 'blank';
  if (marker === '+') return 'added';
  if (marker === '-') return 'removed';
  if (marker === ' ') return body.trim() === '' ? 'blank' : 'context';
  // The one space of the marker was taken off, the tabs behind it stayed.
  if (marker === '\t' || marker === '\u00a0') return 'context';
  if (marker === '\\' && body.startsWith('\\ ') && body.length < 60) return 'nonewline';
  return 'other';
}

/** Width at which mailers break lines at the least, tabs counted as eight. */
const BREAK_WIDTH = 66;

/** True where `line` looks like the end of the line `before`, broken off by a mailer. */
export function isBrokenOff(before: Line, line: Line, body: string, traits: TextTraits): boolean {
  if (before.line + 1 !== line.line || body === '' || body[0] === '\t') return false;
  const { text } = before;
  if (traits.flowed && text.endsWith(' ') && text.trim() !== '') return true;
  if (body.trim() === '\\') return true;
  // An indentation that was broken off from a word too long for the line.
  const bare = text.trimEnd();
  if (text.length - bare.length >= 6 && (bare.endsWith('+') || bare.endsWith('-'))) return true;
  const space = body.indexOf(' ', 1);
  const word = space < 0 ? body.length : space;
  return displayWidth(text) + 1 + word > BREAK_WIDTH && text.length + 1 + word > traits.longest;
}

function displayWidth(text: string): number {
  let width = 0;
  for (let i = 0; i < text.length && width <= 200; i++) width += text[i] === '\t' ? 8 - (width % 8) : 1;
  return width;
}

/**
 * True for the end of a quoted line that was broken off and came out without quote marks, the next quoted line
 * right behind. What reads like a sentence is a comment.
 */
export function continuesQuoted(
  lines: readonly Line[],
  at: number,
  prefix: Prefix,
  traits: TextTraits,
): boolean {
  const before = lines[at - 1];
  const after = lines[at + 1];
  const { text } = lines[at]!;
  if (before === undefined || after === undefined || text.trim() === '' || text.startsWith('>')) return false;
  if (bodyStart(before, prefix) < 0 || bodyStart(after, prefix) < 0) return false;
  const space = text.indexOf(' ');
  const word = space < 0 ? text.length : space;
  const width = before.text.length + 1 + word;
  if (displayWidth(before.text) + 1 + word <= 72 || width <= traits.longest || text.length > 78) return false;
  return !/[?!]$|^[A-Z][a-z']{1,20} [a-z']{1,20} [a-z']/.test(text.trimEnd().slice(0, 80));
}
