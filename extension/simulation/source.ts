/** The text of the code that is run, and where its lines are shown: in the patch, and in the files. */
import type { FunctionSource, SourceUnit } from '../../engine/c/index.ts';
import type { Program } from '../../engine/simulate/index.ts';
import type { FileImage, PatchedTree } from '../../engine/source/index.ts';
import type { Choice, SourceData } from '../../media/panel/messages.ts';
import type { LinePlace } from './requests.ts';

type Image = Choice['image'];

/** Longer functions are shown up to here. */
const MOST_LINES = 5000;

/** A function of a file, line by line, with the lines that the patch removes and adds; null where it is not in view. */
export function sourceOf(
  program: Program,
  applied: PatchedTree,
  image: Image,
  file: string,
  name: string,
): SourceData | null {
  const unit = program.linker.options.units.units.get(file);
  const fn = unit === undefined ? undefined : functionOf(program, unit, name);
  if (unit === undefined || fn === undefined) return null;
  const first = unit.position(fn.at).line;
  const last = Math.min(unit.position(Math.max(fn.at, fn.end - 1)).line, first + MOST_LINES);
  const lines: SourceData['lines'][number][] = [];
  const changed = imageOf(applied, image, file);
  if (changed === null) {
    for (let line = first; line <= last; line++)
      lines.push({ before: line, after: line, text: unit.line(line), input: null });
  } else {
    // Begin and end where the other image does: what it has before and behind is not this function's.
    const span = spanAfter(changed, image, first, last);
    lines.push(...merged(changed, span.first, span.last));
  }
  return { file, function: name, lines };
}

/** The definition that was compiled, where there are several. */
function functionOf(program: Program, unit: SourceUnit, name: string): FunctionSource | undefined {
  const all = unit.functions.filter((fn) => fn.name === name);
  const used = program.linker.functions.find((one) => one.unit === unit && one.name === name);
  const at = used?.ir.at;
  return all.find((fn) => at !== undefined && fn.at <= at && at < fn.end) ?? all[0];
}

function imageOf(applied: PatchedTree, image: Image, file: string): FileImage | null {
  return (
    applied.files.find((one) => (image === 'after' ? one.path : (one.oldPath ?? one.path)) === file) ?? null
  );
}

/** The lines of the post-image that a span of an image stands for. */
function spanAfter(
  changed: FileImage,
  image: Image,
  first: number,
  last: number,
): { first: number; last: number } {
  if (image === 'after') return { first, last };
  let low = first;
  while (low < last && changed.postLineOf(low) === null) low++;
  let high = last;
  while (high > low && changed.postLineOf(high) === null) high--;
  return { first: changed.postLineOf(low) ?? 1, last: changed.postLineOf(high) ?? 0 };
}

function merged(changed: FileImage, first: number, last: number): SourceData['lines'][number][] {
  const pre = (changed.pre ?? '').split('\n');
  const post = (changed.post ?? '').split('\n');
  const lines: SourceData['lines'][number][] = [];
  for (let line = first; line <= last; line++) {
    lines.push({
      before: changed.preLineOf(line),
      after: line,
      text: post[line - 1] ?? '',
      input: changed.postLineToInput(line),
    });
    if (line === last) break;
    for (const gap of changed.deletions) {
      if (gap.after !== line) continue;
      for (let at = gap.pre.start; at <= gap.pre.end; at++)
        lines.push({ before: at, after: null, text: pre[at - 1] ?? '', input: changed.preLineToInput(at) });
    }
  }
  return lines;
}

/** Where a line of the code that is run can be looked at. */
export function placeOfLine(
  program: Program,
  applied: PatchedTree,
  image: Image,
  file: string,
  line: number,
): LinePlace {
  const changed = imageOf(applied, image, file);
  if (changed !== null) {
    const input = image === 'after' ? changed.postLineToInput(line) : changed.preLineToInput(line);
    return { input, text: image === 'after' ? changed.post : changed.pre };
  }
  // Code of the scenario and of the models is in no file.
  const isOwn = file.startsWith('<');
  return { input: null, text: isOwn ? (program.linker.options.units.units.get(file)?.text ?? null) : null };
}

/** The line of the code that is run which a line of the input shows, or null. */
export function lineFromInput(
  applied: PatchedTree,
  image: Image,
  line: number,
): { file: string; line: number } | null {
  for (const file of applied.files) {
    const at = image === 'after' ? file.inputToPostLine(line) : file.inputToPreLine(line);
    if (at !== null) return { file: image === 'after' ? file.path : (file.oldPath ?? file.path), line: at };
  }
  return null;
}

/** The line of the code that is run that a line of a file of the tree is; null where the patch removes it. */
export function lineFromTree(
  applied: PatchedTree,
  image: Image,
  file: string,
  line: number,
): { file: string; line: number } | null {
  const changed = applied.files.find(
    (one) => (one.isApplied ? one.path : (one.oldPath ?? one.path)) === file,
  );
  if (changed === undefined) return { file, line };
  if (image === 'before') {
    const at = changed.isApplied ? changed.preLineOf(line) : line;
    return at === null ? null : { file: changed.oldPath ?? changed.path, line: at };
  }
  const at = changed.isApplied ? line : changed.postLineOf(line);
  return at === null ? null : { file: changed.path, line: at };
}
