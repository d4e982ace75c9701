/** Opening whatever a person names as a tree. */
import fs from 'node:fs';
import path from 'node:path';
import { openDirectoryTree } from './directory-tree.ts';
import { openGitTree } from './git-tree.ts';
import type { OpenTree } from './open-tree-type.ts';
import { ripgrep } from './ripgrep.ts';

/**
 * Opens a folder: a git working tree where it has a `.git`, the current revision of a bare repository, else a
 * plain folder. Whether it is a kernel's is another question: see `isKernelTree()`.
 * @throws an `Error` for a person to read where there is no such folder or it cannot be used.
 */
export async function openTree(folder: string): Promise<OpenTree> {
  let stat: fs.Stats;
  try {
    stat = fs.statSync(folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new Error(
      code === 'ENOENT' ? `there is no folder ${folder}` : `${folder} cannot be opened (${code})`,
    );
  }
  if (!stat.isDirectory()) throw new Error(`${folder} is not a folder`);
  if (fs.existsSync(path.join(folder, '.git'))) return openGitTree(folder);
  if (isBare(folder)) return openGitTree(folder, 'HEAD');
  return openDirectoryTree(folder, { search: ripgrep(folder) });
}

function isBare(folder: string): boolean {
  return ['HEAD', 'objects', 'refs'].every((name) => fs.existsSync(path.join(folder, name)));
}
