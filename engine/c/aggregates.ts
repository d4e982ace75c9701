/** Initialisers (tables of operations) and struct definitions, made from the items of a file. */
import { closing, splitArguments, textOf } from './declarators.ts';
import { conditionAt } from './directives.ts';
import type { Item, Scan } from './items.ts';
import * as T from './tokens.ts';
import type { Initialiser, StructDefinition } from './unit.ts';
import * as W from './words.ts';

/** Nested braces deeper than this are not looked into. */
const MAX_DEPTH = 8;

interface InitialiserField {
  readonly name: string;
  readonly value: string;
  readonly at: number;
}

/**
 * The designated fields of a file-scope `TYPE name = { … };`, fields of nested braces under a path
 * (`inner.show`, `[3].show`; an element without a designator has its position). Null if the item is none.
 */
export function initialiserOf(scan: Scan, item: Item): Initialiser | null {
  if (!item.assigned || item.open < 0) return null;
  const { text, tokens, conditionals } = scan;
  const { kinds, words, starts, ends } = tokens;
  let assign = item.from;
  while (assign < item.open && kinds[assign] !== T.ASSIGN) assign++;
  let name = -1;
  for (let i = item.from; i < assign; i++) {
    if (kinds[i] === T.BRACKET_OPEN || kinds[i] === T.PAREN_OPEN) {
      if (words[i - 1] !== W.OTHER || name !== i - 1) name = name < 0 ? i - 1 : name;
      i = closing(tokens, i, assign);
    } else if (kinds[i] === T.WORD && words[i] === W.OTHER && !(words[i - 1] === W.TAG && i > item.from)) {
      name = i;
    }
  }
  if (name < item.from) return null;
  const fields: InitialiserField[] = [];
  collectFields(scan, item.open, Math.min(item.close, item.to), '', fields, 0);
  const at = starts[item.from]!;
  return {
    type: typeText(scan, item.from, name),
    name: text.slice(starts[name]!, ends[name]!),
    fields,
    at,
    end: ends[item.to - 1]!,
    presence: conditionAt(conditionals, at),
  };
}

function collectFields(
  scan: Scan,
  open: number,
  close: number,
  path: string,
  fields: InitialiserField[],
  depth: number,
): void {
  const { text, tokens } = scan;
  const { kinds, starts } = tokens;
  let position = 0;
  for (const [from, to] of splitArguments(tokens, open, close)) {
    let assign = from;
    let name = '';
    if (kinds[from] === T.DOT || kinds[from] === T.BRACKET_OPEN) {
      while (assign < to && kinds[assign] !== T.ASSIGN) {
        assign = kinds[assign] === T.BRACKET_OPEN ? closing(tokens, assign, to) + 1 : assign + 1;
      }
      name = textOf(text, tokens, kinds[from] === T.DOT ? from + 1 : from, assign);
    } else if (kinds[from + 1] === T.COLON && kinds[from] === T.WORD) {
      assign = from + 1;
      name = textOf(text, tokens, from, assign);
    }
    const designated = name !== '' && assign < to;
    const value = designated ? assign + 1 : from;
    const own = designated ? name : `[${position}]`;
    const full = path === '' || own.startsWith('[') ? path + own : `${path}.${own}`;
    position++;
    if (value >= to) continue;
    if (kinds[value] === T.BRACE_OPEN && depth < MAX_DEPTH) {
      collectFields(scan, value, closing(tokens, value, to), full, fields, depth + 1);
    } else if (designated) {
      fields.push({ name: full, value: textOf(text, tokens, value, to), at: starts[from]! });
    }
  }
}

/** A type as written, words separated by one space, without storage words and attributes. */
function typeText(scan: Scan, from: number, to: number): string {
  const { text, tokens } = scan;
  const { kinds, words, starts, ends } = tokens;
  const parts: string[] = [];
  for (let i = from; i < to; i++) {
    const word = words[i]!;
    if (kinds[i] === T.WORD) {
      const skipped = W.isAttribute(word) || word === W.STORAGE || word === W.STATIC || word === W.ANNOTATION;
      if (skipped && kinds[i + 1] === T.PAREN_OPEN) i = closing(tokens, i + 1, to);
      if (skipped && !isAddressSpace(text, starts[i]!, ends[i]!)) continue;
    }
    if (i < to) parts.push(text.slice(starts[i]!, ends[i]!));
  }
  return parts.join(' ');
}

