/** Assignments: of a value, of a struct, of `{ … }`. */
import type { Expr } from '../c/index.ts';
import { Access } from './access.ts';
import type { FunctionCompiler } from './compile.ts';
import { compilePlace, compilePointer, compileValue, copyValue } from './compile-expression.ts';
import type { Op } from './machine.ts';
import { POINTER } from './memory.ts';
import { wrapper } from './numbers.ts';
import { resetObject } from './object-copy.ts';
import { FAIL } from './signals.ts';
import { constant, type Place, type Scope, type Value } from './value.ts';

export function compileAssign(c: FunctionCompiler, target: Expr, source: Expr, scope: Scope): void {
  const place = compilePlace(c, target, scope);
  if (source.kind === 'aggregate') {
    assignAggregate(c, place, source, scope);
    return;
  }
  if (place.kind === 'memory' && place.type.kind === 'struct') {
    const from = compilePlace(c, source, scope);
    if (from.kind === 'memory') {
      copyValue(c, place, from);
      return;
    }
  }
  const value =
    place.type.kind === 'pointer'
      ? compilePointer(c, source, scope, place.type)
      : compileValue(c, source, scope);
  compileStore(c, place, value);
}

/** place := value */
export function compileStore(c: FunctionCompiler, place: Place, value: Value): void {
  if (place.kind === 'register') {
    c.move(place.slot, value, place.type);
    return;
  }
  const { address, text, hint } = place;
  const { get } = value;
  const wrap = place.type.kind === 'int' ? wrapper(place.type.type) : null;
  c.emit(
    (next): Op => {
      const access = new Access(text, hint);
      return (m) => {
        if (!access.follow(m, address(m))) return FAIL;
        const result = wrap === null ? get(m) : wrap(get(m));
        if (access.isOwn) m.memory.set(access.cell, result);
        else m.write(access.cell, result);
        return next;
      };
    },
    [...place.uses, ...value.uses],
    [],
  );
}

function assignAggregate(
  c: FunctionCompiler,
  place: Place,
  source: Extract<Expr, { kind: 'aggregate' }>,
  scope: Scope,
): void {
  if (place.kind === 'register') {
    const first = source.fields[0];
    compileStore(c, place, first === undefined ? constant(0) : compileValue(c, first.value, scope));
    return;
  }
  const { address } = place;
  c.emit(
    (next) => (m) => {
      const pointer = address(m);
      if (pointer >= POINTER) resetObject(m, pointer);
      return next;
    },
    place.uses,
    [],
  );
  fillAggregate(c, place, source, scope);
}

function fillAggregate(
  c: FunctionCompiler,
  place: Extract<Place, { kind: 'memory' }>,
  source: Extract<Expr, { kind: 'aggregate' }>,
  scope: Scope,
): void {
  const names = place.type.kind === 'struct' ? c.linker.structs.fields(place.type.tag) : [];
  for (const [i, field] of source.fields.entries()) {
    const path = field.name ?? (place.type.kind === 'array' ? `[${i}]` : (names[i] ?? `[${i}]`));
    const steps = path
      .replaceAll('[', '.[')
      .split('.')
      .filter((step) => step !== '' && step !== '[0]');
    let type = place.type;
    for (const step of steps) type = c.linker.fieldType(type, step);
    const inner: Place = {
      ...place,
      address: (m) => steps.reduce((pointer, step) => m.memory.member(pointer, step), place.address(m)),
      type,
      hint: type.kind === 'pointer' ? { pointerTo: type.to } : 'number',
    };
    if (field.value.kind === 'aggregate') fillAggregate(c, inner, field.value, scope);
    else compileStore(c, inner, compileValue(c, field.value, scope));
  }
}
