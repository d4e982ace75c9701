/** Loads a scenario: reads the code that it needs, binds its roles, and sets up memory and tasks. */
import type { Configuration, CParser, SourceUnit } from '../c/index.ts';
import { parseUnit } from '../c/index.ts';
import { contractTable, detectProfile, type Profile } from '../protocol/index.ts';
import { type Run, type SourceTree, symbolUsers } from '../source/index.ts';
import { deriveCallerContracts } from './caller-contract.ts';
import { searchRandom } from './explore/replay.ts';
import { type Depth, GLUE, Linker, type ModelSet } from './linker.ts';
import { headers, modelsFor } from './models/index.ts';
import { KERNEL_C } from './models/kernel-c.ts';
import { setEntries, treeOf } from './models/vma-tree.ts';
import { or } from './numbers.ts';
import { ARGUMENT, type Binding, bindRoles, glue } from './roles.ts';
import type { Scenario } from './scenario.ts';
import { FP } from './signals.ts';
import { type Definition, UnitIndex } from './units.ts';

export interface LoadOptions {
  readonly tree: SourceTree;
  readonly parser: CParser;
  readonly scenario: Scenario;
  /** Functions that the user names. */
  readonly functions: readonly string[];
  /** Files that the patch touches. */
  readonly touched: readonly string[];
  /** Symbols that the series removes. */
  readonly removed?: readonly string[];
  /** Symbols that are settled, by the user or by the series. */
  readonly configuration: ReadonlyMap<string, 'y' | 'm' | 'n'>;
  readonly depth?: Depth;
  readonly run?: Run;
}

export interface Program {
  readonly scenario: Scenario;
  readonly linker: Linker;
  readonly depth: Depth;
  readonly bindings: readonly Binding[];
  readonly profile: Profile;
  /** How the release was told. */
  readonly release: string;
}

export type Loaded =
  | { readonly program: Program; readonly problem: null }
  | { readonly program: null; readonly problem: string };

const WARM_RUNS = 6;
const WARM_STEPS = 1000;
const MAX_UNITS = 150;
const ROUNDS = 6;
const MODELS = '<models>';
const CODE = '<scenario>';

/** Never throws for what the files hold; a scenario that cannot be bound is a problem in a sentence. */
export async function loadProgram(options: LoadOptions): Promise<Loaded> {
  const { tree, parser, scenario } = options;
  const { profile, how } = await detectProfile(tree);
  const configuration: Configuration = {
    values: new Map([...Object.entries(scenario.config ?? {}), ...options.configuration]),
    fallback: 'y',
  };
  const depth = options.depth ?? scenario.depth;
  const models = modelsFor(profile);
  const units = new UnitIndex(withDefaults(configuration));
  const preferred = await readRoots(options, units);
  const isSought = scenario.ofRemovedSymbols === true && options.functions.length === 0;
  const users = isSought ? await symbolUserFunctions(options, units) : null;
  if (users?.length === 0) return { program: null, problem: `${scenario.name}: ${noUsers(options)}` };
  const { bindings, problem } = bindRoles(
    scenario.roles,
    units,
    options.functions,
    users === null ? preferred : [...new Set(users.map(({ unit }) => unit))],
    users,
  );
  if (problem !== null) {
    const where = users === null ? '' : 'outside of the series ';
    return { program: null, problem: `${scenario.name}: ${where}${problem}` };
  }
  for (const { definition } of bindings) if (definition !== null) units.expose(definition);
  units.addText(MODELS, KERNEL_C);
  const code = units.addText(CODE, scenario.c);
  units.addText(GLUE, bindings.map(glue).join(''));
  const linker = new Linker({
    units,
    parser,
    contracts: contractTable(profile),
    depth,
    models,
    targets: new Map(),
  });
  await readCallees(options, units, linker, models, depth);
  const wrong = setUp(linker, scenario, code);
  if (wrong !== null) return { program: null, problem: wrong };
  const program: Program = { scenario, linker, depth, bindings, profile, release: how };
  if (scenario.derivesContracts === true) {
    for (const sentence of deriveCallerContracts(linker.machine)) linker.assume(sentence);
  }
  // What the tasks run is compiled now, and most of what they share is known before a search begins.
  searchRandom(program, 1, WARM_RUNS, WARM_STEPS);
  return { program, problem: null };
}

/** Debugging is on, as a reviewer would have it; lockdep is not: its own bookkeeping is what the machine replaces. */
function withDefaults(configuration: Configuration): Configuration {
  const values = new Map(configuration.values);
  for (const symbol of [
    'CONFIG_LOCKDEP',
    'CONFIG_DEBUG_LOCK_ALLOC',
    'CONFIG_TRACING',
    'CONFIG_PREEMPT_RT',
    'CONFIG_CONTEXT_TRACKING',
    'CONFIG_KASAN',
  ]) {
    if (!values.has(symbol)) values.set(symbol, 'n');
  }
  return { values, fallback: configuration.fallback };
}

