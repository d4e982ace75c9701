/** Looking for whole identifiers in text. */

/** Whether a character can be part of an identifier; also true for letters beyond ASCII. */
export function isWordCode(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code >= 0x80
  );
}

/** The offsets at which `word` stands as a whole identifier. */
export function* wordOffsets(text: string, word: string): Generator<number> {
  if (word === '') return;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
    if (at > 0 && isWordCode(text.charCodeAt(at - 1))) continue;
    const end = at + word.length;
    if (end < text.length && isWordCode(text.charCodeAt(end))) continue;
    yield at;
  }
}

/** Whether `word` stands in the text as a whole identifier. */
export function hasWord(text: string, word: string): boolean {
  return !wordOffsets(text, word).next().done;
}
