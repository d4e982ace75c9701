/**
 * Where source comes from. The engine does no I/O of its own: it asks a `SourceTree`, which
 * `extension/tree` implements over a directory, a git repository or VS Code's file systems, and tests
 * implement over a map of strings.
 */
export interface SourceTree {
  /** What a person would call this tree: its path, or "no tree". */
  readonly name: string;
  /**
   * The text of a file. @param path relative to the root, `/`-separated. Null where there is none, where
   * the path leaves the tree, or where it is not a regular text file.
   */
  read(path: string): Promise<string | null>;
  /** The text of a git blob by (abbreviated) hash; null where the tree has no object store or no such blob. */
  readBlob(hash: string): Promise<string | null>;
  /** Every file's path, sorted. May be long: 90,000 for a whole kernel. */
  list(): Promise<readonly string[]>;
  /**
   * The files that contain at least one of these words (whole identifiers), by word, each list sorted.
   * @param under only files below these folders; everywhere if absent.
   */
  findWords(
    words: readonly string[],
    under?: readonly string[],
  ): Promise<ReadonlyMap<string, readonly string[]>>;
  /**
   * Files that look as if they define these functions or function-like macros, by name, best first. A hint:
   * the caller parses the file to be sure. A name with no candidate is absent.
   */
  findDefinitions(names: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
}

/** Progress and cancellation, passed down as plain arguments. */
export interface Run {
  /** Called now and then with what is being done; `done` of `total` where that is known. */
  progress?(message: string, done?: number, total?: number): void;
  /** True once the caller has lost interest; long work then ends early with what it has. */
  cancelled?(): boolean;
}
