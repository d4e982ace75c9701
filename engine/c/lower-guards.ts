/** Guards (include/linux/cleanup.h): entered here, left on every way out of their scope. */
import type { Expr, Span } from './ir.ts';
import { lowerLoopBody, lowerMacroArguments } from './lower-loops.ts';
import { addEnding, emitEndings, endOf, type Lowering } from './lowering.ts';
import type { GuardUse } from './slice.ts';
import * as S from './syntax.ts';

/** `guard(class)(args);` and `CLASS(class, variable)(args);`: until the end of the scope that they are in. */
export function lowerGuardStatement(c: Lowering, node: number, use: GuardUse): void {
  const args = lowerCallArguments(c, node, use.args);
  const variable =
    use.variable === null
      ? c.scopes.guardVariable(use.guardClass, use.at)
      : c.scopes.declare(use.variable, `class(${use.guardClass})`, use.at);
  enterGuard(c, use, variable.name, args);
}

/**
 * `scoped_guard(class, args) stmt` and `scoped_cond_guard(class, failure, args) stmt`. Both are loops of one
 * round to C, so `break` in them leaves only them; a conditional guard that did not take its lock skips the
 * statement, or executes the failure instead.
 */
export function lowerScopedGuard(c: Lowering, node: number, use: GuardUse): void {
  const { graph, tree } = c;
  const { at, end } = use;
  const mark = c.scopes.open();
  const variable = c.scopes.guardVariable(use.guardClass, at);
  const args = lowerMacroArguments(c, S.child(tree, node, 0), use.args, 1);
  const { endings } = c.scopes;
  enterGuard(c, use, variable.name, args);
  const taken = graph.block();
  const failed = graph.block();
  const leave = graph.block();
  graph.branch(variable, taken, failed, at, end);
  graph.enter(taken, at, end);
  lowerLoopBody(c, S.child(tree, node, 1), leave, leave);
  if (graph.isOpen) graph.goto(leave, at, end);
  graph.enter(failed, at, end);
  if (use.failure !== null) {
    c.breaks.push({ block: leave, endings: c.scopes.endings });
    c.continues.push({ block: leave, endings: c.scopes.endings });
    c.parts.piece(c, use.failure.text, use.failure.at);
    c.breaks.pop();
    c.continues.pop();
  }
  graph.enter(leave, at, end);
  const last = endOf(c, node);
  emitEndings(c, endings, last - 1, last);
  c.scopes.close(mark);
}

function enterGuard(c: Lowering, use: GuardUse, variable: string, args: readonly Expr[]): void {
  const { guardClass, at, end } = use;
  c.graph.emit({ kind: 'guard-enter', guardClass, variable, args, at, end });
  addEnding(c, variable, (span) => ({
    kind: 'guard-exit',
    guardClass,
    variable,
    at: span.at,
    end: span.end,
  }));
}

/** The arguments of the outer call in `guard(class)(args)`. */
function lowerCallArguments(c: Lowering, statement: number, spans: readonly Span[]): readonly Expr[] {
  const { tree } = c;
  const call = S.childOfKind(tree, statement, S.CALL);
  const list = S.childOfKind(tree, call, S.ARGUMENTS);
  const args: Expr[] = [];
  if (list >= 0) {
    for (let at = list + 1; at < tree.next[list]!; at = tree.next[at]!) {
      if (tree.kind[at]! < S.TOKEN && tree.kind[at] !== S.ERROR) args.push(c.parts.value(c, at));
    }
  } else {
    for (const span of spans) args.push({ kind: 'unknown', text: c.fileText.slice(span.at, span.end) });
  }
  return args;
}
