/** A lock contract in words, for `lock-review contracts`. */
import type { Contract, Effect, Given, Lifetime, Need, ResultClass } from '../../engine/protocol/contract.ts';

/** A contract on one line: `takes arg0.mmap_lock R; may sleep`. Each effect is named once. */
export function contractSummary(contract: Contract): string {
  const parts: string[] = contract.what === 'function' ? [] : [contract.what];
  if (contract.config !== undefined) parts.push(configText(contract.config));
  const effects = [...contract.outcomes.flatMap((outcome) => outcome.effects), ...(contract.exit ?? [])];
  parts.push(...new Set(effects.map(effectText)));
  parts.push(...new Set((contract.needs ?? []).map(needText)));
  if (contract.sleeps === 'yes') parts.push('may sleep');
  if (contract.faults === true) parts.push('may fault');
  if (contract.noreturn === true) parts.push('does not return');
  return parts.length === 0 ? 'no effect on locks' : parts.join('; ');
}

/** A contract in full, ending in a line feed. */
export function describeContract(contract: Contract): string {
  const lines = [`${contract.name} (${contract.what})`];
  const releases = releasesText(contract);
  if (releases !== null) lines.push(`  holds in ${releases}`);
  if (contract.config !== undefined) lines.push(`  holds with ${configText(contract.config)}`);
  for (const need of contract.needs ?? []) {
    lines.push(`  ${needText(need)}${givenText(need.given)}: ${need.because}`);
  }
  for (const index of contract.dereferences ?? []) lines.push(`  argument ${index} must be a valid pointer`);
  for (const outcome of contract.outcomes) {
    const effects = outcome.effects.map(effectText).join('; ');
    const when = `${classText(outcome.when)}${givenText(outcome.given)}`;
    lines.push(`  ${when}: ${effects === '' ? 'no effect on locks' : effects}`);
  }
  if (contract.exit !== undefined) {
    lines.push(`  at the end of the scope: ${contract.exit.map(effectText).join('; ')}`);
  }
  for (const lifetime of contract.lifetimes ?? []) lines.push(`  ${lifetimeText(lifetime)}`);
  if (contract.sleeps === 'yes') lines.push('  may sleep');
  else if (contract.sleeps === 'no') lines.push('  does not sleep');
  else if (contract.sleeps !== undefined) {
    lines.push(`  may sleep unless argument ${contract.sleeps.gfp} forbids it (GFP_ATOMIC, GFP_NOWAIT)`);
  }
  if (contract.faults === true)
    lines.push("  touches user memory, and may take the current task's mmap_lock");
  if (contract.mustCheck === true) lines.push('  its result must be looked at');
  if (contract.assertion === true) lines.push('  asserts its needs at run time');
  if (contract.noreturn === true) lines.push('  does not return');
  if (contract.stops !== undefined) lines.push(`  does not return if ${operandText(contract.stops)}`);
  lines.push(`  source: ${contract.source}`);
  return `${lines.join('\n')}\n`;
}

function releasesText(contract: Contract): string | null {
  const { from, until } = contract;
  if (from !== undefined && until !== undefined) return `releases from ${from} to before ${until}`;
  if (from !== undefined) return `releases from ${from} on`;
  return until === undefined ? null : `releases before ${until}`;
}

function configText(config: Readonly<Record<string, 'y' | 'n'>>): string {
  return Object.entries(config)
    .map(([symbol, value]) => `${symbol}=${value}`)
    .join(', ');
}

const CLASSES: Readonly<Record<Extract<ResultClass, string>, string>> = {
  any: 'always',
  true: 'if it returns true',
  false: 'if it returns false',
  zero: 'if it returns 0',
  negative: 'if it returns an error number',
  positive: 'if it returns a positive number',
  pointer: 'if it returns a valid pointer',
  null: 'if it returns NULL',
  error: 'if it returns an error pointer',
  'null-or-error': 'if it returns NULL or an error pointer',
  'null-or-pointer': 'if it returns NULL or a valid pointer',
};

function classText(when: ResultClass): string {
  if (typeof when === 'string') return CLASSES[when];
  if ('equals' in when) return `if it returns ${when.equals}`;
  if ('bits' in when) return `if its result has ${when.bits.join(' or ')}`;
  return `if its result has none of ${when.noBits.join(', ')}`;
}

function givenText(given: readonly Given[] | undefined): string {
  return (given ?? []).map((one) => ` and ${operandText(one)}`).join('');
}

function operandText({ operand, is }: Given): string {
  if (is === 'zero') return `${operand} is 0`;
  if (is === 'nonzero') return `${operand} is not 0`;
  if (is === 'pointer') return `${operand} is a valid pointer`;
  if (is === 'not-pointer') return `${operand} is NULL or an error pointer`;
  if ('equals' in is) return `${operand} is ${is.equals}`;
  if ('bits' in is) return `${operand} has ${is.bits.join(' or ')}`;
  return `${operand} has none of ${is.noBits.join(', ')}`;
}

function effectText(effect: Effect): string {
  switch (effect.op) {
    case 'acquire':
      return `takes ${effect.lock} ${effect.mode}`;
    case 'release':
      return `releases ${effect.lock}${effect.mode === 'any' ? '' : ` ${effect.mode}`}`;
    case 'downgrade':
      return `downgrades ${effect.lock}`;
    case 'release-all':
      return `releases every ${effect.kind} lock ${effect.mode} of ${effect.of}`;
    case 'retake':
      return `drops and retakes ${effect.lock}`;
    case 'set':
      return `sets ${effect.target} (${effect.value})`;
  }
}

function needText(need: Need): string {
  switch (need.need) {
    case 'held':
      return `needs ${need.lock} ${need.modes.join('/')}`;
    case 'one-of':
      return `needs ${need.options.map((one) => `${one.lock} ${one.modes.join('/')}`).join(' or ')}`;
    case 'not-held':
      return `must not hold ${need.lock} ${need.modes.join('/')}`;
  }
}

function lifetimeText(lifetime: Lifetime): string {
  if (lifetime.life === 'ends') return `${lifetime.pointer} must not be used afterwards: ${lifetime.because}`;
  const locks = lifetime.by.map((one) => one.lock).join(' or ');
  return `${lifetime.pointer} is valid only while ${locks} is held`;
}
