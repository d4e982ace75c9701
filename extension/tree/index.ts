/** Source trees over folders and git. */

export { isKernelTree, type KernelTree, kernelVersion } from '../../engine/source/index.ts';
export { openDirectoryTree } from './directory-tree.ts';
export { type FileSystem, openFileSystemTree } from './file-system-tree.ts';
export { openGitTree } from './git-tree.ts';
export { openTree } from './open-tree.ts';
export type { OpenTree } from './open-tree-type.ts';
