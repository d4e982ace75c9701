/** A line of source as a report quotes it: numbered, its tabs expanded, cut to the width, with a marker below. */
import { displayWidth, visible } from './visible.ts';

const TAB = 8;
const ELLIPSIS = '...';

/** A quoted line: its text, and the columns (0-based, `to` exclusive) in it that are meant. */
interface Laid {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** Expands tabs to the kernel's stops of eight and shows hidden characters, keeping track of the marked part. */
function layOut(source: string, column: number, endColumn: number): Laid {
  let text = '';
  let from = -1;
  let to = -1;
  let width = 0;
  for (let at = 0; at < source.length; ) {
    if (at >= column - 1 && from < 0) from = width;
    if (at >= endColumn - 1 && to < 0) to = width;
    const code = source.codePointAt(at)!;
    const character = String.fromCodePoint(code);
    const shown = code === 0x09 ? ' '.repeat(TAB - (width % TAB)) : visible(character);
    text += shown;
    width += displayWidth(shown);
    at += character.length;
  }
  if (from < 0) from = width;
  if (to < 0) to = width;
  return { text, from, to: Math.max(to, from + 1) };
}

/**
 * Fits a line into `width` columns: first by taking indentation away, then by cutting what is far from the
 * marked part. Cuts count characters, which is exact for the ASCII that C is written in.
 */
function fitWithin(line: Laid, width: number): Laid {
  const text = line.text.trimEnd();
  if (displayWidth(text) <= width) return { ...line, text };
  const indent = text.length - text.trimStart().length;
  const taken = Math.min(Math.max(0, indent - 4), line.from);
  const shifted = { text: text.slice(taken), from: line.from - taken, to: line.to - taken };
  if (displayWidth(shifted.text) <= width) return shifted;
  const atStart = shifted.to <= width - ELLIPSIS.length;
  const room = Math.max(width - (atStart ? 1 : 2) * ELLIPSIS.length, 8);
  const start = atStart ? 0 : Math.max(0, Math.min(shifted.from - 8, shifted.text.length - room));
  const head = start > 0 ? ELLIPSIS : '';
  const end = start + room;
  const tail = end < shifted.text.length ? ELLIPSIS : '';
  const limit = head.length + room;
  return {
    text: head + sliceWhole(shifted.text, start, end) + tail,
    from: Math.min(Math.max(shifted.from - start + head.length, 0), limit - 1),
    to: Math.min(Math.max(shifted.to - start + head.length, 1), limit),
  };
}

/** A slice that does not begin or end in the middle of a surrogate pair. */
function sliceWhole(text: string, start: number, end: number): string {
  const part = text.slice(start, end);
  return part.replace(/^[\udc00-\udfff]/, ' ').replace(/[\ud800-\udbff]$/, ' ');
}

/**
 * The lines that quote one line of source.
 * @param line 1-based number, shown in the gutter.
 * @param gutter how many columns the number takes.
 * @param column,endColumn 1-based, in UTF-16 units of `source`, the end exclusive; 0 for no marker.
 */
export function quoteSource(
  line: number,
  source: string,
  gutter: number,
  width: number,
  column = 0,
  endColumn = 0,
): { readonly source: string; readonly marker: string | null } {
  const laid = layOut(source, Math.max(column, 1), Math.max(endColumn, column + 1));
  const shown = fitWithin(laid, width - gutter - 3);
  const text = `${String(line).padStart(gutter)} | ${shown.text}`.trimEnd();
  if (column <= 0) return { source: text, marker: null };
  const marker = `${' '.repeat(gutter)} | ${' '.repeat(shown.from)}^${'~'.repeat(Math.max(0, shown.to - shown.from - 1))}`;
  return { source: text, marker };
}