async function readUnit(tree: SourceTree, path: string, units: UnitIndex): Promise<SourceUnit | null> {
  const known = units.units.get(path);
  if (known !== undefined) return known;
  const text = await tree.read(path);
  if (text === null) return null;
  const unit = parseUnit(path, text);
  units.add(unit);
  return unit;
}

/** The files of the functions that are named, of the patch, and of known players of the roles; and headers. */
async function readRoots(options: LoadOptions, units: UnitIndex): Promise<SourceUnit[]> {
  const { tree, scenario } = options;
  const preferred: SourceUnit[] = [];
  for (const path of options.touched) {
    if (!/\.[ch]$/.test(path)) continue;
    const unit = await readUnit(tree, path, units);
    if (unit !== null) preferred.push(unit);
  }
  const names = [...options.functions, ...scenario.roles.flatMap((role) => role.match.known ?? [])];
  // A stub for another configuration, in a header of the patch, is none.
  const unseen = [...new Set(names)].filter((name) => units.anyDefinition(name) === null);
  if (unseen.length > 0) {
    const found = await tree.findDefinitions(unseen);
    for (const name of unseen) {
      for (const path of found.get(name)?.slice(0, 4) ?? []) {
        await readUnit(tree, path, units);
        if (units.anyDefinition(name) !== null) break;
      }
    }
  }
  for (const path of headers) await readUnit(tree, path, units);
  for (const unit of [...units.units.values()]) {
    const folder = unit.path.slice(0, unit.path.lastIndexOf('/') + 1);
    for (const include of unit.includes) {
      if (include.startsWith('"')) await readUnit(tree, folder + include.slice(1, -1), units);
    }
  }
  return preferred;
}

/** The functions outside of the series that a symbol decides over which it removes. */
async function symbolUserFunctions(
  { tree, removed = [], touched, run }: LoadOptions,
  units: UnitIndex,
): Promise<Definition[]> {
  const uses = removed.length === 0 ? [] : await symbolUsers(tree, removed, run);
  const found: Definition[] = [];
  for (const path of new Set(uses.map(({ file }) => file))) {
    if (!path.endsWith('.c') || touched.includes(path)) continue;
    const unit = await readUnit(tree, path, units);
    if (unit === null) continue;
    const lines = uses.filter(({ file }) => file === path).map(({ line }) => line);
    for (const fn of unit.functions) {
      const first = unit.position(fn.at).line;
      const last = unit.position(fn.end).line;
      if (lines.some((line) => first <= line && line <= last)) found.push({ unit, fn });
    }
  }
  return found;
}

function noUsers({ removed = [] }: LoadOptions): string {
  return removed.length === 0
    ? 'the series removes no symbol: name a function'
    : `no code outside of the series depends on ${removed.join(', ')}`;
}

/** Reads the files that define what is called, a few rounds deep. */
async function readCallees(
  options: LoadOptions,
  units: UnitIndex,
  linker: Linker,
  models: ModelSet,
  depth: Depth,
): Promise<void> {
  const { tree } = options;
  const asked = new Set<string>();
  let frontier = [...units.units.values()]
    .filter((unit) => unit.path.startsWith('<'))
    .flatMap((unit) => unit.functions.map((fn) => ({ unit, fn })));
  const seen = new Set(frontier.map((one) => one.fn));
  for (let round = 0; round < ROUNDS && frontier.length > 0; round++) {
    const wanted = new Set<string>();
    const next: typeof frontier = [];
    const work = [...frontier];
    for (let one = work.pop(); one !== undefined; one = work.pop()) {
      for (const name of one.fn.calls) {
        const found = units.definition(name, one.unit);
        if (found !== null) {
          if (!seen.has(found.fn)) {
            seen.add(found.fn);
            work.push(found);
          }
          continue;
        }
        const model = models.models.get(name);
        if (model !== undefined && !(model.primitive === true && depth === 'full')) continue;
        if (models.waits.has(name)) continue;
        if (model === undefined && linker.contract(name) !== null && !linker.isPrimitive(name)) continue;
        if (units.macro(name, one.unit) === null && !asked.has(name)) wanted.add(name);
      }
    }
    if (wanted.size === 0 || units.units.size >= MAX_UNITS) return;
    if (options.run?.cancelled?.() === true) return;
    for (const name of wanted) asked.add(name);
    options.run?.progress?.(`looking up ${wanted.size} functions`);
    const found = await tree.findDefinitions([...wanted].sort());
    for (const [name, paths] of found) {
      if (units.units.size >= MAX_UNITS) break;
      const usable = paths.filter(
        (path) =>
          !/^(tools|samples|Documentation|rust)\//.test(path) &&
          (!path.startsWith('arch/') || path.startsWith('arch/x86/')),
      );
      for (const path of usable.slice(0, 2)) {
        await readUnit(tree, path, units);
        const definition = units.definition(name, null);
        if (definition === null) continue;
        if (!seen.has(definition.fn)) {
          seen.add(definition.fn);
          next.push(definition);
        }
        break;
      }
    }
    frontier = next;
  }
}

