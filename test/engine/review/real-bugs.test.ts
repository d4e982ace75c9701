import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  DEFAULT_OPTIONS,
  type Review,
  type ReviewFinding,
  reviewPatches,
} from '../../../engine/review/index.ts';
import { openTree } from '../../../extension/tree/index.ts';
import { hasShared, shared } from '../../shared.ts';
import { testParser } from '../parser.ts';

/** What is to be said of a case: a rule and the functions it may speak of, or why nothing can be said of it. */
type Expected =
  | { readonly rule: string; readonly functions: readonly string[] }
  | { readonly silent: string };

const finds = (rule: string, ...functions: string[]): Expected => ({ rule, functions });
const silent = (why: string): Expected => ({ silent: why });

const WRONG_LOCK_UNKNOWN = 'which lock guards the data is not said anywhere in the file';

const EXPECTED: Readonly<Record<string, Expected>> = {
  '001-xfs-dq-get-next-id': finds('lock-leak', 'xfs_dq_get_next_id'),
  '003-fuse-open-trunc': finds('lock-leak', 'fuse_open'),
  '004-nsm-ioctl': finds('unlock-not-held', 'nsm_dev_ioctl'),
  '006-l2cap-conless': silent(
    'nothing in the file takes the lock that the fix releases: the look-up returns the channel unlocked',
  ),
  '008-ocfs2-read-blocks': finds('unlock-not-held', 'ocfs2_read_blocks'),
  '013-ipmi-srcu-flavour': finds('unlock-not-held', 'handle_read_event_rsp'),
  '014-shrinker-debugfs-count': finds('sleep-in-atomic', 'shrinker_debugfs_count_show'),
  '016-k3-udma': silent(WRONG_LOCK_UNKNOWN),
  '018-xgbe-powerdown': finds('sleep-in-atomic', 'xgbe_powerdown', 'xgbe_powerup'),
  '020-nfqueue-destroy-rcu': silent('the callee that needs RCU is in a file that is not at hand'),
  '021-sg-remove-sfp': finds('sleep-in-atomic', 'sg_remove_sfp_usercontext'),
  '023-huge-split-immap': silent(
    'that the lock lives in an object which the loop before may free is not followed',
  ),
  '024-smaps-hugetlb-ptl': silent(WRONG_LOCK_UNKNOWN),
  '025-migrate-hugetlb-immap': silent('the release moves by a few statements; both places balance'),
  '028-uverbs-umap': silent(
    'who calls in with the mmap_lock held is known to the core of memory management alone',
  ),
  '029-drm-bridge-add': silent(WRONG_LOCK_UNKNOWN),
  '031-pci-slot-unlock': silent('that a device is the bridge of its own bus is a fact of data, not of code'),
  '033-ptdump-init-mm': silent('both modes are right for some address space'),
  '035-roccat-connect': silent(WRONG_LOCK_UNKNOWN),
  '038-udp-bpf-recvmsg': silent(WRONG_LOCK_UNKNOWN),
  '041-io-wq-max-workers': silent(
    'the last reference ends a thread that wants the lock: nothing in the text says so',
  ),
  '044-htab-free-elem': silent('that the freeing callback may take another lock is known at run time only'),
  '045-pca953x-sync-unlock': silent('the register map is guarded by a lock of the caller, out of view'),
  '048-eventfs-iterate': finds('lock-leak', 'eventfs_iterate'),
  '050-posix-clock-settime': finds('lock-leak', 'pc_clock_settime'),
  '052-cdns-mhdp-enable': finds('lock-leak', 'cdns_mhdp_atomic_enable'),
};

/** The patch of a case applied to the code it was made for. */
async function review(name: string, patch: 'fix' | 'reintroduce'): Promise<Review> {
  const folder = `corpus/bugs/${name}`;
  const tree = await openTree(shared(`${folder}/${patch === 'fix' ? 'before' : 'after'}`));
  const text = readFileSync(shared(`${folder}/${patch}.patch`), 'utf8');
  return reviewPatches([{ name: `${patch}.patch`, text }], tree, DEFAULT_OPTIONS, await testParser());
}

const said = (findings: readonly ReviewFinding[], status: ReviewFinding['status']) =>
  findings.filter((one) => one.status === status).map((one) => `${one.rule} ${one.function}: ${one.message}`);

describe.runIf(hasShared)('real bugs and their fixes, needs ../shared/corpus/bugs', () => {
  it('every case is listed', () => {
    const cases = readdirSync(shared('corpus/bugs'), { withFileTypes: true }).filter((one) =>
      one.isDirectory(),
    );
    expect(cases.map((one) => one.name).sort()).toEqual(Object.keys(EXPECTED).sort());
  });

  for (const [name, expected] of Object.entries(EXPECTED)) {
    if ('silent' in expected) {
      it(`${name}: the fix introduces nothing (${expected.silent})`, async () => {
        expect(said((await review(name, 'fix')).findings, 'introduced')).toEqual([]);
      }, 60_000);
      continue;
    }
    const wanted = (status: ReviewFinding['status']) =>
      expect.objectContaining({ status, rule: expected.rule });

    it(`${name}: bringing it back introduces ${expected.rule}`, async () => {
      const { findings } = await review(name, 'reintroduce');
      expect(findings).toContainEqual(wanted('introduced'));
      for (const one of findings)
        if (one.rule === expected.rule) expect(expected.functions).toContain(one.function);
      expect(said(findings, 'fixed')).toEqual([]);
    }, 60_000);

    it(`${name}: mending it fixes that and introduces nothing`, async () => {
      const { findings } = await review(name, 'fix');
      expect(findings).toContainEqual(wanted('fixed'));
      expect(said(findings, 'introduced')).toEqual([]);
    }, 60_000);
  }
});
