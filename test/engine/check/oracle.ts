/**
 * Fixtures that carry what is expected of them: under a line of C, a comment of the form
 * `^^^ rule-id: words of the message` says that the rule reports that line. The carets stand under the place.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Expected {
  readonly line: number;
  readonly rule: string;
  /** The message must contain this. */
  readonly words: string;
}

export interface Fixture {
  /** Path below test/fixtures, as `rules/lock-leak/bad-early-return.c`. */
  readonly path: string;
  readonly text: string;
  readonly expected: readonly Expected[];
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'fixtures');

/** Every C file below a folder of the fixtures, sorted. */
export function fixtures(folder: string): readonly Fixture[] {
  const found: Fixture[] = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.c')) continue;
    const file = join(entry.parentPath, entry.name);
    const text = readFileSync(file, 'utf8');
    found.push({ path: file.slice(root.length + 1), text, expected: expectedIn(text) });
  }
  return found.sort((left, right) => (left.path < right.path ? -1 : 1));
}

/** The oracles of a text. A line may have several below it; they speak of the last line that is none. */
export function expectedIn(text: string): readonly Expected[] {
  const expected: Expected[] = [];
  let line = 0;
  for (const [at, content] of text.split('\n').entries()) {
    const match = /^\s*\/\*\s*\^+\s*([a-z-]+):\s*(.*?)\s*\*\/\s*$/.exec(content);
    if (match) expected.push({ line, rule: match[1]!, words: match[2]! });
    else line = at + 1;
  }
  return expected;
}
