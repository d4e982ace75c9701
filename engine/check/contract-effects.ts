/** What a contract does to a path: one state for each outcome that the path allows. */
import type { Expr } from '../c/ir.ts';
import type { Contract, Effect, Given, LockKind, ResultClass, Value } from '../protocol/contract.ts';
import { kindOfField, lockKind } from '../protocol/kinds.ts';
import type { EventSite } from './events.ts';
import { type Fact, NEGATIVE, POSITIVE, UNKNOWN, withClasses, ZERO } from './facts.ts';
import { acquireLock, downgradeLock, type LockContext, releaseLock } from './lock-operations.ts';
import { NO_HISTORY, type PathState, withHistory, withMemory, withStep } from './path-state.ts';
import { applyLifetimes, countReference, endRetaken } from './pointer-lives.ts';
import { rereadAfter } from './reread.ts';
import type { Term } from './terms.ts';
import {
  addressOf,
  assume,
  classesOf,
  containerOf,
  evaluate,
  fieldOf,
  learn,
  operate,
  read,
  store,
  truthOf,
  type ValueContext,
} from './values.ts';

export interface EffectContext extends ValueContext, LockContext {
  /** A new unknown value made at a site; the state forgets what was known of an older one of that name. */
  fresh(state: PathState, site: number, label: string): { readonly term: Term; readonly state: PathState };
  /** A round by which the values that a callee makes now are told from those of earlier calls at the site, which are forgotten. */
  renew(state: PathState, site: number): { readonly round: number; readonly state: PathState };
  /** Told of a value that a function was given which may have written to what it points to, unseen. */
  letWrite(pointer: Term): void;
}

/** One call as the path sees it. */
export interface CallView {
  readonly exprs: readonly Expr[];
  readonly args: readonly Term[];
  readonly site: EventSite;
}

/** A state after the call and the value that it returned there. */
export interface AfterCall {
  readonly state: PathState;
  readonly result: Term;
}

/** The states behind a call of a contract's function, what becomes of pointers included. */
export function applyContract(
  context: EffectContext,
  start: PathState,
  contract: Contract,
  call: CallView,
): readonly AfterCall[] {
  const after = applyOutcomes(context, start, contract, call);
  if (!contract.lifetimes) return after;
  return after.map(({ state, result }) => ({
    state: withLifetimes(context, state, contract, call, result),
    result,
  }));
}

/** What a contract says of pointers; an iterator macro is given the iterator itself, not its address. */
export function withLifetimes(
  context: EffectContext,
  state: PathState,
  contract: Contract,
  call: CallView,
  result: Term,
): PathState {
  const resolve = (ref: string): Term | null => {
    const place = contract.what === 'iterator' ? /^arg(\d+)$/.exec(ref) : null;
    const expr = place ? call.exprs[Number(place[1])] : undefined;
    if (expr) return addressOf(context, state, expr);
    const term = resolveLock(context, state, ref, call, result);
    // Nothing lives at NULL or at an error pointer.
    return term === result && !(classesOf(context.table, state, term) & POSITIVE) ? null : term;
  };
  return applyLifetimes(context.table, state, contract, { at: call.site.at, call: call.site.call }, resolve);
}

function applyOutcomes(
  context: EffectContext,
  start: PathState,
  contract: Contract,
  call: CallView,
): readonly AfterCall[] {
  if (contract.noreturn) return [];
  const before = contract.stops ? goesOn(context, start, contract.stops, call) : start;
  if (before === null) return [];
  if (contract.value) {
    const { value } = contract;
    const given = applyValue(context, before, value, contract.name, call);
    // What was followed and comes back is no NULL.
    const isFollowed = value.value === 'argument' && contract.dereferences?.includes(value.index);
    const followed = isFollowed
      ? learn(context.table, given.state, given.result, withClasses(POSITIVE))
      : given.state;
    if (!followed) return [];
    const valued = { ...given, state: followed };
    if (contract.outcomes.length === 0) return [valued];
    return contract.outcomes.flatMap((outcome) => {
      const state = outcome.given
        ? assumeGiven(context, valued.state, outcome.given, call, valued.result)
        : valued.state;
      if (state === null) return [];
      const after = applyEffects(context, state, outcome.effects, call, valued.result);
      return [{ state: after, result: valued.result }];
    });
  }
  const made = context.fresh(before, call.site.at, contract.name);
  if (contract.outcomes.length === 0) {
    const looksUp = contract.lifetimes?.some((one) => one.life === 'protects' && one.pointer === 'result');
    const found = looksUp ? learn(context.table, made.state, made.term, withClasses(ZERO | POSITIVE)) : null;
    return [{ state: found ?? made.state, result: made.term }];
  }
  const after: AfterCall[] = [];
  for (const outcome of contract.outcomes) {
    let state: PathState | null = made.state;
    if (outcome.given) state = assumeGiven(context, state, outcome.given, call, made.term);
    if (state) state = learnResult(context, state, made.term, outcome.when);
    if (!state) continue;
    if (contract.outcomes.length > 1 && outcome.effects.length === 0) {
      const said = typeof outcome.when === 'string' ? RESULT_TEXTS[outcome.when] : undefined;
      if (said)
        state = withStep(state, 'assign', call.site.at, `${call.site.call}() returns ${said}`, {
          end: call.site.end,
        });
    }
    after.push({ state: applyEffects(context, state, outcome.effects, call, made.term), result: made.term });
  }
  return after;
}

