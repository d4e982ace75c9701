/** Code that is written in macros: their bodies, and what a guard or a cleanup does at its ends. */
import {
  type FunctionIR,
  lowerFunction,
  type MacroDefinition,
  parseUnit,
  type SourceUnit,
} from '../c/index.ts';
import type { Contract } from '../protocol/index.ts';
import { effectsModel } from './contract-model.ts';
import type { LinkOptions } from './linker.ts';
import type { Model } from './model.ts';

export type GuardForms =
  | { readonly kind: 'contract'; readonly enter: Model; readonly exit: Model; readonly conditional: boolean }
  | {
      readonly kind: 'text';
      readonly enter: FunctionIR;
      readonly exit: FunctionIR;
      readonly unit: SourceUnit;
      readonly conditional: 'no' | 'truth' | 'zero';
    };

export class TextBodies {
  readonly #options: LinkOptions;
  readonly #contractModel: (contract: Contract) => Model;
  readonly #macroBodies = new Map<MacroDefinition, FunctionIR | null>();

  /** @param contractModel the model of a contract, the same for each call. */
  constructor(options: LinkOptions, contractModel: (contract: Contract) => Model) {
    this.#options = options;
    this.#contractModel = contractModel;
  }

  /** A function-like macro's body as a function without parameters, whose names are then substituted. */
  macroBody(unit: SourceUnit, macro: MacroDefinition): FunctionIR | null {
    const known = this.#macroBodies.get(macro);
    if (known !== undefined) return known;
    const body = this.#lowerText(macro.body, unit);
    this.#macroBodies.set(macro, body);
    return body;
  }

  #lowerText(text: string, from: SourceUnit): FunctionIR | null {
    const body = text
      .trim()
      .replace(/;$/, '')
      .replaceAll(/\s*##\s*/g, '');
    if (body === '') return this.#lowerFunctionText('void f(void) { }', from);
    const isStatement =
      /^(do\b|if\b|for\b|while\b|switch\b|return\b|\{)/.test(body) || /;/.test(withoutBraces(body));
    return this.#lowerFunctionText(
      isStatement ? `void f(void) { ${body}; }` : `long f(void) { return (${body}); }`,
      from,
    );
  }

  #lowerFunctionText(text: string, from: SourceUnit): FunctionIR | null {
    const { parser, units, models } = this.#options;
    const unit = parseUnit(from.path, text);
    const fn = unit.functions[0];
    if (fn === undefined) return null;
    const ir = lowerFunction(parser, unit, fn, units.configuration, {
      lazy: (name) => models.waits.has(name),
    });
    return ir.problems.length > 0 ? null : ir;
  }

  guard(name: string, from: SourceUnit): GuardForms | null {
    const { values, fallback } = this.#options.units.configuration;
    const contract = this.#options.contracts.guard(name, (symbol) => values.get(symbol) ?? fallback);
    const found = this.#options.units.guard(name, from);
    if (found !== null && (this.#options.depth === 'full' || contract === null)) {
      const forms = this.#guardText(found.one.macro, found.one.args, found.unit);
      if (forms !== null) return forms;
    }
    if (contract === null) return null;
    const conditional = contract.outcomes.some((outcome) => outcome.when === 'null');
    return {
      kind: 'contract',
      enter: this.#contractModel(contract),
      exit: effectsModel(`end of guard(${name})`, contract.exit ?? []),
      conditional,
    };
  }

  #guardText(macro: string, args: readonly string[], unit: SourceUnit): GuardForms | null {
    const plain = (text: string | undefined) => (text ?? '').replaceAll('_T->lock', '_T');
    if (/_COND/.test(macro)) {
      const base = this.#options.units.guard(args[0]!.trim(), unit);
      if (base === null) return null;
      const enter = this.#lowerText(plain(args[2]), unit);
      const exit = this.#lowerText(plain(base.one.args[3]), base.unit);
      if (enter === null || exit === null) return null;
      return {
        kind: 'text',
        enter,
        exit,
        unit,
        conditional: /_RET\s*==\s*0/.test(args[3] ?? '') ? 'zero' : 'truth',
      };
    }
    if (!/GUARD/.test(macro)) return null;
    const last = /_0$/.test(macro) ? [args[1], args[2]] : [args[2], args[3]];
    const enter = this.#lowerText(plain(last[0]), unit);
    const exit = this.#lowerText(plain(last[1]), unit);
    return enter === null || exit === null ? null : { kind: 'text', enter, exit, unit, conditional: 'no' };
  }

  cleanup(name: string, from: SourceUnit): GuardForms | null {
    const { values, fallback } = this.#options.units.configuration;
    const found = this.#options.units.guard(name, from);
    if (found !== null && /FREE/.test(found.one.macro)) {
      const enter = this.#lowerText(found.one.args[2] ?? '', found.unit);
      if (enter !== null) return { kind: 'text', enter, exit: enter, unit: found.unit, conditional: 'no' };
    }
    const contract = this.#options.contracts.cleanup(name, (symbol) => values.get(symbol) ?? fallback);
    if (contract === null) return null;
    const model = this.#contractModel(contract);
    return { kind: 'contract', enter: model, exit: model, conditional: false };
  }
}

/** The text outside of `({ … })`. */
function withoutBraces(text: string): string {
  let depth = 0;
  let result = '';
  for (const char of text) {
    if (char === '{' || char === '(') depth++;
    else if (char === '}' || char === ')') depth--;
    else if (depth === 0) result += char;
  }
  return result;
}
