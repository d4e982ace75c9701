/** Finding the declared name in the tokens of a declaration or of a function's signature. */
import * as T from './tokens.ts';
import * as W from './words.ts';

export interface Declarator {
  /** Token index of the name. */
  readonly name: number;
  /** Token indices of the parentheses around the parameters. */
  readonly open: number;
  readonly close: number;
}

/** The token that closes the bracket at `open`, or `end` when none does before it. */
export function closing(tokens: T.Tokens, open: number, end: number): number {
  const { kinds } = tokens;
  let depth = 0;
  for (let i = open; i < end; i++) {
    const kind = kinds[i]!;
    if (kind === T.PAREN_OPEN || kind === T.BRACKET_OPEN || kind === T.BRACE_OPEN) depth++;
    else if (kind === T.PAREN_CLOSE || kind === T.BRACKET_CLOSE || kind === T.BRACE_CLOSE) {
      if (--depth === 0) return i;
    }
  }
  return end;
}

/** Whether a word could be an attribute: in the table, `__like_this`, or `LIKE_THIS`. */
export function looksLikeAttribute(text: string, tokens: T.Tokens, index: number): boolean {
  const kind = tokens.words[index]!;
  if (W.isAttribute(kind) || kind === W.ANNOTATION || kind === W.CLEANUP) return true;
  if (kind !== W.OTHER) return false;
  return attributeScore(text, tokens.starts[index]!, tokens.ends[index]!) > 0;
}

/** 2 for `__like_this`, 1 for `LIKE_THIS`, 0 for any other word; types such as `__u32` and `__le16` are 0. */
export function attributeScore(text: string, from: number, to: number): number {
  if (to - from < 3) return 0;
  if (text.charCodeAt(from) === 95 && text.charCodeAt(from + 1) === 95) {
    return isUnderscoredType(text, from, to) ? 0 : 2;
  }
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code !== 95 && !(code >= 65 && code <= 90) && !(code >= 48 && code <= 57)) return 0;
  }
  return 1;
}

/** `__u32`, `__be16`, `__s8`, `__kernel_size_t`, `__sum16`, `__int128`: underscored words that are types. */
function isUnderscoredType(text: string, from: number, to: number): boolean {
  const last = text.charCodeAt(to - 1);
  if (last === 116 && text.charCodeAt(to - 2) === 95) return true;
  // A word of the form `__letters digits` is a type of that width.
  if (last < 48 || last > 57) return false;
  let i = from + 2;
  while (i < to && text.charCodeAt(i) >= 97 && text.charCodeAt(i) <= 122) i++;
  let digits = i;
  while (digits < to && text.charCodeAt(digits) >= 48 && text.charCodeAt(digits) <= 57) digits++;
  return digits === to && i > from + 2;
}

/**
 * The declared function in `[from, end)`, the tokens in front of a body or of a declaration's semicolon:
 * the first `name(…)` that only attributes follow. Null when there is none.
 */
export function findDeclarator(text: string, tokens: T.Tokens, from: number, end: number): Declarator | null {
  const { kinds, words } = tokens;
  let found: Declarator | null = null;
  let i = from;
  while (i < end) {
    const kind = kinds[i]!;
    if (kind === T.PAREN_OPEN) {
      const close = closing(tokens, i, end);
      // `int (*name(parameters))(int)`: the name is inside.
      if (kinds[i + 1] === T.STAR && (found === null || found.open !== i)) {
        found = pointerDeclarator(tokens, i + 1, close) ?? found;
      }
      i = close + 1;
      continue;
    }
    if (kind !== T.WORD) {
      if (kind === T.BRACKET_OPEN || kind === T.BRACE_OPEN) {
        i = closing(tokens, i, end) + 1;
      } else {
        if (kind === T.ASSIGN) return null;
        found = null;
        i++;
      }
      continue;
    }
    const word = words[i]!;
    if (word === W.TAG) {
      found = null;
      i++;
      while (i < end && kinds[i] === T.WORD && W.isAttribute(words[i]!)) i = skipGroup(tokens, i + 1, end);
      if (kinds[i] === T.WORD && words[i] === W.OTHER) i++;
      continue;
    }
    const grouped = kinds[i + 1] === T.PAREN_OPEN && i + 1 < end;
    const isName = grouped && W.canBeName(word);
    const attribute = looksLikeAttribute(text, tokens, i);
    if (!grouped) {
      if (!attribute) found = null;
      i++;
      continue;
    }
    const close = closing(tokens, i + 1, end);
    if (
      (isName || word === W.TYPE) &&
      kinds[i + 2] === T.STAR &&
      kinds[close + 1] === T.PAREN_OPEN &&
      close + 1 < end
    ) {
      // `type (*name(parameters))(int)`, the type being a plain word.
      const inner = pointerDeclarator(tokens, i + 2, close);
      if (inner !== null) return inner;
    }
    if (!attribute) found = isName ? { name: i, open: i + 1, close } : null;
    else if (isName && found === null) found = { name: i, open: i + 1, close };
    i = close + 1;
  }
  return found;
}

function pointerDeclarator(tokens: T.Tokens, from: number, end: number): Declarator | null {
  const { kinds, words } = tokens;
  for (let i = from; i + 1 < end; i++) {
    if (kinds[i] === T.WORD && words[i] === W.OTHER && kinds[i + 1] === T.PAREN_OPEN) {
      return { name: i, open: i + 1, close: closing(tokens, i + 1, end) };
    }
    if (kinds[i] === T.PAREN_OPEN) return null;
  }
  return null;
}

function skipGroup(tokens: T.Tokens, index: number, end: number): number {
  return tokens.kinds[index] === T.PAREN_OPEN && index < end ? closing(tokens, index, end) + 1 : index;
}

/** The arguments between the parentheses at `open` and `close`: half-open token ranges, in order. */
export function splitArguments(tokens: T.Tokens, open: number, close: number): [number, number][] {
  const { kinds } = tokens;
  const args: [number, number][] = [];
  if (close <= open + 1) return args;
  let from = open + 1;
  let depth = 0;
  for (let i = open + 1; i < close; i++) {
    const kind = kinds[i]!;
    if (kind === T.PAREN_OPEN || kind === T.BRACKET_OPEN || kind === T.BRACE_OPEN) depth++;
    else if (kind === T.PAREN_CLOSE || kind === T.BRACKET_CLOSE || kind === T.BRACE_CLOSE) depth--;
    else if (kind === T.COMMA && depth === 0) {
      args.push([from, i]);
      from = i + 1;
    }
  }
  args.push([from, close]);
  return args;
}

/** The text of a range of tokens as written, without comments or line breaks at its ends. */
export function textOf(text: string, tokens: T.Tokens, from: number, to: number): string {
  return from < to ? text.slice(tokens.starts[from]!, tokens.ends[to - 1]!) : '';
}
