/** Finding identifiers in Rust outside comments and strings. */
import { isWordCode } from './words.ts';

export interface RustWord {
  readonly at: number;
  readonly word: string;
  /** True inside `cfg(…)`, `cfg!(…)` and `cfg_attr(…)`. */
  readonly inCfg: boolean;
}

/** The places where one of `words` stands as a whole identifier, in order. */
export function scanRust(text: string, words: ReadonlySet<string>): RustWord[] {
  const found: RustWord[] = [];
  const length = text.length;
  /** Whether each open parenthesis belongs to a cfg, or stands inside one. */
  const open: boolean[] = [];
  let last = '';
  let i = 0;
  while (i < length) {
    const code = text.charCodeAt(i);
    if (code === 47 && text[i + 1] === '/') {
      const end = text.indexOf('\n', i);
      i = end < 0 ? length : end;
    } else if (code === 47 && text[i + 1] === '*') {
      i = skipComment(text, i);
    } else if (code === 34) {
      i = skipString(text, i);
      last = '';
    } else if (code === 39) {
      // A character, or the quote of a lifetime.
      const escaped = text[i + 1] === '\\';
      const close = text.indexOf("'", i + (escaped ? 3 : 2));
      i = close >= 0 && close - i <= (escaped ? 12 : 3) ? close + 1 : i + 1;
      last = '';
    } else if (isWordCode(code)) {
      let end = i;
      while (end < length && isWordCode(text.charCodeAt(end))) end++;
      const word = text.slice(i, end);
      if ((word === 'r' || word === 'br' || word === 'cr') && (text[end] === '"' || text[end] === '#')) {
        const after = skipRaw(text, end);
        if (after > end) {
          i = after;
          last = '';
          continue;
        }
      }
      if (words.has(word)) found.push({ at: i, word, inCfg: open.length > 0 && open[open.length - 1]! });
      last = word;
      i = end;
    } else {
      if (code === 40) {
        const cfg = last === 'cfg' || last === 'cfg_attr' || (open.length > 0 && open[open.length - 1]!);
        if (open.length < 1000) open.push(cfg);
      } else if (code === 41) open.pop();
      if (code !== 33 && code !== 32) last = '';
      i++;
    }
  }
  return found;
}

/** Comments of Rust nest. */
function skipComment(text: string, from: number): number {
  let depth = 0;
  for (let i = from; i < text.length - 1; i++) {
    if (text[i] === '/' && text[i + 1] === '*') {
      depth++;
      i++;
    } else if (text[i] === '*' && text[i + 1] === '/') {
      depth--;
      i++;
      if (depth === 0) return i + 1;
    }
  }
  return text.length;
}

function skipString(text: string, from: number): number {
  for (let i = from + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 92) i++;
    else if (code === 34) return i + 1;
  }
  return text.length;
}

/** Behind `r#"…"#` whose hashes or quote begin at `from`; `from` itself where it is none. */
function skipRaw(text: string, from: number): number {
  let hashes = 0;
  while (text[from + hashes] === '#' && hashes < 256) hashes++;
  if (text[from + hashes] !== '"') return from;
  const close = text.indexOf(`"${'#'.repeat(hashes)}`, from + hashes + 1);
  return close < 0 ? text.length : close + 1 + hashes;
}