/** The state behind a call that does not return where the condition holds, or null where it holds for certain. */
export function goesOn(
  context: EffectContext,
  state: PathState,
  stops: Given,
  call: CallView,
): PathState | null {
  const { operand, is } = stops;
  if (typeof is === 'object' && 'equals' in is) return state;
  const opposite: Given['is'] =
    typeof is === 'object' ? ('bits' in is ? { noBits: is.bits } : { bits: is.noBits }) : OPPOSITES[is];
  return assumeGiven(context, state, [{ operand, is: opposite }], call, context.table.zero);
}

const OPPOSITES = {
  zero: 'nonzero',
  nonzero: 'zero',
  pointer: 'not-pointer',
  'not-pointer': 'pointer',
} as const;

/** The effects at the end of a guard's scope, on the value that its variable holds. */
export function applyGuardExit(
  context: EffectContext,
  state: PathState,
  contract: Contract,
  call: CallView,
): PathState {
  return applyEffects(context, state, contract.exit ?? [], call, call.args[0] ?? context.table.one);
}

export function applyEffects(
  context: EffectContext,
  before: PathState,
  effects: readonly Effect[],
  call: CallView,
  result: Term,
): PathState {
  let state = before;
  for (const effect of effects) state = applyEffect(context, state, effect, call, result);
  const locks = effects.filter((effect) => effect.op === 'acquire' || effect.op === 'release');
  if (locks.length > 1) {
    for (const effect of locks) {
      if (!effect.lock.startsWith('@')) continue;
      state = withHistory(state, context.table.task(effect.lock), { withOthers: true });
    }
  }
  return state;
}

function applyEffect(
  context: EffectContext,
  state: PathState,
  effect: Effect,
  call: CallView,
  result: Term,
): PathState {
  const { site } = call;
  if (effect.op === 'set') return applySet(context, state, effect.target, effect.value, call);
  if (effect.op === 'release-all') {
    const locks = state.locks.filter((held) => held.kind !== effect.kind || held.mode !== effect.mode);
    return locks.length === state.locks.length ? state : { ...state, locks };
  }
  // References are counted, not held by a path.
  if (effect.kind === 'reference') return applyReference(context, state, effect, call, result);
  if (!lockKind(effect.kind).leaks) return state;
  const lock = resolveLock(context, state, effect.lock, call, result);
  if (lock === null) {
    // "Any lock of that kind of the object": give back what is held of the kind, if anything.
    if (effect.op !== 'release') return state;
    const held = state.locks.findLast((one) => one.kind === effect.kind);
    return held
      ? releaseLock(context, state, { lock: held.key, kind: effect.kind, mode: effect.mode, site })
      : state;
  }
  const kind =
    context.table.kind(lock) === 'field' ? kindOfField(context.table.name(lock), effect.kind) : effect.kind;
  switch (effect.op) {
    case 'acquire':
      return acquireLock(context, state, {
        lock,
        kind,
        mode: effect.mode,
        site,
        nested: effect.nested ?? false,
        trylock: effect.trylock ?? false,
      });
    case 'release':
      return releaseLock(context, state, { lock, kind, mode: effect.mode, site });
    case 'downgrade':
      return downgradeLock(context, state, { lock, kind, site });
    case 'retake':
      return retakeLock(context, state, lock, kind, call);
  }
}

function applyReference(
  context: EffectContext,
  state: PathState,
  effect: Exclude<Effect, { op: 'set' | 'release-all' }>,
  call: CallView,
  result: Term,
): PathState {
  const owner = /^(result|arg\d+)(?:\.\w+)*$/.exec(effect.lock)?.[1];
  if (owner === undefined) return state;
  const object = resolveLock(context, state, owner, call, result);
  if (object === null || (owner === 'result' && effect.op === 'acquire')) return state;
  return countReference(context.table, state, object, effect.op === 'acquire' ? 1 : -1, {
    at: call.site.at,
    call: call.site.call,
  });
}

