/** Telling copies of one patch by their hunks, and making one of several. */
import type { Accepted, Candidate } from './candidate.ts';
import type { FilePatch, Hunk } from './series.ts';

function keyOf(file: FilePatch, hunk: Hunk): string | null {
  if (hunk.oldStart === null || hunk.newStart === null) return null;
  return `${file.newPath ?? file.oldPath ?? ''}\n${hunk.oldStart},${hunk.oldCount},${hunk.newStart},${hunk.newCount}`;
}

/** For each hunk whose `@@` line is known, by path and numbers: its changed lines without white space. */
export type HunkKeys = ReadonlyMap<string, ReadonlySet<string>>;

/** The keys of one list of files are asked for once for every other patch of the input that may be a copy. */
const KEYS = new WeakMap<readonly FilePatch[], HunkKeys>();

export function hunkKeys(files: readonly FilePatch[]): HunkKeys {
  const known = KEYS.get(files);
  if (known !== undefined) return known;
  const keys = new Map<string, ReadonlySet<string>>();
  KEYS.set(files, keys);
  for (const file of files) {
    if (file.hunks.length === 0) keys.set(`${file.oldPath ?? ''}\n${file.newPath ?? ''}`, new Set());
    for (const hunk of file.hunks) {
      const key = keyOf(file, hunk);
      if (key !== null) keys.set(key, changes(hunk));
    }
  }
  return keys;
}

function changes(hunk: Hunk): ReadonlySet<string> {
  const lines = hunk.lines.filter((line) => line.kind !== 'context' && line.text.trim() !== '');
  return new Set(lines.map((line) => line.kind[0] + line.text.replace(/\s/g, '')));
}

/** True where two diffs have the same hunks with the same changes. */
export function sameHunks(a: HunkKeys, b: HunkKeys): boolean {
  if (a.size !== b.size || a.size === 0) return false;
  for (const [key, lines] of b) {
    const other = a.get(key);
    if (other === undefined || other.size !== lines.size || !overlaps(lines, other, 1)) return false;
  }
  return true;
}

/** True where the smaller of two sets of changed lines is in the other by at least this share. */
function overlaps(a: ReadonlySet<string>, b: ReadonlySet<string>, share: number): boolean {
  let found = 0;
  for (const line of a) if (b.has(line)) found++;
  return found >= Math.min(a.size, b.size) * share;
}

/** A quotation may have lost or joined some lines of a hunk; a hunk with fewer lines in common is another one. */
const COPY_SHARE = 0.6;

/** How many hunks of `files` are copies of hunks of `base`, and how many only have the numbers in common. */
function compare(base: HunkKeys, files: HunkKeys): { readonly copies: number; readonly others: number } {
  let copies = 0;
  let others = 0;
  for (const [key, lines] of files) {
    const known = base.get(key);
    if (known === undefined) continue;
    if (overlaps(lines, known, COPY_SHARE)) copies++;
    else others++;
  }
  return { copies, others };
}

/** True where hunks of `files` are copies of hunks of `base`, and none has other changes in the same place. */
export function repeats(base: readonly FilePatch[], files: readonly FilePatch[]): boolean {
  const keys = hunkKeys(files);
  const { copies, others } = compare(hunkKeys(base), keys);
  return copies > 0 && others === 0 && copies * 2 >= keys.size;
}

/** The same for hunks whose file name was cut out: their numbers and their text tell. */
function repeatsUnnamed(base: readonly FilePatch[], files: readonly FilePatch[]): boolean {
  if (!files.every((file) => file.newPath === null && file.oldPath === null)) return false;
  const numbers = new Map([...hunkKeys(base)].map(([key, lines]) => [key.slice(key.indexOf('\n')), lines]));
  return compare(numbers, hunkKeys(files)).copies > 0;
}

function sharesBlobs(a: readonly FilePatch[], b: readonly FilePatch[]): boolean {
  return b.some((file) => a.some((other) => file.newPath === other.newPath && sameBlobs(file, other)));
}

