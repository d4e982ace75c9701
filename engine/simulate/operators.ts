/** The operators of C, on values that have been compiled. */
import type { Expr } from '../c/index.ts';
import type { CType } from './ctypes.ts';
import type { Machine } from './machine.ts';
import { POINTER } from './memory.ts';
import {
  and,
  below,
  commonType,
  divide,
  fold,
  INT,
  type IntType,
  LONG,
  or,
  remainder,
  shiftLeft,
  shiftRight,
  ULONG,
  wrapper,
  xor,
} from './numbers.ts';
import type { Value } from './value.ts';

const intOf = (type: CType): IntType =>
  type.kind === 'int' ? type.type : type.kind === 'pointer' || type.kind === 'array' ? ULONG : LONG;

/** `pointer + n`, in elements. */
export function addOffset(m: Machine, pointer: number, n: number): number {
  if (n === 0 || pointer < POINTER) return pointer + n;
  const path = (pointer - POINTER) & 0xffff;
  return pointer - path + m.memory.paths.offset(path, n);
}

export function unary(op: '-' | '+' | '~' | '!', operand: Value): Value {
  const { get } = operand;
  const type = intOf(operand.type);
  const narrow = op === '!' || type.bits === 64 ? null : wrapper(type.bits === 32 ? type : INT);
  const apply = (value: number): number => {
    const result =
      op === '-' ? 0 - value : op === '~' ? -value - 1 : op === '!' ? (value === 0 ? 1 : 0) : value;
    return narrow === null ? result : narrow(result);
  };
  const resultType: IntType = op === '!' ? INT : type.bits >= 32 ? type : INT;
  return {
    get: (m) => apply(get(m)),
    type: { kind: 'int', type: resultType },
    uses: operand.uses,
    constant: operand.constant === null ? null : apply(operand.constant),
  };
}

export function binary(op: Extract<Expr, { kind: 'binary' }>['op'], left: Value, right: Value): Value {
  const a = left.get;
  const b = right.get;
  const uses = [...left.uses, ...right.uses];
  const l = intOf(left.type);
  const r = intOf(right.type);
  const common = commonType(l, r);
  const make = (get: (m: Machine) => number, type: CType, pure = true): Value => ({
    get,
    type,
    uses,
    constant:
      pure &&
      left.constant !== null &&
      right.constant !== null &&
      left.constant < POINTER &&
      right.constant < POINTER
        ? get(null as unknown as Machine)
        : null,
  });
  const truth: CType = { kind: 'int', type: INT };
  const unsigned = common.unsigned;
  // Comparisons of 32-bit operands convert them first: -1 == UINT_MAX.
  const convert = common.bits === 32 && unsigned && (!l.unsigned || !r.unsigned);
  const x = convert ? (m: Machine) => a(m) >>> 0 : a;
  const y = convert ? (m: Machine) => b(m) >>> 0 : b;
  const wide = unsigned && common.bits === 64;
  switch (op) {
    case '==':
      return make((m) => (x(m) === y(m) ? 1 : 0), truth);
    case '!=':
      return make((m) => (x(m) !== y(m) ? 1 : 0), truth);
    case '<':
      return make(wide ? (m) => (below(x(m), y(m)) ? 1 : 0) : (m) => (x(m) < y(m) ? 1 : 0), truth);
    case '>':
      return make(wide ? (m) => (below(y(m), x(m)) ? 1 : 0) : (m) => (x(m) > y(m) ? 1 : 0), truth);
    case '<=':
      return make(wide ? (m) => (below(y(m), x(m)) ? 0 : 1) : (m) => (x(m) <= y(m) ? 1 : 0), truth);
    case '>=':
      return make(wide ? (m) => (below(x(m), y(m)) ? 0 : 1) : (m) => (x(m) >= y(m) ? 1 : 0), truth);
    case '&&':
      return make((m) => (a(m) !== 0 && b(m) !== 0 ? 1 : 0), truth);
    case '||':
      return make((m) => (a(m) !== 0 || b(m) !== 0 ? 1 : 0), truth);
    default:
      return arithmetic(op, left, right, common, make);
  }
}

function arithmetic(
  op: '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^' | '<<' | '>>',
  left: Value,
  right: Value,
  common: IntType,
  make: (get: (m: Machine) => number, type: CType) => Value,
): Value {
  const a = left.get;
  const b = right.get;
  const isPointer = (type: CType) => type.kind === 'pointer' || type.kind === 'array';
  const shifted = op === '<<' || op === '>>' ? intOf(left.type) : common;
  const type: CType = isPointer(left.type)
    ? left.type
    : isPointer(right.type)
      ? right.type
      : { kind: 'int', type: shifted.bits >= 32 ? shifted : INT };
  const narrow = type.kind === 'int' && type.type.bits === 32 ? wrapper(type.type) : null;
  const finish = (get: (m: Machine) => number): Value =>
    narrow === null ? make(get, type) : make((m) => narrow(get(m)), type);
  switch (op) {
    case '+':
      return make((m) => {
        const x = a(m);
        const y = b(m);
        if (x >= POINTER) return addOffset(m, x, y);
        if (y >= POINTER) return addOffset(m, y, x);
        return narrow === null ? fold(x + y) : narrow(x + y);
      }, type);
    case '-':
      return make(
        (m) => {
          const x = a(m);
          const y = b(m);
          if (x >= POINTER)
            return y >= POINTER
              ? m.memory.paths.distance((x - POINTER) & 0xffff, (y - POINTER) & 0xffff)
              : addOffset(m, x, -y);
          return narrow === null ? fold(x - y) : narrow(x - y);
        },
        isPointer(right.type) ? { kind: 'int', type: LONG } : type,
      );
    case '*':
      return narrow === null
        ? make((m) => fold(a(m) * b(m)), type)
        : make((m) => narrow(Math.imul(a(m), b(m))), type);
    case '/':
      return finish((m) => divide(a(m), b(m), common.unsigned));
    case '%':
      return finish((m) => remainder(a(m), b(m), common.unsigned));
    case '&':
      return finish((m) => and(a(m), b(m)));
    case '|':
      return finish((m) => or(a(m), b(m)));
    case '^':
      return finish((m) => xor(a(m), b(m)));
    case '<<':
      return finish((m) => shiftLeft(a(m), b(m)));
    case '>>':
      return finish((m) => shiftRight(a(m), b(m), shifted.unsigned));
  }
}
