/**
 * The VMA tree and its iterators: what mm/mmap.c and lib/maple_tree.c give their callers. A lookup sees the tree as it is
 * at one moment; the entries of the tree and the fields of a VMA change one after the other, as in the kernel.
 */
import type { Machine } from '../machine.ts';
import { effect, follows, type Model } from '../model.ts';
import { NO_RESULT, RCU } from '../signals.ts';

/** For the trace: what a lookup came upon. */
export function tellFound(m: Machine, { start, end, vma }: Entry): void {
  m.observer?.found?.(m.current, start, end, vma);
}

/** Entries that a scenario's tree can have. */
export const TREE_SIZE = 8;

interface Tree {
  readonly pointer: number;
  readonly touch: number;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly vmas: readonly number[];
}

const trees = new WeakMap<Machine, Map<number, Tree>>();
const iterators = new WeakMap<Machine, Set<number>>();

/** The tree of an mm, by the address of its `mm_mt`. */
export function treeAt(m: Machine, pointer: number): Tree {
  let known = trees.get(m);
  if (known === undefined) {
    known = new Map();
    trees.set(m, known);
  }
  let tree = known.get(pointer);
  if (tree === undefined) {
    const cells = (name: string) =>
      Array.from({ length: TREE_SIZE }, (_, i) => m.memory.cell(m.memory.member(pointer, `#${name}${i}`)));
    tree = {
      pointer,
      touch: m.memory.cell(m.memory.member(pointer, '#')),
      starts: cells('s'),
      ends: cells('e'),
      vmas: cells('v'),
    };
    known.set(pointer, tree);
  }
  return tree;
}

export function treeOf(m: Machine, mm: number): Tree {
  return treeAt(m, m.memory.member(mm, 'mm_mt'));
}

export interface Entry {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly vma: number;
}

/** The entries in the order of their addresses. */
export function entriesOf(m: Machine, tree: Tree): Entry[] {
  const { memory } = m;
  const entries: Entry[] = [];
  for (let i = 0; i < TREE_SIZE; i++) {
    const vma = memory.get(tree.vmas[i]!);
    if (vma !== 0) entries.push({ start: memory.get(tree.starts[i]!), end: memory.get(tree.ends[i]!), vma });
  }
  return entries;
}

/** Writes the entries, sorted; no step of its own. */
export function setEntries(m: Machine, tree: Tree, entries: readonly Entry[]): void {
  const sorted = [...entries].sort((a, b) => a.start - b.start);
  for (let i = 0; i < TREE_SIZE; i++) {
    m.memory.set(tree.starts[i]!, sorted[i]?.start ?? 0);
    m.memory.set(tree.ends[i]!, sorted[i]?.end ?? 0);
    m.memory.set(tree.vmas[i]!, sorted[i]?.vma ?? 0);
  }
}

/** As `mas_store()`: the range gets this VMA, or none; what was there is cut. */
export function storeRange(m: Machine, tree: Tree, start: number, end: number, vma: number): void {
  m.touch(tree.touch, true);
  m.poke(tree.pointer, '#version', m.peek(tree.pointer, '#version') + 1);
  const kept = entriesOf(m, tree).flatMap((entry) => {
    const parts: Entry[] = [];
    if (entry.start < start) parts.push({ ...entry, end: Math.min(entry.end, start) });
    if (entry.end > end) parts.push({ ...entry, start: Math.max(entry.start, end) });
    return entry.start >= start && entry.end <= end
      ? []
      : entry.end <= start || entry.start >= end
        ? [entry]
        : parts;
  });
  setEntries(m, tree, vma === 0 ? kept : [...kept, { start, end, vma }]);
}

function mmOf(m: Machine, tree: Tree): number {
  const path = m.memory.pathOf(tree.pointer);
  return tree.pointer - path + m.memory.paths.parent(path);
}

