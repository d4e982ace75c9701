/**
 * tree-sitter's C parser behind a small door: the wasm comes in as bytes, and no tree leaves but through a
 * callback that ends before the tree is deleted (600 parses kept 800 MB where trees were left to the collector).
 */
import { Language, type Node, Parser } from 'web-tree-sitter';

export interface CParser {
  /**
   * Parses `text` and gives the root to `use`. Null where the time budget ran out or the text is over the size
   * limit; adversarial punctuation makes the parser super-linear (16 kB took a second).
   */
  parse<T>(text: string, use: (root: Node) => T): T | null;
}

export interface ParserBytes {
  /** tree-sitter-c.wasm. */
  readonly language: Uint8Array;
  /** web-tree-sitter.wasm; without it the runtime is looked for beside its own script. */
  readonly runtime?: Uint8Array;
}

/** Longest text that is parsed, in UTF-16 units: no function of the kernel comes near. */
export const MAX_PARSE_LENGTH = 2_000_000;
/** Milliseconds for one parse. */
export const PARSE_BUDGET = 2_000;

let runtimeReady: Promise<void> | null = null;

export async function createParser(bytes: ParserBytes): Promise<CParser> {
  runtimeReady ??= Parser.init(bytes.runtime ? { wasmBinary: bytes.runtime } : {});
  await runtimeReady;
  const language = await Language.load(bytes.language);
  const parser = new Parser();
  parser.setLanguage(language);
  return {
    parse: (text, use) => {
      if (text.length > MAX_PARSE_LENGTH) return null;
      const deadline = Date.now() + PARSE_BUDGET;
      const tree = parser.parse(text, null, { progressCallback: () => Date.now() > deadline });
      if (!tree) {
        parser.reset();
        return null;
      }
      try {
        return use(tree.rootNode);
      } finally {
        tree.delete();
      }
    },
  };
}
