import path from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { runGit } from '../tree/git.ts';

/** Two versions that differ in more lines than this are not compared: the file is new, in effect. */
const MOST_EDITS = 20_000;

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
 * What changed from `before` to `after` as the patch that git would write; null when nothing did, or when
 * there is too much to compare.
 * @param file path in the tree
 */
export function changesAsPatch(file: string, before: string, after: string): string | null {
  if (before === after) return null;
  const old = before === '' ? '/dev/null' : `a/${file}`;
  const options = { context: 3, maxEditLength: MOST_EDITS };
  const hunks = createTwoFilesPatch(old, `b/${file}`, before, after, undefined, undefined, options);
  if (hunks === undefined) return null;
  const body = hunks.slice(hunks.indexOf('--- '));
  return `diff --git a/${file} b/${file}\n${before === '' ? 'new file mode 100644\n' : ''}${body}`;
}

async function git(folder: string, args: readonly string[]): Promise<string | null> {
  const result = await runGit(folder, args);
  return result?.status === 0 ? result.stdout : null;
}
