/** A source tree in a folder. */
import {
  hasDefinition,
  hasPrototype,
  isBelow,
  isCFile,
  orderDefinitions,
} from '../../engine/source/index.ts';
import { confinedFiles } from './confined-files.ts';
import { type DefinitionIndex, definitionIndex } from './definition-index.ts';
import type { OpenTree } from './open-tree-type.ts';
import { type Accept, mayBeDefined, wordScan } from './word-scan.ts';

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
  /** After how many milliseconds what is remembered is checked against the folder; 5,000 if absent. */
  readonly maxAge?: number;
}

/** Up to this many files, reading them all is as fast as starting a program that does. */
const LARGE_TREE = 20_000;
const MAX_AGE = 5_000;
/** Checking a large tree takes long: it is done only after this many times as long. */
const AGE_FACTOR = 50;
/** Clocks of file systems are coarse, and may run behind. */
const CLOCK_SLACK = 2_000;

/** Definitions of up to this many names are looked for one by one; then all there are in the tree are noted. */
const DIRECT_NAMES = 6;
/** Where definitions are looked for first. */
const HEADERS = 'include';

/**
 * Opens a folder as a source tree. Nothing outside it is read, whatever links it holds.
 * @throws where there is no such folder.
 */
export function openDirectoryTree(root: string, options: DirectoryOptions = {}): OpenTree {
  const files = confinedFiles(root);
  const scan = wordScan(files.root);
  const words = new Map<string, readonly string[]>();
  const definitions = new Map<string, readonly string[]>();
  let index: DefinitionIndex | null = null;
  let namesSought = 0;
  let listed: { readonly paths: readonly string[]; readonly at: number; readonly cost: number } | null = null;

  /** The list of files. When it is old it is made anew, and what was remembered of changed files is forgotten. */
  const list = (): readonly string[] => {
    const now = Date.now();
    const maxAge = options.maxAge ?? Math.max(MAX_AGE, AGE_FACTOR * (listed?.cost ?? 0));
    if (listed !== null && now - listed.at <= maxAge) return listed.paths;
    const paths = files.walk();
    if (listed !== null) {
      const changed = files.changedSince(paths, listed.at - CLOCK_SLACK);
      for (const path of changed) {
        scan.forget(path);
        index?.changed(path);
      }
      if (changed.length > 0 || paths.length !== listed.paths.length) forgetAnswers();
    }
    listed = { paths, at: now, cost: Date.now() - now };
    return paths;
  };

  const forgetAnswers = () => {
    words.clear();
    definitions.clear();
  };

  const search = async (
    wanted: readonly string[],
    under: string,
    keep: (path: string) => boolean,
    accept?: Accept,
  ): Promise<ReadonlyMap<string, readonly string[]>> => {
    const all = list();
    if (isLarge()) {
      const found = await options.search!.find(wanted, [under]);
      if (found !== null) return new Map(wanted.map((word) => [word, (found.get(word) ?? []).filter(keep)]));
    }
    const paths = all.filter((path) => keep(path) && isBelow(path, under));
    return scan.find(wanted, paths, accept);
  };

  const isLarge = () => options.search !== undefined && list().length > (options.largeTree ?? LARGE_TREE);

  /** The C files that might define each name: those below `include/`, or the others. */
  const findC = async (wanted: readonly string[], headers: boolean) => {
    namesSought += headers ? wanted.length : 0;
    if (namesSought > DIRECT_NAMES) index ??= definitionIndex(files.root, list().filter(isCFile));
    if (index === null) {
      return headers
        ? search(wanted, HEADERS, isCFile, mayBeDefined)
        : search(wanted, '', (path) => isCFile(path) && !isBelow(path, HEADERS), mayBeDefined);
    }
    const known = index;
    return new Map(
      wanted.map((name) => [
        name,
        known.candidates(name).filter((path) => isBelow(path, HEADERS) === headers),
      ]),
    );
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
    async findWords(wanted, under) {
      list();
      const unknown = [...new Set(wanted)].filter((word) => !words.has(word));
      if (unknown.length > 0) {
        const found = await search(unknown, '', () => true);
        for (const word of unknown) words.set(word, found.get(word) ?? []);
      }
      const inFolder = (path: string) => under === undefined || under.some((folder) => isBelow(path, folder));
      return withoutEmpty(new Map(wanted.map((word) => [word, (words.get(word) ?? []).filter(inFolder)])));
    },
    async findDefinitions(names) {
      list();
      const unknown = [...new Set(names)].filter((name) => !definitions.has(name));
      if (unknown.length > 0) {
        const found = await findDefinitions(unknown, findC, (path) => files.readText(path));
        for (const name of unknown) definitions.set(name, found.get(name) ?? []);
      }
      return withoutEmpty(new Map(names.map((name) => [name, definitions.get(name) ?? []])));
    },
    problems: () => files.problems,
    changed(path) {
      listed = null;
      scan.forget(path);
      if (path === undefined) index = null;
      else index?.changed(path);
      forgetAnswers();
    },
    close() {
      options.close?.();
    },
  };
}

/**
 * Files that define each name. The headers below `include/` come first, and a name that one of them defines
 * without also declaring it (so that no other body exists) is not looked for elsewhere.
 * @param find the C files with these words: those below `include/`, or the others.
 */
export async function findDefinitions(
  names: readonly string[],
  find: (words: readonly string[], headers: boolean) => Promise<ReadonlyMap<string, readonly string[]>>,
  read: (path: string) => string | null | Promise<string | null>,
): Promise<Map<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  const certain = new Set<string>();
  const look = async (candidates: ReadonlyMap<string, readonly string[]>, headers: boolean) => {
    const byPath = new Map<string, string[]>();
    for (const [name, paths] of candidates) {
      for (const path of paths) byPath.set(path, [...(byPath.get(path) ?? []), name]);
    }
    for (const [path, here] of byPath) {
      const text = await read(path);
      if (text === null) continue;
      for (const name of here) {
        if (!hasDefinition(path, text, name)) continue;
        found.set(name, [...(found.get(name) ?? []), path]);
        if (headers && !hasPrototype(text, name)) certain.add(name);
      }
    }
  };
  await look(await find(names, true), true);
  const rest = names.filter((name) => !certain.has(name));
  if (rest.length > 0) await look(await find(rest, false), false);
  return new Map([...found].map(([name, paths]) => [name, orderDefinitions(paths)]));
}

/** A word that nothing contains is absent. */
export function withoutEmpty(found: ReadonlyMap<string, readonly string[]>): Map<string, readonly string[]> {
  return new Map([...found].filter(([, paths]) => paths.length > 0));
}
