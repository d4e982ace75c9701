/** One review of patches and files that were given together. */
import type { Review, ReviewFinding } from '../../engine/review/review.ts';

const NOTHING: Review = {
  inputs: [],
  findings: [],
  notes: [],
  stats: { files: 0, functions: 0, paths: 0, configs: 0, milliseconds: 0 },
};

/**
 * Puts the review of patches and that of files together. A file that is reviewed by itself has no "before", so
 * all of its findings count as introduced: whoever names a file asks about all of it.
 */
export function mergeReviews(patches: Review | null, files: Review | null): Review {
  const first = patches ?? NOTHING;
  if (files === null) return first;
  const offset = first.inputs.length;
  const index = new Map(files.inputs.map((name, at) => [name, at]));
  const fromFiles = files.findings.map((finding) => ({
    ...finding,
    status: 'introduced' as const,
    input: offset + (index.get(finding.file) ?? finding.input),
  }));
  const sum = (key: keyof Review['stats']) => first.stats[key] + files.stats[key];
  return {
    inputs: [...first.inputs, ...files.inputs],
    findings: [...first.findings, ...fromFiles].sort(byPlace),
    notes: [...first.notes, ...files.notes],
    stats: {
      files: sum('files'),
      functions: sum('functions'),
      paths: sum('paths'),
      configs: sum('configs'),
      milliseconds: sum('milliseconds'),
    },
  };
}

function byPlace(left: ReviewFinding, right: ReviewFinding): number {
  return (
    compare(left.file, right.file) ||
    left.line - right.line ||
    left.column - right.column ||
    compare(left.rule, right.rule)
  );
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
