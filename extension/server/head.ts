import path from 'node:path';
import { runGit } from '../tree/git.ts';

/**
 * The text of a file in the last commit: empty for a file that git does not know, null where there is no
 * repository, no commit or no git. Starts git, so it is for trusted workspaces only.
 */
export async function headText(file: string): Promise<string | null> {
  const folder = path.dirname(file);
  // `cat-file` gives the blob as it is stored: no filter and no textconv is run for it.
  const blob = await git(folder, ['cat-file', 'blob', `HEAD:./${path.basename(file)}`]);
  if (blob !== null) return blob;
  return (await git(folder, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'])) === null ? null : '';
}

/**
 * What the files of the tree have that the last commit has not, as one patch; empty where that is nothing, null
 * where there is no repository, no commit or no git. Starts git, so it is for trusted workspaces only.
 */
export function uncommitted(root: string): Promise<string | null> {
  // No diff program and no text conversion of the user's is run.
  return git(root, ['diff', '--no-ext-diff', '--no-textconv', '--no-color', '--relative', 'HEAD', '--']);
}

async function git(folder: string, args: readonly string[]): Promise<string | null> {
  const result = await runGit(folder, args);
  return result?.status === 0 ? result.stdout : null;
}
