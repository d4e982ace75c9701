import { describe, expect, it } from 'vitest';
import { BODY_DIFFERENCES, CONTRACTS } from '../../../engine/protocol/index.ts';
import { verifyContracts } from '../../../engine/review/index.ts';
import { overlayTree } from '../../../engine/source/index.ts';
import { openTree } from '../../../extension/tree/index.ts';
import { hasShared, shared } from '../../shared.ts';
import { testParser } from '../parser.ts';

const tree = (header: string) =>
  overlayTree(
    null,
    new Map([
      ['Makefile', 'VERSION = 7\nPATCHLEVEL = 2\n'],
      ['include/linux/mmap_lock.h', header],
    ]),
  );

describe('contracts against bodies', () => {
  it('a body in another mode is a difference, one that does as the row says is none', async () => {
    const verification = await verifyContracts(
      tree(`static inline void mmap_read_lock(struct mm_struct *mm)
{
	down_write(&mm->mmap_lock);
}

static inline void mmap_read_unlock(struct mm_struct *mm)
{
	up_read(&mm->mmap_lock);
}
`),
      await testParser(),
    );
    expect(verification.release).toBe('7.2');
    expect(verification.agreeing).toBe(1);
    expect(verification.differences).toMatchObject([
      {
        contract: { name: 'mmap_read_lock' },
        file: 'include/linux/mmap_lock.h',
        line: 1,
        mismatches: [
          { side: 'contract', text: 'takes arg0.mmap_lock (R)' },
          { side: 'body', text: 'takes arg0.mmap_lock (W)' },
        ],
        because: null,
      },
    ]);
  });

  it('a body that does not take the lock where it should is a difference of results', async () => {
    const { differences } = await verifyContracts(
      tree(`static inline int mmap_read_lock_killable(struct mm_struct *mm)
{
	int ret = down_read_killable(&mm->mmap_lock);

	return ret ? 0 : -EINTR;
}
`),
      await testParser(),
    );
    expect(differences.map((one) => one.mismatches.map((two) => two.text))).toEqual([
      expect.arrayContaining(['takes arg0.mmap_lock (R) where the result is an error']),
    ]);
  });

  it('a body that works on counters, or is in no file, says nothing', async () => {
    const verification = await verifyContracts(
      tree(`static inline bool mmap_read_trylock(struct mm_struct *mm)
{
	return atomic_inc_not_zero(&mm->readers);
}
`),
      await testParser(),
    );
    expect(verification.differences).toEqual([]);
    expect(verification.agreeing).toBe(0);
    expect(verification.silent).toBe(1);
    expect(verification.unseen).toBe(verification.contracts - 1);
  });

  it('every explanation is of a contract that there is', () => {
    const names = new Set(CONTRACTS.map((row) => row.name));
    for (const one of BODY_DIFFERENCES) {
      expect(one.names.filter((name) => !names.has(name))).toEqual([]);
      expect(one.because.length).toBeGreaterThan(20);
    }
  });
});

describe.runIf(hasShared)('contracts against real trees, needs ../shared/kernel', () => {
  for (const release of ['7.2', '6.12']) {
    it(`${release}: every difference is explained`, async () => {
      const verification = await verifyContracts(
        await openTree(shared(`kernel/linux-${release}`)),
        await testParser(),
      );
      expect(verification.agreeing).toBeGreaterThan(10);
      expect(
        verification.differences
          .filter((one) => one.because === null)
          .map((one) => `${one.contract.name} ${one.file}`),
      ).toEqual([]);
    }, 300_000);
  }
});
