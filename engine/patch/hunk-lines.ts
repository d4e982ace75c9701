/** The pieces of which a hunk is put together, however it is read. */
import type { HunkHeader } from './hunk-header.ts';
import { columnAt, type Line } from './lines.ts';
import type { Hunk, HunkLine, Problem } from './series.ts';

/** A hunk while it is read. */
export interface DraftHunk {
  readonly hunk: Hunk;
  /** True where context lines came without their marker: the white space of the whole text is in doubt. */
  readonly lostMarkers: boolean;
}

export interface HunkReading {
  /** One hunk, or several where a reviewer cut lines out of its middle. */
  readonly hunks: readonly DraftHunk[];
  readonly problems: readonly Problem[];
  /** Index of the first line that does not belong to them. */
  readonly next: number;
}

/** The header's numbers and label, as a hunk has them. */
export function headerFields(
  header: HunkHeader,
): Pick<Hunk, 'oldStart' | 'oldCount' | 'newStart' | 'newCount' | 'section'> {
  const { oldStart, oldCount, newStart, newCount, section } = header;
  return { oldStart, oldCount, newStart, newCount, section };
}

/** A line of a hunk whose text begins at `start`. */
export function hunkLine(line: Line, kind: HunkLine['kind'], start: number, dropReturn: boolean): HunkLine {
  let text = line.text.slice(start);
  if (dropReturn && text.endsWith('\r')) text = text.slice(0, -1);
  return { kind, text, inputLine: line.line, inputColumn: columnAt(line, start), noNewline: false };
}

/** Notes that the line read last has no newline at its end. */
export function markNoNewline(lines: HunkLine[]): void {
  const last = lines.at(-1);
  if (last) lines[lines.length - 1] = { ...last, noNewline: true };
}
