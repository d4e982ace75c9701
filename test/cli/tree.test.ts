import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type FileSystem,
  isKernelTree,
  type OpenTree,
  openDirectoryTree,
  openFileSystemTree,
  openGitTree,
  openTree,
} from '../../extension/tree/index.ts';
import { ripgrep } from '../../extension/tree/ripgrep.ts';
import { hasShared, shared } from '../shared.ts';

const FILES: Record<string, string> = {
  Makefile: 'VERSION = 9\nPATCHLEVEL = 3\nSUBLEVEL = 0\n',
  'include/linux/counter.h': [
    '#define counter_peek(c) ((c)->n)',
    'static inline int counter_read(struct counter *c)',
    '{',
    '\treturn c->n;',
    '}',
    'int counter_add(struct counter *c, int n);',
    'static inline void counter_reset(struct counter *c) {}',
    'void counter_reset(struct counter *c);',
    '',
  ].join('\n'),
  'include/linux/mm.h': 'struct page;\n',
  'mm/counter.c': [
    '#include <linux/counter.h>',
    'int counter_add(struct counter *c, int n)',
    '{',
    '\tc->n += n;',
    '\treturn counter_read(c);',
    '}',
    'void',
    'counter_reset(struct counter *c)',
    '{',
    '}',
    'SYSCALL_DEFINE1(counter, int, n)',
    '{',
    '}',
    '',
  ].join('\n'),
  'mm/user.c':
    'int use(struct counter *c)\n{\n\tif (counter_add(c, 1)) {\n\t\tcounter_read(c);\n\t}\n\treturn counter_addition;\n}\n',
  'lib/data.bin': 'counter_add\0\x01',
};

const folders: string[] = [];
const trees: OpenTree[] = [];

