/**
 * Allocation flags. Whether an allocation may sleep is decided by one bit, `__GFP_DIRECT_RECLAIM`; the masks that
 * code writes are names for sets of bits.
 */

export type GfpSleeps = 'yes' | 'no' | 'unknown';

/** Masks and bits that include `__GFP_DIRECT_RECLAIM` (include/linux/gfp_types.h). */
export const SLEEPING_GFP: ReadonlySet<string> = new Set([
  '__GFP_DIRECT_RECLAIM',
  '__GFP_RECLAIM',
  'GFP_KERNEL',
  'GFP_KERNEL_ACCOUNT',
  'GFP_NOIO',
  'GFP_NOFS',
  'GFP_USER',
  'GFP_HIGHUSER',
  'GFP_HIGHUSER_MOVABLE',
  'GFP_TRANSHUGE',
  'GFP_TEMPORARY',
]);

/** Masks without it. */
export const ATOMIC_GFP: ReadonlySet<string> = new Set([
  'GFP_ATOMIC',
  'GFP_NOWAIT',
  '__GFP_HIGH',
  '__GFP_KSWAPD_RECLAIM',
  'GFP_TRANSHUGE_LIGHT',
]);

/** Bits that neither add nor remove the right to sleep. */
export const NEUTRAL_GFP: ReadonlySet<string> = new Set([
  'GFP_DMA',
  'GFP_DMA32',
  '__GFP_DMA',
  '__GFP_DMA32',
  '__GFP_HIGHMEM',
  '__GFP_MOVABLE',
  '__GFP_RECLAIMABLE',
  '__GFP_WRITE',
  '__GFP_HARDWALL',
  '__GFP_THISNODE',
  '__GFP_ACCOUNT',
  '__GFP_ZERO',
  '__GFP_COMP',
  '__GFP_NOWARN',
  '__GFP_NORETRY',
  '__GFP_RETRY_MAYFAIL',
  '__GFP_NOFAIL',
  '__GFP_NOMEMALLOC',
  '__GFP_MEMALLOC',
  '__GFP_IO',
  '__GFP_FS',
  '__GFP_NO_OBJ_EXT',
  '__GFP_ZEROTAGS',
  '__GFP_SKIP_ZERO',
  '__GFP_SKIP_KASAN',
  '__GFP_NOLOCKDEP',
]);

/**
 * Whether an allocation with these flags may sleep.
 *
 * @param set the names of the flags that are or-ed together.
 * @param cleared the names that are masked out (`& ~__GFP_DIRECT_RECLAIM`), where that is known.
 * @returns `unknown` where a name is not a known flag: a parameter, a field.
 */
export function gfpSleeps(set: readonly string[], cleared: readonly string[] = []): GfpSleeps {
  if (cleared.includes('__GFP_DIRECT_RECLAIM') || cleared.includes('__GFP_RECLAIM')) return 'no';
  let unknown = set.length === 0;
  for (const name of set) {
    if (SLEEPING_GFP.has(name)) return 'yes';
    if (!ATOMIC_GFP.has(name) && !NEUTRAL_GFP.has(name)) unknown = true;
  }
  return unknown ? 'unknown' : 'no';
}
