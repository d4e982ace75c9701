/**
 * Fixtures of rules that need a before and an after: a file of sections, each headed by `--- before PATH`,
 * `--- after PATH` or, for a file that the patch does not touch, `--- tree PATH`. Oracles as in C fixtures stand under
 * lines of `after` and `tree` sections; they are taken out before anything is read.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { memoryTree, type SourceTree } from '../../../engine/source/index.ts';
import { type Expected, expectedIn } from '../check/oracle.ts';

export interface PatchFixture {
  readonly name: string;
  readonly tree: SourceTree;
  readonly patch: string;
  readonly expected: readonly (Expected & { readonly file: string })[];
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'fixtures', 'patches');
const ORACLE = /^\s*(?:\/\*|#)\s*\^+\s*[a-z-]+:.*$/;

/** Every fixture below test/fixtures/patches, sorted. */
export function patchFixtures(): readonly PatchFixture[] {
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => read(file.slice(root.length + 1), readFileSync(file, 'utf8')));
}

function read(name: string, text: string): PatchFixture {
  const before = new Map<string, string>();
  const after = new Map<string, string>();
  const expected: (Expected & { file: string })[] = [];
  const parts = text.split(/^--- (before|after|tree) (\S+)\n/m);
  for (let at = 1; at < parts.length; at += 3) {
    const [which, file, content] = [parts[at]!, parts[at + 1]!, parts[at + 2]!];
    const lines = content.split('\n');
    const plain = lines.filter((line) => !ORACLE.test(line)).join('\n');
    if (which !== 'after') before.set(file, plain);
    if (which !== 'before') after.set(file, plain);
    // Lines are counted without the oracles above them.
    let taken = 0;
    const shift = lines.map((line) => (ORACLE.test(line) ? taken++ : taken));
    for (const one of expectedIn(content))
      expected.push({ ...one, file, line: one.line - shift[one.line - 1]! });
  }
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  const patch = paths.map((path) => diff(path, before.get(path) ?? null, after.get(path) ?? null)).join('');
  return { name, tree: memoryTree(before), patch, expected };
}

/** A git diff of one file with all of it as context; empty where nothing differs. */
export function diff(path: string, before: string | null, after: string | null): string {
  if (before === after) return '';
  const left = before === null ? [] : before.replace(/\n$/, '').split('\n');
  const right = after === null ? [] : after.replace(/\n$/, '').split('\n');
  const head = [`diff --git a/${path} b/${path}`];
  if (before === null) head.push('new file mode 100644');
  if (after === null) head.push('deleted file mode 100644');
  head.push(before === null ? '--- /dev/null' : `--- a/${path}`);
  head.push(after === null ? '+++ /dev/null' : `+++ b/${path}`);
  head.push(`@@ -${left.length ? 1 : 0},${left.length} +${right.length ? 1 : 0},${right.length} @@`);
  return `${[...head, ...edits(left, right)].join('\n')}\n`;
}

function edits(left: readonly string[], right: readonly string[]): readonly string[] {
  const lengths = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0));
  for (let a = left.length - 1; a >= 0; a--) {
    for (let b = right.length - 1; b >= 0; b--)
      lengths[a]![b] =
        left[a] === right[b]
          ? lengths[a + 1]![b + 1]! + 1
          : Math.max(lengths[a + 1]![b]!, lengths[a]![b + 1]!);
  }
  const out: string[] = [];
  let a = 0;
  let b = 0;
  while (a < left.length || b < right.length) {
    if (a < left.length && b < right.length && left[a] === right[b]) {
      out.push(` ${left[a++]}`);
      b++;
    } else if (b >= right.length || (a < left.length && lengths[a + 1]![b]! >= lengths[a]![b + 1]!)) {
      out.push(`-${left[a++]}`);
    } else out.push(`+${right[b++]}`);
  }
  return out;
}
