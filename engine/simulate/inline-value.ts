/** Macros and functions that only relate a result to their arguments: `READ_ONCE`, `IS_ERR`, `container_of`. */
import type { Value as ContractValue } from '../protocol/index.ts';
import type { Call } from './call.ts';
import type { FunctionCompiler } from './compile.ts';
import { compileStore } from './compile-assign.ts';
import { compilePlace, compileValue, readPlace } from './compile-expression.ts';
import { parseType, UNKNOWN } from './ctypes.ts';
import { expressionText } from './expression-text.ts';
import { FAIL } from './signals.ts';
import { constant, type Place, type Scope, type Value } from './value.ts';

const isError = (value: number) => value < 0 && value >= -4095;

/** @returns the value of the call, or null where it takes a model. */
export function compileInlineValue(
  c: FunctionCompiler,
  value: ContractValue,
  call: Call,
  scope: Scope,
): Value | null {
  const argument = (index: number): Value => {
    const arg = call.args[index];
    return arg === undefined || arg.kind === 'type' ? constant(0) : compileValue(c, arg, scope);
  };
  const map = (inner: Value, apply: (value: number) => number, type = UNKNOWN): Value => {
    const { get } = inner;
    return {
      get: (m) => apply(get(m)),
      type,
      uses: inner.uses,
      constant: inner.constant === null ? null : apply(inner.constant),
    };
  };
  const through = (index: number): Place => {
    const pointer = argument(index);
    const type = c.linker.pointee(pointer.type);
    return {
      kind: 'memory',
      address: pointer.get,
      type,
      hint: type.kind === 'pointer' ? { pointerTo: type.to } : 'number',
      uses: pointer.uses,
      text: `*${expressionText(call.args[index]!)}`,
    };
  };
  switch (value.value) {
    case 'argument':
      return argument(value.index);
    case 'test': {
      const { test } = value;
      return map(argument(value.index), (one) =>
        (test === 'nonzero' ? one !== 0 : isError(one) || (test === 'null-or-error' && one === 0)) ? 1 : 0,
      );
    }
    case 'error-pointer':
    case 'error-number':
      return argument(value.index);
    case 'zero-or-error-number':
      return map(argument(value.index), (one) => (isError(one) ? one : 0));
    case 'store': {
      const stored = argument(value.source);
      compileStore(c, compilePlace(c, call.args[value.target]!, scope), stored);
      return stored;
    }
    case 'load':
      return readPlace(c, through(value.index));
    case 'store-through': {
      const stored = argument(value.source);
      compileStore(c, through(value.target), stored);
      return stored;
    }
    case 'container': {
      const pointer = argument(value.pointer);
      const member = call.args[value.member];
      const type = call.args.find((arg) => arg.kind === 'type');
      const fields = member === undefined ? [] : expressionText(member).replaceAll('[0]', '').split('.');
      const tag =
        type === undefined
          ? ''
          : expressionText(type)
              .replace(/^(struct|union)\s+/, '')
              .trim();
      return enclosing(c, pointer, fields, tag);
    }
    case 'member': {
      const pointer = argument(value.index);
      let type = c.linker.pointee(pointer.type);
      const { path } = value;
      for (const field of path) type = c.linker.fieldType(type, field);
      return readPlace(c, {
        kind: 'memory',
        address: (m) => {
          const base = pointer.get(m);
          return m.isPointer(base) ? path.reduce((at, field) => m.memory.member(at, field), base) : base;
        },
        type,
        hint: { pointerTo: type.kind === 'pointer' ? type.to : '' },
        uses: pointer.uses,
        text: expressionText(call.args[value.index]!),
      });
    }
    case 'constant':
      return constant(value.constant);
    default:
      return null;
  }
}

/** `container_of()`: one or more steps up. An object of which only a member is known is made up around it. */
function enclosing(c: FunctionCompiler, pointer: Value, fields: readonly string[], tag: string): Value {
  const slot = c.temporary();
  const { get } = pointer;
  c.emit(
    (next) => (m) => {
      const member = get(m);
      if (!m.isPointer(member)) {
        m.canFollow(member, 'container_of()');
        return FAIL;
      }
      const found = m.memory.container(member, fields);
      const made = () => {
        const id = m.memory.object(`around ${member} ${fields.join('.')}`, {
          name: `container_of(${m.memory.describe(member)})`,
          tag,
          kind: 'lazy',
        });
        return m.memory.pointer(id);
      };
      m.memory.set(m.fp + slot, found ?? made());
      return next;
    },
    pointer.uses,
    [slot],
  );
  return {
    get: (m) => m.memory.get(m.fp + slot),
    type: parseType(`struct ${tag} *`),
    uses: [slot],
    constant: null,
  };
}
