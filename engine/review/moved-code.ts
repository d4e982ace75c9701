/** `moved-code-changed`: blocks that the series takes out at one place and puts in at another, held against each other. */
import { type Finding, movedCodeChanged, type Program } from '../check/index.ts';
import type { FileImage, ImageSet } from '../source/index.ts';

/** A run of lines that the series takes out or puts in, blank ones left out. */
interface Block {
  readonly image: FileImage;
  readonly lines: readonly Line[];
  /** The post-image line behind which it stood, or stands. */
  readonly after: number;
}

interface Line {
  /** 1-based, in the pre-image of what is taken out, in the post-image of what is put in. */
  readonly number: number;
  readonly text: string;
  /** Without white space: moved code may be indented anew. */
  readonly key: string;
}

/** A move is at least this many lines that are the same in both places, and this part of the smaller block. */
const FEWEST_LINES = 6;
const LEAST_PART = 0.5;
/** More lines than this between two that are the same are another piece of code, not a change of it. */
const WIDEST_GAP = 4;
/** How often what is left over is compared again. */
const MOST_ROUNDS = 3;
/** Lines of the two blocks that are compared pair by pair. */
const MOST_PAIRS = 4_000_000;

export function movedCodeFindings(images: ImageSet, program: Program): readonly Finding[] {
  const removed = images.files.flatMap(takenOut).filter((block) => block.lines.length >= FEWEST_LINES);
  const added = images.files.flatMap(putIn).filter((block) => block.lines.length >= FEWEST_LINES);
  const findings: Finding[] = [];
  for (const to of added) {
    const from = originOf(to, removed);
    if (from) findings.push(...differences(from, to, program));
  }
  return findings;
}

function takenOut(image: FileImage): readonly Block[] {
  if (image.pre === null) return [];
  const lines = image.pre.split('\n');
  return image.deletions.map(({ after, pre }) => ({
    image,
    after,
    lines: blockLines(lines, pre.start, pre.end),
  }));
}

function putIn(image: FileImage): readonly Block[] {
  if (image.post === null) return [];
  const lines = image.post.split('\n');
  return image.changedPostLines.map(({ start, end }) => ({
    image,
    after: start - 1,
    lines: blockLines(lines, start, end),
  }));
}

function blockLines(lines: readonly string[], start: number, end: number): readonly Line[] {
  const found: Line[] = [];
  for (let number = start; number <= end; number++) {
    const text = lines[number - 1] ?? '';
    const key = text.replace(/\s+/g, '');
    if (key !== '') found.push({ number, text: text.trim(), key });
  }
  return found;
}

/** The block that was taken out elsewhere and has most in common with this one; null where none has enough. */
function originOf(to: Block, removed: readonly Block[]): Block | null {
  let best: Block | null = null;
  let most = 0;
  for (const from of removed) {
    // At the same place, it is an edit.
    if (
      from.image === to.image &&
      Math.abs(from.after - to.after) <= to.lines.length + 1 &&
      touches(from, to)
    )
      continue;
    if (from.lines.length * to.lines.length > MOST_PAIRS) continue;
    const common = inCommon(from, to);
    if (common < Math.max(FEWEST_LINES, LEAST_PART * Math.min(from.lines.length, to.lines.length))) continue;
    if (common > most) {
      best = from;
      most = common;
    }
  }
  return best;
}

function touches(from: Block, to: Block): boolean {
  const last = to.lines[to.lines.length - 1]!.number;
  return from.after >= to.after && from.after <= last;
}

/** Lines of some length that both have: braces are everywhere. */
function inCommon(from: Block, to: Block): number {
  const keys = new Set(from.lines.map((line) => line.key));
  return to.lines.filter(({ key }) => key.length > 4 && keys.has(key)).length;
}

/** One finding for each place in a moved block where a few lines differ between lines that do not. */
function differences(from: Block, to: Block, program: Program): readonly Finding[] {
  return moves(from.lines, to.lines, 0).flatMap((run) =>
    run.pairs.flatMap(([a, b], at): readonly Finding[] => {
      const next = run.pairs[at + 1];
      if (!next) return [];
      const gone = run.from.slice(a + 1, next[0]);
      const come = run.to.slice(b + 1, next[1]);
      if (gone.length + come.length === 0) return [];
      return [difference(from, to, gone, come, run.to[next[1]]!, program)];
    }),
  );
}

