/** A range of commits as the patches that `git send-email` would send. */
import { runGit } from '../tree/git.ts';
import { LONGEST_INPUT, type ReadResult } from './read-input.ts';

/** The same output whatever the user's configuration says, and no program that it names. */
const FORMAT_PATCH = [
  '-c',
  'diff.suppressBlankEmpty=false',
  'format-patch',
  '--stdout',
  '--full-index',
  '--find-renames',
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--no-attach',
  '--no-thread',
  '--no-cover-letter',
  '--no-signature',
  '--no-notes',
  '--no-base',
  '--src-prefix=a/',
  '--dst-prefix=b/',
];

/** @param tree absolute path of the tree. Never rejects. */
export async function readRange(tree: string, range: string): Promise<ReadResult> {
  const result = await runGit(tree, [...FORMAT_PATCH, range, '--']);
  const fail = (problem: string): ReadResult => ({ text: null, problem });
  if (result === null) return fail('is a git range, and git could not be run, or had too much to say');
  if (result.status !== 0) {
    const said = result.stderr.trim().split('\n')[0] ?? '';
    return fail(
      `is a git range, and git could not read it: ${said === '' ? `status ${result.status}` : said}`,
    );
  }
  if (result.stdout.length > LONGEST_INPUT)
    return fail(`is longer than ${LONGEST_INPUT >> 20} MB as patches`);
  if (result.stdout === '') return fail('names no commits: expected a range such as v7.1..HEAD');
  return { text: result.stdout, problem: null };
}
