/** Braced initialisers and compound literals. */
import type { AggregateField, Expr } from './ir.ts';
import { type Lowering, startOf } from './lowering.ts';
import * as S from './syntax.ts';

/** The value of `{ .a = x, [2] = y, z }`. Calls in it happen first, in order. */
export function lowerAggregate(c: Lowering, node: number, type: string | null): Expr {
  const fields: AggregateField[] = [];
  if (node >= 0) {
    const { kind, next } = c.tree;
    for (let at = node + 1; at < next[node]!; at = next[at]!) {
      if (kind[at]! >= S.TOKEN || kind[at] === S.ERROR) continue;
      fields.push(
        kind[at] === S.INITIALISER_PAIR ? lowerPair(c, at) : { name: null, value: c.parts.value(c, at) },
      );
    }
  }
  return { kind: 'aggregate', type, fields };
}

/** `.a.b[1] = value`, and the old `a: value`. */
function lowerPair(c: Lowering, node: number): AggregateField {
  const { tree } = c;
  const { kind, next, start } = tree;
  let value = -1;
  let last = -1;
  for (let at = node + 1; at < next[node]!; at = next[at]!) {
    if (kind[at] === S.ASSIGN || kind[at] === S.COLON) last = at;
    else if (kind[at]! < S.TOKEN && kind[at] !== S.ERROR) value = at;
  }
  const to = last < 0 ? start[node]! : start[last]!;
  const designator = tree.text.slice(start[node]!, to).split(/\s+/).join('');
  return {
    name: designator.startsWith('.') ? designator.slice(1) : designator,
    value: value >= 0 && start[value]! >= to ? c.parts.value(c, value) : missing(c, node),
  };
}

function missing(c: Lowering, node: number): Expr {
  return { kind: 'unknown', text: `the value at ${startOf(c, node)}` };
}
