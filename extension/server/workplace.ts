/**
 * Where documents and trees are: the disks of this machine, or a workspace that only the editor can read. The
 * session knows files and folders by their *place*, a text whose form is the workplace's own affair.
 */
import type { ReadResult } from '../cli/read-input.ts';
import type { FoundTree, TreeSearch } from './find-tree.ts';

export interface Workplace {
  /** The place of a document; null for one that has none here: untitled, or of another file system. */
  placeOf(uri: string): string | null;
  uriOf(place: string): string;
  /** The folder that a file or folder lies in. */
  folderOf(place: string): string;
  /** The last part of a place: what a person calls the file. */
  nameOf(place: string): string;
  /** The path of a file in a tree, `/`-separated; null where it is outside. */
  pathInTree(root: string, place: string): string | null;
  /** The place of a path in a tree; null where the path leaves it. */
  placeInTree(root: string, path: string): string | null;
  findTree(search: TreeSearch): Promise<FoundTree>;
  /** The text of a file in the last commit: empty for one that git does not know, null where there is no git. */
  headText(place: string): Promise<string | null>;
  /** What differs from the last commit, as one patch; empty for nothing, null where there is no git. */
  uncommitted(root: string): Promise<string | null>;
  /** A range of commits of a tree as patches. */
  readRange(root: string, range: string): Promise<ReadResult>;
}
