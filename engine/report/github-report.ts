/**
 * The review as GitHub Actions workflow commands, which its log turns into annotations on a pull request.
 *
 * GitHub shows 10 annotations of each kind (error, warning, notice) of a step and 50 of a job, and says nothing
 * of the rest. So the most severe come first, one notice gives the totals, and findings beyond the limit are
 * lines of the log.
 */
import type { Level } from '../check/finding.ts';
import type { Review, ReviewFinding } from '../review/review.ts';
import { bySeverity, configText, countLevels, hasPath, LEVELS, noteText, plural } from './counts.ts';
import { visibleLine } from './visible.ts';

export interface GithubOptions {
  /**
   * Where the tree is in the repository that is checked out: `` for its root, `linux/` for a folder. Null: it is
   * not in it, so annotations go to the patch files instead.
   */
  readonly prefix: string | null;
}

const PER_KIND = 10;

const COMMAND: Readonly<Record<Level, string>> = { error: 'error', warning: 'warning', note: 'notice' };

/** @returns the lines to print, ending in a line feed. Only what the patch introduces is annotated. */
export function githubReport(review: Review, options: GithubOptions): string {
  const findings = bySeverity(review.findings.filter((finding) => finding.status === 'introduced'));
  const annotated: string[] = [];
  const listed: string[] = [];
  for (const level of LEVELS) {
    const ofLevel = findings.filter((finding) => finding.level === level);
    // The summary below is a notice too.
    const room = level === 'note' ? PER_KIND - 1 : PER_KIND;
    annotated.push(...ofLevel.slice(0, room).map((finding) => annotation(review, finding, options)));
    listed.push(...ofLevel.slice(room).map(logLine));
  }
  const lines = [...annotated];
  const total = findings.length === 0 ? 'no findings' : countLevels(findings);
  const rest =
    listed.length === 0 ? '' : `; ${plural(listed.length, 'finding')} without an annotation in the log`;
  const scope = `${plural(review.stats.functions, 'function')} in ${plural(review.stats.files, 'file')} checked`;
  lines.push(`::notice title=Kernel Lock Review::${data(`${total}${rest}; ${scope}`)}`);
  lines.push(...listed);
  for (const note of review.notes) lines.push(harmless(`note: ${noteText(note)}`));
  return `${lines.join('\n')}\n`;
}

function annotation(review: Review, finding: ReviewFinding, options: GithubOptions): string {
  const properties: string[] = [];
  const input = review.inputs[finding.input];
  if (options.prefix !== null) {
    properties.push(`file=${property(options.prefix + finding.file)}`, `line=${finding.line}`);
    properties.push(`endLine=${finding.line}`, `col=${finding.column}`);
    if (finding.endColumn > finding.column) properties.push(`endColumn=${finding.endColumn}`);
  } else if (input !== undefined && finding.inputLine !== null) {
    properties.push(`file=${property(input)}`, `line=${finding.inputLine}`, `endLine=${finding.inputLine}`);
  }
  properties.push(`title=${property(finding.rule)}`);
  // An annotation that is not at the line itself has to name it.
  const where = options.prefix === null ? `${visibleLine(finding.file)}:${finding.line}: ` : '';
  return `::${COMMAND[finding.level]} ${properties.join(',')}::${data(where + body(finding))}`;
}

/** What the annotation says. It stands at the line, so the line itself is not quoted. */
function body(finding: ReviewFinding): string {
  const parts = [visibleLine(finding.message)];
  const config = configText(finding);
  if (config !== '') parts.push(`Only with ${config}.`);
  if (hasPath(finding)) {
    const steps = finding.trace.map(
      (step) => `  ${visibleLine(step.file)}:${step.line}: ${visibleLine(step.message)}`,
    );
    // An annotation is cut at 64 kB; a path of this length is read in the full report.
    const shown = steps.length <= 40 ? steps : [...steps.slice(0, 20), '  ...', ...steps.slice(-20)];
    parts.push(`The path:\n${shown.join('\n')}`);
  }
  if (finding.why !== '') parts.push(visibleLine(finding.why));
  if (finding.advice !== '') parts.push(`What to do: ${visibleLine(finding.advice)}`);
  return parts.join('\n');
}

function logLine(finding: ReviewFinding): string {
  const where = `${visibleLine(finding.file)}:${finding.line}:${finding.column}`;
  return harmless(`${where}: ${finding.level}[${visibleLine(finding.rule)}] ${visibleLine(finding.message)}`);
}

/**
 * A line that the runner takes for no command, whatever a patch put into it: it looks for `::name` at the start
 * of a line, leading blanks aside, and for `##[name]` anywhere.
 */
function harmless(line: string): string {
  return `- ${line.replaceAll('##[', '## [')}`;
}

/** Escapes of the runner's `ActionCommand` for the text behind the second `::`. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** As `data`, for a property's value, where `:` and `,` part values too. */
function property(text: string): string {
  return data(visibleLine(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
