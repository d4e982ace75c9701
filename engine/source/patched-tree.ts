/** A tree as patches leave it, or as it was before the last of them. */
import { parseSeries } from '../patch/index.ts';
import type { FileImage } from './file-image.ts';
import { buildImages, postTree, preTree } from './images.ts';
import { overlayTree } from './overlay.ts';
import { cleanPath } from './path.ts';
import { removedSymbols } from './removed-symbols.ts';
import type { Run, SourceTree } from './tree.ts';

export interface PatchedTreeInputs {
  /** Mails, diffs or series as text, applied in this order. */
  readonly patches: readonly { readonly name: string; readonly text: string }[];
  /** Files to put in the place of the tree's own; without `text` the tree's own is meant. */
  readonly sources: readonly { readonly path: string; readonly text?: string }[];
  /** Null: what the patches show is all there is. */
  readonly tree: SourceTree | null;
  /** The image before the last patch instead of the one after it. */
  readonly before: boolean;
}

export interface PatchedTree {
  readonly tree: SourceTree;
  /** Files that the inputs are about. */
  readonly touched: readonly string[];
  /** The files of the last patch, before and after it. */
  readonly files: readonly FileImage[];
  /** Kconfig symbols that the patches remove: still there in the image before them. */
  readonly removed: readonly string[];
  readonly problems: readonly {
    readonly message: string;
    readonly file: string;
    readonly line: number | null;
  }[];
}

/** Never rejects for what the inputs hold: what could not be read or applied is among the problems. */
export async function patchedTree(inputs: PatchedTreeInputs, run?: Run): Promise<PatchedTree> {
  const { before } = inputs;
  const sources = inputs.sources.map((source) => ({ ...source, path: pathInTree(source.path) }));
  const texts = sources.flatMap(({ path, text }) => (text === undefined ? [] : [[path, text] as const]));
  let tree = overlayTree(inputs.tree, new Map(texts));
  const touched = sources.map((source) => source.path);
  const removed: string[] = [];
  let files: readonly FileImage[] = [];
  const problems: PatchedTree['problems'][number][] = [];
  for (const { name, text } of inputs.patches) {
    const parsed = await parseSeries(text);
    const built = await buildImages(parsed.value, tree, run);
    for (const { message, line } of [...parsed.problems, ...built.problems])
      problems.push({ message, file: name, line });
    files = built.value.files;
    touched.push(...files.map((image) => image.path));
    const after = postTree(built.value, tree);
    removed.push(...(await removedSymbols(built.value, after)));
    tree = before ? preTree(built.value, tree) : after;
  }
  return { tree, touched, files, removed, problems };
}

/** Where a file that lies in no tree (`/tmp/a.c`, `../a.c`) is put into one: a tree has no such paths. */
function pathInTree(path: string): string {
  const parts = path.split(/[\\/]/).filter((part) => !/^(?:\.{0,2}|[a-z]:)$/i.test(part));
  return cleanPath(path) ?? parts.join('/');
}
