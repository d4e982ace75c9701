/** Reading files below one folder and nowhere else. */
import fs from 'node:fs';
import path from 'node:path';
import { cleanPath } from '../../engine/source/index.ts';
import { isBinary, LARGEST_FILE } from './text-file.ts';

/** Not waiting for anyone to write into a named pipe. */
const READ = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK;
const LEADS_OUT = 'is a link that leads out of the tree; it is not followed';

export interface ConfinedFiles {
  /** The folder as the caller named it, made absolute. */
  readonly root: string;
  /** The bytes of a regular file, by its path below the root. Null where there is none that may be read. */
  readBytes(relative: string): Buffer | null;
  /** The text of a regular text file, or null. Bytes that are not UTF-8 become U+FFFD. */
  readText(relative: string): string | null;
  /** The paths of all regular files, sorted. Symbolic links are not followed, `.git` is left out. */
  walk(): string[];
  /** Those of the files that were changed, moved or made since a time (milliseconds), or that are gone. */
  changedSince(paths: readonly string[], time: number): string[];
  /** What could not be read, and why: one sentence each, in the order in which it was met. */
  readonly problems: readonly string[];
}

/** Opens a folder. @throws where there is no such folder. */
export function confinedFiles(root: string): ConfinedFiles {
  const absolute = path.resolve(root);
  const real = fs.realpathSync(absolute);
  if (!fs.statSync(real).isDirectory()) throw new Error(`${root} is not a folder`);
  const prefix = real.endsWith(path.sep) ? real : real + path.sep;
  const problems = new Map<string, string>();
  /** Real paths of folders, by their path below the root; null for one outside. */
  const folders = new Map<string, string | null>();

  const complain = (relative: string, why: string) => {
    if (!problems.has(relative)) problems.set(relative, `${relative} ${why}`);
  };

  /** The real path of a folder below the root, or null. */
  const realFolder = (relative: string): string | null => {
    if (relative === '') return real;
    let found = folders.get(relative);
    if (found === undefined) {
      found = fs.realpathSync.native(path.join(real, relative));
      if (!found.startsWith(prefix) && found !== real) {
        complain(relative, LEADS_OUT);
        found = null;
      }
      folders.set(relative, found);
    }
    return found;
  };

  const readAt = (file: string, clean: string, flags: number): Buffer | null => {
    const fd = fs.openSync(file, flags);
    try {
      const stat = fs.fstatSync(fd);
      if (!stat.isFile()) return null;
      if (stat.size > LARGEST_FILE) {
        complain(clean, `is larger than ${LARGEST_FILE >> 20} MB; it is not read`);
        return null;
      }
      return fs.readFileSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  };

  const readBytes = (relative: string): Buffer | null => {
    const clean = cleanPath(relative);
    if (clean === null) return null;
    const slash = clean.lastIndexOf('/');
    try {
      const folder = realFolder(slash < 0 ? '' : clean.slice(0, slash));
      if (folder === null) return null;
      const file = path.join(folder, clean.slice(slash + 1));
      try {
        return readAt(file, clean, READ | fs.constants.O_NOFOLLOW);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ELOOP') throw error;
      }
      // A link: followed if it stays inside.
      const target = fs.realpathSync.native(file);
      if (target.startsWith(prefix)) return readAt(target, clean, READ);
      complain(clean, LEADS_OUT);
      return null;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      if (code !== 'ENOENT' && code !== 'ENOTDIR')
        complain(clean, `cannot be read (${code || String(error)})`);
      return null;
    }
  };

  return {
    root: absolute,
    readBytes,
    readText(relative) {
      const bytes = readBytes(relative);
      return bytes === null || isBinary(bytes) ? null : bytes.toString('utf8');
    },
    walk() {
      const files: string[] = [];
      const visit = (absoluteFolder: string, relative: string) => {
        let entries: fs.Dirent[];
        try {
          entries = fs.readdirSync(absoluteFolder, { withFileTypes: true });
        } catch (error) {
          const code = (error as NodeJS.ErrnoException).code ?? String(error);
          complain(relative === '' ? '.' : relative, `cannot be listed (${code})`);
          return;
        }
        for (const entry of entries) {
          if (entry.name === '.git') continue;
          const below = relative === '' ? entry.name : `${relative}/${entry.name}`;
          if (entry.isDirectory()) visit(`${absoluteFolder}/${entry.name}`, below);
          else if (entry.isFile()) files.push(below);
        }
      };
      visit(real, '');
      return files.sort();
    },
    changedSince(paths, time) {
      return paths.filter((relative) => {
        const stat = fs.lstatSync(`${real}/${relative}`, { throwIfNoEntry: false });
        return stat === undefined || stat.ctimeMs >= time || stat.mtimeMs >= time;
      });
    },
    get problems() {
      return [...problems.values()];
    },
  };
}
