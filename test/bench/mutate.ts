/** Breaks one lock operation at a time in the text of a file. */
import type { SourceUnit } from '../../engine/c/index.ts';
import type { Program } from '../../engine/check/index.ts';
import { type Contract, lockKind, outlivesFunction } from '../../engine/protocol/index.ts';

export const MUTANT_KINDS = [
  'drop a release',
  'double a release',
  'return early',
  'swap the mode',
  'sleep under it',
  'take it twice',
] as const;

export interface Mutant {
  readonly kind: (typeof MUTANT_KINDS)[number];
  readonly path: string;
  readonly function: string;
  readonly line: number;
  /** The whole file with the mutation. */
  readonly text: string;
}

/** Every mutant of every function of the unit that both takes and releases a lock by plain statements. */
export function mutantsOf(program: Program, unit: SourceUnit): readonly Mutant[] {
  const mutants: Mutant[] = [];
  for (const fn of unit.functions) {
    const operations = statements(program, unit, fn.bodyAt, fn.end);
    const takes = operations.filter((one) => one.takes);
    const gives = operations.filter((one) => !one.takes);
    if (takes.length === 0 || gives.length === 0) continue;
    const add = (kind: Mutant['kind'], at: number, end: number, text: string) =>
      mutants.push({
        kind,
        path: unit.path,
        function: fn.name,
        line: unit.position(at).line,
        text: unit.text.slice(0, at) + text + unit.text.slice(end),
      });
    const signature = unit.text.slice(fn.at, fn.nameAt);
    const value = /\*\s*$/.test(signature)
      ? ' NULL'
      : /\bvoid\b/.test(signature)
        ? ''
        : /\bbool\b/.test(signature)
          ? ' false'
          : ' -EINVAL';
    for (const one of gives) {
      add('drop a release', one.at, one.end, ';');
      add('double a release', one.end, one.end, ` ${one.text}`);
      const swapped = swapMode(one.text);
      if (swapped !== null) add('swap the mode', one.at, one.end, swapped);
    }
    for (const one of takes) {
      // What is taken last and kept is handed over: a return behind it is no mistake.
      if (gives.some((other) => other.at > one.end && other.family === one.family))
        add('return early', one.end, one.end, ` if (unlikely(need_resched())) return${value};`);
      if (one.atomic) add('sleep under it', one.end, one.end, ' msleep(1);');
      if (!one.nests) add('take it twice', one.end, one.end, ` ${one.text}`);
    }
  }
  return mutants;
}

interface Operation {
  readonly at: number;
  readonly end: number;
  readonly text: string;
  readonly takes: boolean;
  readonly family: string;
  readonly atomic: boolean;
  readonly nests: boolean;
}

/** Lines that are one call of a function which always takes, or always gives back, one lock. */
function statements(program: Program, unit: SourceUnit, from: number, to: number): readonly Operation[] {
  const found: Operation[] = [];
  const pattern = /^[ \t]+((\w+)\([^;{}\n]*\);)[ \t]*$/gm;
  pattern.lastIndex = from;
  for (let match = pattern.exec(unit.text); match && match.index < to; match = pattern.exec(unit.text)) {
    const contract = program.contracts.lookup(match[2]!);
    const effect = contract && onlyEffect(contract);
    if (!effect) continue;
    const at = match.index + match[0].indexOf(match[1]!);
    const kind = lockKind(effect.kind);
    // A statement that is the whole body of an `if` or `else` would change what the mutation means.
    const before = unit.text.slice(0, match.index).trimEnd();
    if (!/[;{}:]$|\*\/$/.test(before)) continue;
    found.push({
      at,
      end: at + match[1]!.length,
      text: match[1]!,
      takes: effect.op === 'acquire',
      family: kind.family,
      atomic: kind.atomic,
      nests: kind.nests !== 'never',
    });
  }
  return found;
}

function onlyEffect(contract: Contract) {
  if (contract.outcomes.length !== 1 || contract.outcomes[0]!.when !== 'any') return null;
  const effects = contract.outcomes[0]!.effects.filter((one) => one.op === 'acquire' || one.op === 'release');
  const [effect] = effects.filter((one) => !outlivesFunction(one.kind, one.mode === 'any' ? 'W' : one.mode));
  return effect && (effect.op === 'acquire' || effect.op === 'release') ? effect : null;
}

function swapMode(text: string): string | null {
  const pairs: readonly (readonly [RegExp, string])[] = [
    [/^up_read\b/, 'up_write'],
    [/^up_write\b/, 'up_read'],
    [/^read_unlock/, 'write_unlock'],
    [/^write_unlock/, 'read_unlock'],
    [/^mmap_read_unlock\b/, 'mmap_write_unlock'],
    [/^mmap_write_unlock\b/, 'mmap_read_unlock'],
  ];
  for (const [pattern, other] of pairs) if (pattern.test(text)) return text.replace(pattern, other);
  return null;
}
