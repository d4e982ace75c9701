/** A contract as text, for `lock-review contracts NAME` and for hovers. */
import type {
  Contract,
  Effect,
  Given,
  LockKind,
  LockRef,
  Mode,
  Need,
  Outcome,
  ResultClass,
  Value,
} from './contract.ts';
import { lockKind } from './kinds.ts';
import { parseLockRef } from './lock-ref.ts';

const MODES: Readonly<Record<Mode, string>> = { R: 'for reading', W: 'for writing', D: 'downgraded' };

/** Plain text, one fact a line, without a trailing newline. */
export function describeContract(contract: Contract): string {
  const lines: string[] = [headOf(contract)];
  const say = (text: string) => lines.push(`  ${text}`);
  if (contract.noreturn) say('does not return');
  if (contract.stops) say(`does not return if ${describeGiven(contract.stops)}`);
  if (contract.complains) say(`complains if ${describeGiven(contract.complains)}`);
  if (contract.sleeps === 'yes') say('may sleep');
  else if (contract.sleeps === 'no') say('does not sleep');
  else if (contract.sleeps) say(`may sleep if argument ${contract.sleeps.gfp + 1} allows it (GFP flags)`);
  if (contract.faults) say('may touch user memory: a fault takes the mmap_lock of the current mm');
  for (const need of contract.needs ?? []) say(describeNeed(need));
  for (const outcome of contract.outcomes) {
    const text = describeOutcome(outcome);
    if (text !== null) say(text);
  }
  if (contract.exit)
    for (const effect of contract.exit) say(`at the end of the scope: ${describeEffect(effect)}`);
  if (contract.dereferences && contract.dereferences.length > 0) {
    say(`follows ${contract.dereferences.map((index) => `argument ${index + 1}`).join(', ')}: not NULL`);
  }
  for (const life of contract.lifetimes ?? []) {
    if (life.life === 'ends') say(`ends the life of ${place(life.pointer)}: ${life.because}`);
    else if (life.life === 'counts') say(`${place(life.pointer)} is kept by the reference that it takes`);
    else if (life.life === 'renews') say(`sets the iterator at ${place(life.pointer)} anew`);
    else {
      const locks = life.by.map((by) => lockName(by.lock, by.kind)).join(', or ');
      if (life.life === 'protects') say(`${place(life.pointer)} is valid under ${locks}`);
      else say(`goes on with the iterator at ${place(life.pointer)}, which stands under ${locks}`);
    }
  }
  if (contract.value) say(describeValue(contract.value));
  if (contract.assigns) {
    say(`assigns ${contract.assigns.map((index) => `argument ${index + 1}`).join(', ')} in each round`);
  }
  if (contract.mustCheck) say('its result must be looked at');
  say(`source: ${contract.source}`);
  return lines.join('\n');
}

function describeValue(value: Value): string {
  switch (value.value) {
    case 'argument':
      return `its result is argument ${value.index + 1}`;
    case 'load':
      return `its result is what argument ${value.index + 1} points to`;
    case 'member':
      return `its result is argument ${value.index + 1}->${value.path.join('->')}`;
    case 'test':
      return `true if argument ${value.index + 1} is ${{ error: 'an error pointer', 'null-or-error': 'NULL or an error pointer', nonzero: 'not 0' }[value.test]}`;
    case 'error-pointer':
      return `an error pointer made of argument ${value.index + 1}`;
    case 'error-number':
      return `the error number in argument ${value.index + 1}`;
    case 'zero-or-error-number':
      return `0, or the error number in argument ${value.index + 1}`;
    case 'store':
      return `sets argument ${value.target + 1} to argument ${value.source + 1}`;
    case 'store-through':
      return `sets what argument ${value.target + 1} points to to argument ${value.source + 1}`;
    case 'exchange':
    case 'exchange-through': {
      const target = `${value.value === 'exchange' ? '' : 'what '}argument ${value.target + 1}${value.value === 'exchange' ? '' : ' points to'}`;
      return `its result is the old value of ${target}, which becomes ${value.source === null ? '0' : `argument ${value.source + 1}`}`;
    }
    case 'container':
      return `the object that argument ${value.pointer + 1} is the member of that argument ${value.member + 1} names`;
    case 'pure':
      return 'the same result for the same arguments';
    case 'constant':
      return `its result is ${value.constant}`;
    case 'valid':
      return 'never NULL and never an error pointer';
    case 'guard-error':
      return `0 if the guard in argument ${value.index + 1} took its lock, else negative`;
  }
}

function headOf(contract: Contract): string {
  const name =
    contract.what === 'guard'
      ? `guard(${contract.name})`
      : contract.what === 'cleanup'
        ? `__free(${contract.name})`
        : `${contract.name}()`;
  const when: string[] = [];
  if (contract.from !== undefined && contract.until !== undefined)
    when.push(`${contract.from} up to ${contract.until}`);
  else if (contract.from !== undefined) when.push(`since ${contract.from}`);
  else if (contract.until !== undefined) when.push(`before ${contract.until}`);
  for (const [symbol, value] of Object.entries(contract.config ?? {})) when.push(`${symbol}=${value}`);
  return when.length > 0 ? `${name} [${when.join(', ')}]` : name;
}

function describeOutcome(outcome: Outcome): string | null {
  const given = outcome.given?.map(describeGiven).join(' and ');
  const when = describeResult(outcome.when);
  const head = [when, given === undefined ? '' : `if ${given}`].filter((part) => part !== '').join(' ');
  if (outcome.effects.length === 0) return when === '' ? null : `${head}: no effect on locks`;
  const effects = outcome.effects.map(describeEffect).join('; ');
  return head === '' ? effects : `${head}: ${effects}`;
}

