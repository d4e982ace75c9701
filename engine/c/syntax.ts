/**
 * A syntax tree as flat arrays.
 *
 * tree-sitter's own nodes are objects made on demand, each by several calls into wasm; a function has one
 * node for every three or four characters. So the tree is copied once, in pre-order, and then deleted:
 * node `i` has its first child at `i + 1` and its next sibling at `next[i]`. Comments are left out. What the
 * lowering has no use for the inside of (types, literals, `sizeof`) is a leaf.
 */
import { oneLine } from './one-line.ts';

export interface SyntaxTree {
  text: string;
  /** The file's own text of the same length, where `text` was rewritten for the parser. */
  written: string;
  /** How many nodes there are; the arrays may be longer. */
  count: number;
  kind: Uint8Array;
  start: Int32Array;
  end: Int32Array;
  /** Index behind the last descendant. */
  next: Int32Array;
  /** ERROR nodes, and nodes that the parser had to invent, in pre-order. */
  readonly errors: number[];
}

export function newSyntaxTree(capacity: number): SyntaxTree {
  return {
    text: '',
    written: '',
    count: 0,
    kind: new Uint8Array(capacity),
    start: new Int32Array(capacity),
    end: new Int32Array(capacity),
    next: new Int32Array(capacity),
    errors: [],
  };
}

/** Doubles the room for nodes. */
export function growSyntaxTree(tree: SyntaxTree): void {
  const capacity = tree.kind.length * 2;
  const kind = new Uint8Array(capacity);
  kind.set(tree.kind);
  tree.kind = kind;
  tree.start = longer(tree.start, capacity);
  tree.end = longer(tree.end, capacity);
  tree.next = longer(tree.next, capacity);
}

function longer(array: Int32Array, capacity: number): Int32Array {
  const copy = new Int32Array(capacity);
  copy.set(array);
  return copy;
}

/** Any named node that has no kind of its own. */
export const OTHER = 0;
export const IDENTIFIER = 1;
export const FIELD_IDENTIFIER = 2;
export const TYPE_IDENTIFIER = 3;
export const LABEL_NAME = 4;
export const NUMBER = 5;
export const CHARACTER = 6;
export const STRING = 7;
export const TRUE = 8;
export const FALSE = 9;
export const NULL = 10;
export const PARENTHESES = 11;
export const UNARY = 12;
export const BINARY = 13;
export const CALL = 14;
export const ARGUMENTS = 15;
export const ASSIGNMENT = 16;
/** `*p` and `&x`. */
export const POINTER = 17;
/** `++` and `--`. */
export const UPDATE = 18;
export const CAST = 19;
/** `sizeof`, `_Alignof` and `offsetof`: nothing in them is evaluated. */
export const SIZEOF = 20;
export const FIELD = 21;
export const SUBSCRIPT = 22;
export const CONDITIONAL = 23;
export const COMMA = 24;
export const COMPOUND_LITERAL = 25;
export const INITIALISERS = 26;
export const INITIALISER_PAIR = 27;
export const INDEX_DESIGNATOR = 28;
export const FIELD_DESIGNATOR = 29;
export const GENERIC = 30;
export const ASM = 31;
export const ASM_OUTPUTS = 32;
export const ASM_OPERAND = 33;
export const ASM_INPUTS = 34;
export const ASM_LABELS = 35;
export const EXTENSION = 36;
/** A type name in a cast or an argument. */
export const TYPE = 37;
export const COMPOUND = 38;
export const IF = 39;
export const ELSE = 40;
export const SWITCH = 41;
export const CASE = 42;
export const WHILE = 43;
export const DO = 44;
export const FOR = 45;
export const RETURN = 46;
export const BREAK = 47;
export const CONTINUE = 48;
export const GOTO = 49;
export const LABELED = 50;
export const EXPRESSION_STATEMENT = 51;
export const DECLARATION = 52;
export const INIT_DECLARATOR = 53;
export const POINTER_DECLARATOR = 54;
export const ARRAY_DECLARATOR = 55;
export const FUNCTION_DECLARATOR = 56;
/** Parentheses or attributes around a declarator. */
export const WRAPPED_DECLARATOR = 57;
export const PARAMETERS = 58;
export const PARAMETER = 59;
export const STORAGE = 60;
export const QUALIFIER = 61;
/** `int`, `unsigned long`, `struct x`, `typeof(x)`, …: what stands before the declarators. */
export const TYPE_SPECIFIER = 62;
export const FUNCTION = 63;
export const TYPEDEF = 64;
export const VARIADIC = 65;
export const ATTRIBUTED_STATEMENT = 66;
export const ERROR = 67;
export const COMMENT = 68;
/** Kinds from here on are tokens without a name: punctuation and keywords. */
export const TOKEN = 128;

