/** Telling copies of one patch by their hunks, and making one of several. */
import type { Accepted, Candidate } from './candidate.ts';
import type { FilePatch, Hunk } from './series.ts';

function keyOf(file: FilePatch, hunk: Hunk): string | null {
  if (hunk.oldStart === null || hunk.newStart === null) return null;
  return `${file.newPath ?? file.oldPath ?? ''}\n${hunk.oldStart},${hunk.oldCount},${hunk.newStart},${hunk.newCount}`;
}

/** One key for each hunk whose `@@` line is known: the path and the numbers. */
export function hunkKeys(files: readonly FilePatch[]): Set<string> {
  const keys = new Set<string>();
  for (const file of files) {
    if (file.hunks.length === 0) keys.add(`${file.oldPath ?? ''}\n${file.newPath ?? ''}`);
    for (const hunk of file.hunks) {
      const key = keyOf(file, hunk);
      if (key !== null) keys.add(key);
    }
  }
  return keys;
}

/** True where two diffs have a hunk of the same file with the same numbers, path or none. */
export function shareHunk(a: readonly FilePatch[], b: readonly FilePatch[]): boolean {
  const keys = hunkKeys(a);
  const numbers = new Set([...keys].map((key) => key.slice(key.indexOf('\n'))));
  return b.some((file) =>
    file.hunks.some((hunk) => {
      const key = keyOf(file, hunk);
      if (key === null) return false;
      // A hunk whose file name was cut out is known by its numbers alone.
      return file.newPath === null && file.oldPath === null ? numbers.has(key) : keys.has(key);
    }),
  );
}

function shareBlobs(a: readonly FilePatch[], b: readonly FilePatch[]): boolean {
  return b.some((file) =>
    a.some(
      (other) =>
        file.newPath === other.newPath &&
        file.newBlob !== null &&
        sameBlob(file.newBlob, other.newBlob) &&
        sameBlob(file.oldBlob, other.oldBlob),
    ),
  );
}

/** Abbreviations of one hash may differ in length. */
function sameBlob(a: string | null, b: string | null): boolean {
  if (a === null || b === null) return a === b;
  return a.startsWith(b) || b.startsWith(a);
}

/** True where a quoted diff is a copy of an accepted patch, or of a part of it. */
export function isQuoteOf(candidate: Candidate, accepted: Accepted): boolean {
  const base = accepted.candidate;
  if (shareHunk(base.files, candidate.files) || shareBlobs(base.files, candidate.files)) {
    const subject = candidate.message.subject;
    const other = base.message.subject;
    // Two versions of one patch have hunks in common, and are still two.
    return (
      subject === null ||
      other === null ||
      candidate.message === base.message ||
      subject.title !== other.title ||
      subject.version === other.version
    );
  }
  if (candidate.message === base.message) return false;
  const title = candidate.message.subject?.title ?? '';
  if (title === '' || title !== base.message.subject?.title) return false;
  if (candidate.message.subject!.version !== base.message.subject!.version) return false;
  const known = hunkKeys(candidate.files);
  if (known.size === 0) return true;
  // Another part of the same patch, where only quotations are at hand; else a proposal that was quoted.
  const paths = new Set(base.files.map((file) => file.newPath ?? file.oldPath));
  const blobs = candidate.files.some((file) => file.newBlob !== null && paths.has(file.newPath));
  return !accepted.whole && !accepted.isProposal && candidate.depth === base.depth && !blobs;
}

const RANK = { exact: 2, whitespace: 1, partial: 0 } as const;

/** The hunks of both, each in its better copy. `usesOther` is false where the first has all of it already. */
export function mergeFiles(
  base: readonly FilePatch[],
  other: readonly FilePatch[],
): { readonly files: readonly FilePatch[]; readonly usesOther: boolean } {
  let usesOther = false;
  const files = base.map((file) => {
    const copies = other.filter((each) => each.newPath === file.newPath && each.oldPath === file.oldPath);
    let { hunks } = file;
    for (const copy of copies) {
      const merged = mergeHunks(file, hunks, copy.hunks);
      if (merged !== hunks) usesOther = true;
      hunks = merged;
    }
    return hunks === file.hunks ? file : { ...file, hunks };
  });
  for (const file of other) {
    if (files.some((each) => each.newPath === file.newPath && each.oldPath === file.oldPath)) continue;
    usesOther = true;
    files.push(file);
  }
  return { files, usesOther };
}

function mergeHunks(file: FilePatch, base: readonly Hunk[], other: readonly Hunk[]): readonly Hunk[] {
  const byKey = new Map(base.map((hunk) => [keyOf(file, hunk), hunk]));
  const result = [...base];
  let changed = false;
  for (const hunk of other) {
    const key = keyOf(file, hunk);
    if (key === null) continue;
    const known = byKey.get(key);
    if (known === undefined) {
      result.push(hunk);
      changed = true;
    } else if (isBetter(hunk, known)) {
      result[result.indexOf(known)] = hunk;
      changed = true;
    }
  }
  if (!changed) return base;
  return result.sort(
    (a, b) => (a.oldStart ?? Number.MAX_SAFE_INTEGER) - (b.oldStart ?? Number.MAX_SAFE_INTEGER),
  );
}

function isBetter(hunk: Hunk, known: Hunk): boolean {
  const rank = RANK[hunk.fidelity] - RANK[known.fidelity];
  return rank > 0 || (rank === 0 && hunk.lines.length > known.lines.length);
}
