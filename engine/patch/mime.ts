/** The readable parts of a mail: transfer encodings undone, multipart bodies taken apart. */
import { type Headers, headersOf, parseParameters, readHeaders } from './headers.ts';
import { htmlToLines } from './html.ts';
import { MAX_MIME_DEPTH, MAX_MIME_PARTS } from './limits.ts';
import type { Line } from './lines.ts';
import type { Problem } from './series.ts';
import { decodeBase64, decodeQuotedPrintable, decoderFor, looksQuotedPrintable } from './transfer.ts';

export interface Part {
  readonly lines: readonly Line[];
  /** True where the sender declared `format=flowed`. */
  readonly flowed: boolean;
  /** True for an attached message or file: it may be a mailbox of its own. */
  readonly attached: boolean;
}

const NO_HEADERS = headersOf(new Map());

/** The text parts of a message in their order. Of alternatives the plain text is taken. */
export function readParts(headers: Headers, body: readonly Line[], problems: Problem[]): Part[] {
  const parts: Part[] = [];
  const left = { parts: MAX_MIME_PARTS };
  collect(headers, body, false, 0, parts, left, problems);
  return parts;
}

function collect(
  headers: Headers,
  body: readonly Line[],
  attached: boolean,
  depth: number,
  parts: Part[],
  left: { parts: number },
  problems: Problem[],
): void {
  const first = body[0]?.line ?? null;
  if (left.parts-- <= 0 || depth > MAX_MIME_DEPTH) {
    const message = 'the mail has too many parts, or parts nested too deeply; the rest was not read';
    if (left.parts === -1 || depth > MAX_MIME_DEPTH) problems.push({ line: first, message });
    return;
  }
  const type = parseParameters(headers.get('content-type') ?? 'text/plain');
  const disposition = parseParameters(headers.get('content-disposition') ?? '');
  const boundary = type.parameters.get('boundary');
  if (type.value.startsWith('multipart/') && boundary) {
    const pieces = splitAtBoundary(body, boundary);
    if (pieces !== null) {
      const chosen = type.value === 'multipart/alternative' ? preferPlain(pieces) : pieces;
      for (const piece of chosen)
        collect(piece.headers, piece.body, attached, depth + 1, parts, left, problems);
      return;
    }
    problems.push({
      line: first,
      message: 'the mail says that it has several parts, but no boundary between them was found',
    });
  }
  const name = disposition.parameters.get('filename') ?? type.parameters.get('name') ?? null;
  const isText =
    type.value.startsWith('text/') ||
    type.value.startsWith('multipart/') ||
    type.value.startsWith('message/') ||
    type.value === '' ||
    (type.value.startsWith('application/') &&
      !/\.(gz|xz|bz2|zip|zst|tar|tgz|pdf|p7s|p7m|sig|asc|png|docx?)$/i.test(name ?? ''));
  const signature =
    type.value.includes('signature') || type.value.includes('pgp-encrypted') || type.value.includes('pkcs7');
  if (!isText || signature) {
    // A signature or a picture is no loss; an archive may well hold the patch.
    if (name !== null && /\.(gz|xz|bz2|zip|zst|tar|tgz)$/i.test(name)) {
      problems.push({
        line: first,
        message: `the attachment ${name.slice(0, 100)} is compressed and was not read`,
      });
    }
    return;
  }
  const decoded = decodeBody(headers, type.parameters.get('charset') ?? null, body, problems);
  const lines = type.value === 'text/html' ? htmlToLines(decoded) : decoded;
  const isAttachment =
    attached || disposition.value === 'attachment' || type.value.startsWith('message/') || name !== null;
  parts.push({
    lines,
    flowed: type.parameters.get('format')?.toLowerCase() === 'flowed',
    attached: isAttachment,
  });
}

function decodeBody(
  headers: Headers,
  charset: string | null,
  body: readonly Line[],
  problems: Problem[],
): readonly Line[] {
  const encoding = (headers.get('content-transfer-encoding') ?? '').trim().toLowerCase();
  if (encoding === 'base64') return decodeBase64(body, decoderFor(charset), problems);
  if (encoding === 'quoted-printable') return decodeQuotedPrintable(body, decoderFor(charset));
  return decodeStray(body);
}

/** Undoes quoted-printable whose header was lost when the text was saved. */
export function decodeStray(lines: readonly Line[]): readonly Line[] {
  return looksQuotedPrintable(lines) ? decodeQuotedPrintable(lines, decoderFor(null)) : lines;
}

interface Piece {
  readonly headers: Headers;
  readonly body: readonly Line[];
}

/** The pieces between `--boundary` lines; null where there is no such line. */
function splitAtBoundary(body: readonly Line[], boundary: string): Piece[] | null {
  const mark = `--${boundary}`;
  const starts: number[] = [];
  let end = body.length;
  for (const [index, line] of body.entries()) {
    if (!line.text.startsWith(mark)) continue;
    const rest = line.text.slice(mark.length).trim();
    if (rest === '') starts.push(index);
    else if (rest === '--') {
      end = index;
      break;
    }
  }
  if (starts.length === 0) return null;
  return starts.map((start, index) => {
    const lines = body.slice(start + 1, starts[index + 1] ?? end);
    if (lines[0]?.text === '') return { headers: NO_HEADERS, body: lines.slice(1) };
    const block = readHeaders(lines, 0, true);
    return block === null
      ? { headers: NO_HEADERS, body: lines }
      : { headers: block.headers, body: lines.slice(block.end) };
  });
}

/** Of alternatives, the plain text where there is one with text in it, else the last. */
function preferPlain(pieces: readonly Piece[]): readonly Piece[] {
  const typeOf = (piece: Piece) => parseParameters(piece.headers.get('content-type') ?? 'text/plain').value;
  const plain = pieces.find(
    (piece) => typeOf(piece) === 'text/plain' && piece.body.some((line) => line.text.trim() !== ''),
  );
  const chosen =
    plain ??
    pieces.findLast((piece) => typeOf(piece).startsWith('text/') || typeOf(piece).startsWith('multipart/'));
  return chosen === undefined ? pieces : [chosen];
}
