/**
 * Text of a patch made safe to show. A patch is written by a stranger: a bidirectional override can make a
 * line read as its opposite (CVE-2021-42574, "Trojan Source"), an escape sequence can repaint a terminal. Such
 * characters are shown by their code point, `<U+202E>`, and never sent as themselves.
 */

/** Controls, formats, separators of lines, halves of surrogates, and whatever a font may leave out. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u;

/** True for a character that would act on the output instead of showing, or that shows as nothing. */
function isHidden(code: number): boolean {
  return code < 0x20 || (code >= 0x7f && HIDDEN.test(String.fromCodePoint(code)));
}

function escaped(code: number): string {
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}

/**
 * The text with every hidden character as `<U+XXXX>`. Line feeds and tabs stay: the caller lays lines out.
 * Idempotent.
 */
export function visible(text: string): string {
  return replace(text, (code) => code !== 0x0a && code !== 0x09 && isHidden(code));
}

/** As `visible`, on one line: line ends and tabs become spaces. For messages, names and paths. */
export function visibleLine(text: string): string {
  return visible(text.replace(/[\r\n\t]/g, ' '));
}

/** The text in plain ASCII: what is not, as `<U+XXXX>`. For mails that any reader must show alike. */
export function ascii(text: string): string {
  return replace(text, (code) => code !== 0x0a && code !== 0x09 && (isHidden(code) || code > 0x7e));
}

/** A JSON text whose hidden characters are `\u` escapes: the same data, safe to print. */
export function visibleJson(json: string): string {
  let out = '';
  let from = 0;
  for (let at = 0; at < json.length; at++) {
    const unit = json.charCodeAt(at);
    if (unit < 0x7f) continue;
    const code = json.codePointAt(at)!;
    const length = code > 0xffff ? 2 : 1;
    if (isHidden(code)) {
      out += json.slice(from, at);
      for (let half = at; half < at + length; half++) {
        out += `\\u${json.charCodeAt(half).toString(16).padStart(4, '0')}`;
      }
      from = at + length;
    }
    at += length - 1;
  }
  return from === 0 ? json : out + json.slice(from);
}

function replace(text: string, hidden: (code: number) => boolean): string {
  let out = '';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.codePointAt(at)!;
    const length = code > 0xffff ? 2 : 1;
    if (hidden(code)) {
      out += text.slice(from, at) + escaped(code);
      from = at + length;
    }
    at += length - 1;
  }
  return from === 0 ? text : out + text.slice(from);
}

/** How many columns a text takes on a terminal: 2 for wide East Asian characters, 0 for combining marks. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character.codePointAt(0)!);
  return width;
}

/** The main blocks of Unicode's East Asian Width W and F; an error in a rare block costs one column. */
function characterWidth(code: number): number {
  if (code < 0x300) return 1;
  if (code <= 0x36f || (code >= 0x20d0 && code <= 0x20f0)) return 0;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}
