/** Source trees in git: a working tree with its objects, and the tree of a revision. */
import { cleanPath, isBelow, isCFile } from '../../engine/source/index.ts';
import { type DirectoryOptions, findDefinitions, openDirectoryTree, withoutEmpty } from './directory-tree.ts';
import { objectReader, parseMatches, runGit } from './git.ts';
import type { OpenTree } from './open-tree-type.ts';
import { isBinary, LARGEST_FILE } from './text-file.ts';

/**
 * Opens a repository: its working tree, or a revision of it.
 * @param revision anything that git takes for a commit; null for the working tree.
 * @throws where `root` is no repository or has no such revision.
 */
export async function openGitTree(
  root: string,
  revision: string | null = null,
  options: DirectoryOptions = {},
): Promise<OpenTree> {
  const objects = objectReader(root, LARGEST_FILE);
  const readBlob = async (hash: string): Promise<string | null> => {
    if (!/^[0-9a-f]{4,64}$/i.test(hash)) return null;
    return textOf(await objects.read(hash.toLowerCase()));
  };
  if (revision === null) {
    return openDirectoryTree(root, {
      ...options,
      readBlob,
      close: objects.close,
      search: {
        async find(words, under) {
          return grep(root, words, under, null);
        },
      },
    });
  }
  const commit = await resolveRevision(root, revision);
  return openRevision(root, revision, commit, objects, readBlob);
}

async function resolveRevision(root: string, revision: string): Promise<string> {
  const result = await runGit(root, [
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${revision}^{tree}`,
  ]);
  if (result === null) throw new Error('git cannot be run');
  const hash = result.stdout.trim();
  if (result.status !== 0 || !/^[0-9a-f]{40,64}$/.test(hash)) {
    throw new Error(`${root} has no revision ${JSON.stringify(revision)}`);
  }
  return hash;
}

function openRevision(
  root: string,
  revision: string,
  commit: string,
  objects: ReturnType<typeof objectReader>,
  readBlob: (hash: string) => Promise<string | null>,
): OpenTree {
  let listed: Promise<readonly string[]> | null = null;
  const words = new Map<string, readonly string[]>();
  const problems = new Set<string>();

  const list = (): Promise<readonly string[]> => {
    listed ??= runGit(root, ['ls-tree', '-r', '-z', '--full-tree', commit]).then((result) => {
      if (result?.status !== 0)
        problems.add(
          `the files of ${revision} cannot be listed: ${result?.stderr.trim() ?? 'git cannot be run'}`,
        );
      const lines = (result?.stdout ?? '').split('\0');
      // Only regular files: no links (120000), no submodules (160000).
      return lines
        .filter((line) => line.startsWith('100'))
        .map((line) => line.slice(line.indexOf('\t') + 1))
        .sort();
    });
    return listed;
  };

  const read = async (path: string): Promise<string | null> => {
    const clean = cleanPath(path);
    if (clean === null) return null;
    const found = binarySearch(await list(), clean);
    return found ? textOf(await objects.read(`${commit}:${clean}`)) : null;
  };

  const find = async (
    wanted: readonly string[],
    under?: readonly string[],
  ): Promise<Map<string, readonly string[]>> => {
    const unknown = [...new Set(wanted)].filter((word) => !words.has(word));
    if (unknown.length > 0) {
      const found = await grep(root, unknown, [''], commit);
      if (found === null) problems.add(`${revision} cannot be searched`);
      for (const word of unknown) words.set(word, found?.get(word) ?? []);
    }
    const inFolder = (path: string) => under === undefined || under.some((folder) => isBelow(path, folder));
    return withoutEmpty(new Map(wanted.map((word) => [word, (words.get(word) ?? []).filter(inFolder)])));
  };

  return {
    name: `${root} at ${revision}`,
    read,
    readBlob,
    list,
    findWords: find,
    findDefinitions(names) {
      const findC = async (wanted: readonly string[], headers: boolean) =>
        new Map(
          [...(await find(wanted))].map(([word, paths]) => [
            word,
            paths.filter((path) => isCFile(path) && isBelow(path, 'include') === headers),
          ]),
        );
      return findDefinitions(names, findC, read);
    },
    problems: () => [...problems],
    changed() {},
    close: objects.close,
  };
}

/** Which files contain which words, in the working tree or in a commit. Null where git cannot say. */
async function grep(
  root: string,
  words: readonly string[],
  under: readonly string[],
  commit: string | null,
): Promise<Map<string, string[]> | null> {
  if (words.length === 0) return new Map();
  const patterns = words.flatMap((word) => ['-e', word]);
  const where = commit === null ? ['--untracked', '--exclude-standard'] : [];
  const folders = under.filter((folder) => folder !== '');
  const result = await runGit(root, [
    'grep',
    '-I',
    '-F',
    '-w',
    '-o',
    '--null',
    '--full-name',
    '--no-line-number',
    '--no-column',
    '--no-textconv',
    '--no-recurse-submodules',
    '-H',
    ...where,
    ...patterns,
    ...(commit === null ? [] : [commit]),
    '--',
    ...(under.includes('') ? [] : folders),
  ]);
  // Status 1 is "no match".
  if (result === null || result.status > 1) return null;
  return parseMatches(result.stdout, commit === null ? '' : `${commit}:`);
}

function textOf(bytes: Buffer | null): string | null {
  return bytes === null || isBinary(bytes) ? null : bytes.toString('utf8');
}

function binarySearch(sorted: readonly string[], wanted: string): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === wanted;
}
