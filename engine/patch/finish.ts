/** From a file section as it was read to a file patch whose paths can be trusted to be labels inside a tree. */
import type { DraftFile } from './files.ts';
import { invisibleCharacters, visible } from './invisible.ts';
import { append, type Line } from './lines.ts';
import { bodyText } from './marks.ts';
import { modeObjection, pathObjection, treePaths } from './paths.ts';
import type { FilePatch, Hunk, Problem } from './series.ts';

/** How many suspicious lines of one file are reported one by one. */
const MAX_LINE_PROBLEMS = 20;

/**
 * Finishes the sections of one patch. Files with a path or a mode that is refused are left out, each with a
 * problem that names it. `hunksOf` gives the hunks of a section.
 */
export function finishFiles(
  drafts: readonly DraftFile[],
  hunksOf: (file: DraftFile) => readonly Hunk[],
  body: readonly Line[],
  problems: Problem[],
): FilePatch[] {
  const stripped = new Set<string>();
  const known = new Set<string>();
  for (const draft of drafts) {
    const paths = treePaths(draft.oldName, draft.newName, stripped);
    for (const prefix of paths.prefixes) stripped.add(prefix);
    for (const path of [paths.old, paths.new]) if (path !== null) known.add(path);
  }
  const files: FilePatch[] = [];
  for (const draft of drafts) {
    const file = finishFile(draft, hunksOf(draft), { stripped, known }, body, problems);
    if (file !== null) files.push(file);
  }
  return files;
}

function finishFile(
  draft: DraftFile,
  hunks: readonly Hunk[],
  { stripped, known }: { readonly stripped: ReadonlySet<string>; readonly known: ReadonlySet<string> },
  body: readonly Line[],
  problems: Problem[],
): FilePatch | null {
  const paths =
    draft.oldName === null && draft.newName === null
      ? lostPaths(draft, known, body, problems)
      : knownPaths(draft, hunks, stripped);
  const shown = paths.new ?? paths.old;
  const isEmpty = hunks.length === 0 && !draft.isBinary && !draft.isRename && !draft.isCopy;
  if (isEmpty && !draft.isNew && !draft.isDeleted && draft.oldMode === draft.newMode) {
    // A section that says nothing: a name whose hunks were cut away, which is said where they were.
    append(problems, draft.problems);
    if (shown !== null)
      problems.push({ line: draft.line, message: `there is no hunk for ${visible(shown)} in the input` });
    return null;
  }
  for (const path of new Set([paths.old, paths.new])) {
    const objection = path === null ? null : pathObjection(path);
    if (objection !== null) {
      problems.push({ line: draft.line, message: `${objection}; this file of the patch was left out` });
      return null;
    }
  }
  const objection = modeObjection(draft.newMode) ?? modeObjection(draft.oldMode);
  if (objection !== null) {
    problems.push({
      line: draft.line,
      message: `${visible(shown ?? 'the file')} ${objection}; this file of the patch was left out`,
    });
    return null;
  }
  reportInvisible(draft, paths, hunks, problems);
  append(problems, draft.problems);
  return {
    oldPath: paths.old,
    newPath: paths.new,
    oldBlob: draft.oldBlob,
    newBlob: draft.newBlob,
    oldMode: draft.isNew ? null : draft.oldMode,
    newMode: draft.isDeleted ? null : draft.newMode,
    isRename:
      draft.isRename ||
      (!draft.isCopy && paths.old !== null && paths.new !== null && paths.old !== paths.new),
    isCopy: draft.isCopy,
    isBinary: draft.isBinary,
    hunks,
    inputLine: draft.line,
  };
}

interface Paths {
  readonly old: string | null;
  readonly new: string | null;
}

function knownPaths(draft: DraftFile, hunks: readonly Hunk[], stripped: ReadonlySet<string>): Paths {
  const paths = treePaths(draft.oldName, draft.newName, stripped);
  const only = hunks.length === 1 ? hunks[0]! : null;
  // GNU diff and Subversion name an absent file like any other; its one empty side tells.
  const absent = !draft.isGit && only !== null;
  const isNew =
    draft.isNew ||
    (absent && only.oldStart === 0 && only.oldCount === 0) ||
    (draft.oldEpoch && (only?.oldCount ?? 0) === 0);
  const isGone =
    draft.isDeleted ||
    (absent && only.newStart === 0 && only.newCount === 0) ||
    (draft.newEpoch && (only?.newCount ?? 0) === 0);
  return { old: isNew ? null : paths.old, new: isGone && !isNew ? null : paths.new };
}

/** Hunks whose file header was cut away: known where the diffstat names just one file that has no section. */
function lostPaths(
  draft: DraftFile,
  known: ReadonlySet<string>,
  body: readonly Line[],
  problems: Problem[],
): Paths {
  const named = new Set<string>();
  for (const line of body.slice(0, draft.at)) {
    const path = diffstatPath(bodyText(line, draft.prefix) ?? '');
    if (path !== null && !known.has(path)) named.add(path);
  }
  const [only] = named;
  if (named.size === 1 && only !== undefined && pathObjection(only) === null) {
    problems.push({
      line: draft.line,
      message: `the name of the file that these hunks change was cut out; the diffstat names no other than ${visible(only)}`,
    });
    return { old: only, new: only };
  }
  problems.push({
    line: draft.line,
    message: 'the name of the file that these hunks change is not in the input',
  });
  return { old: null, new: null };
}

/** The path of a diffstat line (` mm/x.c | 12 ++--`), or null; names that were shortened with `...` do not count. */
function diffstatPath(text: string): string | null {
  const bar = text.indexOf(' | ');
  if (bar < 1 || bar > 300) return null;
  const path = text.slice(0, bar).trim();
  if (path.startsWith('...') || path.includes(' ') || path === '') return null;
  return /^ {0,8}(?:\d{1,7}(?: [+-]*)?|Bin )/.test(text.slice(bar + 3, bar + 30)) ? path : null;
}

function reportInvisible(draft: DraftFile, paths: Paths, hunks: readonly Hunk[], problems: Problem[]): void {
  for (const path of new Set([paths.old, paths.new])) {
    const found = path === null ? [] : invisibleCharacters(path);
    if (found.length > 0)
      problems.push({
        line: draft.line,
        message: `the path ${visible(path!)} holds invisible characters (${found.join(', ')})`,
      });
  }
  let count = 0;
  let lossy = false;
  for (const hunk of hunks) {
    for (const line of hunk.lines) {
      if (!lossy && line.kind !== 'removed' && line.text.includes('\ufffd')) {
        lossy = true;
        problems.push({
          line: line.inputLine,
          message: 'there are characters here that are not UTF-8; they were lost',
        });
      }
      if (line.kind !== 'added') continue;
      const found = invisibleCharacters(line.text);
      if (found.length === 0) continue;
      if (count++ === MAX_LINE_PROBLEMS) {
        problems.push({ line: line.inputLine, message: 'more added lines with invisible characters follow' });
        return;
      }
      if (count > MAX_LINE_PROBLEMS) return;
      problems.push({
        line: line.inputLine,
        message: `the added line holds bidirectional or invisible characters (${found.join(', ')})`,
      });
    }
  }
}
