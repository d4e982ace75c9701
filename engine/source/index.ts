/** Sources: trees, the images of files before and after a series, Kconfig, and who uses what. */
export { type BuildRule, buildRules } from './build-rules.ts';
export * from './definitions.ts';
export type { Basis, Deletion, FileImage, LineOrigin } from './file-image.ts';
export { type FileKind, fileKind } from './file-kind.ts';
export { type FunctionUse, functionUsers } from './function-users.ts';
export { buildImages, type ImageSet, type ImageStep, postTree, preTree } from './images.ts';
export {
  type Implication,
  isKconfigFile,
  type Kconfig,
  type KconfigDefinition,
  type KconfigEntryText,
  type KconfigValue,
  kconfigEntryText,
  kconfigOf,
  loadKconfig,
} from './kconfig/index.ts';
export { isKernelTree, type KernelTree, kernelVersion } from './kernel-tree.ts';
export type { LineRange } from './lineage.ts';
export { memoryTree, overlayTree } from './overlay.ts';
export { type PatchedTree, type PatchedTreeInputs, patchedTree } from './patched-tree.ts';
export { baseName, cleanPath, folderOf, isBelow } from './path.ts';
export { type RemovedSymbol, removedDefinitions, removedSymbols } from './removed-symbols.ts';
export { type SymbolUse, type SymbolUseKind, symbolUsers, usesIn } from './symbol-users.ts';
export type { Run, SourceTree } from './tree.ts';
export { hasWord, wordOffsets } from './words.ts';
