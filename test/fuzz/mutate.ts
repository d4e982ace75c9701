/** Changes to a text, as a fuzzer makes them: blind to its format but for the words of a dictionary. */
import type { Random } from './random.ts';

const LONGEST = 64 << 10;
/** What readers trip over. */
const ODD = [
  ...[
    '\0',
    '\r',
    '\r\n',
    '\n\n',
    '\t',
    '\\\n',
    '\uFEFF',
    '\u202E',
    '\u200B',
    '\uD800',
    '\u{1F512}',
    '\uFFFD',
  ],
  ...['0', '-1', '99999999999', '4294967296', '2147483648', '1e308', 'NaN', '"', "'", '`', '/*', '*/', '//'],
  ...['(', ')', '{', '}', '[', ']', '<', '>', ';', ',', '#', '?', ':', '=', '../', '/', '\\', '__proto__'],
];

type Mutation = (text: string, random: Random, other: string, words: readonly string[]) => string;

const MUTATIONS: readonly Mutation[] = [
  (text, random) => cut(text, random.below(text.length), 1 + random.below(8)),
  (text, random) => cut(text, random.below(text.length), 1 + random.below(text.length)),
  (text, random) => insert(text, random.below(text.length + 1), random.pick(ODD)),
  (text, random, _, words) => insert(text, random.below(text.length + 1), random.pick(words)),
  (text, random) => {
    const at = random.below(text.length);
    return text.slice(0, at) + String.fromCharCode(32 + random.below(95)) + text.slice(at + 1);
  },
  // A piece again, elsewhere, or many times over.
  (text, random) => {
    const at = random.below(text.length);
    const piece = text.slice(at, at + 1 + random.below(64));
    const times = random.below(8) === 0 ? 1 + random.below(200) : 1;
    return insert(text, random.below(text.length + 1), piece.repeat(times));
  },
  (text, random) => lines(text, (all) => void all.splice(random.below(all.length), 1 + random.below(4))),
  (text, random) =>
    lines(text, (all) => {
      const [line] = all.splice(random.below(all.length), 1);
      all.splice(random.below(all.length + 1), 0, line ?? '');
    }),
  (text, random) =>
    lines(text, (all) => {
      const at = random.below(all.length);
      all.splice(at, 2, (all[at] ?? '') + (all[at + 1] ?? ''));
    }),
  (text, random) => text.replace(/\d+/g, (digits) => (random.below(4) ? digits : random.pick(ODD))),
  // Half of one text, half of another.
  (text, random, other) =>
    text.slice(0, random.below(text.length + 1)) + other.slice(random.below(other.length)),
  (text, random, other) =>
    insert(text, random.below(text.length + 1), other.slice(random.below(other.length)).slice(0, 400)),
];

/** One to six changes to `text`. `other` is a text to take pieces of, `words` the dictionary. */
export function mutate(text: string, other: string, words: readonly string[], random: Random): string {
  let result = text;
  for (let left = 1 + random.below(6); left > 0; left--)
    result = random.pick(MUTATIONS)(result, random, other, words.length > 0 ? words : ODD);
  return result.slice(0, LONGEST);
}

const cut = (text: string, at: number, length: number) => text.slice(0, at) + text.slice(at + length);
const insert = (text: string, at: number, piece: string) => text.slice(0, at) + piece + text.slice(at);

function lines(text: string, change: (all: string[]) => void): string {
  const all = text.split('\n');
  change(all);
  return all.join('\n');
}
