/** The code behind a document, for who points at a place of it: where that is, and what functions it shows. */
import type { SourceUnit } from '../c/index.ts';
import type { Definition, Program } from '../check/index.ts';
import type { HunkLine } from '../patch/index.ts';
import type { OpenedInput } from './open-input.ts';

export interface CodeView {
  readonly program: Program;
  /** The functions that the document shows lines of, in the order of the document. */
  readonly functions: readonly Definition[];
  /** True for a function of which the patch adds or removes a line; of a file by itself, for every one. */
  isChanged(definition: Definition): boolean;
  /** The place in the code that a 1-based line and 0-based column of the document show; null for other text. */
  placeAt(line: number, column: number): CodePlace | null;
  /** The 1-based line of the document that shows a line of a file; null where none does. */
  shownAt(file: string, line: number): number | null;
}

export interface CodePlace {
  readonly unit: SourceUnit;
  readonly offset: number;
  /** The function around it, or null at file scope. */
  readonly definition: Definition | null;
}

/**
 * A patch shows the code after it; its removed lines show nothing of that.
 * @param file where the document is not the patch but a file that it leads to: the path of that file
 */
export function viewOfPatch(opened: OpenedInput, file: string | null = null): CodeView {
  const { after: program, images, series, input, scope } = opened;
  const shown = new Map<number, HunkLine>();
  for (const patch of series.patches)
    for (const file of patch.files)
      for (const hunk of file.hunks) for (const line of hunk.lines) shown.set(line.inputLine, line);
  const texts = input.text.split(/\r\n|\n|\r/);
  const byPath = new Map(images.files.map((image) => [image.path, image]));
  const shownAt = (path: string, line: number) => {
    if (file !== null) return path === file ? line : null;
    return byPath.get(path)?.postLineToInput(line) ?? null;
  };
  const functions = scope.after
    .filter((one) => byPath.has(one.unit.path) && firstShown(one, shownAt) !== null)
    .sort((left, right) => firstShown(left, shownAt)! - firstShown(right, shownAt)!);
  return {
    program,
    functions,
    shownAt,
    isChanged: ({ unit, fn }) => {
      const image = byPath.get(unit.path);
      const first = unit.position(fn.at).line;
      const last = unit.position(fn.end).line;
      return (
        image !== undefined &&
        (image.changedPostLines.some(({ start, end }) => start <= last && end >= first) ||
          image.deletions.some(({ after }) => after >= first && after < last))
      );
    },
    placeAt(line, column) {
      if (file !== null) {
        const unit = program.unit(file);
        return unit && placeIn(unit, line, column);
      }
      const source = shown.get(line);
      // An encoded mail does not show the line as it is.
      if (!source || !(texts[line - 1] ?? '').startsWith(source.text, source.inputColumn)) return null;
      for (const image of images.files) {
        const post = image.inputToPostLine(line);
        const unit = post === null ? null : program.unit(image.path);
        if (unit && post !== null) return placeIn(unit, post, column - source.inputColumn);
      }
      return null;
    },
  };
}

/** A file shows itself. */
export function viewOfFile(program: Program, unit: SourceUnit): CodeView {
  return {
    program,
    functions: unit.functions.map((fn) => ({ unit, fn })),
    isChanged: () => true,
    placeAt: (line, column) => placeIn(unit, line, column),
    shownAt: (file, line) => (file === unit.path ? line : null),
  };
}

/** The first line of the document that shows a line of the function; null where none does. */
export function firstShown({ unit, fn }: Definition, shownAt: CodeView['shownAt']): number | null {
  const last = unit.position(fn.end).line;
  for (let line = unit.position(fn.at).line; line <= last; line++) {
    const shown = shownAt(unit.path, line);
    if (shown !== null) return shown;
  }
  return null;
}

function placeIn(unit: SourceUnit, line: number, column: number): CodePlace | null {
  if (column < 0 || column > unit.line(line).length) return null;
  const offset = unit.lineStart(line) + column;
  const fn = unit.functions.find((one) => one.at <= offset && offset < one.end);
  return { unit, offset, definition: fn ? { unit, fn } : null };
}
