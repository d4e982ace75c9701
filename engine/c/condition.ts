/**
 * Conditions over configuration symbols, as `#if` and `IS_ENABLED()` write them, and the
 * configurations that they are evaluated under.
 */

/** Kconfig's three values. A boolean symbol is never `m`. */
export type Tristate = 'y' | 'm' | 'n';

/**
 * What is known about symbols. A symbol that `values` does not name has the value `fallback`;
 * names that are not `CONFIG_…` (`MODULE`, `__ASSEMBLY__`, `PAGE_SHIFT`) are looked up likewise but fall
 * back to undefined.
 */
export interface Configuration {
  readonly values: ReadonlyMap<string, Tristate>;
  readonly fallback: Tristate;
}

export type Condition =
  | { readonly kind: 'constant'; readonly value: boolean }
  /**
   * A test of one symbol. `defined`: `#ifdef CONFIG_X` (true for y only: a module is CONFIG_X_MODULE);
   * `enabled`: IS_ENABLED (y or m); `builtin`: IS_BUILTIN (y); `module`: IS_MODULE or CONFIG_X_MODULE (m);
   * `reachable`: IS_REACHABLE.
   */
  | {
      readonly kind: 'symbol';
      readonly symbol: string;
      readonly test: 'defined' | 'enabled' | 'builtin' | 'module' | 'reachable';
    }
  | { readonly kind: 'not'; readonly operand: Condition }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Condition[] }
  /** An arithmetic or otherwise opaque test; each distinct text acts as a symbol of its own. */
  | { readonly kind: 'opaque'; readonly text: string };

export const TRUE: Condition = { kind: 'constant', value: true };
export const FALSE: Condition = { kind: 'constant', value: false };
