/** Calls of functions and of macros, which look alike. */
import { GraphBuilder } from './graph-builder.ts';
import type { Expr, Fragment } from './ir.ts';
import { enabledValue } from './lower-constants.ts';
import { endOf, type Lowering, shownText, startOf, unknownValue } from './lowering.ts';
import * as S from './syntax.ts';
import { expandMacro } from './textual-macros.ts';

/**
 * Lowers a call and gives its value; the result goes to `target` if there is one, else to a temporary if
 * `wanted`. Null if the value is not wanted.
 */
export function lowerCall(
  c: Lowering,
  node: number,
  wanted: boolean,
  target: Expr | null = null,
): Expr | null {
  const { tree } = c;
  const known = enabledValue(c, node);
  if (known !== null) return { kind: 'number', value: known, text: S.textOf(tree, node) };
  const function_ = S.child(tree, node, 0);
  const list = S.childOfKind(tree, node, S.ARGUMENTS);
  const type = castTypeOf(c, function_);
  if (type !== null && list >= 0) {
    return { kind: 'cast', type, operand: castOperand(c, list) };
  }
  const at = startOf(c, node);
  const end = endOf(c, node);
  const expanded = lowerAsText(c, function_, list, at, end, wanted);
  if (expanded !== undefined) return expanded;
  const callee = calleeOf(c, function_);
  const name = callee.kind === 'name' && callee.binding === 'global' ? callee.name : null;
  const args: Expr[] = [];
  const lazyArgs = name !== null && c.lazy?.(name) && c.fragments === 0 ? ([] as (Fragment | null)[]) : null;
  // A macro may go to a label or execute a statement that is given to it.
  const ways: Way[] = [];
  if (list >= 0) {
    const { kind, next } = tree;
    for (let arg = list + 1; arg < next[list]!; arg = next[arg]!) {
      if (kind[arg]! >= S.TOKEN || kind[arg] === S.ERROR) continue;
      args.push(lowerArgument(c, arg, ways));
      lazyArgs?.push(hasEffects(tree, arg) ? lowerFragment(c, arg) : null);
    }
  }
  const result = target ?? (wanted || ways.length > 0 ? c.scopes.temporary(at) : null);
  if (lazyArgs?.some((one) => one !== null)) {
    c.graph.emit({ kind: 'call', result, name, callee, args, iterator: false, lazyArgs, at, end });
  } else {
    c.graph.emit({ kind: 'call', result, name, callee, args, iterator: false, at, end });
  }
  if (ways.length > 0 && result !== null) takeWays(c, ways, wanted ? null : result, at, end);
  return result;
}

/** A call of a macro that leaves the function is lowered as the macro's text; undefined if it is none. */
function lowerAsText(
  c: Lowering,
  function_: number,
  list: number,
  at: number,
  end: number,
  wanted: boolean,
): Expr | null | undefined {
  const { tree } = c;
  if (function_ < 0 || list < 0 || tree.kind[function_] !== S.IDENTIFIER) return undefined;
  const macro = c.macros.get(S.textOf(tree, function_));
  if (macro === undefined) return undefined;
  const args: string[] = [];
  for (let arg = list + 1; arg < tree.next[list]!; arg = tree.next[arg]!) {
    if (tree.kind[arg]! < S.TOKEN && tree.kind[arg] !== S.ERROR) args.push(S.textOf(tree, arg));
  }
  const text = expandMacro(macro, args);
  return text === null ? undefined : c.parts.expansion(c, text, at, end, wanted);
}

/** A jump or statement that a macro may execute. */
interface Way {
  readonly label: string | null;
  readonly statement: { readonly text: string; readonly at: number } | null;
}

function lowerArgument(c: Lowering, arg: number, ways: Way[]): Expr {
  const { tree } = c;
  if (tree.kind[arg] === S.IDENTIFIER) {
    const name = S.textOf(tree, arg);
    if (c.labels.size > 0 && c.labels.has(name) && !c.scopes.isDeclared(name)) {
      ways.push({ label: name, statement: null });
    } else if (c.typeArguments.size > 0) {
      const written = c.typeArguments.get(startOf(c, arg));
      if (written?.what === 'statement') {
        ways.push({ label: null, statement: { text: written.text, at: written.at } });
      }
    }
  } else if (tree.kind[arg] === S.COMPOUND) {
    return lowerBlockArgument(c, arg);
  } else if (tree.kind[arg] === S.PARENTHESES && S.childOfKind(tree, arg, S.COMPOUND) >= 0) {
    return inRound(c, arg, () => c.parts.value(c, arg));
  }
  return c.parts.value(c, arg);
}

/**
 * Lowers statements that are an argument. `break` and `continue` in them, outside of any loop of theirs, are about
 * a loop that the macro makes around them: they end the round.
 */
function inRound<T>(c: Lowering, arg: number, lower: () => T): T {
  const { graph } = c;
  const after = graph.block();
  const target = { block: after, endings: c.scopes.endings };
  c.breaks.push(target);
  c.continues.push(target);
  const value = lower();
  c.breaks.pop();
  c.continues.pop();
  graph.enter(after, startOf(c, arg), endOf(c, arg));
  return value;
}

