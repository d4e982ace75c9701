/** What mail programs, list archives and reviewers do to a patch, as functions on text. */

/** Quotes a text as a reply does; blank lines get a bare mark, as most programs write it. */
export function quoted(text: string, depth = 1, mark = '> '): string {
  let result = text;
  for (let i = 0; i < depth; i++) {
    result = mapLines(result, (line) => (line === '' || line === ' ' ? mark.trimEnd() : mark + line));
  }
  return result;
}

/** Tabs become spaces, as in replies written in a web mailer: tab stops count the diff marker. */
export function expandedTabs(text: string): string {
  return mapLines(text, (line) => {
    let out = '';
    for (const character of line) out += character === '\t' ? ' '.repeat(8 - (out.length % 8)) : character;
    return out;
  });
}

/** Each tab becomes one space. */
export function tabsToSpaces(text: string): string {
  return text.replaceAll('\t', ' ');
}

/** Runs of white space become one space and lines lose it at their start, as on some archive pages. */
export function collapsed(text: string): string {
  return mapLines(text, (line) => line.replace(/[ \t]+/g, ' ').trim());
}

/** A trailing space is taken off each line: blank context lines become empty. */
export function trimmedLines(text: string): string {
  return mapLines(text, (line) => line.trimEnd());
}

/** Long lines are broken at `width`, quote marks repeated or not. */
export function wrapped(text: string, width: number, mark = ''): string {
  const out: string[] = [];
  for (const line of text.split('\n')) {
    let rest = line;
    while (rest.length > width) {
      const space = rest.lastIndexOf(' ', width);
      if (space <= mark.length + 8) break;
      out.push(rest.slice(0, space));
      rest = mark + rest.slice(space + 1);
    }
    out.push(rest);
  }
  return out.join('\n');
}

/** Comments of a reviewer between the quoted lines, `every` lines apart. */
export function commented(text: string, every: number, style: 'bare' | 'marked' = 'bare'): string {
  const out: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    out.push(line);
    if (index % every !== every - 1) continue;
    if (style === 'marked') out.push('>');
    out.push(
      '',
      'Is this really needed? - I would have thought that',
      'the caller checks it; see + below.',
      '',
    );
    if (style === 'marked') out.push('>');
  }
  return out.join('\n');
}

/** Quoted-printable with soft breaks, as a mail server encodes it. */
export function quotedPrintable(text: string): string {
  const encoder = new TextEncoder();
  return mapLines(text, (line) => {
    let out = '';
    let width = 0;
    const push = (piece: string) => {
      if (width + piece.length > 75) {
        out += '=\n';
        width = 0;
      }
      out += piece;
      width += piece.length;
    };
    for (const [index, character] of [...line].entries()) {
      const code = character.codePointAt(0)!;
      const last = index === [...line].length - 1;
      const plain = (code >= 33 && code < 127 && code !== 61) || ((code === 32 || code === 9) && !last);
      if (plain) push(character);
      else
        for (const byte of encoder.encode(character))
          push(`=${byte.toString(16).toUpperCase().padStart(2, '0')}`);
    }
    return out;
  });
}

/** Base64 in lines of 76. */
export function base64(text: string): string {
  const encoded = Buffer.from(text, 'utf8').toString('base64');
  return encoded.replace(/(.{76})/g, '$1\n');
}

/** `format=flowed` as RFC 3676 has it: space-stuffed. */
export function flowed(text: string): string {
  return mapLines(text, (line) => (/^(?: |>|From )/.test(line) ? ` ${line}` : line));
}

export function withCarriageReturns(text: string): string {
  return text.replaceAll('\n', '\r\n');
}

/** The text as an HTML page shows it. */
export function html(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<!DOCTYPE html>\n<html><head><title>a page</title></head><body><pre>${escaped}</pre></body></html>\n`;
}

/** An HTML mail of a web mailer: a `div` for each line, indentation as no-break spaces. */
export function htmlMail(text: string): string {
  const lines = expandedTabs(text)
    .split('\n')
    .map((line) => {
      const escaped = line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
      return line === ''
        ? '<div><br></div>'
        : `<div>${escaped.replaceAll('  ', ' &nbsp;').replace(/^ /, '&nbsp;')}</div>`;
    });
  return `<html><body>${lines.join('\n')}</body></html>\n`;
}

/** A mail around a body. */
export function mail(subject: string, body: string, fields: readonly string[] = []): string {
  return [
    'From: Ann Author <ann@example.org>',
    `Subject: ${subject}`,
    'Date: Mon, 6 Jan 2025 10:00:00 +0000',
    'Message-ID: <20250106100000.1-1-ann@example.org>',
    ...fields,
    '',
    body,
  ].join('\n');
}

function mapLines(text: string, change: (line: string) => string): string {
  return text.split('\n').map(change).join('\n');
}
