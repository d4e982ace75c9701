/** `format=flowed` (RFC 3676): the space in front of some lines, and lines broken behind a space. */
import { dropStart, type Line } from './lines.ts';
import { isSignature } from './marks.ts';
import { quoteDepth } from './quoting.ts';

/**
 * Undoes what a sender of flowed text did. Many programs declare `format=flowed` and send patches as they are:
 * only where every line that begins with a space begins with two was there any stuffing to undo.
 */
export function unflow(lines: readonly Line[]): readonly Line[] {
  if (!isStuffed(lines)) return lines;
  const result: Line[] = [];
  let open: { text: string; readonly first: Line; readonly depth: number } | null = null;
  const close = () => {
    if (open !== null)
      result.push(open.text === open.first.text ? open.first : { ...open.first, text: open.text });
    open = null;
  };
  for (const line of lines) {
    const { depth, end } = quoteDepth(line.text);
    const plain = depth === 0 && line.text[0] === ' ' ? dropStart(line, 1) : line;
    const body = plain.text.slice(end);
    const flows = body.endsWith(' ') && body.trim() !== '' && !isSignature(body.trimStart());
    if (open !== null && open.depth === depth && body !== '')
      open.text += depth === 0 ? plain.text : body.trimStart();
    else {
      close();
      open = { text: plain.text, first: plain, depth };
    }
    if (!flows) close();
  }
  close();
  return result;
}

function isStuffed(lines: readonly Line[]): boolean {
  let stuffed = 0;
  for (const { text } of lines) {
    if (text[0] !== ' ' || text.trim() === '') continue;
    if (text[1] !== ' ' && text[1] !== '>') return false;
    stuffed++;
  }
  return stuffed > 0;
}
