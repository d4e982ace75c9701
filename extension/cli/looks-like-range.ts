/** True for what reads as `A..B` or `A...B`, and could not be taken for an option by git. */
export function looksLikeRange(input: string): boolean {
  return (
    input.includes('..') &&
    !input.startsWith('-') &&
    !input.includes('\n') &&
    input !== '..' &&
    input !== '...'
  );
}
