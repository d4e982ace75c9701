/** From a function's text under one configuration to its `FunctionIR`. */
import type { Configuration } from './condition.ts';
import type { Expr, FunctionIR, Variable } from './ir.ts';
import { lowerCondition } from './lower-conditions.ts';
import { baseType, innerDeclarator, readParameters } from './lower-declarations.ts';
import { lowerEffect, lowerInto, lowerValue } from './lower-expressions.ts';
import { collectLabels, finishedLabels, jumpTo, resolveJumps } from './lower-jumps.ts';
import { lowerBody, lowerChildren, lowerStatement, lowerStatementExpression } from './lower-statements.ts';
import {
  addProblem,
  endOf,
  type LazyCalls,
  type Lowering,
  type LoweringParts,
  newLowering,
  shownText,
} from './lowering.ts';
import { macroAsFunction } from './macro-function.ts';
import type { CParser } from './parser.ts';
import type { FunctionSlice } from './slice.ts';
import { sliceFunction } from './slice-function.ts';
import * as S from './syntax.ts';
import type { FunctionSource, MacroDefinition, SourceUnit } from './unit.ts';

export interface LowerOptions {
  /**
   * Functions and macros whose arguments are wanted as `lazyArgs` too, for a machine that has to evaluate them
   * again, such as the condition of `wait_event()`. Default: none.
   */
  readonly lazy?: LazyCalls;
}

const PARTS: LoweringParts = {
  value: lowerValue,
  effect: lowerEffect,
  into: lowerInto,
  condition: lowerCondition,
  statement: lowerStatement,
  body: lowerBody,
  statementExpression: lowerStatementExpression,
  jumpTo,
  piece: lowerPiece,
  expansion: lowerExpansion,
};

/** What a piece of text is put into to be parsed by itself. */
const PIECE_PREFIX = 'void f(void) {';
/** What stands for a signature that could not be parsed. */
const PLAIN_SIGNATURE = 'void f()';

/**
 * Lowers a function under a configuration. Never throws: what the grammar cannot read becomes `opaque`
 * instructions and `problems`, and a function that cannot be read at all has one block that returns an unknown
 * value. The result depends on the slice's text and, for `IS_ENABLED()` and its relatives, on the symbols
 * that the function tests; keeping results is the caller's business.
 */
export function lowerFunction(
  parser: CParser,
  unit: SourceUnit,
  fn: FunctionSource,
  configuration: Configuration,
  options: LowerOptions = {},
): FunctionIR {
  return lowerSlice(parser, unit, fn, sliceFunction(unit, fn, configuration), configuration, options, null);
}

/**
 * Lowers a macro that the file defines, as a function with parameters that have no types: a call of the macro
 * does to its arguments what this function does to its parameters (which it may assign to). The value of an
 * expression, or of `({ … })`, is what it returns. Null for a macro that is no expression and no statement.
 */
export function lowerMacro(
  parser: CParser,
  unit: SourceUnit,
  macro: MacroDefinition,
  configuration: Configuration,
  options: LowerOptions = {},
): FunctionIR | null {
  const read = macroAsFunction(unit, macro);
  if (read === null) return null;
  const params = read.params.map(({ name, at }) => ({ name, type: '', at, isStatic: false }));
  const shape: Shape = { params, returnsLast: read.isExpression };
  return lowerSlice(parser, unit, read.fn, read.slice, configuration, options, shape);
}

/** How a macro's body differs from a function's. */
interface Shape {
  readonly params: readonly Variable[];
  readonly returnsLast: boolean;
}