function holdsMmapLock(m: Machine, mm: number, task: number): boolean {
  const lock = m.locks.at(m.memory.member(mm, 'mmap_lock'), 'mmap');
  return m.locks.isHeldBy(lock, task, false);
}

/** The entries, if the task may look; else a violation and null. */
function look(m: Machine, tree: Tree, what: string, rcuSuffices = true): Entry[] | null {
  m.touch(tree.touch, false);
  const mm = mmOf(m, tree);
  if (!holdsMmapLock(m, mm, m.current) && !(rcuSuffices && m.field(m.current, RCU) > 0)) {
    const needed = rcuSuffices ? 'neither the mmap_lock nor RCU is held' : 'the mmap_lock is not held';
    const { pointer } = m.locks.at(m.memory.member(mm, 'mmap_lock'), 'mmap');
    m.failWithout(
      { kind: 'lock', pointer, write: false },
      'protocol',
      `${what} looks into the VMA tree, and ${needed}`,
    );
    return null;
  }
  return watchLayout(m, tree) ? entriesOf(m, tree) : null;
}

/** Cells of a task that watches: 1 + the version of the tree that it saw first. */
const WATCH = '#layout';

/** From here on the running task must see one version of the tree. */
export function beginWatch(m: Machine): void {
  m.poke(m.tasks[m.current]!.current, WATCH, 1);
}

export function endWatch(m: Machine): void {
  m.poke(m.tasks[m.current]!.current, WATCH, 0);
}

function watchLayout(m: Machine, tree: Tree): boolean {
  const { current } = m.tasks[m.current]!;
  const seen = m.peek(current, WATCH);
  if (seen === 0) return true;
  const version = m.peek(tree.pointer, '#version') + 2;
  if (seen === 1) m.poke(current, WATCH, version);
  else if (seen !== version) {
    m.fail('property', 'one read sees two layouts: the tree has changed since its first lookup');
    return false;
  }
  return true;
}

// --- Iterators -------------------------------------------------------------------------------------------------

/** `#pos`: 0 as set, 1 standing at the entry `index … last`. `#stale`: its node may be gone. */
function place(m: Machine, mas: number, index: number, last: number, position: number): void {
  const set = (field: string, value: number) => m.store(mas, field, value);
  set('index', index);
  set('last', last);
  set('#pos', position);
  set('#stale', 0);
  set('#owner', position === 0 ? 0 : m.current + 1);
  let known = iterators.get(m);
  if (known === undefined) {
    known = new Set();
    iterators.set(m, known);
  }
  if (known.has(mas)) return;
  known.add(mas);
  m.memory.noteGrowth();
}

/** An iterator that stands somewhere must not outlive what protects the tree's nodes. */
export function markStale(m: Machine, task: number): void {
  if (m.field(task, RCU) > 0) return;
  m.memory.watchGrowth();
  for (const mas of iterators.get(m) ?? []) {
    const { task: owner } = m.memory.objectOf(mas)!;
    if (owner >= 0 && owner !== task) continue;
    if (m.peek(mas, '#pos') === 0 || m.peek(mas, '#owner') !== task + 1) continue;
    const tree = treeAt(m, m.peek(mas, 'tree'));
    if (!holdsMmapLock(m, mmOf(m, tree), task)) m.poke(mas, '#stale', 1);
  }
}

function start(m: Machine, mas: number, mt: number, index: number, last = index): number {
  m.store(mas, 'tree', mt);
  place(m, mas, index, last, 0);
  return 0;
}

/** Where a search goes on, and whether the iterator may be used at all. */
function use(
  m: Machine,
  mas: number,
  what: string,
): { readonly tree: Tree; readonly from: number; readonly positioned: boolean } | null {
  if (!m.canFollow(mas, what)) return null;
  const positioned = m.load(mas, '#pos') === 1;
  if (positioned && m.load(mas, '#stale') === 1) {
    m.fail(
      'stale-iterator',
      `${what} goes on from where it stood before RCU or the mmap_lock was dropped: the iterator must be set again`,
    );
    return null;
  }
  const mt = m.load(mas, 'tree');
  if (!m.canFollow(mt, what)) return null;
  return {
    tree: treeAt(m, mt),
    from: positioned ? m.load(mas, 'last') + 1 : m.load(mas, 'index'),
    positioned,
  };
}

