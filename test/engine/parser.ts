/** The C parser for tests, loaded once for a test file. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type CParser, createParser } from '../../engine/c/index.ts';

const require = createRequire(import.meta.url);
let parser: Promise<CParser> | null = null;

export function testParser(): Promise<CParser> {
  parser ??= createParser({ language: readFileSync(require.resolve('tree-sitter-c/tree-sitter-c.wasm')) });
  return parser;
}
