/** Patches as they come: from a mail, a mailbox, a saved page or a plain diff to a series, and back. */
export { isPatchText } from './detect.ts';
export { formatPatch } from './format.ts';
export {
  MAX_FILES,
  MAX_HUNKS,
  MAX_INPUT_LENGTH,
  MAX_LINE_LENGTH,
  MAX_LINES,
  MAX_MESSAGES,
  MAX_MIME_DEPTH,
  MAX_MIME_PARTS,
  MAX_PATH_LENGTH,
  MAX_PROBLEMS,
} from './limits.ts';
export { parseSeries } from './parse.ts';
export { reverseSeries } from './reverse.ts';
export type { FilePatch, Hunk, HunkLine, Parsed, Patch, Problem, Series } from './series.ts';
