import { cleanPath } from '../../engine/source/index.ts';
import { type Folders, findTree } from './find-tree.ts';
import type { FolderEntry } from './messages.ts';
import type { Workplace } from './workplace.ts';

/** What only the editor can read: its file systems, by URI. Both answer null where there is nothing of the kind. */
export interface EditorFiles {
  readFile(uri: string): Promise<Uint8Array | null>;
  readFolder(uri: string): Promise<readonly FolderEntry[] | null>;
}

/**
 * A workspace that is on no disk of this machine, as in a browser: a place is a URI without a slash at its end.
 * There is no git, so there are neither ranges nor last commits.
 */
export function virtualWorkplace(files: EditorFiles): Workplace {
  const folders: Folders = {
    async kindOf(place) {
      if ((await files.readFolder(place)) !== null) return 'folder';
      return (await files.readFile(place)) === null ? null : 'file';
    },
    async entries(place) {
      const entries = (await files.readFolder(place)) ?? [];
      return entries.map(([name, kind]) => ({ name, isFolder: kind === 'folder' }));
    },
    resolve: (base, given) => (base === null || /^[a-z][\w+.-]*:/i.test(given) ? given : joined(base, given)),
    folderOf,
  };
  return {
    placeOf: (uri) => (uri.startsWith('untitled:') ? null : uri.replace(/\/+$/, '')),
    uriOf: (place) => place,
    folderOf,
    nameOf: (place) => decode(place.slice(place.lastIndexOf('/') + 1)),
    pathInTree: (root, place) => (place.startsWith(`${root}/`) ? decode(place.slice(root.length + 1)) : null),
    placeInTree(root, path) {
      const clean = cleanPath(path);
      return clean === null || clean !== path ? null : joined(root, clean);
    },
    findTree: (search) => findTree(search, folders),
    headText: async () => null,
    uncommitted: async () => null,
    readRange: async () => ({ text: null, problem: 'needs git, which this workspace has not' }),
  };
}

/** A place below another; `path` is not encoded. */
export function joined(place: string, path: string): string {
  return path === '' ? place : `${place}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** Up to `scheme://authority` or `scheme:`, which is its own folder. */
function folderOf(place: string): string {
  const [root = ''] = /^[^:]*:(?:\/\/[^/]*)?/.exec(place) ?? [];
  const slash = place.lastIndexOf('/');
  return slash <= root.length - 1 ? place : place.slice(0, Math.max(slash, root.length));
}

/** A URI from elsewhere may hold a percent sign that begins nothing: then it is read as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
