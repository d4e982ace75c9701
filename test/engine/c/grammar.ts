/** tree-sitter's C grammar for tests of the pre-pass, without the engine's own parser. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Language, type Node, Parser } from 'web-tree-sitter';

const require = createRequire(import.meta.url);
let loaded: Promise<Parser> | null = null;

async function load(): Promise<Parser> {
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(await Language.load(readFileSync(require.resolve('tree-sitter-c/tree-sitter-c.wasm'))));
  return parser;
}

/** What the grammar could not read in a text, as `line: text`; empty for one clean definition of a function. */
export async function complaints(text: string): Promise<string[]> {
  loaded ??= load();
  const tree = (await loaded).parse(text)!;
  const found: string[] = [];
  const visit = (node: Node) => {
    if (node.isError || node.isMissing) {
      const { row } = node.startPosition;
      found.push(`${row + 1}: ${node.isMissing ? `MISSING ${node.type}` : node.text}`);
    } else if (node.hasError) {
      for (const child of node.children) if (child) visit(child);
    }
  };
  visit(tree.rootNode);
  const definitions = tree.rootNode.namedChildren.filter((child) => child?.type === 'function_definition');
  if (found.length === 0 && definitions.length !== 1) found.push(`${definitions.length} definitions`);
  tree.delete();
  return found;
}