/** Let go and taken again inside the callee: held as before, but what was read under it may have changed. */
function retakeLock(
  context: EffectContext,
  state: PathState,
  lock: Term,
  kind: LockKind,
  call: CallView,
): PathState {
  const name = context.lockName(state, lock, kind);
  const past = state.history.get(lock);
  const dropped = past?.before ? rereadAfter(context, state, lock, past.before) : state;
  const how = `${name} is dropped and taken again`;
  const ended = endRetaken(dropped, lock, kind, { at: call.site.at, how });
  const next = withHistory(ended, lock, { before: past?.before ? dropped.facts : null });
  return withStep(next, 'note', call.site.at, `${name} is dropped and taken again`, {
    inside: call.site.inside,
    end: call.site.end,
    lock,
  });
}

/** The address of the lock that a reference names, or null for `arg0.*`. */
export function resolveLock(
  context: ValueContext,
  state: PathState,
  ref: string,
  call: Pick<CallView, 'args'>,
  result: Term,
): Term | null {
  const { table } = context;
  if (ref.startsWith('@')) return table.task(ref);
  const path = /^(\*?)(arg(\d+)|result)((?:(?:\.|->)[\w*]+)*)$/.exec(ref);
  if (!path) return table.task(`@${ref}`);
  let term = path[2] === 'result' ? result : (call.args[Number(path[3])] ?? table.fresh(-1, 0, ref));
  if (path[1]) term = read(context, state, term);
  for (const [, how, name] of path[4]!.matchAll(/(\.|->)([\w*]+)/g)) {
    if (name === '*') return null;
    term = fieldOf(table, term, name!);
    if (how === '->') term = read(context, state, term);
  }
  return term;
}

function applySet(
  context: EffectContext,
  before: PathState,
  target: string,
  value: Extract<Effect, { op: 'set' }>['value'],
  call: CallView,
): PathState {
  const { table } = context;
  const path = /^(\*?)arg(\d+)$/.exec(target);
  if (!path) return before;
  const index = Number(path[2]);
  const expr = call.exprs[index];
  const address = path[1] ? call.args[index] : expr ? addressOf(context, before, expr) : null;
  if (address === undefined || address === null) return before;
  if (value === 'zero' || value === 'null') return store(before, address, table.zero);
  const made = context.fresh(before, call.site.at + index + 1, target);
  const classes = {
    nonzero: POSITIVE | NEGATIVE,
    pointer: POSITIVE,
    error: NEGATIVE,
    'null-or-pointer': ZERO | POSITIVE,
    unknown: ZERO | POSITIVE | NEGATIVE,
  }[value];
  const state = learn(table, made.state, made.term, withClasses(classes)) ?? made.state;
  return withMemory(state, address, made.term);
}