function folderWith(files: Record<string, string>): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lock-review-tree-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.join(folder, path.dirname(name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

function git(folder: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=T', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...identity, '-C', folder, ...args], { encoding: 'utf8' }).trim();
}

function repository(files: Record<string, string>): string {
  const folder = folderWith(files);
  git(folder, 'init', '-q');
  git(folder, 'add', '-A');
  git(folder, 'commit', '-q', '-m', 'first');
  return folder;
}

async function opened(tree: OpenTree | Promise<OpenTree>): Promise<OpenTree> {
  const open = await tree;
  trees.push(open);
  return open;
}

afterEach(() => {
  for (const tree of trees.splice(0)) tree.close();
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
});

/** A file system in memory, as an editor's may be. */
function fileSystem(files: Record<string, string>): FileSystem {
  return {
    name: 'memory',
    async readFile(name) {
      const text = files[name];
      return text === undefined ? null : new TextEncoder().encode(text);
    },
    async readFolder(folder) {
      const below = folder === '' ? '' : `${folder}/`;
      const names = Object.keys(files).filter((name) => name.startsWith(below));
      const kinds = names.map((name): [string, 'file' | 'folder'] => {
        const rest = name.slice(below.length);
        return rest.includes('/') ? [rest.slice(0, rest.indexOf('/')), 'folder'] : [rest, 'file'];
      });
      return [...new Map(kinds)];
    },
  };
}

/** The same questions for every kind of tree. */
const kinds: [string, () => Promise<OpenTree>][] = [
  ['a folder', async () => opened(openDirectoryTree(folderWith(FILES)))],
  // Where ripgrep is not installed, this is the same as the first.
  [
    'a folder searched by ripgrep',
    async () => {
      const root = folderWith(FILES);
      return opened(openDirectoryTree(root, { search: ripgrep(root), largeTree: 0 }));
    },
  ],
  ['a file system of another kind', async () => opened(openFileSystemTree(fileSystem(FILES)))],
  ['a working tree', async () => opened(openTree(repository(FILES)))],
  [
    'a working tree searched by git',
    async () => opened(openGitTree(repository(FILES), null, { largeTree: 0 })),
  ],
  ['a revision', async () => opened(openGitTree(repository(FILES), 'HEAD'))],
];

describe.each(kinds)('%s', (_, open) => {
  it('lists and reads its files', async () => {
    const tree = await open();
    expect(await tree.list()).toEqual(Object.keys(FILES).sort());
    expect(await tree.read('mm/user.c')).toBe(FILES['mm/user.c']);
    expect(await tree.read('./mm//user.c')).toBe(FILES['mm/user.c']);
    expect(await tree.read('mm/none.c')).toBeNull();
    expect(await tree.read('mm')).toBeNull();
    expect(await tree.read('lib/data.bin')).toBeNull();
    expect(tree.problems()).toEqual([]);
  });

  it('finds whole words', async () => {
    const tree = await open();
    const words = await tree.findWords(['counter_add', 'counter_addition', 'counter', 'nowhere']);
    expect(words.get('counter_add')).toEqual(['include/linux/counter.h', 'mm/counter.c', 'mm/user.c']);
    expect(words.get('counter_addition')).toEqual(['mm/user.c']);
    expect(words.has('nowhere')).toBe(false);
    expect((await tree.findWords(['counter_add'], ['mm'])).get('counter_add')).toEqual([
      'mm/counter.c',
      'mm/user.c',
    ]);
    expect((await tree.findWords(['counter_add'], ['m'])).size).toBe(0);
  });

  it('finds definitions, those in headers first', async () => {
    const tree = await open();
    const names = [
      'counter_peek',
      'counter_read',
      'counter_add',
      'counter_reset',
      'counter',
      'use',
      'counter_addition',
    ];
    const expected = [
      ['counter', ['mm/counter.c']],
      ['counter_add', ['mm/counter.c']],
      ['counter_peek', ['include/linux/counter.h']],
      ['counter_read', ['include/linux/counter.h']],
      // A stub and a prototype in the header: the body elsewhere is found as well.
      ['counter_reset', ['include/linux/counter.h', 'mm/counter.c']],
      ['use', ['mm/user.c']],
    ];
    // One by one, through what was noted of the whole tree, and from memory.
    for (const name of names.slice(0, 2)) {
      const own = expected.filter(([found]) => found === name);
      expect([...(await tree.findDefinitions([name]))]).toEqual(own);
    }
    for (let i = 0; i < 2; i++) expect([...(await tree.findDefinitions(names))].sort()).toEqual(expected);
  });

  it('is a kernel tree, of the release that its Makefile names', async () => {
    expect(await isKernelTree(await open())).toEqual({ ok: true, version: [9, 3] });
  });

  it.each(['../outside.c', '/etc/passwd', 'mm/../../outside.c', '.git/config', 'C:/x.c', 'mm/a\nb.c', ''])(
    'does not read %j',
    async (name) => {
      expect(await (await open()).read(name)).toBeNull();
    },
  );
});

describe('a folder', () => {
  it('is searched all the same where the searching program says nothing', async () => {
    const tree = await opened(
      openDirectoryTree(folderWith(FILES), { search: { find: async () => null }, largeTree: 0 }),
    );
    expect((await tree.findWords(['counter_addition'])).get('counter_addition')).toEqual(['mm/user.c']);
  });

  it('follows links inside and refuses links that leave it', async () => {
    const outside = folderWith({ 'secret.c': 'int secret;\n' });
    const root = folderWith(FILES);
    fs.symlinkSync('user.c', path.join(root, 'mm/inside.c'));
    fs.symlinkSync(path.join(outside, 'secret.c'), path.join(root, 'mm/leak.c'));
    fs.symlinkSync(outside, path.join(root, 'leak'));
    const tree = await opened(openDirectoryTree(root));
    expect(await tree.read('mm/inside.c')).toBe(FILES['mm/user.c']);
    expect(await tree.read('mm/leak.c')).toBeNull();
    expect(await tree.read('leak/secret.c')).toBeNull();
    expect(await tree.list()).toEqual(Object.keys(FILES).sort());
    expect((await tree.findWords(['secret'])).size).toBe(0);
    expect(tree.problems()).toEqual([
      'mm/leak.c is a link that leads out of the tree; it is not followed',
      'leak is a link that leads out of the tree; it is not followed',
    ]);
  });

  it('sees changes once it is told, and gives the same answers through its memory', async () => {
    const root = folderWith(FILES);
    const tree = await opened(openDirectoryTree(root));
    const many = [
      'counter_add',
      'counter_read',
      'counter_peek',
      'use',
      'page',
      'VERSION',
      'struct',
      'n',
      'absent',
    ];
    const first = await tree.findWords(many);
    expect(await tree.findWords(many)).toEqual(first);
    expect(first.get('use')).toEqual(['mm/user.c']);
    fs.writeFileSync(path.join(root, 'mm/user.c'), 'int absent;\n');
    fs.writeFileSync(path.join(root, 'mm/more.c'), 'int absent;\n');
    tree.changed();
    const second = await tree.findWords(many);
    expect(second.get('absent')).toEqual(['mm/more.c', 'mm/user.c']);
    expect(second.has('use')).toBe(false);
  });

  it('notices what has changed without being told, once what it knows is old', async () => {
    const root = folderWith(FILES);
    const many = [...'abcdefghijklmnopqrst', 'counter_addition', 'n'];
    for (const words of [['counter_addition', 'n'], many]) {
      fs.writeFileSync(path.join(root, 'mm/user.c'), FILES['mm/user.c']!);
      const tree = await opened(openDirectoryTree(root, { maxAge: -1 }));
      expect((await tree.findWords(words)).get('counter_addition')).toEqual(['mm/user.c']);
      const names = words.length > 5 ? ['use', 'other', ...'abcdefgh'] : ['use', 'other'];
      expect([...(await tree.findDefinitions(names)).keys()]).toEqual(['use']);
      fs.writeFileSync(path.join(root, 'mm/user.c'), 'int other(int n)\n{\n}\n');
      expect((await tree.findWords(words)).has('counter_addition')).toBe(false);
      expect((await tree.findWords(words)).get('n')).toContain('mm/user.c');
      expect([...(await tree.findDefinitions(names)).keys()]).toEqual(['other']);
    }
  });

  it('says what is not there', async () => {
    expect(() => openDirectoryTree('/nowhere/at/all')).toThrow();
    await expect(openTree('/nowhere/at/all')).rejects.toThrow('there is no folder /nowhere/at/all');
    const root = folderWith(FILES);
    await expect(openTree(path.join(root, 'Makefile'))).rejects.toThrow('is not a folder');
  });

  it('says why it is no kernel tree', async () => {
    const reasonFor = async (files: Record<string, string>) =>
      isKernelTree(await opened(openDirectoryTree(folderWith(files))));
    expect(await reasonFor({ 'src/main.c': 'int main;\n', Makefile: 'all:\n' })).toMatchObject({
      ok: false,
      reason: expect.stringContaining('neither include/linux nor the top Makefile or Kconfig'),
    });
    expect(await reasonFor({ 'include/linux/mm.h': '\n' })).toMatchObject({
      ok: false,
      reason: expect.stringContaining('none of mm, kernel'),
    });
    // A part of a tree will do.
    expect(await reasonFor({ 'include/linux/mm.h': '\n', 'mm/memory.c': '\n' })).toEqual({
      ok: true,
      version: null,
    });
  });
});

describe('a file system of another kind', () => {
  it('says what it could not read or list', async () => {
    const files = fileSystem({ 'mm/a.c': 'int a;\n', 'mm/b.c': 'int a;\n', 'fs/c.c': 'int a;\n' });
    const tree = await opened(
      openFileSystemTree({
        ...files,
        readFile: async (name) => {
          if (name === 'mm/b.c') throw new Error('gone');
          return files.readFile(name);
        },
        readFolder: async (folder) => {
          if (folder === 'fs') throw new Error('forbidden');
          return [...(await files.readFolder(folder)), ['..', 'folder'], ['a/b', 'file'], ['link', 'other']];
        },
      }),
    );
    expect(await tree.list()).toEqual(['mm/a.c', 'mm/b.c']);
    expect((await tree.findWords(['a'])).get('a')).toEqual(['mm/a.c']);
    expect([...tree.problems()].sort()).toEqual([
      'fs cannot be listed (forbidden)',
      'mm/b.c cannot be read (gone)',
    ]);
  });

  it('stops at a number of files, and says so', async () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`d${i}/e/f.c`, 'int a;\n']));
    const tree = await opened(
      openFileSystemTree(fileSystem({ ...many, 'a.c': '', 'b.c': '' }), { maxFiles: 2 }),
    );
    expect((await tree.list()).length).toBeLessThan(50);
    expect(tree.problems()).toEqual(['the folder has more than 2 files; the rest is not searched']);
  });

  it('sees changes once it is told', async () => {
    const files: Record<string, string> = { 'mm/a.c': 'int a;\n' };
    const tree = await opened(openFileSystemTree(fileSystem(files)));
    expect((await tree.findWords(['b'])).size).toBe(0);
    files['mm/a.c'] = 'int b;\n';
    files['mm/b.c'] = 'int b;\n';
    tree.changed('mm/a.c');
    expect((await tree.findWords(['b'])).get('b')).toEqual(['mm/a.c', 'mm/b.c']);
  });
});

