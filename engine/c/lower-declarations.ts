/** Declarations of locals and parameters. */
import type { Expr, Variable } from './ir.ts';
import { lowerInto, lowerValue } from './lower-expressions.ts';
import { addEnding, endOf, type Lowering, spanFrom, startOf } from './lowering.ts';
import { oneLine } from './one-line.ts';
import type { SliceAnnotation } from './slice.ts';
import * as S from './syntax.ts';

interface Declared {
  /** The node of the declared name, or -1 for an abstract declarator. */
  readonly name: number;
  /** The type with what the declarator adds: `struct x *`, `int [4]`, `void (*)(int)`. */
  readonly type: string;
  /** A function's declaration and not a variable. */
  readonly isFunction: boolean;
}

/** Lowers a declaration in a body: each variable comes into being, in order, and gets its value. */
export function lowerDeclaration(c: Lowering, node: number): void {
  const { tree } = c;
  const { kind, next } = tree;
  const base = baseType(tree, node);
  for (let at = node + 1; at < next[node]!; at = next[at]!) {
    if (!isDeclarator(kind[at]!)) continue;
    const initialised = kind[at] === S.INIT_DECLARATOR;
    const declared = readDeclarator(tree, initialised ? at + 1 : at, base.type);
    if (declared.name < 0 || declared.isFunction || base.isExtern) continue;
    const value = initialised ? S.child(tree, at, 1) : -1;
    declareVariable(c, declared, value, at, base.isStatic);
  }
}

function declareVariable(
  c: Lowering,
  declared: Declared,
  value: number,
  node: number,
  isStatic: boolean,
): void {
  const name = S.textOf(c.tree, declared.name);
  const nameAt = startOf(c, declared.name);
  const at = startOf(c, node);
  const end = endOf(c, node);
  const variable = c.scopes.declare(name, declared.type, nameAt, isStatic);
  if (isStatic) {
    // It has its value before the function is called; that takes no instruction.
    if (value >= 0) c.scopes.setInitial(variable.name, lowerValue(c, value));
  } else if (value < 0) {
    c.graph.emit({ kind: 'declare', name: variable.name, at, end });
  } else {
    lowerInto(c, value, variable, at, end);
  }
  if (c.variableAnnotations.length > 0) {
    // An annotation stands between the name and the value, or what follows the declarator.
    const behind = value >= 0 ? value : c.tree.next[node]!;
    const limit = behind < c.tree.count ? startOf(c, behind) : end;
    const annotation = spanFrom(c.variableAnnotations, nameAt);
    if (annotation !== null && annotation.at < limit && annotation.variable === name)
      addCleanup(c, annotation, variable);
  }
}

/** `__free(name)` and `__cleanup(function)` behind a declared name. */
function addCleanup(
  c: Lowering,
  annotation: SliceAnnotation,
  variable: Expr & { readonly name: string },
): void {
  const what = annotation.args[0] ?? '';
  if (annotation.name === '__free') {
    addEnding(c, variable.name, ({ at, end }) => ({
      kind: 'cleanup',
      cleanup: what,
      variable: variable.name,
      at,
      end,
    }));
  } else if (annotation.name === '__cleanup') {
    const callee = c.scopes.resolve(what);
    const args: readonly Expr[] = [{ kind: 'address', operand: variable }];
    addEnding(c, variable.name, ({ at, end }) => ({
      kind: 'call',
      result: null,
      name: what,
      callee,
      args,
      iterator: false,
      at,
      end,
    }));
  }
}

function isDeclarator(kind: number): boolean {
  return (
    kind === S.IDENTIFIER ||
    kind === S.INIT_DECLARATOR ||
    kind === S.POINTER_DECLARATOR ||
    kind === S.ARRAY_DECLARATOR ||
    kind === S.FUNCTION_DECLARATOR ||
    kind === S.WRAPPED_DECLARATOR
  );
}

interface BaseType {
  readonly type: string;
  readonly isStatic: boolean;
  readonly isExtern: boolean;
}

/** The type that a declaration, parameter or definition begins with, storage classes apart. */
export function baseType(tree: S.SyntaxTree, node: number): BaseType {
  const { kind, next, start, end } = tree;
  let from = -1;
  let to = -1;
  let isStatic = false;
  let isExtern = false;
  let parts: string[] | null = null;
  for (let at = node + 1; at < next[node]!; at = next[at]!) {
    if (kind[at] === S.STORAGE) {
      const word = S.textOf(tree, at);
      isStatic ||= word === 'static';
      isExtern ||= word === 'extern';
      // A storage class in the middle of a type: `const static int`.
      if (from >= 0) {
        parts ??= [];
        parts.push(S.shownBetween(tree, from, to));
        from = -1;
      }
    } else if (kind[at] === S.TYPE_SPECIFIER || kind[at] === S.TYPE_IDENTIFIER || kind[at] === S.QUALIFIER) {
      if (from < 0) from = start[at]!;
      to = end[at]!;
    } else if (isDeclarator(kind[at]!)) break;
  }
  const last = from < 0 ? '' : S.shownBetween(tree, from, to);
  const type = parts === null ? last : [...parts, last].join(' ');
  const brace = type.indexOf('{');
  // The body of a struct that is defined on the spot is no part of its name.
  return { type: brace < 0 ? type : type.slice(0, brace).trim(), isStatic, isExtern };
}

