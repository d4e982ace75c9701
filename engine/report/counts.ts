/** Counting and ordering findings, the same way in every report. */
import type { Level, TraceStep } from '../check/finding.ts';
import type { Note, Review, ReviewFinding } from '../review/review.ts';
import { visibleLine } from './visible.ts';

/** Most severe first. */
export const LEVELS: readonly Level[] = ['error', 'warning', 'note'];

const RANK: Readonly<Record<Level, number>> = { error: 0, warning: 1, note: 2 };

/** True where `level` is as severe as `threshold` or more. */
export function atLeast(level: Level, threshold: Level): boolean {
  return RANK[level] <= RANK[threshold];
}

/** Most severe first; findings of one level keep their order. */
export function bySeverity(findings: readonly ReviewFinding[]): ReviewFinding[] {
  return LEVELS.flatMap((level) => findings.filter((finding) => finding.level === level));
}

/** `1 error`, `2 errors`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** `2 errors, 1 warning`, or the empty text where there is nothing to count. */
export function countLevels(findings: readonly ReviewFinding[]): string {
  const parts: string[] = [];
  for (const level of LEVELS) {
    const count = findings.filter((finding) => finding.level === level).length;
    if (count > 0) parts.push(plural(count, level));
  }
  return parts.join(', ');
}

/**
 * The most severe level of what fails a check: findings that the patch introduces. What was there before and
 * what the patch repairs never fails it. Null where there is none.
 */
export function worstIntroduced(review: Review): Level | null {
  const introduced = review.findings.filter((finding) => finding.status === 'introduced');
  return LEVELS.find((level) => introduced.some((finding) => finding.level === level)) ?? null;
}

/** A note on one line, as a compiler would: `mm/gup.c:12: the hunk does not fit`. */
export function noteText(note: Note): string {
  const message = visibleLine(note.message);
  if (note.file === null) return message;
  const file = visibleLine(note.file);
  return note.line === null ? `${file}: ${message}` : `${file}:${note.line}: ${message}`;
}

/** The symbols of a finding, sorted: `CONFIG_MMU=y, CONFIG_NUMA=n`; empty where it needs none. */
export function configText(finding: ReviewFinding, separator = ', '): string {
  return sortedConfig(finding)
    .map(([symbol, value]) => `${visibleLine(symbol)}=${value}`)
    .join(separator);
}

export function sortedConfig(finding: ReviewFinding): [string, string][] {
  return Object.entries(finding.config).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
}

/**
 * The function's name with parentheses; `file scope` for a finding outside any function, and a description, as
 * of a function whose name the patch does not show, as it is.
 */
export function functionText(name: string): string {
  if (name === '') return 'file scope';
  return /^\w+$/.test(name) ? `${name}()` : visibleLine(name);
}

/** The locks held after a step, in one spelling: empty for none, null where the step does not say. */
export function heldText(step: TraceStep): string | null {
  if (step.held === null) return null;
  return step.held === 'nothing' ? '' : visibleLine(step.held);
}

/** False where the path has nothing to tell beyond the finding's own line. */
export function hasPath(finding: ReviewFinding): boolean {
  const [first, ...rest] = finding.trace;
  if (first === undefined) return false;
  return rest.length > 0 || first.file !== finding.file || first.line !== finding.line;
}
