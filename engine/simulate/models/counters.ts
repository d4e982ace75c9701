/** Sequence counts, reference counts and atomics: one step each, with the kernel's limit and saturation semantics. */
import type { Machine } from '../machine.ts';
import { follows, type Model } from '../model.ts';
import { NO_RESULT } from '../signals.ts';
import { noteHold } from './vma-lock.ts';

const INT_MAX = 2 ** 31 - 1;
const SATURATED = -(2 ** 30) * 3;

// --- Sequence counts -------------------------------------------------------------------------------------------

const sequence = (m: Machine, s: number) => m.memory.cell(m.memory.member(s, 'sequence'));

function bump(names: readonly string[], odd: boolean): Model[] {
  return names.map((name) => ({
    name,
    run(m, [s], site) {
      if (!follows(m, s!, site)) return NO_RESULT;
      const cell = sequence(m, s!);
      const value = (m.memory.get(cell) + 1) >>> 0;
      m.write(cell, value);
      if ((value % 2 === 1) !== odd)
        return m.failResult('assertion', `${name}(): the sequence count is ${odd ? 'odd' : 'even'} already`);
      return 0;
    },
  }));
}

function readers(names: readonly string[]): Model[] {
  return names.map((name) => ({
    name,
    returns: 'unsigned int',
    run(m, [s], site) {
      if (!follows(m, s!, site)) return NO_RESULT;
      return m.read(sequence(m, s!));
    },
  }));
}

const counts: readonly Model[] = [
  ...bump(
    [
      'do_raw_write_seqcount_begin',
      'raw_write_seqcount_begin',
      'write_seqcount_begin',
      'write_seqcount_begin_nested',
    ],
    true,
  ),
  ...bump(['do_raw_write_seqcount_end', 'raw_write_seqcount_end', 'write_seqcount_end'], false),
  ...readers(['raw_read_seqcount', 'raw_read_seqcount_latch', 'seqprop_sequence']),
  ...['read_seqcount_begin', 'raw_read_seqcount_begin', '__read_seqcount_begin', 'raw_seqcount_begin'].map(
    (name): Model => ({
      name,
      returns: 'unsigned int',
      // The reader's spinning is left out: it sees the count as it is before or after the writer.
      run(m, [s]) {
        const value = m.read(sequence(m, s!));
        return value % 2 === 1 ? value - 1 : value;
      },
    }),
  ),
  ...['read_seqcount_retry', '__read_seqcount_retry'].map(
    (name): Model => ({
      name,
      returns: 'int',
      run: (m, [s, start]) => (m.read(sequence(m, s!)) === start ? 0 : 1),
    }),
  ),
  {
    name: 'raw_seqcount_try_begin',
    args: 'vr',
    returns: 'bool',
    run(m, [s, start]) {
      const value = m.read(sequence(m, s!));
      m.storeAt(start!, value);
      return value % 2 === 0 ? 1 : 0;
    },
  },
];

// --- Reference counts and atomics --------------------------------------------------------------------------------

type Change = (old: number) => number | null;

/** The cell of a counter: `r` itself, whatever it is made of inside. */
const counter = (m: Machine, r: number) => m.memory.cell(r);

/** Changes a counter in one step. @returns its old value; null where it was left alone. */
function change(m: Machine, r: number, next: Change): { readonly old: number; readonly changed: boolean } {
  const cell = counter(m, r);
  m.touch(cell, true);
  const old = m.memory.get(cell);
  const value = next(old);
  if (value === null) return { old, changed: false };
  m.memory.set(cell, value | 0);
  m.observer?.access?.(m.current, cell, true, value, old);
  const object = m.memory.objectOf(r);
  // A reader of a VMA is one that has raised the count by one.
  if (object?.tag === 'vm_area_struct' && Math.abs(value - old) === 1) {
    noteHold(m, m.memory.pointer(object.id), value > old ? 1 : -1);
  }
  return { old, changed: true };
}

