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
  const same = commonLines(from.lines, to.lines);
  const findings: Finding[] = [];
  for (const [at, [a, b]] of same.entries()) {
    const next = same[at + 1];
    if (!next) break;
    const gone = from.lines.slice(a + 1, next[0]);
    const come = to.lines.slice(b + 1, next[1]);
    if (gone.length + come.length === 0) continue;
    if (gone.length > WIDEST_GAP || come.length > WIDEST_GAP) continue;
    findings.push(difference(from, to, gone, come, to.lines[next[1]]!, program));
  }
  return findings;
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
function commonLines(left: readonly Line[], right: readonly Line[]): readonly (readonly [number, number])[] {
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
