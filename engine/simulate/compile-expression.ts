/** Expressions: values as closures over registers, places as registers or addresses. */
import type { Expr } from '../c/index.ts';
import { Access } from './access.ts';
import type { FunctionCompiler } from './compile.ts';
import { type CType, parseType, UNKNOWN } from './ctypes.ts';
import { expressionText } from './expression-text.ts';
import type { Machine, Op } from './machine.ts';
import { type CellHint, POINTER } from './memory.ts';
import { fold, INT, type IntType, LONG, UINT, ULONG, wrapper } from './numbers.ts';
import { copyObject } from './object-copy.ts';
import { addOffset, binary, unary } from './operators.ts';
import { FAIL } from './signals.ts';
import { constant, type Place, type Scope, type Value } from './value.ts';

const ANY_POINTER: CType = { kind: 'pointer', to: '' };
const hintOf = (type: CType): CellHint => (type.kind === 'pointer' ? { pointerTo: type.to } : 'number');
function memoryPlace(
  address: (m: Machine) => number,
  type: CType,
  uses: readonly number[],
  text: string,
): Place {
  return { kind: 'memory', address, type, hint: hintOf(type), uses, text };
}

/** Compiles a place. What is no place gets a register of its own. */
export function compilePlace(c: FunctionCompiler, expr: Expr, scope: Scope): Place {
  switch (expr.kind) {
    case 'name':
      return namePlace(c, expr, scope);
    case 'field': {
      const base = expr.arrow ? null : compilePlace(c, expr.base, scope);
      if (base === null) {
        const pointer = compilePointer(c, expr.base, scope, ANY_POINTER);
        return fieldPlace(
          c,
          pointer.get,
          c.linker.pointee(pointer.type),
          expr.name,
          pointer.uses,
          expressionText(expr),
        );
      }
      if (base.kind === 'memory')
        return fieldPlace(c, base.address, base.type, expr.name, base.uses, expressionText(expr));
      // A struct that came as a value: its fields are not kept apart.
      return base;
    }
    case 'index': {
      const base = compileValue(c, expr.base, scope);
      const index = compileValue(c, expr.index, scope);
      const type = c.linker.pointee(base.type);
      const { get } = base;
      const at = index.get;
      return memoryPlace(
        (m) => addOffset(m, get(m), at(m)),
        type,
        [...base.uses, ...index.uses],
        expressionText(expr),
      );
    }
    case 'deref': {
      const pointer = compilePointer(c, expr.operand, scope, ANY_POINTER);
      return memoryPlace(pointer.get, c.linker.pointee(pointer.type), pointer.uses, expressionText(expr));
    }
    case 'cast':
      return compilePlace(c, expr.operand, scope);
    case 'aggregate': {
      const name = `%aggregate${c.temporary()}`;
      c.types.set(name, parseType(expr.type ?? ''));
      c.addressed.add(name);
      const target: Expr = { kind: 'name', name, binding: 'local' };
      c.assign(target, expr, { ...scope, prefix: '', substitutes: null });
      return namePlace(c, target, { ...scope, prefix: '', substitutes: null });
    }
    default: {
      const value = compileValue(c, expr, scope);
      const slot = c.temporary();
      c.move(slot, value);
      return { kind: 'register', slot, type: value.type, uses: [slot] };
    }
  }
}

function namePlace(c: FunctionCompiler, expr: Extract<Expr, { kind: 'name' }>, scope: Scope): Place {
  const substitute = scope.substitutes?.get(expr.name);
  if (substitute !== undefined) return compilePlace(c, substitute.expr, substitute.scope);
  const name = scope.prefix + expr.name;
  if (expr.binding !== 'global' || c.types.has(name)) {
    const type = c.types.get(name) ?? UNKNOWN;
    if (!c.addressed.has(name)) {
      const slot = c.register(name);
      return { kind: 'register', slot, type, uses: [slot] };
    }
    return memoryPlace(c.addressOf(c.stackObject(name)), type, [], expr.name);
  }
  const type = c.linker.names.globalType(expr.name, scope.unit);
  const pointer = c.linker.names.globalObject(expr.name, type.kind === 'struct' ? type.tag : '');
  return memoryPlace(() => pointer, type, [], expr.name);
}

function fieldPlace(
  c: FunctionCompiler,
  base: (m: Machine) => number,
  owner: CType,
  name: string,
  uses: readonly number[],
  text: string,
): Place {
  const type = c.linker.fieldType(owner, name);
  const real = c.linker.fieldAlias(name);
  let lastPath = -1;
  let lastChild = 0;
  return memoryPlace(
    (m) => {
      const pointer = base(m);
      if (pointer < POINTER) return pointer < 0 ? pointer : m.memory.paths.child(0, real);
      const path = (pointer - POINTER) & 0xffff;
      if (path !== lastPath) {
        lastPath = path;
        lastChild = m.memory.paths.child(path, real);
      }
      return pointer - path + lastChild;
    },
    type,
    uses,
    text,
  );
}

