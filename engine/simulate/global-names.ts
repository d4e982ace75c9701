/** What the global names of the code stand for: constants, functions, variables with what they hold at first. */
import type { SourceUnit } from '../c/index.ts';
import { type CType, parseType, tagOf, UNKNOWN } from './ctypes.ts';
import type { FunctionRef, LinkOptions } from './linker.ts';
import type { Machine } from './machine.ts';
import { constant, type Value } from './value.ts';

export class GlobalNames {
  readonly #machine: Machine;
  readonly #options: LinkOptions;
  readonly #definition: (name: string, from: SourceUnit | null) => FunctionRef | null;
  readonly #invented = new Map<string, number>();

  /** @param definition the function of a name, as it is seen from a file. */
  constructor(
    machine: Machine,
    options: LinkOptions,
    definition: (name: string, from: SourceUnit | null) => FunctionRef | null,
  ) {
    this.#machine = machine;
    this.#options = options;
    this.#definition = definition;
  }

  /** The value of a global name that is no variable: a constant, the running task, a function. */
  globalValue(name: string, from: SourceUnit): Value | null {
    const { models, units } = this.#options;
    if (models.current.has(name)) {
      return {
        get: (m) => m.tasks[m.current]!.current,
        type: { kind: 'pointer', to: 'struct task_struct' },
        uses: [],
        constant: null,
      };
    }
    const value = units.constant(name, from, (one) => models.constants.get(one) ?? null);
    if (value !== null) return { ...constant(value), type: UNKNOWN };
    const fn = this.functionValue(name, from);
    if (fn !== null) return fn;
    if (units.initialiser(name, from) !== null) return null;
    if (/^[A-Z][A-Z0-9_]+$/.test(name)) return constant(this.#invent(name));
    return null;
  }

  functionValue(name: string, from: SourceUnit): Value | null {
    const found = this.#options.units.definition(name, from);
    if (found === null && !this.#options.models.models.has(name)) return null;
    return {
      ...constant(this.functionObject(name, found?.unit ?? null)),
      type: { kind: 'pointer', to: 'function' },
    };
  }

  /** Constants whose value is not in view: each a bit of its own, so that they differ. */
  #invent(name: string): number {
    let value = this.#invented.get(name);
    if (value === undefined) {
      value = 2 ** (10 + (this.#invented.size % 20));
      this.#invented.set(name, value);
      this.#machine.assumed.add(`${name} is a bit of its own: its definition is not in view`);
    }
    return value;
  }

  readonly #behind = new Map<string, FunctionRef>();

  functionObject(name: string, unit: SourceUnit | null): number {
    const { memory } = this.#machine;
    const key = unit === null ? name : `${name}`;
    const ref = this.#definition(name, unit);
    if (ref !== null) this.#behind.set(key, ref);
    return memory.pointer(memory.object(`function ${key}`, { name: key, tag: 'function', kind: 'function' }));
  }

  functionBehind(name: string): FunctionRef | null {
    return this.#behind.get(name) ?? null;
  }

  globalObject(name: string, tag: string): number {
    const { memory } = this.#machine;
    const known = memory.find(`global ${name}`);
    if (known !== undefined) return memory.pointer(known);
    const found = this.#options.units.initialiser(name, null);
    const initial = new Map<string, number>();
    const id = memory.object(`global ${name}`, {
      name,
      tag: tag === '' && found !== null ? tagOf(found.one.type) : tag,
      kind: 'global',
      initial,
    });
    for (const field of found?.one.fields ?? []) {
      const value = this.#initialiserValue(field.value, found!.unit);
      if (value !== null) initial.set(field.name.replace(/^\./, ''), value);
    }
    return memory.pointer(id);
  }

  #initialiserValue(text: string, unit: SourceUnit): number | null {
    const word = text.trim().replace(/^&\s*/, '');
    if (!/^[A-Za-z_]\w*$/.test(word)) {
      const number = Number(word);
      return Number.isFinite(number) ? number : null;
    }
    const value = this.globalValue(word, unit);
    if (value?.constant !== null && value !== null) return value.constant;
    return this.globalObject(word, '');
  }

  globalType(name: string, from: SourceUnit): CType {
    const found = this.#options.units.initialiser(name, from);
    return found === null ? UNKNOWN : parseType(found.one.type);
  }

  stringObject(text: string): number {
    const { memory } = this.#machine;
    return memory.pointer(memory.object(`string ${text}`, { name: text, tag: 'char', kind: 'string' }));
  }
}
