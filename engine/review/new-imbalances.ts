/**
 * What a function does to a lock since the series and did not do before: it keeps one that it gave back, or gives back
 * one that it left alone. In code at rest that may well be meant. As a change it is wrong, unless the series also has
 * somebody who makes up for it, for the callers that it does not touch were right before.
 */
import {
  type Definition,
  does,
  type Finding,
  type Program,
  type Suspicion,
  settledBy,
  type Walked,
} from '../check/index.ts';
import type { ImageSet } from '../source/index.ts';
import { isTouched } from './contract-changed.ts';
import { counterpart } from './lock-effect.ts';
import type { OpenedInput } from './open-input.ts';
import type { Scope } from './targets.ts';

/** Callers of callers are asked this far up. */
const MAX_CALLERS = 3;

/** What is known of one image: what is wrong in it, and what only counts if the other one does not have it. */
export interface Known {
  readonly findings: readonly Finding[];
  readonly suspicions: readonly Suspicion[];
}

/**
 * @param introduced what is reported of the code after the series in any case: of a lock that it speaks of, no more is
 * said.
 */
export function newImbalances(
  { after, before, scope, images }: Pick<OpenedInput, 'after' | 'before' | 'scope' | 'images'>,
  post: Known,
  pre: Known,
  introduced: readonly Finding[],
): readonly Finding[] {
  const found: Finding[] = [];
  for (const suspicion of post.suspicions) {
    const { finding, definition, configuration } = suspicion;
    const was = counterpart(scope.before, definition);
    if (!was || definition.fn.truncated || !isTouched(images, definition)) continue;
    if ([...introduced, ...pre.findings, ...found].some((one) => isOfSameLock(one, finding))) continue;
    const earlier = pre.suspicions.filter((one) => isOfSameLock(one.finding, finding));
    if (earlier.some((one) => one.what === suspicion.what && (one.results & suspicion.results) !== 0))
      continue;
    const old = before.walk(was, configuration);
    if (!old.complete || mayHappenUnseen(after.walk(definition, configuration), old)) continue;
    const callers = callersOf(after, definition);
    const names = new Set([definition.fn.name, ...callers.map(({ fn }) => fn.name)]);
    const settles = (caller: Definition) =>
      // Who settles what the function did before does not settle what it does now beside that.
      (earlier.length === 0 || isTouched(images, caller)) &&
      settledBy(after, caller, configuration, names, suspicion.what, suspicion.sort) === 'settled';
    if (callers.some(settles)) continue;
    if (!hasNewPartner(after, before, scope, images, suspicion)) found.push(finding);
  }
  return found;
}

function isOfSameLock(left: Finding, right: Finding): boolean {
  return left.file === right.file && left.function === right.function && left.lock === right.lock;
}

/** What a function that nothing is known of may do to a lock, by its name. */
const ENDS_SOMETHING =
  /lock|put|release|end|exit|done|finish|leave|drop|free|stop|complete|commit|abort|close/;

/** True where the new text calls a function out of view, and the old one did not, that may be the other half. */
function mayHappenUnseen(now: Walked, old: Walked): boolean {
  return now.unknown.some((name) => !old.unknown.includes(name) && ENDS_SOMETHING.test(name));
}

/** True where another function that the series changes does the opposite since then. */
function hasNewPartner(
  after: Program,
  before: Program,
  scope: Scope,
  images: ImageSet,
  { definition, configuration, what, sort }: Suspicion,
): boolean {
  const opposite = what === 'keeps' ? 'gives' : 'takes';
  return scope.after.some((other) => {
    if (other.fn === definition.fn || !isTouched(images, other)) return false;
    if (!does(after, other, configuration, opposite, sort)) return false;
    const was = counterpart(scope.before, other);
    return !was || !does(before, was, configuration, opposite, sort);
  });
}

/** Who calls the function in view, and who calls those, a few calls up. */
function callersOf(program: Program, root: Definition): readonly Definition[] {
  const found = new Map<Definition['fn'], Definition>();
  const own = root.fn.isStatic && !root.unit.path.endsWith('.h') ? [root.unit] : program.units();
  let names = new Set([root.fn.name]);
  for (let round = 0; round < MAX_CALLERS && names.size > 0; round++) {
    const next = new Set<string>();
    for (const unit of own) {
      for (const fn of unit.functions) {
        if (fn === root.fn || found.has(fn) || !fn.calls.some((name) => names.has(name))) continue;
        found.set(fn, { unit, fn });
        next.add(fn.name);
      }
    }
    names = next;
  }
  return [...found.values()].filter((one) => program.isRelevant(one));
}
