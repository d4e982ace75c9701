/**
 * The review as a reply to the patch: the hunk quoted as mail does, each explanation under the line it is about.
 * Plain ASCII; our own words within 72 columns, quoted lines as they are.
 */
import type { FilePatch, Hunk, HunkLine, Patch, Series } from '../patch/series.ts';
import type { Review, ReviewFinding } from '../review/review.ts';
import { configText, functionText, hasPath, heldText, plural } from './counts.ts';
import { ascii, visibleLine } from './visible.ts';
import { wrap } from './wrap.ts';

const COLUMNS = 72;

/** Lines of a hunk that are quoted above the line a finding is about; what lies between is cut. */
const CONTEXT = 5;

const MARKER = { context: ' ', added: '+', removed: '-' } as const;

interface Anchor {
  readonly patch: Patch;
  readonly file: FilePatch;
  readonly hunk: Hunk;
  /** Index into `hunk.lines`. */
  readonly at: number;
}

interface Placed {
  readonly finding: ReviewFinding;
  readonly anchor: Anchor | null;
}

/**
 * @param series what each of `review.inputs` was read as, parallel to it; an input without one (a C file) has
 *   nothing to quote but the source line.
 * @returns one reply a patch, in the order of the series, ending in a line feed. Only what the patch introduces
 *   is written about.
 */
export function replyReport(review: Review, series: readonly (Series | null)[]): string {
  const introduced = review.findings.filter((finding) => finding.status === 'introduced');
  const replies: string[] = [];
  series.forEach((one, input) => {
    const placed = introduced
      .filter((finding) => finding.input === input)
      .map((finding) => ({ finding, anchor: one === null ? null : anchorOf(finding, one) }));
    for (const patch of one?.patches ?? []) {
      const here = placed.filter((each) => each.anchor?.patch === patch);
      if (here.length > 0) replies.push(replyTo(patch, here));
    }
    const elsewhere = placed.filter((each) => each.anchor === null);
    if (elsewhere.length > 0) replies.push(...outsideText(elsewhere, one !== null));
  });
  if (replies.length === 0) return 'No findings.\n';
  return replies.join('\n\n');
}

/** The part of the input that shows a finding: its own line, or the last step of its path that the input shows. */
function anchorOf(finding: ReviewFinding, series: Series): Anchor | null {
  const lines = [finding.inputLine, ...[...finding.traceInputLines].reverse()];
  for (const line of lines) {
    if (line === null) continue;
    const anchor = findLine(series, line);
    if (anchor !== null) return anchor;
  }
  return null;
}

function findLine(series: Series, inputLine: number): Anchor | null {
  for (const patch of series.patches) {
    for (const file of patch.files) {
      for (const hunk of file.hunks) {
        const at = hunk.lines.findIndex((line) => line.inputLine === inputLine);
        if (at >= 0) return { patch, file, hunk, at };
      }
    }
  }
  return null;
}

