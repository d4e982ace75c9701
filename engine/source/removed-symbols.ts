/** The configuration symbols that a series does away with. */
import { fileKind } from './file-kind.ts';
import type { ImageSet } from './images.ts';
import { readStatements, readTokens } from './kconfig/index.ts';
import { lineCursor } from './line-cursor.ts';
import { scanC } from './scan-c.ts';
import type { SourceTree } from './tree.ts';
import { isWordCode } from './words.ts';

export interface RemovedSymbol {
  /** With `CONFIG_`. */
  readonly symbol: string;
  /** Where it was defined last: a file and 1-based line of the pre-image. */
  readonly file: string;
  readonly line: number;
  /** `kconfig`: by a `config` entry; `define`: by a `#define CONFIG_…`. */
  readonly kind: 'kconfig' | 'define';
}

/**
 * The symbols whose last definition, in Kconfig or by `#define CONFIG_…`, the series removes; sorted by name.
 * @param after the tree as the series leaves it (`postTree()`): a symbol that it still defines anywhere, another
 * architecture included, is not removed.
 */
export async function removedDefinitions(
  images: ImageSet,
  after: SourceTree,
): Promise<readonly RemovedSymbol[]> {
  const gone = new Map<string, RemovedSymbol>();
  for (const image of images.files) {
    if (image.pre === null) continue;
    const file = image.oldPath ?? image.path;
    const kept = new Set(
      image.post === null ? [] : definedIn(image.path, image.post).map((one) => one.symbol),
    );
    for (const one of definedIn(file, image.pre)) {
      if (!kept.has(one.symbol) && !gone.has(one.symbol)) gone.set(one.symbol, { ...one, file });
    }
  }
  if (gone.size === 0) return [];
  // With the spellings that symbolUsers() will ask for, so that the tree is searched once.
  const names = [...gone.keys()].flatMap((symbol) => [symbol, symbol.slice(7), `${symbol}_MODULE`]);
  const found = await after.findWords(names);
  const left: RemovedSymbol[] = [];
  for (const [symbol, one] of gone) {
    const paths = new Set([...(found.get(symbol) ?? []), ...(found.get(symbol.slice(7)) ?? [])]);
    if (!(await isDefined(one, paths, after))) left.push(one);
  }
  return left.sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
}

/** The names of the symbols that `removedDefinitions()` finds. */
export async function removedSymbols(images: ImageSet, after: SourceTree): Promise<readonly string[]> {
  return (await removedDefinitions(images, after)).map((one) => one.symbol);
}

/** Kconfig defines a symbol for all; a `#define` stands in only for another `#define`. */
async function isDefined(one: RemovedSymbol, paths: ReadonlySet<string>, tree: SourceTree): Promise<boolean> {
  for (const path of paths) {
    const kind = fileKind(path);
    if (kind !== 'kconfig' && !(kind === 'c' && one.kind === 'define')) continue;
    const text = await tree.read(path);
    if (text !== null && definedIn(path, text).some(({ symbol }) => symbol === one.symbol)) return true;
  }
  return false;
}

type Definition = Omit<RemovedSymbol, 'file'>;

function definedIn(path: string, text: string): Definition[] {
  switch (fileKind(path)) {
    case 'kconfig':
      return readStatements(text)
        .filter(({ keyword }) => keyword === 'config' || keyword === 'menuconfig')
        .flatMap(({ start, end, line }) => {
          const name = readTokens(text, start, end, 1)[0];
          return name?.kind === 'word'
            ? [{ symbol: `CONFIG_${name.text}`, line, kind: 'kconfig' as const }]
            : [];
        });
    case 'c':
      return definesIn(text);
    default:
      return [];
  }
}

/** The `#define CONFIG_…` lines of C text. */
function definesIn(text: string): Definition[] {
  const names = new Set<string>();
  for (let at = text.indexOf('CONFIG_'); at >= 0; at = text.indexOf('CONFIG_', at + 7)) {
    let before = at - 1;
    while (text[before] === ' ' || text[before] === '\t') before--;
    if (before === at - 1 || !text.startsWith('define', before - 5)) continue;
    let end = at + 7;
    while (end < text.length && isWordCode(text.charCodeAt(end))) end++;
    names.add(text.slice(at, end));
  }
  if (names.size === 0) return [];
  const defined = scanC(text, names).filter((one) => one.isName && one.directive === 'define');
  const lineOf = lineCursor(text);
  return defined.map(({ at, word }) => ({ symbol: word, line: lineOf(at).line, kind: 'define' as const }));
}