/** Address spaces are part of what a field's type says: `__rcu` asks for rcu_dereference(). */
function isAddressSpace(text: string, from: number, to: number): boolean {
  const word = text.slice(from, to);
  return word === '__rcu' || word === '__user' || word === '__percpu' || word === '__iomem';
}

interface StructField {
  readonly name: string;
  readonly type: string;
  readonly at: number;
}

/**
 * The structs and unions that an item defines. Fields of an anonymous inner struct belong to the outer one;
 * fields of a named inner one (`struct { … } x`) have the path `x.field`, beside `x` itself.
 */
export function structsOf(scan: Scan, item: Item): StructDefinition[] {
  const { text, tokens } = scan;
  const { kinds, words, starts, ends } = tokens;
  if (item.open < 0 || item.assigned || item.declarator !== null) return [];
  let tag = -1;
  for (let i = item.from; i < item.open; i++) if (words[i] === W.TAG) tag = i;
  if (tag < 0 || text.charCodeAt(starts[tag]!) === 101) return [];
  let name = '';
  for (let i = tag + 1; i < item.open; i++) {
    if (kinds[i] === T.PAREN_OPEN) i = closing(tokens, i, item.open);
    else if (kinds[i] === T.WORD && words[i] === W.OTHER) name = text.slice(starts[i]!, ends[i]!);
  }
  // `typedef struct { … } name_t;`
  if (name === '' && words[item.from] === W.TYPEDEF) {
    for (let i = item.close + 1; i < item.to; i++) {
      if (kinds[i] === T.WORD && words[i] === W.OTHER) name = text.slice(starts[i]!, ends[i]!);
    }
  }
  if (name === '') return [];
  const inner: StructDefinition[] = [];
  const fields: StructField[] = [];
  readFields(scan, item.open + 1, Math.min(item.close, item.to), '', fields, inner, 0);
  return [{ tag: name, fields, at: starts[item.from]!, end: ends[item.to - 1]! }, ...inner];
}

/** The struct with this tag whose fields stand in the braces of an item. */
export function structOf(scan: Scan, item: Item, tag: string): StructDefinition {
  const fields: StructField[] = [];
  readFields(scan, item.open + 1, Math.min(item.close, item.to), '', fields, [], 0);
  return { tag, fields, at: scan.tokens.starts[item.from]!, end: scan.tokens.ends[item.to - 1]! };
}

function readFields(
  scan: Scan,
  from: number,
  to: number,
  path: string,
  fields: StructField[],
  inner: StructDefinition[],
  depth: number,
): void {
  const { tokens } = scan;
  const { kinds } = tokens;
  let start = from;
  let body = -1;
  for (let i = from; i < to; i++) {
    const kind = kinds[i]!;
    if (kind === T.BRACE_OPEN) {
      if (body < 0) body = i;
      i = closing(tokens, i, to);
    } else if (kind === T.PAREN_OPEN || kind === T.BRACKET_OPEN) {
      i = closing(tokens, i, to);
    } else if (kind === T.SEMICOLON) {
      if (body >= 0) readNested(scan, start, body, i, path, fields, inner, depth);
      else readField(scan, start, i, path, fields);
      start = i + 1;
      body = -1;
    }
  }
}

