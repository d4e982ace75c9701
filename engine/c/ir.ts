/**
 * The intermediate representation of one C function under one configuration.
 *
 * The checker and the simulator execute this same form, so it keeps everything that running the
 * function needs: calls are pulled out of expressions into temporaries in evaluation order,
 * short-circuit operators, `?:` and statement expressions are control flow, and guards are explicit
 * at the place where they begin and on every way out of their scope. What remains in an `Expr` has
 * no side effects.
 *
 * Offsets (`at`, `end`) are 0-based into the text of the file that the function came from; a
 * `SourceUnit` turns them into lines. The form is plain data: no tree-sitter node survives in it.
 */

/** A half-open range of offsets in the file's text. */
export interface Span {
  readonly at: number;
  readonly end: number;
}

/** Who a name belongs to. Enumerators and object-like macros are `global`: C text cannot tell. */
export type Binding = 'param' | 'local' | 'temp' | 'global';

/**
 * A side-effect-free expression. The kinds `name`, `field`, `index` and `deref` are also places
 * (lvalues). A shadowing local is renamed `name@2`, `name@3`…; temporaries are `%1`, `%2`….
 */
export type Expr =
  | { readonly kind: 'number'; readonly value: number; readonly text: string }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'name'; readonly name: string; readonly binding: Binding }
  | { readonly kind: 'field'; readonly base: Expr; readonly name: string; readonly arrow: boolean }
  | { readonly kind: 'index'; readonly base: Expr; readonly index: Expr }
  | { readonly kind: 'deref'; readonly operand: Expr }
  | { readonly kind: 'address'; readonly operand: Expr }
  | { readonly kind: 'unary'; readonly op: '-' | '+' | '~' | '!'; readonly operand: Expr }
  | { readonly kind: 'binary'; readonly op: BinaryOp; readonly left: Expr; readonly right: Expr }
  | { readonly kind: 'cast'; readonly type: string; readonly operand: Expr }
  | { readonly kind: 'sizeof'; readonly text: string }
  /** A braced initialiser or compound literal; `name` is null for a positional element. */
  | { readonly kind: 'aggregate'; readonly type: string | null; readonly fields: readonly AggregateField[] }
  /** A type given as an argument to a macro, as in `container_of(p, struct foo, member)`. */
  | { readonly kind: 'type'; readonly text: string }
  /** Text that could not be understood; its value may be anything. */
  | { readonly kind: 'unknown'; readonly text: string };

export interface AggregateField {
  /** A designator path such as `vma` or `lock.owner`, or null for a positional element. */
  readonly name: string | null;
  readonly value: Expr;
}

export type BinaryOp =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '&'
  | '|'
  | '^'
  | '<<'
  | '>>'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '&&'
  | '||';

export type Instruction =
  | ({ readonly kind: 'assign'; readonly target: Expr; readonly value: Expr } & Span)
  /**
   * A call of a function or function-like macro. `name` is the callee's name where the callee is a
   * plain name, else null (a call through a pointer: then `callee` is the pointer expression).
   * An argument that is a place is passed as that place, so that macros that assign to their
   * arguments (`READ_ONCE`, iterators, `spin_lock_irqsave`'s flags) can be given a meaning.
   */
  | ({
      readonly kind: 'call';
      readonly result: Expr | null;
      readonly name: string | null;
      readonly callee: Expr;
      readonly args: readonly Expr[];
      /** True for the head of a loop made of an iterator macro: the result says "one more round". */
      readonly iterator: boolean;
      /**
       * Arguments as the macro itself evaluates them, again and again: the condition of `wait_event()`. Parallel
       * to `args`; null for an argument that is pure, whose `Expr` can be evaluated at any time. Only made for
       * the calls that `LowerOptions.lazy` names. `args` holds the first evaluation, which was made just before
       * the call: a macro that finds its condition true at once needs no other.
       */
      readonly lazyArgs?: readonly (Fragment | null)[];
    } & Span)
  /** A local comes into being without an initialiser: its value is whatever was on the stack. */
  | ({ readonly kind: 'declare'; readonly name: string } & Span)
  /**
   * `guard(class)(args)`, `scoped_guard`, `scoped_cond_guard`, `CLASS(class, var)(args)`. `variable`
   * holds the constructed value afterwards: for a conditional guard that did not take its lock, NULL.
   */
  | ({
      readonly kind: 'guard-enter';
      readonly guardClass: string;
      readonly variable: string;
      readonly args: readonly Expr[];
    } & Span)
  /** The scope of that guard ends here; emitted on every way out, innermost guard first. */
  | ({ readonly kind: 'guard-exit'; readonly guardClass: string; readonly variable: string } & Span)
  /**
   * `__free(name)` runs on `variable` at the end of its scope. `__cleanup(function)` is an ordinary `call` of
   * the function there, with the variable's address.
   */
  | ({ readonly kind: 'cleanup'; readonly cleanup: string; readonly variable: string } & Span)
  /** Text on this path that could not be parsed or lowered, inline assembly included. */
  | ({ readonly kind: 'opaque'; readonly text: string; readonly reason: string } & Span);

