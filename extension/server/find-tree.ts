import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** The tree that patches apply to, and how it was found. */
export interface FoundTree {
  /** Absolute path of the root; null where there is none. */
  readonly root: string | null;
  /** One sentence for the status item. */
  readonly reason: string;
}

export interface TreeSearch {
  /** The setting `lockReview.tree`, or empty. */
  readonly setting: string;
  /** The workspace's folders on disk, in their order. */
  readonly folders: readonly string[];
  /** The folder of the document, on disk; null for an untitled or remote one. */
  readonly documentFolder: string | null;
}

/** A folder with more entries than this is not looked into for a tree. */
const MOST_ENTRIES = 200;

/**
 * Looks for a kernel tree: the setting; the document's folder and its parents; the workspace's folders and
 * their parents; a tree directly inside one of these, if there is just one. Reads directories, nothing else.
 */
export async function findTree(search: TreeSearch): Promise<FoundTree> {
  const { setting, folders, documentFolder } = search;
  if (setting !== '') {
    const root = path.resolve(folders[0] ?? documentFolder ?? '.', setting);
    if (await isDirectory(root)) return { root, reason: 'Named by the setting lockReview.tree.' };
    return { root: null, reason: `The setting lockReview.tree names ${root}, which is not a folder.` };
  }
  const starts = [...(documentFolder === null ? [] : [documentFolder]), ...folders];
  for (const start of starts) {
    const root = await treeAbove(start);
    if (root !== null) {
      const how = root === start ? 'The folder is a kernel tree.' : 'Found above the folder.';
      return { root, reason: how };
    }
  }
  for (const start of starts) {
    const inside = await treesInside(start);
    if (inside.length === 1) return { root: inside[0] ?? null, reason: `Found inside ${start}.` };
    if (inside.length > 1)
      return {
        root: null,
        reason: `There are ${inside.length} kernel trees in ${start}: choose one with the setting lockReview.tree.`,
      };
  }
  return { root: null, reason: 'No kernel tree was found: only the hunks are reviewed.' };
}

/** What tells a kernel tree, a sparse one too, from another folder: the kernel's headers beside a build file. */
export async function isKernelTree(folder: string): Promise<boolean> {
  if (!(await isDirectory(path.join(folder, 'include/linux')))) return false;
  return (await isFile(path.join(folder, 'Kconfig'))) || (await isFile(path.join(folder, 'Makefile')));
}

async function treeAbove(start: string): Promise<string | null> {
  for (let folder = start; ; folder = path.dirname(folder)) {
    if (await isKernelTree(folder)) return folder;
    if (path.dirname(folder) === folder) return null;
  }
}

async function treesInside(folder: string): Promise<string[]> {
  // An unreadable folder has no tree that could be used.
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  if (entries.length > MOST_ENTRIES) return [];
  const found: string[] = [];
  for (const entry of entries) {
    const inside = path.join(folder, entry.name);
    if (entry.isDirectory() && !entry.name.startsWith('.') && (await isKernelTree(inside)))
      found.push(inside);
  }
  return found.sort();
}

async function isDirectory(folder: string): Promise<boolean> {
  const found = await stat(folder).catch(() => null);
  return found?.isDirectory() === true;
}

async function isFile(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => null);
  return found?.isFile() === true;
}
