/** An input as messages: mails of a mailbox, posts of an archive page, commits of a log, or one bare text. */
import { fieldName, type Headers, isTellingField, messageIdOf, readHeaders } from './headers.ts';
import { decodeStrayEntities, htmlToLines, looksLikeHtml } from './html.ts';
import { MAX_MESSAGES, MAX_MIME_DEPTH } from './limits.ts';
import { isBlank, type Line } from './lines.ts';
import { type Message, type MessageInfo, NO_INFO } from './message.ts';
import { decodeStray, readParts } from './mime.ts';
import { undouble } from './prepare.ts';
import type { Problem } from './series.ts';
import { sniffPage } from './sniff.ts';
import { parseSubject, type Subject } from './subject.ts';

/** Splits an input into its messages, in the order of the input. */
export function readMessages(lines: readonly Line[], problems: Problem[]): Message[] {
  const result: Message[] = [];
  const text = looksLikeHtml(lines) ? htmlToLines(lines) : undouble(lines);
  readDocument(text, null, 0, { result, problems });
  if (result.length > MAX_MESSAGES) {
    const message = `the input has more than ${MAX_MESSAGES} messages; the rest was not read`;
    problems.push({ line: result[MAX_MESSAGES]!.line, message });
    result.length = MAX_MESSAGES;
  }
  return result;
}

interface Output {
  readonly result: Message[];
  readonly problems: Problem[];
}

interface Outer {
  readonly info: MessageInfo;
  readonly flowed: boolean;
  readonly line: number;
}

interface Start {
  readonly kind: 'mbox' | 'head' | 'thread' | 'commit';
  /** Index of the message's first line. */
  readonly at: number;
  /** Index at which its header fields begin. */
  readonly head: number;
}

function readDocument(lines: readonly Line[], outer: Outer | null, depth: number, output: Output): void {
  const starts = findStarts(lines, outer !== null);
  const before = lines.slice(0, starts[0]?.at ?? lines.length);
  if (before.some((line) => !isBlank(line.text))) addPlain(before, outer, output);
  const title = outer === null && starts[0]?.kind === 'head' ? sniffPage(before).subject : null;
  let next = 0;
  while (next < starts.length) {
    const start = starts[next]!;
    const block =
      start.kind === 'commit' || start.kind === 'thread'
        ? null
        : readHeaders(lines, start.head, start.kind === 'mbox');
    next++;
    if (block !== null && isEncoded(block.headers)) {
      // What looks like another message inside an encoded or multipart body is only seen when that is decoded.
      while (next < starts.length && starts[next]!.kind !== 'mbox') next++;
    }
    const end = starts[next]?.at ?? lines.length;
    if (start.kind === 'thread') addPost(lines.slice(start.at, end), start.head - start.at, output);
    else if (start.kind === 'commit') addCommit(lines.slice(start.at, end), output);
    else addMail(lines, start, block, end, depth, output, start === starts[0] ? title : null);
    if (output.result.length > MAX_MESSAGES) return;
  }
}

function isEncoded(headers: Headers): boolean {
  const encoding = (headers.get('content-transfer-encoding') ?? '').toLowerCase();
  const type = (headers.get('content-type') ?? '').toLowerCase();
  return encoding === 'base64' || encoding === 'quoted-printable' || type.startsWith('multipart/');
}

/** Finds where messages begin. `inMail` is true for a body: fields at its very top belong to the mail around it. */
function findStarts(lines: readonly Line[], inMail: boolean): Start[] {
  const starts: Start[] = [];
  let seenText = false;
  let inFields = false;
  for (let i = 0; i < lines.length; i++) {
    const { text } = lines[i]!;
    const previous = starts.at(-1);
    if (isBlank(text)) {
      inFields = false;
      continue;
    }
    const wasInFields = inFields;
    const name = fieldName(text);
    inFields = name !== null || (inFields && (text[0] === ' ' || text[0] === '\t'));
    if (isMailboxLine(text) && fieldName(lines[i + 1]?.text.replace(/^>/, '') ?? '') !== null) {
      starts.push({ kind: 'mbox', at: i, head: i + 1 });
      inFields = true;
    } else if (isThreadLine(text)) {
      const at = threadSubject(lines, i, previous === undefined ? 0 : previous.head + 1);
      starts.push({ kind: 'thread', at, head: i });
    } else if (mayBeLog(previous, inMail) && (isCommitLine(lines, i) || isShortCommit(lines, i))) {
      starts.push({ kind: 'commit', at: i, head: i });
      inFields = true;
    } else if (isTellingField(name) && !wasInFields && (seenText || !inMail)) {
      const block = readHeaders(lines, i);
      if (block !== null && isMessageHead(block.headers, previous, inMail)) {
        starts.push({ kind: 'head', at: i, head: i });
        i = block.end - 1;
      }
    }
    seenText = true;
  }
  return starts;
}

