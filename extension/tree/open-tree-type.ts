/** What every tree of this folder offers beside `SourceTree`. */
import type { SourceTree } from '../../engine/source/index.ts';

/** A source tree that is read from somewhere that may change or fail. */
export interface OpenTree extends SourceTree {
  /** What could not be read, and why, one sentence each. */
  problems(): readonly string[];
  /** Forgets what is remembered of a file, or of all files: to be called when something has changed. */
  changed(path?: string): void;
  /** Ends any process that serves the tree. Reading it again starts another. */
  close(): void;
}
