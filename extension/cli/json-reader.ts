/**
 * JSON with places. `JSON.parse` gives values without their lines, and a message about a configuration file is
 * only of use with one.
 */

export type JsonNode = { readonly at: number; readonly end: number } & (
  | { readonly type: 'object'; readonly members: readonly JsonMember[] }
  | { readonly type: 'array'; readonly items: readonly JsonNode[] }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'null' }
);

export interface JsonMember {
  readonly name: string;
  /** Offset of the name. */
  readonly at: number;
  readonly value: JsonNode;
}

export interface JsonProblem {
  readonly at: number;
  readonly message: string;
}

/** Deeper nesting is refused rather than risk the stack. */
const DEEPEST = 64;

class Stop extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/** Reads a whole JSON text. Never throws; linear in its length. */
export function readJson(
  text: string,
):
  | { readonly root: JsonNode; readonly problem: null }
  | { readonly root: null; readonly problem: JsonProblem } {
  const reader = new Reader(text.charCodeAt(0) === 0xfeff ? ` ${text.slice(1)}` : text);
  try {
    return { root: reader.document(), problem: null };
  } catch (error) {
    if (error instanceof Stop) return { root: null, problem: { at: error.at, message: error.message } };
    throw error;
  }
}

/** The plain value of a node, as `JSON.parse` would give it. */
export function jsonValue(node: JsonNode): unknown {
  switch (node.type) {
    case 'object':
      return Object.fromEntries(node.members.map((member) => [member.name, jsonValue(member.value)]));
    case 'array':
      return node.items.map(jsonValue);
    case 'null':
      return null;
    default:
      return node.value;
  }
}

/** 1-based line and column of an offset. */
export function positionOf(text: string, at: number): { readonly line: number; readonly column: number } {
  let line = 1;
  let start = 0;
  for (let next = text.indexOf('\n'); next >= 0 && next < at; next = text.indexOf('\n', start)) {
    line++;
    start = next + 1;
  }
  return { line, column: at - start + 1 };
}

class Reader {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  document(): JsonNode {
    const root = this.value(0);
    this.blank();
    if (this.at < this.text.length)
      throw new Stop(this.at, `expected the end of the file, not ${this.seen()}`);
    return root;
  }

  private value(depth: number): JsonNode {
    this.blank();
    if (depth > DEEPEST) throw new Stop(this.at, `expected at most ${DEEPEST} levels of nesting`);
    const at = this.at;
    switch (this.text[at]) {
      case '{':
        return this.object(depth);
      case '[':
        return this.array(depth);
      case '"':
        return { type: 'string', value: this.string(), at, end: this.at };
      case 't':
        return this.word('true', { type: 'boolean', value: true, at, end: at + 4 });
      case 'f':
        return this.word('false', { type: 'boolean', value: false, at, end: at + 5 });
      case 'n':
        return this.word('null', { type: 'null', at, end: at + 4 });
      default:
        return this.number();
    }
  }

  private object(depth: number): JsonNode {
    const at = this.at++;
    const members: JsonMember[] = [];
    const names = new Set<string>();
    this.blank();
    if (this.text[this.at] === '}') return { type: 'object', members, at, end: ++this.at };
    for (;;) {
      this.blank();
      const nameAt = this.at;
      if (this.text[nameAt] !== '"')
        throw new Stop(nameAt, `expected a name in double quotes, not ${this.seen()}`);
      const name = this.string();
      if (names.has(name)) throw new Stop(nameAt, `"${name}" is there twice`);
      names.add(name);
      this.blank();
      if (this.text[this.at] !== ':')
        throw new Stop(this.at, `expected ":" after "${name}", not ${this.seen()}`);
      this.at++;
      members.push({ name, at: nameAt, value: this.value(depth + 1) });
      if (this.closes('}')) return { type: 'object', members, at, end: this.at };
    }
  }

  private array(depth: number): JsonNode {
    const at = this.at++;
    const items: JsonNode[] = [];
    this.blank();
    if (this.text[this.at] === ']') return { type: 'array', items, at, end: ++this.at };
    for (;;) {
      items.push(this.value(depth + 1));
      if (this.closes(']')) return { type: 'array', items, at, end: this.at };
    }
  }

  /** Steps over `,` or the closing bracket; true at the latter. */
  private closes(bracket: string): boolean {
    this.blank();
    const next = this.text[this.at];
    if (next !== bracket && next !== ',')
      throw new Stop(this.at, `expected "," or "${bracket}", not ${this.seen()}`);
    this.at++;
    return next === bracket;
  }

  private string(): string {
    const at = this.at;
    for (let end = at + 1; end < this.text.length; end++) {
      const code = this.text.charCodeAt(end);
      if (code === 0x5c) end++;
      else if (code < 0x20) throw new Stop(end, 'expected a closing quote before the end of the line');
      else if (code === 0x22) {
        this.at = end + 1;
        try {
          return JSON.parse(this.text.slice(at, end + 1)) as string;
        } catch {
          throw new Stop(at, `expected a valid string: check the escapes in ${this.text.slice(at, at + 40)}`);
        }
      }
    }
    throw new Stop(at, 'expected a closing quote');
  }

  private word(word: string, node: JsonNode): JsonNode {
    if (!this.text.startsWith(word, this.at)) throw new Stop(this.at, `expected a value, not ${this.seen()}`);
    this.at += word.length;
    return node;
  }

  private number(): JsonNode {
    const at = this.at;
    const pattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
    pattern.lastIndex = at;
    const match = pattern.exec(this.text);
    if (match === null) throw new Stop(at, `expected a value, not ${this.seen()}`);
    this.at = pattern.lastIndex;
    return { type: 'number', value: Number(match[0]), at, end: this.at };
  }

  private blank(): void {
    while (/[ \t\r\n]/.test(this.text[this.at] ?? '')) this.at++;
  }

  private seen(): string {
    const next = this.text[this.at];
    if (next === undefined) return 'the end of the file';
    if (next === '/') return 'a comment, which JSON has not';
    return `"${String.fromCodePoint(this.text.codePointAt(this.at)!)}"`;
  }
}
