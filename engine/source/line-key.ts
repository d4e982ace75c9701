/** How lines are compared when a hunk is placed. */

/** As they are, or without any white space. */
export type Level = 'exact' | 'whitespace';

/** The form of a line in which it is compared. A carriage return at the end never counts. */
export function lineKey(text: string, level: Level): string {
  if (level === 'exact') return text.endsWith('\r') ? text.slice(0, -1) : text;
  let key = '';
  let from = 0;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 32;
    if (code === 32 || (code >= 9 && code <= 13) || code === 0xa0) {
      if (i > from) key += text.slice(from, i);
      from = i + 1;
    }
  }
  return key;
}

/** Whether a line says enough to recognise a place by: two letters or digits. */
export function isTelling(text: string): boolean {
  let seen = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122)) {
      if (++seen === 2) return true;
    }
  }
  return false;
}

/** White space at the start of a line. */
export function leadOf(text: string): string {
  let i = 0;
  while (i < text.length && (text.charCodeAt(i) === 32 || text.charCodeAt(i) === 9)) i++;
  return text.slice(0, i);
}