function found(m: Machine, mas: number, entry: Entry | undefined): number {
  if (entry === undefined) return 0;
  place(m, mas, entry.start, entry.end - 1, 1);
  tellFound(m, entry);
  return entry.vma;
}

function next(m: Machine, mas: number, limit: number, what: string): number {
  const at = use(m, mas, what);
  if (at === null) return NO_RESULT;
  const entries = look(m, at.tree, what);
  if (entries === null) return NO_RESULT;
  const entry = entries.find((one) => one.end > at.from && (limit < 0 || one.start <= limit));
  if (entry === undefined) place(m, mas, at.from, at.from, 0);
  return found(m, mas, entry);
}

function previous(m: Machine, mas: number, what: string): number {
  const at = use(m, mas, what);
  if (at === null) return NO_RESULT;
  const entries = look(m, at.tree, what);
  if (entries === null) return NO_RESULT;
  const index = m.load(mas, 'index');
  return found(
    m,
    mas,
    entries.findLast((one) => one.end <= index),
  );
}

function walk(m: Machine, mas: number, what: string): number {
  const at = use(m, mas, what);
  if (at === null) return NO_RESULT;
  const entries = look(m, at.tree, what);
  if (entries === null) return NO_RESULT;
  const index = m.load(mas, 'index');
  return found(
    m,
    mas,
    entries.find((one) => one.start <= index && index < one.end),
  );
}

const masOf = (m: Machine, vmi: number) => (m.isPointer(vmi) ? m.memory.member(vmi, 'mas') : vmi);

function lookup(
  name: string,
  rcuSuffices: boolean,
  pick: (entries: readonly Entry[], args: readonly number[]) => Entry | undefined,
): Model {
  return {
    name,
    returns: 'struct vm_area_struct *',
    run(m, args, site) {
      if (!follows(m, args[0]!, site)) return NO_RESULT;
      const entries = look(m, treeOf(m, args[0]!), `${name}()`, rcuSuffices);
      if (entries === null) return NO_RESULT;
      const entry = pick(entries, args);
      if (entry !== undefined) tellFound(m, entry);
      return entry?.vma ?? 0;
    },
  };
}

/** `find_vma_prev(mm, addr, &prev)` */
const findPrevious: Model = {
  name: 'find_vma_prev',
  returns: 'struct vm_area_struct *',
  run(m, args) {
    const entries = look(m, treeOf(m, args[0]!), 'find_vma_prev()', false);
    if (entries === null) return NO_RESULT;
    if (m.isPointer(args[2]!)) m.storeAt(args[2]!, entries.findLast((one) => one.end <= args[1]!)?.vma ?? 0);
    return entries.find((one) => one.end > args[1]!)?.vma ?? 0;
  },
};

function iteration(
  name: string,
  args: string,
  step: (m: Machine, a: readonly number[]) => number,
  target: number,
): Model {
  return {
    name,
    args,
    run(m, a) {
      const vma = step(m, a);
      if (vma === NO_RESULT) return vma;
      m.storeAt(a[target]!, vma);
      return vma === 0 ? 0 : 1;
    },
  };
}

const returns = 'struct vm_area_struct *';
const each = (names: readonly string[], run: Model['run']): Model[] =>
  names.map((name) => ({ name, returns, run }));

