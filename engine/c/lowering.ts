/** What the parts of the lowering share while one function is lowered. */
import type { Configuration } from './condition.ts';
import { GraphBuilder } from './graph-builder.ts';
import type { BlockId, Expr, Span } from './ir.ts';
import { oneLine } from './one-line.ts';
import type { CParser } from './parser.ts';
import { type Ending, Scopes } from './scopes.ts';
import type { FunctionSlice, GuardUse, IteratorUse, SliceAnnotation, TypeArgument } from './slice.ts';
import type { SyntaxTree } from './syntax.ts';
import { type TextualMacro, textualMacros } from './textual-macros.ts';
import type { SourceUnit } from './unit.ts';

/** Expressions and statements nested deeper than this are not followed: no person wrote them. */
export const MAX_NESTING = 300;

/** More guards and cleanups than these are never in force at once; each way out has to run them all. */
const MAX_ENDINGS = 64;

/** Longest piece of text that is kept in an expression or instruction. */
const MAX_TEXT = 200;

/** Where `break` or `continue` leads, and what was to run at the end of scopes there. */
export interface JumpTarget {
  readonly block: BlockId;
  readonly endings: Ending | null;
}

export interface SwitchInProgress {
  readonly cases: { readonly low: Expr; readonly high: Expr | null; readonly to: BlockId }[];
  otherwise: BlockId | null;
  readonly endings: Ending | null;
}

export interface LabelInProgress extends Span {
  readonly name: string;
  readonly block: BlockId;
  uses: number;
  /** True once the labelled statement was lowered. */
  placed: boolean;
  endings: Ending | null;
  addressTaken: boolean;
}

/** A jump to a label, in a block of its own: what it has to run is known when all labels are. */
export interface PendingJump extends Span {
  readonly block: BlockId;
  readonly label: LabelInProgress;
  readonly endings: Ending | null;
}

/** A computed goto: its block is left open until it is known which labels it can mean. */
export interface SuspendedJump extends Span {
  readonly block: BlockId;
  readonly endings: Ending | null;
}

/** Which call wants arguments that it can evaluate again; see `Fragment`. */
export type LazyCalls = (name: string) => boolean;

export interface Lowering {
  tree: SyntaxTree;
  /** Added to a node's offset to have an offset in the file. */
  offset: number;
  /** While the text of a macro is lowered: the place of its call, which is that of all that is in it. */
  pinned: Span | null;
  /** How many macros in one another are being lowered as their text. */
  expansions: number;
  readonly macros: ReadonlyMap<string, TextualMacro>;
  /** The function's end in the file; a slice may have a closing brace that the file has not. */
  readonly limit: number;
  graph: GraphBuilder;
  readonly parser: CParser;
  readonly slice: FunctionSlice;
  readonly configuration: Configuration;
  /** The file's text, for what is shown to people. */
  readonly fileText: string;
  readonly lazy: LazyCalls | null;
  readonly scopes: Scopes;
  readonly problems: (Span & { readonly message: string })[];
  readonly labels: Map<string, LabelInProgress>;
  readonly jumps: PendingJump[];
  readonly computedGotos: SuspendedJump[];
  breaks: JumpTarget[];
  continues: JumpTarget[];
  switchInProgress: SwitchInProgress | null;
  nesting: number;
  /** How many calls were looked at as possible declarations by a macro. */
  macroDeclarations: number;
  /** Above 0 while the argument of a call is lowered a second time; jumps cannot leave it. */
  fragments: number;
  /** Statements that the slice rewrote, by the offset in the file at which they begin. */
  readonly uses: ReadonlyMap<number, IteratorUse | GuardUse>;
  readonly typeArguments: ReadonlyMap<number, TypeArgument>;
  readonly variableAnnotations: readonly SliceAnnotation[];
  readonly parts: LoweringParts;
}

/** Expressions, calls and statements hold one another: each part finds the others here. */
export interface LoweringParts {
  /** Lowers an expression and gives its value. */
  readonly value: (lowering: Lowering, node: number) => Expr;
  /** Lowers an expression for its effects. */
  readonly effect: (lowering: Lowering, node: number) => void;
  /** Gives a place the value of an expression. */
  readonly into: (lowering: Lowering, node: number, target: Expr, at: number, end: number) => void;
  /** Branches on an expression. */
  readonly condition: (lowering: Lowering, node: number, then: BlockId, otherwise: BlockId) => void;
  readonly statement: (lowering: Lowering, node: number) => void;
  /** Lowers the statement that an `if` or a loop holds: a scope of its own, braces or not. */
  readonly body: (lowering: Lowering, node: number) => void;
  /** `({ … })`: the value of the last statement, or null if it has none. */
  readonly statementExpression: (lowering: Lowering, node: number, wanted: boolean) => Expr | null;
  /** A jump to a label. */
  readonly jumpTo: (lowering: Lowering, label: string, at: number, end: number) => void;
  /** Lowers statements that are not in the tree; `at` is where the text begins in the file. */
  readonly piece: (lowering: Lowering, text: string, at: number) => void;
  /** Lowers the text that a macro's call stands for and gives its value; undefined if it cannot be read. */
  readonly expansion: (
    lowering: Lowering,
    text: string,
    at: number,
    end: number,
    wanted: boolean,
  ) => Expr | null | undefined;
}

