/** Locals that a macro declares: `DEFINE_WAIT(wait);`, `VMA_ITERATOR(vmi, mm, 0);`. */
import { endOf, type Lowering, startOf } from './lowering.ts';
import * as S from './syntax.ts';

/** Macros that are called after the type of what they declare: `XA_STATE(xas, ...)`. */
const TYPE_MACRO = /_(?:ITERATOR|STATE)$/;

/** Each candidate costs a walk over the function; more than these are not looked at. */
const MAX_CANDIDATES = 40;

/**
 * Makes the first argument of a call a local, if the call reads like a macro that declares it: the macro's name
 * is in capitals, the argument is a plain name that nothing declared, and either the macro says that it defines
 * or declares, or the call stands where declarations do and the macro names a type of object, or the name is used
 * later on as one that can only be a local (`&name`, `name.field`). The call itself stays: it gives the object its first value.
 */
export function declareByMacro(c: Lowering, statement: number, call: number): void {
  const { tree } = c;
  const callee = call + 1;
  if (tree.kind[callee] !== S.IDENTIFIER) return;
  const first = tree.text.charCodeAt(tree.start[callee]!);
  // Most calls end here: functions are in small letters.
  if (first !== 95 && (first < 65 || first > 90)) return;
  const macro = S.textOf(tree, callee);
  if (macro !== macro.toUpperCase()) return;
  const argument = S.child(tree, S.childOfKind(tree, call, S.ARGUMENTS), 0);
  if (argument < 0 || tree.kind[argument] !== S.IDENTIFIER) return;
  const name = S.textOf(tree, argument);
  if (c.scopes.isDeclared(name) || name === name.toUpperCase()) return;
  if (c.typeArguments.has(startOf(c, argument))) return;
  if (++c.macroDeclarations > MAX_CANDIDATES) return;
  const saysSo = macro.startsWith('DEFINE_') || macro.startsWith('DECLARE_');
  const isObject = () => TYPE_MACRO.test(macro) || isUsedAsObject(tree, statement, name);
  if (!saysSo && !(standsAmongDeclarations(tree, statement) && isObject())) return;
  const variable = c.scopes.declare(name, macro, startOf(c, argument));
  c.graph.emit({ kind: 'declare', name: variable.name, at: startOf(c, statement), end: endOf(c, statement) });
}

/** Whether everything in front of a statement, in its block, is a declaration or a call of a macro. */
function standsAmongDeclarations(tree: S.SyntaxTree, statement: number): boolean {
  const { kind, next } = tree;
  let block = statement - 1;
  while (block >= 0 && !(next[block]! > statement)) block--;
  if (block < 0 || kind[block] !== S.COMPOUND) return false;
  for (let at = block + 1; at < statement; at = next[at]!) {
    if (kind[at]! >= S.TOKEN || kind[at] === S.DECLARATION || kind[at] === S.TYPEDEF) continue;
    const call = kind[at] === S.EXPRESSION_STATEMENT ? S.child(tree, at, 0) : -1;
    if (call < 0 || kind[call] !== S.CALL || !/^[A-Z_0-9]+\(/.test(S.textOf(tree, call))) return false;
  }
  return true;
}

/** Whether `&name` or `name.` occurs behind a statement. */
function isUsedAsObject(tree: S.SyntaxTree, statement: number, name: string): boolean {
  const { kind, next, start, count } = tree;
  for (let at = next[statement]!; at < count; at++) {
    if (kind[at] !== S.IDENTIFIER || !tree.text.startsWith(name, start[at]!)) continue;
    if (S.textOf(tree, at) !== name) continue;
    const parent = at - 1;
    if (kind[parent] === S.FIELD && S.operatorOf(tree, parent) !== S.ARROW) return true;
    if (kind[parent] === S.AMPERSAND) return true;
  }
  return false;
}
