/**
 * One function under one configuration, as text that tree-sitter's C grammar can read.
 *
 * The text has the same length as the function's own text, newlines at the same places, and every
 * word that was not rewritten at its own place. So `offset + node.startIndex` is an offset in the
 * file. What a rewrite took out of the text is in the side tables here, by offset in the file.
 */
import type { Annotation, Span } from './ir.ts';

/**
 * `for_each_x(a, b) stmt` or any other `name(args)` in front of a statement. In the slice it reads
 * `while (a, b) stmt`: the keyword stands where the name stood (`at`), the parenthesised arguments stay
 * where they are as a comma expression. A macro without arguments becomes `while (1)`, with `args` empty
 * (the parentheses may then have moved left, into the room of the name). A name too short for `while`
 * becomes `if`: look the statement up by its start offset, whatever its kind. A macro that ends a do statement
 * (`do { … } for_each_x(a, b);`) becomes its `while`: there `at` is the start of that keyword, inside the statement.
 */
export interface IteratorUse extends Span {
  readonly name: string;
  /** Spans of the arguments in the file, in order; `end` above is after the closing parenthesis. */
  readonly args: readonly Span[];
  /**
   * `loop` runs its body any number of times; `once` (`scoped_…`, `with_…`, or a macro of this file whose
   * body says so) runs it at most once, and `break` inside leaves only it.
   */
  readonly runs: 'loop' | 'once';
}

/**
 * A use of a guard.
 * `guard`: `guard(class)(args);`, `class`: `CLASS(class, variable)(args);` and `ACQUIRE(…)(…)` stay in the text as
 * they are, an expression statement `f(x)(y)`, and are found by the offset of that statement (`at`).
 * `scoped`: `scoped_guard(class, args) stmt` and `conditional`: `scoped_cond_guard(class, fail, args) stmt` read
 * `while (class, args) stmt` in the slice, `at` being the start of that statement; the failure statement is
 * blanked there and kept in `failure`.
 */
export interface GuardUse extends Span {
  readonly form: 'guard' | 'class' | 'scoped' | 'conditional';
  /** The macro as written: `guard`, `CLASS`, `ACQUIRE`, `scoped_guard`, `scoped_cond_guard`, …. */
  readonly macro: string;
  readonly guardClass: string;
  /** The variable that `CLASS(class, variable)` declares; null for the other forms. */
  readonly variable: string | null;
  /** Spans of the arguments (without class and failure) in the file. */
  readonly args: readonly Span[];
  /**
   * The statement for a lock that was not taken, without a final semicolon, cleaned like the slice; parse
   * `failure.text + ';'` on its own and add `failure.at` to its offsets.
   */
  readonly failure: (Span & { readonly text: string }) | null;
}

/**
 * A type, operator or other non-expression given as an argument of a call. In the slice it is one
 * identifier-like word at `at` (the rest of the span is blank).
 */
export interface TypeArgument extends Span {
  /** The argument as written. */
  readonly text: string;
  /** `statement`: an argument such as `goto out` or `return -EINTR`, which the macro may execute. */
  readonly what: 'type' | 'operator' | 'statement' | 'other';
}

/** An annotation that was blanked in the text but means something. */
export interface SliceAnnotation extends Annotation {
  /**
   * What it is written on: the function (in its signature), or a declaration in its body; then `variable`
   * is the name declared before it, as `p` in `struct foo *p __free(kfree) = NULL;`.
   */
  readonly on: 'function' | 'variable';
  readonly variable: string | null;
}

export interface FunctionSlice {
  /**
   * Same length as `unit.text.slice(fn.at, fn.end)`. Only of a function with `truncated` it is longer: what is
   * missing is made up in front and behind, `for(;;);` standing where the text that is known ends.
   */
  readonly text: string;
  /** Offset of `text[0]` in the file: `fn.at`; of a function without its beginning, less (even negative). */
  readonly offset: number;
  readonly iterators: readonly IteratorUse[];
  readonly guards: readonly GuardUse[];
  readonly typeArguments: readonly TypeArgument[];
  readonly annotations: readonly SliceAnnotation[];
  /** The `...` of each `case low ... high:`; it reads ` ||` in the slice: a binary expression with that operator. */
  readonly caseRanges: readonly Span[];
  /** The `&&` of each `&&label`; it reads ` &` in the slice. */
  readonly labelAddresses: readonly Span[];
  /** The `goto` of each `goto *pointer;`; it is blank in the slice: an expression statement is left. */
  readonly computedGotos: readonly Span[];
  /** Equal keys mean the same function and the same text, for slices of one unit. */
  readonly key: string;
}
