/** One file before and after a series, and how their lines and those of the input belong together. */
import type { Lineage, LineRange } from './lineage.ts';
import { rangesWhere, textOf } from './lineage.ts';

/**
 * Where the pre-image comes from: the tree; a git blob that the patch names; the hunks alone, the lines between
 * them blank; or nowhere, the file being new.
 */
export type Basis = 'tree' | 'blob' | 'fragment' | 'new';

/** Where a post-image line comes from: line `pre` of the pre-image, or the patch with index `patch`. */
export interface LineOrigin {
  readonly pre: number | null;
  readonly patch: number | null;
}

/** Lines that the series takes out: they stood behind line `after` of the post-image (0: before the first). */
export interface Deletion {
  readonly after: number;
  readonly pre: LineRange;
}

export interface FileImage {
  /** Path in the post-image; of a deleted file, the path that it had. */
  readonly path: string;
  /** Path in the pre-image; null for a new file. For a copy, the file that it is a copy of. */
  readonly oldPath: string | null;
  /** Null for a new file, and where the text is not known (a binary patch). */
  readonly pre: string | null;
  /** Null for a deleted file, and where the text is not known. */
  readonly post: string | null;
  readonly basis: Basis;
  readonly isNew: boolean;
  readonly isDeleted: boolean;
  readonly isRename: boolean;
  readonly isCopy: boolean;
  readonly isBinary: boolean;
  /** The tree held the post-image already; `pre` was made by taking the patches back. */
  readonly isApplied: boolean;
  /** Post-image lines that the series adds. */
  readonly changedPostLines: readonly LineRange[];
  /** Pre-image lines that the series removes. */
  readonly changedPreLines: readonly LineRange[];
  readonly deletions: readonly Deletion[];
  /** In a fragment: lines that the series does not show, blank in the text. Empty for a whole file. */
  readonly unknownPostLines: readonly LineRange[];
  readonly unknownPreLines: readonly LineRange[];
  /** What the `@@` lines quote (a label, no fact), each with the first post-image line of its hunk. */
  readonly sections: readonly { readonly postLine: number; readonly text: string }[];
  /** The input line that shows a post-image line, added or context; null outside the hunks. Lines are 1-based. */
  postLineToInput(line: number): number | null;
  /** The input line that shows a pre-image line, removed or context. */
  preLineToInput(line: number): number | null;
  /** The post-image line that an input line shows; null for any other line, a removed one included. */
  inputToPostLine(inputLine: number): number | null;
  inputToPreLine(inputLine: number): number | null;
  /** The pre-image line that a post-image line was; null for an added one. */
  preLineOf(postLine: number): number | null;
  /** Where a pre-image line is in the post-image; null for a removed one. */
  postLineOf(preLine: number): number | null;
  /** Null outside the file. */
  origin(postLine: number): LineOrigin | null;
}

export interface ImageFacts {
  readonly path: string;
  readonly oldPath: string | null;
  readonly basis: Basis;
  readonly hasPre: boolean;
  readonly hasPost: boolean;
  readonly isRename: boolean;
  readonly isCopy: boolean;
  readonly isBinary: boolean;
  readonly isApplied: boolean;
  /** Input line of each hunk's first shown line, and the text behind its second `@@`. */
  readonly sections: readonly { readonly inputLines: readonly number[]; readonly text: string }[];
}

/** Makes the image of a file whose patches have all been applied. */
export function makeImage(
  lineage: Lineage,
  pre: readonly number[],
  post: readonly number[],
  facts: ImageFacts,
): FileImage {
  const { inputs, byInput } = lineage;
  const preLine = linesOf(lineage, pre);
  const postLine = linesOf(lineage, post);
  const lookUp = (lines: Int32Array, id: number | undefined) => (id === undefined ? null : lines[id] || null);
  const inputOf = (id: number | undefined) => (id === undefined ? null : (inputs.get(id) ?? null));
  const image = {
    path: facts.path,
    oldPath: facts.oldPath,
    pre: facts.hasPre ? textOf(lineage, pre) : null,
    post: facts.hasPost ? textOf(lineage, post) : null,
    basis: facts.basis,
    isNew: facts.basis === 'new',
    isDeleted: !facts.hasPost && !facts.isBinary,
    isRename: facts.isRename,
    isCopy: facts.isCopy,
    isBinary: facts.isBinary,
    isApplied: facts.isApplied,
    changedPostLines: rangesWhere(post, (id) => preLine[id] === 0),
    changedPreLines: rangesWhere(pre, (id) => postLine[id] === 0),
    deletions: deletionsOf(pre, postLine),
    unknownPostLines: rangesWhere(post, (id) => lineage.unknown.has(id)),
    unknownPreLines: rangesWhere(pre, (id) => lineage.unknown.has(id)),
    postLineToInput: (line: number) => inputOf(post[line - 1]),
    preLineToInput: (line: number) => inputOf(pre[line - 1]),
    inputToPostLine: (line: number) => lookUp(postLine, byInput.get(line)),
    inputToPreLine: (line: number) => lookUp(preLine, byInput.get(line)),
    preLineOf: (line: number) => lookUp(preLine, post[line - 1]),
    postLineOf: (line: number) => lookUp(postLine, pre[line - 1]),
    origin(line: number): LineOrigin | null {
      const id = post[line - 1];
      if (id === undefined) return null;
      return { pre: preLine[id] || null, patch: lineage.addedBy.get(id) ?? null };
    },
  };
  const sections = facts.sections.flatMap(({ inputLines, text }) => {
    for (const inputLine of inputLines) {
      const line = image.inputToPostLine(inputLine);
      if (line !== null) return [{ postLine: line, text }];
    }
    return [];
  });
  return { ...image, sections };
}

/** The 1-based place of each line, by identity; 0 for lines that are not in the image. */
function linesOf(lineage: Lineage, ids: readonly number[]): Int32Array {
  const lines = new Int32Array(lineage.texts.length);
  for (let i = 0; i < ids.length; i++) lines[ids[i]!] = i + 1;
  return lines;
}

function deletionsOf(pre: readonly number[], postLine: Int32Array): Deletion[] {
  const deletions: Deletion[] = [];
  let after = 0;
  let start = 0;
  for (let i = 0; i <= pre.length; i++) {
    const line = i < pre.length ? postLine[pre[i]!]! : after;
    const removed = i < pre.length && line === 0;
    if (removed && start === 0) start = i + 1;
    if (!removed && start > 0) {
      deletions.push({ after, pre: { start, end: i } });
      start = 0;
    }
    if (!removed) after = line;
  }
  return deletions;
}
