/** Reading one C file without fixing a configuration. */
import { initialiserOf, structOf, structsOf } from './aggregates.ts';
import { findDeclarator } from './declarators.ts';
import { type Conditionals, conditionAt, readConditionals, upperBound } from './directives.ts';
import { functionOf, prototypeOf } from './functions.ts';
import type { Span } from './ir.ts';
import type { Scan } from './items.ts';
import { guardOf, macroOf } from './macros.ts';
import { findItems } from './structure.ts';
import * as T from './tokens.ts';
import type {
  FunctionSource,
  GuardDefinition,
  Initialiser,
  MacroDefinition,
  Prototype,
  SourceUnit,
  StructDefinition,
  SymbolTest,
} from './unit.ts';
import * as W from './words.ts';

/** Arrays that are used again for every file. `parseUnit()` is synchronous and keeps nothing of them. */
const SCRATCH = T.newTokens();

const CONDITIONALS = new WeakMap<SourceUnit, Conditionals>();

/** The `#if` structure of a unit, for slicing its functions. */
export function conditionalsOf(unit: SourceUnit): Conditionals {
  const known = CONDITIONALS.get(unit);
  if (known !== undefined) return known;
  // A unit that did not come from parseUnit(), a copy for one: read its directives again.
  const tokens = T.newTokens();
  T.tokenise(unit.text, 0, unit.text.length, tokens);
  const conditionals = readConditionals(unit.text, tokens.directives, tokens.count);
  CONDITIONALS.set(unit, conditionals);
  return conditionals;
}

/** What a stretch of a file holds. */
export interface Contents {
  readonly functions: FunctionSource[];
  readonly macros: MacroDefinition[];
  readonly initialisers: Initialiser[];
  readonly guards: GuardDefinition[];
  readonly structs: StructDefinition[];
  readonly prototypes: Prototype[];
  readonly symbolTests: SymbolTest[];
  readonly includes: string[];
  readonly problems: (Span & { readonly message: string })[];
}

export function emptyContents(): Contents {
  return {
    functions: [],
    macros: [],
    initialisers: [],
    guards: [],
    structs: [],
    prototypes: [],
    symbolTests: [],
    includes: [],
    problems: [],
  };
}

/**
 * Reads a C source or header file: one scan, no configuration, no tree-sitter. Any text is accepted; what
 * could not be read is in `problems`. Linear in the length of the text.
 */
export function parseUnit(path: string, text: string): SourceUnit {
  T.tokenise(text, 0, text.length, SCRATCH);
  const conditionals = readConditionals(text, SCRATCH.directives, SCRATCH.count);
  const contents = emptyContents();
  readContents({ text, tokens: SCRATCH, conditionals }, contents);
  append(contents.problems, conditionals.problems);
  if (SCRATCH.kinds.length > 1 << 22) Object.assign(SCRATCH, T.newTokens());
  SCRATCH.directives = [];
  return makeUnit(path, text, contents, conditionals);
}

/** Puts a unit together from its contents. */
export function makeUnit(
  path: string,
  text: string,
  contents: Contents,
  conditionals: Conditionals,
): SourceUnit {
  const unit: SourceUnit = {
    path,
    text,
    ...contents,
    ...lineFunctions(text),
    conditionAt: (offset) => conditionAt(conditionals, offset),
  };
  CONDITIONALS.set(unit, conditionals);
  return unit;
}

/** Adds what the tokens of a scan hold to `contents`. */
export function readContents(scan: Scan, contents: Contents): void {
  const { text, tokens } = scan;
  append(contents.problems, tokens.problems);
  const { items, balanced } = findItems(scan);
  for (const item of items) {
    if (item.declarator !== null) {
      const fn = functionOf(scan, item);
      if (fn === null) continue;
      // `lock_struct(name) { … };`: a struct whose head a macro makes.
      const isStruct = fn.definedBy !== 'function' && tokens.kinds[item.to] === T.SEMICOLON;
      if (isStruct) contents.structs.push(structOf(scan, item, fn.name));
      else contents.functions.push(fn);
    } else if (item.assigned) {
      const initialiser = initialiserOf(scan, item);
      if (initialiser !== null) contents.initialisers.push(initialiser);
    } else if (item.open >= 0) {
      contents.structs.push(...structsOf(scan, item));
    } else {
      const guard = guardOf(scan, item);
      if (guard !== null) {
        contents.guards.push(guard);
        continue;
      }
      const declarator = findDeclarator(text, tokens, item.from, item.to - 1);
      const prototype = declarator === null ? null : prototypeOf(scan, item, declarator);
      if (prototype !== null) contents.prototypes.push(prototype);
    }
  }
  if (!balanced && !items.some((item) => item.cut)) {
    contents.problems.push({
      at: tokens.starts[0]!,
      end: tokens.starts[tokens.count]!,
      message: 'braces do not balance',
    });
  }
  const { macros, includes } = readLines(scan);
  append(contents.macros, macros);
  append(contents.includes, includes);
  append(contents.symbolTests, symbolTestsOf(scan));
}

