/** What keeps the table honest: mistakes that a row can have and a reader would not see. */
import type { Contract, Effect, LockKind, LockRef, Outcome, ResultClass } from './contract.ts';
import { lockKind, outlivesFunction } from './kinds.ts';
import { type LockPath, parseLockRef } from './lock-ref.ts';
import { compareReleases } from './profile.ts';
import { CONTRACTS } from './tables.ts';

const IDENTIFIER = /^[A-Za-z_]\w*$/;
/** No kernel function that takes a lock has more parameters. */
const MOST_ARGUMENTS = 12;

/**
 * The mistakes in a table, one sentence each, with the row's name in front; empty for an honest table. In the
 * order of the rows, then of the rules.
 */
export function lintContracts(contracts: readonly Contract[] = CONTRACTS): string[] {
  const problems: string[] = [];
  const releases = releasedShapes(contracts);
  for (const row of contracts) {
    const say = (text: string) => problems.push(`${row.name}: ${text}`);
    checkRow(row, say);
    checkReleasers(row, releases, say);
  }
  checkOverlaps(contracts, problems);
  return problems;
}

type Say = (text: string) => void;

function checkRow(row: Contract, say: Say): void {
  if (!IDENTIFIER.test(row.name)) say('the name is not an identifier');
  if (row.source.trim() === '') say('there is no source');
  if (row.from !== undefined && row.until !== undefined && compareReleases(row.from, row.until) >= 0) {
    say(`it ends (${row.until}) before it begins (${row.from})`);
  }
  for (const ref of refsOf(row)) if (parseLockRef(ref) === null) say(`"${ref}" is not a lock reference`);
  for (const index of argumentsOf(row)) {
    if (!Number.isInteger(index) || index < 0 || index >= MOST_ARGUMENTS)
      say(`there is no argument ${index}`);
  }
  for (const outcome of row.outcomes) checkOutcome(row, outcome.effects, say);
  checkOutcome(row, row.exit ?? [], say);
  checkCoverage(row, say);
  checkNeeds(row, say);
  if (row.assertion && row.outcomes.some((outcome) => outcome.effects.length > 0))
    say('an assertion has an effect');
  if (row.noreturn && (row.outcomes.length > 0 || row.value)) say('it does not return, but has a result');
  if (row.mustCheck && row.outcomes.length === 1 && row.outcomes[0]!.when === 'any') {
    say('its result must be looked at, but says nothing');
  }
  if (row.what === 'guard') checkGuard(row, say);
  else if (row.exit !== undefined) say('only a guard has an exit');
  if (row.what === 'iterator') {
    if ((row.assigns ?? []).length === 0) say('an iterator assigns no argument');
    if (row.inside !== undefined && row.inside.length !== row.assigns?.length) {
      say('`inside` does not match `assigns`');
    }
  } else if (row.assigns !== undefined) say('only an iterator assigns arguments');
}

/** One result cannot both take and release a lock, nor do either twice; and modes are ones that the kind has. */
function checkOutcome(row: Contract, effects: readonly Effect[], say: Say): void {
  const seen = new Map<string, string>();
  for (const effect of effects) {
    if (effect.op === 'set') {
      // From here on the target is another object.
      for (const key of seen.keys()) if (key.split(' ')[1]!.startsWith(effect.target)) seen.delete(key);
      continue;
    }
    const ref = effect.op === 'release-all' ? `${effect.of}.*` : effect.lock;
    const key = `${lockKind(effect.kind).family} ${ref}`;
    const before = seen.get(key);
    if (before !== undefined) say(`one result has both ${before} and ${effect.op} of ${ref}`);
    seen.set(key, effect.op);
    const mode =
      effect.op === 'acquire' || effect.op === 'release' || effect.op === 'release-all' ? effect.mode : null;
    if (mode !== null && mode !== 'any' && !lockKind(effect.kind).modes.includes(mode)) {
      say(`a ${lockKind(effect.kind).title} has no mode ${mode}`);
    }
    if (
      effect.op === 'acquire' &&
      row.sleeps === 'no' &&
      lockKind(effect.kind).sleeps &&
      needsToSleep(row, effect)
    ) {
      say(`it takes a ${lockKind(effect.kind).title} without trylock, but never sleeps`);
    }
  }
}

