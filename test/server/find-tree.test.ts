import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { diskFolders } from '../../extension/server/disk-workplace.ts';
import { findTree, isKernelTree } from '../../extension/server/find-tree.ts';
import { scratchFolder } from './scratch.ts';

const TREE = { Kconfig: '', 'include/linux/list.h': '' };
const under = (folder: string, files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
const search = (given: Partial<Parameters<typeof findTree>[0]>) =>
  findTree({ setting: '', folders: [], documentFolder: null, ...given }, diskFolders);

describe('the kernel tree', () => {
  it('is a folder with the kernel headers and a build file', async () => {
    expect(await isKernelTree(scratchFolder(TREE), diskFolders)).toBe(true);
    expect(await isKernelTree(scratchFolder({ Makefile: '', 'include/linux/a.h': '' }), diskFolders)).toBe(
      true,
    );
    expect(await isKernelTree(scratchFolder({ Makefile: '', 'include/a.h': '' }), diskFolders)).toBe(false);
    expect(await isKernelTree(scratchFolder({ 'include/linux/a.h': '' }), diskFolders)).toBe(false);
    expect(await isKernelTree('/does/not/exist', diskFolders)).toBe(false);
  });
  it('is the workspace folder', async () => {
    const folder = scratchFolder(TREE);
    expect(await search({ folders: [folder] })).toMatchObject({ root: folder });
  });
  it('is a parent of the workspace folder', async () => {
    const folder = scratchFolder({ ...TREE, 'mm/a.c': '' });
    expect((await search({ folders: [path.join(folder, 'mm')] })).root).toBe(folder);
  });
  it('is the one that the patch lies in before that of the workspace', async () => {
    const folder = scratchFolder({ ...under('one', TREE), ...under('two', TREE), 'two/out/a.patch': '' });
    const found = await search({
      folders: [path.join(folder, 'one')],
      documentFolder: path.join(folder, 'two/out'),
    });
    expect(found.root).toBe(path.join(folder, 'two'));
  });
  it('is the one tree directly inside the folder', async () => {
    const folder = scratchFolder({ ...under('linux', TREE), 'mail/a.c': '' });
    expect((await search({ folders: [folder] })).root).toBe(path.join(folder, 'linux'));
  });
  it('is not guessed where there are two', async () => {
    const folder = scratchFolder({ ...under('linux', TREE), ...under('stable', TREE) });
    const found = await search({ folders: [folder] });
    expect(found.root).toBeNull();
    expect(found.reason).toContain('2 kernel trees');
  });
  it('is what the setting names, absolute or from the workspace folder', async () => {
    const folder = scratchFolder({ ...under('linux', TREE), ...under('stable', TREE) });
    expect((await search({ folders: [folder], setting: 'stable' })).root).toBe(path.join(folder, 'stable'));
    expect((await search({ folders: [folder], setting: path.join(folder, 'linux') })).root).toBe(
      path.join(folder, 'linux'),
    );
  });
  it('is missing, and the reason says so, when the setting names no folder', async () => {
    const found = await search({ folders: [scratchFolder(TREE)], setting: '/does/not/exist' });
    expect(found.root).toBeNull();
    expect(found.reason).toContain('/does/not/exist');
  });
  it('is none where there is none', async () => {
    const found = await search({ folders: [scratchFolder({ 'a.patch': '' })] });
    expect(found.root).toBeNull();
    expect(found.reason).toContain('hunks');
  });
});
