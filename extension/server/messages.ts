/** What the language server and an editor say to each other beyond the Language Server Protocol. */

/** Server → client, a notification: what the server works with and on. */
export const STATUS = 'lockReview/status';

/** Client → server, a request: review this document now. The answer comes when its diagnostics are out. */
export const REVIEW_NOW = 'lockReview/reviewNow';

/** Client → server, a notification: the workspace has become trusted. */
export const TRUSTED = 'lockReview/trusted';

/** Client → server, a request: the commits of a range of the tree, as git would mail them. */
export const RANGE_PATCHES = 'lockReview/rangePatches';

/** Server → client, requests of a server in a browser: the bytes of a file; what is in a folder. Null: no such thing. */
export const READ_FILE = 'lockReview/readFile';
export const READ_FOLDER = 'lockReview/readFolder';

export interface ReadParams {
  readonly uri: string;
}

export type FolderEntry = readonly [name: string, kind: 'file' | 'folder' | 'other'];

export interface RangePatchesParams {
  /** `A..B`, or one commit. */
  readonly range: string;
}

/** The patches, or why there are none: a sentence. */
export type RangePatches =
  | { readonly text: string; readonly problem: null }
  | { readonly text: null; readonly problem: string };

export interface StatusParams {
  /** The root of the kernel tree in use, as a path; null where hunks alone are reviewed. */
  readonly tree: string | null;
  /** Why it is this tree, or why there is none: a sentence. */
  readonly reason: string;
  /** How many documents are being analysed at this moment. */
  readonly running: number;
}

export interface ReviewNowParams {
  readonly uri: string;
}

/** The `initializationOptions` that the server understands; all are optional. */
export interface InitializationOptions {
  /** False in Restricted Mode: the server then starts no program. Default true. */
  readonly trusted?: boolean;
  /** For a server in a browser: the URI of the folder with the parser's wasm files and the rules' pages. */
  readonly assets?: string;
  /** The editor's commands by what they do; absent for an editor that has none, whose lenses are text only. */
  readonly commands?: Commands;
}

/** Names of commands that lenses and code actions run in the editor. */
export interface Commands {
  /** Takes `{ uri, function, fingerprint }`. */
  readonly showFindings: string;
  /** Takes `{ uri, function, file }`: the function before and after the patch. */
  readonly compareFunction: string;
  /** Takes `{ uri, function }`. */
  readonly simulateFunction: string;
}
