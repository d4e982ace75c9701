/** A patch series as plain data: what `parseSeries()` makes of a mail, an mbox or a diff. */

export interface Problem {
  /** 1-based line of the input, or null where no one line is at fault. */
  readonly line: number | null;
  readonly message: string;
}

/** The result of reading: reading never fails, what was lost is in `problems`. */
export interface Parsed<T> {
  readonly value: T;
  readonly problems: readonly Problem[];
}

export interface Series {
  /** In the order of application (the numbers in `[PATCH n/m]`), whatever the order of the input. */
  readonly patches: readonly Patch[];
}

export interface Patch {
  /** The subject without `[PATCH …]`, or null for a bare diff. */
  readonly subject: string | null;
  readonly author: string | null;
  /** n and m of `[PATCH n/m]`; null where there are none. */
  readonly number: number | null;
  readonly total: number | null;
  readonly messageId: string | null;
  /** The commit that the mail or git names (`From <hash>`), or null. */
  readonly commit: string | null;
  /** The commit message above `---`, as lines; empty for a bare diff. */
  readonly description: readonly string[];
  readonly files: readonly FilePatch[];
  /** 1-based line of the input where this patch begins. */
  readonly inputLine: number;
}

export interface FilePatch {
  /** Path in the pre-image without `a/`; null for a new file. Both paths are null where the names were lost. */
  readonly oldPath: string | null;
  /** Path in the post-image without `b/`; null for a deleted file. */
  readonly newPath: string | null;
  /** Abbreviated blob hashes of an `index` line, or null. */
  readonly oldBlob: string | null;
  readonly newBlob: string | null;
  readonly oldMode: string | null;
  readonly newMode: string | null;
  readonly isRename: boolean;
  readonly isCopy: boolean;
  readonly isBinary: boolean;
  readonly hunks: readonly Hunk[];
  readonly inputLine: number;
}

export interface Hunk {
  /** From the `@@` line, 1-based as written (0 for an empty side); null where the line was lost. */
  readonly oldStart: number | null;
  readonly oldCount: number;
  readonly newStart: number | null;
  readonly newCount: number;
  /** The text after the second `@@`: often the enclosing function, sometimes the one before. A label, no fact. */
  readonly section: string;
  readonly lines: readonly HunkLine[];
  readonly inputLine: number;
  /**
   * `exact`: the lines are as sent. `whitespace`: leading white space was lost or damaged on the way, so
   * the lines match a tree only when white space is ignored. `partial`: lines are missing.
   */
  readonly fidelity: 'exact' | 'whitespace' | 'partial';
}

export interface HunkLine {
  readonly kind: 'context' | 'added' | 'removed';
  /** Without the marker, without the newline. */
  readonly text: string;
  /** 1-based line of the input. */
  readonly inputLine: number;
  /** 0-based column in the input line at which `text` begins. */
  readonly inputColumn: number;
  /** True where `\ No newline at end of file` follows. */
  readonly noNewline: boolean;
}
