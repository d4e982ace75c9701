import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEFAULT_OPTIONS, type Review, reviewPatches } from '../../../engine/review/index.ts';
import { overlayTree, type SourceTree } from '../../../engine/source/index.ts';
import { openTree } from '../../../extension/tree/index.ts';
import { hasShared, shared } from '../../shared.ts';
import { testParser } from '../parser.ts';

/** New names for the functions at fault: nothing of the engine may know the old ones. */
const RENAMED: readonly (readonly [RegExp, string])[] = [
  [/\bstack_map_lock_vma\b/g, 'grab_area'],
  [/\bstack_map_unlock_vma\b/g, 'drop_area'],
  [/\bvma_start_read_unlocked\b/g, 'find_and_pin'],
  [/\berr_vma_lock_failed\b/g, 'out_of_luck'],
];

function rename(text: string): string {
  return RENAMED.reduce((now, [from, to]) => now.replace(from, to), text);
}

async function renamedTree(tree: SourceTree): Promise<SourceTree> {
  const path = 'kernel/bpf/stackmap.c';
  return overlayTree(tree, new Map([[path, rename((await tree.read(path))!)]]));
}

async function review(version: string, renamed: boolean): Promise<Review> {
  const tree = await openTree(shared('kernel/linux-7.2'));
  const text = readFileSync(shared(`corpus/series/unconditional-${version}.mbox`), 'utf8');
  return reviewPatches(
    [{ name: `${version}.mbox`, text: renamed ? rename(text) : text }],
    renamed ? await renamedTree(tree) : tree,
    DEFAULT_OPTIONS,
    await testParser(),
  );
}

describe.runIf(hasShared)('a series that makes a symbol unconditional, needs ../shared', () => {
  for (const renamed of [false, true]) {
    const how = renamed ? 'with other names' : 'as posted';

    it(`v2 ${how}: what it breaks, in files it touches and in one that it does not`, async () => {
      const { findings } = await review('v2', renamed);
      const introduced = findings.filter((one) => one.status === 'introduced');
      const errors = introduced.filter((one) => one.level === 'error');
      expect(errors.map((one) => `${one.rule} ${one.file} ${one.inputLine !== null}`)).toEqual([
        'config-imbalance kernel/bpf/stackmap.c false',
        'null-lock-argument mm/mmap_lock.c true',
      ]);
      const [imbalance, nullLock] = errors;
      expect(imbalance!.message).toContain('CONFIG_PER_VMA_LOCK');
      expect(imbalance!.trace.some((step) => step.kind === 'acquire')).toBe(true);
      expect(imbalance!.traceLines.some((line) => line.includes('mmap_read_unlock'))).toBe(true);
      expect(nullLock!.function).toBe(renamed ? 'find_and_pin' : 'vma_start_read_unlocked');
      expect(nullLock!.trace.map((step) => step.message)).toContain("'vma' is false");
      const labels = introduced.filter((one) => one.rule === 'unused-label');
      expect(labels.map((one) => one.file)).toEqual(['drivers/android/binder_alloc.c']);
      const stale = introduced.filter((one) => one.rule === 'stale-config').map((one) => one.file);
      expect(new Set(stale)).toContain('kernel/bpf/task_iter.c');
      expect(stale.filter((file) => file.startsWith('arch/')).length).toBeGreaterThanOrEqual(8);
    }, 180_000);

    it(`v3 ${how}: nothing but what is still stale`, async () => {
      const { findings } = await review('v3', renamed);
      const introduced = findings.filter((one) => one.status === 'introduced');
      expect(introduced.filter((one) => one.rule !== 'stale-config').map((one) => one.message)).toEqual([]);
      expect(introduced.map((one) => one.file)).not.toContain('kernel/bpf/stackmap.c');
      expect(introduced.map((one) => one.file)).toContain('kernel/bpf/task_iter.c');
    }, 180_000);
  }
});
