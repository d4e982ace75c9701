/** The series that takes a series back. */
import { append } from './lines.ts';
import type { FilePatch, Hunk, HunkLine, Patch, Series } from './series.ts';

/**
 * The series that undoes `series`: its patches in the opposite order, each with its sides exchanged. The reverse
 * of a copy is the removal of the copy.
 */
export function reverseSeries(series: Series): Series {
  return { patches: series.patches.map(reversePatch).reverse() };
}

function reversePatch(patch: Patch): Patch {
  return { ...patch, files: patch.files.map(reverseFile).reverse() };
}

function reverseFile(file: FilePatch): FilePatch {
  return {
    ...file,
    oldPath: file.newPath,
    newPath: file.isCopy ? null : file.oldPath,
    oldBlob: file.newBlob,
    newBlob: file.isCopy ? null : file.oldBlob,
    oldMode: file.newMode,
    newMode: file.isCopy ? null : file.oldMode,
    isCopy: false,
    hunks: file.hunks.map(reverseHunk),
  };
}

function reverseHunk(hunk: Hunk): Hunk {
  return {
    ...hunk,
    oldStart: hunk.newStart,
    oldCount: hunk.newCount,
    newStart: hunk.oldStart,
    newCount: hunk.oldCount,
    lines: reverseLines(hunk.lines),
  };
}

/** Exchanges added and removed lines; within a run of changes the removed ones stay in front, as diffs have them. */
function reverseLines(lines: readonly HunkLine[]): HunkLine[] {
  const result: HunkLine[] = [];
  let removed: HunkLine[] = [];
  let added: HunkLine[] = [];
  const flush = () => {
    append(result, removed);
    append(result, added);
    removed = [];
    added = [];
  };
  for (const line of lines) {
    if (line.kind === 'added') removed.push({ ...line, kind: 'removed' });
    else if (line.kind === 'removed') added.push({ ...line, kind: 'added' });
    else {
      flush();
      result.push(line);
    }
  }
  flush();
  return result;
}