/** Abbreviations of one hash may differ in length. */
function sameBlobs(a: FilePatch, b: FilePatch): boolean {
  if (a.newBlob === null || b.newBlob === null || a.oldBlob === null || b.oldBlob === null) return false;
  const same = (one: string, two: string) => one.startsWith(two) || two.startsWith(one);
  return same(a.newBlob, b.newBlob) && same(a.oldBlob, b.oldBlob);
}

/** True where a quoted diff is a copy of an accepted patch, or of a part of it. */
export function isQuoteOf(candidate: Candidate, accepted: Accepted): boolean {
  return [accepted.candidate, ...accepted.copies.slice(-MAX_COPIES)].some((base) =>
    isQuoteOfBase(candidate, base, accepted),
  );
}

/** With how many quotations of a patch a further one is compared. */
const MAX_COPIES = 8;

function isQuoteOfBase(candidate: Candidate, base: Candidate, accepted: Accepted): boolean {
  const [subject, other] = [candidate.message.subject, base.message.subject];
  const sameMessage = candidate.message === base.message;
  const sameTitle =
    subject !== null && other !== null && subject.title !== '' && subject.title === other.title;
  // Two versions of one patch have hunks in common, and are still two.
  if (sameTitle && !sameMessage && subject.version !== other.version) return false;
  if (repeats(base.files, candidate.files) || repeatsUnnamed(base.files, candidate.files)) return true;
  if (sharesBlobs(base.files, candidate.files)) return true;
  if (sameMessage || !sameTitle) return false;
  const keys = hunkKeys(candidate.files);
  if (keys.size === 0) return true;
  if (compare(hunkKeys(base.files), keys).others > 0) return false;
  // Another part of the same patch, where only quotations are at hand; else a proposal that was quoted.
  const paths = new Set(base.files.map((file) => file.newPath ?? file.oldPath));
  const blobs = candidate.files.some((file) => file.newBlob !== null && paths.has(file.newPath));
  return !accepted.whole && !accepted.isProposal && candidate.depth === base.depth && !blobs;
}

const RANK = { exact: 2, whitespace: 1, partial: 0 } as const;

/** One list of files from several copies of it: all hunks that any of them has, each in its best copy. */
export function mergeFiles(copies: readonly (readonly FilePatch[])[]): readonly FilePatch[] {
  const merged = new Map<string, { readonly file: FilePatch; readonly runs: Map<string, Run> }>();
  for (const [index, files] of copies.entries()) {
    for (const file of files) {
      const name = `${file.oldPath ?? ''}\n${file.newPath ?? ''}`;
      const entry = merged.get(name) ?? { file, runs: new Map<string, Run>() };
      merged.set(name, entry);
      for (const [key, run] of runsOf(file, index)) {
        // A run without a place is only kept from the copy that shows its file first.
        if (run.hunks[0]!.oldStart === null && entry.file !== file) continue;
        const known = entry.runs.get(key);
        if (known === undefined || isBetter(run, known)) entry.runs.set(key, run);
      }
    }
  }
  return [...merged.values()].map(({ file, runs }) => {
    const all = [...runs.values()];
    if (all.every((run) => run.file === file)) return file;
    const start = (run: Run) => run.hunks[0]!.oldStart ?? Number.MAX_SAFE_INTEGER;
    return { ...file, hunks: all.sort((a, b) => start(a) - start(b)).flatMap((run) => run.hunks) };
  });
}

/** A hunk with the pieces that a reviewer's cuts made of the rest of it. */
interface Run {
  readonly file: FilePatch;
  readonly hunks: Hunk[];
}

function runsOf(file: FilePatch, copy: number): Map<string, Run> {
  const runs = new Map<string, Run>();
  let run: Run | null = null;
  for (const [place, hunk] of file.hunks.entries()) {
    const key = keyOf(file, hunk);
    if (key === null && run !== null) run.hunks.push(hunk);
    else {
      run = { file, hunks: [hunk] };
      runs.set(key ?? `${copy} ${place}`, run);
    }
  }
  return runs;
}

function isBetter(run: Run, known: Run): boolean {
  const size = ({ hunks }: Run) => hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
  const rank = RANK[run.hunks[0]!.fidelity] - RANK[known.hunks[0]!.fidelity];
  return rank > 0 || (rank === 0 && size(run) > size(known));
}