function applyValue(
  context: EffectContext,
  state: PathState,
  value: Value,
  name: string,
  call: CallView,
): AfterCall {
  const { table } = context;
  const argument = (index: number) => call.args[index] ?? table.fresh(-1, 0, name);
  switch (value.value) {
    case 'argument':
      return { state, result: argument(value.index) };
    case 'test': {
      const tested = argument(value.index);
      if (value.test === 'nonzero') {
        return { state, result: operate(context, state, '!', operate(context, state, '!', tested, -1), -1) };
      }
      const op = value.test === 'error' ? 'is-error' : 'is-null-or-error';
      const truth = truthOf(table, state, table.operation(op, tested));
      return { state, result: truth === null ? table.operation(op, tested) : table.constant(truth ? 1 : 0) };
    }
    case 'error-pointer':
      return { state, result: operate(context, state, 'error-pointer', argument(value.index), -1) };
    case 'error-number':
      return errorNumber(context, state, 'error-number', argument(value.index));
    case 'zero-or-error-number': {
      const classes = classesOf(table, state, argument(value.index));
      if (!(classes & NEGATIVE)) return { state, result: table.zero };
      const op = classes === NEGATIVE ? 'error-number' : 'error-number-or-zero';
      return errorNumber(context, state, op, argument(value.index));
    }
    case 'store': {
      const target = call.exprs[value.target];
      const address = target ? addressOf(context, state, target) : null;
      return { state: store(state, address, argument(value.source)), result: argument(value.source) };
    }
    case 'store-through':
      return {
        state: store(state, argument(value.target), argument(value.source)),
        result: argument(value.source),
      };
    case 'exchange':
    case 'exchange-through': {
      const target = call.exprs[value.target];
      const address =
        value.value === 'exchange-through'
          ? argument(value.target)
          : target
            ? addressOf(context, state, target)
            : null;
      const old = address === null ? table.fresh(-1, 0, name) : read(context, state, address);
      const next = value.source === null ? table.zero : argument(value.source);
      return { state: store(state, address, next), result: old };
    }
    case 'container': {
      const member = call.exprs[value.member];
      return { state, result: containerOf(table, argument(value.pointer), memberName(member)) };
    }
    case 'pure': {
      let term = table.operation(`pure:${name}`, argument(0));
      for (const more of call.args.slice(1)) term = table.operation(`pure:${name}`, term, more);
      if (table.tooDeep(term)) term = table.fresh(-1, term, name);
      const known = value.valid ? learn(table, state, term, withClasses(POSITIVE)) : state;
      return { state: known ?? state, result: term };
    }
    case 'load':
      return { state, result: read(context, state, argument(value.index)) };
    case 'member': {
      let term = argument(value.index);
      for (const name of value.path) term = read(context, state, fieldOf(table, term, name));
      return { state, result: term };
    }
    case 'constant':
      return { state, result: table.constant(value.constant) };
    case 'valid': {
      const made = context.fresh(state, call.site.at, name);
      return {
        state: learn(table, made.state, made.term, withClasses(POSITIVE)) ?? made.state,
        result: made.term,
      };
    }
    case 'guard-error': {
      const guard = read(context, state, argument(value.index));
      const classes = classesOf(table, state, guard);
      if (classes === POSITIVE) return { state, result: table.zero };
      if (!(classes & POSITIVE)) return { state, result: table.operation('neg', table.symbolic('EINTR')) };
      return { state, result: table.operation('neg', operate(context, state, '!', guard, -1)) };
    }
  }
}

/** The error number of a pointer; of an error pointer it is one for certain, whatever it was made of. */
function errorNumber(context: EffectContext, state: PathState, op: string, pointer: Term): AfterCall {
  const result = operate(context, state, op, pointer, -1);
  if (classesOf(context.table, state, pointer) !== NEGATIVE) return { state, result };
  return { state: learn(context.table, state, result, withClasses(NEGATIVE)) ?? state, result };
}

function memberName(expr: Expr | undefined): string {
  if (!expr) return '?';
  if (expr.kind === 'name') return expr.name.replace(/@\d+$/, '');
  if (expr.kind === 'field') return expr.name;
  if (expr.kind === 'type' || expr.kind === 'unknown') return expr.text;
  return '?';
}

/** The state in which the conditions on arguments hold, or null where they cannot. */
export function assumeGiven(
  context: ValueContext,
  before: PathState,
  given: readonly Given[],
  call: Pick<CallView, 'args'>,
  result: Term,
): PathState | null {
  let state: PathState | null = before;
  for (const one of given) {
    if (!state) return null;
    const path = /^(\*?)(arg\d+)((?:(?:\.|->)\w+)*)$/.exec(one.operand);
    if (!path) continue;
    const address = resolveLock(context, state, one.operand, call, result);
    if (address === null) continue;
    // A path that ends in `->field` names the value, as `resolveLock` reads it; `arg2` the argument itself.
    const value = address;
    if (one.is === 'zero') state = assume(context, state, value, false);
    else if (one.is === 'nonzero') state = assume(context, state, value, true);
    else if (one.is === 'pointer') state = learn(context.table, state, value, withClasses(POSITIVE));
    else if (one.is === 'not-pointer')
      state = learn(context.table, state, value, withClasses(ZERO | NEGATIVE));
    else if ('equals' in one.is) {
      const wanted = constantTerm(context, one.is.equals);
      state = assume(context, state, operate(context, state, '==', value, wanted), true);
    } else {
      const flags: PathState = state;
      const isSet = (name: string) => {
        const flag = context.table.symbolic(name);
        const masked = operate(context, flags, '&', value, flag);
        // The flag itself, or the flag among others: what it stands for is not 0.
        return value === flag || masked === flag || truthOf(context.table, flags, masked);
      };
      // A call that means a flag says so: one that is not known to be set is taken for clear.
      const possible =
        'bits' in one.is
          ? one.is.bits.some((name) => isSet(name) === true)
          : one.is.noBits.every((name) => isSet(name) !== true);
      if (!possible) state = null;
    }
  }
  return state;
}