const KIND_OF_TYPE: Readonly<Record<string, number>> = {
  identifier: IDENTIFIER,
  field_identifier: FIELD_IDENTIFIER,
  type_identifier: TYPE_IDENTIFIER,
  statement_identifier: LABEL_NAME,
  number_literal: NUMBER,
  char_literal: CHARACTER,
  string_literal: STRING,
  concatenated_string: STRING,
  true: TRUE,
  false: FALSE,
  null: NULL,
  parenthesized_expression: PARENTHESES,
  unary_expression: UNARY,
  binary_expression: BINARY,
  call_expression: CALL,
  argument_list: ARGUMENTS,
  assignment_expression: ASSIGNMENT,
  pointer_expression: POINTER,
  update_expression: UPDATE,
  cast_expression: CAST,
  sizeof_expression: SIZEOF,
  alignof_expression: SIZEOF,
  offsetof_expression: SIZEOF,
  field_expression: FIELD,
  subscript_expression: SUBSCRIPT,
  conditional_expression: CONDITIONAL,
  comma_expression: COMMA,
  compound_literal_expression: COMPOUND_LITERAL,
  initializer_list: INITIALISERS,
  initializer_pair: INITIALISER_PAIR,
  subscript_designator: INDEX_DESIGNATOR,
  subscript_range_designator: INDEX_DESIGNATOR,
  field_designator: FIELD_DESIGNATOR,
  generic_expression: GENERIC,
  gnu_asm_expression: ASM,
  gnu_asm_output_operand_list: ASM_OUTPUTS,
  gnu_asm_output_operand: ASM_OPERAND,
  gnu_asm_input_operand_list: ASM_INPUTS,
  gnu_asm_input_operand: ASM_OPERAND,
  gnu_asm_goto_list: ASM_LABELS,
  extension_expression: EXTENSION,
  type_descriptor: TYPE,
  compound_statement: COMPOUND,
  if_statement: IF,
  else_clause: ELSE,
  switch_statement: SWITCH,
  case_statement: CASE,
  while_statement: WHILE,
  do_statement: DO,
  for_statement: FOR,
  return_statement: RETURN,
  break_statement: BREAK,
  continue_statement: CONTINUE,
  goto_statement: GOTO,
  labeled_statement: LABELED,
  expression_statement: EXPRESSION_STATEMENT,
  declaration: DECLARATION,
  init_declarator: INIT_DECLARATOR,
  pointer_declarator: POINTER_DECLARATOR,
  abstract_pointer_declarator: POINTER_DECLARATOR,
  array_declarator: ARRAY_DECLARATOR,
  abstract_array_declarator: ARRAY_DECLARATOR,
  function_declarator: FUNCTION_DECLARATOR,
  abstract_function_declarator: FUNCTION_DECLARATOR,
  parenthesized_declarator: WRAPPED_DECLARATOR,
  abstract_parenthesized_declarator: WRAPPED_DECLARATOR,
  attributed_declarator: WRAPPED_DECLARATOR,
  parameter_list: PARAMETERS,
  parameter_declaration: PARAMETER,
  variadic_parameter: VARIADIC,
  storage_class_specifier: STORAGE,
  type_qualifier: QUALIFIER,
  primitive_type: TYPE_SPECIFIER,
  sized_type_specifier: TYPE_SPECIFIER,
  struct_specifier: TYPE_SPECIFIER,
  union_specifier: TYPE_SPECIFIER,
  enum_specifier: TYPE_SPECIFIER,
  macro_type_specifier: TYPE_SPECIFIER,
  function_definition: FUNCTION,
  type_definition: TYPEDEF,
  attributed_statement: ATTRIBUTED_STATEMENT,
  ERROR: ERROR,
  comment: COMMENT,
};

/** Kinds whose inside is not copied. */
const LEAVES: readonly number[] = [
  IDENTIFIER,
  FIELD_IDENTIFIER,
  TYPE_IDENTIFIER,
  LABEL_NAME,
  NUMBER,
  CHARACTER,
  STRING,
  TRUE,
  FALSE,
  NULL,
  SIZEOF,
  TYPE,
  TYPE_SPECIFIER,
  STORAGE,
  QUALIFIER,
  TYPEDEF,
  COMMENT,
  VARIADIC,
];

