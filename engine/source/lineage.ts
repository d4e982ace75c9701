/**
 * The lines of one file on its way through a series. Each line has an identity (an index into `texts`) that it
 * keeps while patches move it up and down, so that any line of any image can be traced to the pre-image and to
 * the input.
 */

/** A range of lines, 1-based, both ends included. */
export interface LineRange {
  readonly start: number;
  readonly end: number;
}

export interface Lineage {
  /** The text of each line by identity, without its newline. */
  readonly texts: string[];
  /** Identities of the pre-image's lines in order. */
  readonly pre: number[];
  /** Identities of the current image's lines in order. Replaced, never changed in place. */
  current: readonly number[];
  /** The input line that shows a line: for an added line the one that adds it, else the last one. */
  readonly inputs: Map<number, number>;
  /** The line that an input line shows. */
  readonly byInput: Map<number, number>;
  /** Index of the patch that added a line; absent for lines of the pre-image. */
  readonly addedBy: Map<number, number>;
  /** Lines of a fragment whose text the patch does not show. */
  readonly unknown: Set<number>;
  /** Lines with no newline after them, where they come last. */
  readonly unterminated: Set<number>;
  /** The text that the lineage was made of, as long as none of its lines has been given another text. */
  source: string | null;
  /** True where a line may end in a carriage return. */
  readonly hasReturns: boolean;
}

/** A lineage whose pre-image and current image are `text`; null for a file that is not there yet. */
export function lineageOf(text: string | null): Lineage {
  const lines = text === null ? [] : text.split('\n');
  const unterminated = new Set<number>();
  if (lines.length > 0) {
    if (lines[lines.length - 1] === '') lines.pop();
    else unterminated.add(lines.length - 1);
  }
  const pre = new Array<number>(lines.length);
  for (let i = 0; i < pre.length; i++) pre[i] = i;
  return {
    texts: lines,
    pre,
    current: pre,
    inputs: new Map(),
    byInput: new Map(),
    addedBy: new Map(),
    unknown: new Set(),
    unterminated,
    source: text,
    hasReturns: text?.includes('\r') ?? false,
  };
}

/** Gives a line another text. */
export function setText(lineage: Lineage, id: number, text: string): void {
  lineage.texts[id] = text;
  lineage.source = null;
}

/** The texts of the current image's lines. */
export function currentTexts(lineage: Lineage): readonly string[] {
  const { current, pre, texts } = lineage;
  // Before the first patch, identities are places. The copy stays as it is when lines are added.
  return current === pre && texts.length === pre.length ? texts.slice() : current.map((id) => texts[id]!);
}

/** Adds a line to the store (to no image yet) and returns its identity. */
export function addLine(lineage: Lineage, text: string): number {
  lineage.texts.push(text);
  return lineage.texts.length - 1;
}

/** Notes that an input line shows a line. */
export function showLine(lineage: Lineage, id: number, inputLine: number): void {
  lineage.byInput.set(inputLine, id);
  if (!lineage.addedBy.has(id) || !lineage.inputs.has(id)) lineage.inputs.set(id, inputLine);
}

/** The text of an image given by the identities of its lines. */
export function textOf(lineage: Lineage, ids: readonly number[]): string {
  if (ids === lineage.pre && lineage.source !== null) return lineage.source;
  if (ids.length === 0) return '';
  const text = ids.map((id) => lineage.texts[id]!).join('\n');
  return lineage.unterminated.has(ids[ids.length - 1]!) ? text : `${text}\n`;
}

/** Ranges of the positions (1-based) in `ids` for which `test` holds. */
export function rangesWhere(ids: readonly number[], test: (id: number) => boolean): LineRange[] {
  const ranges: LineRange[] = [];
  let start = -1;
  for (let i = 0; i <= ids.length; i++) {
    const hit = i < ids.length && test(ids[i]!);
    if (hit && start < 0) start = i;
    if (!hit && start >= 0) {
      ranges.push({ start: start + 1, end: i });
      start = -1;
    }
  }
  return ranges;
}
