/**
 * Locks known by name alone. A file often calls `foo_lock(x)` and `foo_unlock(x)` whose bodies are in a header
 * that is not at hand. Where one function calls both, in a form that leaves no doubt which belongs to which, they
 * are taken for what they are called: a lock of `x`. Nothing else is assumed of it (not that it sleeps, nor that
 * it cannot nest), and only that one path of the function gives it back while another does not is ever reported.
 */
import { acquire, always, family, release } from '../protocol/build.ts';
import type { Contract } from '../protocol/contract.ts';
import type { Definition } from './program.ts';

/** Contracts by function name, for calls inside one function. */
export type NamedLocks = ReadonlyMap<string, Contract>;

const NONE: NamedLocks = new Map();
const row = family('the name, and how the function uses it');

/**
 * The pairs that a function uses. `isUnknown` says whether nothing else is known of a name.
 *
 * Two forms count: `foo_lock(x); … foo_unlock(x);`, and `v = foo_lock_such(x); … foo_unlock(x, v);`, where the
 * result says how to unlock. A name that shares the stem (`foo_trylock`) makes the pair unsure, and so does a
 * result that is looked at.
 */
export function namedLocks({ unit, fn }: Definition, isUnknown: (name: string) => boolean): NamedLocks {
  const releases = fn.calls.filter((name) => /unlock(?!ed)/.test(name) && isUnknown(name));
  if (releases.length === 0) return NONE;
  const locks = new Map<string, Contract>();
  const text = unit.text.slice(fn.bodyAt, fn.end).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ' ');
  for (const giver of releases) {
    const at = giver.lastIndexOf('unlock');
    const taken = giver.slice(0, at) + giver.slice(at + 2);
    const stem = giver.slice(0, at);
    const related = fn.calls.filter((name) => name !== giver && name.startsWith(stem) && /lock/.test(name));
    if (related.length !== 1 || !isUnknown(related[0]!)) continue;
    const taker = related[0]!;
    if (taker !== taken && !taker.startsWith(`${taken}_`)) continue;
    const takes = callsOf(text, taker);
    const gives = callsOf(text, giver);
    if (!fitPlain(takes, gives, taker === taken) && !fitWithCookie(takes, gives)) continue;
    const ref = takes[0]!.args.length === 0 ? `@${taken}` : `arg0.${taken}`;
    locks.set(taker, row.fn(taker, always(acquire(ref, 'named'))));
    locks.set(giver, row.fn(giver, always(release(ref, 'named'))));
  }
  return locks;
}

interface CallText {
  readonly args: readonly string[];
  /** What the result is put into, '' where it is dropped, null where it is used in some other way. */
  readonly result: string | null;
}

/** The calls of a function in a text, as they are written. Nested parentheses end the reading of a call: it then fits nothing. */
function callsOf(text: string, name: string): readonly CallText[] {
  const found: CallText[] = [];
  for (const match of text.matchAll(
    new RegExp(`([;{}:)]|\\belse|\\b(\\w+)\\s*=)?\\s*\\b${name}\\s*\\(([^()]*)\\)\\s*(;?)`, 'g'),
  )) {
    const [, before, result, args, end] = match;
    const list = args!.trim() === '' ? [] : args!.split(',').map((one) => one.trim());
    const plain = before !== undefined && end === ';';
    found.push({ args: list, result: plain ? (result ?? '') : null });
  }
  return found;
}

/** One argument or none, no result, and nothing given back that was not taken by that name. */
function fitPlain(takes: readonly CallText[], gives: readonly CallText[], exact: boolean): boolean {
  if (!exact || takes.length === 0 || gives.length === 0) return false;
  const objects = new Set(takes.map((one) => one.args.join()));
  return (
    [...takes, ...gives].every((one) => one.result === '' && one.args.length <= 1) &&
    gives.every((one) => objects.has(one.args.join()))
  );
}

/** The result of each take is what each release is told beside the object. */
function fitWithCookie(takes: readonly CallText[], gives: readonly CallText[]): boolean {
  if (takes.length === 0 || gives.length === 0) return false;
  const wanted = new Set(takes.map((one) => `${one.args.join()},${one.result}`));
  return (
    takes.every((one) => !!one.result && one.args.length === 1) &&
    gives.every((one) => one.result === '' && one.args.length === 2 && wanted.has(one.args.join()))
  );
}