export type BlockId = number;

/**
 * A piece of the function as a graph of its own, with its own block numbers: it uses the function's variables
 * and ends in `return` with its value.
 */
export interface Fragment extends Span {
  readonly entry: BlockId;
  readonly blocks: readonly Block[];
}

export type Terminator =
  | ({ readonly kind: 'goto'; readonly to: BlockId } & Span)
  | ({
      readonly kind: 'branch';
      readonly condition: Expr;
      readonly then: BlockId;
      readonly otherwise: BlockId;
    } & Span)
  | ({
      readonly kind: 'switch';
      readonly value: Expr;
      readonly cases: readonly SwitchCase[];
      readonly otherwise: BlockId;
    } & Span)
  | ({ readonly kind: 'return'; readonly value: Expr | null } & Span)
  /** Control cannot come here: after `BUG()`, `unreachable()`, an endless loop's exit. */
  | ({ readonly kind: 'unreachable' } & Span);

export interface SwitchCase {
  readonly low: Expr;
  /** The upper end of a GNU case range, inclusive; null for a plain case. */
  readonly high: Expr | null;
  readonly to: BlockId;
}

export interface Block {
  /** Equal to its index in `FunctionIR.blocks`. */
  readonly id: BlockId;
  readonly instructions: readonly Instruction[];
  readonly terminator: Terminator;
}

export interface Variable {
  readonly name: string;
  /** The declared type as written, `*` included and qualifiers kept: `struct vm_area_struct *`. */
  readonly type: string;
  readonly at: number;
  /** True for a `static` local: its value outlives the call. */
  readonly isStatic: boolean;
  /** What a `static` local is before the first call; absent where nothing is written: zero. */
  readonly initial?: Expr;
}

export interface Label extends Span {
  readonly name: string;
  /** The block that it begins or, if only falling into it leads there, lies in; -1 where nothing leads to it. */
  readonly block: BlockId;
  /** How many `goto`s, `&&label`s and macro arguments name it under this configuration, dead code included. */
  readonly uses: number;
}

/** What was left of annotations after the pre-pass: `__acquires(x)`, `__must_hold(&a->b)`, …. */
export interface Annotation extends Span {
  readonly name: string;
  readonly args: readonly string[];
}

export interface FunctionIR extends Span {
  readonly name: string;
  readonly file: string;
  /** As written; '' where a macro defines the function (`SYSCALL_DEFINE3`), or the text could not be read. */
  readonly returnType: string;
  readonly isStatic: boolean;
  readonly params: readonly Variable[];
  /** Every local and temporary but the parameters, by its (renamed) name. */
  readonly locals: readonly Variable[];
  readonly entry: BlockId;
  readonly blocks: readonly Block[];
  readonly labels: readonly Label[];
  readonly annotations: readonly Annotation[];
  /** Regions that could not be parsed, with a reason; empty for a clean function. */
  readonly problems: readonly (Span & { readonly message: string })[];
}
