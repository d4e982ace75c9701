/** An edit of whole lines of one file: what a fix is made of, and what a patch can be made to say. */

export interface LineEdit {
  readonly file: string;
  /** The 1-based lines `from`…`to` are replaced; with `to` = `from` - 1 the new lines come in front of `from`. */
  readonly from: number;
  readonly to: number;
  readonly lines: readonly string[];
}

export interface FixCandidate {
  readonly title: string;
  /** In one file, by falling line, so that each can be made without moving those after it. */
  readonly edits: readonly LineEdit[];
}

/** The text with the edits made. */
export function withEdits(text: string, edits: readonly LineEdit[]): string {
  const lines = text.split('\n');
  for (const { from, to, lines: replacement } of edits) lines.splice(from - 1, to - from + 1, ...replacement);
  return lines.join('\n');
}

/** The edits of an offset range as an edit of the lines that it touches. */
export function lineEdit(file: string, text: string, at: number, end: number, replacement: string): LineEdit {
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length;
  const from = lineOf(at);
  const start = text.lastIndexOf('\n', at - 1) + 1;
  // A range of whole lines ends where the next one begins.
  const whole = end > at && text[end - 1] === '\n' && start === at;
  const stop = whole ? end - 1 : text.indexOf('\n', end) < 0 ? text.length : text.indexOf('\n', end);
  const changed = text.slice(start, at) + replacement + text.slice(whole ? stop : end, stop);
  const gone = whole && replacement === '';
  return { file, from, to: lineOf(stop), lines: gone ? [] : changed.replace(/\n$/, '').split('\n') };
}
