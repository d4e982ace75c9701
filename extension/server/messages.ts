/** What the language server and an editor say to each other beyond the Language Server Protocol. */
import type { Location } from 'vscode-languageserver-types';

/** Server → client, a notification: what the server works with and on. */
export const STATUS = 'lockReview/status';

/** Client → server, a request: review this document now. The answer comes when its diagnostics are out. */
export const REVIEW_NOW = 'lockReview/reviewNow';

/** Client → server, a notification: the workspace has become trusted. */
export const TRUSTED = 'lockReview/trusted';

/** Client → server, a request: what a reviewed patch holds, with `DocumentParams`; null for another document. */
export const OUTLINE = 'lockReview/outline';

/** Client → server, a request: the text of a reply to the patch, with `ReplyParams`. */
export const REPLY = 'lockReview/reply';

/** Client → server, a request: a function before and after the patch, with `FunctionParams`. */
export const FUNCTION_TEXTS = 'lockReview/functionTexts';

/** Client → server, a request: the edits that suppress a finding, with `SuppressParams`; null where there are none. */
export const SUPPRESS = 'lockReview/suppress';

/** Client → server, a request: what is not committed yet, as one patch. */
export const WORKING_TREE = 'lockReview/workingTree';

export interface DocumentParams {
  readonly uri: string;
}

export interface ReplyParams extends DocumentParams {
  /** Null: about every finding that the patch introduces. */
  readonly fingerprint: string | null;
}

export interface SuppressParams extends DocumentParams {
  readonly fingerprint: string;
  readonly reason: string;
}

export interface FunctionParams extends DocumentParams {
  readonly file: string;
  readonly function: string;
}

export interface FunctionTexts {
  readonly before: string | null;
  readonly after: string | null;
}

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

/** What the tree view shows: patches, the functions that each changes, and their findings of every status. */
export interface SeriesOutline {
  readonly patches: readonly {
    readonly title: string;
    readonly number: number | null;
    readonly total: number | null;
    /** 0-based line of the document. */
    readonly line: number;
    readonly functions: readonly OutlineFunction[];
  }[];
  /** Functions outside the patch that it breaks or mends. */
  readonly elsewhere: readonly OutlineFunction[];
}

export interface OutlineFunction {
  /** Empty for what lies at file scope. */
  readonly name: string;
  readonly file: string;
  /** 0-based line of the document; null where the patch does not show it. */
  readonly line: number | null;
  readonly findings: readonly OutlineFinding[];
}

export interface OutlineFinding {
  readonly fingerprint: string;
  readonly rule: string;
  readonly level: 'error' | 'warning' | 'note';
  readonly status: 'introduced' | 'existing' | 'fixed';
  readonly message: string;
  /** Why it matters and what to do, a line each. */
  readonly details: string;
  /** The configuration that it needs, as text; empty for none. */
  readonly config: string;
  readonly location: Location;
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
  /** Translations of what the server says by itself, by the English text. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** Names of commands that lenses and code actions run in the editor. */
export interface Commands {
  /** Takes `{ uri, function, fingerprint }`. */
  readonly showFindings: string;
  /** Takes `{ uri, function, file }`: the function before and after the patch. */
  readonly compareFunction: string;
  /** Takes `{ uri, function }`. */
  readonly simulateFunction: string;
  /** Takes `{ uri, fingerprint }`; asks for the reason. */
  readonly suppressFinding: string;
  /** Takes `{ uri, fingerprint }`. */
  readonly copyReply: string;
}