interface Counting {
  readonly name: string;
  /** Positions of the arguments; `by` null means one. */
  readonly r: number;
  readonly by?: number;
  readonly old?: number;
  readonly limit?: number;
  readonly sign: 1 | -1 | 0;
  /** Left alone where it is zero (and at its limit). */
  readonly notZero?: boolean;
  readonly result: 'none' | 'changed' | 'is-zero' | 'old' | 'new';
  readonly isRef: boolean;
}

function counting(form: Counting): Model {
  return {
    name: form.name,
    returns: form.result === 'changed' || form.result === 'is-zero' ? 'bool' : 'int',
    run(m, args, site) {
      const r = args[form.r]!;
      const text = `${form.name}(${site.texts.join(', ')})`;
      if (!m.canFollow(r, text)) return NO_RESULT;
      const by = form.sign * (form.by === undefined ? 1 : args[form.by]!);
      const limit = form.limit === undefined ? INT_MAX : args[form.limit]!;
      const { old, changed } = change(m, r, (value) => {
        if (form.notZero === true && (value === 0 || value > limit - by)) return null;
        return form.isRef && value < 0 ? SATURATED : value + by;
      });
      if (form.old !== undefined && m.isPointer(args[form.old]!)) m.storeAt(args[form.old]!, old);
      if (form.isRef && changed) {
        const now = old + by;
        if (form.sign < 0 && (old <= 0 || now < 0)) {
          return m.failResult(
            'refcount',
            `${text}: the count was ${old}: it is released more often than taken`,
          );
        }
        if (form.sign > 0 && old === 0)
          return m.failResult('refcount', `${text}: the count was 0: what it counts may be gone`);
        if (form.sign > 0 && now > INT_MAX) return m.failResult('refcount', `${text}: the count overflows`);
      }
      switch (form.result) {
        case 'changed':
          return changed ? 1 : 0;
        case 'is-zero':
          return old + by === 0 ? 1 : 0;
        case 'old':
          return old;
        case 'new':
          return old + by;
        default:
          return 0;
      }
    },
  };
}

const ref = (name: string, form: Omit<Counting, 'name' | 'isRef'>): Model =>
  counting({ name, isRef: true, ...form });
const atomics = (
  prefixes: readonly string[],
  suffix: string,
  form: Omit<Counting, 'name' | 'isRef'>,
): Model[] =>
  prefixes.flatMap((prefix) =>
    ['', '_relaxed', '_acquire', '_release'].map((order) =>
      counting({ name: `${prefix}_${suffix}${order}`, isRef: false, ...form }),
    ),
  );

const PREFIXES = ['atomic', 'atomic64', 'atomic_long'];

function reads(names: readonly string[]): Model[] {
  return names.map((name) => ({
    name,
    returns: 'int',
    run: (m, [r], site) => (follows(m, r!, site) ? m.read(counter(m, r!)) : NO_RESULT),
  }));
}

function sets(names: readonly string[]): Model[] {
  return names.map((name) => ({
    name,
    run(m, [r, value], site) {
      if (!follows(m, r!, site)) return NO_RESULT;
      m.write(counter(m, r!), value! | 0);
      return 0;
    },
  }));
}

const exchanges: Model[] = PREFIXES.flatMap((prefix) => [
  {
    name: `${prefix}_xchg`,
    run(m: Machine, [r, value]: readonly number[]) {
      const old = m.read(counter(m, r!));
      m.write(counter(m, r!), value!);
      return old;
    },
  },
  {
    name: `${prefix}_cmpxchg`,
    run(m: Machine, [r, old, value]: readonly number[]) {
      const now = m.read(counter(m, r!));
      if (now === old) m.write(counter(m, r!), value!);
      return now;
    },
  },
  {
    name: `${prefix}_add_unless`,
    run(m: Machine, [r, by, unless]: readonly number[]) {
      return change(m, r!, (old) => (old === unless ? null : old + by!)).changed ? 1 : 0;
    },
  },
]);

