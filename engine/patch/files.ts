/** The file sections of a message: `diff --git`, `--- / +++`, `Index:`, and hunks whose file has to be guessed. */

import { readHunk } from './hunk.ts';
import type { HunkHeader } from './hunk-header.ts';
import { parseHunkHeader } from './hunk-header.ts';
import type { DraftHunk } from './hunk-lines.ts';
import type { Line } from './lines.ts';
import {
  bodyText,
  extendedHeader,
  isCombinedLine,
  isDiffCommand,
  isGitLine,
  isNamePair,
  nameLineAfter,
} from './marks.ts';
import { gitNames, headerPath, isEpoch } from './paths.ts';
import { isCutMark, NO_PREFIX, type Prefix, quoteDepth, quotePrefix, samePrefix } from './quoting.ts';
import { type TextTraits, traitsOf } from './region.ts';
import type { Problem } from './series.ts';

/** A file section while it is read; names are as they stand in the text. */
export interface DraftFile {
  readonly line: number;
  /** Index of its first line in the message. */
  readonly at: number;
  readonly prefix: Prefix;
  readonly isGit: boolean;
  oldName: string | null;
  newName: string | null;
  oldBlob: string | null;
  newBlob: string | null;
  oldMode: string | null;
  newMode: string | null;
  isNew: boolean;
  isDeleted: boolean;
  isRename: boolean;
  isCopy: boolean;
  isBinary: boolean;
  /** `--- ` and `+++ ` were read: another pair opens another file. */
  hasNames: boolean;
  /** True where the date of a side says that the file did not exist. */
  oldEpoch: boolean;
  newEpoch: boolean;
  readonly hunks: DraftHunk[];
  readonly problems: Problem[];
}

export interface Budget {
  files: number;
  hunks: number;
}

/** Reads all file sections of a message, whatever their quoting, in the order of the text. */
export function readFiles(
  lines: readonly Line[],
  flowed: boolean,
  budget: Budget,
  problems: Problem[],
): DraftFile[] {
  const traits = traitsOf(lines, flowed);
  const files = new SectionReader(lines, traits, budget, problems, null).read();
  if (files.length > 0) return files;
  const prefix = literalPrefix(lines);
  return prefix === null ? [] : new SectionReader(lines, traits, budget, problems, prefix).read();
}

