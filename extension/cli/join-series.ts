/**
 * The parts of a series as one. `git format-patch` writes a file a patch, and the second seldom applies without
 * the first: files that belong together are reviewed as the mailbox they would be, and what is found is told in
 * the lines of the files.
 */
import type { Parsed, Patch, Series } from '../../engine/patch/series.ts';
import type { Note, Review, ReviewFinding } from '../../engine/review/review.ts';
import type { PatchInput } from './services.ts';

/** An input as it was given, and what it was read as. */
export interface ReadPatch extends PatchInput {
  readonly series: Series;
}

export interface Joined {
  /** What to review: an input each, or several inputs as one. */
  readonly inputs: readonly PatchInput[];
  /** The review in terms of the inputs as they were given. */
  split(review: Review): Review;
}

/** Where a given input begins in a joined one: its line L is line `offset + L` there. */
interface Segment {
  /** Index of the given input. */
  readonly input: number;
  readonly offset: number;
}

/** A line that parts two mails in a mailbox, for a mail that was saved without one. */
const SEPARATOR = 'From lock-review Thu Jan  1 00:00:00 1970\n';

/**
 * Joins inputs that are numbered parts of one series, or of which one begins with the blob that another ends
 * with. Inputs that do not read as the sum of their parts when joined stay by themselves.
 */
export async function joinSeries(
  given: readonly ReadPatch[],
  read: (text: string) => Promise<Parsed<Series>>,
): Promise<Joined> {
  const inputs: PatchInput[] = [];
  const segments: Segment[][] = [];
  for (const group of groupsOf(given)) {
    const joined = group.length > 1 ? joinTexts(group, given) : null;
    if (joined !== null) {
      const whole = (await read(joined.text)).value.patches.length;
      const parts = group.reduce((sum, index) => sum + given[index]!.series.patches.length, 0);
      if (whole === parts) {
        inputs.push({ name: given[group[0]!]!.name, text: joined.text });
        segments.push(joined.segments);
        continue;
      }
    }
    for (const index of group) {
      inputs.push({ name: given[index]!.name, text: given[index]!.text });
      segments.push([{ input: index, offset: 0 }]);
    }
  }
  const names = given.map((one) => one.name);
  return { inputs, split: (review) => splitReview(review, names, inputs, segments) };
}

/** Indices of inputs that belong together, in the order of their first. */
function groupsOf(given: readonly ReadPatch[]): number[][] {
  const groups: number[][] = [];
  given.forEach((one, index) => {
    const group = groups.find((members) => members.some((member) => belong(given[member]!, one)));
    const taken = group?.some((member) => sameNumber(given[member]!, one)) ?? true;
    if (group === undefined || taken) groups.push([index]);
    else group.push(index);
  });
  return groups;
}

function belong(left: ReadPatch, right: ReadPatch): boolean {
  const numbered = (one: ReadPatch) => one.series.patches.every((patch) => patch.number !== null);
  if (numbered(left) && numbered(right)) {
    const [first] = left.series.patches;
    return first?.total !== null && right.series.patches.every((patch) => patch.total === first?.total);
  }
  return (
    follows(left.series.patches, right.series.patches) || follows(right.series.patches, left.series.patches)
  );
}

function sameNumber(left: ReadPatch, right: ReadPatch): boolean {
  const numbers = new Set(left.series.patches.map((patch) => patch.number));
  return right.series.patches.some((patch) => patch.number !== null && numbers.has(patch.number));
}

/** True where a file begins in `after` with the blob that it ended with in `before`. */
function follows(before: readonly Patch[], after: readonly Patch[]): boolean {
  const ends = new Map<string, string>();
  for (const file of before.flatMap((patch) => patch.files)) {
    if (file.newPath !== null && file.newBlob !== null) ends.set(file.newPath, file.newBlob);
  }
  return after
    .flatMap((patch) => patch.files)
    .some((file) => {
      const end = file.oldPath === null ? undefined : ends.get(file.oldPath);
      const start = file.oldBlob;
      // Hashes are abbreviated, and not always to the same length.
      return end !== undefined && start !== null && (end.startsWith(start) || start.startsWith(end));
    });
}

function joinTexts(
  group: readonly number[],
  given: readonly ReadPatch[],
): { readonly text: string; readonly segments: Segment[] } {
  const segments: Segment[] = [];
  let text = '';
  let lines = 0;
  for (const input of group) {
    const part = given[input]!.text;
    if (!part.startsWith('From ')) {
      text += SEPARATOR;
      lines++;
    }
    segments.push({ input, offset: lines });
    const whole = part.endsWith('\n') ? part : `${part}\n`;
    text += whole;
    lines += countLines(whole);
  }
  return { text, segments };
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

function splitReview(
  review: Review,
  names: readonly string[],
  inputs: readonly PatchInput[],
  segments: readonly (readonly Segment[])[],
): Review {
  const segmentAt = (input: number, line: number): Segment =>
    segments[input]!.findLast((segment) => segment.offset < line) ?? segments[input]![0]!;
  const finding = (one: ReviewFinding): ReviewFinding => {
    const shown = [one.inputLine, ...[...one.traceInputLines].reverse()].find((line) => line !== null);
    const segment = shown == null ? segments[one.input]![0]! : segmentAt(one.input, shown);
    const local = (line: number | null) =>
      line !== null && segmentAt(one.input, line) === segment ? line - segment.offset : null;
    return {
      ...one,
      input: segment.input,
      inputLine: local(one.inputLine),
      traceInputLines: one.traceInputLines.map(local),
    };
  };
  const note = (one: Note): Note => {
    const input = inputs.findIndex((each) => each.name === one.file);
    if (input < 0 || one.line === null) return one;
    const segment = segmentAt(input, one.line);
    return { ...one, file: names[segment.input]!, line: Math.max(1, one.line - segment.offset) };
  };
  return {
    ...review,
    inputs: names,
    findings: review.findings.map(finding),
    notes: review.notes.map(note),
  };
}
