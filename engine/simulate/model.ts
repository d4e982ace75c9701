/** Models: what the kernel's own functions do, for the functions that are not executed from their C. */
import type { Machine } from './machine.ts';

/** The place of a call, for models and reports. */
export interface Site {
  readonly callee: string;
  readonly file: string;
  readonly at: number;
  /** The arguments as written. */
  readonly texts: readonly string[];
  /** Types of arguments that were given as types (`container_of`), else ''. */
  readonly types: readonly string[];
  /** What the declared type of the result's variable points to; '' where it is no pointer or not known. */
  readonly resultTag: string;
  readonly resultIsPointer: boolean;
  /** A number that differs from call site to call site. */
  readonly id: number;
  /** Results of an unknown function that the code goes on to tell apart. */
  readonly classes: readonly ResultClassValue[];
}

export type ResultClassValue = 'valid' | 'null' | 'error' | 'negative' | number;

export interface Model {
  readonly name: string;
  /**
   * How each argument is passed: `v` its value, `r` the address of the place it names, `-` not evaluated at all.
   * Arguments beyond are `v`.
   */
  readonly args?: string;
  /** The declared type of the result, where it matters. */
  readonly returns?: string;
  /** True for a part of the VMA lock: executed from C at full depth where the C is in view. */
  readonly primitive?: boolean;
  /** @returns the result, or NO_RESULT where it waits or has failed. */
  run(m: Machine, args: readonly number[], site: Site): number;
}

/** A call as the code has it. */
export const callText = ({ callee, texts }: Site) => `${callee}(${texts.join(', ')})`;

/** As `canFollow()`; the text is made only where it is needed. */
export function follows(m: Machine, pointer: number, site: Site): boolean {
  return m.isLive(pointer) || m.canFollow(pointer, callText(site));
}

/** Makes a model out of a function that has no result; what `run` returns is one only if it is a number. */
export function effect(
  name: string,
  run: (m: Machine, args: readonly number[], site: Site) => unknown,
  args?: string,
): Model {
  return {
    name,
    ...(args === undefined ? {} : { args }),
    run(m, a, site) {
      const result = run(m, a, site);
      return typeof result === 'number' ? result : 0;
    },
  };
}

/** How a `wait_event()` macro takes its arguments. */
export interface WaitForm {
  readonly queue: number;
  readonly condition: number;
  /** Argument with the task state, or the state itself. */
  readonly state: { readonly argument: number } | 'uninterruptible' | 'killable';
  /** True where the queue is named by itself and not by its address. */
  readonly byName: boolean;
}