/** What stands before `diff --git a/` or `--- a/` where that is neither nothing nor quote marks. */
function literalPrefix(lines: readonly Line[]): Prefix | null {
  for (const { text } of lines) {
    let at = text.indexOf('diff --git ');
    if (at < 0) at = text.indexOf('--- a/');
    if (at < 1 || at > 24) continue;
    const before = text.slice(0, at);
    if (/^(?:[ \t]|[>|:#%!]|[A-Za-z]{1,5}>)+$/.test(before)) return { kind: 'literal', text: before };
  }
  return null;
}

class SectionReader {
  private readonly files: DraftFile[] = [];
  private current: DraftFile | null = null;
  private at = 0;

  constructor(
    private readonly lines: readonly Line[],
    private readonly traits: TextTraits,
    private readonly budget: Budget,
    private readonly problems: Problem[],
    private readonly literal: Prefix | null,
  ) {}

  read(): DraftFile[] {
    while (this.at < this.lines.length) this.step();
    return this.files;
  }

  private prefixAt(): { prefix: Prefix; body: string } {
    const line = this.lines[this.at]!;
    if (this.literal !== null) {
      const body = bodyText(line, this.literal);
      return body === null ? { prefix: NO_PREFIX, body: '' } : { prefix: this.literal, body };
    }
    const { prefix, end } = quotePrefix(line.text);
    return { prefix, body: end === 0 ? line.text : line.text.slice(end) };
  }

  private step(): void {
    const { prefix, body } = this.prefixAt();
    const file = this.current !== null && samePrefix(this.current.prefix, prefix) ? this.current : null;
    if (this.readStart(prefix, body, file)) return;
    this.readRemark(prefix, body, file);
    this.at++;
  }

  /** Reads a file header or a hunk that begins here; false where none does. */
  private readStart(prefix: Prefix, body: string, file: DraftFile | null): boolean {
    if (body[0] === 'd') {
      if (isGitLine(body)) this.openGit(prefix, body);
      else if (isCombinedLine(body)) this.skipCombined(prefix, body);
      else return false;
      return true;
    }
    if (body[0] === '-') {
      if (!isNamePair(this.lines, this.at, prefix)) return false;
      this.readNames(prefix, file);
      return true;
    }
    if (body[0] !== '@') return false;
    const header = parseHunkHeader(body);
    if (header !== null) this.readHunk(prefix, file, header);
    else if (body.startsWith('@@@ -')) this.skipCombined(prefix, body);
    else return false;
    return true;
  }

  private readRemark(prefix: Prefix, body: string, file: DraftFile | null): void {
    const line = this.lines[this.at]!;
    if (body[0] === 'd' && isDiffCommand(body)) this.current = null;
    else if (body.startsWith('@@ -')) {
      const message = 'the @@ line cannot be read; its hunk is lost';
      (file?.problems ?? this.problems).push({ line: line.line, message });
    } else if (body.startsWith('Binary files ') && body.trimEnd().endsWith(' differ')) {
      if (file && !file.isBinary) file.isBinary = true;
      else this.openBinary(prefix, body);
    } else if (body.startsWith('GIT binary patch')) {
      if (file) file.isBinary = true;
    } else if (body.startsWith('*** ') && bodyText(this.lines[this.at + 1], prefix)?.startsWith('--- ')) {
      this.contextDiff(line.line, body);
    } else if (this.files.length > 0 && /^Only in [^:]{1,300}: ./.test(body.slice(0, 400))) {
      const message = `a file is on one side only and its text is not shown: ${body.slice(0, 200).trim()}`;
      this.problems.push({ line: line.line, message });
    } else if (file?.isGit && file.hunks.length === 0 && !file.hasNames) this.extended(file, body);
    this.noteCut(line);
  }

  private noteCut(line: Line): void {
    const file = this.current;
    if (file === null) return;
    const own = bodyText(line, file.prefix);
    // Dots alone are a cut only where the quoted text has them: a reviewer's own example may hold them.
    if (!isCutMark(own ?? line.text.slice(quoteDepth(line.text).end))) return;
    if (own === null && '.…'.includes(line.text.trimStart()[0] ?? ' ')) return;
    file.problems.push({ line: line.line, message: 'a part of the patch was cut out of the mail here' });
  }

  private open(prefix: Prefix, isGit: boolean): DraftFile {
    const line = this.lines[this.at]!.line;
    const file: DraftFile = {
      line,
      at: this.at,
      prefix,
      isGit,
      oldName: null,
      newName: null,
      oldBlob: null,
      newBlob: null,
      oldMode: null,
      newMode: null,
      isNew: false,
      isDeleted: false,
      isRename: false,
      isCopy: false,
      isBinary: false,
      hasNames: false,
      oldEpoch: false,
      newEpoch: false,
      hunks: [],
      problems: [],
    };
    this.current = file;
    if (this.budget.files > 0) this.files.push(file);
    if (this.budget.files-- === 0)
      this.problems.push({ line, message: 'the input has too many files; from here on they were not read' });
    return file;
  }

  private openGit(prefix: Prefix, body: string): void {
    const file = this.open(prefix, true);
    let rest = body.slice('diff --git '.length);
    let names = gitNames(rest);
    const next = bodyText(this.lines[this.at + 1], prefix);
    const wrapped =
      next !== null &&
      extendedHeader(next) === null &&
      !next.startsWith('---') &&
      !next.startsWith('Binary ');
    if (
      wrapped &&
      next.trim() !== '' &&
      (names === null || !rest.trim().includes(' ')) &&
      !next.trim().includes(' ')
    ) {
      // A mailer broke the line between the names.
      rest = `${rest.trimEnd()} ${next.trim()}`;
      names = gitNames(rest);
      this.at++;
    }
    if (names !== null) {
      file.oldName = names.old;
      file.newName = names.new;
    }
    this.at++;
  }

  private openBinary(prefix: Prefix, body: string): void {
    const names = body.trimEnd().slice('Binary files '.length, -' differ'.length);
    const at = names.indexOf(' and ');
    if (at < 0) return;
    const file = this.open(prefix, false);
    file.oldName = names.slice(0, at);
    file.newName = names.slice(at + 5);
    file.isBinary = true;
  }

  private readNames(prefix: Prefix, open: DraftFile | null): void {
    const plusAt = nameLineAfter(this.lines, this.at, prefix);
    const minus = bodyText(this.lines[this.at], prefix)!.slice(4);
    const plus = bodyText(this.lines[plusAt], prefix)!.slice(4);
    const isOpen = open?.isGit === true && !open.hasNames && open.hunks.length === 0;
    const file = isOpen ? open : this.open(prefix, false);
    file.hasNames = true;
    const old = headerPath(minus);
    const now = headerPath(plus);
    file.oldName = old.path;
    file.newName = now.path;
    file.oldEpoch =
      isEpoch(old.remark) || old.remark.startsWith('(revision 0)') || old.remark.startsWith('(nonexistent)');
    file.newEpoch = isEpoch(now.remark) || now.remark.startsWith('(nonexistent)');
    this.at = plusAt + 1;
  }

  private extended(file: DraftFile, body: string): void {
    const header = extendedHeader(body);
    if (header === null) return;
    const value = body.slice(header.length).trim();
    switch (header) {
      case 'index ': {
        const match = /^([0-9a-f]{4,64})\.{2,3}([0-9a-f]{4,64})(?: ([0-7]{6}))?/.exec(value);
        if (match === null) break;
        file.oldBlob = match[1]!;
        file.newBlob = match[2]!;
        if (match[3] !== undefined) {
          file.oldMode ??= match[3];
          file.newMode ??= match[3];
        }
        break;
      }
      case 'old mode ':
        file.oldMode = value;
        break;
      case 'new mode ':
        file.newMode = value;
        break;
      case 'new file mode ':
        file.newMode = value;
        file.isNew = true;
        break;
      case 'deleted file mode ':
        file.oldMode = value;
        file.isDeleted = true;
        break;
      case 'rename from ':
      case 'rename old ':
      case 'copy from ':
        file.oldName = `a/${headerPath(value).path}`;
        file.isRename ||= header !== 'copy from ';
        file.isCopy ||= header === 'copy from ';
        break;
      case 'rename to ':
      case 'rename new ':
      case 'copy to ':
        file.newName = `b/${headerPath(value).path}`;
        break;
    }
  }

  private readHunk(prefix: Prefix, open: DraftFile | null, header: HunkHeader): void {
    const file = open ?? this.open(prefix, false);
    const reading = readHunk(this.lines, this.at, prefix, header, this.traits);
    if (this.budget.hunks <= 0) {
      if (this.budget.hunks-- === 0) {
        this.problems.push({
          line: this.lines[this.at]!.line,
          message: 'the input has too many hunks; from here on they were not read',
        });
      }
    } else {
      this.budget.hunks -= reading.hunks.length;
      for (const hunk of reading.hunks) file.hunks.push(hunk);
      for (const problem of reading.problems) file.problems.push(problem);
    }
    this.at = Math.max(reading.next, this.at + 1);
  }

  /** A merge's diff against several parents cannot be applied to one file. */
  private skipCombined(prefix: Prefix, body: string): void {
    const line = this.lines[this.at]!.line;
    const name = body.startsWith('@')
      ? ''
      : ` of ${headerPath(body.slice(body.indexOf(' ', 6) + 1)).path.slice(0, 200)}`;
    this.problems.push({
      line,
      message: `the combined diff${name} of a merge is not read; give the diff against one parent`,
    });
    this.current = null;
    for (this.at++; this.at < this.lines.length; this.at++) {
      const text = bodyText(this.lines[this.at], prefix);
      if (
        text !== null &&
        (text.startsWith('diff ') || /^(?:commit|From) [0-9a-f]{40}/.test(text.slice(0, 60)))
      )
        return;
    }
  }

  private contextDiff(line: number, body: string): void {
    this.current = null;
    this.problems.push({
      line,
      message: `a context diff (${body.slice(0, 100).trim()}) is not read; give a unified diff`,
    });
  }
}
