/** Header fields of mail (RFC 5322), with what web archives do to them. */
import { decodeWords } from 'postal-mime';
import { isBlank, type Line } from './lines.ts';

export interface Headers {
  /** The decoded value of the first field of that name (any case), or null. */
  get(name: string): string | null;
}

export interface HeaderBlock {
  readonly headers: Headers;
  /** Index of the first line of the body. */
  readonly end: number;
  readonly count: number;
}

/** Fields that make a run of `Name: value` lines the head of a mail, not prose. */
const TELLING = new Set([
  'from',
  'to',
  'cc',
  'subject',
  'date',
  'sent',
  'message-id',
  'in-reply-to',
  'references',
  'received',
  'return-path',
  'delivered-to',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  'list-id',
  'list',
  'reply-to',
  'x-mailer',
  'user-agent',
]);

/** The name of the field that a line begins, in lower case, or null. */
export function fieldName(text: string): string | null {
  const colon = text.indexOf(':');
  if (colon < 1 || colon > 60) return null;
  for (let i = 0; i < colon; i++) {
    const code = text.charCodeAt(i) | 32;
    const ok = (code >= 97 && code <= 122) || (i > 0 && (text[i] === '-' || (code >= 48 && code <= 57)));
    if (!ok) return null;
  }
  return text.slice(0, colon).toLowerCase();
}

export function isTellingField(name: string | null): boolean {
  return name !== null && TELLING.has(name);
}

/**
 * Reads the header block at `start`; null where there is none. A block needs two different telling fields, one
 * of them From, Subject or a MIME field, unless `loose`: then any field will do (parts of a multipart message).
 */
export function readHeaders(lines: readonly Line[], start: number, loose = false): HeaderBlock | null {
  const values = new Map<string, string>();
  const pieces: string[] = [];
  let name: string | null = null;
  let at = start;
  let count = 0;
  let mangled = 0;
  const flush = () => {
    if (name !== null && !values.has(name)) values.set(name, pieces.join(' '));
    pieces.length = 0;
  };
  for (; at < lines.length; at++) {
    const { text } = lines[at]!;
    if (isBlank(text)) break;
    if ((text[0] === ' ' || text[0] === '\t') && name !== null) {
      pieces.push(text.trim());
      continue;
    }
    const next = fieldName(text);
    if (next === null) {
      // A line that is no field ends the block, but a mailbox may have a mangled line between two fields.
      const after = fieldName(lines[at + 1]?.text ?? '');
      if (count > 0 && mangled < 3 && isTellingField(after)) {
        mangled++;
        continue;
      }
      break;
    }
    flush();
    name = next;
    pieces.push(text.slice(next.length + 1).trim());
    count++;
  }
  flush();
  if (count === 0) return null;
  if (!loose && !isMailHead([...values.keys()])) return null;
  const end = at < lines.length && isBlank(lines[at]!.text) ? at + 1 : at;
  return { headers: headersOf(values), end, count };
}

function isMailHead(names: readonly string[]): boolean {
  const telling = names.filter((name) => TELLING.has(name));
  if (telling.length < 2) return false;
  return telling.some((name) => name === 'from' || name === 'subject' || name.startsWith('content-'));
}

/** Headers over plain values; encoded words are decoded when asked for. */
export function headersOf(values: ReadonlyMap<string, string>): Headers {
  return {
    get(name) {
      const value = values.get(name.toLowerCase());
      return value === undefined ? null : decodeField(value);
    },
  };
}

/** A longer field is left encoded. */
const MAX_FIELD = 16_384;

function decodeField(value: string): string {
  const text = value.length <= MAX_FIELD && value.includes('=?') ? decodeWords(value) : value;
  return text.trim();
}

/** A `Content-Type` like field: the value before the first `;` and its parameters, names in lower case. */
export function parseParameters(value: string): {
  readonly value: string;
  readonly parameters: ReadonlyMap<string, string>;
} {
  const parameters = new Map<string, string>();
  const semicolon = value.indexOf(';');
  const head = (semicolon < 0 ? value : value.slice(0, semicolon)).trim().toLowerCase();
  let at = semicolon < 0 ? value.length : semicolon + 1;
  while (at < value.length) {
    const equals = value.indexOf('=', at);
    if (equals < 0) break;
    const name = value.slice(at, equals).trim().toLowerCase();
    at = equals + 1;
    while (value[at] === ' ') at++;
    let text = '';
    if (value[at] === '"') {
      for (at++; at < value.length && value[at] !== '"'; at++) {
        if (value[at] === '\\' && at + 1 < value.length) at++;
        text += value[at];
      }
      const next = value.indexOf(';', at);
      at = next < 0 ? value.length : next + 1;
    } else {
      const next = value.indexOf(';', at);
      const stop = next < 0 ? value.length : next;
      text = value.slice(at, stop).trim();
      at = stop + 1;
    }
    // RFC 2231: name*0, name*0*, name*: enough of it for file names.
    const star = name.indexOf('*');
    const plain = star < 0 ? name : name.slice(0, star);
    parameters.set(plain, star < 0 ? text : (parameters.get(plain) ?? '') + text);
  }
  return { value: head, parameters };
}

/** `<id@host>` or `id@host (raw)` to `id@host`; null where there is nothing that looks like one. */
export function messageIdOf(value: string | null): string | null {
  if (value === null) return null;
  const open = value.indexOf('<');
  const close = open < 0 ? -1 : value.indexOf('>', open);
  const id =
    open >= 0 && close > open ? value.slice(open + 1, close) : (value.trim().split(/[\s|]/)[0] ?? '');
  return id.includes('@') ? id.trim() : null;
}