/** `{ … }` as an argument: the macro executes it, or does not. */
function lowerBlockArgument(c: Lowering, arg: number): Expr {
  const { graph } = c;
  const at = startOf(c, arg);
  const end = endOf(c, arg);
  const executed = unknownValue(c, at, end, 'whether the block is executed');
  const block = graph.block();
  const after = graph.block();
  graph.branch(executed, block, after, at, end);
  graph.enter(block, at, end);
  inRound(c, arg, () => c.parts.statement(c, arg));
  graph.enter(after, at, end);
  return { kind: 'unknown', text: shownText(c, at, end) };
}

/**
 * What a call may lead to instead of to the next statement. `taken` is the call's result where nothing else
 * uses it: true then means that the first way is taken.
 */
function takeWays(c: Lowering, ways: readonly Way[], taken: Expr | null, at: number, end: number): void {
  const { graph } = c;
  ways.forEach((way, index) => {
    const condition = (index === 0 ? taken : null) ?? unknownValue(c, at, end, 'whether the macro jumps');
    const go = graph.block();
    const stay = graph.block();
    graph.branch(condition, go, stay, at, end);
    graph.enter(go, at, end);
    if (way.label !== null) c.parts.jumpTo(c, way.label, at, end);
    else if (way.statement !== null) c.parts.piece(c, way.statement.text, way.statement.at);
    graph.enter(stay, at, end);
  });
}

/**
 * The argument as a piece of program of its own, for a macro that evaluates it again and again. Nothing in it
 * can leave it.
 */
function lowerFragment(c: Lowering, arg: number): Fragment {
  const outer = c.graph;
  const { switchInProgress, breaks, continues } = c;
  c.graph = new GraphBuilder();
  c.switchInProgress = null;
  c.breaks = [];
  c.continues = [];
  c.fragments++;
  const value = c.parts.value(c, arg);
  c.graph.end({ kind: 'return', value, at: startOf(c, arg), end: endOf(c, arg) });
  const { entry, blocks } = c.graph.finish();
  c.fragments--;
  c.switchInProgress = switchInProgress;
  c.breaks = breaks;
  c.continues = continues;
  c.graph = outer;
  return { entry, blocks, at: startOf(c, arg), end: endOf(c, arg) };
}

/** Whether evaluating an expression takes instructions. */
function hasEffects(tree: S.SyntaxTree, node: number): boolean {
  for (let at = node; at < tree.next[node]!; at++) {
    switch (tree.kind[at]) {
      case S.CALL:
      case S.ASSIGNMENT:
      case S.UPDATE:
      case S.CONDITIONAL:
      case S.COMPOUND:
      case S.AND:
      case S.OR:
        return true;
    }
  }
  return false;
}

/** The function or pointer that is called: `f`, `(f)`, `*f` and `&f` of a function are that function. */
function calleeOf(c: Lowering, node: number): Expr {
  const { tree } = c;
  let at = node;
  while (at >= 0 && (tree.kind[at] === S.PARENTHESES || tree.kind[at] === S.POINTER)) {
    const inner = S.child(tree, at, 0);
    if (inner < 0 || tree.kind[inner] === S.COMPOUND) break;
    at = inner;
  }
  // Calling what a pointer points to is calling through it.
  return at >= 0 && tree.kind[at] !== S.COMPOUND ? c.parts.value(c, at) : c.parts.value(c, node);
}

/**
 * The type, if an expression in parentheses is one that only C's own table of names can tell from a variable:
 * `(gfp_t)(x)` reads as a call and `(u64) - 1` as a subtraction. Kernel style says which names are types.
 */
export function castTypeOf(c: Lowering, node: number): string | null {
  const { tree } = c;
  if (node < 0 || tree.kind[node] !== S.PARENTHESES) return null;
  const inner = S.child(tree, node, 0);
  if (inner < 0) return null;
  if (tree.kind[inner] !== S.IDENTIFIER) {
    const argument = c.typeArguments.get(startOf(c, node));
    return argument?.what === 'type' ? argument.text : null;
  }
  const argument = c.typeArguments.get(startOf(c, inner));
  if (argument?.what === 'type') return argument.text;
  const name = S.textOf(tree, inner);
  return isTypeName(name) && !c.scopes.isDeclared(name) ? name : null;
}

/** `gfp_t`, `u64`, `__le32`, `s8`, `ulong`, …. */
function isTypeName(name: string): boolean {
  if (name.endsWith('_t')) return true;
  return /^_{0,2}(?:[us]|le|be)(?:8|16|32|64|128)$/.test(name) || /^u(?:long|int|short|char)$/.test(name);
}

function castOperand(c: Lowering, list: number): Expr {
  const { kind, next } = c.tree;
  let value: Expr | null = null;
  for (let arg = list + 1; arg < next[list]!; arg = next[arg]!) {
    if (kind[arg]! < S.TOKEN && kind[arg] !== S.ERROR) value = c.parts.value(c, arg);
  }
  return value ?? { kind: 'unknown', text: '' };
}
