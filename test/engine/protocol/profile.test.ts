import { describe, expect, it } from 'vitest';
import {
  compareReleases,
  contractTable,
  detectProfile,
  NEWEST,
  type Profile,
  profileFromUse,
  releaseOfMakefile,
} from '../../../engine/protocol/index.ts';
import { memoryTree } from '../../../engine/source/overlay.ts';

const at = (release: string): Profile => ({ release, perVmaLock: 'optional' });
const makefile = (version: number, level: number) =>
  `VERSION = ${version}\nPATCHLEVEL = ${level}\nSUBLEVEL = 3\n`;
const tree = (files: Record<string, string>) => memoryTree(new Map(Object.entries(files)), 'test');
const kconfig = 'config PER_VMA_LOCK\n\tdef_bool y\n';

describe('releases', () => {
  it('orders them as numbers', () => {
    expect(compareReleases('6.9', '6.12')).toBeLessThan(0);
    expect(compareReleases('7.0', '6.19')).toBeGreaterThan(0);
    expect(compareReleases('6.12', '6.12.0')).toBe(0);
    expect(compareReleases('6.x', '6.0')).toBe(0);
  });
  it('reads a Makefile', () => {
    expect(releaseOfMakefile(makefile(6, 17))).toBe('6.17');
    expect(releaseOfMakefile('all:\n\techo VERSION = 6\n')).toBeNull();
  });
});

describe('detectProfile', () => {
  it('takes the Makefile at its word where the code agrees', async () => {
    const { profile, how } = await detectProfile(
      tree({
        Makefile: makefile(6, 19),
        'mm/Kconfig': kconfig,
        'include/linux/mm_types.h': '#define VM_REFCNT_EXCLUDE_READERS_FLAG 1\nrefcount_t vm_refcnt;\n',
      }),
    );
    expect(profile).toEqual(at('6.19'));
    expect(how).toContain("from the tree's Makefile");
  });
  it('follows the code where it is ahead of the Makefile', async () => {
    const { profile, how } = await detectProfile(
      tree({
        Makefile: makefile(6, 14),
        'mm/Kconfig': kconfig,
        'include/linux/mm_types.h': 'refcount_t vm_refcnt;\n',
        'mm/mmap_lock.c': 'struct vma *vma_start_read(struct mm *mm, struct vma *vma)\n{\n\treturn vma;\n}\n',
      }),
    );
    expect(profile).toEqual(at('6.15'));
    expect(how).toContain('its Makefile says 6.14');
  });
  it('tells by the body whether a failed vma_start_read() leaves RCU', async () => {
    const body = (inside: string) =>
      tree({
        'mm/Kconfig': kconfig,
        'include/linux/mm_types.h': 'refcount_t vm_refcnt;\n',
        'mm/mmap_lock.c': `static inline struct vma *vma_start_read(struct mm *mm,\n\tstruct vma *vma)\n{\n${inside}\treturn NULL;\n}\n`,
      });
    expect((await detectProfile(body(''))).profile.release).toBe('6.15');
    const dropped = (await detectProfile(body('\trcu_read_unlock();\n'))).profile.release;
    expect(compareReleases(dropped, '6.18')).toBeGreaterThanOrEqual(0);
  });
  it('sees a backport as what its code is, not as what its Makefile says', async () => {
    const { profile } = await detectProfile(
      tree({
        Makefile: makefile(6, 16),
        'mm/Kconfig': kconfig,
        'include/linux/mm_types.h': 'unsigned int vm_lock_seq;\n',
      }),
    );
    expect(compareReleases(profile.release, '6.15')).toBeLessThan(0);
  });
  it('sees that the symbol is gone', async () => {
    const { profile, how } = await detectProfile(
      tree({
        Makefile: makefile(7, 3),
        'mm/Kconfig': 'config MMU\n\tbool\n',
        'include/linux/mm_types.h': 'refcount_t vm_refcnt;\n#define VM_REFCNT_EXCLUDE_READERS_FLAG 1\n',
      }),
    );
    expect(profile).toEqual({ release: '7.3', perVmaLock: 'always' });
    expect(how).toContain('CONFIG_PER_VMA_LOCK is gone');
  });
  it('assumes the newest for an empty tree, and says so', async () => {
    const { profile, how } = await detectProfile(tree({}));
    expect(profile).toEqual(NEWEST);
    expect(how).toMatch(/^assumed/);
  });
});