/** Lines that are the same in both, in order, with no more than a few others between any two of them. */
interface MovedRun {
  readonly from: readonly Line[];
  readonly to: readonly Line[];
  readonly pairs: readonly Pair[];
}

type Pair = readonly [number, number];

/** The runs that two blocks have in common, whatever their order: what one comparison leaves over is compared again. */
function moves(from: readonly Line[], to: readonly Line[], depth: number): readonly MovedRun[] {
  if (depth > MOST_ROUNDS || from.length < FEWEST_LINES || to.length < FEWEST_LINES) return [];
  const runs: Pair[][] = [];
  for (const pair of commonLines(from, to)) {
    const run = runs[runs.length - 1];
    const last = run?.[run.length - 1];
    if (run && last && pair[0] - last[0] <= WIDEST_GAP + 1 && pair[1] - last[1] <= WIDEST_GAP + 1)
      run.push(pair);
    else runs.push([pair]);
  }
  const good = runs.filter((run) => run.length >= FEWEST_LINES);
  if (good.length === 0) return [];
  const found: MovedRun[] = good.map((pairs) => ({ from, to, pairs }));
  const left = between(
    from,
    good.map((run) => [run[0]![0], run[run.length - 1]![0]] as const),
  );
  const right = between(
    to,
    good.map((run) => [run[0]![1], run[run.length - 1]![1]] as const),
  );
  for (const a of left) for (const b of right) found.push(...moves(a, b, depth + 1));
  return found;
}

/** What lies before, between and behind the spans. */
function between(lines: readonly Line[], spans: readonly Pair[]): readonly (readonly Line[])[] {
  const parts: (readonly Line[])[] = [];
  let at = 0;
  for (const [first, last] of spans) {
    parts.push(lines.slice(at, first));
    at = last + 1;
  }
  return [...parts, lines.slice(at)];
}

function difference(
  from: Block,
  to: Block,
  gone: readonly Line[],
  come: readonly Line[],
  next: Line,
  program: Program,
): Finding {
  const file = to.image.path;
  const origin = from.image.oldPath ?? from.image.path;
  const line = (come[0] ?? next).number;
  const unit = program.unit(file);
  const offset = unit?.lineStart(line) ?? 0;
  const fn = unit?.functions.find((one) => one.at <= offset && offset < one.end);
  const was = gone.map((one) => one.text).join(' ');
  const is = come.map((one) => one.text).join(' ');
  const place = { file, line, column: 1 };
  let message = `moved from ${origin}, but not as it was: '${short(was)}' became '${short(is)}'`;
  if (is === '') message = `moved from ${origin}, but without '${short(was)}'`;
  if (was === '') message = `moved from ${origin}, where '${short(is)}' was not part of it`;
  return {
    rule: movedCodeChanged.id,
    level: movedCodeChanged.level,
    message,
    why: movedCodeChanged.doc.why,
    advice: movedCodeChanged.doc.advice,
    ...place,
    endColumn: (unit?.line(line).length ?? 0) + 1,
    function: fn?.name ?? '',
    config: {},
    trace: [
      {
        ...place,
        message: `differs from ${origin}:${(gone[0] ?? from.lines[0]!).number}`,
        kind: 'violation',
        held: null,
      },
    ],
    lock: '',
    shape: `${was} ${is}`,
  };
}

function short(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}

/** The longest common subsequence, as pairs of indices. */
function commonLines(left: readonly Line[], right: readonly Line[]): readonly Pair[] {
  const width = right.length + 1;
  const lengths = new Uint16Array((left.length + 1) * width);
  for (let a = left.length - 1; a >= 0; a--) {
    for (let b = right.length - 1; b >= 0; b--) {
      lengths[a * width + b] =
        left[a]!.key === right[b]!.key
          ? lengths[(a + 1) * width + b + 1]! + 1
          : Math.max(lengths[(a + 1) * width + b]!, lengths[a * width + b + 1]!);
    }
  }
  const pairs: [number, number][] = [];
  for (let a = 0, b = 0; a < left.length && b < right.length; ) {
    if (left[a]!.key === right[b]!.key) pairs.push([a++, b++]);
    else if (lengths[(a + 1) * width + b]! >= lengths[a * width + b + 1]!) a++;
    else b++;
  }
  return pairs;
}