/** Not `push(...more)`: a register header has more macros than a call can have arguments. */
export function append<V>(list: V[], more: readonly V[]): void {
  for (const one of more) list.push(one);
}

function readLines(scan: Scan): { macros: MacroDefinition[]; includes: string[] } {
  const macros: MacroDefinition[] = [];
  const includes: string[] = [];
  for (const directive of scan.conditionals.directives) {
    if (directive.kind === 'define') {
      const macro = macroOf(scan, directive);
      if (macro !== null) macros.push(macro);
    } else if (directive.kind === 'include') {
      const name = includedName(scan.text.slice(directive.argument, directive.end).trim());
      if (name !== null) includes.push(name);
    }
  }
  return { macros, includes };
}

function includedName(argument: string): string | null {
  const close = argument.startsWith('<') ? '>' : argument.startsWith('"') ? '"' : null;
  const end = close === null ? -1 : argument.indexOf(close, 1);
  return end < 0 ? null : argument.slice(0, end + 1);
}

/** The places that test a configuration symbol, in the order of the text. */
function symbolTestsOf(scan: Scan): SymbolTest[] {
  const { text, tokens, conditionals } = scan;
  const { kinds, words, starts, ends, count } = tokens;
  const tests: SymbolTest[] = [];
  for (const directive of conditionals.directives) {
    const { kind } = directive;
    if (kind === 'define') configWords(text, directive.argument, directive.end, 'expression', tests);
    else if (kind.includes('if') && kind !== 'endif') {
      configWords(text, directive.argument, directive.end, 'preprocessor', tests);
    }
  }
  for (let i = 2; i < count; i++) {
    if (words[i] !== W.CONFIG || kinds[i - 1] !== T.PAREN_OPEN || kinds[i - 2] !== T.WORD) continue;
    const symbol = withoutModule(text.slice(starts[i]!, ends[i]!));
    tests.push({ symbol, how: 'expression', at: starts[i]!, end: ends[i]! });
  }
  return tests.sort((a, b) => a.at - b.at);
}

function configWords(
  text: string,
  from: number,
  to: number,
  how: SymbolTest['how'],
  tests: SymbolTest[],
): void {
  const line = text.slice(from, to);
  for (let i = line.indexOf('CONFIG_'); i >= 0; i = line.indexOf('CONFIG_', i + 1)) {
    const word = /^\w*/.exec(line.slice(i, i + 200))![0];
    const before = line.charCodeAt(i - 1);
    // A name that only ends in CONFIG_… is another name.
    if (i > 0 && (before === 95 || (before >= 48 && before <= 57) || (before | 32) >= 97)) continue;
    tests.push({ symbol: withoutModule(word), how, at: from + i, end: from + i + word.length });
  }
}

function withoutModule(symbol: string): string {
  return symbol.endsWith('_MODULE') ? symbol.slice(0, -'_MODULE'.length) : symbol;
}

/** The line table is made when it is first asked for. */
function lineFunctions(text: string): Pick<SourceUnit, 'position' | 'line' | 'lineStart'> {
  let starts: Int32Array | null = null;
  const table = (): Int32Array => {
    if (starts !== null) return starts;
    let count = 1;
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) count++;
    starts = new Int32Array(count);
    let line = 1;
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts[line++] = i + 1;
    return starts;
  };
  const lineStart = (line: number): number => {
    const lines = table();
    if (line < 1) return 0;
    return line <= lines.length ? lines[line - 1]! : text.length;
  };
  return {
    lineStart,
    line: (line) => {
      const from = lineStart(line);
      const newline = text.indexOf('\n', from);
      const to = newline < 0 ? text.length : newline;
      return text.slice(from, text.charCodeAt(to - 1) === 13 && to > from ? to - 1 : to);
    },
    position: (offset) => {
      const bounded = Math.min(Math.max(offset, 0), text.length);
      const line = upperBound(table(), bounded);
      return { line, column: bounded - table()[line - 1]! + 1 };
    },
  };
}
