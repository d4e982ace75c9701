/**
 * One C file read without fixing a configuration: what it defines, under which condition, and which
 * symbols decide. Made by `parseUnit()`; functions are parsed and lowered only when asked for.
 */
import type { Condition } from './condition.ts';
import type { Annotation, Span } from './ir.ts';

/** A definition of a function in a file. A file may hold several of one name, for several configurations. */
export interface FunctionSource extends Span {
  readonly name: string;
  /** Offset of the name itself, for diagnostics. */
  readonly nameAt: number;
  /** Offset of the body's opening brace. */
  readonly bodyAt: number;
  /** The condition of the `#if`s around the whole definition. */
  readonly presence: Condition;
  /** Symbols tested by `#if`s and `IS_ENABLED()` inside the definition, sorted. */
  readonly symbols: readonly string[];
  /** Names that the body calls or could call (identifier before a parenthesis), sorted, without keywords. */
  readonly calls: readonly string[];
  readonly isStatic: boolean;
  /** True for `static inline` and `__always_inline`. */
  readonly isInline: boolean;
  /** `function` or the macro that made it, as `SYSCALL_DEFINE3`. */
  readonly definedBy: string;
  readonly annotations: readonly Annotation[];
  /** In a fragment made from hunks: which ends of the function were not there to read. Absent in a whole file. */
  readonly truncated?: 'start' | 'end' | 'both' | null;
}

/** `#define NAME(params) body`; `params` is null for an object-like macro. */
export interface MacroDefinition extends Span {
  readonly name: string;
  readonly params: readonly string[] | null;
  /** The replacement text with line continuations joined. */
  readonly body: string;
  readonly presence: Condition;
}

/** A file-scope `TYPE name = { .field = value, … };`, such as a `struct seq_operations`. */
export interface Initialiser extends Span {
  readonly type: string;
  readonly name: string;
  readonly fields: readonly { readonly name: string; readonly value: string; readonly at: number }[];
  readonly presence: Condition;
}

/** `DEFINE_GUARD(name, type, lock, unlock)` and its relatives, `DEFINE_FREE` and `DEFINE_CLASS` among them. */
export interface GuardDefinition extends Span {
  /** The macro: `DEFINE_GUARD`, `DEFINE_GUARD_COND`, `DEFINE_LOCK_GUARD_1`, `DEFINE_FREE`, `DEFINE_CLASS`, …. */
  readonly macro: string;
  readonly name: string;
  /** Its arguments as written, the name first. */
  readonly args: readonly string[];
  readonly presence: Condition;
}

/** A `struct` or `union` definition: its tag and, per field, the declared type. */
export interface StructDefinition extends Span {
  readonly tag: string;
  readonly fields: readonly { readonly name: string; readonly type: string; readonly at: number }[];
}

/** A declaration (no body) of a function at file scope, for its annotations. */
export interface Prototype extends Span {
  readonly name: string;
  readonly annotations: readonly Annotation[];
  readonly presence: Condition;
}

/** A place where a configuration symbol is tested: an `#if` line or an `IS_ENABLED()` in C. */
export interface SymbolTest extends Span {
  readonly symbol: string;
  readonly how: 'preprocessor' | 'expression';
}

export interface SourceUnit {
  readonly path: string;
  readonly text: string;
  readonly functions: readonly FunctionSource[];
  readonly macros: readonly MacroDefinition[];
  readonly initialisers: readonly Initialiser[];
  readonly guards: readonly GuardDefinition[];
  readonly structs: readonly StructDefinition[];
  readonly prototypes: readonly Prototype[];
  readonly symbolTests: readonly SymbolTest[];
  /** The names in `#include <…>` and `#include "…"`, as written with their delimiters. */
  readonly includes: readonly string[];
  /** What could not be read (an unterminated comment, unbalanced `#if`s), never fatal. */
  readonly problems: readonly (Span & { readonly message: string })[];
  /** 1-based line and column of an offset. */
  position(offset: number): { readonly line: number; readonly column: number };
  /** The text of a 1-based line, without its newline. */
  line(line: number): string;
  /** Offset of the start of a 1-based line. */
  lineStart(line: number): number;
  /** The condition of the `#if`s around an offset. */
  conditionAt(offset: number): Condition;
}
