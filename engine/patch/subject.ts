/** Subject lines: `Re: [PATCH net-next v2 1/3] mm: what it does`. */

export interface Subject {
  /** Without reply marks and without the tags of a patch. */
  readonly title: string;
  readonly isReply: boolean;
  readonly isForward: boolean;
  /** True where a tag says that this is a patch. */
  readonly isPatch: boolean;
  readonly version: number;
  readonly number: number | null;
  readonly total: number | null;
}

const REPLY_MARKS = new Set(['re', 'aw', 'antw', 'sv', 'vs', 'r', 'res', 'rv', '回复', '答复', '转发']);
const FORWARD_MARKS = new Set(['fwd', 'fw', 'wg', '转发']);

/** A longer subject is cut. */
const MAX_SUBJECT = 2_000;

/** Takes a subject apart; any text will do. */
export function parseSubject(text: string): Subject {
  let rest = text.slice(0, MAX_SUBJECT).trim();
  let isReply = false;
  let isForward = false;
  for (let round = 0; round < 20; round++) {
    const match = /^([^\s:[\]：]{1,8})(?:\[\d{1,3}\])?\s{0,4}[:：]/.exec(rest);
    const mark = match?.[1]?.toLowerCase() ?? '';
    if (match === null || (!REPLY_MARKS.has(mark) && !FORWARD_MARKS.has(mark))) break;
    if (FORWARD_MARKS.has(mark)) isForward = true;
    else isReply = true;
    rest = rest.slice(match[0].length).trimStart();
  }
  const whole = rest;
  let isPatch = false;
  let version = 1;
  let number: number | null = null;
  let total: number | null = null;
  let kept = rest;
  while (rest.startsWith('[')) {
    const end = rest.indexOf(']');
    if (end < 0 || end > 200) break;
    const tag = readTag(rest.slice(1, end));
    rest = rest.slice(end + 1).trimStart();
    if (tag === null) continue;
    isPatch = true;
    kept = rest;
    version = tag.version ?? version;
    number = tag.number ?? number;
    total = tag.total ?? total;
  }
  const title = isPatch ? kept : whole;
  return { title: title.trim(), isReply, isForward, isPatch, version, number, total };
}

interface Tag {
  readonly version: number | null;
  readonly number: number | null;
  readonly total: number | null;
}

/** A bracketed tag that speaks of patches, also in patchwork's form `v5,6/7`; null for other tags. */
function readTag(text: string): Tag | null {
  let speaks = false;
  let version: number | null = null;
  let number: number | null = null;
  let total: number | null = null;
  for (const word of text.split(/[\s,]/)) {
    const count = /^(\d{1,4})\/(\d{1,4})$/.exec(word);
    const numbered = /^[vV](\d{1,3})(?:\.\d{1,3})?$/.exec(word);
    if (count) {
      number = Number(count[1]);
      total = Number(count[2]);
      speaks = true;
    } else if (numbered) {
      version = Number(numbered[1]);
      speaks = true;
    } else {
      const upper = word.toUpperCase();
      const joined = /^PATCH[vV](\d{1,3})$/.exec(word) ?? /^PATCH-?[vV](\d{1,3})$/i.exec(word);
      if (joined) version = Number(joined[1]);
      if (joined || upper === 'PATCH' || upper === 'RFC' || upper === 'RESEND' || upper === 'PATCHES')
        speaks = true;
    }
  }
  return speaks ? { version, number, total } : null;
}
