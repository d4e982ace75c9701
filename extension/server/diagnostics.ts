import {
  type Diagnostic,
  type DiagnosticRelatedInformation,
  DiagnosticSeverity,
  DiagnosticTag,
  type Range,
} from 'vscode-languageserver';
import type { Level } from '../../engine/check/finding.ts';
import { visible } from '../../engine/report/visible.ts';
import type { Note, Review, ReviewFinding } from '../../engine/review/review.ts';
import { say } from './texts.ts';

export const SOURCE = 'lock-review';
/** The code of what is said about the analysis itself, not about the patch. */
export const NOT_CHECKED = 'not-checked';

/** What the mapping must know of the world around a review. */
export interface DiagnosticContext {
  /** The document that was reviewed, as the editor calls it. */
  readonly documentUri: string;
  /** Its lines, as they were when it was reviewed. */
  readonly documentLines: readonly string[];
  /** True where the input is the document itself; false where it was derived from it (a C file against git). */
  readonly inputIsDocument: boolean;
  /** The URI of a file of the tree; null without a tree, or where the path leaves it. */
  readonly fileUri: (path: string) => string | null;
  /** The page that explains a rule, as a URI; null where there is none. */
  readonly ruleUri: (rule: string) => string | null;
  readonly showExisting: boolean;
}

/** What `data` of a diagnostic carries, for the editor's later requests. */
export interface DiagnosticData {
  readonly fingerprint: string;
  readonly function: string;
}

const SEVERITY: Readonly<Record<Level, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  note: DiagnosticSeverity.Information,
};

/**
 * A review as diagnostics, by the URI of the document that each belongs to. The reviewed document is always
 * among them, with an empty list if it is clean. Findings that the patch fixes are left out, those that were
 * there before as the context says.
 */
export function reviewDiagnostics(review: Review, context: DiagnosticContext): Map<string, Diagnostic[]> {
  const result = new Map<string, Diagnostic[]>([[context.documentUri, []]]);
  const add = (uri: string, diagnostic: Diagnostic) => {
    const list = result.get(uri);
    if (list) list.push(diagnostic);
    else result.set(uri, [diagnostic]);
  };
  for (const finding of shownFindings(review, context)) {
    const place = placeOf(finding, context);
    add(place.uri, findingDiagnostic(finding, place.range, context));
  }
  for (const note of review.notes) {
    const place = noteLine(note, review, context);
    if (place !== null) add(context.documentUri, noteDiagnostic(note.message, place, context));
  }
  return result;
}

/** The findings that are shown as diagnostics. */
export function shownFindings(
  review: Review,
  { showExisting }: Pick<DiagnosticContext, 'showExisting'>,
): readonly ReviewFinding[] {
  return review.findings.filter(
    ({ status }) => status === 'introduced' || (status === 'existing' && showExisting),
  );
}

/** The hint that an analysis failed: the document is not clean, it is unknown. */
export function failureDiagnostic(message: string): Diagnostic {
  return {
    range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
    severity: DiagnosticSeverity.Information,
    source: SOURCE,
    code: NOT_CHECKED,
    message: visible(say('This file could not be reviewed: {0}', message)),
  };
}

export interface Place {
  readonly uri: string;
  readonly range: Range;
}

function findingDiagnostic(finding: ReviewFinding, range: Range, context: DiagnosticContext): Diagnostic {
  const ruleUri = context.ruleUri(finding.rule);
  const data: DiagnosticData = { fingerprint: finding.fingerprint, function: finding.function };
  return {
    range,
    severity: SEVERITY[finding.level],
    source: SOURCE,
    code: finding.rule,
    ...(ruleUri === null ? {} : { codeDescription: { href: ruleUri } }),
    message: visible(findingMessage(finding)),
    relatedInformation: relatedInformation(finding, context),
    ...(finding.rule === 'unused-label' ? { tags: [DiagnosticTag.Unnecessary] } : {}),
    data,
  };
}

