import { describe, expect, it } from 'vitest';
import {
  EXCLUDE_READERS,
  exclusive,
  fieldRules,
  INITIAL_VM_LOCK_SEQ,
  type Mode,
  PAGE_TABLE_RULES,
  refcountMeaning,
  vmaRights,
  writeLockedBySequence,
} from '../../../engine/protocol/index.ts';

const both = ['R', 'W'] as const;
const maybe = [null, ...both] as const;

describe('vmaRights', () => {
  const none = { stable: false, read: false, writeMost: false, writeAll: false };
  const stable = { ...none, stable: true, read: true };

  it('gives nothing without a lock', () => {
    expect(vmaRights({ mmap: null, vma: null, rmap: null })).toEqual(none);
  });
  it('gives stability under the VMA read lock alone', () => {
    expect(vmaRights({ mmap: null, vma: 'R', rmap: null })).toEqual(stable);
  });
  it.each(both)('gives stability under a reverse-mapping lock alone (%s)', (rmap) => {
    expect(vmaRights({ mmap: null, vma: null, rmap })).toEqual(stable);
  });
  it('gives stability and no more under the mmap_lock without the VMA write lock', () => {
    for (const mmap of ['R', 'W', 'D'] as const)
      for (const vma of [null, 'R'] as const)
        for (const rmap of maybe) expect(vmaRights({ mmap, vma, rmap })).toEqual(stable);
  });
  it.each([null, 'R'] as const)('lets most be written under both write locks, rmap %s', (rmap) => {
    expect(vmaRights({ mmap: 'W', vma: 'W', rmap })).toEqual({ ...stable, writeMost: true });
  });
  it('lets all be written under all three', () => {
    expect(vmaRights({ mmap: 'W', vma: 'W', rmap: 'W' })).toEqual({
      ...stable,
      writeMost: true,
      writeAll: true,
    });
  });
  it('never lets a field be written under the mmap_lock for reading or downgraded', () => {
    for (const mmap of ['R', 'D'] as const)
      for (const rmap of maybe) expect(vmaRights({ mmap, vma: 'W', rmap }).writeMost).toBe(false);
  });
});

describe('exclusive', () => {
  const table: readonly (readonly [Mode, Mode, boolean])[] = [
    ['R', 'R', false],
    ['R', 'D', false],
    ['R', 'W', true],
    ['D', 'D', true],
    ['D', 'W', true],
    ['W', 'W', true],
  ];
  it.each(table)('%s and %s: %s', (left, right, expected) => {
    expect(exclusive(left, right)).toBe(expected);
    expect(exclusive(right, left)).toBe(expected);
  });
});

describe('fieldRules', () => {
  it.each(['vm_start', 'vm_end', 'vm_pgoff'])('wants all three write locks for %s', (field) => {
    expect(fieldRules(field)).toEqual([{ field, mmap: 'W', vma: 'W', rmap: 'W', pageTableLock: false }]);
  });
  it.each(['vm_page_prot', 'vm_flags', 'anon_name', 'vm_policy', 'vm_userfaultfd_ctx'])(
    'wants the mmap_lock and the VMA lock for %s',
    (field) => {
      expect(fieldRules(field)).toEqual([{ field, mmap: 'W', vma: 'W', rmap: null, pageTableLock: false }]);
    },
  );
  it('tells setting anon_vma from clearing it', () => {
    expect(
      fieldRules('anon_vma').map((rule) => [rule.to, rule.mmap, rule.vma, rule.rmap, rule.pageTableLock]),
    ).toEqual([
      ['non-null', 'R', null, null, true],
      ['null', 'W', 'W', 'W', false],
    ]);
  });
  it('has no rule for a field of something else', () => {
    expect(fieldRules('vm_file')).toEqual([]);
  });
});

describe('page tables', () => {
  const rule = (operation: string) => PAGE_TABLE_RULES.find((one) => one.operation === operation)!.allowed;
  it('lets any of the three locks keep them', () => {
    expect(rule('traverse')).toEqual([['mmap'], ['vma'], ['rmap']]);
    expect(rule('zap')).toEqual(rule('traverse'));
  });
  it('never installs under a reverse-mapping lock alone', () => {
    expect(rule('install')).toEqual([['mmap'], ['vma']]);
  });
  it('moves upper levels under all three only', () => {
    expect(rule('move-upper-levels')).toEqual([['mmap', 'vma', 'rmap']]);
  });
});

describe('vm_refcnt', () => {
  it('has its flag at bit 30', () => {
    expect(EXCLUDE_READERS).toBe(2 ** 30);
  });
  it.each([
    [-1, 'invalid', 0],
    [1.5, 'invalid', 0],
    [0, 'detached', 0],
    [1, 'attached', 0],
    [2, 'readers', 1],
    [5, 'readers', 4],
    [EXCLUDE_READERS - 1, 'readers', EXCLUDE_READERS - 2],
    [EXCLUDE_READERS, 'detaching', 0],
    [EXCLUDE_READERS + 1, 'excluded', 0],
    [EXCLUDE_READERS + 2, 'waiting-for-readers', 1],
    [EXCLUDE_READERS + 9, 'waiting-for-readers', 8],
  ] as const)('%s means %s with %s readers', (value, state, readers) => {
    expect(refcountMeaning(value)).toMatchObject({ state, readers });
  });
  it('knows the sequence numbers', () => {
    expect(writeLockedBySequence(0)).toBe(false);
    expect(writeLockedBySequence(7)).toBe(true);
    expect(INITIAL_VM_LOCK_SEQ).toBe(2 ** 32 - 1);
  });
});
