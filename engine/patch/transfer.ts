/** Content transfer encodings of mail, decoded so that each line keeps its place in the input. */
import type { Line } from './lines.ts';
import type { Problem } from './series.ts';

/** What turns bytes into text; `TextDecoder`, which every host has. */
export type Decoder = InstanceType<typeof TextDecoder>;

/** A decoder for a charset label of a mail; labels that are not known are read as UTF-8. */
export function decoderFor(charset: string | null): Decoder {
  const label = (charset ?? 'utf-8').trim().toLowerCase();
  try {
    return new TextDecoder(label === 'us-ascii' ? 'utf-8' : label);
  } catch {
    // A RangeError: the label names no encoding of the platform.
    return new TextDecoder('utf-8');
  }
}

function hexValue(text: string, at: number): number {
  const high = '0123456789ABCDEF'.indexOf((text[at] ?? '?').toUpperCase());
  const low = '0123456789ABCDEF'.indexOf((text[at + 1] ?? '?').toUpperCase());
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/** Decodes quoted-printable (RFC 2045, 6.7). A malformed escape stays as it is. */
export function decodeQuotedPrintable(lines: readonly Line[], decoder: Decoder): Line[] {
  const result: Line[] = [];
  let text = '';
  let first: Line | null = null;
  for (const line of lines) {
    const source = line.text.trimEnd();
    const soft = source.endsWith('=');
    first ??= line;
    const decoded = decodeEscapes(soft ? source.slice(0, -1) : source, decoder);
    text += decoded;
    if (soft) continue;
    pushLines(result, text, first);
    text = '';
    first = null;
  }
  if (first !== null) pushLines(result, text, first);
  return result;
}

function pushLines(result: Line[], text: string, first: Line): void {
  // `=0A` in the middle of a line, which some senders write.
  const parts = text.includes('\n') ? text.split('\n') : [text];
  for (const part of parts) {
    result.push({
      text: part.endsWith('\r') ? part.slice(0, -1) : part,
      line: first.line,
      column: first.column,
      encoded: first.text,
    });
  }
}

function decodeEscapes(source: string, decoder: Decoder): string {
  let at = source.indexOf('=');
  if (at < 0) return source;
  const out: string[] = [];
  let copied = 0;
  while (at >= 0) {
    const bytes: number[] = [];
    let end = at;
    while (source[end] === '=') {
      const value = hexValue(source, end + 1);
      if (value < 0) break;
      bytes.push(value);
      end += 3;
    }
    if (bytes.length > 0) {
      out.push(source.slice(copied, at), decoder.decode(Uint8Array.from(bytes)));
      copied = end;
    }
    at = source.indexOf('=', Math.max(end, at + 1));
  }
  out.push(source.slice(copied));
  return out.join('');
}

/**
 * True where a text can hardly be anything but quoted-printable whose header was lost: there are escapes of `=`
 * or white space, and not one `=` that quoted-printable would not allow.
 */
export function looksQuotedPrintable(lines: readonly Line[]): boolean {
  let telling = false;
  for (const { text } of lines) {
    const last = text.trimEnd().length - 1;
    for (let at = text.indexOf('='); at >= 0; at = text.indexOf('=', at + 1)) {
      if (at === last) break;
      if (hexValue(text, at + 1) < 0) return false;
      telling ||= text.startsWith('=3D', at) || text.startsWith('=20', at) || text.startsWith('=09', at);
    }
  }
  return telling;
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE64_VALUES = new Int8Array(128).fill(-1);
for (let i = 0; i < 64; i++) BASE64_VALUES[BASE64.charCodeAt(i)] = i;

/**
 * Decodes base64. Each decoded line names the input line and the column of the character that holds its first
 * bits; characters that are not base64 end the data where they are text, and are one problem.
 */
export function decodeBase64(lines: readonly Line[], decoder: Decoder, problems: Problem[]): Line[] {
  const length = lines.reduce((sum, line) => sum + line.text.length, 0);
  const bytes = new Uint8Array(Math.ceil((length * 3) / 4));
  /** For each byte that begins a decoded line: where it came from. */
  const starts: { byte: number; line: number; column: number }[] = [];
  let count = 0;
  let bits = 0;
  let held = 0;
  let wantStart = true;
  let bad: number | null = null;
  outer: for (const line of lines) {
    for (let at = 0; at < line.text.length; at++) {
      const code = line.text.charCodeAt(at);
      if (code === 61 || code === 32 || code === 9 || code === 13) continue;
      const value = code < 128 ? BASE64_VALUES[code]! : -1;
      if (value < 0) {
        bad = line.line;
        // Text behind the data (a list's footer) is not part of it.
        if (line.text.trim().includes(' ')) break outer;
        continue;
      }
      bits = (bits << 6) | value;
      held += 6;
      if (held < 8) continue;
      held -= 8;
      const byte = (bits >> held) & 0xff;
      bits &= (1 << held) - 1;
      if (wantStart) starts.push({ byte: count, line: line.line, column: line.column + Math.max(0, at - 1) });
      wantStart = byte === 10;
      bytes[count++] = byte;
    }
  }
  if (bad !== null)
    problems.push({ line: bad, message: 'there are characters in the base64 text that are not base64' });
  return starts.map((start, index) => {
    let end = starts[index + 1]?.byte ?? count;
    while (end > start.byte && (bytes[end - 1] === 10 || bytes[end - 1] === 13)) {
      end--;
      // Only the line's own end: one line feed and one carriage return.
      if (bytes[end] === 13) break;
    }
    return { text: decoder.decode(bytes.subarray(start.byte, end)), line: start.line, column: start.column };
  });
}