// --- Memory and tasks ------------------------------------------------------------------------------------------

const UINT_MAX = 2 ** 32 - 1;

function flagsOf(linker: Linker, flags: readonly string[], from: SourceUnit): number {
  return flags.reduce((bits, flag) => or(bits, linker.names.globalValue(flag, from)?.constant ?? 0), 0);
}

/** @returns a problem, or null. */
function setUp(linker: Linker, scenario: Scenario, code: SourceUnit): string | null {
  const { machine } = linker;
  const { memory } = machine;
  for (const [name, value] of Object.entries(scenario.user ?? {})) machine.userData.set(name, value);
  const names = new Map<string, number>();
  for (const mm of scenario.mms) {
    const id = memory.object(`mm ${mm.name}`, { name: mm.name, tag: 'mm_struct', kind: 'heap' });
    names.set(mm.name, memory.pointer(id));
  }
  const first = names.get(scenario.mms[0]!.name)!;
  linker.options.targets.set('mm_struct', () => first);
  // Arguments that a caller has to make up are made of what the scenario has.
  const madeUp = scenario.mms[0]!.vmas[0]?.name ?? '';
  linker.options.targets.set('vm_area_struct', (object) =>
    scenario.derivesContracts === true && object.name.startsWith(ARGUMENT) ? (names.get(madeUp) ?? 0) : 0,
  );
  if (scenario.derivesContracts === true) {
    const tree = memory.member(first, 'mm_mt');
    for (const field of ['vma_iterator.mas.tree', 'ma_state.tree']) memory.fieldDefaults.set(field, tree);
  }
  const owners = new Map<string, { mm: number; entries: { start: number; end: number; vma: number }[] }>();
  for (const mm of scenario.mms) {
    const pointer = names.get(mm.name)!;
    const entries: { start: number; end: number; vma: number }[] = [];
    for (const vma of mm.vmas) {
      const initial = new Map<string, number>([
        ['vm_start', vma.start],
        ['vm_end', vma.end],
        ['vm_mm', pointer],
        ['vm_refcnt', vma.spare === true ? 0 : 1],
        ['vm_lock_seq', UINT_MAX],
        ['detached', vma.spare === true ? 1 : 0],
        ['vm_pgoff', vma.start / 4096],
        ['vm_file', 0],
        ['vm_ops', 0],
        ['anon_vma', 0],
        ['vm_flags', flagsOf(linker, vma.flags ?? [], code)],
        ...Object.entries(vma.fields ?? {}),
      ]);
      if (mm.gate === vma.name) initial.set('vm_mm', 0);
      const id = memory.object(`vma ${vma.name}`, {
        name: vma.name,
        tag: 'vm_area_struct',
        kind: 'heap',
        initial,
        mortal: true,
      });
      const address = memory.pointer(id);
      names.set(vma.name, address);
      if (vma.spare !== true) entries.push({ start: vma.start, end: vma.end, vma: address });
    }
    owners.set(mm.name, { mm: pointer, entries });
    if (mm.gate !== undefined) memory.put(memory.cell(memory.member(pointer, '#gate')), names.get(mm.gate)!);
  }
  const tasks = scenario.tasks.map((task) => {
    const current = memory.pointer(
      memory.object(`task ${task.name}`, {
        name: `task ${task.name}`,
        tag: 'task_struct',
        kind: 'heap',
        initial: new Map([
          ['mm', names.get(task.mm ?? scenario.mms[0]!.name) ?? 0],
          ['active_mm', names.get(task.mm ?? scenario.mms[0]!.name) ?? 0],
        ]),
      }),
    );
    return { task, current };
  });
  linker.options.targets.set('task_struct', () => tasks[0]!.current);
  for (const { task, current } of tasks) {
    const match = /^(\w+)\((.*)\)$/.exec(task.call.replace(/\s+/g, ''));
    const fn = match === null ? undefined : code.functions.find((one) => one.name === match[1]);
    if (match === null || fn === undefined)
      return `${scenario.name}: task ${task.name} calls '${task.call}', which the scenario does not define`;
    const args = match[2] === '' ? [] : match[2]!.split(',').map((word) => names.get(word) ?? Number(word));
    if (args.some((arg) => Number.isNaN(arg)))
      return `${scenario.name}: task ${task.name} calls '${task.call}' with an unknown argument`;
    machine.addTask({
      name: task.name,
      entry: 0,
      args,
      frame: 0,
      current,
      ...(task.daemon === true ? { daemon: true } : {}),
    });
    const compiled = linker.ensure(linker.ref(code, fn));
    memory.put(machine.bases.at(-1)!, compiled.entry);
    machine.clean(compiled.entry, machine.field(machine.tasks.length - 1, FP));
  }
  for (const [, owner] of owners) {
    machine.current = 0;
    machine.locks.at(memory.member(owner.mm, 'mmap_lock'), 'mmap');
    setEntries(machine, treeOf(machine, owner.mm), owner.entries);
  }
  memory.commit();
  return null;
}
