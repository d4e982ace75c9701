/** Which files are source text. Knows nothing of where they come from. */

/** Longer files are no source code that a review could be about. */
export const LARGEST_FILE = 16 << 20;
/** As git does it: a NUL in the first bytes makes a file binary. */
const BINARY_PROBE = 8000;

/** Whether git would call these bytes binary. */
export function isBinary(bytes: Uint8Array): boolean {
  const nul = bytes.indexOf(0);
  return nul >= 0 && nul < BINARY_PROBE;
}
