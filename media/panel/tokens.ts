/** C in colours: enough of it for a line at a time. */

export interface Token {
  readonly kind: 'plain' | 'keyword' | 'comment' | 'string' | 'number' | 'call';
  readonly text: string;
}

const KEYWORDS = new Set(
  (
    'auto bool break case char const continue default do double else enum extern float for goto if inline int long ' +
    'register return short signed sizeof static struct switch typedef union unsigned void volatile while NULL true false'
  ).split(' '),
);
const TOKEN =
  /(\/\*.*?(?:\*\/|$)|\/\/.*$|^\s*\*(?:\s.*|\/)?$)|("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)|\b(0x[\da-f]+|\d+)\w*|([A-Za-z_]\w*)(?=(\s*\()?)/gi;

export function tokensOf(line: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const add = (kind: Token['kind'], text: string) => {
    if (text !== '') tokens.push({ kind, text });
  };
  for (const match of line.matchAll(TOKEN)) {
    const [text, comment, string, number, word, call] = match;
    add('plain', line.slice(at, match.index));
    at = match.index + text.length;
    if (comment !== undefined) add('comment', text);
    else if (string !== undefined) add('string', text);
    else if (number !== undefined) add('number', text);
    else if (word !== undefined && KEYWORDS.has(word)) add('keyword', text);
    else add(call === undefined ? 'plain' : 'call', text);
  }
  add('plain', line.slice(at));
  return tokens;
}
