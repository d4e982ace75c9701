/** A source tree in a folder. */
import {
  hasDefinition,
  hasPrototype,
  isBelow,
  isCFile,
  orderDefinitions,
  type SourceTree,
} from '../../engine/source/index.ts';
import { confinedFiles } from './confined-files.ts';
import { wordScan } from './word-scan.ts';

/** A source tree that is read from somewhere that may change or fail. */
export interface OpenTree extends SourceTree {
  /** What could not be read, and why, one sentence each. */
  problems(): readonly string[];
  /** Forgets what is remembered of a file, or of all files: to be called when something has changed. */
  changed(path?: string): void;
  /** Ends any process that serves the tree. Reading it again starts another. */
  close(): void;
}

/** How else than by reading every file words may be found: `git grep` and the like. */
export interface WordSearch {
  /** The files that contain each word; null where it cannot say. */
  find(
    words: readonly string[],
    under: readonly string[],
  ): Promise<ReadonlyMap<string, readonly string[]> | null>;
}

export interface DirectoryOptions {
  /** Tried first where the tree has more than `largeTree` files. */
  readonly search?: WordSearch;
  readonly readBlob?: (hash: string) => Promise<string | null>;
  readonly close?: () => void;
  readonly largeTree?: number;
}

/** Up to this many files, reading them all is as fast as starting a program that does. */
const LARGE_TREE = 20_000;
/** A list of files older than this (milliseconds) is made anew. */
const LIST_AGE = 5_000;

/**
 * Opens a folder as a source tree. Nothing outside it is read, whatever links it holds.
 * @throws where there is no such folder.
 */
export function openDirectoryTree(root: string, options: DirectoryOptions = {}): OpenTree {
  const files = confinedFiles(root);
  const scan = wordScan(files.root);
  let listed: { readonly paths: readonly string[]; readonly at: number } | null = null;

  const list = (): readonly string[] => {
    if (listed === null || Date.now() - listed.at > LIST_AGE)
      listed = { paths: files.walk(), at: Date.now() };
    return listed.paths;
  };

  const find = async (
    words: readonly string[],
    under: readonly string[] | undefined,
    keep: (path: string) => boolean,
  ): Promise<Map<string, readonly string[]>> => {
    const all = list();
    const folders = under?.map((folder) => (folder.endsWith('/') ? folder.slice(0, -1) : folder)) ?? [''];
    const unique = [...new Set(words)];
    if (options.search !== undefined && all.length > (options.largeTree ?? LARGE_TREE)) {
      const found = await options.search.find(unique, folders);
      if (found !== null) {
        return new Map(unique.map((word) => [word, (found.get(word) ?? []).filter(keep)]));
      }
    }
    const paths = all.filter((path) => keep(path) && folders.some((folder) => isBelow(path, folder)));
    return scan.find(unique, paths);
  };

  return {
    name: files.root,
    async read(path) {
      return files.readText(path);
    },
    async readBlob(hash) {
      return (await options.readBlob?.(hash)) ?? null;
    },
    async list() {
      return list();
    },
    async findWords(words, under) {
      return withoutEmpty(await find(words, under, () => true));
    },
    async findDefinitions(names) {
      return findDefinitions(
        names,
        (words, under) => find(words, under, isCFile),
        (path) => files.readText(path),
      );
    },
    problems: () => files.problems,
    changed(path) {
      listed = null;
      scan.forget(path);
    },
    close() {
      options.close?.();
    },
  };
}

/**
 * Files that define each name. The headers below `include/` come first, and a name that one of them defines
 * without also declaring it (so that no other body exists) is not looked for elsewhere.
 */
export async function findDefinitions(
  names: readonly string[],
  find: (
    words: readonly string[],
    under: readonly string[] | undefined,
  ) => Promise<ReadonlyMap<string, readonly string[]>>,
  read: (path: string) => string | null | Promise<string | null>,
): Promise<Map<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  const texts = new Map<string, string | null>();
  const certain = new Set<string>();
  const look = async (candidates: ReadonlyMap<string, readonly string[]>) => {
    for (const [name, paths] of candidates) {
      for (const path of paths) {
        if (found.get(name)?.includes(path) === true) continue;
        let text = texts.get(path);
        if (text === undefined) {
          text = await read(path);
          texts.set(path, text);
        }
        if (text === null || !hasDefinition(path, text, name)) continue;
        found.set(name, [...(found.get(name) ?? []), path]);
        if (isBelow(path, 'include') && !hasPrototype(text, name)) certain.add(name);
      }
    }
  };
  await look(await find(names, ['include']));
  const rest = names.filter((name) => !certain.has(name));
  if (rest.length > 0) {
    texts.clear();
    await look(await find(rest, undefined));
  }
  return new Map([...found].map(([name, paths]) => [name, orderDefinitions(paths)]));
}

/** A word that nothing contains is absent. */
export function withoutEmpty(found: ReadonlyMap<string, readonly string[]>): Map<string, readonly string[]> {
  return new Map([...found].filter(([, paths]) => paths.length > 0));
}
