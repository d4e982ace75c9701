/** What is undone in the text of a message before its diff is looked for. */
import { undash } from './clearsign.ts';
import { unflow } from './flowed.ts';
import { isBlank, type Line } from './lines.ts';
import type { Message } from './message.ts';
import { parseSubject } from './subject.ts';

/** The message with its body as it was before mail programs and pages changed it, cut at the scissors. */
export function prepare(message: Message): Message {
  const flowed = message.flowed ? unflow(message.body) : message.body;
  return cutAtScissors({ ...message, body: undouble(undash(flowed)) });
}

/** Takes out the empty line that a page or a mailer put behind every line. */
export function undouble(lines: readonly Line[]): readonly Line[] {
  const first = lines.findIndex((line) => !isBlank(line.text));
  if (first < 0) return lines;
  let count = 0;
  for (let i = first; i < lines.length; i++) {
    if (isBlank(lines[i]!.text)) continue;
    count++;
    if ((i - first) % 2 === 1) return lines;
  }
  return count < 8 ? lines : lines.filter((_, index) => index >= first && (index - first) % 2 === 0);
}

/** True for `-- >8 --` and its like: what stands above is not for the commit (`git am --scissors`). */
function isScissors(text: string): boolean {
  if (text.length > 80 || !(text.includes('8<') || text.includes('>8'))) return false;
  let rest = text;
  for (const mark of ['8<', '>8']) rest = rest.replaceAll(mark, '');
  const dashes = [...rest].filter((character) => character === '-').length;
  const words = rest.replaceAll('-', ' ').trim().toLowerCase();
  return dashes >= 2 && (words === '' || words === 'cut here' || words === 'snip' || words === 'cut');
}

/** How far below the start of a message scissors are looked for. */
const WINDOW = 2_000;

function cutAtScissors(message: Message): Message {
  const { body } = message;
  const end = body.findIndex((line) => /^(?:diff -|--- |Index: )/.test(line.text));
  let at = -1;
  for (let i = 0; i < Math.min(end, WINDOW); i++) if (isScissors(body[i]!.text)) at = i + 1;
  if (at < 0) return message;
  while (at < end && isBlank(body[at]!.text)) at++;
  let { subject, author } = message;
  for (; at < end; at++) {
    const { text } = body[at]!;
    if (text.startsWith('From: ')) author = text.slice(6).trim();
    else if (text.startsWith('Subject: ')) subject = parseSubject(text.slice(9));
    else if (!text.startsWith('Date: ')) break;
  }
  return { ...message, subject, author, body: body.slice(at) };
}
