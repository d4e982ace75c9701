/** White space that mailers, web pages and mail clients change on the way, judged over all hunks of a patch. */
import type { DraftHunk } from './hunk-lines.ts';
import type { Hunk, HunkLine, Problem } from './series.ts';

/** What the hunks of one patch show of white space. */
interface Tally {
  tabs: number;
  /** Lines indented by spaces as an expanded tab would be, the marker counted: 7, 15, … */
  expanded: number;
  /** Lines indented by eight or more spaces in some other way. */
  spaced: number;
  noBreak: number;
  /** Statements indented by one space, and by two: tabs that each became one. */
  single: number;
  double: number;
  lostMarkers: boolean;
}

/**
 * Marks the hunks whose white space cannot be trusted. One hunk with context lines that lost their marker
 * condemns the patch: the same hand collapsed the rest. Tabs that became spaces are told by their widths.
 */
export function judgeWhitespace(drafts: readonly DraftHunk[], problems: Problem[]): Map<DraftHunk, Hunk> {
  const tally = count(drafts);
  const collapsed = tally.tabs === 0 && (tally.lostMarkers || (tally.single >= 3 && tally.double > 0));
  const expanded = tally.tabs === 0 && tally.expanded > 0 && tally.expanded >= tally.spaced;
  const result = new Map<DraftHunk, Hunk>();
  let first: number | null = null;
  for (const draft of drafts) {
    let { hunk } = draft;
    if (tally.noBreak > 0) hunk = { ...hunk, lines: hunk.lines.map(withPlainSpaces) };
    const damaged = draft.lostMarkers || collapsed || expanded || tally.noBreak > 0;
    if (damaged && hunk.fidelity === 'exact') hunk = { ...hunk, fidelity: 'whitespace' };
    if (damaged) first ??= hunk.inputLine;
    result.set(draft, hunk);
  }
  if (first !== null) {
    const how = expanded
      ? 'tabs became spaces'
      : tally.noBreak > 0
        ? 'spaces became no-break spaces'
        : 'indentation was lost';
    problems.push({
      line: first,
      message: `white space was changed on the way (${how}); lines are compared without it`,
    });
  }
  return result;
}

function count(drafts: readonly DraftHunk[]): Tally {
  const tally: Tally = {
    tabs: 0,
    expanded: 0,
    spaced: 0,
    noBreak: 0,
    single: 0,
    double: 0,
    lostMarkers: false,
  };
  for (const { hunk, lostMarkers } of drafts) {
    tally.lostMarkers ||= lostMarkers;
    for (const { text } of hunk.lines) {
      if (text.includes('\t')) tally.tabs++;
      let width = 0;
      while (text[width] === ' ' || text[width] === '\u00a0') if (text[width++] === '\u00a0') tally.noBreak++;
      if (width === text.length) continue;
      const isCode = ';{}'.includes(text.trimEnd().at(-1) ?? ' ');
      if (width === 1 && isCode) tally.single++;
      if (width === 2 && isCode) tally.double++;
      if (width >= 7 && width % 8 === 7) tally.expanded++;
      else if (width >= 8 && width % 8 === 0) tally.spaced++;
    }
  }
  return tally;
}

function withPlainSpaces(line: HunkLine): HunkLine {
  return line.text.includes('\u00a0') ? { ...line, text: line.text.replaceAll('\u00a0', ' ') } : line;
}