/** A constant written in a contract: `-EAGAIN`, `ERR_PTR(-EAGAIN)`, a name or a number. */
function constantTerm(context: ValueContext, text: string): Term {
  const { table } = context;
  const pointer = /^ERR_PTR\((.+)\)$/.exec(text);
  if (pointer) return table.operation('error-pointer', constantTerm(context, pointer[1]!));
  if (/^-?\d+$/.test(text)) return table.constant(Number(text));
  if (text.startsWith('-')) return table.operation('neg', table.symbolic(text.slice(1)));
  return table.symbolic(text);
}

/** The state in which a result is in a class, or null where it cannot be. */
export function learnResult(
  context: EffectContext,
  state: PathState,
  result: Term,
  when: ResultClass,
): PathState | null {
  const { table } = context;
  if (typeof when === 'string') {
    const fact = RESULT_FACTS[when];
    return fact ? learn(table, state, result, fact) : state;
  }
  if ('bits' in when)
    return learn(table, state, result, {
      ...UNKNOWN,
      classes: POSITIVE | NEGATIVE,
      anyBits: [...when.bits].sort(),
      noBits: [...(when.without ?? [])].sort(),
    });
  if ('noBits' in when) return learn(table, state, result, { ...UNKNOWN, noBits: [...when.noBits].sort() });
  const constant = constantTerm(context, when.equals);
  const classes = classesOf(table, state, constant);
  if (table.kind(constant) === 'operation' && table.name(constant) === 'error-pointer') {
    const next = learn(table, state, result, withClasses(NEGATIVE));
    return (
      next &&
      learn(table, next, table.operation('error-number', result), {
        ...UNKNOWN,
        classes: NEGATIVE,
        equals: table.a(constant),
      })
    );
  }
  return learn(table, state, result, { ...UNKNOWN, classes, equals: constant });
}

const RESULT_TEXTS: Readonly<Record<string, string>> = {
  false: 'false',
  zero: '0',
  negative: 'an error',
  positive: 'a positive value',
  pointer: 'a valid pointer',
  null: 'NULL',
  error: 'an error pointer',
  'null-or-error': 'NULL or an error pointer',
};

const RESULT_FACTS: Readonly<Record<string, Fact | null>> = {
  any: null,
  // A trylock says 1.
  true: withClasses(POSITIVE),
  false: withClasses(ZERO),
  zero: withClasses(ZERO),
  negative: withClasses(NEGATIVE),
  positive: withClasses(POSITIVE),
  pointer: withClasses(POSITIVE),
  null: withClasses(ZERO),
  error: withClasses(NEGATIVE),
  'null-or-error': withClasses(ZERO | NEGATIVE),
};

/** True for a contract that takes or gives back locks, of whatever result. */
export function touchesLocks(contract: Contract): boolean {
  const lockish = (effect: Effect) => effect.op !== 'set' && lockKind(effect.kind).leaks;
  return (
    contract.outcomes.some((outcome) => outcome.effects.some(lockish)) || (contract.exit ?? []).some(lockish)
  );
}

/** True for a contract that takes references or gives them back. */
export function countsReferences(contract: Contract): boolean {
  return contract.outcomes.some((outcome) =>
    outcome.effects.some((effect) => effect.op !== 'set' && effect.kind === 'reference'),
  );
}

/** True for a contract that takes a reference or begins to read under a sequence count. */
export function takesReferences(contract: Contract): boolean {
  const counts = (effect: Effect) =>
    effect.op === 'acquire' && (effect.kind === 'reference' || effect.kind === 'speculation');
  return contract.outcomes.some((outcome) => outcome.effects.some(counts));
}

/** True where this path knows an argument that is followed to be no valid pointer; then it says so, and ends there. */
export function isGivenNothing(
  context: EffectContext,
  state: PathState,
  indexes: readonly number[],
  call: CallView,
): boolean {
  for (const index of indexes) {
    const term = call.args[index];
    if (term === undefined) continue;
    const classes = classesOf(context.table, state, term);
    if (classes !== ZERO && classes !== NEGATIVE) continue;
    context.emit({
      kind: 'bad-lock',
      argument: index,
      expression: call.exprs[index] ?? null,
      term,
      value: classes === ZERO ? 'NULL' : 'an error pointer',
      state,
      site: call.site,
    });
    return true;
  }
  return false;
}

export function argumentsOf(
  context: ValueContext,
  state: PathState,
  exprs: readonly Expr[],
): readonly Term[] {
  return exprs.map((expr) => evaluate(context, state, expr));
}

export function historyOf(state: PathState, lock: Term) {
  return state.history.get(lock) ?? NO_HISTORY;
}
