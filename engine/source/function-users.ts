/** Who calls a function, or takes its address. */
import { isCFile, isDefinitionAt } from './definitions.ts';
import { lineCursor } from './line-cursor.ts';
import { scanC } from './scan-c.ts';
import type { Run, SourceTree } from './tree.ts';

export interface FunctionUse {
  readonly name: string;
  readonly file: string;
  /** 1-based, both. */
  readonly line: number;
  readonly column: number;
  /** `call`: an opening parenthesis follows; `reference`: the name alone, as in an initialiser. Fields do not count. */
  readonly kind: 'call' | 'reference';
}

/**
 * The places in C files that call or name one of these functions, by name, sorted by file and place. Definitions and
 * prototypes at file scope do not count, nor do comments and strings. A hint: the caller parses the file to be
 * sure, and which of several functions of one name is meant is not asked.
 */
export async function functionUsers(
  tree: SourceTree,
  names: readonly string[],
  run?: Run,
): Promise<ReadonlyMap<string, readonly FunctionUse[]>> {
  const wanted = new Set(names);
  const found = await tree.findWords([...wanted]);
  const files = [...new Set([...found.values()].flat())].filter(isCFile).sort();
  const uses = new Map<string, FunctionUse[]>();
  for (const [done, file] of files.entries()) {
    if (run?.cancelled?.() === true) break;
    run?.progress?.('looking for callers', done, files.length);
    const text = await tree.read(file);
    if (text === null) continue;
    const lineOf = lineCursor(text);
    for (const { at, word, directive, isName, isCalled } of scanC(text, wanted)) {
      const { line, start: lineStart } = lineOf(at);
      if (isName || (directive !== null && directive !== 'define')) continue;
      if (isMember(text, at)) continue;
      if (directive === null && isDeclaration(text, at, lineStart, word.length, isCalled)) continue;
      const use: FunctionUse = {
        name: word,
        file,
        line,
        column: at - lineStart + 1,
        kind: isCalled ? 'call' : 'reference',
      };
      const list = uses.get(word);
      if (list === undefined) uses.set(word, [use]);
      else list.push(use);
    }
  }
  return uses;
}

/** A field of that name: `->name`, `.name`. */
function isMember(text: string, at: number): boolean {
  let i = at - 1;
  while (i >= 0 && (text[i] === ' ' || text[i] === '\t')) i--;
  return text[i] === '.' || (text[i] === '>' && text[i - 1] === '-');
}

/** A definition, or a prototype: a line that begins at the left edge with a type. Calls are indented. */
function isDeclaration(
  text: string,
  at: number,
  lineStart: number,
  length: number,
  isCalled: boolean,
): boolean {
  if (isDefinitionAt(text, at, length)) return true;
  const first = text.charCodeAt(lineStart);
  return isCalled && at > lineStart && first !== 32 && first !== 9 && first !== 125 && first !== 35;
}
