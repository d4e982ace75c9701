/** The review for programs: schema version 1. A change that a reader could notice needs a new version. */
import type { Level } from '../check/finding.ts';
import type { Review, ReviewFinding, Stats, Status } from '../review/review.ts';
import { noteText, sortedConfig } from './counts.ts';
import { visibleJson } from './visible.ts';

export interface JsonReport {
  readonly version: 1;
  readonly findings: readonly JsonFinding[];
  readonly notes: readonly string[];
  readonly stats: Stats;
}

export interface JsonFinding {
  readonly rule: string;
  readonly level: Level;
  readonly message: string;
  readonly file: string;
  /** 1-based, in the post-image. */
  readonly line: number;
  readonly column: number;
  /** 1-based, in the INPUT; null when outside the patch. */
  readonly inputLine: number | null;
  readonly function: string;
  /** Only the symbols that matter to it. */
  readonly config: Readonly<Record<string, string>>;
  readonly status: Status;
  readonly trace: readonly { readonly file: string; readonly line: number; readonly message: string }[];
  readonly fingerprint: string;
}

/** The report as data. Keys are in the order of the schema, symbols sorted. */
export function jsonData(review: Review): JsonReport {
  return {
    version: 1,
    findings: review.findings.map(jsonFinding),
    notes: review.notes.map(noteText),
    stats: {
      files: review.stats.files,
      functions: review.stats.functions,
      paths: review.stats.paths,
      configs: review.stats.configs,
      milliseconds: review.stats.milliseconds,
    },
  };
}

/** @returns the report as indented JSON, ending in a line feed. Hidden characters are `\u` escapes. */
export function jsonReport(review: Review): string {
  return `${visibleJson(JSON.stringify(jsonData(review), null, 2))}\n`;
}

function jsonFinding(finding: ReviewFinding): JsonFinding {
  return {
    rule: finding.rule,
    level: finding.level,
    message: finding.message,
    file: finding.file,
    line: finding.line,
    column: finding.column,
    inputLine: finding.inputLine,
    function: finding.function,
    config: Object.fromEntries(sortedConfig(finding)),
    status: finding.status,
    trace: finding.trace.map((step) => ({ file: step.file, line: step.line, message: step.message })),
    fingerprint: finding.fingerprint,
  };
}
