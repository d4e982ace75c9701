/** Source trees made of strings: for tests, for fragments, and for a tree as a patch leaves it. */
import { hasDefinition, orderDefinitions } from './definitions.ts';
import { cleanPath, isBelow } from './path.ts';
import type { SourceTree } from './tree.ts';
import { hasWord } from './words.ts';

/** A tree of the given files, by path. Paths that could lead out of a tree are left out. */
export function memoryTree(files: ReadonlyMap<string, string>, name = 'memory'): SourceTree {
  return { ...overlayTree(null, files), name };
}

/**
 * A tree in which some files have other text, are new, or (null) are gone. `base` null is a tree without files.
 * Every answer, searches included, is as if the files had been written.
 */
export function overlayTree(base: SourceTree | null, files: ReadonlyMap<string, string | null>): SourceTree {
  const over = new Map<string, string | null>();
  for (const [path, text] of files) {
    const clean = cleanPath(path);
    if (clean !== null) over.set(clean, text);
  }
  const present = [...over].filter((entry): entry is [string, string] => entry[1] !== null).sort(byPath);
  if (base !== null && over.size === 0) return base;
  let listed: readonly string[] | null = null;

  const merge = async (
    found: ReadonlyMap<string, readonly string[]>,
    keys: readonly string[],
    add: (key: string) => readonly string[],
    order: (key: string, paths: readonly string[]) => readonly string[],
  ) => {
    const merged = new Map<string, readonly string[]>();
    for (const key of keys) {
      const kept = (found.get(key) ?? []).filter((path) => !over.has(path));
      const added = add(key);
      const paths = added.length === 0 ? kept : order(key, [...kept, ...added]);
      if (paths.length > 0) merged.set(key, paths);
    }
    return merged;
  };

  return {
    name: base?.name ?? 'no tree',
    async read(path) {
      const clean = cleanPath(path);
      if (clean === null) return null;
      const text = over.get(clean);
      return text !== undefined ? text : ((await base?.read(clean)) ?? null);
    },
    async readBlob(hash) {
      return (await base?.readBlob(hash)) ?? null;
    },
    async list() {
      if (listed === null) {
        const paths = base === null ? [] : (await base.list()).filter((path) => !over.has(path));
        listed = [...paths, ...present.map(([path]) => path)].sort();
      }
      return listed;
    },
    async findWords(words, under) {
      const found = base === null ? new Map<string, readonly string[]>() : await base.findWords(words, under);
      const here = present.filter(
        ([path]) => under === undefined || under.some((folder) => isBelow(path, folder)),
      );
      return merge(
        found,
        words,
        (word) => here.filter(([, text]) => hasWord(text, word)).map(([path]) => path),
        (_, paths) => [...paths].sort(),
      );
    },
    async findDefinitions(names) {
      const found = base === null ? new Map<string, readonly string[]>() : await base.findDefinitions(names);
      return merge(
        found,
        names,
        (name) => present.filter(([path, text]) => hasDefinition(path, text, name)).map(([path]) => path),
        (_, paths) => orderDefinitions(paths),
      );
    },
  };
}

function byPath(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}
