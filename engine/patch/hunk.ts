/**
 * Reading the lines of one hunk. First strictly, by the counts of its `@@` line, as `git apply` does: that
 * alone is right for lines that look like something else (a removed `-- x` is `--- x`). Only where the counts
 * do not fit the text is it read loosely (see loose-hunk.ts).
 */
import type { HunkHeader } from './hunk-header.ts';
import { type HunkReading, headerFields, hunkLine, markNoNewline } from './hunk-lines.ts';
import type { Line } from './lines.ts';
import { readLoosely } from './loose-hunk.ts';
import { bodyText, isFileStart, isHardStop, isSignature } from './marks.ts';
import { bodyStart, type Prefix } from './quoting.ts';
import { continuesQuoted, isBrokenOff, type TextTraits } from './region.ts';
import type { Hunk, HunkLine } from './series.ts';

/** Reads the hunk whose `@@` line is at `at`. */
export function readHunk(
  lines: readonly Line[],
  at: number,
  prefix: Prefix,
  header: HunkHeader,
  traits: TextTraits,
): HunkReading {
  const dropReturn = lines[at]!.text.endsWith('\r');
  const strict = readStrictly(lines, at, prefix, header, dropReturn, traits);
  if (
    strict !== null &&
    !hasExcess(lines, strict.next, prefix) &&
    !isCutShort(lines, strict.next, prefix, traits)
  ) {
    return strict;
  }
  return readLoosely(lines, at, prefix, header, traits);
}

function readStrictly(
  lines: readonly Line[],
  at: number,
  prefix: Prefix,
  header: HunkHeader,
  dropReturn: boolean,
  traits: TextTraits,
): HunkReading | null {
  const result: HunkLine[] = [];
  let old = header.oldCount;
  let added = header.newCount;
  let i = at + 1;
  for (; old > 0 || added > 0; i++) {
    const line = lines[i];
    if (line === undefined) return null;
    const start = bodyStart(line, prefix);
    if (start < 0) {
      // A comment between quoted lines; in a diff that is not quoted there is none.
      if (isHardStop(lines, i, prefix) || continuesQuoted(lines, i, prefix, traits)) return null;
      continue;
    }
    const marker = line.text[start] ?? ' ';
    if (marker === '\\') {
      markNoNewline(result);
      continue;
    }
    const kind = marker === '+' ? 'added' : marker === '-' ? 'removed' : 'context';
    if (kind === 'context' && marker !== ' ' && !(marker === '\r' && line.text.length === start + 1))
      return null;
    if (kind !== 'added') old--;
    if (kind !== 'removed') added--;
    if (old < 0 || added < 0) return null;
    result.push(
      hunkLine(line, kind, start + (start < line.text.length && marker !== '\r' ? 1 : 0), dropReturn),
    );
  }
  if (bodyText(lines[i], prefix)?.startsWith('\\ ')) {
    markNoNewline(result);
    i++;
  }
  const hunk: Hunk = {
    ...headerFields(header),
    lines: result,
    inputLine: lines[at]!.line,
    fidelity: 'exact',
  };
  return { hunks: [{ hunk, lostMarkers: false }], problems: [], next: i };
}

/** True where the hunk visibly goes on behind the last line that its header counts. */
function hasExcess(lines: readonly Line[], end: number, prefix: Prefix): boolean {
  const quoted = prefix.kind === 'literal' || prefix.depth > 0;
  let at = end;
  // Between quoted lines, comments and blank lines are passed over.
  while (quoted && at < lines.length && at < end + 200) {
    const body = bodyText(lines[at], prefix);
    if (isHardStop(lines, at, prefix)) return false;
    if (body !== null && body.trim() !== '') break;
    at++;
  }
  const body = bodyText(lines[at], prefix);
  if (body === null || !(body[0] === '+' || body[0] === '-' || (quoted && body[0] === ' '))) return false;
  if (isSignature(body) || body.trim() === '' || body.trimEnd() === '---') return false;
  // A MIME boundary or a rule drawn with dashes.
  if (body.startsWith('---') && !body.startsWith('--- ')) return false;
  if (body.startsWith('- ') && isProse(lines, at, prefix)) return false;
  return !isFileStart(lines, at, prefix);
}

/** True where the end of the hunk's last line was broken off by a mailer and stands behind it. */
function isCutShort(lines: readonly Line[], end: number, prefix: Prefix, traits: TextTraits): boolean {
  const body = bodyText(lines[end], prefix);
  if (body === null && lines[end] !== undefined) return continuesQuoted(lines, end, prefix, traits);
  if (body === null || body.trim() === '' || ' +-\\@'.includes(body[0]!)) return false;
  if (isHardStop(lines, end, prefix) || bodyText(lines[end - 1], prefix) === null) return false;
  return isBrokenOff(lines[end - 1]!, lines[end]!, body, traits);
}

/** A list in a text behind the patch begins with `- ` too; it has more words than operators. */
function isProse(lines: readonly Line[], at: number, prefix: Prefix): boolean {
  if (prefix.kind === 'quote' && prefix.depth > 0) return false;
  const body = bodyText(lines[at], prefix) ?? '';
  const marks = [...body.slice(2, 200)].filter((character) => ';(){}=*&|<>_'.includes(character)).length;
  return marks === 0 && body.includes(' ', 2);
}