/** What is wrong on the first line; under it for which configuration, why it matters and what to do. */
function findingMessage(finding: ReviewFinding): string {
  const config = configText(finding);
  return [
    finding.message,
    finding.status === 'existing' ? 'It was there before the patch.' : '',
    config === '' ? '' : `Only with ${config}.`,
    finding.why,
    finding.advice,
  ]
    .filter((line) => line !== '')
    .join('\n');
}

/** `CONFIG_A=y, CONFIG_B=n`, sorted; empty for a finding under every configuration. */
export function configText({ config }: ReviewFinding): string {
  const symbols = Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1));
  return symbols.map(([name, value]) => `${name}=${value}`).join(', ');
}

/** Every step of the path, in order. A step in a file that no URI leads to is shown at the finding. */
function relatedInformation(
  finding: ReviewFinding,
  context: DiagnosticContext,
): DiagnosticRelatedInformation[] {
  const fallback = placeOf(finding, context);
  return finding.trace.map((step, index) => {
    const inputLine = finding.traceInputLines[index] ?? null;
    const place =
      locate(
        step.file,
        step.line,
        step.column,
        step.column,
        inputLine,
        finding.traceLines[index] ?? '',
        context,
      ) ?? fallback;
    const number = `${index + 1}. `;
    const held = step.held === null ? '' : ` [held: ${step.held === '' ? 'nothing' : step.held}]`;
    const where = place === fallback && inputLine === null ? ` (${step.file}:${step.line})` : '';
    return { location: place, message: visible(`${number}${step.message}${where}${held}`) };
  });
}

/** Where a finding is shown: on the patch's own line, else in the tree, else at the top of the document. */
export function placeOf(finding: ReviewFinding, context: DiagnosticContext): Place {
  const { file, line, column, endColumn, inputLine, sourceLine } = finding;
  return (
    locate(file, line, column, endColumn, inputLine, sourceLine, context) ?? {
      uri: context.documentUri,
      range: lineRange(0, context.documentLines[0] ?? ''),
    }
  );
}

/**
 * Where to show a place of the post-image: on the patch's own line if it is in the patch, else in the file
 * of the tree. Null where neither is possible. Lines and columns are 1-based, as in a finding.
 */
function locate(
  file: string,
  line: number,
  column: number,
  endColumn: number,
  inputLine: number | null,
  text: string,
  context: DiagnosticContext,
): Place | null {
  if (context.inputIsDocument && inputLine !== null) {
    const shown = context.documentLines[inputLine - 1] ?? '';
    // The line as sent has a marker, and quoting, in front of the source line. An encoded mail does not
    // show the source line at all; then the whole line is meant.
    const before = text === '' ? -1 : shown.lastIndexOf(text);
    const range =
      before < 0
        ? lineRange(inputLine - 1, shown)
        : columnRange(inputLine - 1, before + column - 1, before + endColumn - 1, shown);
    return { uri: context.documentUri, range };
  }
  const uri = context.fileUri(file);
  return uri === null ? null : { uri, range: columnRange(line - 1, column - 1, endColumn - 1, text) };
}

/** The columns given, or to the end of the line's text where they are empty. All 0-based. */
function columnRange(line: number, start: number, end: number, text: string): Range {
  const from = Math.max(0, start);
  const to = end > from ? end : Math.max(from, text.trimEnd().length);
  return {
    start: { line: Math.max(0, line), character: from },
    end: { line: Math.max(0, line), character: to },
  };
}

/** The text of a line without the white space around it. */
function lineRange(line: number, text: string): Range {
  const start = text.length - text.trimStart().length;
  return {
    start: { line, character: Math.min(start, text.trimEnd().length) },
    end: { line, character: text.trimEnd().length },
  };
}

/** The 0-based line of the document that a note is about; null for a note about something else. */
function noteLine(note: Note, review: Review, context: DiagnosticContext): number | null {
  if (!context.inputIsDocument || note.line === null) return null;
  return note.file !== null && review.inputs.includes(note.file) ? note.line - 1 : null;
}

function noteDiagnostic(message: string, line: number, context: DiagnosticContext): Diagnostic {
  return {
    range: lineRange(line, context.documentLines[line] ?? ''),
    severity: DiagnosticSeverity.Hint,
    source: SOURCE,
    code: NOT_CHECKED,
    message: visible(message),
  };
}
