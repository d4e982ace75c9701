/** Scopes of a function: which variable a name means, and what must run when a scope is left. */
import type { Expr, Instruction, Span, Variable } from './ir.ts';

type NameExpr = Extract<Expr, { kind: 'name' }>;

/**
 * Something that runs when its scope is left, linked to what was entered before it and still is. So the
 * place where control is has one list, and what a jump runs is what its own list has before the part that
 * it shares with the list of the place it goes to.
 */
export interface Ending {
  readonly outer: Ending | null;
  readonly depth: number;
  readonly variable: string;
  /** The instruction, but for the place where it runs. */
  readonly make: (span: Span) => Instruction;
}

/** A place to come back to when a scope ends. */
export interface ScopeMark {
  readonly names: number;
  readonly endings: Ending | null;
}

export class Scopes {
  readonly locals: Variable[] = [];
  /** What runs if everything is left here, innermost first. */
  endings: Ending | null = null;
  readonly #names = new Map<string, NameExpr>();
  /** What names meant before an inner scope gave them another meaning. */
  readonly #undo: { readonly name: string; readonly before: NameExpr | undefined }[] = [];
  readonly #declared = new Map<string, number>();
  #temporaries = 0;
  #guards = 0;

  open(): ScopeMark {
    return { names: this.#undo.length, endings: this.endings };
  }

  /** Ends a scope. What has to run is emitted by the caller, before. */
  close(mark: ScopeMark): void {
    this.endings = mark.endings;
    while (this.#undo.length > mark.names) {
      const { name, before } = this.#undo.pop()!;
      if (before === undefined) this.#names.delete(name);
      else this.#names.set(name, before);
    }
  }

  /** Gives a parameter's name in the IR: its own, but where two have the same. */
  declareParam(name: string): string {
    const times = (this.#declared.get(name) ?? 0) + 1;
    this.#declared.set(name, times);
    const unique = times === 1 ? name : `${name}@${times}`;
    this.#names.set(name, { kind: 'name', name: unique, binding: 'param' });
    return unique;
  }

  /** Declares a local in the innermost scope and gives its name in the IR. */
  declare(name: string, type: string, at: number, isStatic = false): NameExpr {
    const times = (this.#declared.get(name) ?? 0) + 1;
    this.#declared.set(name, times);
    const unique = times === 1 ? name : `${name}@${times}`;
    const variable: NameExpr = { kind: 'name', name: unique, binding: 'local' };
    this.bind(name, variable);
    this.locals.push({ name: unique, type, at, isStatic });
    return variable;
  }

  /** Says what a static local is before the first call. */
  setInitial(name: string, initial: Expr): void {
    const index = this.locals.findLastIndex((local) => local.name === name);
    const local = this.locals[index];
    if (local !== undefined) this.locals[index] = { ...local, initial };
  }

  /** Gives a name a meaning until the scope ends. */
  bind(name: string, meaning: NameExpr): void {
    this.#undo.push({ name, before: this.#names.get(name) });
    this.#names.set(name, meaning);
  }

  temporary(at: number, type = ''): NameExpr {
    const name = `%${++this.#temporaries}`;
    this.locals.push({ name, type, at, isStatic: false });
    return { kind: 'name', name, binding: 'temp' };
  }

  /** The variable of a guard that has no name in the text. */
  guardVariable(guardClass: string, at: number): NameExpr {
    const name = `%guard${++this.#guards}`;
    this.locals.push({ name, type: `guard(${guardClass})`, at, isStatic: false });
    return { kind: 'name', name, binding: 'temp' };
  }

  /** What a name means here; a name that nothing declared is global. */
  resolve(name: string): NameExpr {
    let meaning = this.#names.get(name);
    if (meaning === undefined) {
      meaning = { kind: 'name', name, binding: 'global' };
      this.#names.set(name, meaning);
    }
    return meaning;
  }

  isDeclared(name: string): boolean {
    const meaning = this.#names.get(name);
    return meaning !== undefined && meaning.binding !== 'global';
  }

  addEnding(variable: string, make: Ending['make']): void {
    this.endings = { outer: this.endings, depth: (this.endings?.depth ?? 0) + 1, variable, make };
  }
}

/** The innermost ending that two places share: what is within it at either place is left or entered between them. */
export function sharedEnding(a: Ending | null, b: Ending | null): Ending | null {
  let left = a;
  let right = b;
  while (left !== right) {
    if ((left?.depth ?? 0) >= (right?.depth ?? 0)) left = left?.outer ?? null;
    else right = right?.outer ?? null;
  }
  return left;
}
