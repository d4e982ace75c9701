/**
 * Whether a call sleeps, or touches user memory: because its contract says so, because the allocation flags that it is given do, or
 * because its body, where it is in view, sleeps on every path. Asked only where a rule needs the answer, so that
 * a body is walked for it only when it is called with a lock held under which nothing may sleep.
 */

import type { Configuration } from '../c/index.ts';
import type { Block, Expr, FunctionIR } from '../c/ir.ts';
import type { Contract } from '../protocol/contract.ts';
import { gfpSleeps } from '../protocol/gfp.ts';
import { lockKind } from '../protocol/kinds.ts';
import { atomicHolds } from '../state/lock-state.ts';
import type { CalleeSite, PathEvent } from './events.ts';
import { successors } from './flow.ts';
import type { PathState } from './path-state.ts';
import type { Definition, Program } from './program.ts';
import type { Term, TermTable } from './terms.ts';
import type { FunctionWalk } from './walk.ts';

export type CallEvent = Extract<PathEvent, { kind: 'call' }>;

/** What is asked of a call. */
export type Question = 'sleeps' | 'faults';

/** How a function sleeps or faults. */
export interface Sleep {
  /** `always`, or the index of the parameter whose allocation flags decide. */
  readonly when: 'always' | number;
  /** The function that does it in the end. */
  readonly primitive: string;
  /** The calls inside bodies in view that lead there, outermost first. */
  readonly chain: readonly CalleeSite[];
}

/** Bodies are followed this deep. */
const MAX_DEPTH = 6;

/** Whether the call of this event sleeps (or faults) for certain, and by what. `definition` is the caller. */
export function sleepOf(
  question: Question,
  program: Program,
  definition: Definition,
  configuration: Configuration,
  walk: FunctionWalk,
  event: CallEvent,
  depth = 0,
): Sleep | null {
  const { contract } = event;
  const primitive = contract?.what === 'function' || !contract ? event.name : event.site.call;
  const when = contract ? sleepByContract(question, walk.table, contract, event.args) : null;
  if (when !== null) return when === 'no' ? null : { when, primitive, chain: [] };
  if (contract && (contract.what !== 'function' || contract.value || contract.noreturn)) return null;
  const callee = program.resolve(event.name, definition.unit, configuration);
  if (!callee || depth >= MAX_DEPTH) return null;
  const body = sleepOfBody(question, program, callee, configuration, depth + 1);
  if (!body || body.when === 'always') return body;
  const decided = flagsSleep(walk.table, event.args[body.when]);
  return decided === 'no' ? null : { ...body, when: decided };
}

/** What the contract says: sleeps, does not, hangs on a parameter of the caller's own; null where it says nothing. */
function sleepByContract(
  question: Question,
  table: TermTable,
  contract: Contract,
  args: readonly Term[],
): Sleep['when'] | 'no' | null {
  if (question === 'faults') return contract.faults ? 'always' : 'no';
  const { sleeps } = contract;
  if (sleeps === undefined) return null;
  if (typeof sleeps === 'string') return sleeps === 'yes' ? 'always' : 'no';
  // An allocation that names no flags has GFP_KERNEL.
  return sleeps.gfp >= args.length ? 'always' : flagsSleep(table, args[sleeps.gfp]);
}

/** What allocation flags say; a number where it is for the caller to say, in that argument. */
function flagsSleep(table: TermTable, flags: Term | undefined): Sleep['when'] | 'no' {
  if (flags === undefined) return 'no';
  const set: string[] = [];
  const cleared: string[] = [];
  const params: number[] = [];
  let unknown = false;
  const collect = (term: Term, into: string[]): void => {
    const kind = table.kind(term);
    const op = kind === 'operation' ? table.name(term) : '';
    if (kind === 'symbolic') into.push(table.name(term));
    else if (kind === 'param' && into === set) params.push(table.a(term));
    else if (op === '|') {
      collect(table.a(term), into);
      collect(table.b(term), into);
    } else if (op === '&' && into === set) {
      const [left, right] = [table.a(term), table.b(term)];
      if (isComplement(table, right)) {
        collect(left, set);
        collect(table.a(right), cleared);
      } else unknown = true;
    } else if (table.numberOf(term) !== 0) unknown = true;
  };
  collect(flags, set);
  const sure = gfpSleeps(set, cleared);
  if (sure === 'yes') return 'always';
  const [param] = params;
  if (unknown || param === undefined || params.length > 1) return 'no';
  // The caller's flags with something added; what is taken away may be the right to sleep.
  return cleared.length === 0 && (set.length === 0 || sure === 'no') ? param : 'no';
}

function isComplement(table: TermTable, term: Term): boolean {
  return table.kind(term) === 'operation' && table.name(term) === '~';
}

type Bodies = WeakMap<Program, Map<string, Sleep | null>>;
const bodies: Readonly<Record<Question, Bodies>> = { sleeps: new WeakMap(), faults: new WeakMap() };

/** How the body sleeps on every path from its head to a return, or null where some path does not. */
function sleepOfBody(
  question: Question,
  program: Program,
  definition: Definition,
  configuration: Configuration,
  depth: number,
): Sleep | null {
  let known = bodies[question].get(program);
  if (!known) {
    known = new Map();
    bodies[question].set(program, known);
  }
  const key = program.walkKey(definition, configuration);
  const before = known.get(key);
  if (before !== undefined) return before;
  // Recursion ends here: a call of the function itself is no reason for it to sleep.
  known.set(key, null);
  const walk = program.walk(definition, configuration);
  const found = walk.complete ? deriveSleep(question, program, definition, configuration, walk, depth) : null;
  known.set(key, found);
  return found;
}

