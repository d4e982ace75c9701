import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseSeries } from '../../../engine/patch/index.ts';
import {
  buildImages,
  functionUsers,
  loadKconfig,
  postTree,
  preTree,
  removedSymbols,
  type SymbolUse,
  symbolUsers,
} from '../../../engine/source/index.ts';
import { openDirectoryTree } from '../../../extension/tree/index.ts';
import { hasShared, shared } from '../../shared.ts';

const read = (...parts: string[]) => fs.readFileSync(shared(...parts), 'utf8');
const series = async (...parts: string[]) => (await parseSeries(read(...parts))).value;
const newTree = () => openDirectoryTree(shared('kernel', 'linux-7.2'));

describe.runIf(hasShared)('a series that removes a symbol, needs ../shared', () => {
  it.each(['unconditional-v2.mbox', 'unconditional-v3.mbox'])(
    '%s applies to the tree it was made for',
    async (name) => {
      const parsed = await series('corpus', 'series', name);
      const { value, problems } = await buildImages(parsed, newTree());
      expect(problems).toEqual([]);
      expect(value.steps).toHaveLength(3);
      expect(value.files.length).toBeGreaterThanOrEqual(16);
      const input = read('corpus', 'series', name).split('\n');
      for (const image of value.files) {
        expect(image).toMatchObject({ basis: 'tree', isApplied: false });
        const posts = image.post!.split('\n');
        for (const { start, end } of image.changedPostLines) {
          for (let line = start; line <= end; line++) {
            expect(input[image.postLineToInput(line)! - 1]).toBe(`+${posts[line - 1]}`);
          }
        }
        // What the last step leaves is the post-image.
        expect(value.steps.at(-1)!.files.get(image.path)).toBe(image.post);
      }
      // The tree with the series in it is recognised, and the series taken back.
      const after = postTree(value, newTree());
      const again = await buildImages(parsed, after);
      expect(again.problems).toEqual([]);
      for (const [i, image] of again.value.files.entries()) {
        expect([image.path, image.isApplied, image.pre === value.files[i]!.pre]).toEqual([
          image.path,
          true,
          true,
        ]);
      }
      const before = preTree(again.value, after);
      expect(await before.read('mm/Kconfig')).toBe(await newTree().read('mm/Kconfig'));
    },
  );

  it('leaves users of the symbols in C, headers and every Kconfig', async () => {
    const tree = newTree();
    const { value } = await buildImages(await series('corpus', 'series', 'unconditional-v2.mbox'), tree);
    const after = postTree(value, tree);
    const removed = await removedSymbols(value, after);
    expect(removed).toEqual(['CONFIG_ARCH_SUPPORTS_PER_VMA_LOCK', 'CONFIG_PER_VMA_LOCK']);
    const uses = await symbolUsers(after, removed);
    const of = (test: (use: SymbolUse) => boolean) => [...new Set(uses.filter(test).map((use) => use.file))];
    const isKconfig = (use: SymbolUse) => /Kconfig/.test(use.file);
    expect(of((use) => isKconfig(use) && use.kind === 'select')).toEqual([
      'arch/arm/Kconfig',
      'arch/arm64/Kconfig',
      'arch/loongarch/Kconfig',
      'arch/powerpc/platforms/powernv/Kconfig',
      'arch/powerpc/platforms/pseries/Kconfig',
      'arch/riscv/Kconfig',
      'arch/s390/Kconfig',
      'arch/x86/Kconfig',
    ]);
    expect(of((use) => isKconfig(use) && use.kind === 'depends')).toEqual([
      'arch/x86/Kconfig',
      'mm/Kconfig.debug',
    ]);
    expect(of((use) => use.kind === 'preprocessor' && !use.isLocal)).toEqual(['kernel/bpf/stackmap.c']);
    expect(of((use) => use.kind === 'expression')).toEqual(['kernel/bpf/task_iter.c']);
    expect(of((use) => use.isLocal)).toEqual([
      'tools/testing/vma/include/dup.h',
      'tools/testing/vma/vma_internal.h',
    ]);
    for (const use of uses) {
      const written = use.text.slice(use.column - 1, use.endColumn - 1);
      expect(use.symbol.endsWith(written)).toBe(true);
    }
    // Before the series, Rust is among them.
    const all = await symbolUsers(tree, removed);
    expect(all.filter((use) => use.kind === 'rust-cfg').map((use) => use.file)).toEqual([
      'rust/kernel/mm.rs',
      'rust/kernel/mm.rs',
    ]);
  });
});

