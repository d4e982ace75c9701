/** Characters that a reader does not see, or that change the order of what he sees. */

const RANGES: readonly (readonly [number, number])[] = [
  [0x00ad, 0x00ad],
  [0x034f, 0x034f],
  [0x061c, 0x061c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180e],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff9, 0xfffb],
  [0xe0000, 0xe007f],
];

/** The bidirectional and invisible characters of a text as `U+202E`, each once, in the order of appearance. */
export function invisibleCharacters(text: string): string[] {
  let plain = true;
  for (let i = 0; i < text.length && plain; i++) plain = text.charCodeAt(i) < 0xad;
  if (plain) return [];
  const found = new Set<string>();
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code >= 0xad && RANGES.some(([low, high]) => code >= low && code <= high)) {
      found.add(`U+${code.toString(16).toUpperCase().padStart(4, '0')}`);
    }
  }
  return [...found];
}

/** The text with control, bidirectional and invisible characters spelt out, for use in a message. */
export function visible(text: string): string {
  let out = '';
  for (const character of text.length > 200 ? `${text.slice(0, 200)}...` : text) {
    const code = character.codePointAt(0)!;
    const hidden = code < 32 || code === 127 || RANGES.some(([low, high]) => code >= low && code <= high);
    out += hidden ? `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>` : character;
  }
  return out;
}
