/** From findings in files to findings in a review: with status, place in the input, and quoted lines. */
import type { Finding } from '../check/index.ts';
import { fingerprint } from './fingerprint.ts';
import type { ReviewFinding, Status } from './review.ts';

/** Where lines come from and where they are in the input. */
export interface Places {
  /** The text of a 1-based line of a file, empty where it is not known. */
  line(file: string, line: number): string;
  /** The 1-based line of the input that shows it, or null. */
  inputLine(file: string, line: number): number | null;
}

export function present(finding: Finding, status: Status, input: number, places: Places): ReviewFinding {
  return {
    ...finding,
    status,
    input,
    inputLine: places.inputLine(finding.file, finding.line),
    sourceLine: places.line(finding.file, finding.line),
    traceLines: finding.trace.map((step) => places.line(step.file, step.line)),
    traceInputLines: finding.trace.map((step) => places.inputLine(step.file, step.line)),
    fingerprint: fingerprint(finding),
  };
}

export function byPlace(left: ReviewFinding, right: ReviewFinding): number {
  return (
    left.input - right.input ||
    compare(left.file, right.file) ||
    left.line - right.line ||
    left.column - right.column ||
    compare(left.rule, right.rule) ||
    compare(left.message, right.message)
  );
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * Which of the findings after are new, which of those before are gone. Findings are matched by fingerprint;
 * several alike are matched one to one.
 */
export function compareFindings(
  before: readonly Finding[],
  after: readonly Finding[],
): {
  readonly introduced: readonly Finding[];
  readonly existing: readonly Finding[];
  readonly fixed: readonly Finding[];
} {
  const count = new Map<string, Finding[]>();
  for (const finding of before) {
    const key = fingerprint(finding);
    count.set(key, [...(count.get(key) ?? []), finding]);
  }
  const introduced: Finding[] = [];
  const existing: Finding[] = [];
  for (const finding of after) {
    const list = count.get(fingerprint(finding));
    if (list && list.length > 0) {
      list.shift();
      existing.push(finding);
    } else introduced.push(finding);
  }
  return { introduced, existing, fixed: [...count.values()].flat() };
}
