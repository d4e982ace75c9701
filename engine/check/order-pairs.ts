/**
 * In which order a function takes locks, by class: the structure and the field that a lock lives in, or the name of a
 * global lock. Two functions that take a pair of classes in opposite orders can wait for each other for ever.
 */
import type { Configuration, FunctionIR } from '../c/index.ts';
import { lockKind } from '../protocol/kinds.ts';
import type { Held } from '../state/lock-state.ts';
import type { PathEvent } from './events.ts';
import { kindAt, lockNamed } from './lock-needs.ts';
import type { PathState } from './path-state.ts';
import type { Definition, Program } from './program.ts';
import type { Term } from './terms.ts';
import type { FunctionWalk } from './walk.ts';

/** One lock taken, waiting for it, while another is held that the function took. */
export interface OrderPair {
  readonly outer: string;
  readonly inner: string;
  readonly held: Held<Term>;
  readonly taken: Held<Term>;
  readonly event: Extract<PathEvent, { kind: 'call' }>;
  /** Every class that is held then. */
  readonly under: ReadonlySet<string>;
}

const cache = new WeakMap<FunctionWalk, readonly OrderPair[]>();

export function orderPairs(program: Program, walk: FunctionWalk): readonly OrderPair[] {
  let pairs = cache.get(walk);
  if (!pairs) {
    pairs = findPairs(program, walk);
    cache.set(walk, pairs);
  }
  return pairs;
}

function findPairs(program: Program, walk: FunctionWalk): readonly OrderPair[] {
  const found = new Map<string, OrderPair>();
  for (const event of walk.events) {
    if (event.kind !== 'call' || !event.contract) continue;
    const { state } = event;
    if (state.joined || state.broken || state.locks.length === 0) continue;
    for (const { effects } of event.contract.outcomes) {
      for (const effect of effects) {
        if (effect.op !== 'acquire' || effect.trylock || effect.nested) continue;
        const lock = lockNamed(walk, event, effect.lock);
        if (lock === null) continue;
        const taken = {
          key: lock,
          kind: kindAt(walk, lock, effect.kind),
          mode: effect.mode,
          depth: 1,
          site: event.site.at,
        };
        if (!isOrdered(walk, taken)) continue;
        const inner = classOf(program, walk, state, lock);
        if (inner === null) continue;
        const classes = state.locks.map((held) => classOf(program, walk, state, held.key));
        state.locks.forEach((held, at) => {
          const outer = classes[at];
          const past = state.history.get(held.key);
          if (!outer || outer === inner || held.key === lock || !past?.taken || past.doubtful) return;
          if (!isOrdered(walk, held)) return;
          const key = `${outer} ${inner}`;
          if (found.has(key)) return;
          const under = new Set(classes.filter((one) => one !== null));
          found.set(key, { outer, inner, held, taken, event, under });
        });
      }
    }
  }
  return [...found.values()];
}

/** A lock that tasks wait for, one by one; page-table and folio locks have too many objects of one class. */
function isOrdered(walk: FunctionWalk, { key, kind }: Held<Term>): boolean {
  const { level } = lockKind(kind);
  if (level !== 'sleeping' && level !== 'spinning' && level !== 'raw') return false;
  return (
    !['ptl', 'folio', 'vma', 'ww_mutex', 'bit_spinlock', 'semaphore'].includes(kind) && !walk.isUnstable(key)
  );
}

/** `struct foo.lock`, or the name of a global lock; null where the structure cannot be told. */
function classOf(program: Program, walk: FunctionWalk, state: PathState, lock: Term): string | null {
  const { table } = walk;
  const fields: string[] = [];
  let at = lock;
  for (; table.kind(at) === 'field'; at = table.a(at)) fields.unshift(table.name(at));
  if (table.kind(at) === 'global') return [table.name(at), ...fields].join('.');
  if (fields.length === 0) return null;
  const tag = tagOf(program, walk, state, at);
  return tag === null ? null : `struct ${tag}.${fields.join('.')}`;
}

/** The structure that a pointer points to. */
function tagOf(program: Program, walk: FunctionWalk, state: PathState, pointer: Term): string | null {
  const { table, ir } = walk;
  if (table.kind(pointer) === 'param') return structIn(ir.params[table.a(pointer)]?.type);
  if (table.kind(pointer) === 'local') return null;
  for (const [address, value] of state.memory)
    if (value === pointer && table.kind(address) === 'local')
      return structIn(declaredType(ir, table.name(address)));
  if (table.kind(pointer) !== 'load' || table.kind(table.a(pointer)) !== 'field') return null;
  const field = table.a(pointer);
  const owner = tagOf(program, walk, state, table.a(field));
  const type = owner === null ? undefined : program.structOf(owner);
  return structIn(type?.fields.find((one) => one.name === table.name(field))?.type);
}

function declaredType(ir: FunctionIR, name: string): string | undefined {
  return [...ir.locals, ...ir.params].find((one) => one.name === name)?.type;
}

function structIn(type: string | undefined): string | null {
  return /\bstruct\s+(\w+)\s*\*$/.exec(type?.trim() ?? '')?.[1] ?? null;
}

/** Another function of the file that takes the two in the opposite order, with nothing held that keeps them apart. */
export function opposite(
  program: Program,
  { unit, fn }: Definition,
  configuration: Configuration,
  pair: OrderPair,
): { readonly definition: Definition; readonly walk: FunctionWalk; readonly pair: OrderPair } | null {
  const names = [pair.outer, pair.inner].map((one) => one.slice(one.lastIndexOf('.') + 1));
  for (const other of unit.functions) {
    const definition = { unit, fn: other };
    if (other === fn || !program.isRelevant(definition)) continue;
    const text = unit.text.slice(other.bodyAt, other.end);
    if (!names.every((name) => text.includes(name))) continue;
    if (program.resolve(other.name, unit, configuration)?.fn !== other) continue;
    const walk = program.walk(definition, configuration);
    for (const found of orderPairs(program, walk)) {
      if (found.outer !== pair.inner || found.inner !== pair.outer) continue;
      if ([found, pair].every(({ held, taken }) => held.mode === 'R' && taken.mode === 'R')) continue;
      const apart = [...found.under].some(
        (one) => one !== pair.outer && one !== pair.inner && pair.under.has(one),
      );
      if (!apart) return { definition, walk, pair: found };
    }
  }
  return null;
}
