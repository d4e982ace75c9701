/** Filling text into lines. */
import { displayWidth } from './visible.ts';

/**
 * Fills a text into lines of at most `width` columns, breaking at spaces only: a name or a path is never cut,
 * so a word that is longer than a line stands on a line of its own. Line feeds in the text are kept as breaks.
 * @param first what the first line begins with (`Why: `).
 * @param rest what each further line begins with.
 */
export function wrap(text: string, width: number, first = '', rest = first): string[] {
  const lines: string[] = [];
  let prefix = first;
  for (const paragraph of text.split('\n')) {
    let line = '';
    let used = displayWidth(prefix);
    for (const word of paragraph.split(' ')) {
      if (word === '') continue;
      const size = displayWidth(word);
      if (line !== '' && used + 1 + size > width) {
        lines.push(prefix + line);
        prefix = rest;
        line = '';
        used = displayWidth(prefix);
      }
      used += size + (line === '' ? 0 : 1);
      line = line === '' ? word : `${line} ${word}`;
    }
    lines.push((prefix + line).trimEnd());
    prefix = rest;
  }
  return lines;
}
