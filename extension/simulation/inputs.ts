import type { PatchedTreeInputs } from '../../engine/source/index.ts';

/** What a simulation is of: patches and C files as text. */
export type Inputs = Pick<PatchedTreeInputs, 'patches' | 'sources'>;
