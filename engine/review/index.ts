/** The main job: a series and a tree in, a review out. */

export { type CodeView, viewOfFile, viewOfPatch } from './code-view.ts';
export { type Explanation, explainAt } from './explain.ts';
export { type DocumentEdit, editPatch } from './fixes/edit-patch.ts';
export type { LineEdit } from './fixes/line-edit.ts';
export { verifiedFixes } from './fixes/verified-fixes.ts';
export { type InspectedFunction, inspectFunction } from './inspect.ts';
export { type Input, type OpenedInput, openInput } from './open-input.ts';
export { DEFAULT_OPTIONS, type ReviewOptions } from './options.ts';
export { type Outline, type OutlinedFunction, type OutlinedPatch, outlineOf } from './outline.ts';
export type { Note, Review, ReviewFinding, Stats, Status } from './review.ts';
export { openProgram, reviewFiles } from './review-files.ts';
export { reviewOpened, reviewPatches } from './review-patches.ts';
export { type ContractDifference, type ContractVerification, verifyContracts } from './verify-contracts.ts';
