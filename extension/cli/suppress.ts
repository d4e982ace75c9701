/** What a project has decided not to report: suppressions, and the findings of a baseline. */
import type { Note, Review, ReviewFinding } from '../../engine/review/review.ts';
import { type JsonProblem, jsonValue, positionOf, readJson } from './json-reader.ts';
import { CONFIGURATION_FILE, type Suppression } from './project-configuration.ts';

/**
 * The review without the findings that a suppression or the baseline covers, with a note that counts them.
 * A suppression that names a file which was reviewed whole, and covers nothing in it, is told as stale; so is what
 * the baseline knows of such a file and is not there any more.
 * @param whole the files that were reviewed whole, not only where a patch touches them.
 */
export function suppress(
  review: Review,
  suppressions: readonly Suppression[],
  baseline: Baseline,
  whole: ReadonlySet<string>,
): Review {
  const used = new Set<Suppression>();
  const met = new Set<string>();
  let suppressed = 0;
  let known = 0;
  const findings = review.findings.filter((finding) => {
    // What the patch repairs is good news, whatever was decided about it before.
    if (finding.status === 'fixed') return true;
    const isKnown = baseline.has(finding.fingerprint);
    if (isKnown) met.add(finding.fingerprint);
    const by = suppressions.filter((one) => covers(one, finding));
    for (const one of by) used.add(one);
    if (by.length > 0) suppressed++;
    else if (isKnown) known++;
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
  const gone = new Map<string, number>();
  for (const [print, file] of baseline)
    if (whole.has(file) && !met.has(print)) gone.set(file, (gone.get(file) ?? 0) + 1);
  for (const [file, number] of [...gone].sort()) {
    const message = `${count(number)} in the baseline that this file no longer has: write the baseline anew`;
    notes.push({ message, file, line: null });
  }
  return { ...review, findings, notes };
}

/** The file of each finding that is known already, by its fingerprint. */
export type Baseline = ReadonlyMap<string, string>;

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

/** A baseline, which is a JSON report of schema version 1: `check --all --format json --output FILE` writes it. */
export function readBaseline(
  text: string,
):
  | { readonly value: Baseline; readonly problem: null }
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
  const known = new Map<string, string>();
  for (const finding of report.findings as readonly unknown[]) {
    const { fingerprint, file } = (finding ?? {}) as { fingerprint?: unknown; file?: unknown };
    if (typeof fingerprint !== 'string' || typeof file !== 'string')
      return fail({ at: root.at, message: 'expected a "fingerprint" and a "file" in every finding' });
    known.set(fingerprint, file);
  }
  return { value: known, problem: null };
}
