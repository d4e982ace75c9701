import { describe, expect, it } from 'vitest';
import type { FolderEntry } from '../../extension/server/messages.ts';
import { joined, virtualWorkplace } from '../../extension/server/virtual-workplace.ts';

const FILES = ['linux/Kconfig', 'linux/include/linux/a b.h', 'linux/mm/a.c', 'series.mbox'];
const ROOT = 'vscode-vfs://host/repository';

/** A workspace with these files, by URI. */
const workplace = virtualWorkplace({
  async readFile(uri) {
    return FILES.some((file) => joined(ROOT, file) === uri) ? new Uint8Array() : null;
  },
  async readFolder(uri) {
    const path = uri === ROOT ? '' : `${uri.slice(ROOT.length + 1)}/`;
    const inside = FILES.filter((file) => file.startsWith(path)).map((file) => file.slice(path.length));
    if (!uri.startsWith(ROOT) || inside.length === 0) return null;
    const kinds = new Map(inside.map((rest) => [rest.split('/')[0]!, rest.includes('/')]));
    return [...kinds].map(([name, isFolder]): FolderEntry => [name, isFolder ? 'folder' : 'file']);
  },
});

describe('a virtual workspace', () => {
  it('finds the tree inside it, above a document, and by a relative or absolute setting', async () => {
    const find = (setting: string, documentFolder: string | null = null) =>
      workplace.findTree({ setting, folders: [ROOT], documentFolder });
    expect((await find('')).root).toBe(`${ROOT}/linux`);
    expect((await find('', `${ROOT}/linux/mm`)).root).toBe(`${ROOT}/linux`);
    expect((await find('linux')).root).toBe(`${ROOT}/linux`);
    expect((await find(`${ROOT}/linux`)).root).toBe(`${ROOT}/linux`);
    expect(await find('nowhere')).toMatchObject({ root: null, reason: expect.stringContaining('nowhere') });
  });

  it('goes from places to paths and back, and out of no tree', () => {
    const root = `${ROOT}/linux`;
    const header = workplace.placeInTree(root, 'include/linux/a b.h')!;
    expect(header).toBe(`${root}/include/linux/a%20b.h`);
    expect(workplace.pathInTree(root, header)).toBe('include/linux/a b.h');
    expect(workplace.nameOf(header)).toBe('a b.h');
    for (const path of ['../series.mbox', '/etc/passwd', 'a/../../b', ''])
      expect(workplace.placeInTree(root, path), path).toBeNull();
    expect(workplace.pathInTree(root, `${ROOT}/linux-next/mm/a.c`)).toBeNull();
    expect(workplace.placeOf('untitled:one.patch')).toBeNull();
    expect(workplace.placeOf(`${ROOT}/`)).toBe(ROOT);
    expect(workplace.nameOf(`${ROOT}/50%.c`)).toBe('50%.c');
  });

  it('climbs to the top and stays there', () => {
    const climb = (place: string) => {
      const seen = [place];
      for (let at = place; workplace.folderOf(at) !== at; at = workplace.folderOf(at))
        seen.push(workplace.folderOf(at));
      return seen.length;
    };
    expect(climb('vscode-vfs://host/a/b')).toBeLessThan(6);
    expect(climb('memfs:/a/b')).toBeLessThan(6);
  });

  it('has no git', async () => {
    expect(await workplace.headText(`${ROOT}/linux/mm/a.c`)).toBeNull();
    expect(await workplace.readRange(`${ROOT}/linux`, 'a..b')).toMatchObject({ text: null });
  });
});