/** Locks that are taken without waiting are marked, or nested in one that a device's helper chose. */
function needsToSleep(row: Contract, effect: Extract<Effect, { op: 'acquire' }>): boolean {
  return (
    !effect.trylock &&
    !effect.nested &&
    !row.mustCheck &&
    parseLockRef(effect.lock)?.fields.at(-1)?.name !== 'self_group'
  );
}

function checkNeeds(row: Contract, say: Say): void {
  for (const need of row.needs ?? []) {
    if (need.because.trim() === '') say('a need has no reason');
    const options = need.need === 'one-of' ? need.options : [need];
    if (need.need === 'one-of' && options.length < 2) say('a choice of needs has one option only');
    for (const option of options) {
      if (option.modes.length === 0) say(`a need of ${option.lock} allows no mode`);
      for (const mode of option.modes) {
        if (!lockKind(option.kind).modes.includes(mode))
          say(`a ${lockKind(option.kind).title} has no mode ${mode}`);
      }
    }
  }
}

/** Each class of result, as the sets of value classes that it covers. Flags are said separately. */
const COVERS: Readonly<Record<string, readonly string[]>> = {
  any: ['zero', 'negative', 'positive'],
  true: ['negative', 'positive'],
  false: ['zero'],
  zero: ['zero'],
  negative: ['negative'],
  positive: ['positive'],
  pointer: ['positive'],
  null: ['zero'],
  error: ['negative'],
  'null-or-error': ['zero', 'negative'],
  'null-or-pointer': ['zero', 'positive'],
};

/** A result that no outcome allows would make the path vanish. */
function checkCoverage(row: Contract, say: Say): void {
  if (row.outcomes.length === 0 || row.what === 'cleanup') return;
  const flags = row.outcomes.filter((outcome) => typeof outcome.when !== 'string');
  if (flags.length > 0) {
    const whole = row.outcomes.some(
      (outcome) =>
        outcome.when === 'any' ||
        outcome.when === 'zero' ||
        (isObject(outcome.when) && 'noBits' in outcome.when),
    );
    if (!whole) say('no outcome is for a result without the flags');
    return;
  }
  const covered = new Set(row.outcomes.flatMap((outcome) => COVERS[outcome.when as string] ?? []));
  // Functions that return 0 or an error, or 0 or 1, have no third class.
  if (!covered.has('zero') && !covered.has('negative')) say('no outcome is for the result of a failure');
  if (!covered.has('zero') && !covered.has('positive')) say('no outcome is for the result of a success');
  for (const outcome of row.outcomes) {
    if (outcome.given !== undefined && outcome.given.length === 0) say('an empty condition');
  }
}

function isObject(when: ResultClass): when is Exclude<ResultClass, string> {
  return typeof when !== 'string';
}

/** A guard gives back at the end what it took, all of it and nothing else. */
function checkGuard(row: Contract, say: Say): void {
  const taken = row.outcomes.flatMap((outcome) => takenBy(outcome));
  const given = (row.exit ?? []).flatMap((effect) =>
    effect.op === 'release' ? [`${lockKind(effect.kind).family} ${effect.lock}`] : [],
  );
  for (const lock of taken)
    if (!given.includes(lock)) say(`the guard takes ${lock} and does not give it back`);
  for (const lock of given)
    if (!taken.includes(lock)) say(`the guard gives back ${lock}, which it did not take`);
  const classes = row.outcomes.map((outcome) => outcome.when);
  if (classes.includes('pointer') !== classes.includes('null'))
    say('a conditional guard has the classes pointer and null');
}

function takenBy(outcome: Outcome): string[] {
  return outcome.effects.flatMap((effect) =>
    effect.op === 'acquire' ? [`${lockKind(effect.kind).family} ${effect.lock}`] : [],
  );
}

/** How a release can be recognised as that of a lock taken elsewhere: the family, and the last field or the global. */
function shapeOf(kind: LockKind, ref: LockRef): string {
  const path = parseLockRef(ref);
  const field = path?.fields.at(-1)?.name ?? '';
  const global = path?.base.root === 'global' ? `@${path.base.name}` : '';
  return `${lockKind(kind).family} ${global}${field}`;
}

