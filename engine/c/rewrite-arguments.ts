/** Arguments of calls that are not expressions: types, operators, statements, initialisers. */
import { isAdjacent, makeWord, put, type Rewrite } from './rewrite.ts';
import * as T from './tokens.ts';
import * as W from './words.ts';

/** How far an argument that begins with a brace is looked at to tell statements from an initialiser. */
const LOOK_AHEAD = 400;

/**
 * Rewrites the argument `[from, to)` of a call if it is not an expression. Returns true if it was made one
 * word as a whole, so that nothing in it needs to be looked at again.
 */
export function takeArgument(rewrite: Rewrite, from: number, to: number, alone: boolean): boolean {
  const { kinds, words } = rewrite.tokens;
  if (from >= to) {
    if (!alone) fillEmpty(rewrite, from, to);
    return false;
  }
  const what = kindOf(rewrite, from, to);
  if (what === null) return false;
  // A single word of class OTHER is an expression as it is.
  if (to === from + 1 && kinds[from] === T.WORD && words[from] === W.OTHER) return false;
  makeWord(rewrite, from, to - 1, what);
  return true;
}

function kindOf(
  rewrite: Rewrite,
  from: number,
  to: number,
): 'type' | 'operator' | 'statement' | 'other' | null {
  const { kinds, words, partner } = rewrite.tokens;
  const first = kinds[from]!;
  if (first === T.WORD) {
    const word = words[from]!;
    if (word === W.DEFAULT || word === W.CASE || word === W.ELSE) return 'statement';
    if (W.isControl(word)) return 'statement';
    if (W.beginsType(word) || word === W.STORAGE || word === W.STATIC || word === W.INLINE) return 'type';
    if (word === W.TYPEOF) return 'type';
    if (isAttributeOnly(rewrite, from, to)) return 'other';
    if (isAbstractPointer(rewrite, from, to)) return 'type';
    // Two words in a row are a declaration.
    let next = from + 1;
    if (W.isAttribute(word)) next = from;
    while (next < to && kinds[next] === T.WORD && W.isAttribute(words[next]!)) next++;
    if (next > from && next < to && kinds[next] === T.WORD && isPlain(word) && isPlain(words[next]!))
      return 'type';
  } else if (first === T.BRACE_OPEN) {
    return isInitialiser(rewrite, from, to) ? 'other' : null;
  } else if (first === T.DOT || first === T.BRACKET_OPEN) {
    return 'other';
  } else if (startsOperator(rewrite, from)) {
    return isPunctuation(rewrite, from, to) ? 'operator' : 'other';
  } else if (isPunctuation(rewrite, from, to)) {
    return 'operator';
  }
  const last = kinds[to - 1]!;
  if (isOperator(last) && !endsUpdate(rewrite, to)) return 'other';
  let conditional = 0;
  for (let i = from; i < to; i++) {
    const kind = kinds[i]!;
    if (kind === T.SEMICOLON) return 'statement';
    // `"=a" (value)`, `: "memory"`: operands of assembly.
    if (kind === T.STRING && kinds[i + 1] === T.PAREN_OPEN) return 'other';
    if (kind === T.COLON && --conditional < 0) return 'other';
    if (kind === 63) conditional++;
    if (kind === 37 && kinds[i + 1] === T.BRACKET_OPEN) return 'other';
    if (kind === T.ASSIGN && kinds[i + 1] === T.BRACE_OPEN) return 'other';
    if (kind === T.BRACE_OPEN && i > from && kinds[i - 1] === T.WORD) return 'other';
    if (partner[i]! > i) i = partner[i]!;
  }
  return null;
}

function isPlain(word: number): boolean {
  return word === W.OTHER || word === W.TYPE || word === W.QUALIFIER;
}

function isAttributeOnly(rewrite: Rewrite, from: number, to: number): boolean {
  const { kinds, words } = rewrite.tokens;
  for (let i = from; i < to; i++) if (kinds[i] !== T.WORD || !W.isAttribute(words[i]!)) return false;
  return true;
}

