/** Every place in a tree that still tests or names a configuration symbol. */
import { fileKind } from './file-kind.ts';
import { readStatements, readTokens } from './kconfig/index.ts';
import { lineCursor } from './line-cursor.ts';
import { folderOf, isBelow } from './path.ts';
import { scanC } from './scan-c.ts';
import { scanRust } from './scan-rust.ts';
import type { Run, SourceTree } from './tree.ts';
import { wordOffsets } from './words.ts';

export type SymbolUseKind =
  /** C: an `#if` line; `IS_ENABLED()` and its like; any other mention; `#define` and `#undef`. */
  | 'preprocessor'
  | 'expression'
  | 'reference'
  | 'define'
  | 'undef'
  /** Kconfig: `depends on`; `select`; `imply`; a default value; the condition behind `if`; `visible if`; `range`. */
  | 'depends'
  | 'select'
  | 'imply'
  | 'default'
  | 'if'
  | 'visible'
  | 'range'
  | 'makefile'
  /** Rust: inside `cfg()`; elsewhere. */
  | 'rust-cfg'
  | 'rust'
  /** A setting in a defconfig or configuration fragment. */
  | 'defconfig'
  | 'script';

export interface SymbolUse {
  /** With `CONFIG_`, as asked for. */
  readonly symbol: string;
  readonly file: string;
  /** 1-based, both. */
  readonly line: number;
  readonly column: number;
  /** One past the last column of the name as it is written here (`X` in Kconfig, `CONFIG_X_MODULE` in C). */
  readonly endColumn: number;
  readonly kind: SymbolUseKind;
  /** The line, without its newline. */
  readonly text: string;
  /** True where the code defines the symbol itself, so that Kconfig does not matter: the `#define` and what it covers. */
  readonly isLocal: boolean;
}

/** Macros of `linux/kconfig.h` that test a symbol. */
const TESTS = new Set([
  'IS_ENABLED',
  'IS_BUILTIN',
  'IS_MODULE',
  'IS_REACHABLE',
  '__is_defined',
  'IF_ENABLED',
  'defined',
]);
const CONDITIONALS = new Set(['if', 'ifdef', 'ifndef', 'elif', 'elifdef', 'elifndef']);

/**
 * The uses of symbols (with `CONFIG_`) in C, assembler, Rust, Kconfig, makefiles, defconfigs and scripts, sorted by
 * file and place. Comments, help texts, strings and longer identifiers do not count; a `config` entry that defines
 * a symbol is no use of it.
 */
export async function symbolUsers(
  tree: SourceTree,
  symbols: readonly string[],
  run?: Run,
): Promise<readonly SymbolUse[]> {
  /** What each spelling stands for: in Kconfig, and everywhere else. */
  const inKconfig = new Map<string, string>();
  const elsewhere = new Map<string, string>();
  for (const symbol of symbols) {
    const bare = symbol.startsWith('CONFIG_') ? symbol.slice(7) : symbol;
    if (bare === '') continue;
    inKconfig.set(bare, symbol);
    elsewhere.set(`CONFIG_${bare}`, symbol);
  }
  if (inKconfig.size === 0) return [];
  // A module's CONFIG_X_MODULE is the same symbol, unless Kconfig has an X_MODULE of its own.
  for (const [bare, symbol] of inKconfig) {
    const module = `CONFIG_${bare}_MODULE`;
    if (!elsewhere.has(module)) elsewhere.set(module, symbol);
  }
  const found = await tree.findWords([...inKconfig.keys(), ...elsewhere.keys()]);
  const files = new Set<string>();
  for (const [word, paths] of found) {
    for (const path of paths) {
      const kind = fileKind(path);
      if (kind === 'other') continue;
      if (kind === 'kconfig' ? inKconfig.has(word) : elsewhere.has(word)) files.add(path);
    }
  }
  const uses: SymbolUse[] = [];
  const sorted = [...files].sort();
  for (const [done, file] of sorted.entries()) {
    if (run?.cancelled?.() === true) break;
    run?.progress?.('looking for users of configuration symbols', done, sorted.length);
    const text = await tree.read(file);
    if (text === null) continue;
    const names = fileKind(file) === 'kconfig' ? inKconfig : elsewhere;
    for (const use of usesIn(file, text, names)) uses.push(use);
  }
  return markLocal(uses);
}