describe('git', () => {
  it('reads blobs by abbreviated hash, and nothing else', async () => {
    const root = repository(FILES);
    const blob = git(root, 'rev-parse', 'HEAD:mm/user.c');
    for (const tree of [await opened(openTree(root)), await opened(openGitTree(root, 'HEAD'))]) {
      expect(await tree.readBlob(blob)).toBe(FILES['mm/user.c']);
      expect(await tree.readBlob(blob.slice(0, 9))).toBe(FILES['mm/user.c']);
      expect(await tree.readBlob('0000000')).toBeNull();
      expect(await tree.readBlob('HEAD:mm/user.c')).toBeNull();
      expect(await tree.readBlob(git(root, 'rev-parse', 'HEAD'))).toBeNull();
      // Several at once are answered in order.
      expect(await Promise.all([tree.readBlob('fff0'), tree.readBlob(blob), tree.read('mm/user.c')])).toEqual(
        [null, FILES['mm/user.c'], FILES['mm/user.c']],
      );
      tree.close();
      expect(await tree.readBlob(blob)).toBe(FILES['mm/user.c']);
    }
  });

  it('keeps a revision apart from the working tree', async () => {
    const root = repository(FILES);
    fs.writeFileSync(path.join(root, 'mm/user.c'), 'int later;\n');
    fs.writeFileSync(path.join(root, 'mm/untracked.c'), 'int later;\n');
    const working = await opened(openGitTree(root, null, { largeTree: 0 }));
    const revision = await opened(openGitTree(root, 'HEAD'));
    expect((await working.findWords(['later'])).get('later')).toEqual(['mm/untracked.c', 'mm/user.c']);
    expect((await revision.findWords(['later'])).size).toBe(0);
    expect(await revision.read('mm/user.c')).toBe(FILES['mm/user.c']);
    expect(await revision.read('mm/untracked.c')).toBeNull();
  });

  it('opens a bare repository at its current revision', async () => {
    const bare = path.join(folderWith({}), 'bare.git');
    git(path.dirname(bare), 'clone', '-q', '--bare', repository(FILES), bare);
    const tree = await opened(openTree(bare));
    expect(await tree.read('mm/user.c')).toBe(FILES['mm/user.c']);
  });

  it('says that there is no such revision, and takes no option for one', async () => {
    const root = repository(FILES);
    await expect(openGitTree(root, 'v0.0')).rejects.toThrow('has no revision "v0.0"');
    await expect(openGitTree(root, '--all')).rejects.toThrow('has no revision');
  });

  it('runs no program that the repository names', async () => {
    const root = repository(FILES);
    const trap = path.join(folderWith({ 'trap.sh': '#!/bin/sh\ntouch "$0.sprung"\n' }), 'trap.sh');
    fs.chmodSync(trap, 0o755);
    for (const key of [
      'core.fsmonitor',
      'core.pager',
      'diff.external',
      'core.sshCommand',
      'diff.c.textconv',
    ]) {
      git(root, 'config', key, trap);
    }
    fs.writeFileSync(path.join(root, '.gitattributes'), '*.c diff=c\n');
    const tree = await opened(openGitTree(root, null, { largeTree: 0 }));
    expect((await tree.findWords(['counter_add'])).get('counter_add')).toHaveLength(3);
    expect(await (await opened(openGitTree(root, 'HEAD'))).read('mm/user.c')).not.toBeNull();
    expect(fs.existsSync(`${trap}.sprung`)).toBe(false);
  });
});

