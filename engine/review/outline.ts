/** A series as its reader goes through it: patches, the functions that each changes, and what was found in them. */
import type { Patch } from '../patch/index.ts';
import type { OpenedInput } from './open-input.ts';
import type { Review, ReviewFinding } from './review.ts';

export interface Outline {
  readonly patches: readonly OutlinedPatch[];
  /** Findings in files that the series does not touch. */
  readonly elsewhere: readonly OutlinedFunction[];
}

export interface OutlinedPatch {
  /** The subject without `[PATCH …]`; a bare diff has the names of its files. */
  readonly title: string;
  readonly number: number | null;
  readonly total: number | null;
  /** 1-based line of the document where it begins. */
  readonly line: number;
  readonly functions: readonly OutlinedFunction[];
}

export interface OutlinedFunction {
  /** Empty for what lies at file scope. */
  readonly name: string;
  readonly file: string;
  /** 1-based line of the document that shows it first; null where none does. */
  readonly line: number | null;
  readonly findings: readonly ReviewFinding[];
}

/** @param review of the same input, with the findings of every status */
export function outlineOf(opened: OpenedInput, review: Review): Outline {
  const { patches } = opened.series;
  const byPatch = patches.map(() => new Map<string, { line: number | null; findings: ReviewFinding[] }>());
  const elsewhere = new Map<string, { line: number | null; findings: ReviewFinding[] }>();
  patches.forEach((patch, at) => {
    for (const { file, name, line } of changedFunctions(opened, patch))
      byPatch[at]!.set(`${file}\n${name}`, { line, findings: [] });
  });
  for (const finding of review.findings) {
    const at = finding.inputLine === null ? -1 : lastBefore(patches, finding.inputLine);
    const into = byPatch[at] ?? elsewhere;
    const key = `${finding.file}\n${finding.function}`;
    const known = into.get(key);
    if (known) known.findings.push(finding);
    else into.set(key, { line: finding.inputLine, findings: [finding] });
  }
  const listed = (map: (typeof byPatch)[number]) =>
    [...map].map(([key, { line, findings }]): OutlinedFunction => {
      const [file = '', name = ''] = key.split('\n');
      return { name, file, line, findings };
    });
  return {
    patches: patches.map((patch, at) => ({
      title: patch.subject ?? fileNames(patch),
      number: patch.number,
      total: patch.total,
      line: patch.inputLine,
      functions: listed(byPatch[at]!),
    })),
    elsewhere: listed(elsewhere),
  };
}

/** The patch that a line of the input belongs to: the last in the input that begins at or before it. */
function lastBefore(patches: readonly Patch[], line: number): number {
  let best = -1;
  patches.forEach((patch, at) => {
    if (patch.inputLine <= line && (best < 0 || patches[best]!.inputLine < patch.inputLine)) best = at;
  });
  return best;
}

function fileNames(patch: Patch): string {
  const names = patch.files.map((file) => file.newPath ?? file.oldPath ?? '?');
  return names.length > 2 ? `${names[0]} and ${names.length - 1} more` : names.join(', ');
}

/** The functions of the code after the series that hold a line which this patch changes. */
function changedFunctions(
  { after, before, images }: OpenedInput,
  patch: Patch,
): readonly { readonly file: string; readonly name: string; readonly line: number }[] {
  const found = new Map<string, { file: string; name: string; line: number }>();
  for (const file of patch.files) {
    const path = file.newPath ?? file.oldPath;
    const image = images.files.find((one) => one.path === path || one.oldPath === path);
    if (!image) continue;
    for (const { kind, inputLine } of file.hunks.flatMap((hunk) => hunk.lines)) {
      if (kind === 'context') continue;
      const line = kind === 'added' ? image.inputToPostLine(inputLine) : image.inputToPreLine(inputLine);
      const unit = kind === 'added' ? after.unit(image.path) : before.unit(image.oldPath ?? image.path);
      if (line === null || !unit) continue;
      const at = unit.lineStart(line);
      const fn = unit.functions.find((one) => one.at <= at && at < one.end);
      const key = fn ? `${image.path}\n${fn.name}` : '';
      if (fn && !found.has(key)) found.set(key, { file: image.path, name: fn.name, line: inputLine });
    }
  }
  return [...found.values()];
}