describe.runIf(hasShared)('mail threads, needs ../shared', () => {
  const seed = (start: string) => fs.readdirSync(shared('seeds')).find((name) => name.startsWith(start))!;

  it('places all 16 hunks of a mail without indentation, in a tree that holds them', async () => {
    for (const parts of [
      ['seeds', seed('000')],
      ['corpus', 'seed-patches', '000-smaps-vma-lock.patch'],
    ]) {
      const { value, problems } = await buildImages(await series(...parts), newTree());
      const [image] = value.files;
      expect(image).toMatchObject({ path: 'fs/proc/task_mmu.c', basis: 'tree', isApplied: true });
      expect(problems.filter((one) => one.message.includes('left out'))).toEqual([]);
      expect(image!.post).toBe(await newTree().read('fs/proc/task_mmu.c'));
      expect(image!.changedPostLines.length).toBeGreaterThan(10);
      // What the patch removes comes back with an indentation of its own.
      expect(image!.pre).toContain('\n\tif (m->op != &proc_pid_maps_op) {\n\t\tif (mmap_read_lock_killable(');
    }
  });

  it('rebuilds what they show without a tree', async () => {
    for (const name of fs.readdirSync(shared('seeds'))) {
      const parsed = await series('seeds', name);
      const { value, problems } = await buildImages(parsed, null);
      expect(problems).toEqual([]);
      expect(value.files.length).toBeGreaterThan(0);
      for (const image of value.files)
        expect(image.changedPostLines.length + image.changedPreLines.length).toBeGreaterThan(0);
    }
  });

  it('places the hunks of a quoted review in the tree', async () => {
    const { value, problems } = await buildImages(await series('seeds', seed('003')), newTree());
    expect(value.files.map((image) => [image.path, image.basis])).toEqual([
      ['include/linux/mmap_lock.h', 'tree'],
      ['mm/mmap_lock.c', 'tree'],
      ['drivers/android/binder_alloc.c', 'tree'],
      ['mm/Kconfig', 'tree'],
      ['rust/kernel/mm.rs', 'tree'],
    ]);
    expect(problems.filter((one) => one.message.includes('left out'))).toEqual([]);
    // A function whose context was cut off stands between two others.
    const post = value.files[1]!.post!;
    expect(post).toMatch(/\n}\n\n?struct vm_area_struct \*vma_start_read_unlocked\(/);
  });
});

describe.runIf(hasShared)('real fixes and the bugs they mend, needs ../shared', () => {
  const bugs = hasShared ? fs.readdirSync(shared('corpus', 'bugs')).filter((name) => /^\d/.test(name)) : [];
  it.each(bugs)('%s goes both ways', async (name) => {
    const ways = [
      { tree: 'after', patch: 'reintroduce', other: 'before', isApplied: false },
      { tree: 'before', patch: 'fix', other: 'after', isApplied: false },
      { tree: 'before', patch: 'reintroduce', other: 'after', isApplied: true },
      { tree: 'after', patch: 'fix', other: 'before', isApplied: true },
    ];
    for (const { tree, patch, other, isApplied } of ways) {
      const parsed = await series('corpus', 'bugs', name, `${patch}.patch`);
      const { value, problems } = await buildImages(
        parsed,
        openDirectoryTree(shared('corpus', 'bugs', name, tree)),
      );
      expect(problems).toEqual([]);
      for (const image of value.files) {
        expect(image.isApplied).toBe(isApplied);
        const expected = read('corpus', 'bugs', name, other, image.path);
        expect(isApplied ? image.pre : image.post).toBe(expected);
      }
    }
  });
});

describe.runIf(hasShared)('Kconfig and callers of a whole tree, needs ../shared', () => {
  it('rules out impossible configurations', async () => {
    const kconfig = await loadKconfig(newTree());
    expect(kconfig.size).toBeGreaterThan(20_000);
    const symbols = ['PER_VMA_LOCK', 'MMU', 'SMP', 'X86', 'ARM64'].map((name) => `CONFIG_${name}`);
    expect(kconfig.implications(symbols)).toEqual([
      { symbol: 'CONFIG_PER_VMA_LOCK', value: 'y', other: 'CONFIG_MMU', not: 'n' },
      { symbol: 'CONFIG_PER_VMA_LOCK', value: 'y', other: 'CONFIG_SMP', not: 'n' },
      { symbol: 'CONFIG_X86', value: 'y', other: 'CONFIG_ARM64', not: 'y' },
    ]);
    const arm64 = kconfig.defaults([...symbols, 'CONFIG_64BIT'], 'arm64');
    expect([...arm64.values()]).toEqual(['y', 'y', 'y', 'n', 'y', 'y']);
  });

  it('finds who calls a function', async () => {
    const uses = await functionUsers(newTree(), ['lock_vma_under_rcu']);
    const files = new Set(uses.get('lock_vma_under_rcu')!.map((use) => use.file));
    expect(files).toContain('drivers/android/binder_alloc.c');
    expect(files).not.toContain('include/linux/mmap_lock.h');
  });
});
