/** Macros that stand where a statement or a field would, without looking like one. */
import { attributeScore } from './declarators.ts';
import { argumentsOf, behind, blank, blankTokens, put, type Rewrite } from './rewrite.ts';
import { endStatement } from './rewrite-statements.ts';
import * as T from './tokens.ts';
import * as W from './words.ts';

/** Whether the word at the beginning of a statement is a macro that is a whole statement, its semicolon included. */
export function isLoneMacro(rewrite: Rewrite, i: number, limit: number): boolean {
  const { kinds, words } = rewrite.tokens;
  if (i + 1 >= limit) return false;
  if (kinds[i + 1] === T.BRACE_CLOSE) return true;
  if (kinds[i + 1] !== T.WORD) return false;
  const next = words[i + 1]!;
  if (W.isControl(next)) return next !== W.ELSE;
  if (isShouted(rewrite, i) && isNewLine(rewrite, i)) return true;
  return next === W.OTHER && kinds[i + 2] === T.COLON && i + 2 < limit;
}

/**
 * Ends the statement that the macro at `i` is with a semicolon. Where there is no room for it, it takes the place
 * of the name's last letter.
 */
export function endLoneMacro(rewrite: Rewrite, i: number): void {
  if (endStatement(rewrite, i)) return;
  const at = rewrite.tokens.starts[i]!;
  const end = rewrite.tokens.ends[i]!;
  if (end - at < 2) return;
  put(rewrite, end - 1, ';');
  rewrite.typeArguments.push({ at, end, text: rewrite.text.slice(at, end), what: 'statement' });
}

/** `DECLARE_BITMAP(name, bits);` as a field: the macro stands for the type of its first argument. */
export function takeFieldMacro(rewrite: Rewrite, i: number, limit: number): number {
  const next = behind(rewrite, i + 1, limit);
  const first = argumentsOf(rewrite, i + 1)[0];
  if (first === undefined || rewrite.tokens.kinds[next] !== T.SEMICOLON) return i + 1;
  blankTokens(rewrite, i + 1, i + 1);
  blank(rewrite, rewrite.tokens.ends[first[1] - 1]!, rewrite.tokens.ends[next - 1]!);
  return next;
}

function isShouted(rewrite: Rewrite, i: number): boolean {
  const { starts, ends } = rewrite.tokens;
  return attributeScore(rewrite.text, starts[i]!, ends[i]!) === 1;
}

/** Whether a new line begins behind token `i`. */
function isNewLine(rewrite: Rewrite, i: number): boolean {
  const { starts, ends } = rewrite.tokens;
  for (let at = ends[i]!; at < starts[i + 1]!; at++) if (rewrite.text.charCodeAt(at) === 10) return true;
  return false;
}
