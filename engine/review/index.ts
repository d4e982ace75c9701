/** The main job: a series and a tree in, a review out. */

export { type Input, type OpenedInput, openInput } from './open-input.ts';
export { DEFAULT_OPTIONS, type ReviewOptions } from './options.ts';
export type { Note, Review, ReviewFinding, Stats, Status } from './review.ts';
export { reviewFiles } from './review-files.ts';
export { reviewOpened, reviewPatches } from './review-patches.ts';