function lowerSlice(
  parser: CParser,
  unit: SourceUnit,
  fn: FunctionSource,
  slice: FunctionSlice,
  configuration: Configuration,
  options: LowerOptions,
  macro: Shape | null,
): FunctionIR {
  const parsed = parseDefinition(parser, unit, fn, slice);
  const { tree, body } = parsed;
  const signature = macro === null ? parsed.signature : { params: macro.params, returnType: '' };
  if (tree === null || body < 0) return unreadable(unit, fn, slice);
  const c = newLowering(parser, slice, tree, unit, fn.end, configuration, PARTS, options.lazy ?? null);
  if (parsed.problem !== null) addProblem(c, fn.at, fn.bodyAt, parsed.problem);
  const params = signature.params.map((param) => ({ ...param, name: c.scopes.declareParam(param.name) }));
  collectLabels(c, body);
  let value: Expr | null = null;
  if (macro?.returnsLast) value = lowerStatementExpression(c, body, true);
  else lowerStatement(c, body);
  const last = endOf(c, body);
  if (c.graph.isOpen) c.graph.end({ kind: 'return', value, at: last - 1, end: last });
  resolveJumps(c);
  const graph = c.graph.finish();
  return {
    name: fn.name,
    file: unit.path,
    at: fn.at,
    end: fn.end,
    // A macro that defines a function says in its own way what it returns.
    returnType: fn.definedBy === 'function' ? signature.returnType : '',
    isStatic: fn.isStatic,
    params,
    locals: c.scopes.locals,
    entry: graph.entry,
    blocks: graph.blocks,
    labels: finishedLabels(c, graph),
    annotations: fn.annotations,
    problems: c.problems,
  };
}

interface Signature {
  readonly params: readonly Variable[];
  readonly returnType: string;
}

interface Definition {
  readonly tree: S.SyntaxTree | null;
  readonly body: number;
  readonly signature: Signature;
  readonly problem: string | null;
}

const NO_SIGNATURE: Signature = { params: [], returnType: '' };

/** Parses a definition; if its signature is what the grammar cannot read, its body by itself. */
function parseDefinition(
  parser: CParser,
  unit: SourceUnit,
  fn: FunctionSource,
  slice: FunctionSlice,
): Definition {
  const written = unit.text.slice(slice.offset, slice.offset + slice.text.length);
  const tree = parser.parse(slice.text);
  if (tree !== null) tree.written = written;
  const definition = tree === null ? -1 : findDefinition(tree);
  if (tree !== null && definition >= 0) {
    const body = S.childOfKind(tree, definition, S.COMPOUND);
    return { tree, body, signature: readSignature(tree, definition, slice.offset), problem: null };
  }
  const bodyAt = fn.bodyAt - slice.offset;
  if (bodyAt < PLAIN_SIGNATURE.length || bodyAt >= slice.text.length) {
    return { tree: null, body: -1, signature: NO_SIGNATURE, problem: null };
  }
  const signature = signatureAlone(parser, slice, bodyAt);
  const again = parser.parse(PLAIN_SIGNATURE.padEnd(bodyAt) + slice.text.slice(bodyAt));
  if (again !== null) again.written = written;
  const found = again === null ? -1 : findDefinition(again);
  return {
    tree: again,
    body: again === null ? -1 : S.childOfKind(again, found, S.COMPOUND),
    signature: signature ?? NO_SIGNATURE,
    problem: signature === null ? 'the signature could not be parsed' : null,
  };
}

/** The first function definition that has a body and is in no other's body. */
function findDefinition(tree: S.SyntaxTree): number {
  for (let node = 0; node < tree.count; node++) {
    if (tree.kind[node] === S.FUNCTION && S.childOfKind(tree, node, S.COMPOUND) >= 0) return node;
    if (tree.kind[node] === S.COMPOUND) node = tree.next[node]! - 1;
  }
  return -1;
}

/** The signature as a declaration, which the grammar may read where it could not read the definition. */
function signatureAlone(parser: CParser, slice: FunctionSlice, bodyAt: number): Signature | null {
  const tree = parser.parse(`${slice.text.slice(0, bodyAt)};`);
  if (tree === null || tree.errors.length > 0) return null;
  for (let node = 0; node < tree.count; node++) {
    if (tree.kind[node] === S.DECLARATION) return readSignature(tree, node, slice.offset);
  }
  return null;
}

