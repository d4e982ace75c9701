/** What Kconfig files say of symbols. */
import { bothOf, type Expression, readExpression, YES } from './expression.ts';
import { readStatements, readTokens, scanStatements, type Token } from './statements.ts';

export type KconfigType = 'bool' | 'tristate' | 'string' | 'int' | 'hex';

export interface KconfigDefault {
  readonly value: Expression;
  readonly condition: Expression;
}

export interface KconfigSelect {
  /** Without `CONFIG_`. */
  readonly symbol: string;
  readonly condition: Expression;
}

/** One `config` or `menuconfig` entry. A symbol may have several. */
export interface KconfigDefinition {
  /** Without `CONFIG_`. */
  readonly symbol: string;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** The architecture whose Kconfig holds the entry; null for one that all share. */
  readonly arch: string | null;
  readonly type: KconfigType | null;
  /** The condition under which a person is asked; null where nobody is. */
  readonly prompt: Expression | null;
  /** All of its `depends on`, and the `if`s and menus around it. */
  readonly dependsOn: Expression;
  readonly defaults: readonly KconfigDefault[];
  readonly selects: readonly KconfigSelect[];
  readonly implies: readonly KconfigSelect[];
  /** The choice that it is one of. */
  readonly choice: KconfigChoice | null;
}

export interface KconfigChoice {
  readonly members: readonly string[];
  readonly defaults: readonly KconfigSelect[];
}

/** Where a file is read: what surrounds the statement that includes it. */
export interface Surroundings {
  readonly dependsOn: Expression;
  readonly arch: string | null;
}

/** An entry that has been found but not read: a kernel has twenty thousand, and few are asked for. */
export interface KconfigEntry {
  readonly symbol: string;
  readonly file: string;
  readonly line: number;
  readonly arch: string | null;
  /** Symbols that it selects, and implies, under whatever condition. */
  readonly selects: readonly string[];
  readonly implies: readonly string[];
  /** Reads the rest; the same object each time. */
  read(): KconfigDefinition;
}

export interface KconfigFile {
  readonly entries: readonly KconfigEntry[];
  /** Files that it includes, with what surrounds the `source` line. The path may hold `$(…)`. */
  readonly sources: readonly { readonly path: string; readonly dependsOn: Expression }[];
}

interface Choice {
  members: string[];
  defaults: KconfigSelect[];
}

/** An `if`, a menu or a choice. Its `depends on` may come after it was opened, but before what is in it. */
interface Scope {
  readonly kind: 'if' | 'menu' | 'choice';
  dependsOn: Expression;
  readonly choice: Choice | null;
}

interface Extent {
  readonly symbol: string;
  readonly line: number;
  readonly scope: Expression;
  readonly choice: Choice | null;
  /** Offsets of the lines behind the `config` line. */
  readonly from: number;
  to: number;
  selects: string[];
  implies: string[];
}

const NONE: readonly string[] = [];

/** Finds the entries of one Kconfig file. Never throws; what cannot be read is passed over. */
export function readKconfig(file: string, text: string, around: Surroundings): KconfigFile {
  const extents: Extent[] = [];
  const sources: { path: string; dependsOn: Expression }[] = [];
  const scopes: Scope[] = [{ kind: 'menu', dependsOn: around.dependsOn, choice: null }];
  let entry: Extent | null = null;
  let open: Scope | null = null;

  const push = (kind: Scope['kind'], dependsOn: Expression, choice: Choice | null = null) => {
    const outer = scopes[scopes.length - 1]!;
    const scope: Scope = { kind, dependsOn: bothOf(outer.dependsOn, dependsOn), choice };
    scopes.push(scope);
    return scope;
  };
  const pop = (kind: Scope['kind']) => {
    if (scopes.length > 1 && scopes[scopes.length - 1]!.kind === kind) scopes.pop();
  };
  const close = (at: number) => {
    if (entry !== null) entry.to = at;
    entry = null;
    open = null;
  };

  scanStatements(text, 0, text.length, 1, (keyword, start, end, line, lineStart) => {
    const scope = scopes[scopes.length - 1]!;
    switch (keyword) {
      case 'config':
      case 'menuconfig': {
        close(lineStart);
        const symbol = firstWord(text, start, end);
        if (symbol === '') break;
        scope.choice?.members.push(symbol);
        const { dependsOn, choice } = scope;
        const next = {
          symbol,
          line,
          scope: dependsOn,
          choice,
          from: end,
          to: text.length,
          selects: [],
          implies: [],
        };
        extents.push(next);
        entry = next;
        break;
      }
      case 'select':
        entry?.selects.push(firstWord(text, start, end));
        break;
      case 'imply':
        entry?.implies.push(firstWord(text, start, end));
        break;
      case 'if':
        close(lineStart);
        push('if', readExpression(readTokens(text, start, end), 0).value);
        break;
      case 'endif':
        close(lineStart);
        pop('if');
        break;
      case 'menu':
        close(lineStart);
        open = push('menu', YES);
        break;
      case 'endmenu':
        close(lineStart);
        pop('menu');
        break;
      case 'choice':
        close(lineStart);
        open = push('choice', YES, { members: [], defaults: [] });
        break;
      case 'endchoice':
        close(lineStart);
        pop('choice');
        break;
      case 'comment':
      case 'mainmenu':
        close(lineStart);
        break;
      case 'source':
      case 'rsource':
      case 'osource':
      case 'orsource': {
        close(lineStart);
        const path = readTokens(text, start, end)[0];
        if (path === undefined) break;
        const folder = keyword.includes('rs') ? file.slice(0, file.lastIndexOf('/') + 1) : '';
        sources.push({ path: folder + path.text, dependsOn: scope.dependsOn });
        break;
      }
      case 'depends':
        if (open !== null) open.dependsOn = bothOf(open.dependsOn, dependsOf(text, start, end));
        break;
      case 'default':
        if (open?.choice != null) {
          const target = readTarget(text, start, end);
          if (target !== null) open.choice.defaults.push(target);
        }
        break;
    }
  });
  const entries = extents.map((extent) => entryOf(extent, file, text, around.arch));
  return { entries, sources };
}

