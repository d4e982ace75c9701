import { createTwoFilesPatch } from 'diff';

/** Two versions that differ in more lines than this are not compared: the file is new, in effect. */
const MOST_EDITS = 20_000;

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
