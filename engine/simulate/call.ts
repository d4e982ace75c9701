import type { Instruction } from '../c/index.ts';

/** A call as the front end gives it. */
export type Call = Extract<Instruction, { kind: 'call' }>;
