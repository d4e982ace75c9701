/**
 * A source tree over any file system that can list folders and read files: VS Code's, in a browser or over a network.
 * Uses nothing of Node.
 */
import {
  baseName,
  cleanPath,
  fileKind,
  hasDefinition,
  hasWord,
  isBelow,
  isCFile,
  orderDefinitions,
} from '../../engine/source/index.ts';
import type { OpenTree } from './open-tree-type.ts';
import { isBinary, LARGEST_FILE } from './text-file.ts';
import { hashOf, makeFilter, mayContain } from './word-filter.ts';

export interface FileSystem {
  /** What a person would call the folder. */
  readonly name: string;
  /** The bytes of a file by its path below the root; null where there is none. Rejections are problems of the tree. */
  readFile(path: string): Promise<Uint8Array | null>;
  /** What is in a folder (the empty string is the root); links that are not followed are `other`. */
  readFolder(path: string): Promise<readonly (readonly [name: string, kind: 'file' | 'folder' | 'other'])[]>;
}

export interface FileSystemOptions {
  /** Files beyond this many are not searched; 100,000 if absent. */
  readonly maxFiles?: number;
}

/** How many files are read at a time: enough to hide a network, few enough not to flood it. */
const AT_ONCE = 32;
const MAX_FILES = 100_000;

/** Opens a folder of a file system as a source tree. It is listed and searched only when something asks for it. */
export function openFileSystemTree(fs: FileSystem, options: FileSystemOptions = {}): OpenTree {
  const maxFiles = options.maxFiles ?? MAX_FILES;
  const problems = new Map<string, string>();
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let listed: Promise<readonly string[]> | null = null;
  /** What files contain; null for a file that is no text, or holds too much to say. */
  const filters = new Map<string, Uint32Array | 'none' | 'any'>();

  const readBytes = async (path: string): Promise<Uint8Array | null> => {
    try {
      const bytes = await fs.readFile(path);
      if (bytes !== null && bytes.length > LARGEST_FILE) {
        problems.set(path, `${path} is larger than ${LARGEST_FILE >> 20} MB; it is not read`);
        return null;
      }
      return bytes === null || isBinary(bytes) ? null : bytes;
    } catch (error) {
      problems.set(
        path,
        `${path} cannot be read (${error instanceof Error ? error.message : String(error)})`,
      );
      return null;
    }
  };

  const readText = async (path: string): Promise<string | null> => {
    const clean = cleanPath(path);
    const bytes = clean === null ? null : await readBytes(clean);
    return bytes === null ? null : decoder.decode(bytes);
  };

  const walk = async (): Promise<readonly string[]> => {
    const files: string[] = [];
    let folders = [''];
    while (folders.length > 0 && files.length < maxFiles) {
      const next: string[] = [];
      await inParallel(folders, async (folder) => {
        try {
          for (const [name, kind] of await fs.readFolder(folder)) {
            const path = cleanPath(folder === '' ? name : `${folder}/${name}`);
            if (path === null || baseName(path) !== name) continue;
            if (kind === 'folder') next.push(path);
            else if (kind === 'file') files.push(path);
          }
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error);
          problems.set(folder, `${folder === '' ? 'the folder' : folder} cannot be listed (${why})`);
        }
      });
      folders = next;
    }
    if (folders.length > 0)
      problems.set('', `the folder has more than ${maxFiles} files; the rest is not searched`);
    return files.sort();
  };

  const list = (): Promise<readonly string[]> => {
    listed ??= walk();
    return listed;
  };

  const filterOf = async (path: string): Promise<Uint32Array | 'none' | 'any'> => {
    let filter = filters.get(path);
    if (filter === undefined) {
      const bytes = await readBytes(path);
      filter = bytes === null ? 'none' : (makeFilter(bytes) ?? 'any');
      filters.set(path, filter);
    }
    return filter;
  };

  /** The files that contain each word where `test` agrees. */
  const find = async (
    words: readonly string[],
    keep: (path: string) => boolean,
    test: (path: string, text: string, word: string) => boolean,
  ): Promise<Map<string, string[]>> => {
    const wanted = [...new Set(words)]
      .filter((word) => word !== '')
      .map((word) => ({ word, hash: hashOf(encoder.encode(word)) }));
    const found = new Map<string, string[]>();
    await inParallel((await list()).filter(keep), async (path) => {
      const filter = await filterOf(path);
      if (filter === 'none') return;
      const likely = filter === 'any' ? wanted : wanted.filter(({ hash }) => mayContain(filter, hash));
      const text = likely.length === 0 ? null : await readText(path);
      if (text === null) return;
      for (const { word } of likely) {
        if (test(path, text, word)) found.set(word, [...(found.get(word) ?? []), path]);
      }
    });
    for (const paths of found.values()) paths.sort();
    return found;
  };

  return {
    name: fs.name,
    read: readText,
    readBlob: async () => null,
    list,
    findWords(words, under) {
      const inFolder = (path: string) => under === undefined || under.some((folder) => isBelow(path, folder));
      return find(
        words,
        (path) => inFolder(path) && fileKind(path) !== 'other',
        (_, text, word) => hasWord(text, word),
      );
    },
    async findDefinitions(names) {
      const found = await find(names, isCFile, hasDefinition);
      return new Map([...found].map(([name, paths]) => [name, orderDefinitions(paths)]));
    },
    problems: () => [...problems.values()],
    changed(path) {
      listed = null;
      if (path === undefined) filters.clear();
      else filters.delete(path);
    },
    close() {},
  };
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length) await work(items[next++]!);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
}
