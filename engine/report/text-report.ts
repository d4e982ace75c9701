/**
 * The review for a person at a terminal: what, where, the path that leads there, why it matters, what to do.
 * The first line of a finding has the form of a compiler's message, so that editors jump to it.
 */
import type { Review, ReviewFinding } from '../review/review.ts';
import { configText, countLevels, functionText, hasPath, heldText, noteText, plural } from './counts.ts';
import { quoteSource } from './quote-source.ts';
import { type Style, style } from './style.ts';
import { visibleLine } from './visible.ts';
import { wrap } from './wrap.ts';

export interface TextOptions {
  /** Colours by ECMA-48 sequences. */
  readonly color: boolean;
  /** Columns to fill; 80 is what a mail and a terminal have. */
  readonly width: number;
  /** Also what was there before the patch, and what the patch repairs, in full. */
  readonly all: boolean;
}

/** Narrower than this nothing can be laid out. */
const LEAST_WIDTH = 40;

/** @returns the report, ending in a line feed. */
export function textReport(review: Review, options: TextOptions): string {
  const paint = style(options.color);
  const width = Math.max(options.width, LEAST_WIDTH);
  const shown = review.findings.filter((finding) => finding.status === 'introduced' || options.all);
  const blocks = shown.map((finding) => findingText(review, finding, { ...options, width }));
  const repaired = review.findings.filter((finding) => finding.status === 'fixed');
  if (repaired.length > 0 && !options.all) blocks.push(repairedText(repaired, width, paint));
  if (review.notes.length > 0) blocks.push(notesText(review, width, paint));
  blocks.push(`${summary(review, options.all, width, paint).join('\n')}\n`);
  return blocks.join('\n');
}

/** One finding as a block of lines, ending in a line feed. */
export function findingText(
  review: Pick<Review, 'inputs'>,
  finding: ReviewFinding,
  options: TextOptions,
): string {
  const paint = style(options.color);
  const width = Math.max(options.width, LEAST_WIDTH);
  const lines = [heading(finding, paint), ''];
  lines.push(...wrap(visibleLine(finding.message), width, '  ').map(paint.bold), '');
  if (finding.sourceLine !== '') {
    const quote = quoteSource(finding.line, finding.sourceLine, 7, width, finding.column, finding.endColumn);
    lines.push(quote.source);
    if (quote.marker !== null) lines.push(paint.level(finding.level, quote.marker));
    lines.push('');
  }
  const config = configText(finding);
  if (config !== '') lines.push(...section('Only with: ', config, width, paint));
  if (hasPath(finding)) lines.push(...path(finding, width, paint), '');
  if (finding.why !== '') lines.push(...section('Why: ', visibleLine(finding.why), width, paint));
  if (finding.advice !== '')
    lines.push(...section('What to do: ', visibleLine(finding.advice), width, paint));
  const input = review.inputs[finding.input];
  if (finding.inputLine !== null && input !== undefined && visibleLine(input) !== visibleLine(finding.file)) {
    lines.push(...section('In the patch: ', `${visibleLine(input)}:${finding.inputLine}`, width, paint));
  }
  return `${lines.join('\n')}\n`;
}

function heading(finding: ReviewFinding, paint: Style): string {
  const where = `${visibleLine(finding.file)}:${finding.line}:${finding.column}:`;
  const what = `${finding.level}[${visibleLine(finding.rule)}]`;
  const status =
    finding.status === 'introduced'
      ? ''
      : finding.status === 'fixed'
        ? ' (the patch repairs this)'
        : ' (from before the patch)';
  return `${paint.bold(where)} ${paint.level(finding.level, what)} in ${functionText(finding.function)}${status}`;
}

/** A labelled paragraph: later lines are indented by two more columns, not by the length of the label. */
function section(label: string, text: string, width: number, paint: Style): string[] {
  const [first = '', ...rest] = wrap(`${label}${text}`, width, '  ', '    ');
  return [`  ${paint.bold(label.trimEnd())}${first.slice(2 + label.trimEnd().length)}`, ...rest];
}

function path(finding: ReviewFinding, width: number, paint: Style): string[] {
  const lines = [paint.bold('  The path:')];
  const digits = String(finding.trace.length).length;
  const indent = ' '.repeat(digits + 6);
  let file = finding.file;
  let quoted = '';
  // Nothing is held on entry unless the first step says so.
  let held = '';
  finding.trace.forEach((step, index) => {
    const number = `    ${String(index + 1).padStart(digits)}. `;
    lines.push(...wrap(visibleLine(step.message), width, number, indent));
    if (step.file !== file) {
      lines.push(paint.dim(`${indent}in ${visibleLine(step.file)}:`));
      file = step.file;
    }
    const source = finding.traceLines[index] ?? '';
    const place = `${step.file}:${step.line}`;
    if (source !== '' && place !== quoted) {
      lines.push(paint.dim(quoteSource(step.line, source, indent.length + 5, width).source));
      quoted = place;
    }
    const now = heldText(step) ?? held;
    if (now !== held)
      lines.push(...wrap(`held now: ${now === '' ? 'nothing' : now}`, width, indent, `${indent}  `));
    held = now;
  });
  return lines;
}

function repairedText(repaired: readonly ReviewFinding[], width: number, paint: Style): string {
  const lines = repaired.flatMap((finding) => {
    const where = `${visibleLine(finding.file)}:${finding.line}: ${visibleLine(finding.rule)} in ${functionText(finding.function)}`;
    return wrap(`${where}: ${visibleLine(finding.message)}`, width, '  - ', '    ');
  });
  return `${paint.good('Repaired by the patch:')}\n${lines.join('\n')}\n`;
}

function notesText(review: Review, width: number, paint: Style): string {
  const lines = review.notes.flatMap((note) => wrap(noteText(note), width, '  - ', '    '));
  return `${paint.bold('Notes:')}\n${lines.join('\n')}\n`;
}

function summary(review: Review, all: boolean, width: number, paint: Style): string[] {
  const introduced = review.findings.filter((finding) => finding.status === 'introduced');
  const existing = review.findings.filter((finding) => finding.status === 'existing').length;
  const fixed = review.findings.filter((finding) => finding.status === 'fixed').length;
  const { files, functions, configs } = review.stats;
  const parts = [introduced.length === 0 ? 'No findings' : countLevels(introduced)];
  if (existing > 0) parts.push(`${existing} from before the patch${all ? '' : ' not shown (see --all)'}`);
  if (fixed > 0) parts.push(`${fixed} repaired`);
  const scope = `${plural(functions, 'function')} in ${plural(files, 'file')}, ${plural(configs, 'configuration')}`;
  const lines = wrap(`${parts.join('; ')}. Checked ${scope}.`, width, '', '  ');
  return introduced.length === 0
    ? lines.map(paint.good)
    : lines.map((line) =>
        paint.level(introduced.some((one) => one.level === 'error') ? 'error' : 'warning', line),
      );
}