describe('profileFromUse', () => {
  it('goes by the arity of vma_start_read()', () => {
    expect(profileFromUse([{ name: 'vma_start_read', args: 1 }]).profile.release).toBe('6.12');
    expect(profileFromUse([{ name: 'vma_start_read', args: 2 }]).profile).toEqual(NEWEST);
  });
  it('knows the unconditional series by its function', () => {
    expect(profileFromUse([{ name: 'lock_vma_under_rcu_wait', args: 2 }]).profile.perVmaLock).toBe('always');
  });
  it('says when it assumed', () => {
    expect(profileFromUse([{ name: 'kfree', args: 1 }]).how).toMatch(/^assumed/);
  });
});

describe('the rows of each profile', () => {
  const when = (release: string) =>
    contractTable(at(release))
      .lookup('vma_start_read')!
      .outcomes.map((outcome) => [outcome.when, outcome.effects.map((effect) => effect.op)]);
  it('6.12: true takes the lock, RCU is untouched', () => {
    expect(when('6.12')).toEqual([
      ['true', ['acquire']],
      ['false', []],
    ]);
  });
  it('6.17: a VMA, and RCU is kept on failure', () => {
    expect(when('6.17')).toEqual([
      ['pointer', ['acquire']],
      ['null-or-error', []],
    ]);
  });
  it('6.18 and after: failure leaves RCU', () => {
    for (const release of ['6.18', '7.2']) {
      expect(when(release)).toEqual([
        ['pointer', ['acquire']],
        ['null', ['release']],
        ['error', ['release']],
      ]);
    }
  });
  it('has functions only since they exist', () => {
    const has = (release: string, name: string) => contractTable(at(release)).lookup(name) !== null;
    expect(has('6.12', 'vma_start_read_locked')).toBe(false);
    expect(has('6.15', 'vma_start_read_locked')).toBe(true);
    expect(has('6.16', 'lock_next_vma')).toBe(false);
    expect(has('6.17', 'lock_next_vma')).toBe(true);
    expect(has('6.17', 'vma_start_write_killable')).toBe(false);
    expect(has('6.18', 'vma_assert_stabilised')).toBe(true);
  });
  it('reads the second argument of vma_mark_detached() up to 6.14', () => {
    const needs = (release: string) => contractTable(at(release)).lookup('vma_mark_detached')!.needs![0]!;
    expect(needs('6.12').given).toEqual([{ operand: 'arg1', is: 'nonzero' }]);
    expect(needs('6.15').given).toBeUndefined();
  });

  const off = () => 'n' as const;
  it('swaps the meaning of an acquire with CONFIG_PER_VMA_LOCK off', () => {
    const table = contractTable(NEWEST);
    expect(table.lookup('lock_vma_under_rcu', off)!.value).toEqual({ value: 'constant', constant: 0 });
    expect(table.lookup('vma_end_read', off)!.outcomes).toEqual([]);
    expect(table.lookup('vma_start_write', off)!.outcomes).toEqual([]);
    expect(table.lookup('mmap_lock_speculate_try_begin', off)!.value).toEqual({
      value: 'constant',
      constant: 0,
    });
    expect(table.lookup('mmap_lock_speculate_retry', off)!.value).toEqual({ value: 'constant', constant: 1 });
    for (const name of ['vma_assert_locked', 'vma_assert_stabilised'])
      expect(table.lookup(name, off)!.needs).toMatchObject([{ lock: 'arg0->vm_mm.mmap_lock', kind: 'mmap' }]);
    for (const name of ['vma_start_read_locked', 'lock_next_vma']) expect(table.lookup(name, off)).toBeNull();
    expect(table.symbols('lock_vma_under_rcu')).toEqual(['CONFIG_PER_VMA_LOCK']);
  });
  it('takes an unknown symbol for y', () => {
    expect(contractTable(NEWEST).lookup('vma_end_read', () => undefined)!.outcomes).toHaveLength(1);
    expect(contractTable(NEWEST).lookup('vma_end_read')!.outcomes).toHaveLength(1);
  });
  it('has no stubs left once VMA locks are unconditional', () => {
    const table = contractTable({ release: '7.2', perVmaLock: 'always' });
    expect(table.lookup('vma_end_read', off)!.outcomes).toHaveLength(1);
    expect(table.symbols('vma_end_read')).toEqual([]);
  });
  it('shares one table for each profile', () => {
    expect(contractTable(at('6.12'))).toBe(contractTable(at('6.12')));
    expect(contractTable(at('6.12')).all().length).toBeGreaterThan(1000);
  });
});