/** `type_t *`, `type_t __user **`. */
function isAbstractPointer(rewrite: Rewrite, from: number, to: number): boolean {
  const { kinds } = rewrite.tokens;
  if (kinds[to - 1] !== T.STAR) return false;
  for (let i = from; i < to; i++) if (kinds[i] !== T.WORD && kinds[i] !== T.STAR) return false;
  return true;
}

function isOperator(kind: number): boolean {
  switch (kind) {
    case 61: // =
    case 60: // <
    case 62: // >
    case 47: // /
    case 37: // %
    case 94: // ^
    case 124: // |
    case 63: // ?
    case 58: // :
    case 38: // &
    case 42: // *
    case 43: // +
    case 45: // -
    case 33: // !
    case 126: // ~
      return true;
    default:
      return false;
  }
}

/** Whether an operator that cannot be unary stands at `index`. */
function startsOperator(rewrite: Rewrite, index: number): boolean {
  const { kinds } = rewrite.tokens;
  const kind = kinds[index]!;
  const joined = isAdjacent(rewrite, index) ? kinds[index + 1]! : 0;
  if (kind === 33) return joined === T.ASSIGN;
  if (kind === 42 || kind === 38) return joined === T.ASSIGN;
  if (kind === 43 || kind === 45) return joined === T.ASSIGN || (kind === 45 && joined === 62);
  return isOperator(kind) && kind !== 126;
}

function isPunctuation(rewrite: Rewrite, from: number, to: number): boolean {
  const { kinds } = rewrite.tokens;
  for (let i = from; i < to; i++) if (kinds[i]! < 33 || !isOperator(kinds[i]!)) return false;
  return true;
}

/** Whether an argument ends with `++` or `--`. */
function endsUpdate(rewrite: Rewrite, to: number): boolean {
  const { kinds } = rewrite.tokens;
  const last = kinds[to - 1]!;
  return (last === 43 || last === 45) && kinds[to - 2] === last && isAdjacent(rewrite, to - 2);
}

/** Whether a braced argument is an initialiser and not statements: no semicolon, but something. */
export function isInitialiser(rewrite: Rewrite, open: number, limit: number): boolean {
  const { kinds, words, partner } = rewrite.tokens;
  const close = partner[open]! < 0 ? limit : Math.min(partner[open]!, limit);
  if (close <= open + 1) return false;
  for (let i = open + 1; i < close && i < open + LOOK_AHEAD; i++) {
    const kind = kinds[i]!;
    if (kind === T.SEMICOLON) return false;
    if (kind === T.WORD && W.isControl(words[i]!)) return false;
    if ((kind === T.PAREN_OPEN || kind === T.BRACKET_OPEN) && partner[i]! > i) i = partner[i]!;
  }
  return true;
}

/**
 * An empty argument: a word is put into a blank there, if there is one. If not, but a blank is behind the comma,
 * the comma moves into that; a comma in front of the closing parenthesis goes.
 */
function fillEmpty(rewrite: Rewrite, from: number, to: number): void {
  const { kinds, starts, ends } = rewrite.tokens;
  for (let at = ends[from - 1]!; at < starts[to]!; at++) {
    const code = rewrite.text.charCodeAt(at);
    // A comment: a blank in it is no room.
    if (code === 47) break;
    if (code !== 32 && code !== 9) continue;
    put(rewrite, at, '_');
    rewrite.typeArguments.push({ at, end: at, text: '', what: 'other' });
    return;
  }
  const at = starts[to]!;
  const next = rewrite.text.charCodeAt(ends[to]!);
  if (kinds[to] === T.COMMA && (next === 32 || next === 9)) {
    put(rewrite, at, '_,');
    rewrite.typeArguments.push({ at, end: at, text: '', what: 'other' });
  } else if (kinds[to] === T.PAREN_CLOSE && kinds[from - 1] === T.COMMA) {
    put(rewrite, starts[from - 1]!, ' ');
  }
}
