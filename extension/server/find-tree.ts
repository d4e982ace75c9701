import { say } from './texts.ts';

/** The tree that patches apply to, and how it was found. */
export interface FoundTree {
  /** The place of the root; null where there is none. */
  readonly root: string | null;
  /** One sentence for the status item. */
  readonly reason: string;
}

export interface TreeSearch {
  /** The setting `lockReview.tree`, or empty. */
  readonly setting: string;
  /** The places of the workspace's folders, in their order. */
  readonly folders: readonly string[];
  /** The folder of the document; null for one without a place. */
  readonly documentFolder: string | null;
}

/** Looking at folders, on disk or elsewhere. */
export interface Folders {
  /** Null where there is nothing, or nothing that can be read. */
  kindOf(place: string): Promise<'file' | 'folder' | null>;
  /** What is directly inside a folder; nothing where it cannot be read. */
  entries(place: string): Promise<readonly { readonly name: string; readonly isFolder: boolean }[]>;
  /** A place as a person gives it, seen from `base` where it is relative. */
  resolve(base: string | null, given: string): string;
  /** The folder around a place; the place itself at the top. */
  folderOf(place: string): string;
}

/** A folder with more entries than this is not looked into for a tree. */
const MOST_ENTRIES = 200;

/**
 * Looks for a kernel tree: the setting; the document's folder and its parents; the workspace's folders and
 * their parents; a tree directly inside one of these, if there is just one. Reads directories, nothing else.
 */
export async function findTree(search: TreeSearch, at: Folders): Promise<FoundTree> {
  const { setting, folders, documentFolder } = search;
  if (setting !== '') {
    const root = at.resolve(folders[0] ?? documentFolder, setting);
    if ((await at.kindOf(root)) === 'folder')
      return { root, reason: say('Named by the setting lockReview.tree.') };
    return { root: null, reason: say('The setting lockReview.tree names {0}, which is not a folder.', root) };
  }
  const starts = [...(documentFolder === null ? [] : [documentFolder]), ...folders];
  for (const start of starts) {
    const root = await treeAbove(start, at);
    if (root !== null) {
      const how = root === start ? say('The folder is a kernel tree.') : say('Found above the folder.');
      return { root, reason: how };
    }
  }
  for (const start of starts) {
    const inside = await treesInside(start, at);
    if (inside.length === 1) return { root: inside[0] ?? null, reason: say('Found inside {0}.', start) };
    if (inside.length > 1)
      return {
        root: null,
        reason: say(
          'There are {0} kernel trees in {1}: choose one with the setting lockReview.tree.',
          inside.length,
          start,
        ),
      };
  }
  return { root: null, reason: say('No kernel tree was found: only the hunks are reviewed.') };
}

/** What tells a kernel tree, a sparse one too, from another folder: the kernel's headers beside a build file. */
export async function isKernelTree(folder: string, at: Folders): Promise<boolean> {
  const kind = (name: string) => at.kindOf(at.resolve(folder, name));
  if ((await kind('include/linux')) !== 'folder') return false;
  return (await kind('Kconfig')) === 'file' || (await kind('Makefile')) === 'file';
}

async function treeAbove(start: string, at: Folders): Promise<string | null> {
  for (let folder = start; ; folder = at.folderOf(folder)) {
    if (await isKernelTree(folder, at)) return folder;
    if (at.folderOf(folder) === folder) return null;
  }
}

async function treesInside(folder: string, at: Folders): Promise<string[]> {
  const entries = await at.entries(folder);
  if (entries.length > MOST_ENTRIES) return [];
  const found: string[] = [];
  for (const { name, isFolder } of entries) {
    const inside = at.resolve(folder, name);
    if (isFolder && !name.startsWith('.') && (await isKernelTree(inside, at))) found.push(inside);
  }
  return found.sort();
}