function readSignature(tree: S.SyntaxTree, definition: number, offset: number): Signature {
  const { type } = baseType(tree, definition);
  let stars = '';
  let declarator = -1;
  for (let at = definition + 1; at < tree.next[definition]!; at = tree.next[at]!) {
    const kind = tree.kind[at]!;
    if (kind >= S.POINTER_DECLARATOR && kind <= S.WRAPPED_DECLARATOR) {
      declarator = at;
      break;
    }
  }
  for (; declarator >= 0 && tree.kind[declarator] !== S.FUNCTION_DECLARATOR; ) {
    if (tree.kind[declarator] === S.POINTER_DECLARATOR) stars += '*';
    declarator = innerDeclarator(tree, declarator);
  }
  // A function that returns a pointer to a function has its own parameters inside of the other's.
  for (let inner = declarator; inner >= 0; inner = innerDeclarator(tree, inner)) {
    if (tree.kind[inner] === S.FUNCTION_DECLARATOR) declarator = inner;
  }
  const returnType = stars === '' ? type : `${type} ${stars}`;
  const list = S.childOfKind(tree, declarator, S.PARAMETERS);
  return { returnType, params: readParameters(tree, list, offset) };
}

/** Lowers statements that are not in the tree, as the failure of `scoped_cond_guard()`. */
function lowerPiece(c: Lowering, text: string, at: number): void {
  const tree = c.parser.parse(`${PIECE_PREFIX}${text};}`, S.newSyntaxTree(256));
  const definition = tree === null ? -1 : findDefinition(tree);
  if (tree === null || definition < 0) {
    const end = at + text.length;
    addProblem(c, at, end, 'this could not be parsed');
    c.graph.emit({
      kind: 'opaque',
      text: shownText(c, at, end),
      reason: 'this could not be parsed',
      at,
      end,
    });
    return;
  }
  const outer = { tree: c.tree, offset: c.offset };
  c.tree = tree;
  c.offset = at - PIECE_PREFIX.length;
  lowerChildren(c, S.childOfKind(tree, definition, S.COMPOUND));
  c.tree = outer.tree;
  c.offset = outer.offset;
}

/** How deep macros that leave the function may be in one another. */
const MAX_EXPANSIONS = 4;

/** Lowers the text that a macro's call stands for; all of it has the place of the call. */
function lowerExpansion(
  c: Lowering,
  text: string,
  at: number,
  end: number,
  wanted: boolean,
): Expr | null | undefined {
  if (c.expansions >= MAX_EXPANSIONS) return undefined;
  const tree = c.parser.parse(`${PIECE_PREFIX}${text};}`, S.newSyntaxTree(256));
  const definition = tree === null ? -1 : findDefinition(tree);
  if (tree === null || definition < 0 || tree.errors.length > 0 || !hasLabels(c, tree)) return undefined;
  const outer = { tree: c.tree, pinned: c.pinned };
  c.tree = tree;
  c.pinned = { at, end };
  c.expansions++;
  const body = S.childOfKind(tree, definition, S.COMPOUND);
  let value: Expr | null = null;
  if (wanted) value = lowerStatementExpression(c, body, true);
  else lowerStatement(c, body);
  c.expansions--;
  c.tree = outer.tree;
  c.pinned = outer.pinned;
  return value;
}

/** Whether all labels that a piece jumps to are the function's: a macro's own labels are not known. */
function hasLabels(c: Lowering, piece: S.SyntaxTree): boolean {
  for (let node = 0; node < piece.count; node++) {
    if (piece.kind[node] === S.LABELED) return false;
    if (piece.kind[node] === S.LABEL_NAME && !c.labels.has(S.textOf(piece, node))) return false;
  }
  return true;
}

function unreadable(unit: SourceUnit, fn: FunctionSource, slice: FunctionSlice): FunctionIR {
  const span = { at: fn.bodyAt, end: fn.end };
  const message = 'the function could not be parsed';
  return {
    name: fn.name,
    file: unit.path,
    at: fn.at,
    end: fn.end,
    returnType: '',
    isStatic: fn.isStatic,
    params: [],
    locals: [],
    entry: 0,
    blocks: [
      {
        id: 0,
        instructions: [{ kind: 'opaque', text: slice.text.slice(0, 200), reason: message, ...span }],
        terminator: { kind: 'return', value: { kind: 'unknown', text: fn.name }, ...span },
      },
    ],
    labels: [],
    annotations: fn.annotations,
    problems: [{ ...span, message }],
  };
}
