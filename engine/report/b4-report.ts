/**
 * The review as `b4 review` wants it of an external check: a JSON array on stdout, one object a check, with
 * `tool`, `status` (`pass`, `warn`, `fail`), `summary` and `details`; `[]` where there is nothing to say of this
 * message. From "Writing an external check script" in b4's `docs/maintainer/review.rst`.
 */
import type { Review } from '../review/review.ts';
import { countLevels, plural, worstIntroduced } from './counts.ts';
import { textReport } from './text-report.ts';
import { visibleJson, visibleLine } from './visible.ts';

export interface B4Check {
  readonly tool: 'lock-review';
  readonly status: 'pass' | 'warn' | 'fail';
  readonly summary: string;
  readonly details: string;
}

const STATUS = { error: 'fail', warning: 'warn', note: 'pass' } as const;

/** The report as data: empty where no function was looked at and nothing is to be said. */
export function b4Checks(review: Review): B4Check[] {
  const introduced = review.findings.filter((finding) => finding.status === 'introduced');
  if (introduced.length === 0 && review.stats.functions === 0 && review.notes.length === 0) return [];
  const worst = worstIntroduced(review);
  const rules = [...new Set(introduced.map((finding) => visibleLine(finding.rule)))];
  const summary =
    introduced.length === 0
      ? `no findings in ${plural(review.stats.functions, 'function')}`
      : `${countLevels(introduced)}: ${rules.join(', ')}`;
  return [
    {
      tool: 'lock-review',
      status: worst === null ? 'pass' : STATUS[worst],
      summary,
      details: textReport(review, { color: false, width: 80, all: false }),
    },
  ];
}

/** @returns the JSON array, ending in a line feed. */
export function b4Report(review: Review): string {
  return `${visibleJson(JSON.stringify(b4Checks(review), null, 2))}\n`;
}
