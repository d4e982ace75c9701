/** What a project has decided not to report: suppressions, and the findings of a baseline. */
import type { Note, Review, ReviewFinding } from '../../engine/review/review.ts';
import { type JsonProblem, jsonValue, positionOf, readJson } from './json-reader.ts';
import { CONFIGURATION_FILE, type Suppression } from './project-configuration.ts';

/**
 * The review without the findings that a suppression or the baseline covers, with a note that counts them.
 * A suppression that names a file which was reviewed whole, and covers nothing in it, is told as stale.
 * @param whole the files that were reviewed whole, not only where a patch touches them.
 */
export function suppress(
  review: Review,
  suppressions: readonly Suppression[],
  baseline: ReadonlySet<string>,
  whole: ReadonlySet<string>,
): Review {
  const used = new Set<Suppression>();
  let suppressed = 0;
  let known = 0;
  const findings = review.findings.filter((finding) => {
    // What the patch repairs is good news, whatever was decided about it before.
    if (finding.status === 'fixed') return true;
    const by = suppressions.filter((one) => covers(one, finding));
    for (const one of by) used.add(one);
    if (by.length > 0) suppressed++;
    else if (baseline.has(finding.fingerprint)) known++;
    else return true;
    return false;
  });
  const notes: Note[] = [...review.notes];
  const add = (message: string, line: number | null) =>
    notes.push({ message, file: CONFIGURATION_FILE, line });
  if (suppressed > 0) add(`${count(suppressed)} suppressed`, null);
  if (known > 0) add(`${count(known)} known from the baseline and not reported again`, null);
  for (const one of suppressions) {
    if (one.file !== undefined && whole.has(one.file) && !used.has(one)) {
      add(`this suppression covers nothing in ${one.file} any more`, one.line);
    }
  }
  return { ...review, findings, notes };
}

function count(findings: number): string {
  return findings === 1 ? '1 finding is' : `${findings} findings are`;
}

function covers(suppression: Suppression, finding: ReviewFinding): boolean {
  const { rule, file, fingerprint } = suppression;
  if (rule !== undefined && rule !== finding.rule) return false;
  if (suppression.function !== undefined && suppression.function !== finding.function) return false;
  if (fingerprint !== undefined && fingerprint !== finding.fingerprint) return false;
  return file === undefined || file === finding.file || (file.endsWith('/') && finding.file.startsWith(file));
}

/** The fingerprints of a baseline, which is a JSON report of schema version 1. */
export function readBaseline(
  text: string,
):
  | { readonly value: ReadonlySet<string>; readonly problem: null }
  | { readonly value: null; readonly problem: { readonly line: number; readonly message: string } } {
  const { root, problem } = readJson(text);
  const fail = ({ at, message }: JsonProblem) => ({
    value: null,
    problem: { line: positionOf(text, at).line, message },
  });
  if (problem !== null) return fail(problem);
  const report = jsonValue(root) as { version?: unknown; findings?: unknown } | null;
  if (
    report === null ||
    typeof report !== 'object' ||
    report.version !== 1 ||
    !Array.isArray(report.findings)
  ) {
    return fail({
      at: root.at,
      message: 'expected a report of `lock-review check --format json`, version 1',
    });
  }
  const prints = report.findings.map((finding: { fingerprint?: unknown } | null) => finding?.fingerprint);
  if (!prints.every((print) => typeof print === 'string')) {
    return fail({ at: root.at, message: 'expected a "fingerprint" in every finding' });
  }
  return { value: new Set(prints), problem: null };
}
