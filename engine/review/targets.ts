/** Which functions a series can have changed: those it touches, and those that feel it. */
import type { SourceUnit } from '../c/index.ts';
import { callbackPartners, type Definition, type Program } from '../check/index.ts';
import { type FileImage, functionUsers, type Run, type SourceTree, type SymbolUse } from '../source/index.ts';
import { counterpart, lockEffect } from './lock-effect.ts';

/** Files outside the series that are read for callers of functions whose effect on locks it changes. */
const MAX_CALLER_FILES = 40;

/** True for the files that hold C. */
export function isCode(path: string): boolean {
  return /\.[ch]$/.test(path);
}

/** The functions to check in the image after the series and in the one before. */
export interface Scope {
  readonly after: readonly Definition[];
  readonly before: readonly Definition[];
}

/**
 * The functions that the series can have changed: those its lines touch, those of a file that tests a removed
 * symbol, their callers in the same file, and the callbacks that share a table with one of them.
 */
export async function touchedFunctions(
  after: Program,
  before: Program,
  images: readonly FileImage[],
  uses: readonly SymbolUse[],
): Promise<Scope> {
  const chosen = { after: new Map<string, Definition>(), before: new Map<string, Definition>() };
  for (const image of images) {
    const post = image.post === null ? null : await after.load(image.path);
    const pre = image.pre === null || image.oldPath === null ? null : await before.load(image.oldPath);
    const changed = new Set<string>();
    const touched = (
      unit: SourceUnit,
      lines: readonly { readonly start: number; readonly end: number }[],
    ) => {
      for (const fn of unit.functions) {
        const first = unit.position(fn.at).line;
        const last = unit.position(fn.end).line;
        if (lines.some((range) => range.start <= last && range.end >= first)) changed.add(fn.name);
      }
      // What a macro with arguments does, it does in the functions that use it.
      for (const macro of unit.macros) {
        if (macro.params === null) continue;
        const first = unit.position(macro.at).line;
        const last = unit.position(macro.end).line;
        if (lines.some((range) => range.start <= last && range.end >= first)) changed.add(macro.name);
      }
    };
    if (post)
      touched(post, [
        ...image.changedPostLines,
        ...image.deletions.map((gap) => ({ start: gap.after, end: gap.after + 1 })),
      ]);
    if (pre) touched(pre, image.changedPreLines);
    choose(chosen.after, post, withCallers(post, changed));
    choose(chosen.before, pre, withCallers(pre, changed));
  }
  for (const path of new Set(uses.map((use) => use.file))) {
    if (!isCode(path)) continue;
    const post = await after.load(path);
    const pre = await before.load(path);
    const tested = new Set<string>();
    const symbols = new Set(uses.filter((use) => use.file === path).map((use) => use.symbol));
    for (const fn of post?.functions ?? [])
      if (fn.symbols.some((symbol) => symbols.has(symbol))) tested.add(fn.name);
    choose(chosen.after, post, withCallers(post, tested));
    choose(chosen.before, pre, withCallers(pre, tested));
  }
  return { after: [...chosen.after.values()], before: [...chosen.before.values()] };
}

function choose(into: Map<string, Definition>, unit: SourceUnit | null, names: ReadonlySet<string>): void {
  if (!unit) return;
  for (const fn of unit.functions) if (names.has(fn.name)) into.set(`${unit.path}\n${fn.at}`, { unit, fn });
}

/** The names, and those of the functions of the file that call one of them. */
function withCallers(unit: SourceUnit | null, names: ReadonlySet<string>): ReadonlySet<string> {
  const all = new Set(names);
  for (const fn of unit?.functions ?? []) if (fn.calls.some((name) => names.has(name))) all.add(fn.name);
  // Callbacks of one table are judged together.
  if (unit) for (const name of callbackPartners(unit, all)) all.add(name);
  return all;
}

/**
 * The scope with the other halves: where a function of a file gives back otherwise than before, those of the file
 * that take, and the reverse.
 */
export function withOtherHalves(after: Program, before: Program, scope: Scope): Scope {
  const units = new Map<string, Definition>();
  for (const one of scope.after) {
    if (units.has(one.unit.path)) continue;
    if (lockEffect(after, one) !== lockEffect(before, counterpart(scope.before, one)))
      units.set(one.unit.path, one);
  }
  const wider = { after: [...scope.after], before: [...scope.before] };
  for (const path of units.keys()) {
    for (const [program, list] of [
      [after, wider.after],
      [before, wider.before],
    ] as const) {
      const unit = program.unit(path);
      for (const fn of unit?.functions ?? []) {
        const one = { unit: unit!, fn };
        if (!list.some((other) => other.fn === fn) && lockEffect(program, one) !== '') list.push(one);
      }
    }
  }
  return wider;
}

/** The names of macros of headers that the series changes, and that have to do with locks. */
function changedMacros(after: Program, before: Program, images: readonly FileImage[]): readonly string[] {
  const names = new Set<string>();
  for (const image of images) {
    if (!image.path.endsWith('.h')) continue;
    const old = new Map(
      (before.unit(image.oldPath ?? image.path)?.macros ?? []).map((one) => [one.name, one.body]),
    );
    for (const { name, params, body } of after.unit(image.path)?.macros ?? []) {
      const was = old.get(name);
      if (params === null || was === undefined || was === body) continue;
      if (after.touchesLocks(body) || before.touchesLocks(was)) names.add(name);
    }
  }
  return [...names];
}

/**
 * The scope with the callers, anywhere in the tree, of functions that now do something else to locks than
 * before the series, and with the users of macros that do. Static functions have theirs in their own file, which
 * is in the scope already.
 */
export async function withForeignCallers(
  after: Program,
  before: Program,
  scope: Scope,
  images: readonly FileImage[],
  tree: SourceTree,
  run?: Run,
): Promise<Scope> {
  const changed = scope.after.filter(
    (one) =>
      (!one.fn.isStatic || one.unit.path.endsWith('.h')) &&
      lockEffect(after, one) !== lockEffect(before, counterpart(scope.before, one)),
  );
  const names = [
    ...new Set([...changed.map((one) => one.fn.name), ...changedMacros(after, before, images)]),
  ].sort();
  if (names.length === 0) return scope;
  const uses = await functionUsers(tree, names, run);
  const known = new Set(scope.after.map((one) => one.unit.path));
  const files = [...new Set([...uses.values()].flat().map((use) => use.file))].filter(
    (file) => !known.has(file),
  );
  const wider = { after: [...scope.after], before: [...scope.before] };
  const wanted = new Set(names);
  for (const file of files.sort().slice(0, MAX_CALLER_FILES)) {
    for (const [program, list] of [
      [after, wider.after],
      [before, wider.before],
    ] as const) {
      const unit = await program.load(file);
      const callers = (unit?.functions ?? []).filter((fn) => fn.calls.some((name) => wanted.has(name)));
      list.push(...callers.map((fn) => ({ unit: unit!, fn })));
    }
  }
  await after.loadCallees(wider.after, run);
  await before.loadCallees(wider.before, run);
  return wider;
}
