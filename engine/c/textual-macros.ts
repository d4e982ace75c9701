/**
 * Macros that the lowering puts in as their text, a call of which is no call: those that leave the function which
 * calls them, `#define CHECK(x) do { if (!(x)) return -EINVAL; } while (0)`, and those that name a place,
 * `#define state_of(m) ((struct state *)(m)->private)`, so that what lies there has one name however it is reached.
 */
import type { Condition, Configuration } from './condition.ts';
import { evaluate } from './conditions.ts';
import type { SourceUnit } from './unit.ts';

export interface TextualMacro {
  readonly params: readonly string[];
  readonly body: string;
}

interface Candidate extends TextualMacro {
  readonly name: string;
  readonly presence: Condition;
}

/** Longer macros are left as calls. */
const MAX_BODY = 4_000;
/** Nor may an expansion be longer than this. */
const MAX_EXPANSION = 20_000;

/** Those of include/linux/cleanup.h, which are part of the language that kernel C is. */
const EVERYWHERE: ReadonlyMap<string, TextualMacro> = new Map([
  ['return_ptr', { params: ['p'], body: 'return no_free_ptr(p)' }],
]);

const CANDIDATES = new WeakMap<SourceUnit, readonly Candidate[]>();

/** The macros by name that a file has under a configuration and that contain `return` or `goto`, or name a place. */
export function textualMacros(
  unit: SourceUnit,
  configuration: Configuration,
): ReadonlyMap<string, TextualMacro> {
  let candidates = CANDIDATES.get(unit);
  if (candidates === undefined) {
    candidates = unit.macros.flatMap((macro): readonly Candidate[] => {
      const { name, params, body, presence } = macro;
      if (params === null || body.length > MAX_BODY) return [];
      if (!/\b(?:return|goto)\b/.test(body) && !isPlace(body)) return [];
      // Pasted and quoted words are beyond what is substituted here.
      return body.includes('#') ? [] : [{ name, params, body, presence }];
    });
    CANDIDATES.set(unit, candidates);
  }
  if (candidates.length === 0) return EVERYWHERE;
  return new Map([
    ...EVERYWHERE,
    ...candidates
      .filter((one) => evaluate(one.presence, configuration))
      .map((one): readonly [string, TextualMacro] => [one.name, one]),
  ]);
}

/** Places are short. */
const MAX_PLACE = 200;

/** True for an expression of casts, members, elements and addresses alone: nothing is called or written. */
function isPlace(body: string): boolean {
  if (body.length > MAX_PLACE || !/->|\.[A-Za-z_]|\[/.test(body)) return false;
  return !/[;{}?=!+%^|~"'<]|\w\s*\(|(?<!-)>|--|&&/.test(body);
}

/** The text that a call stands for; null if the arguments do not fit or it would become too long. */
export function expandMacro(macro: TextualMacro, args: readonly string[]): string | null {
  const { params, body } = macro;
  const last = params[params.length - 1];
  const isVariadic = last?.endsWith('...') ?? false;
  const values = new Map<string, string>();
  params.forEach((param, index) => {
    if (index === params.length - 1 && isVariadic) {
      const name = param === '...' ? '__VA_ARGS__' : param.slice(0, -'...'.length).trim();
      values.set(name, args.slice(index).join(', '));
    } else values.set(param, args[index] ?? '');
  });
  if (isVariadic ? args.length < params.length - 1 : args.length !== params.length) return null;
  let length = body.length;
  const text = body.replaceAll(/[A-Za-z_]\w*/g, (word) => {
    const value = values.get(word);
    if (value === undefined) return word;
    length += value.length;
    return length > MAX_EXPANSION ? '' : value;
  });
  return length > MAX_EXPANSION ? null : text;
}