export const vmaTree: readonly Model[] = [
  lookup('vma_lookup', true, (entries, [, address]) =>
    entries.find((one) => one.start <= address! && address! < one.end),
  ),
  lookup('find_vma', false, (entries, [, address]) => entries.find((one) => one.end > address!)),
  lookup('find_vma_intersection', false, (entries, [, from, to]) =>
    entries.find((one) => one.end > from! && one.start < to!),
  ),
  lookup('find_exact_vma', false, (entries, [, from, to]) =>
    entries.find((one) => one.start === from && one.end === to),
  ),
  findPrevious,
  effect('MA_STATE', (m, [mas, mt, first, last]) => start(m, mas!, mt!, first!, last!), 'rvvv'),
  effect(
    'VMA_ITERATOR',
    (m, [vmi, mm, address]) => start(m, masOf(m, vmi!), m.memory.member(mm!, 'mm_mt'), address!),
    'rvv',
  ),
  effect('vma_iter_init', (m, [vmi, mm, address], site) => {
    if (!follows(m, mm!, site)) return NO_RESULT;
    return start(m, masOf(m, vmi!), m.memory.member(mm!, 'mm_mt'), address!);
  }),
  effect('mas_init', (m, [mas, mt, address]) => start(m, mas!, mt!, address!)),
  effect('vma_iter_set', (m, [vmi, address]) => place(m, masOf(m, vmi!), address!, address!, 0)),
  effect('mas_set', (m, [mas, address]) => place(m, mas!, address!, address!, 0)),
  effect('mas_set_range', (m, [mas, first, last]) => place(m, mas!, first!, last!, 0)),
  effect('mas_reset', (m, [mas]) => place(m, mas!, m.load(mas!, 'index'), m.load(mas!, 'last'), 0)),
  effect('mas_pause', (m, [mas]) => place(m, mas!, m.load(mas!, 'last') + 1, m.load(mas!, 'last') + 1, 0)),
  effect('vma_iter_invalidate', (m, [vmi]) => {
    const mas = masOf(m, vmi!);
    place(m, mas, m.load(mas, 'last') + 1, m.load(mas, 'last') + 1, 0);
  }),
  effect('vma_iter_free', () => 0),
  effect('mas_destroy', () => 0),
  { name: 'vma_iter_addr', run: (m, [vmi]) => m.load(masOf(m, vmi!), 'index') },
  { name: 'vma_iter_end', run: (m, [vmi]) => m.load(masOf(m, vmi!), 'last') + 1 },
  ...each(['vma_next', 'vma_iter_next_range'], (m, [vmi]) => next(m, masOf(m, vmi!), -1, 'vma_next()')),
  ...each(['vma_find'], (m, [vmi, max]) => next(m, masOf(m, vmi!), max! - 1, 'vma_find()')),
  ...each(['mas_find', 'mas_find_range'], (m, [mas, max]) => next(m, mas!, max!, 'mas_find()')),
  ...each(['mas_next', 'mas_next_range'], (m, [mas, max]) => next(m, mas!, max!, 'mas_next()')),
  ...each(['vma_prev', 'vma_iter_prev_range'], (m, [vmi]) => previous(m, masOf(m, vmi!), 'vma_prev()')),
  ...each(['mas_prev', 'mas_prev_range', 'mas_find_rev'], (m, [mas]) => previous(m, mas!, 'mas_prev()')),
  ...each(['mas_walk'], (m, [mas]) => walk(m, mas!, 'mas_walk()')),
  ...each(['vma_iter_load'], (m, [vmi]) => walk(m, masOf(m, vmi!), 'vma_iter_load()')),
  iteration('for_each_vma', 'rr', (m, [vmi]) => next(m, masOf(m, vmi!), -1, 'for_each_vma()'), 1),
  iteration(
    'for_each_vma_range',
    'rrv',
    (m, [vmi, , end]) => next(m, masOf(m, vmi!), end! - 1, 'for_each_vma_range()'),
    1,
  ),
  iteration('mas_for_each', 'vrv', (m, [mas, , max]) => next(m, mas!, max!, 'mas_for_each()'), 1),
  // No process of a scenario has a gate VMA unless the scenario gives it one.
  { name: 'get_gate_vma', returns, run: (m, [mm]) => (m.isPointer(mm!) ? m.peek(mm!, '#gate') : 0) },
];