export const counters: readonly Model[] = [
  ...counts,
  ...reads([
    'refcount_read',
    'atomic_read',
    'atomic64_read',
    'atomic_long_read',
    'atomic_read_acquire',
    'kref_read',
  ]),
  ...sets([
    'refcount_set',
    'refcount_set_release',
    'atomic_set',
    'atomic64_set',
    'atomic_long_set',
    'atomic_set_release',
  ]),
  ...['', '_acquire'].flatMap((order) => [
    ref(`refcount_inc_not_zero${order}`, { r: 0, sign: 1, notZero: true, result: 'changed' }),
    ref(`__refcount_inc_not_zero${order}`, { r: 0, old: 1, sign: 1, notZero: true, result: 'changed' }),
    ref(`refcount_add_not_zero${order}`, { r: 1, by: 0, sign: 1, notZero: true, result: 'changed' }),
    ref(`__refcount_add_not_zero${order}`, {
      r: 1,
      by: 0,
      old: 2,
      sign: 1,
      notZero: true,
      result: 'changed',
    }),
  ]),
  ref('__refcount_inc_not_zero_limited_acquire', {
    r: 0,
    old: 1,
    limit: 2,
    sign: 1,
    notZero: true,
    result: 'changed',
  }),
  ref('__refcount_add_not_zero_limited_acquire', {
    r: 1,
    by: 0,
    old: 2,
    limit: 3,
    sign: 1,
    notZero: true,
    result: 'changed',
  }),
  ref('refcount_inc', { r: 0, sign: 1, result: 'none' }),
  ref('__refcount_inc', { r: 0, old: 1, sign: 1, result: 'none' }),
  ref('refcount_add', { r: 1, by: 0, sign: 1, result: 'none' }),
  ref('refcount_dec', { r: 0, sign: -1, result: 'none' }),
  ref('refcount_dec_and_test', { r: 0, sign: -1, result: 'is-zero' }),
  ref('__refcount_dec_and_test', { r: 0, old: 1, sign: -1, result: 'is-zero' }),
  ref('refcount_sub_and_test', { r: 1, by: 0, sign: -1, result: 'is-zero' }),
  ref('__refcount_sub_and_test', { r: 1, by: 0, old: 2, sign: -1, result: 'is-zero' }),
  ...atomics(PREFIXES, 'inc', { r: 0, sign: 1, result: 'none' }),
  ...atomics(PREFIXES, 'dec', { r: 0, sign: -1, result: 'none' }),
  ...atomics(PREFIXES, 'add', { r: 1, by: 0, sign: 1, result: 'none' }),
  ...atomics(PREFIXES, 'sub', { r: 1, by: 0, sign: -1, result: 'none' }),
  ...atomics(PREFIXES, 'inc_return', { r: 0, sign: 1, result: 'new' }),
  ...atomics(PREFIXES, 'dec_return', { r: 0, sign: -1, result: 'new' }),
  ...atomics(PREFIXES, 'add_return', { r: 1, by: 0, sign: 1, result: 'new' }),
  ...atomics(PREFIXES, 'sub_return', { r: 1, by: 0, sign: -1, result: 'new' }),
  ...atomics(PREFIXES, 'fetch_add', { r: 1, by: 0, sign: 1, result: 'old' }),
  ...atomics(PREFIXES, 'fetch_sub', { r: 1, by: 0, sign: -1, result: 'old' }),
  ...atomics(PREFIXES, 'dec_and_test', { r: 0, sign: -1, result: 'is-zero' }),
  ...atomics(PREFIXES, 'sub_and_test', { r: 1, by: 0, sign: -1, result: 'is-zero' }),
  ...atomics(PREFIXES, 'inc_not_zero', { r: 0, sign: 1, notZero: true, result: 'changed' }),
  ...exchanges,
];
