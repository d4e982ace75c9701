/**
 * tree-sitter's C parser behind a small door: the wasm comes in as bytes, what comes out is a flat copy of the
 * tree, and tree-sitter's own tree is deleted at once (600 parses kept 800 MB where that was left to the
 * collector).
 */
import { Language, Parser, type Tree } from 'web-tree-sitter';
import {
  COMMENT,
  ERROR,
  type GrammarTables,
  grammarTables,
  growSyntaxTree,
  IDENTIFIER,
  LABEL_NAME,
  newSyntaxTree,
  type SyntaxTree,
  TOKEN,
} from './syntax.ts';

export interface CParser {
  /**
   * Parses `text` into `into`, or into an array that all such calls share: its content is good until the next
   * call. Null where the text is over the size limit or the parser ran over its budget: adversarial
   * punctuation makes it super-linear (16 kB took a second).
   */
  parse(text: string, into?: SyntaxTree): SyntaxTree | null;
}

export interface ParserSource {
  /** The bytes of tree-sitter-c.wasm. */
  readonly language: Uint8Array;
  /**
   * The bytes of web-tree-sitter.wasm, or where to find a file of that name. Without it the runtime is looked
   * for beside its own script.
   */
  readonly runtime?: Uint8Array | ((name: string) => string);
}

/** Longest text that is parsed, in UTF-16 units: no function of the kernel comes near. */
export const MAX_PARSE_LENGTH = 2_000_000;

/**
 * Budget of one parse in calls of the progress callback, which tree-sitter makes every 100 steps: so the same
 * text always has the same outcome. Kernel code takes one call for about 170 characters, punctuation without
 * sense one for 30, and each of those takes 50 times as long.
 */
const FREE_CALLS = 400;
const CALLS_PER_CHARACTER = 1 / 32;

/** Milliseconds, and more for each character, after which a parse is given up whatever its budget says. */
const TIME_LIMIT = 1_000;
const TIME_PER_CHARACTER = 1 / 50;

let runtimeReady: Promise<void> | null = null;

/** Makes a parser. Rejects if the bytes are not a tree-sitter runtime and a grammar that it can load. */
export async function createParser(source: ParserSource): Promise<CParser> {
  runtimeReady ??= Parser.init(runtimeOptions(source.runtime)).catch((error: unknown) => {
    runtimeReady = null;
    throw error;
  });
  await runtimeReady;
  const language = await Language.load(source.language);
  const tables = grammarTables(language.types, (id) => language.nodeTypeIsNamed(id));
  const parser = new Parser();
  parser.setLanguage(language);
  const shared = newSyntaxTree(1 << 16);
  return {
    parse: (text, into = shared) => {
      if (text.length > MAX_PARSE_LENGTH) return null;
      let calls = FREE_CALLS + text.length * CALLS_PER_CHARACTER;
      let deadline = 0;
      const progressCallback = (): boolean => {
        calls--;
        if (deadline === 0) deadline = Date.now() + TIME_LIMIT + text.length * TIME_PER_CHARACTER;
        return calls < 0 || Date.now() > deadline;
      };
      const tree = parser.parse(text, null, { progressCallback });
      if (tree === null) {
        parser.reset();
        return null;
      }
      try {
        copyTree(tree, text, tables, into);
      } finally {
        tree.delete();
      }
      return into;
    },
  };
}

function runtimeOptions(runtime: ParserSource['runtime']): Parameters<typeof Parser.init>[0] {
  if (runtime === undefined) return {};
  return typeof runtime === 'function' ? { locateFile: runtime } : { wasmBinary: runtime };
}

/**
 * Copies a tree. Each question to the cursor is a call into wasm and back, so where the text was understood,
 * offsets are not asked for but counted: a node begins at the next character that is no blank, and the tokens'
 * lengths are known.
 */
function copyTree(tree: Tree, text: string, tables: GrammarTables, into: SyntaxTree): void {
  const { kinds, isLeaf, lengths } = tables;
  into.text = text;
  into.written = text;
  into.errors.length = 0;
  const root = tree.rootNode;
  // Where the parser skipped or invented something, and on directives, which end with their line, it must be asked.
  const asks = root.hasError || text.includes('#');
  const cursor = root.walk();
  const open: number[] = [];
  let { kind, start, end, next } = into;
  let count = 0;
  let position = 0;
  copy: for (;;) {
    const id = cursor.nodeTypeId;
    const its = id < kinds.length ? kinds[id]! : ERROR;
    const from = asks ? cursor.startIndex : skipBlanks(text, position);
    if (its === COMMENT) {
      position = asks ? from : cursor.endIndex;
    } else {
      if (count === kind.length) {
        growSyntaxTree(into);
        ({ kind, start, end, next } = into);
      }
      const node = count++;
      kind[node] = its;
      start[node] = from;
      next[node] = count;
      if (asks) {
        const to = cursor.endIndex;
        end[node] = to;
        // A node without text was invented to make sense of what is there.
        if (its === ERROR || (to === from && cursor.nodeIsMissing)) into.errors.push(node);
      } else if (its >= TOKEN) {
        position = from + lengths[id]!;
        end[node] = position;
      } else if (its >= IDENTIFIER && its <= LABEL_NAME) {
        position = wordEnd(text, from);
        end[node] = position;
      } else if (isLeaf[id] === 1) {
        position = cursor.endIndex;
        end[node] = position;
      } else {
        end[node] = from;
      }
      if (isLeaf[id] !== 1 && cursor.gotoFirstChild()) {
        open.push(node);
        continue;
      }
    }
    while (!cursor.gotoNextSibling()) {
      const parent = open.pop();
      if (parent === undefined || !cursor.gotoParent()) break copy;
      next[parent] = count;
      // Without errors, a node ends where its last descendant does.
      if (!asks) end[parent] = end[count - 1]!;
    }
  }
  cursor.delete();
  into.count = count;
}

/** The next offset that is not white space or a line continuation. */
function skipBlanks(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 32 && code !== BACKSLASH && code < 0x7f) break;
    // What else is white space to the grammar (a no-break space, a byte order mark), and what is not.
    if (code > 0x7f && !/\s/u.test(text.charAt(at))) break;
  }
  return at;
}

const BACKSLASH = 92;

/** The end of the name that begins at an offset. */
function wordEnd(text: string, from: number): number {
  let at = from + 1;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const isWord =
      (code >= 97 && code <= 122) ||
      code === 95 ||
      (code >= 65 && code <= 90) ||
      (code >= 48 && code <= 57) ||
      code === 36 ||
      code > 127;
    if (!isWord) break;
  }
  return at;
}