/** A log quoted in a commit message does not begin another patch. */
function mayBeLog(previous: Start | undefined, inMail: boolean): boolean {
  return !inMail && (previous === undefined || previous.kind === 'commit');
}

/** Inside a mail only a whole head, as forwarding leaves it, begins another message; two fields may be prose. */
function isMessageHead(headers: Headers, previous: Start | undefined, inMail: boolean): boolean {
  if (previous?.kind === 'thread') return headers.get('message-id') !== null;
  if (previous === undefined && !inMail) return true;
  const dated = ['date', 'sent', 'message-id', 'to'].some((name) => headers.get(name) !== null);
  return dated && headers.get('from') !== null && headers.get('subject') !== null;
}

/** `From someone@example.org Mon Jan  1 00:00:00 2024`, and git's form with a commit. */
function isMailboxLine(text: string): boolean {
  return (
    text.startsWith('From ') &&
    /^From \S{1,120} .{0,40}\d\d:\d\d.{0,20} (?:19|20)\d\d/.test(text.slice(0, 240))
  );
}

/** The line with which public-inbox begins a post: `From: Name @ 2024-01-01 10:00 UTC (permalink / raw)`. */
function isThreadLine(text: string): boolean {
  return (
    text.startsWith('From: ') &&
    text.length < 300 &&
    text.includes(' @ ') &&
    text.trimEnd().endsWith('(permalink / raw)')
  );
}

function threadSubject(lines: readonly Line[], from: number, least: number): number {
  for (let i = from - 1; i >= Math.max(least, from - 80); i--) if (lines[i]!.text.startsWith('* ')) return i;
  return from;
}

function isCommitLine(lines: readonly Line[], at: number): boolean {
  const { text } = lines[at]!;
  if (!text.startsWith('commit ') || !/^commit [0-9a-f]{7,64}(?:\s|$)/.test(text.slice(0, 80))) return false;
  for (let i = at + 1; i <= at + 3; i++)
    if (/^(?:Author|AuthorDate):/.test(lines[i]?.text ?? '')) return true;
  return false;
}

/** `0123abc subject` directly above a diff, as `git log -p --oneline` has it. */
function isShortCommit(lines: readonly Line[], at: number): boolean {
  if (!/^[0-9a-f]{7,40} \S/.test(lines[at]!.text.slice(0, 60))) return false;
  return (
    (lines[at + 1]?.text.startsWith('diff --git ') || lines[at + 2]?.text.startsWith('diff --git ')) ?? false
  );
}

function addPlain(lines: readonly Line[], outer: Outer | null, output: Output): void {
  const body = outer === null ? decodeStrayEntities(decodeStray(lines)) : lines;
  const info = outer?.info ?? sniffPage(body);
  output.result.push({ ...info, body, flowed: outer?.flowed ?? false, line: outer?.line ?? lines[0]!.line });
}

function addMail(
  lines: readonly Line[],
  start: Start,
  block: ReturnType<typeof readHeaders>,
  end: number,
  depth: number,
  output: Output,
  title: Subject | null,
): void {
  const line = lines[start.at]!.line;
  const headers = block?.headers ?? null;
  let body = lines.slice(Math.min(block?.end ?? start.head, end), end);
  if (start.kind === 'mbox') body = body.map(unescapeFrom);
  const commit = /^From ([0-9a-f]{40}|[0-9a-f]{64}) /.exec(lines[start.at]!.text.slice(0, 80))?.[1] ?? null;
  const mail: MessageInfo = {
    subject: subjectOf(headers?.get('subject') ?? null) ?? title,
    author: headers?.get('from') ?? null,
    messageId: messageIdOf(headers?.get('message-id') ?? null),
    inReplyTo: messageIdOf(headers?.get('in-reply-to') ?? null),
    commit: commit === null || /^0+$/.test(commit) ? null : commit,
    date: null,
    preface: [],
    kind: 'mail',
  };
  if (headers === null || depth > MAX_MIME_DEPTH) {
    output.result.push({ ...mail, body, flowed: false, line });
    return;
  }
  const parts = readParts(headers, body, output.problems);
  let preface: readonly Line[] = [];
  for (const part of parts) {
    const { info, body: text } = withInnerHeaders(mail, part.lines);
    readDocument(text, { info: { ...info, preface }, flowed: part.flowed, line }, depth + 1, output);
    if (preface.length === 0) preface = text;
  }
}

