/** What a page that was saved as text says above its patch: patchwork, list archives, forges. */
import { fieldName, messageIdOf } from './headers.ts';
import { isBlank, type Line } from './lines.ts';
import type { MessageInfo } from './message.ts';
import { quoteDepth } from './quoting.ts';
import { parseSubject, type Subject } from './subject.ts';

/** How many lines above the first diff are looked at. */
const WINDOW = 400;

/** Subject, author and message id from the lines above the first diff of a text without mail headers. */
export function sniffPage(lines: readonly Line[]): MessageInfo {
  let field: Subject | null = null;
  let tagged: Subject | null = null;
  let author: string | null = null;
  let messageId: string | null = null;
  let mercurial = false;
  let behindHeading = false;
  for (const { text } of lines.slice(0, WINDOW)) {
    if (isBlank(text) || quoteDepth(text).depth > 0) continue;
    if (/^(?:diff -|--- |@@ |Index: )/.test(text)) break;
    // Patchwork: the heading, then the sender, a tab, and the date.
    if (behindHeading && text.includes('\t')) author ??= text.slice(0, text.indexOf('\t')).trim() || null;
    behindHeading = text.trim().toLowerCase() === 'commit message';
    const line = withColon(text.slice(0, 400).trim());
    if (line.startsWith('# ')) {
      if (line.startsWith('# HG changeset patch')) mercurial = true;
      else if (line.startsWith('# User ')) author ??= line.slice(7).trim();
      if (mercurial) continue;
    }
    if (mercurial && field === null) field = parseSubject(line);
    const name = fieldName(line);
    const value = name === null ? '' : line.slice(name.length + 1).trim();
    if (name === 'subject') field ??= parseSubject(value);
    else if ((name === 'from' || name === 'author' || name === 'submitter') && value !== '')
      author ??= withoutDate(value);
    else if (name === 'message-id') messageId ??= messageIdOf(value);
    else if (/^message[ -]id\b/i.test(line))
      messageId ??= messageIdOf(line.slice(10).replace(/^[\s|:]+/, ''));
    if (tagged === null && (line.startsWith('[') || line.includes(' [') || line.includes('] '))) {
      const subject = parseSubject(line.replace(/^[*#] /, ''));
      if (subject.isPatch) tagged = subject;
    }
  }
  const subject = field ?? tagged;
  const isPage = subject !== null || author !== null || messageId !== null;
  return {
    subject,
    author,
    messageId,
    inReplyTo: null,
    commit: null,
    date: null,
    preface: [],
    kind: isPage ? 'page' : 'bare',
  };
}

/** Archives write `Name <address> @ date` or `Name - date`. */
function withoutDate(value: string): string {
  const at = value.indexOf(' @ ');
  return at < 0 ? value : value.slice(0, at).trim();
}

/** Some archives set their fields in a table: the name, a tab, the value. */
function withColon(line: string): string {
  for (const name of ['Subject', 'From', 'Date'])
    if (line.startsWith(`${name}\t`)) return `${name}: ${line.slice(name.length + 1)}`;
  return line;
}
