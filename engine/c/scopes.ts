/** Scopes of a function: which name a variable has in the IR, and what must run when a scope ends. */
import type { Instruction, Variable } from './ir.ts';

/** The id of a scope that no text opens. */
export const HIDDEN_SCOPE = -2;

interface Scope {
  /** The start of the compound statement or loop that opened it: tells scopes apart. */
  readonly id: number;
  readonly names: Map<string, string>;
  /** Run when the scope is left, last one first. */
  readonly endings: Instruction[];
}

export class Scopes {
  readonly #stack: Scope[] = [{ id: -1, names: new Map(), endings: [] }];
  readonly #used = new Map<string, number>();
  readonly #locals: Variable[] = [];
  #temporaries = 0;

  get locals(): readonly Variable[] {
    return this.#locals;
  }

  get depth(): number {
    return this.#stack.length;
  }

  declareParam(name: string): void {
    this.#stack[0]!.names.set(name, name);
    this.#used.set(name, 1);
  }

  open(id: number): void {
    this.#stack.push({ id, names: new Map(), endings: [] });
  }

  close(): void {
    this.#stack.pop();
  }

  /** Declares a local in the innermost scope and gives its name in the IR. */
  declare(name: string, type: string, at: number, isStatic = false): string {
    const times = (this.#used.get(name) ?? 0) + 1;
    this.#used.set(name, times);
    const unique = times === 1 ? name : `${name}@${times}`;
    this.#stack[this.#stack.length - 1]!.names.set(name, unique);
    this.#locals.push({ name: unique, type, at, isStatic });
    return unique;
  }

  temporary(type: string, at: number): string {
    const name = `%${++this.#temporaries}`;
    this.#locals.push({ name, type, at, isStatic: false });
    return name;
  }

  /** The IR's name of a variable in scope, or null for a global. */
  lookup(name: string): string | null {
    for (let at = this.#stack.length - 1; at >= 0; at--) {
      const found = this.#stack[at]!.names.get(name);
      if (found !== undefined) return found;
    }
    return null;
  }

  isParam(unique: string): boolean {
    return this.#stack[0]!.names.get(unique) === unique;
  }

  atEnd(instruction: Instruction): void {
    this.#stack[this.#stack.length - 1]!.endings.push(instruction);
  }

  /** What runs when control leaves every scope above `depth`, in order. */
  endings(depth: number): readonly Instruction[] {
    const run: Instruction[] = [];
    for (let at = this.#stack.length - 1; at >= depth; at--)
      run.push(...this.#stack[at]!.endings.toReversed());
    return run;
  }

  /**
   * How many of the open scopes enclose a label whose own chain of scopes is given. Scopes that the lowering
   * opens for a guard or an iterator are in no chain: they enclose the label if the scope inside them does.
   */
  sharedDepth(chain: readonly number[]): number {
    let shared = 1;
    let next = 0;
    for (let at = 1; at < this.#stack.length && next < chain.length; at++) {
      const scope = this.#stack[at]!;
      if (scope.id === chain[next]) {
        next++;
        shared = at + 1;
      } else if (scope.id !== HIDDEN_SCOPE) break;
    }
    return shared;
  }
}