const NONE: ReadonlyMap<number, never> = new Map<number, never>();

export function newLowering(
  parser: CParser,
  slice: FunctionSlice,
  tree: SyntaxTree,
  unit: SourceUnit,
  limit: number,
  configuration: Configuration,
  parts: LoweringParts,
  lazy: LazyCalls | null,
): Lowering {
  return {
    tree,
    offset: slice.offset,
    limit,
    pinned: null,
    expansions: 0,
    macros: textualMacros(unit, configuration),
    graph: new GraphBuilder(),
    parser,
    slice,
    configuration,
    fileText: unit.text,
    lazy,
    scopes: new Scopes(),
    problems: [],
    labels: new Map(),
    jumps: [],
    computedGotos: [],
    macroDeclarations: 0,
    breaks: [],
    continues: [],
    switchInProgress: null,
    nesting: 0,
    fragments: 0,
    uses:
      slice.iterators.length + slice.guards.length === 0
        ? NONE
        : new Map([...slice.iterators, ...slice.guards].map((use) => [use.at, use])),
    typeArguments:
      slice.typeArguments.length === 0 ? NONE : new Map(slice.typeArguments.map((one) => [one.at, one])),
    variableAnnotations: slice.annotations.filter((one) => one.on === 'variable'),
    parts,
  };
}

/** Where a node begins in the file. */
export function startOf(c: Lowering, node: number): number {
  if (c.pinned !== null) return c.pinned.at;
  return Math.min(c.offset + c.tree.start[node]!, c.limit);
}

/** Where a node ends in the file. */
export function endOf(c: Lowering, node: number): number {
  if (c.pinned !== null) return c.pinned.end;
  return Math.min(c.offset + c.tree.end[node]!, c.limit);
}

/** A stretch of the file as it is shown to people: on one line, and not too long. */
export function shownText(c: Lowering, at: number, end: number): string {
  return oneLine(c.fileText.slice(at, Math.min(end, at + MAX_TEXT)));
}

export function addProblem(c: Lowering, at: number, end: number, message: string): void {
  c.problems.push({ at, end, message });
}

/** Emits text that was not understood. */
export function emitOpaque(c: Lowering, at: number, end: number, reason: string): void {
  c.graph.emit({ kind: 'opaque', text: shownText(c, at, end), reason, at, end });
}

/** The first of some spans, in the order of the text, that begins at an offset or behind it. */
export function spanFrom<T extends Span>(spans: readonly T[], offset: number): T | null {
  return spans[countBefore(spans, offset)] ?? null;
}

/** The last of some spans, in the order of the text, that begins at an offset or in front of it. */
export function spanBefore<T extends Span>(spans: readonly T[], offset: number): T | null {
  return spans[countBefore(spans, offset + 1) - 1] ?? null;
}

function countBefore(spans: readonly Span[], offset: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle]!.at < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Has something run when the scope that is open now is left. */
export function addEnding(c: Lowering, variable: string, make: Ending['make']): void {
  if ((c.scopes.endings?.depth ?? 0) < MAX_ENDINGS) c.scopes.addEnding(variable, make);
  else addProblem(c, c.offset, c.limit, 'too many guards are in force at once');
}

/** A value of which nothing is known, in a temporary, so that two of them are never taken for the same. */
export function unknownValue(c: Lowering, at: number, end: number, text: string): Expr {
  const result = c.scopes.temporary(at);
  c.graph.emit({ kind: 'assign', target: result, value: { kind: 'unknown', text }, at, end });
  return result;
}

/** Emits what must run between here and the place that had `until` to run. */
export function emitEndings(c: Lowering, until: Ending | null, at: number, end: number): void {
  for (let one = c.scopes.endings; one !== until && one !== null; one = one.outer) {
    c.graph.emit(one.make({ at, end }));
  }
}

/** Gives the variable of a guard or cleanup the value with which its end does nothing: NULL. */
export function emitNull(c: Lowering, variable: string, at: number, end: number): void {
  const binding = variable.startsWith('%') ? 'temp' : 'local';
  const target: Expr = { kind: 'name', name: variable, binding };
  c.graph.emit({ kind: 'assign', target, value: { kind: 'number', value: 0, text: '0' }, at, end });
}
