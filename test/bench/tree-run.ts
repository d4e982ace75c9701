/** What the measuring scripts share: arguments, the parser, and the C files of folders. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { type CParser, createParser } from '../../engine/c/index.ts';
import type { SourceTree } from '../../engine/source/index.ts';
import { openTree } from '../../extension/tree/index.ts';

const require = createRequire(import.meta.url);

export async function loadParser(): Promise<CParser> {
  const language = readFileSync(require.resolve('tree-sitter-c/tree-sitter-c.wasm'));
  return createParser({ language });
}

export interface TreeRun {
  readonly tree: SourceTree;
  readonly files: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
}

/** `--tree DIR PATHS...`: the C files of the tree under PATHS. Ends the process with 2 on bad arguments. */
export async function openRun(
  options: Record<string, { type: 'string' | 'boolean' }> = {},
): Promise<TreeRun> {
  const { values, positionals } = parseArgs({
    options: { tree: { type: 'string' }, ...options },
    allowPositionals: true,
  });
  if (typeof values.tree !== 'string' || positionals.length === 0) {
    console.error('usage: npm run NAME -- --tree DIR PATH...');
    process.exit(2);
  }
  const tree = await openTree(values.tree);
  const under = positionals.map((path) => path.replace(/\/+$/, ''));
  const files = (await tree.list()).filter(
    (path) => path.endsWith('.c') && under.some((folder) => path === folder || path.startsWith(`${folder}/`)),
  );
  return { tree, files, values: values as TreeRun['values'] };
}

/** A plain table: the first column left, the others right. */
export function printTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const all = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) => Math.max(...all.map((row) => String(row[column] ?? '').length)));
  for (const row of all) {
    console.log(
      row
        .map((cell, column) =>
          column === 0 ? String(cell).padEnd(widths[0]!) : String(cell).padStart(widths[column]!),
        )
        .join('  '),
    );
  }
}
