/** `definition-coverage`: the configurations in which a function that the series moves or guards is defined, and used. */
import {
  and,
  type Condition,
  type Configuration,
  evaluate,
  formatCondition,
  symbolsOf,
  type Tristate,
} from '../c/index.ts';
import { type Definition, definitionCoverage, type Finding, type Program } from '../check/index.ts';
import {
  baseName,
  buildRules,
  type FileImage,
  folderOf,
  functionUsers,
  type ImageSet,
  loadKconfig,
  type Run,
  type SourceTree,
} from '../source/index.ts';
import { isCode } from './targets.ts';

/** Symbols over which the definitions of one function are looked at. */
const MAX_SYMBOLS = 5;
/** Functions of one series. */
const MAX_FUNCTIONS = 60;
/** Files that are read for the users of one function. */
const MAX_USERS = 40;

interface Place {
  readonly condition: Condition;
  readonly path: string;
  readonly line: number;
}

export async function coverageFindings(
  images: ImageSet,
  after: Program,
  before: Program,
  tree: SourceTree,
  run?: Run,
): Promise<readonly Finding[]> {
  const moved = movedOrGuarded(images, after, before);
  if (moved.size === 0) return [];
  // Of hunks alone, the conditions around them are not known.
  const fragments = new Set(images.files.filter((one) => one.basis === 'fragment').map((one) => one.path));
  const names = [...moved.keys()].sort().slice(0, MAX_FUNCTIONS);
  const where = new Conditions(tree);
  const defining = await tree.findDefinitions(names);
  const users = await functionUsers(tree, names, run);
  const kconfig = await loadKconfig(tree);
  const findings: Finding[] = [];
  for (const name of names) {
    if (run?.cancelled?.()) break;
    const fn = moved.get(name)!;
    for (const path of defining.get(name) ?? []) await after.load(path);
    const definitions = await where.definitions(after, name);
    // Every architecture may have its own; and one that is weak may be there twice.
    if (definitions.some(({ path }) => /^(arch|tools|samples)\//.test(path))) continue;
    if (
      after
        .definitions(name)
        .some(({ unit, fn: one }) => unit.text.slice(one.at, one.bodyAt).includes('__weak'))
    )
      continue;
    if (after.definitions(name).some(({ unit }) => fragments.has(unit.path))) continue;
    const files = [...new Set((users.get(name) ?? []).map((use) => use.file))]
      // An inline function of a header wants something only where somebody calls it.
      .filter((file) => !fragments.has(file) && !file.endsWith('.h'))
      .slice(0, MAX_USERS);
    const asked = new Set(definitions.flatMap(({ condition }) => [...symbolsOf(condition)]));
    const uses: Place[] = [];
    for (const file of files) {
      const unit = await after.load(file);
      if (!unit) continue;
      const around = await where.file(file);
      // What the symbol of another driver depends on is not followed, so what it builds wants nothing for certain.
      if (!around || [...symbolsOf(around)].some((symbol) => !asked.has(symbol))) continue;
      for (const use of users.get(name) ?? []) {
        if (use.file !== file) continue;
        const condition = and(around, unit.conditionAt(unit.lineStart(use.line)));
        uses.push({ condition, path: file, line: use.line });
      }
    }
    // Nobody in view calls it. Where it has several definitions, those who declare it expect one in any case.
    const offered = uses.length === 0 && definitions.length > 1 ? declarations(after, name) : [];
    const hole = findHole(name, definitions, uses.length > 0 ? uses : offered, (values) =>
      kconfig.isPossible(values),
    );
    if (hole) findings.push(finding(fn, hole));
  }
  return findings;
}

/** The functions of the series that stand elsewhere than before, or under another condition. */
function movedOrGuarded(images: ImageSet, after: Program, before: Program): ReadonlyMap<string, Definition> {
  const found = new Map<string, Definition>();
  const old = new Map<string, readonly { readonly path: string; readonly condition: string }[]>();
  for (const image of images.files.filter((one) => isCode(one.path))) {
    for (const fn of before.unit(image.oldPath ?? image.path)?.functions ?? []) {
      const known = old.get(fn.name) ?? [];
      old.set(fn.name, [...known, { path: image.path, condition: formatCondition(fn.presence) }]);
    }
  }
  for (const image of images.files.filter((one) => isCode(one.path) && one.basis !== 'fragment')) {
    const unit = after.unit(image.path);
    for (const fn of unit?.functions ?? []) {
      // A static function of a C file is its own affair, and the compiler's.
      if (fn.isStatic && !image.path.endsWith('.h')) continue;
      const was = old.get(fn.name);
      if (!was) continue;
      const condition = formatCondition(fn.presence);
      if (was.some((one) => one.path === image.path && one.condition === condition)) continue;
      if (
        !isTouched(image, unit!.position(fn.at).line, unit!.position(fn.end).line) &&
        was.every((one) => one.path !== image.path)
      )
        continue;
      if (!found.has(fn.name)) found.set(fn.name, { unit: unit!, fn });
    }
  }
  return found;
}

function isTouched(image: FileImage, first: number, last: number): boolean {
  return image.changedPostLines.some((range) => range.start <= last && range.end >= first);
}

/** Conditions of files and definitions; each Makefile is read once. */
class Conditions {
  readonly #tree: SourceTree;
  readonly #files = new Map<string, Condition | null>();

  constructor(tree: SourceTree) {
    this.#tree = tree;
  }

  /**
   * The condition under which a file is compiled, as far as the Makefile beside it says. Null where it does not say:
   * the file is part of something that is made of several.
   */
  async file(path: string): Promise<Condition | null> {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const condition = await this.#read(path);
    this.#files.set(path, condition);
    return condition;
  }

  async #read(path: string): Promise<Condition | null> {
    const always: Condition = { kind: 'constant', value: true };
    if (!path.endsWith('.c')) return always;
    const folder = folderOf(path);
    const makefile = await this.#tree.read(folder === '' ? 'Makefile' : `${folder}/Makefile`);
    if (makefile === null) return always;
    const rules = buildRules(makefile, baseName(path).replace(/\.c$/, '.o'));
    if (rules.length !== 1) return rules.length === 0 ? null : always;
    const [{ symbol, unless }] = rules as [(typeof rules)[number]];
    const set = (name: string): Condition => ({ kind: 'symbol', symbol: name, test: 'enabled' });
    return and(
      symbol === null ? always : set(symbol),
      unless === null ? always : { kind: 'not', operand: set(unless) },
    );
  }

  async definitions(program: Program, name: string): Promise<readonly Place[]> {
    const places: Place[] = [];
    for (const { unit, fn } of program.definitions(name)) {
      if (fn.isStatic && !unit.path.endsWith('.h')) continue;
      const around = await this.file(unit.path);
      const condition = around ? and(around, fn.presence) : fn.presence;
      places.push({ condition, path: unit.path, line: unit.position(fn.nameAt).line });
    }
    for (const unit of program.units()) {
      for (const macro of unit.macros) {
        if (macro.name !== name || !unit.path.endsWith('.h')) continue;
        places.push({ condition: macro.presence, path: unit.path, line: unit.position(macro.at).line });
      }
    }
    return places;
  }
}

function declarations(program: Program, name: string): readonly Place[] {
  return program.units().flatMap((unit) =>
    unit.prototypes
      .filter((one) => one.name === name && unit.path.endsWith('.h'))
      .map((one) => ({
        condition: one.presence,
        path: unit.path,
        line: unit.position(one.at).line,
      })),
  );
}

interface Hole {
  readonly name: string;
  readonly kind: 'undefined' | 'twice';
  readonly values: ReadonlyMap<string, Tristate>;
  /** Who wants it; for `twice`, the two definitions. */
  readonly places: readonly Place[];
}

function findHole(
  name: string,
  definitions: readonly Place[],
  uses: readonly Place[],
  isPossible: (values: ReadonlyMap<string, Tristate>) => boolean,
): Hole | null {
  const symbols = [...new Set(definitions.flatMap(({ condition }) => symbolsOf(condition)))].sort();
  if (symbols.length === 0 || symbols.length > MAX_SYMBOLS || definitions.length === 0) return null;
  const judge = (values: ReadonlyMap<string, Tristate>): Omit<Hole, 'values' | 'name'> | null => {
    const configuration: Configuration = { values, fallback: 'y' };
    const there = definitions.filter(({ condition }) => evaluate(condition, configuration));
    if (there.length > 1) return { kind: 'twice', places: there.slice(0, 2) };
    const user = uses.find(({ condition }) => evaluate(condition, configuration));
    return there.length === 0 && user ? { kind: 'undefined', places: [user] } : null;
  };
  for (let bits = 0; bits < 1 << symbols.length; bits++) {
    const values = new Map<string, Tristate>(
      symbols.map((symbol, at) => [symbol, bits & (1 << at) ? 'n' : 'y']),
    );
    const found = judge(values);
    if (!found || !isPossible(values)) continue;
    for (const symbol of symbols) {
      const other = new Map(values).set(symbol, values.get(symbol) === 'y' ? 'n' : 'y');
      // With either value: it does not matter.
      if (judge(other)?.kind === found.kind && isPossible(other)) values.delete(symbol);
    }
    return { name, values, ...found };
  }
  return null;
}

function finding({ unit, fn }: Definition, { name, kind, values, places }: Hole): Finding {
  const at = unit.position(fn.nameAt);
  const config = Object.fromEntries([...values].sort(([a], [b]) => (a < b ? -1 : 1)));
  const under = Object.entries(config)
    .map(([symbol, value]) => `${symbol}=${value}`)
    .join(', ');
  const when = under === '' ? '' : ` with ${under}`;
  const message =
    kind === 'twice'
      ? `${name}() is defined twice${when}: in ${places.map((one) => `${one.path}:${one.line}`).join(' and ')}`
      : `nothing defines ${name}()${when}, where ${places[0]!.path}:${places[0]!.line} wants it`;
  return {
    rule: definitionCoverage.id,
    level: definitionCoverage.level,
    message,
    why: definitionCoverage.doc.why,
    advice: definitionCoverage.doc.advice,
    file: unit.path,
    line: at.line,
    column: at.column,
    endColumn: at.column + name.length,
    function: name,
    config,
    trace: [
      ...places.map((one) => ({
        file: one.path,
        line: one.line,
        column: 1,
        message: kind === 'twice' ? `defines ${name}()` : `wants ${name}()`,
        kind: 'configuration' as const,
        held: null,
      })),
      {
        file: unit.path,
        line: at.line,
        column: at.column,
        message: `this definition is compiled under ${formatCondition(fn.presence)}`,
        kind: 'violation',
        held: null,
      },
    ],
    lock: name,
    shape: `${kind} ${under}`,
  };
}
