/** The text of an HTML body or page, line by line, with the place of each line in the input. */
import type { Line } from './lines.ts';

const BREAKS = new Set([
  'br',
  'p',
  'div',
  'tr',
  'li',
  'pre',
  'table',
  'h1',
  'h2',
  'h3',
  'h4',
  'blockquote',
  'hr',
  'ul',
  'dt',
  'dd',
]);
const SKIPPED = new Set(['script', 'style', 'head', 'title']);
const ENTITIES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    lt: '<',
    gt: '>',
    amp: '&',
    quot: '"',
    apos: "'",
    nbsp: '\u00a0',
  }),
);

/** True where a text is an HTML page and not a patch of one. */
export function looksLikeHtml(lines: readonly Line[]): boolean {
  const first =
    lines
      .find((line) => line.text.trim() !== '')
      ?.text.trimStart()
      .slice(0, 40)
      .toLowerCase() ?? '';
  return (
    first.startsWith('<!doctype html') ||
    first.startsWith('<html') ||
    first.startsWith('<div') ||
    first.startsWith('<pre')
  );
}

/** Takes the tags off; white space counts inside `pre` and is collapsed elsewhere, as a browser shows it. */
export function htmlToLines(lines: readonly Line[]): Line[] {
  const reader = new HtmlReader();
  for (const line of lines) reader.read(line);
  reader.endLine(true);
  return reader.result;
}

class HtmlReader {
  readonly result: Line[] = [];
  private text: string[] = [];
  private start: { line: number; column: number } | null = null;
  private preformatted = 0;
  private skipped: string | null = null;
  /** The text of a tag that goes on in the next line. */
  private tag: string | null = null;
  private space = false;

  read(line: Line): void {
    const { text } = line;
    let at = 0;
    while (at < text.length) {
      if (this.tag !== null || text[at] === '<') {
        at = this.readTag(text, at);
        continue;
      }
      const next = text.indexOf('<', at);
      const end = next < 0 ? text.length : next;
      if (this.skipped === null) this.readText(text.slice(at, end), line, at);
      at = end;
    }
    if (this.tag !== null) this.tag += ' ';
    else if (this.preformatted > 0 && this.skipped === null) {
      this.start ??= { line: line.line, column: line.column };
      this.endLine(false);
    } else this.space = true;
  }

  private readTag(text: string, at: number): number {
    // A `<` that no tag name follows is text; browsers show it so.
    if (this.tag === null && !/[a-z/!?]/i.test(text[at + 1] ?? ' ')) {
      if (this.skipped === null) this.text.push('<');
      return at + 1;
    }
    const from = this.tag === null ? at + 1 : at;
    const end = text.indexOf('>', from);
    const piece = (this.tag ?? '') + text.slice(from, end < 0 ? text.length : end);
    if (end < 0) {
      this.tag = piece.slice(0, 64);
      return text.length;
    }
    this.tag = null;
    this.apply(piece);
    return end + 1;
  }

  private apply(tag: string): void {
    const closing = tag.startsWith('/');
    const name = /^[a-z0-9]{1,16}/i.exec(closing ? tag.slice(1) : tag)?.[0].toLowerCase() ?? '';
    if (this.skipped !== null) {
      if (closing && name === this.skipped) this.skipped = null;
      return;
    }
    if (SKIPPED.has(name) && !closing) {
      this.skipped = name;
      return;
    }
    if (name === 'pre') this.preformatted = Math.max(0, this.preformatted + (closing ? -1 : 1));
    if (name === 'br') this.endLine(false);
    else if (BREAKS.has(name)) this.endLine(true);
  }

  private readText(piece: string, line: Line, at: number): void {
    let text = decodeEntities(piece);
    if (this.preformatted === 0) {
      const collapsed = text.replace(/[ \t\r\n]+/g, ' ');
      text = this.text.length === 0 && collapsed.startsWith(' ') ? collapsed.slice(1) : collapsed;
      if (text === '') return;
      if (this.space && this.text.length > 0 && !text.startsWith(' ')) this.text.push(' ');
    }
    this.space = false;
    this.start ??= { line: line.line, column: line.column + at };
    this.text.push(text);
  }

  /** Ends the line; at the edge of a block an empty line is none. */
  endLine(atBlock: boolean): void {
    const text = this.text.join('');
    const place = this.start ?? this.result.at(-1);
    if (place && (text !== '' || !atBlock))
      this.result.push({ text, line: place.line, column: place.column });
    this.text = [];
    this.start = null;
    this.space = false;
  }
}

/**
 * Undoes entities in a text that is not HTML any more: an archive's page that was saved with `-&gt;` for `->`.
 * A text with `->` in it is as it was written.
 */
export function decodeStrayEntities(lines: readonly Line[]): readonly Line[] {
  const isEscaped =
    lines.some(({ text }) => text.includes('-&gt;') || text.startsWith('&gt; ')) &&
    !lines.some(({ text }) => text.includes('->') || text.startsWith('> '));
  return isEscaped ? lines.map((line) => ({ ...line, text: decodeEntities(line.text) })) : lines;
}

function decodeEntities(text: string): string {
  let at = text.indexOf('&');
  if (at < 0) return text;
  const out: string[] = [];
  let copied = 0;
  for (; at >= 0; at = text.indexOf('&', at + 1)) {
    const length = text.slice(at, at + 12).indexOf(';');
    if (length < 0) continue;
    const end = at + length;
    const name = text.slice(at + 1, end);
    const code = /^#x[0-9a-f]{1,6}$/i.test(name)
      ? Number.parseInt(name.slice(2), 16)
      : /^#[0-9]{1,7}$/.test(name)
        ? Number(name.slice(1))
        : null;
    const value = code !== null && code <= 0x10ffff ? String.fromCodePoint(code) : ENTITIES.get(name);
    if (value === undefined) continue;
    out.push(text.slice(copied, at), value);
    copied = end + 1;
  }
  out.push(text.slice(copied));
  return out.join('');
}
