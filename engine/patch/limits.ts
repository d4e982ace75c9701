/** What a reading may cost. Input is attacker-controlled; each limit, when hit, is a problem of the result. */

/** UTF-16 units of an input; what lies beyond is not read. */
export const MAX_INPUT_LENGTH = 32 * 1024 * 1024;
/** Lines of an input; what lies beyond is not read. */
export const MAX_LINES = 1_000_000;
/** UTF-16 units of one line; the rest of a longer line is cut. */
export const MAX_LINE_LENGTH = 128 * 1024;
/** Messages of a mailbox or thread. */
export const MAX_MESSAGES = 5_000;
/** File sections of one input. */
export const MAX_FILES = 20_000;
/** Hunks of one input. */
export const MAX_HUNKS = 50_000;
/** Parts of one MIME message, and how deep they may be nested. */
export const MAX_MIME_PARTS = 200;
export const MAX_MIME_DEPTH = 8;
/** Problems reported for one input; one more says how many were left out. */
export const MAX_PROBLEMS = 500;
/** Longest path that is accepted. */
export const MAX_PATH_LENGTH = 4_096;
