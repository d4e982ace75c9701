import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readRange } from '../cli/git-range.ts';
import { type Folders, findTree } from './find-tree.ts';
import { headText, uncommitted } from './head.ts';
import type { Workplace } from './workplace.ts';

/** The disks of this machine: a place is an absolute path. */
export const diskWorkplace: Workplace = {
  placeOf: diskPath,
  uriOf: (place) => pathToFileURL(place).href,
  folderOf: path.dirname,
  nameOf: (place) => path.basename(place),
  pathInTree,
  placeInTree(root, file) {
    const full = path.resolve(root, file);
    return pathInTree(root, full) === null || file.includes('\0') ? null : full;
  },
  findTree: (search) => findTree(search, diskFolders),
  headText,
  uncommitted,
  readRange,
};

export const diskFolders: Folders = {
  async kindOf(place) {
    const found = await stat(place).catch(() => null);
    return found?.isDirectory() ? 'folder' : found?.isFile() ? 'file' : null;
  },
  async entries(place) {
    // An unreadable folder has no tree that could be used.
    const entries = await readdir(place, { withFileTypes: true }).catch(() => []);
    return entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
  },
  resolve: (base, given) => path.resolve(base ?? '.', given),
  folderOf: path.dirname,
};

function diskPath(uri: string): string | null {
  if (!uri.startsWith('file:')) return null;
  try {
    return fileURLToPath(uri);
  } catch {
    // A file URI with a host, or with an encoded slash, names no path of this machine.
    return null;
  }
}

function pathInTree(root: string, file: string): string | null {
  const relative = path.relative(root, file);
  if (relative === '' || relative.startsWith('..') || path.isAbsolute(relative)) return null;
  return relative.split(path.sep).join('/');
}