/** Operators and other tokens that the lowering asks for; all others are TOKEN itself. */
const TOKENS = [
  '+ - * / % & | ^ << >> == != < <= > >= && ||',
  '= += -= *= /= %= &= |= ^= <<= >>= ++ -- ! ~ ? : ; , ( ) [ ] { } . -> goto',
]
  .join(' ')
  .split(' ');

/** The kind of an operator or punctuation mark. */
export function tokenKind(text: string): number {
  return TOKEN + 1 + TOKENS.indexOf(text);
}

/** The text of a token that has a kind of its own, else ''. */
export function tokenText(kind: number): string {
  return TOKENS[kind - TOKEN - 1] ?? '';
}

export const AND = tokenKind('&&');
export const OR = tokenKind('||');
export const NOT = tokenKind('!');
export const ASSIGN = tokenKind('=');
export const AMPERSAND = tokenKind('&');
export const INCREMENT = tokenKind('++');
export const ARROW = tokenKind('->');
export const SEMICOLON = tokenKind(';');
export const QUESTION = tokenKind('?');
export const COLON = tokenKind(':');
export const BRACE_CLOSE = tokenKind('}');
export const PAREN_CLOSE = tokenKind(')');

/** What the copying of a tree needs to know of each node type of the grammar, by the grammar's number. */
export interface GrammarTables {
  readonly kinds: Uint8Array;
  readonly isLeaf: Uint8Array;
  /** Length of a token's text; 0 for named nodes. */
  readonly lengths: Uint8Array;
}

/** Makes the tables from the grammar's list of node types. */
export function grammarTables(
  types: readonly (string | null | undefined)[],
  isNamed: (id: number) => boolean,
): GrammarTables {
  const kinds = new Uint8Array(types.length);
  const isLeaf = new Uint8Array(types.length);
  const lengths = new Uint8Array(types.length);
  for (let id = 0; id < types.length; id++) {
    const type = types[id] ?? '';
    if (isNamed(id)) {
      kinds[id] = KIND_OF_TYPE[type] ?? OTHER;
      isLeaf[id] = LEAVES.includes(kinds[id]!) ? 1 : 0;
    } else {
      kinds[id] = TOKENS.includes(type) ? tokenKind(type) : TOKEN;
      isLeaf[id] = 1;
      lengths[id] = type.length;
    }
  }
  return { kinds, isLeaf, lengths };
}

/** The `n`-th child that is no token and no error, or -1. */
export function child(tree: SyntaxTree, node: number, n: number): number {
  if (node < 0) return -1;
  const { kind, next } = tree;
  const end = next[node]!;
  let left = n;
  for (let at = node + 1; at < end; at = next[at]!) {
    if (kind[at]! < TOKEN && kind[at] !== ERROR && left-- === 0) return at;
  }
  return -1;
}

/** The first child of a kind, or -1. */
export function childOfKind(tree: SyntaxTree, node: number, wanted: number): number {
  if (node < 0) return -1;
  const { kind, next } = tree;
  const end = next[node]!;
  for (let at = node + 1; at < end; at = next[at]!) if (kind[at] === wanted) return at;
  return -1;
}

/** The first child that is a token, as its kind; 0 if there is none. */
export function operatorOf(tree: SyntaxTree, node: number): number {
  const { kind, next } = tree;
  const end = next[node]!;
  for (let at = node + 1; at < end; at = next[at]!) if (kind[at]! >= TOKEN) return kind[at]!;
  return 0;
}

/** The text of a node. */
export function textOf(tree: SyntaxTree, node: number): string {
  return node < 0 ? '' : tree.text.slice(tree.start[node]!, tree.end[node]!);
}

/**
 * The text between two offsets as it is to be shown: with blanks where the parser's text has blanks, but with the
 * file's words where it has others.
 */
export function shownBetween(tree: SyntaxTree, from: number, to: number): string {
  const { text, written } = tree;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code > 32 && code !== written.charCodeAt(at)) return oneLine(written.slice(from, to));
  }
  return oneLine(text.slice(from, to));
}

/** Whether an error lies inside a node. Cheap where there are none. */
export function hasError(tree: SyntaxTree, node: number): boolean {
  const { errors } = tree;
  if (errors.length === 0) return false;
  const end = tree.next[node]!;
  let low = 0;
  let high = errors.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (errors[middle]! < node) low = middle + 1;
    else high = middle;
  }
  return low < errors.length && errors[low]! < end;
}