/** The uses in one file. @param names symbols by their spelling in this kind of file. */
export function usesIn(file: string, text: string, names: ReadonlyMap<string, string>): SymbolUse[] {
  const uses: SymbolUse[] = [];
  const position = positions(text);
  const add = (at: number, word: string, kind: SymbolUseKind) => {
    const { line, column, lineText } = position(at);
    const symbol = names.get(word)!;
    uses.push({
      symbol,
      file,
      line,
      column,
      endColumn: column + word.length,
      kind,
      text: lineText,
      isLocal: false,
    });
  };
  const words = new Set(names.keys());
  switch (fileKind(file)) {
    case 'c':
      for (const { at, word, directive, isName, inside } of scanC(text, words)) {
        if (isName) add(at, word, directive === 'undef' ? 'undef' : 'define');
        else if (directive !== null && CONDITIONALS.has(directive)) add(at, word, 'preprocessor');
        else add(at, word, inside !== null && TESTS.has(inside) ? 'expression' : 'reference');
      }
      break;
    case 'rust':
      for (const { at, word, inCfg } of scanRust(text, words)) add(at, word, inCfg ? 'rust-cfg' : 'rust');
      break;
    case 'kconfig':
      scanKconfig(text, words, add);
      break;
    case 'make':
      scanLines(text, words, true, (at, word) => add(at, word, 'makefile'));
      break;
    case 'config':
      // `# CONFIG_X is not set` is a setting, not a comment.
      scanLines(text, words, false, (at, word) => add(at, word, 'defconfig'));
      break;
    case 'script':
      scanLines(text, words, true, (at, word) => add(at, word, 'script'));
      break;
    case 'other':
      break;
  }
  return uses;
}

function scanKconfig(
  text: string,
  words: ReadonlySet<string>,
  add: (at: number, word: string, kind: SymbolUseKind) => void,
): void {
  for (const { keyword, start, end } of readStatements(text)) {
    const kind = KCONFIG_KINDS.get(keyword);
    if (kind === undefined) continue;
    let inCondition = keyword === 'if';
    for (const token of readTokens(text, start, end)) {
      if (token.kind !== 'word') continue;
      if (token.text === 'if') inCondition = true;
      else if (words.has(token.text))
        add(token.at, token.text, inCondition && kind !== 'visible' ? 'if' : kind);
    }
  }
}

/** Statements that can name a symbol, and what a name in them is where it does not stand behind `if`. */
const KCONFIG_KINDS: ReadonlyMap<string, SymbolUseKind> = new Map(
  Object.entries({
    depends: 'depends',
    select: 'select',
    imply: 'imply',
    default: 'default',
    def_bool: 'default',
    def_tristate: 'default',
    visible: 'visible',
    range: 'range',
    if: 'if',
    prompt: 'if',
    bool: 'if',
    tristate: 'if',
    string: 'if',
    int: 'if',
    hex: 'if',
    menu: 'if',
  }),
);

/** Words in lines of text; with `hasComments`, what stands behind a `#` that begins a word does not count. */
function scanLines(
  text: string,
  words: ReadonlySet<string>,
  hasComments: boolean,
  add: (at: number, word: string) => void,
): void {
  const places: { at: number; word: string }[] = [];
  for (const word of words) for (const at of wordOffsets(text, word)) places.push({ at, word });
  places.sort((a, b) => a.at - b.at);
  const lineOf = lineCursor(text);
  let seen = 0;
  let comment = -1;
  for (const { at, word } of places) {
    const { line, start, end } = lineOf(at);
    if (line !== seen) {
      seen = line;
      comment = hasComments ? commentStart(text, start, end) : -1;
    }
    if (comment < 0 || at < comment) add(at, word);
  }
}

function commentStart(text: string, from: number, to: number): number {
  for (let at = text.indexOf('#', from); at >= 0 && at < to; at = text.indexOf('#', at + 1)) {
    const before = at === from ? ' ' : text[at - 1];
    if (before === ' ' || before === '\t') return at;
  }
  return -1;
}

/** Line, column and text of the line of rising offsets. */
function positions(text: string): (at: number) => { line: number; column: number; lineText: string } {
  const lineOf = lineCursor(text);
  let shown = -1;
  let lineText = '';
  return (at) => {
    const { line, start, end } = lineOf(at);
    if (shown !== line) {
      shown = line;
      lineText = text.slice(start, end - (text[end - 1] === '\r' ? 1 : 0));
    }
    return { line, column: at - start + 1, lineText };
  };
}

/**
 * Code that defines a symbol itself (a test harness that builds kernel code in user space, for one) does not wait
 * for Kconfig: the definition covers its own folder and those below.
 */
function markLocal(uses: readonly SymbolUse[]): SymbolUse[] {
  const defined = new Map<string, Set<string>>();
  for (const use of uses) {
    if (use.kind !== 'define') continue;
    const folders = defined.get(use.symbol) ?? new Set();
    folders.add(folderOf(use.file));
    defined.set(use.symbol, folders);
  }
  if (defined.size === 0) return [...uses];
  return uses.map((use) => {
    const folders = defined.get(use.symbol);
    if (folders === undefined) return use;
    const local = [...folders].some((folder) => folder !== '' && isBelow(use.file, folder));
    return local && isCode(use.kind) ? { ...use, isLocal: true } : use;
  });
}

function isCode(kind: SymbolUseKind): boolean {
  return (
    kind === 'preprocessor' ||
    kind === 'expression' ||
    kind === 'reference' ||
    kind === 'define' ||
    kind === 'undef'
  );
}