function releasedShapes(contracts: readonly Contract[]): ReadonlySet<string> {
  const shapes = new Set<string>();
  for (const row of contracts) {
    if (row.what === 'guard') continue;
    for (const effect of row.outcomes.flatMap((outcome) => outcome.effects)) {
      if (effect.op === 'release') shapes.add(shapeOf(effect.kind, effect.lock));
    }
  }
  return shapes;
}

function checkReleasers(row: Contract, releases: ReadonlySet<string>, say: Say): void {
  if (row.what === 'guard') return;
  for (const effect of row.outcomes.flatMap((outcome) => outcome.effects)) {
    if (effect.op !== 'acquire' || outlivesFunction(effect.kind, effect.mode)) continue;
    // A lock at an address that the caller knows is given back by the family's own functions.
    const general = `${lockKind(effect.kind).family} `;
    if (releases.has(shapeOf(effect.kind, effect.lock))) continue;
    if (!effect.lock.startsWith('@') && releases.has(general) && !isVirtual(effect.lock)) continue;
    say(`nothing gives back what it takes: ${effect.lock} (${lockKind(effect.kind).title})`);
  }
}

const isVirtual = (ref: LockRef) => parseLockRef(ref)?.fields.at(-1)?.name === 'vma_lock';

/** Two rows of a name hold for different releases or configurations: else the second would never be seen. */
function checkOverlaps(contracts: readonly Contract[], problems: string[]): void {
  const byName = new Map<string, Contract[]>();
  for (const row of contracts) {
    const key = `${row.what === 'iterator' ? 'function' : row.what} ${row.name}`;
    const rows = byName.get(key) ?? [];
    for (const other of rows) {
      if (releasesMeet(row, other) && configurationsMeet(row, other)) {
        problems.push(`${row.name}: two rows hold at once (${other.source}; ${row.source})`);
      }
    }
    rows.push(row);
    byName.set(key, rows);
  }
}

function releasesMeet(left: Contract, right: Contract): boolean {
  const before = (a: Contract, b: Contract) =>
    a.until !== undefined && b.from !== undefined && compareReleases(a.until, b.from) <= 0;
  return !before(left, right) && !before(right, left);
}

function configurationsMeet(left: Contract, right: Contract): boolean {
  for (const [symbol, value] of Object.entries(left.config ?? {})) {
    const other = right.config?.[symbol];
    if (other !== undefined && other !== value) return false;
  }
  return true;
}

/** Every lock reference in a row. */
export function refsOf(row: Contract): LockRef[] {
  const refs: LockRef[] = [];
  for (const effect of [...row.outcomes.flatMap((outcome) => outcome.effects), ...(row.exit ?? [])]) {
    if (effect.op === 'release-all') refs.push(effect.of);
    else if (effect.op === 'set') refs.push(effect.target);
    else refs.push(effect.lock);
  }
  const givens = [
    ...row.outcomes.flatMap((outcome) => outcome.given ?? []),
    ...(row.stops ? [row.stops] : []),
    ...(row.complains ? [row.complains] : []),
  ];
  for (const need of row.needs ?? []) {
    if (need.need === 'one-of') refs.push(...need.options.map((option) => option.lock));
    else refs.push(need.lock);
    givens.push(...(need.given ?? []));
  }
  refs.push(...givens.map((given) => given.operand));
  for (const life of row.lifetimes ?? []) {
    refs.push(life.pointer);
    if (life.life === 'protects' || life.life === 'iterates') refs.push(...life.by.map((by) => by.lock));
    if (life.life === 'ends') refs.push(...(life.unless ?? []).map((by) => by.lock));
  }
  return refs;
}

/** Every argument index in a row. */
export function argumentsOf(row: Contract): number[] {
  const indexes = [...(row.dereferences ?? []), ...(row.assigns ?? [])];
  if (typeof row.sleeps === 'object') indexes.push(row.sleeps.gfp);
  const value = row.value as Readonly<Record<string, unknown>> | undefined;
  for (const key of ['index', 'target', 'source', 'pointer', 'member']) {
    const index = value?.[key];
    if (typeof index === 'number') indexes.push(index);
  }
  for (const ref of refsOf(row)) {
    const base: LockPath['base'] | undefined = parseLockRef(ref)?.base;
    if (base?.root === 'argument' || base?.root === 'target') indexes.push(base.index);
  }
  return indexes;
}