describe.runIf(hasShared)('real kernel trees, needs ../shared', () => {
  it('accepts whole trees and parts of trees', async () => {
    const whole = await opened(openTree(shared('kernel', 'linux-7.2')));
    const part = await opened(openTree(shared('kernel', 'linux-6.12')));
    expect(await isKernelTree(whole)).toMatchObject({ ok: true, version: [7, expect.any(Number)] });
    expect(await isKernelTree(part)).toEqual({ ok: true, version: [6, 12] });
    const inside = await opened(openTree(shared('kernel', 'linux-6.12', 'mm')));
    expect(await isKernelTree(inside)).toMatchObject({ ok: false });
  });

  it('finds definitions and words in a whole tree', async () => {
    const tree = await opened(openTree(shared('kernel', 'linux-7.2')));
    const found = await tree.findDefinitions([
      'mmap_read_lock',
      'lock_vma_under_rcu',
      'vma_end_read',
      'IS_ENABLED',
    ]);
    expect(found.get('mmap_read_lock')![0]).toBe('include/linux/mmap_lock.h');
    expect(found.get('lock_vma_under_rcu')).toContain('mm/mmap_lock.c');
    expect(found.get('IS_ENABLED')![0]).toBe('include/linux/kconfig.h');
    const many = [
      'mmap_read_lock',
      'vma_end_read',
      'rcu_read_lock',
      'kfree',
      'CONFIG_MMU',
      'vm_start',
      'seq_file',
      'zzz',
    ];
    const slow = await tree.findWords(many);
    const fast = await tree.findWords(many);
    expect(fast).toEqual(slow);
    for (const word of many.slice(0, 2))
      expect((await tree.findWords([word])).get(word)).toEqual(slow.get(word));
  });
});
