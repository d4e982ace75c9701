/** A stretch of code on one line: runs of white space become one blank. */
export function oneLine(text: string): string {
  return /\s\s|[\t\n\r]|^\s|\s$/.test(text) ? text.split(/\s+/).join(' ').trim() : text;
}