function subjectOf(text: string | null): Subject | null {
  return text === null || text === '' ? null : parseSubject(text);
}

function unescapeFrom(line: Line): Line {
  if (!/^>{1,20}From /.test(line.text.slice(0, 30))) return line;
  return { ...line, text: line.text.slice(1), column: line.column + 1 };
}

/** `From:` and `Subject:` at the top of a body stand for the fields of the mail, as `git am` takes them. */
function withInnerHeaders(
  mail: MessageInfo,
  lines: readonly Line[],
): { readonly info: MessageInfo; readonly body: readonly Line[] } {
  let at = 0;
  while (at < lines.length && isBlank(lines[at]!.text)) at++;
  let author = mail.author;
  let subject = mail.subject;
  const begin = at;
  for (; at < lines.length && at < begin + 4; at++) {
    const { text } = lines[at]!;
    if (text.startsWith('From: ')) author = text.slice(6).trim();
    else if (text.startsWith('Subject: ')) subject = parseSubject(text.slice(9));
    else if (!text.startsWith('Date: ')) break;
  }
  if (at === begin || !isBlank(lines[at]?.text ?? '')) return { info: mail, body: lines };
  return { info: { ...mail, author, subject }, body: lines.slice(at) };
}

/** A post of a public-inbox thread page. `head` is the index of its `From:` line. */
function addPost(lines: readonly Line[], head: number, output: Output): void {
  const first = lines[0]!;
  const title = first.text.startsWith('* ') ? first.text.slice(2) : null;
  const from = lines[head]!.text;
  let at = head + 1;
  while (at < lines.length && /^\s{1,8}(?:To|Cc|Bcc): |^\t/.test(lines[at]!.text.slice(0, 20))) at++;
  let end = lines.findIndex((line, index) => index >= at && line.text.startsWith('^ permalink raw reply'));
  if (end < 0) end = lines.length;
  const post: MessageInfo = {
    ...NO_INFO,
    kind: 'page',
    subject: subjectOf(title),
    author: from.slice(6, from.indexOf(' @ ')).trim(),
  };
  const { info, body } = withInnerHeaders(post, lines.slice(at, end));
  output.result.push({ ...info, body, flowed: false, line: first.line });
}

/** A commit of `git log -p` or `git show`, or of a text that quotes one. */
function addCommit(lines: readonly Line[], output: Output): void {
  const short = /^([0-9a-f]{7,40}) (.*)/.exec(lines[0]!.text.slice(0, 400));
  if (short !== null) {
    const subject = subjectOf(short[2]!.replace(/^\([^)]{0,80}\) /, ''));
    const commit = { ...NO_INFO, kind: 'log' as const, subject, commit: short[1]! };
    output.result.push({ ...commit, body: lines.slice(1), flowed: false, line: lines[0]!.line });
    return;
  }
  let author: string | null = null;
  let date: number | null = null;
  let at = 1;
  for (; at < lines.length && !isBlank(lines[at]!.text); at++) {
    const { text } = lines[at]!;
    const name = fieldName(text);
    if (name === null) break;
    const value = text.slice(name.length + 1).trim();
    if (name === 'author') author = value;
    if (name === 'date' || name === 'commitdate') {
      const time = Date.parse(value);
      date = Number.isNaN(time) ? null : time;
    }
  }
  while (at < lines.length && isBlank(lines[at]!.text)) at++;
  const indented = lines[at]?.text.startsWith('    ') ?? false;
  const title = indented || !/^(?:diff |[-+>@])/.test(lines[at]?.text ?? '-') ? lines[at]!.text : null;
  output.result.push({
    ...NO_INFO,
    kind: 'log',
    subject: subjectOf(title?.trim() ?? null),
    author,
    commit: /^commit ([0-9a-f]{7,64})/.exec(lines[0]!.text.slice(0, 80))?.[1] ?? null,
    date,
    body: lines.slice(title === null ? at : at + 1),
    flowed: false,
    line: lines[0]!.line,
  });
}
