/** Lines that remember where in the input they come from, through every decoding step. */
import { MAX_INPUT_LENGTH, MAX_LINE_LENGTH, MAX_LINES } from './limits.ts';
import type { Problem } from './series.ts';

export interface Line {
  readonly text: string;
  /** 1-based line of the input. */
  readonly line: number;
  /** 0-based column of the input line at which `text` begins. */
  readonly column: number;
  /** The quoted-printable source of `text`, where columns cannot simply be added up. */
  readonly encoded?: string;
}

/** The column of the input line at which character `index` of the line's text stands. */
export function columnAt(line: Line, index: number): number {
  const { encoded } = line;
  if (encoded === undefined) return line.column + index;
  let at = 0;
  for (let seen = 0; seen < index && at < encoded.length; seen++) {
    at += encoded[at] === '=' ? 3 : 1;
    // The further bytes of one UTF-8 character.
    while (encoded[at] === '=' && '89AB'.includes(encoded[at + 1] ?? ' ')) at += 3;
  }
  return line.column + at;
}

/** The line without its first `index` characters. */
export function dropStart(line: Line, index: number): Line {
  return index === 0
    ? line
    : { text: line.text.slice(index), line: line.line, column: columnAt(line, index) };
}

/**
 * Splits an input into lines. A carriage return that ends every line is part of the line end; where only some
 * lines have one it stays, because the patched file itself may have them.
 */
export function splitLines(input: string, problems: Problem[]): Line[] {
  let text = input;
  if (text.length > MAX_INPUT_LENGTH) {
    text = text.slice(0, MAX_INPUT_LENGTH);
    problems.push({
      line: null,
      message: `the input is longer than ${MAX_INPUT_LENGTH} characters; what lies beyond was not read`,
    });
  }
  const separator = !text.includes('\n') && text.includes('\r') ? '\r' : '\n';
  const dropReturn = separator === '\n' && everyLineHasReturn(text);
  const lines: Line[] = [];
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let column = start;
  while (start < text.length) {
    if (lines.length === MAX_LINES) {
      problems.push({
        line: MAX_LINES,
        message: `the input has more than ${MAX_LINES} lines; the rest was not read`,
      });
      break;
    }
    let end = text.indexOf(separator, start);
    if (end < 0) end = text.length;
    let stop = end;
    if (dropReturn && stop > start && text.charCodeAt(stop - 1) === 13) stop--;
    const line = lines.length + 1;
    if (stop - start > MAX_LINE_LENGTH) {
      stop = start + MAX_LINE_LENGTH;
      problems.push({ line, message: `the line is longer than ${MAX_LINE_LENGTH} characters and was cut` });
    }
    lines.push({ text: text.slice(start, stop), line, column });
    start = end + 1;
    column = 0;
  }
  return lines;
}

function everyLineHasReturn(text: string): boolean {
  if (!text.includes('\r\n')) return false;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    if (at === 0 || text.charCodeAt(at - 1) !== 13) return false;
  }
  return true;
}

export function isBlank(text: string): boolean {
  return text.trim() === '';
}

/** Appends without spreading: a spread of some 100,000 items overflows the stack. */
export function append<T>(target: T[], items: Iterable<T>): void {
  for (const item of items) target.push(item);
}
