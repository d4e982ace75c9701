/** Source trees over folders and git. */

export { isKernelTree, type KernelTree, kernelVersion } from '../../engine/source/index.ts';
export { type OpenTree, openDirectoryTree } from './directory-tree.ts';
export { openGitTree } from './git-tree.ts';
export { openTree } from './open-tree.ts';
