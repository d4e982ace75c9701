/** Inline assembly: its operands are evaluated, its outputs get a value, what it does is not known. */
import { emitOpaque, endOf, type Lowering, startOf, unknownValue } from './lowering.ts';
import * as S from './syntax.ts';

/** Lowers `asm(…)` and `asm goto (…)`; the labels of the latter are places that it may jump to. */
export function lowerAsm(c: Lowering, node: number): void {
  const { tree, graph } = c;
  const { kind, next } = tree;
  const at = startOf(c, node);
  const end = endOf(c, node);
  const inputs = S.childOfKind(tree, node, S.ASM_INPUTS);
  const outputs = S.childOfKind(tree, node, S.ASM_OUTPUTS);
  const labels = S.childOfKind(tree, node, S.ASM_LABELS);
  const places = outputs < 0 ? [] : operands(c, outputs).map((operand) => c.parts.value(c, operand));
  if (inputs >= 0) for (const operand of operands(c, inputs)) c.parts.effect(c, operand);
  emitOpaque(c, at, end, 'inline assembly');
  for (const target of places) {
    graph.emit({ kind: 'assign', target, value: { kind: 'unknown', text: 'set by assembly' }, at, end });
  }
  if (labels < 0) return;
  for (let label = labels + 1; label < next[labels]!; label = next[label]!) {
    if (kind[label]! >= S.TOKEN || kind[label] === S.ERROR) continue;
    const jump = graph.block();
    const stay = graph.block();
    graph.branch(unknownValue(c, at, end, 'whether the assembly jumps'), jump, stay, at, end);
    graph.enter(jump, at, end);
    c.parts.jumpTo(c, S.textOf(tree, label), startOf(c, label), endOf(c, label));
    graph.enter(stay, at, end);
  }
}

/** The expressions of `[name] "constraint" (expression)` operands. */
function operands(c: Lowering, list: number): readonly number[] {
  const { kind, next } = c.tree;
  const found: number[] = [];
  for (let at = list + 1; at < next[list]!; at = next[at]!) {
    if (kind[at] !== S.ASM_OPERAND) continue;
    let last = -1;
    for (let part = at + 1; part < next[at]!; part = next[part]!) if (kind[part]! < S.TOKEN) last = part;
    if (last >= 0 && kind[last] !== S.STRING) found.push(last);
  }
  return found;
}
