/**
 * What annotations say of a function's locks: `__must_hold(&q->lock)`, `__acquires(RCU)`,
 * `__cond_acquires(true, &p->lock)`. Their arguments name locks as the function's own code does.
 * Source: Documentation/dev-tools/sparse.rst, include/linux/compiler-context-analysis.h.
 */
import type { Annotation, FunctionIR, SourceUnit } from '../c/index.ts';
import type { LockKind, Mode } from '../protocol/contract.ts';
import { kindOfField, kindOfType, lockKind } from '../protocol/kinds.ts';
import { type PathState, withHistory } from './path-state.ts';
import type { Definition, Program } from './program.ts';
import type { Term, TermTable } from './terms.ts';

export type AnnotationSays = 'acquires' | 'releases' | 'holds' | 'acquires-if';

export interface LockAnnotation {
  readonly says: AnnotationSays;
  /** The lock as it is written there. */
  readonly lock: string;
  readonly mode: Mode;
  /** For `acquires-if`: the result with which it is taken, as written: `true`, `0`, `nonnull`. */
  readonly result: string;
  readonly annotation: Annotation;
  /** The file in which it stands: a declaration may carry it. */
  readonly unit: SourceUnit;
}

const MEANINGS: readonly (readonly [RegExp, AnnotationSays])[] = [
  [/^__acquires(_shared)?(_ctx_lock)?$/, 'acquires'],
  [/^__releases(_shared)?(_ctx_lock)?$/, 'releases'],
  [/^__(must_hold|requires)(_shared)?(_ctx_lock)?$/, 'holds'],
  [/^__cond_acquires(_shared)?$/, 'acquires-if'],
];

/** Annotations that take a function out of the analysis. */
const OPT_OUT = /^__(no_(context|thread_safety|lock|capability)_analysis|context_unsafe)$/;

/** What is said of the locks of a function, by its definition and by declarations of it in its own file. */
export function lockAnnotations({ unit, fn }: Definition): readonly LockAnnotation[] {
  const declared = unit.prototypes.filter((one) => one.name === fn.name).flatMap((one) => one.annotations);
  const all = [...fn.annotations, ...declared];
  if (all.some((one) => OPT_OUT.test(one.name))) return [];
  const found = new Map<string, LockAnnotation>();
  for (const annotation of all) {
    const says = MEANINGS.find(([name]) => name.test(annotation.name))?.[1];
    if (!says) continue;
    const conditional = says === 'acquires-if';
    const mode = annotation.name.includes('_shared') ? 'R' : 'W';
    const result = conditional ? (annotation.args[0] ?? '') : '';
    for (const lock of conditional ? annotation.args.slice(1) : annotation.args) {
      const key = `${says} ${lock.replace(/\s/g, '')} ${result}`;
      if (!found.has(key)) found.set(key, { says, lock, mode, result, annotation, unit });
    }
  }
  return [...found.values()];
}

interface LockPath {
  /** It has an `&` in front. */
  readonly isAddress: boolean;
  readonly root: string;
  readonly steps: readonly { readonly arrow: boolean; readonly field: string }[];
}

function parsePath(lock: string): LockPath | null {
  const match = /^(&?)\(?(\w+)((?:(?:->|\.)\w+)*)\)?$/.exec(lock.replace(/\s/g, ''));
  if (!match) return null;
  const steps = [...match[3]!.matchAll(/(->|\.)(\w+)/g)].map(([, how, field]) => ({
    arrow: how === '->',
    field: field!,
  }));
  return { isAddress: match[1] === '&', root: match[2]!, steps };
}

const TASK_LOCKS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    RCU: '@rcu',
    rcu: '@rcu',
    RCU_BH: '@rcu',
    rcu_bh: '@rcu',
    RCU_SCHED: '@rcu',
    rcu_sched: '@rcu',
  }),
);

