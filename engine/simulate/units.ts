/** The units in view: functions, macros, enumerators, guards and initialisers by name. */
import {
  type Configuration,
  evaluate,
  type FunctionSource,
  type GuardDefinition,
  type Initialiser,
  type MacroDefinition,
  parseUnit,
  type SourceUnit,
} from '../c/index.ts';
import { evaluateConstant, type Names } from './constant.ts';
import { StructTable } from './ctypes.ts';

export interface Definition {
  readonly unit: SourceUnit;
  readonly fn: FunctionSource;
}

interface Found<T> {
  readonly unit: SourceUnit;
  readonly one: T;
}

export class UnitIndex {
  readonly configuration: Configuration;
  readonly structs = new StructTable();
  readonly units = new Map<string, SourceUnit>();
  readonly #functions = new Map<string, Definition[]>();
  readonly #exposed = new Map<string, Definition>();
  readonly #macros = new Map<string, Found<MacroDefinition>[]>();
  readonly #guards = new Map<string, Found<GuardDefinition>[]>();
  readonly #initialisers = new Map<string, Found<Initialiser>[]>();
  readonly #enumerators = new Map<
    string,
    {
      readonly unit: SourceUnit;
      readonly at: number;
      readonly text: string | null;
      readonly after: string | null;
    }
  >();
  readonly #constants = new Map<string, number | null>();

  constructor(configuration: Configuration) {
    this.configuration = configuration;
  }

  add(unit: SourceUnit): void {
    if (this.units.has(unit.path)) return;
    this.units.set(unit.path, unit);
    this.structs.add(unit);
    for (const fn of unit.functions) push(this.#functions, fn.name, { unit, fn });
    for (const macro of unit.macros) push(this.#macros, macro.name, { unit, one: macro });
    for (const guard of unit.guards) push(this.#guards, guardName(guard), { unit, one: guard });
    for (const initialiser of unit.initialisers)
      push(this.#initialisers, initialiser.name, { unit, one: initialiser });
    this.#scanEnums(unit);
  }

  addText(path: string, text: string): SourceUnit {
    const unit = parseUnit(path, text);
    this.add(unit);
    return unit;
  }

  /** The definition that a call in `from` means under the configuration: of its own file first. */
  definition(name: string, from: SourceUnit | null): Definition | null {
    const exposed = from?.path.startsWith('<') === true ? this.#exposed.get(name) : undefined;
    if (exposed !== undefined) return exposed;
    const all = this.#functions.get(name) ?? [];
    const live = all.filter((one) => evaluate(one.fn.presence, this.configuration));
    const own = live.find((one) => one.unit === from);
    if (own !== undefined) return own;
    const visible = live.filter(
      (one) => !one.fn.isStatic || one.unit.path.endsWith('.h') || one.unit.path.startsWith('<'),
    );
    return (
      visible.find((one) => one.unit.path.startsWith('<')) ??
      visible.find((one) => !one.unit.path.startsWith('arch/')) ??
      visible[0] ??
      null
    );
  }

  /** Makes a definition the one that the scenario's own code means by its name, static or not. */
  expose(definition: Definition): void {
    this.#exposed.set(definition.fn.name, definition);
  }

  /** As `definition()`, static ones of any file too. */
  anyDefinition(name: string): Definition | null {
    return (
      this.definition(name, null) ??
      (this.#functions.get(name) ?? []).find((one) => evaluate(one.fn.presence, this.configuration)) ??
      null
    );
  }

  /** Definitions whatever the configuration. */
  definitions(name: string): readonly Definition[] {
    return this.#functions.get(name) ?? [];
  }

  macro(name: string, from: SourceUnit | null): Found<MacroDefinition> | null {
    return this.#pick(this.#macros.get(name), from);
  }

  guard(name: string, from: SourceUnit | null): Found<GuardDefinition> | null {
    return this.#pick(this.#guards.get(name), from);
  }

  initialiser(name: string, from: SourceUnit | null): Found<Initialiser> | null {
    return this.#pick(this.#initialisers.get(name), from);
  }

  initialisers(): readonly Found<Initialiser>[] {
    return [...this.#initialisers.values()]
      .flat()
      .filter(({ one }) => evaluate(one.presence, this.configuration));
  }

  #pick<T extends { readonly presence: FunctionSource['presence'] }>(
    list: readonly Found<T>[] | undefined,
    from: SourceUnit | null,
  ): Found<T> | null {
    const live = list?.filter(({ one }) => evaluate(one.presence, this.configuration)) ?? [];
    return live.find(({ unit }) => unit === from) ?? live[0] ?? null;
  }

  /** The value of a constant: an enumerator or a macro whose body is a constant expression. */
  constant(
    name: string,
    from: SourceUnit | null,
    known: (name: string) => number | null,
    depth = 0,
  ): number | null {
    const cached = this.#constants.get(name);
    if (cached !== undefined) return cached;
    if (depth > 24) return null;
    const given = known(name);
    if (given !== null) return given;
    const names: Names = {
      value: (other) => (other === name ? null : this.constant(other, from, known, depth + 1)),
      macro: (other) => {
        const found = this.macro(other, from);
        return found === null || found.one.params === null
          ? null
          : { params: found.one.params, body: found.one.body };
      },
    };
    let value: number | null = null;
    const macro = this.macro(name, from);
    const enumerator = this.#enumerators.get(name);
    if (macro !== null && macro.one.params === null) value = evaluateConstant(macro.one.body, names, depth);
    if (value === null && enumerator !== undefined) {
      if (enumerator.text !== null) value = evaluateConstant(enumerator.text, names, depth);
      else if (enumerator.after === null) value = 0;
      else {
        const before = this.constant(enumerator.after, from, known, depth + 1);
        value = before === null ? null : before + 1;
      }
    }
    this.#constants.set(name, value);
    return value;
  }

  /** Finds `enum { A, B = 3, … }` in one pass over the text. */
  #scanEnums(unit: SourceUnit): void {
    const { text } = unit;
    const head = /\benum\b(?:\s+[A-Za-z_]\w*)?(?:\s*:\s*\w+)?\s*\{/g;
    for (let match = head.exec(text); match !== null; match = head.exec(text)) {
      const end = text.indexOf('}', head.lastIndex);
      if (end < 0) return;
      const body = text
        .slice(head.lastIndex, end)
        .replace(/\/\*[\s\S]*?\*\//g, ' ')
        .replace(/\/\/.*$/gm, ' ')
        .replace(/^\s*#.*$/gm, ' ');
      let after: string | null = null;
      for (const part of splitTop(body)) {
        const equals = part.indexOf('=');
        const name = (equals < 0 ? part : part.slice(0, equals)).trim();
        if (!/^[A-Za-z_]\w*$/.test(name)) continue;
        const value = equals < 0 ? null : part.slice(equals + 1).trim();
        if (!this.#enumerators.has(name))
          this.#enumerators.set(name, { unit, at: match.index, text: value, after });
        after = name;
      }
      head.lastIndex = end;
    }
  }
}

/** `DEFINE_GUARD_COND(mmap_read_lock, _try, …)` makes `mmap_read_lock_try`. */
function guardName(guard: GuardDefinition): string {
  return guard.macro.endsWith('_COND') || /_COND_/.test(guard.macro)
    ? guard.name + (guard.args[1]?.trim() ?? '')
    : guard.name;
}

function push<T>(map: Map<string, T[]>, name: string, value: T): void {
  const list = map.get(name);
  if (list === undefined) map.set(name, [value]);
  else list.push(value);
}

/** Splits at commas outside brackets. */
function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}