/** Reads a place into a value: a register as it is, memory by an operation of its own. */
export function readPlace(c: FunctionCompiler, place: Place): Value {
  if (place.kind === 'register') {
    const { slot } = place;
    return { get: (m) => m.memory.get(m.fp + slot), type: place.type, uses: [slot], constant: null };
  }
  // Arrays and structs stand for their address.
  if (place.type.kind === 'array' || place.type.kind === 'struct') {
    return { get: place.address, type: place.type, uses: place.uses, constant: null };
  }
  const slot = c.temporary();
  const { address, hint, text } = place;
  c.emit(
    (next): Op => {
      const access = new Access(text, hint);
      return (m) => {
        if (!access.follow(m, address(m))) return FAIL;
        const { memory } = m;
        memory.set(m.fp + slot, access.isOwn ? memory.get(access.cell) : m.read(access.cell));
        return next;
      };
    },
    place.uses,
    [slot],
  );
  return { get: (m) => m.memory.get(m.fp + slot), type: place.type, uses: [slot], constant: null };
}

/** Copies a struct: the cells that the source has, and zero for the others of the target. */
export function copyValue(c: FunctionCompiler, to: Place, from: Place): void {
  if (to.kind !== 'memory' || from.kind !== 'memory') return;
  c.emit(
    (next) => (m) => {
      const target = to.address(m);
      const source = from.address(m);
      if (!m.canFollow(target, to.text) || !m.canFollow(source, from.text)) return FAIL;
      copyObject(m, target, source);
      return next;
    },
    [...to.uses, ...from.uses],
    [],
  );
}

/** The address of a place; a register has none, and gives 0. */
export function addressValue(c: FunctionCompiler, expr: Expr, scope: Scope): Value {
  const place = compilePlace(c, expr, scope);
  if (place.kind === 'register') return { get: () => 0, type: UNKNOWN, uses: [], constant: null };
  const to =
    place.type.kind === 'struct'
      ? `struct ${place.type.tag}`
      : place.type.kind === 'named'
        ? place.type.tag
        : '';
  return { get: place.address, type: { kind: 'pointer', to }, uses: place.uses, constant: null };
}

/**
 * A value that is wanted as a pointer: a field whose type is not in view is taken for one, so that following it for the
 * first time finds an object.
 */
export function compilePointer(c: FunctionCompiler, expr: Expr, scope: Scope, wanted: CType): Value {
  const isPlace = expr.kind === 'field' || expr.kind === 'index' || expr.kind === 'deref';
  if (!isPlace) return compileValue(c, expr, scope);
  const place = compilePlace(c, expr, scope);
  if (place.kind === 'register' || place.type.kind !== 'unknown') return readPlace(c, place);
  return readPlace(c, { ...place, type: wanted, hint: hintOf(wanted) });
}

export function compileValue(c: FunctionCompiler, expr: Expr, scope: Scope): Value {
  switch (expr.kind) {
    case 'number':
      return {
        ...constant(literal(expr.value, expr.text)),
        type: { kind: 'int', type: literalType(expr.value, expr.text) },
      };
    case 'string': {
      const pointer = c.linker.names.stringObject(expr.text);
      return { ...constant(pointer), type: { kind: 'pointer', to: 'char' } };
    }
    case 'name': {
      if (
        scope.substitutes?.has(expr.name) !== true &&
        expr.binding === 'global' &&
        !c.types.has(scope.prefix + expr.name)
      ) {
        const special = c.linker.names.globalValue(expr.name, scope.unit);
        if (special !== null) return special;
      }
      return readPlace(c, compilePlace(c, expr, scope));
    }
    case 'field':
    case 'index':
    case 'deref':
      if (expr.kind === 'deref') {
        const operand = compileValue(c, expr.operand, scope);
        // `*function` is the function.
        if (operand.type.kind === 'pointer' && operand.type.to === 'function') return operand;
      }
      return readPlace(c, compilePlace(c, expr, scope));
    case 'address':
      if (
        expr.operand.kind === 'name' &&
        expr.operand.binding === 'global' &&
        scope.substitutes?.has(expr.operand.name) !== true
      ) {
        const special = c.linker.names.functionValue(expr.operand.name, scope.unit);
        if (special !== null) return special;
      }
      return addressValue(c, expr.operand, scope);
    case 'unary':
      return unary(expr.op, compileValue(c, expr.operand, scope));
    case 'binary':
      return binary(expr.op, compileValue(c, expr.left, scope), compileValue(c, expr.right, scope));
    case 'cast': {
      const value = compileValue(c, expr.operand, scope);
      const type = parseType(expr.type);
      const wrap = type.kind === 'int' ? wrapper(type.type) : null;
      if (wrap === null) return { ...value, type };
      const { get } = value;
      return {
        get: (m) => wrap(get(m)),
        type,
        uses: value.uses,
        constant: value.constant === null ? null : wrap(value.constant),
      };
    }
    case 'sizeof':
      return { ...constant(c.linker.sizeOf(expr.text, c, scope)), type: { kind: 'int', type: ULONG } };
    case 'aggregate':
      return readPlace(c, compilePlace(c, expr, scope));
    case 'type':
      return constant(0);
    case 'unknown':
      c.fail('unrunnable', `an expression that could not be read: ${expr.text.slice(0, 60)}`);
      return constant(0);
  }
}

function literal(value: number, text: string): number {
  if (/^0[xX][fF]{16}/.test(text)) return -1;
  return fold(value);
}

function literalType(value: number, text: string): IntType {
  const suffix = /[uUlL]*$/.exec(text)![0].toLowerCase();
  const wide =
    suffix.includes('l') ||
    value > 0xffffffff ||
    (value > 0x7fffffff && !/^0/.test(text) && !suffix.includes('u'));
  const unsigned = suffix.includes('u') || (value > 0x7fffffff && /^0[xX]/.test(text));
  return wide ? (unsigned ? ULONG : LONG) : unsigned ? UINT : INT;
}
