/** The lines among which those of a hunk stand, each with what it looks like on its own. */
import type { Line } from './lines.ts';
import { isFileStart, isHardStop, isSignature } from './marks.ts';
import { bodyStart, isCutMark, type Prefix } from './quoting.ts';

/** A line of the region in which the hunk's lines stand. */
export interface Item {
  readonly kind: 'added' | 'removed' | 'context' | 'blank' | 'other' | 'cut' | 'nonewline';
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

export interface Region {
  readonly items: readonly Item[];
  /** Index of the first line that is left to the caller. */
  readonly next: number;
}

/** Collects the lines behind the `@@` line at `at`, up to what can only be something else. */
export function collectRegion(lines: readonly Line[], at: number, prefix: Prefix, flowed: boolean): Region {
  const items: Item[] = [];
  const plain = { continues: false, besideComment: false, foreign: false };
  const quoted = prefix.kind === 'literal' || prefix.depth > 0;
  let comment = false;
  let next = at + 1;
  let last = at + 1;
  for (; next < lines.length; next++) {
    const line = lines[next]!;
    if (isHardStop(lines, next, prefix)) break;
    const start = bodyStart(line, prefix);
    const body = start < 0 ? line.text : line.text.slice(start);
    if (isCutMark(body) || (start < 0 && isCutMark(body.replace(/^[> ]{1,20}/, '')))) {
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
      const broken = continuesQuoted(lines, next, prefix);
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
    const continues = previous !== undefined && breaksBefore(previous, line, body, flowed);
    items.push({ kind, line, start, continues, besideComment: comment, foreign: false, index: next });
    comment = false;
    last = next + 1;
  }
  // What stands between the last line of the region and the stop belongs to nobody: it is left to the caller.
  return { items, next: Math.min(next, Math.max(last, at + 1)) };
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

function breaksBefore(previous: Item, line: Line, body: string, flowed: boolean): boolean {
  if (previous.line.line + 1 !== line.line || previous.kind === 'cut' || previous.kind === 'blank')
    return false;
  if (body === '' || body[0] === '\t') return false;
  const before = previous.line.text;
  if (flowed && before.endsWith(' ') && before.trim() !== '') return true;
  const space = body.indexOf(' ', 1);
  const word = space < 0 ? Math.min(body.length, 40) : space;
  return displayWidth(before) + 1 + word > BREAK_WIDTH && displayWidth(before) <= 100;
}

function displayWidth(text: string): number {
  let width = 0;
  for (let i = 0; i < text.length && width <= 200; i++) width += text[i] === '\t' ? 8 - (width % 8) : 1;
  return width;
}

/** A quoted line whose end was broken off and came out without quote marks, the next quoted line right behind. */
function continuesQuoted(lines: readonly Line[], at: number, prefix: Prefix): boolean {
  const before = lines[at - 1];
  const after = lines[at + 1];
  const { text } = lines[at]!;
  if (before === undefined || after === undefined || text.trim() === '' || text.startsWith('>')) return false;
  if (bodyStart(before, prefix) < 0 || bodyStart(after, prefix) < 0) return false;
  const space = text.indexOf(' ');
  const word = space < 0 ? text.length : space;
  const width = displayWidth(before.text);
  return width + 1 + word > 72 && width <= 100 && text.length <= 60 && before.text.trim().length > 20;
}
