/** The entry of one configuration symbol, as its Kconfig file has it: for who asks what the symbol is. */
import type { SourceTree } from '../tree.ts';
import { isKconfigFile } from './kconfig.ts';

export interface KconfigEntryText {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** The attributes, without the help text and without their indentation. */
  readonly text: string;
}

/** An entry's attributes are few; a longer one is cut. */
const MAX_LINES = 12;
/** Kconfig files that mention the symbol and are looked into. */
const MAX_FILES = 40;

/**
 * The first entry of the symbol in the order of the files; null where the tree has none.
 * @param symbol with `CONFIG_`
 */
export async function kconfigEntryText(tree: SourceTree, symbol: string): Promise<KconfigEntryText | null> {
  const name = symbol.replace(/^CONFIG_/, '');
  const files = (await tree.findWords([name])).get(name) ?? [];
  for (const file of files.filter(isKconfigFile).slice(0, MAX_FILES)) {
    const lines = ((await tree.read(file)) ?? '').split('\n');
    const at = lines.findIndex(
      (line) => /^\s*(?:menu)?config\s/.test(line) && line.trim().endsWith(` ${name}`),
    );
    if (at < 0) continue;
    const rest = lines.slice(at + 1, at + 1 + MAX_LINES);
    const end = rest.findIndex(
      (line) => line.trim() === '' || /^\s*(?:help|---help---)\s*$/.test(line) || /^\S/.test(line),
    );
    const attributes = end < 0 ? rest : rest.slice(0, end);
    return { file, line: at + 1, text: attributes.map((line) => line.trim()).join('\n') };
  }
  return null;
}