function entryOf(extent: Extent, file: string, text: string, arch: string | null): KconfigEntry {
  const { symbol, line, selects, implies } = extent;
  let definition: KconfigDefinition | null = null;
  return {
    symbol,
    file,
    line,
    arch,
    selects: selects.length === 0 ? NONE : selects,
    implies: implies.length === 0 ? NONE : implies,
    read() {
      definition ??= readEntry(extent, file, text, arch);
      return definition;
    },
  };
}

function readEntry(extent: Extent, file: string, text: string, arch: string | null): KconfigDefinition {
  let type: KconfigType | null = null;
  let prompt: Expression | null = null;
  let dependsOn = extent.scope;
  const defaults: KconfigDefault[] = [];
  const selects: KconfigSelect[] = [];
  const implies: KconfigSelect[] = [];
  for (const { keyword, start, end } of readStatements(text, extent.from, extent.to)) {
    switch (keyword) {
      case 'bool':
      case 'tristate':
      case 'string':
      case 'int':
      case 'hex': {
        type = keyword;
        const tokens = readTokens(text, start, end);
        if (tokens[0]?.kind === 'string' || tokens[0]?.kind === 'macro') prompt = conditionAfter(tokens, 1);
        break;
      }
      case 'prompt':
        prompt = conditionAfter(readTokens(text, start, end), 1);
        break;
      case 'def_bool':
      case 'def_tristate':
        type = keyword === 'def_bool' ? 'bool' : 'tristate';
        defaults.push(readDefault(text, start, end));
        break;
      case 'default':
        defaults.push(readDefault(text, start, end));
        break;
      case 'depends':
        dependsOn = bothOf(dependsOn, dependsOf(text, start, end));
        break;
      case 'select':
      case 'imply': {
        const target = readTarget(text, start, end);
        if (target !== null) (keyword === 'select' ? selects : implies).push(target);
        break;
      }
    }
  }
  const { symbol, line, choice } = extent;
  return { symbol, file, line, arch, type, prompt, dependsOn, defaults, selects, implies, choice };
}

function firstWord(text: string, start: number, end: number): string {
  const token = readTokens(text, start, end, 1)[0];
  return token?.kind === 'word' ? token.text : '';
}

function readDefault(text: string, start: number, end: number): KconfigDefault {
  const tokens = readTokens(text, start, end);
  const { value, next } = readExpression(tokens, 0);
  return { value, condition: conditionAfter(tokens, next) };
}

function readTarget(text: string, start: number, end: number): KconfigSelect | null {
  const tokens = readTokens(text, start, end);
  if (tokens[0]?.kind !== 'word') return null;
  return { symbol: tokens[0].text, condition: conditionAfter(tokens, 1) };
}

/** The `if …` at token `from`; `y` where there is none. */
function conditionAfter(tokens: readonly Token[], from: number): Expression {
  const token = tokens[from];
  return token?.kind === 'word' && token.text === 'if' ? readExpression(tokens, from + 1).value : YES;
}

/** `depends on A if B` binds only where B holds. */
function dependsOf(text: string, start: number, end: number): Expression {
  const tokens = readTokens(text, start, end);
  const from = tokens[0]?.kind === 'word' && tokens[0].text === 'on' ? 1 : 0;
  const { value, next } = readExpression(tokens, from);
  const condition = conditionAfter(tokens, next);
  return condition === YES ? value : { kind: 'or', operands: [{ kind: 'not', operand: condition }, value] };
}
