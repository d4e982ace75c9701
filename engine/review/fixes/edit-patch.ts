/** Edits of the code after a patch as edits of the patch, with the counts of its hunks kept true. */
import type { FilePatch, Hunk, Series } from '../../patch/index.ts';
import type { FileImage } from '../../source/index.ts';
import type { LineEdit } from './line-edit.ts';

/** Lines of the document, 1-based: `from`…`to` are replaced; with `to` = `from` - 1 lines come in front of `from`. */
export interface DocumentEdit {
  readonly from: number;
  readonly to: number;
  readonly lines: readonly string[];
}

/**
 * @param document the patch as text
 * @returns null where the patch does not show every line that is edited, or does not show it as it is. By falling
 *   line.
 */
export function editPatch(
  series: Series,
  images: readonly FileImage[],
  document: string,
  edits: readonly LineEdit[],
): readonly DocumentEdit[] | null {
  const lines = document.split(/\r\n|\n|\r/);
  const made: DocumentEdit[] = [];
  /** How many lines each hunk gains. */
  const gains = new Map<Hunk, number>();
  let file: FilePatch | null = null;
  for (const edit of edits) {
    const image = images.find((one) => one.path === edit.file);
    const isInsertion = edit.to < edit.from;
    // What is inserted comes behind the line above it, where the patch shows that one.
    const anchor = image?.postLineToInput(isInsertion ? edit.from - 1 : edit.to) ?? null;
    const place = anchor === null ? null : findLine(series, anchor);
    if (!image || !place || anchor === null) return null;
    if (file !== null && file !== place.file) return null;
    file = place.file;
    const { hunk, line } = place;
    const prefix = (lines[anchor - 1] ?? '').slice(0, line.inputColumn - 1);
    const added = edit.lines.map((text) => `${prefix}+${text}`);
    if (!isInsertion && edit.from < edit.to && added.length > 0) return null;
    if (isInsertion) made.push({ from: anchor + 1, to: anchor, lines: added });
    else {
      for (let post = edit.to; post >= edit.from; post--) {
        const input = image.postLineToInput(post);
        const shown = input === null ? null : findLine(series, input);
        if (input === null || shown?.hunk !== hunk) return null;
        const text = lines[input - 1] ?? '';
        if (!text.startsWith(shown.line.text, shown.line.inputColumn)) return null;
        const kept =
          shown.line.kind === 'added'
            ? []
            : [`${text.slice(0, shown.line.inputColumn - 1)}-${shown.line.text}`];
        made.push({ from: input, to: input, lines: post === edit.to ? [...kept, ...added] : kept });
      }
    }
    gains.set(hunk, (gains.get(hunk) ?? 0) + edit.lines.length - (edit.to - edit.from + 1));
  }
  if (file) {
    let moved = 0;
    for (const hunk of file.hunks) {
      const gain = gains.get(hunk) ?? 0;
      if (gain !== 0 || moved !== 0) {
        const header = recounted(lines[hunk.inputLine - 1] ?? '', gain, moved);
        if (header === null) return null;
        made.push({ from: hunk.inputLine, to: hunk.inputLine, lines: [header] });
      }
      moved += gain;
    }
  }
  return made.sort((left, right) => right.from - left.from || right.to - left.to);
}

function findLine(series: Series, inputLine: number) {
  for (const { files } of series.patches)
    for (const file of files)
      for (const hunk of file.hunks)
        for (const line of hunk.lines) if (line.inputLine === inputLine) return { file, hunk, line };
  return null;
}

/** A `@@` line with other numbers for the side after the patch; null where it is none. */
function recounted(header: string, gain: number, moved: number): string | null {
  const match = /^(.*@@ -\d+(?:,\d+)? \+)(\d+)(?:,(\d+))?( @@.*)$/.exec(header);
  if (!match) return null;
  const [, head, start, count = '1', tail] = match;
  const size = Number(count) + gain;
  return `${head}${Number(start) + moved}${size === 1 ? '' : `,${size}`}${tail}`;
}
