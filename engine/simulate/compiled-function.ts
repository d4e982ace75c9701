/** What a compiled function is: where its operations lie, and what they do with its registers. */
import type { FunctionIR, SourceUnit } from '../c/index.ts';
import type { CType } from './ctypes.ts';
import type { Label } from './value.ts';

export interface CompiledFunction {
  readonly index: number;
  readonly name: string;
  readonly ir: FunctionIR;
  readonly unit: SourceUnit;
  readonly returns: CType;
  /** Conversions of the arguments to the types of the parameters. */
  readonly wraps: readonly (((value: number) => number) | null)[];
  entry: number;
  /** Operations of this function are `first` to `last`, exclusive. */
  first: number;
  last: number;
  frameSize: number;
  /** Names of registers, for showing them. */
  readonly registers: Map<string, number>;
  /** Locals that live in memory, by name. */
  readonly objects: StackObject[];
  readonly flow: FlowOp[];
  /** Constructs that the machine cannot run: reaching one is a verdict. */
  readonly obstacles: { readonly at: number; readonly message: string }[];
  /** For each operation the registers that matter no more, made when first needed. */
  dead: Int16Array[] | null;
}

export interface StackObject {
  readonly name: string;
  readonly tag: string;
  /** The object's pointer in a frame, by frame address. */
  readonly pointers: Map<number, number>;
}

/** What an operation does with registers, for finding those that matter. */
export interface FlowOp {
  readonly uses: readonly number[];
  readonly defs: readonly number[];
  readonly successors: readonly (number | Label)[];
}
