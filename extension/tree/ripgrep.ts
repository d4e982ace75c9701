/** Finding words with ripgrep, for large trees that are no git repository. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { cleanPath } from '../../engine/source/index.ts';
import type { WordSearch } from './directory-tree.ts';
import { ELSEWHERE, parseMatches } from './git.ts';

const LONGEST_OUTPUT = 256 << 20;

/** All files, hidden and ignored ones too, as a walk over the folder would find them; no configuration file. */
const OPTIONS = [
  '--no-config',
  '--no-ignore',
  '--hidden',
  '--glob=!.git',
  '--fixed-strings',
  '--word-regexp',
  '--only-matching',
  '--no-heading',
  '--with-filename',
  '--no-line-number',
  '--no-column',
  '--null',
  '--color=never',
  '--no-messages',
];

/** Searches with `rg` where it is on the PATH; where it is not, or fails, `find` gives null. */
export function ripgrep(root: string): WordSearch {
  const prefix = `${path.resolve(root)}${path.sep}`;
  return {
    find(words, under) {
      const patterns = words.flatMap((word) => ['-e', word]);
      const folders = under.map((folder) =>
        path.join(root, folder === '' ? '.' : (cleanPath(folder) ?? '.')),
      );
      const options = { cwd: ELSEWHERE, maxBuffer: LONGEST_OUTPUT, encoding: 'utf8' as const };
      return new Promise((resolve) => {
        execFile(
          'rg',
          [...OPTIONS, ...patterns, '--', ...folders.map((one) => path.resolve(one))],
          options,
          (error, stdout) => {
            // Status 1 is "no match"; any other failure means to look without it.
            if (error !== null && error.code !== 1) return resolve(null);
            const found = parseMatches(stdout, prefix);
            if (path.sep === '/') return resolve(found);
            const slashed = (one: string) => one.replaceAll(path.sep, '/');
            return resolve(new Map([...found].map(([word, paths]) => [word, paths.map(slashed).sort()])));
          },
        );
      });
    },
  };
}