/** When an outcome holds, in words; empty for any result. */
export function describeResult(when: ResultClass): string {
  if (typeof when !== 'string') {
    if ('bits' in when) {
      const without = when.without ? `, without ${when.without.join(' or ')}` : '';
      return `result with ${when.bits.join(' or ')}${without}`;
    }
    if ('noBits' in when) return `result without ${when.noBits.join(' or ')}`;
    return `result ${when.equals}`;
  }
  switch (when) {
    case 'any':
      return '';
    case 'pointer':
      return 'valid pointer';
    case 'null':
      return 'NULL';
    case 'error':
      return 'error pointer';
    case 'null-or-error':
      return 'NULL or error pointer';
    case 'null-or-pointer':
      return 'NULL or valid pointer';
    case 'zero':
      return 'result 0';
    default:
      return `result ${when}`;
  }
}

function describeGiven(given: Given): string {
  const what = place(given.operand);
  const { is } = given;
  if (is === 'zero') return `${what} is 0 or NULL`;
  if (is === 'nonzero') return `${what} is not 0`;
  if (is === 'pointer') return `${what} is a valid pointer`;
  if (is === 'not-pointer') return `${what} is NULL or an error pointer`;
  if ('bits' in is) return `${what} has ${is.bits.join(' or ')}`;
  if ('noBits' in is) return `${what} has no ${is.noBits.join(' or ')}`;
  return `${what} is ${is.equals}`;
}

function describeNeed(need: Need): string {
  const given = need.given ? ` if ${need.given.map(describeGiven).join(' and ')}` : '';
  if (need.need === 'one-of') {
    const options = need.options.map((option) => holding(option.lock, option.kind, option.modes));
    return `needs ${options.join(' or ')}${given}: ${need.because}`;
  }
  const lock = holding(need.lock, need.kind, need.modes);
  return need.need === 'held'
    ? `needs ${lock}${given}: ${need.because}`
    : `must not be called with ${lock}${given}: ${need.because}`;
}

function holding(ref: LockRef, kind: LockKind, modes: readonly Mode[]): string {
  const name = lockName(ref, kind);
  if (lockKind(kind).modes.length === 1) return name;
  if (modes.length === 1 && modes[0] === 'W') return `${name} (write)`;
  if (!modes.includes('W')) return `${name} (read)`;
  return name;
}

/** What is entered and left rather than taken and given back. */
const CONTEXTS: ReadonlyMap<LockKind, readonly [enter: string, leave: string]> = new Map([
  ['rcu', ['enters an RCU read section', 'leaves the RCU read section']],
  ['preempt', ['disables preemption', 'enables preemption']],
  ['irq', ['disables interrupts', 'enables or restores interrupts']],
  ['bh', ['disables bottom halves', 'enables bottom halves']],
  ['migrate', ['disables migration', 'enables migration']],
  ['pagefault', ['disables page faults', 'enables page faults']],
]);

function describeEffect(effect: Effect): string {
  switch (effect.op) {
    case 'acquire': {
      const context = CONTEXTS.get(effect.kind);
      if (context) return context[0];
      const modes = lockKind(effect.kind).modes;
      return `takes ${lockName(effect.lock, effect.kind)}${modes.length > 1 ? ` ${MODES[effect.mode]}` : ''}`;
    }
    case 'release':
      return CONTEXTS.get(effect.kind)?.[1] ?? `releases ${lockName(effect.lock, effect.kind)}`;
    case 'downgrade':
      return `downgrades ${lockName(effect.lock, effect.kind)}`;
    case 'retake':
      return `drops and retakes ${lockName(effect.lock, effect.kind)}`;
    case 'release-all':
      return `ends every ${lockKind(effect.kind).title} held ${MODES[effect.mode]} of ${place(effect.of)}`;
    case 'set':
      return `sets ${place(effect.target)}`;
  }
}

/** Fields that say no more than the title of their lock. */
const PLAIN_FIELDS: ReadonlySet<string> = new Set(['mmap_lock', 'vma_lock', 'i_rwsem', 'sk_lock']);

function lockName(ref: LockRef, kind: LockKind): string {
  const { title } = lockKind(kind);
  const path = parseLockRef(ref);
  if (path === null) return `${title} ${ref}`;
  if (path.base.root === 'global' && path.fields.length === 0) {
    return CONTEXTS.has(kind) ? title : `${title} ${path.base.name}`;
  }
  if (path.base.root === 'any') return `some ${title}`;
  if (path.all) return `any ${title} of ${place(ref.slice(0, -2))}`;
  const last = path.fields.at(-1);
  if (last !== undefined && PLAIN_FIELDS.has(last.name)) {
    return `${title} of ${place(ref.slice(0, -(last.name.length + (last.arrow ? 2 : 1))))}`;
  }
  return `${title} of ${place(ref)}`;
}

/** `arg0->vm_mm.mmap_lock` as `argument 1's vm_mm, mmap_lock`: the numbers of people, from 1. */
function place(ref: LockRef): string {
  const path = parseLockRef(ref);
  if (path === null) return ref;
  const { base } = path;
  const head =
    base.root === 'argument'
      ? `argument ${base.index + 1}`
      : base.root === 'target'
        ? `what argument ${base.index + 1} points to`
        : base.root === 'result'
          ? 'the result'
          : base.root === 'current'
            ? 'the current task'
            : base.root === 'any'
              ? 'any object'
              : base.name;
  const fields = path.fields.map((field) => `${field.arrow ? '->' : '.'}${field.name}`).join('');
  return `${head}${fields}`;
}