/** What a declarator declares, the type before it being `base`. */
export function readDeclarator(tree: S.SyntaxTree, declarator: number, base: string): Declared {
  const { kind, start, end } = tree;
  let at = declarator;
  let stars = '';
  let suffix = '';
  /** Sizes of an array of pointers to functions. */
  let sizes = '';
  let isFunction = false;
  let isPointerToFunction = false;
  for (let depth = 0; at >= 0 && depth < 64; depth++) {
    const inner = innerDeclarator(tree, at);
    if (kind[at] === S.POINTER_DECLARATOR) {
      if (isFunction) isPointerToFunction = true;
      else stars += pointerText(tree, at, inner);
    } else if (kind[at] === S.ARRAY_DECLARATOR) {
      const from = inner < 0 ? start[at]! : end[inner]!;
      const size = S.shownBetween(tree, from, end[at]!);
      if (isFunction) sizes = size + sizes;
      else suffix = size + suffix;
    } else if (kind[at] === S.FUNCTION_DECLARATOR) {
      if (!isFunction) {
        const list = S.childOfKind(tree, at, S.PARAMETERS);
        suffix += list < 0 ? '()' : S.shownBetween(tree, start[list]!, end[list]!);
      }
      isFunction = true;
    } else if (kind[at] !== S.WRAPPED_DECLARATOR) {
      break;
    }
    at = inner;
  }
  const name = at >= 0 && (kind[at] === S.IDENTIFIER || kind[at] === S.TYPE_IDENTIFIER) ? at : -1;
  let type = stars === '' ? base : `${base} ${stars}`;
  if (isPointerToFunction) type = `${type} (*${sizes})${suffix}`;
  else if (suffix !== '') type = `${type} ${suffix}`;
  return { name, type: type.trim(), isFunction: isFunction && !isPointerToFunction };
}

function pointerText(tree: S.SyntaxTree, node: number, inner: number): string {
  const to = inner < 0 ? tree.end[node]! : tree.start[inner]!;
  const text = tree.text.slice(tree.start[node]!, to).trim();
  return text === '*' ? '*' : `${oneLine(text)} `;
}

/** The declarator inside another, or -1. */
export function innerDeclarator(tree: S.SyntaxTree, node: number): number {
  const { kind, next } = tree;
  if (kind[node] === S.IDENTIFIER) return -1;
  for (let at = node + 1; at < next[node]!; at = next[at]!) {
    if (kind[at] === S.TYPE_IDENTIFIER || (kind[at] !== S.INIT_DECLARATOR && isDeclarator(kind[at]!)))
      return at;
    // What follows an opening bracket or parenthesis is a size or parameters.
    if (kind[at] === S.PARAMETERS) return -1;
    if (kind[node] === S.ARRAY_DECLARATOR && kind[at]! >= S.TOKEN) return -1;
  }
  return -1;
}

/** The parameters of a list, `void` and `...` left out; a parameter without a name is called by its position. */
export function readParameters(tree: S.SyntaxTree, list: number, offset: number): Variable[] {
  const params: Variable[] = [];
  if (list < 0) return params;
  const { kind, next, start } = tree;
  for (let at = list + 1; at < next[list]!; at = next[at]!) {
    if (kind[at] === S.IDENTIFIER) {
      params.push({ name: S.textOf(tree, at), type: '', at: offset + start[at]!, isStatic: false });
      continue;
    }
    if (kind[at] !== S.PARAMETER) continue;
    const { type } = baseType(tree, at);
    let declarator = at + 1;
    while (declarator < next[at]! && !isDeclarator(kind[declarator]!)) declarator = next[declarator]!;
    const declared: Declared =
      declarator < next[at]! ? readDeclarator(tree, declarator, type) : { name: -1, type, isFunction: false };
    if (declared.name < 0 && declared.type === 'void') continue;
    params.push({
      name: declared.name < 0 ? `%param${params.length}` : S.textOf(tree, declared.name),
      type: declared.type,
      at: offset + (declared.name < 0 ? start[at]! : start[declared.name]!),
      isStatic: false,
    });
  }
  return params;
}