function deriveSleep(
  question: Question,
  program: Program,
  definition: Definition,
  configuration: Configuration,
  walk: FunctionWalk,
  depth: number,
): Sleep | null {
  const sites = new Map<number, Sleep | null>();
  for (const event of walk.events) {
    if (event.kind !== 'call' || sites.get(event.site.at) === null) continue;
    const sleep = isPlain(question, event, walk)
      ? sleepOf(question, program, definition, configuration, walk, event, depth)
      : null;
    const known = sites.get(event.site.at);
    sites.set(event.site.at, known && sleep && known.when !== sleep.when ? null : sleep);
  }
  const always = unavoidable(walk.ir, sites, 'always');
  const params = new Set([...sites.values()].map((sleep) => sleep?.when));
  const ways: Sleep['when'][] = ['always', ...[...params].filter((when) => typeof when === 'number').sort()];
  for (const when of ways) {
    const at = when === 'always' ? always : unavoidable(walk.ir, sites, when);
    if (at === null) continue;
    const sleep = sites.get(at)!;
    const place: CalleeSite = {
      file: definition.unit.path,
      function: definition.fn.name,
      ...definition.unit.position(at),
    };
    return { when, primitive: sleep.primitive, chain: [place, ...sleep.chain] };
  }
  return null;
}

/**
 * True for a call that is made in the state in which the function was entered, as far as the question goes: under
 * no spinning lock of its own (or with page faults off), and without having let go of one of its caller's locks.
 */
export function isPlain(question: Question, event: CallEvent, walk: FunctionWalk): boolean {
  const { state } = event;
  if (question === 'faults' ? faultsAreOff(state) : atomicHolds(state.locks).length > 0) return false;
  for (const past of state.history.values()) if (past.owed > 0) return false;
  const taken = new Set<Term>();
  const released: Term[] = [];
  for (let step = state.trace; step; step = step.previous) {
    if (step.kind === 'acquire') taken.add(step.lock);
    else if (step.kind === 'release') released.push(step.lock);
  }
  return released.every((lock) => taken.has(lock) || walk.table.kind(lock) !== 'task');
}

/** True inside `pagefault_disable()`: user memory that is not there is then an error at once. */
export function faultsAreOff({ locks }: PathState): boolean {
  return locks.some((held) => held.kind === 'pagefault');
}

/** The first of the sleeping calls of which every path to a return makes one, or null where some path makes none. */
function unavoidable(
  ir: FunctionIR,
  sites: ReadonlyMap<number, Sleep | null>,
  when: Sleep['when'],
): number | null {
  let first: number | null = null;
  let returns = false;
  const seen = new Set<number>([ir.entry]);
  const work = [ir.entry];
  for (let id = work.pop(); id !== undefined; id = work.pop()) {
    const block = ir.blocks[id]!;
    const at = sleepingCall(block, sites, when);
    if (at !== null) {
      if (first === null || at < first) first = at;
      continue;
    }
    if (block.terminator.kind === 'return') returns = true;
    for (const next of nextBlocks(ir, block)) {
      if (seen.has(next)) continue;
      seen.add(next);
      work.push(next);
    }
  }
  return returns ? null : first;
}

function sleepingCall(
  block: Block,
  sites: ReadonlyMap<number, Sleep | null>,
  when: Sleep['when'],
): number | null {
  for (const one of block.instructions) {
    if (one.kind !== 'guard-enter' && !(one.kind === 'call' && !one.iterator)) continue;
    const sleep = sites.get(one.at);
    if (sleep && (sleep.when === 'always' || sleep.when === when)) return one.at;
  }
  return null;
}

/** Where a block goes on, but for a pointer parameter that is NULL: its caller had something to pass. */
function nextBlocks(ir: FunctionIR, { terminator }: Block): readonly number[] {
  if (terminator.kind !== 'branch') return successors(terminator);
  const { condition, then, otherwise } = terminator;
  if (isPointerParameter(ir, condition)) return [then];
  if (condition.kind === 'unary' && condition.op === '!' && isPointerParameter(ir, condition.operand))
    return [otherwise];
  return [then, otherwise];
}

function isPointerParameter(ir: FunctionIR, expr: Expr): boolean {
  if (expr.kind !== 'name' || expr.binding !== 'param') return false;
  return ir.params.some((param) => param.name === expr.name && param.type.includes('*'));
}

/** True where some call that nothing is known of goes by the name of an unlock: what is held then is not sure. */
export function mayUnlockUnseen(walk: FunctionWalk): boolean {
  if (walk.unknown.some((name) => /unlock/.test(name))) return true;
  return walk.ir.blocks.some((block) =>
    block.instructions.some(
      (one) => one.kind === 'call' && one.callee.kind === 'field' && /unlock/.test(one.callee.name),
    ),
  );
}

/** True where the family of a lock is let go of by the call itself, as `wait_event_lock_irq()` does. */
export function letsGo(contract: Contract | null, family: string): boolean {
  return (contract?.outcomes ?? []).some((outcome) =>
    outcome.effects.some(
      (effect) =>
        (effect.op === 'retake' || effect.op === 'release') && lockKind(effect.kind).family === family,
    ),
  );
}
