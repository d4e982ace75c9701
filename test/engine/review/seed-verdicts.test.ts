/**
 * What the threads in ../shared/seeds must give. The tree has the smaps series already: the mistakes that were talked
 * about are made by a patch that changes one line of it. The remote read is reviewed as posted but for one line.
 */
import { readFileSync } from 'node:fs';
import { createTwoFilesPatch } from 'diff';
import { describe, expect, it } from 'vitest';
import { DEFAULT_OPTIONS, type Review, reviewPatches } from '../../../engine/review/index.ts';
import { openTree } from '../../../extension/tree/index.ts';
import { hasShared, shared } from '../../shared.ts';
import { testParser } from '../parser.ts';

const TREE = 'kernel/linux-7.2';

async function review(patches: readonly string[]): Promise<Review> {
  const inputs = patches.map((text, index) => ({ name: `${index + 1}.patch`, text }));
  return reviewPatches(inputs, await openTree(shared(TREE)), DEFAULT_OPTIONS, await testParser());
}

/** The patch that replaces a text of one file of the tree, wherever it stands. */
function changing(path: string, from: string, to: string): string {
  const before = readFileSync(shared(TREE, path), 'utf8');
  const after = before.replaceAll(from, to);
  expect(after).not.toBe(before);
  return createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after);
}

/** The patches of a seed, with a text in them replaced by another of as many lines. */
function posted(names: readonly string[], from: string, to: string): readonly string[] {
  const texts = names.map((name) => readFileSync(shared('corpus/seed-patches', name), 'utf8'));
  expect(texts.join('')).toContain(from);
  return texts.map((text) => text.replaceAll(from, to));
}

function introduced({ findings }: Review, level: string): readonly string[] {
  return findings
    .filter((one) => one.status === 'introduced' && one.level === level)
    .map((one) => `${one.rule} ${one.function}`);
}

describe.runIf(hasShared)('smaps under the lock of each area, needs ../shared', () => {
  const path = 'fs/proc/task_mmu.c';

  it('without the reset of the iterator: stale-pointer', async () => {
    const reset = 'vma_iter_set(&priv->iter, priv->lock_ctx.locked_vma->vm_end);';
    const found = introduced(await review([changing(path, reset, ';')]), 'error');
    expect(found).toContain('stale-pointer smap_gather_stats');
  }, 300_000);
});

describe.runIf(hasShared)('reading another address space area by area, needs ../shared', () => {
  const series = [
    '002-1-untag_mask.patch',
    '002-2-folio_walk_FW_VMA_LOCKED.patch',
    '002-3-access_remote_vm_fast.patch',
  ];

  it('as posted: balanced on every way out, and what it reads is not of one moment', async () => {
    const texts = series.map((name) => readFileSync(shared('corpus/seed-patches', name), 'utf8'));
    const found = await review(texts);
    expect(introduced(found, 'error')).toEqual([]);
    expect(introduced(found, 'note')).toContain('split-read access_remote_vm_fast');
  }, 300_000);

  it('with the untagging that asserts the mmap_lock: missing-lock', async () => {
    const fast = '+\taddr = untagged_addr_remote_unlocked(mm, addr);';
    const found = introduced(
      await review(posted(series, fast, '+\taddr = untagged_addr_remote(mm, addr);')),
      'error',
    );
    expect(found).toContain('missing-lock __access_remote_vm');
  }, 300_000);
});