function readNested(
  scan: Scan,
  from: number,
  body: number,
  to: number,
  path: string,
  fields: StructField[],
  inner: StructDefinition[],
  depth: number,
): void {
  const { text, tokens } = scan;
  const { kinds, words, starts, ends } = tokens;
  const close = closing(tokens, body, to);
  const names: number[] = [];
  for (let i = close + 1; i < to; i++) {
    if (kinds[i] === T.PAREN_OPEN || kinds[i] === T.BRACKET_OPEN) i = closing(tokens, i, to);
    else if (kinds[i] === T.WORD && words[i] === W.OTHER) names.push(i);
  }
  let tag = '';
  let isEnum = false;
  for (let i = from; i < body; i++) {
    if (words[i] === W.TAG && text.charCodeAt(starts[i]!) === 101) isEnum = true;
    if (kinds[i] === T.WORD && words[i] === W.OTHER) tag = text.slice(starts[i]!, ends[i]!);
  }
  const type = `${typeText(scan, from, body)} {…}`;
  for (const name of names) {
    fields.push({ name: path + text.slice(starts[name]!, ends[name]!), type, at: starts[name]! });
  }
  if (isEnum || depth >= MAX_DEPTH) return;
  const prefix = names.length === 0 ? path : `${path}${text.slice(starts[names[0]!]!, ends[names[0]!]!)}.`;
  readFields(scan, body + 1, close, prefix, fields, inner, depth + 1);
  if (tag !== '' && words[from] !== W.OTHER) {
    const own: StructField[] = [];
    readFields(scan, body + 1, close, '', own, [], MAX_DEPTH);
    inner.push({ tag, fields: own, at: starts[from]!, end: ends[close]! });
  }
}

/** One declaration in a struct, of one or more fields. */
function readField(scan: Scan, from: number, to: number, path: string, fields: StructField[]): void {
  const { text, tokens } = scan;
  const { kinds, words, starts, ends } = tokens;
  if (from >= to) return;
  let typeEnd = -1;
  // A declarator ends at a comma; its name is the last plain word in front of `[`, `(`, `:` or its end.
  let start = from;
  let name = -1;
  let macro = -1;
  let type = '';
  const word = (index: number) => text.slice(starts[index]!, ends[index]!);
  const finish = (end: number) => {
    if (name < 0) return;
    if (macro >= 0) {
      fields.push({ name: path + word(name), type: word(macro), at: starts[name]! });
      return;
    }
    const first = typeEnd < 0;
    if (first) {
      typeEnd = name;
      type = typeText(scan, start, name);
    }
    const own = first ? type : `${type.replaceAll('*', '').trim()} ${typeText(scan, start, name)}`.trim();
    const suffix = kinds[name + 1] === T.BRACKET_OPEN && name + 1 < end ? ' []' : '';
    fields.push({
      name: path + text.slice(starts[name]!, ends[name]!),
      type: own + suffix,
      at: starts[name]!,
    });
  };
  for (let i = from; i < to; i++) {
    const kind = kinds[i]!;
    if (kind === T.COMMA) {
      finish(i);
      start = i + 1;
      name = -1;
    } else if (kind === T.BRACKET_OPEN) {
      i = closing(tokens, i, to);
    } else if (kind === T.COLON) {
      while (i + 1 < to && kinds[i + 1] !== T.COMMA) i++;
    } else if (kind === T.PAREN_OPEN) {
      const close = closing(tokens, i, to);
      if (kinds[i + 1] === T.STAR && kinds[close + 1] === T.PAREN_OPEN) {
        const end = closing(tokens, close + 1, to);
        const pointer = lastWord(tokens, i + 1, close);
        if (pointer >= 0) {
          const returns = typeText(scan, start, i);
          const parameters = textOf(text, tokens, close + 1, Math.min(end + 1, to));
          fields.push({
            name: path + text.slice(starts[pointer]!, ends[pointer]!),
            type: `${returns} (*)${parameters.replace(/\s+/g, ' ')}`,
            at: starts[pointer]!,
          });
        }
        return;
      }
      i = close;
    } else if (kind === T.WORD && words[i] === W.OTHER && !(i > from && words[i - 1] === W.TAG)) {
      if (kinds[i + 1] === T.PAREN_OPEN && i + 1 < to) {
        const args = splitArguments(tokens, i + 1, closing(tokens, i + 1, to));
        const only = args[0];
        // `DECLARE_BITMAP(name, bits)` names its field first; `type name __attribute(x)` has had its name.
        if (name < 0 && i === start && only !== undefined && only[1] === only[0] + 1) {
          name = only[0];
          macro = i;
        }
      } else {
        name = i;
      }
    }
  }
  finish(to);
}

function lastWord(tokens: T.Tokens, from: number, to: number): number {
  for (let i = to - 1; i >= from; i--) {
    if (tokens.kinds[i] === T.WORD && tokens.words[i] === W.OTHER) return i;
  }
  return -1;
}
