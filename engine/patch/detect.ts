/** Whether a text is a patch at all, and what it looks like where it is not. */
import { parseHunkHeader } from './hunk-header.ts';
import type { Line } from './lines.ts';
import type { Message } from './message.ts';
import { quoteDepth } from './quoting.ts';
import type { Problem } from './series.ts';

/** How much of a text is looked at to tell whether it is a patch. */
const WINDOW = 4 * 1024 * 1024;

/**
 * True where a text holds something that `parseSeries` would take for a diff: cheap, so that it can be asked of
 * every document that is opened. Mails whose body is encoded count where their header says so.
 */
export function isPatchText(text: string): boolean {
  const window = text.length > WINDOW ? text.slice(0, WINDOW) : text;
  for (let at = window.indexOf('@@'); at >= 0; at = window.indexOf('@@', at + 2)) {
    if (!window.startsWith('@@ -', at) && !window.startsWith('@@-', at)) continue;
    if (parseHunkHeader(window.slice(at, at + 100)) !== null) return true;
  }
  let encoded = false;
  for (let start = 0; start < window.length; ) {
    const end = window.indexOf('\n', start);
    const stop = end < 0 ? window.length : end;
    const line = window.slice(start, Math.min(stop, start + 200));
    const { end: quotes } = quoteDepth(line);
    const body = line.slice(quotes).trimStart();
    if (
      body.startsWith('diff --git ') ||
      body.startsWith('diff --cc ') ||
      body.startsWith('GIT binary patch')
    )
      return true;
    encoded ||= /^content-transfer-encoding:\s*base64/i.test(line);
    start = stop + 1;
  }
  return encoded && /^(?:From|Subject|MIME-Version|Content-Type):? /im.test(window.slice(0, 100_000));
}

/** Says why there is no patch in a text. */
export function describeInput(text: string, lines: readonly Line[], messages: readonly Message[]): Problem {
  const expected = 'a unified diff, as git format-patch, git diff, diff -u or a mail has it, was expected';
  if (text.trim() === '') return { line: null, message: `the input is empty; ${expected}` };
  if (isBinary(text)) return { line: null, message: `the input is a binary file, not text; ${expected}` };
  const cut = lines.find((line) =>
    /^(?:> ?)*(?:diff --git |--- a\/|\+\+\+ b\/)/.test(line.text.slice(0, 80)),
  );
  if (cut !== undefined)
    return {
      line: cut.line,
      message: 'the patch breaks off before its first hunk; nothing of it can be read',
    };
  const mails = messages.filter(
    (message) => message.kind === 'mail' || (message.kind === 'page' && message.subject !== null),
  );
  if (mails.length > 0) {
    const title = mails[0]!.subject?.title ?? '';
    const which = title === '' ? '' : ` ("${title.slice(0, 80)}")`;
    const what = mails.length === 1 ? `a mail${which}` : `${mails.length} mails`;
    return { line: mails[0]!.line, message: `the input is ${what} without a patch; ${expected}` };
  }
  if (/^\s{0,20}(?:#include|\/\*|\/\/|#ifndef)/.test(text.slice(0, 200))) {
    return { line: 1, message: `the input looks like source code, not like a patch; ${expected}` };
  }
  return { line: null, message: `no patch was found in the input; ${expected}` };
}

function isBinary(text: string): boolean {
  const sample = text.slice(0, 8_000);
  let odd = 0;
  for (let i = 0; i < sample.length; i++) {
    const code = sample.charCodeAt(i);
    if (code === 0) return true;
    if (code < 9 || (code > 13 && code < 32 && code !== 27) || code === 0xfffd) odd++;
  }
  return odd * 10 > sample.length;
}