/** The terms that a lock in an annotation may stand for in a walk of the function; none where it cannot be told. */
export function annotatedTerms(table: TermTable, ir: FunctionIR, lock: string): readonly Term[] {
  const task = TASK_LOCKS.get(lock.trim());
  if (task !== undefined) return [table.task(task)];
  const path = parsePath(lock);
  if (!path) return [];
  const index = ir.params.findIndex((param) => param.name === path.root);
  if (path.steps.length === 0) {
    if (index >= 0) return path.isAddress ? [] : [table.param(index)];
    const global = table.global(path.root);
    return path.isAddress ? [global] : [global, table.load(global)];
  }
  const root = index >= 0 ? table.param(index) : table.load(table.global(path.root));
  let address = path.steps[0]!.arrow ? root : index >= 0 ? null : table.global(path.root);
  if (address === null) return [];
  for (const [at, { arrow, field }] of path.steps.entries()) {
    if (at > 0 && arrow) address = table.load(address);
    address = table.field(address, field);
  }
  // `__acquires(q->lock)` is written for the lock itself as for a pointer to it.
  return path.isAddress ? [address] : [address, table.load(address)];
}

/** The lock as a reference in terms of a caller's arguments, as contracts name theirs; null where it is none. */
export function annotatedRef(ir: FunctionIR, lock: string): string | null {
  const task = TASK_LOCKS.get(lock.trim());
  if (task !== undefined) return task;
  const path = parsePath(lock);
  const index = path ? ir.params.findIndex((param) => param.name === path.root) : -1;
  if (!path || index < 0) return null;
  if (path.steps.length === 0) return path.isAddress ? null : `arg${index}`;
  if (!path.steps[0]!.arrow || !path.isAddress) return null;
  // An arrow reads the pointer in front of it; the first reads the argument itself.
  return path.steps.reduce((ref, { field }, at) => {
    const next = path.steps[at + 1];
    return `${ref}${at === 0 ? '.' : ''}${field}${next ? (next.arrow ? '->' : '.') : ''}`;
  }, `arg${index}`);
}

/** The kind of the lock that an annotation names, by the type of the field or by what the file does to it; else null. */
export function annotatedKind(
  program: Program,
  { unit }: Definition,
  ir: FunctionIR,
  lock: string,
): LockKind | null {
  if (TASK_LOCKS.get(lock.trim()) !== undefined) return 'rcu';
  const path = parsePath(lock);
  if (!path) return null;
  const last = path.steps[path.steps.length - 1]?.field ?? path.root;
  const kind = declaredKind(program, ir, path) ?? usedKind(program, unit, last);
  return kind === null ? null : kindOfField(last, kind);
}

function declaredKind(program: Program, ir: FunctionIR, path: LockPath): LockKind | null {
  let type = ir.params.find((param) => param.name === path.root)?.type ?? '';
  for (const { field } of path.steps) {
    const tag = /\b(?:struct|union)\s+(\w+)/.exec(type)?.[1];
    const definition = tag === undefined ? undefined : program.structOf(tag);
    const found = definition?.fields.find((one) => one.name === field);
    if (!found) return null;
    type = found.type;
  }
  return kindOfType(type);
}

/** The kind of the first operation in the file on a lock that is called so. */
function usedKind(program: Program, unit: SourceUnit, name: string): LockKind | null {
  for (const [, fn] of unit.text.matchAll(new RegExp(`\\b(\\w+)\\(&?[\\w>.-]*\\b${name}\\)`, 'g'))) {
    const contract = program.contracts.lookup(fn!);
    for (const outcome of contract?.outcomes ?? []) {
      for (const effect of outcome.effects)
        if (effect.op === 'acquire' && effect.lock === 'arg0') return effect.kind;
    }
  }
  return null;
}

/** The state that a function begins in whose annotations say that locks are held: as if taken by the caller. */
export function heldOnEntry(
  program: Program,
  definition: Definition,
  table: TermTable,
  ir: FunctionIR,
  start: PathState,
): PathState {
  let state = start;
  for (const { says, lock, mode } of lockAnnotations(definition)) {
    if (says !== 'holds') continue;
    const terms = annotatedTerms(table, ir, lock);
    const kind = annotatedKind(program, definition, ir, lock);
    // Two readings of one text: which of them the body means cannot be told.
    if (terms.length !== 1 || kind === null) continue;
    const key = terms[0]!;
    if (state.locks.some((held) => held.key === key)) continue;
    const held = {
      key,
      kind,
      mode: lockKind(kind).modes.includes(mode) ? mode : lockKind(kind).modes[0]!,
      depth: 1,
    };
    state = { ...state, locks: [...state.locks, { ...held, site: definition.fn.nameAt }] };
    state = withHistory(state, key, { owed: 1, owedKind: kind, owedMode: held.mode });
  }
  return state;
}
