/** Reading a command's arguments: Node's `parseArgs`, with messages for people. */
import { parseArgs } from 'node:util';
import type { Tristate } from '../../engine/c/condition.ts';
import { UserError } from './host.ts';

export interface OptionSpec {
  /** `flag` takes no argument; `value` takes one; `list` one each time it is given. */
  readonly takes: 'flag' | 'value' | 'list';
  /** One letter. */
  readonly short?: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

export interface Arguments {
  readonly command: string;
  readonly positionals: readonly string[];
  /** True where the flag was given. */
  flag(name: string): boolean;
  /** The last value given, or null. */
  value(name: string): string | null;
  /** Every value given, in order. */
  list(name: string): readonly string[];
}

/**
 * @param command for messages.
 * @throws UserError at an unknown option, one without its argument, or a flag with one.
 */
export function readArguments(command: string, argv: readonly string[], specs: OptionSpecs): Arguments {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      {
        type: spec.takes === 'flag' ? ('boolean' as const) : ('string' as const),
        ...(spec.short === undefined ? {} : { short: spec.short }),
      },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const positionals: string[] = [];
  const given = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
    if (spec === undefined) {
      throw new UserError(
        `unknown option '${token.rawName}'`,
        suggestion(token.rawName, optionNames(specs)) ?? `see 'lock-review ${command} --help'`,
      );
    }
    const list = given.get(token.name) ?? [];
    given.set(token.name, list);
    if (spec.takes === 'flag') {
      if (token.inlineValue === true) throw new UserError(`option '${token.rawName}' takes no argument`);
      list.push('');
    } else {
      const { value } = token;
      // `--output --all` is a forgotten argument; `--output=--all` says that it is meant.
      if (value === undefined || (token.inlineValue === false && value.startsWith('-') && value !== '-')) {
        throw new UserError(`option '${token.rawName}' needs an argument`);
      }
      list.push(value);
    }
  }
  return {
    command,
    positionals,
    flag: (name) => given.has(name),
    value: (name) => given.get(name)?.at(-1) ?? null,
    list: (name) => given.get(name) ?? [],
  };
}

function optionNames(specs: OptionSpecs): string[] {
  return Object.keys(specs).map((name) => `--${name}`);
}

/** `did you mean '--format'?`, where one of the names is close to what was written; else null. */
export function suggestion(written: string, names: readonly string[]): string | null {
  let best: string | null = null;
  let least = Math.max(2, Math.floor(written.length / 3)) + 1;
  for (const name of names) {
    const distance = editDistance(written.slice(0, 64), name);
    if (distance < least) {
      best = name;
      least = distance;
    }
  }
  return best === null ? null : `did you mean '${best}'?`;
}

/** Levenshtein's distance; both texts are short. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let at = 1; at <= left.length; at++) {
    const next = [at];
    for (let to = 1; to <= right.length; to++) {
      const change = row[to - 1]! + (left[at - 1] === right[to - 1] ? 0 : 1);
      next.push(Math.min(change, row[to]! + 1, next[to - 1]! + 1));
    }
    row = next;
  }
  return row[right.length]!;
}

/** The value of an option that knows a few words. @throws UserError at another. */
export function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  if ((allowed as readonly string[]).includes(value)) return value as T;
  const expected = allowed.join(', ');
  throw new UserError(`option '${option}': '${value}' is not one of ${expected}`, suggestion(value, allowed));
}

/** `I/N` of `--shard`: part I, from 1, of N. @throws UserError */
export function readShard(value: string): { readonly index: number; readonly count: number } {
  const match = /^(\d{1,6})\/(\d{1,6})$/.exec(value);
  const part = Number(match?.[1]);
  const count = Number(match?.[2]);
  if (match === null || part < 1 || part > count) {
    throw new UserError(`option '--shard': '${value}' is not I/N with 1 <= I <= N, as 2/8`);
  }
  return { index: part - 1, count };
}

/** `NAME=VALUE`. @throws UserError where there is no `=` or no name. */
export function readPair(option: string, value: string, form: string): [string, string] {
  const at = value.indexOf('=');
  if (at <= 0) throw new UserError(`option '${option}': '${value}' is not of the form ${form}`);
  return [value.slice(0, at), value.slice(at + 1)];
}

/** `NAME=y|m|n` of `--config`, the name with or without its `CONFIG_`. @throws UserError */
export function readSymbol(value: string): [string, Tristate] {
  const [name, state] = readPair('--config', value, 'NAME=y|m|n');
  const symbol = name.startsWith('CONFIG_') ? name : `CONFIG_${name}`;
  if (!/^CONFIG_\w+$/.test(symbol)) {
    throw new UserError(`option '--config': '${name}' is not the name of a configuration symbol`);
  }
  return [symbol, oneOf('--config', state, ['y', 'm', 'n'] as const)];
}