function replyTo(patch: Patch, placed: readonly Placed[]): string {
  const lines: string[] = [];
  if (patch.subject !== null) {
    const number = patch.number === null ? '' : ` ${patch.number}/${patch.total ?? patch.number}`;
    lines.push(`Subject: Re: [PATCH${number}] ${ascii(visibleLine(patch.subject))}`);
    if (patch.messageId !== null) {
      const id = ascii(visibleLine(patch.messageId)).replace(/^<|>$/g, '');
      lines.push(`In-Reply-To: <${id}>`);
    }
    lines.push('');
  }
  if (patch.author !== null) lines.push(`${ascii(visibleLine(patch.author))} wrote:`, '');
  const anchors = placed.map((each) => each.anchor!);
  for (const file of patch.files) {
    if (!anchors.some((anchor) => anchor.file === file)) continue;
    lines.push(`> --- ${ascii(visibleLine(file.oldPath === null ? '/dev/null' : `a/${file.oldPath}`))}`);
    lines.push(`> +++ ${ascii(visibleLine(file.newPath === null ? '/dev/null' : `b/${file.newPath}`))}`);
    for (const hunk of file.hunks) {
      const inHunk = placed.filter((each) => each.anchor!.hunk === hunk);
      if (inHunk.length > 0) lines.push(...hunkReply(file, hunk, inHunk));
    }
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function hunkReply(file: FilePatch, hunk: Hunk, placed: readonly Placed[]): string[] {
  const lines = [quoted(hunkHeader(hunk))];
  let next = 0;
  const stops = [...new Set(placed.map((each) => each.anchor!.at))].sort((left, right) => left - right);
  for (const stop of stops) {
    const from = Math.max(next, stop - CONTEXT);
    if (from > next) lines.push('> [...]');
    for (const line of hunk.lines.slice(from, stop + 1)) lines.push(quoted(hunkLine(line)));
    lines.push('');
    for (const { finding, anchor } of placed) {
      if (anchor!.at === stop) lines.push(...explanation(finding, file.newPath ?? file.oldPath ?? ''), '');
    }
    next = stop + 1;
  }
  return lines;
}

function hunkHeader(hunk: Hunk): string {
  const { oldStart, oldCount, newStart, newCount, section } = hunk;
  if (oldStart === null || newStart === null) return '@@';
  const range = (start: number, count: number) => (count === 1 ? String(start) : `${start},${count}`);
  return `@@ -${range(oldStart, oldCount)} +${range(newStart, newCount)} @@ ${section}`.trimEnd();
}

function hunkLine(line: HunkLine): string {
  return MARKER[line.kind] + line.text;
}

function quoted(line: string): string {
  return `> ${ascii(line)}`.trimEnd();
}

/**
 * What is wrong, how one gets there, and what to do, as paragraphs.
 * @param near the file that is quoted above: its lines need no name.
 */
function explanation(finding: ReviewFinding, near: string): string[] {
  const text = (value: string) => ascii(visibleLine(value));
  const lines = wrap(`${text(sentence(finding.message))} (${finding.level}: ${text(finding.rule)})`, COLUMNS);
  if (finding.why !== '') lines.push('', ...wrap(text(finding.why), COLUMNS));
  const config = configText(finding);
  if (hasPath(finding)) {
    const through = finding.function === '' ? '' : ` through ${text(functionText(finding.function))}`;
    const only = config === '' ? '' : ` with ${text(config)}`;
    lines.push('', ...wrap(`The path${through}${only}:`, COLUMNS), '');
    let held = '';
    for (const step of finding.trace) {
      const where = step.file === near ? `line ${step.line}` : `${text(step.file)}:${step.line}`;
      const now = heldText(step) ?? held;
      const holding = now === held ? '' : ` [holding ${now === '' ? 'nothing' : text(now)}]`;
      held = now;
      lines.push(...wrap(`${where}: ${text(step.message)}${holding}`, COLUMNS, '  - ', '    '));
    }
  } else if (config !== '') lines.push('', ...wrap(`This needs ${text(config)}.`, COLUMNS));
  if (finding.advice !== '') lines.push('', ...wrap(text(finding.advice), COLUMNS));
  return lines;
}

/** The message as a sentence, which prose between quoted lines has to be. */
function sentence(message: string): string {
  return /[.!?:]$/.test(message) ? message : `${message}.`;
}

function outsideText(placed: readonly Placed[], hasPatch: boolean): string[] {
  const lines: string[] = [];
  if (hasPatch) {
    lines.push(
      ...wrap(`Outside the patch, ${plural(placed.length, 'finding')} that it leads to:`, COLUMNS),
      '',
    );
  }
  for (const { finding } of placed) {
    lines.push(
      `${ascii(visibleLine(finding.file))}:${finding.line}, in ${ascii(functionText(finding.function))}:`,
      '',
    );
    if (finding.sourceLine !== '') lines.push(`    ${ascii(finding.sourceLine.trim())}`, '');
    lines.push(...explanation(finding, finding.file), '');
  }
  return [`${lines.join('\n').trimEnd()}\n`];
}
