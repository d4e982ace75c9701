/** The releases of the protocol, and how a tree or a patch tells which one it is written against. */
import type { SourceTree } from '../source/tree.ts';

export interface Profile {
  /** The kernel release, as `6.12`. */
  readonly release: string;
  /** `optional`: CONFIG_PER_VMA_LOCK exists. `always`: the series that makes it unconditional is in. */
  readonly perVmaLock: 'optional' | 'always';
}

/** What is assumed where nothing tells. */
export const NEWEST: Profile = { release: '7.2', perVmaLock: 'optional' };

/** Orders releases: negative where `left` is older. Parts that are not numbers count as 0. */
export function compareReleases(left: string, right: string): number {
  const a = left.split('.');
  const b = right.split('.');
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (Number(a[at] ?? 0) || 0) - (Number(b[at] ?? 0) || 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export interface DetectedProfile {
  readonly profile: Profile;
  /** A sentence for the report: what it was read from, or that it was assumed. */
  readonly how: string;
}

const word = (name: string) => new RegExp(`\\b${name}\\b`);

/**
 * Reads the profile from a tree: the release from its Makefile, corrected by what its code does, since a tree
 * between two releases has the Makefile of the older one.
 */
export async function detectProfile(tree: SourceTree): Promise<DetectedProfile> {
  const makefile = await tree.read('Makefile');
  const stated = makefile === null ? null : releaseOfMakefile(makefile);
  const header = (await tree.read('include/linux/mmap_lock.h')) ?? '';
  const types = (await tree.read('include/linux/mm_types.h')) ?? '';
  const code = (await tree.read('mm/mmap_lock.c')) ?? '';
  const kconfig = await tree.read('mm/Kconfig');
  const shown = releaseOfCode(header, types, code);
  const release = reconcile(stated, shown) ?? NEWEST.release;
  const gone =
    kconfig !== null &&
    !/^config PER_VMA_LOCK\s*$/m.test(kconfig) &&
    compareReleases(release, '6.4') >= 0 &&
    word('vm_refcnt').test(types + header);
  const profile: Profile = { release, perVmaLock: gone ? 'always' : 'optional' };
  let how: string;
  if (stated === null && shown === null)
    how = `assumed ${release}: the tree has no Makefile and no mmap_lock.h that tells`;
  else if (stated === null) how = `${release}, from the code of the tree's VMA locks`;
  else if (release === stated) how = `${release}, from the tree's Makefile`;
  else how = `${release}, from the code of the tree's VMA locks; its Makefile says ${stated}`;
  if (gone) how += '; CONFIG_PER_VMA_LOCK is gone, so VMA locks are unconditional';
  return { profile, how };
}

/** `VERSION.PATCHLEVEL` of a kernel's Makefile, or null. */
export function releaseOfMakefile(text: string): string | null {
  const version = /^VERSION\s*=\s*(\d+)\s*$/m.exec(text)?.[1];
  const patchlevel = /^PATCHLEVEL\s*=\s*(\d+)\s*$/m.exec(text)?.[1];
  return version === undefined || patchlevel === undefined ? null : `${version}.${patchlevel}`;
}

/** The protocol that the VMA lock's code follows: the first and, exclusive, last release that has it. */
function releaseOfCode(
  header: string,
  types: string,
  code: string,
): { readonly from: string; readonly until: string | null } | null {
  const all = `${header}\n${types}`;
  if (word('VM_REFCNT_EXCLUDE_READERS_FLAG').test(all) || word('vma_start_write_killable').test(header)) {
    return { from: '6.18', until: null };
  }
  if (word('vm_refcnt').test(all)) {
    const dropsRcu = /\brcu_read_unlock\(/.test(
      bodyText(code, 'vma_start_read') + bodyText(header, 'vma_start_read'),
    );
    return dropsRcu ? { from: '6.18', until: null } : { from: '6.15', until: '6.18' };
  }
  if (word('vm_lock_seq').test(all)) return { from: '6.4', until: '6.15' };
  return null;
}

/** From a function's name to the closing brace in the first column; empty where there is none. */
function bodyText(text: string, name: string): string {
  const start = text.indexOf(` *${name}(`) >= 0 ? text.indexOf(` *${name}(`) : text.indexOf(` ${name}(`);
  const end = start < 0 ? -1 : text.indexOf('\n}', start);
  return end < 0 ? '' : text.slice(start, end);
}

function reconcile(
  stated: string | null,
  shown: { readonly from: string; readonly until: string | null } | null,
): string | null {
  if (shown === null) return stated;
  if (stated === null) return shown.until === null ? NEWEST.release : shown.from;
  if (compareReleases(stated, shown.from) < 0) return shown.from;
  if (shown.until !== null && compareReleases(stated, shown.until) >= 0) return shown.from;
  return stated;
}

/** A call as a patch shows it: the name and how many arguments it has. */
export interface SeenCall {
  readonly name: string;
  readonly args: number;
}

/**
 * The profile that a patch without a tree is written against, from the arity and the names of the calls in it.
 * The newest, and said so, where nothing tells.
 */
export function profileFromUse(calls: readonly SeenCall[]): DetectedProfile {
  for (const rule of USES) {
    const call = calls.find(
      (seen) => seen.name === rule.name && (rule.args === undefined || seen.args === rule.args),
    );
    if (call === undefined) continue;
    const arity = rule.args === undefined ? '' : ` with ${rule.args} argument${rule.args === 1 ? '' : 's'}`;
    return {
      profile: rule.profile,
      how: `${rule.profile.release}, from ${rule.name}()${arity} in the patch`,
    };
  }
  return {
    profile: NEWEST,
    how: `assumed ${NEWEST.release}, the newest known: there is no tree to read it from`,
  };
}

const USES: readonly { readonly name: string; readonly args?: number; readonly profile: Profile }[] = [
  { name: 'vma_start_read', args: 1, profile: { release: '6.12', perVmaLock: 'optional' } },
  { name: 'vma_mark_detached', args: 2, profile: { release: '6.12', perVmaLock: 'optional' } },
  { name: 'lock_vma_under_rcu_wait', profile: { release: NEWEST.release, perVmaLock: 'always' } },
  { name: 'vma_start_write_killable', profile: NEWEST },
  { name: 'vma_assert_stabilised', profile: NEWEST },
  { name: '__vma_start_exclude_readers', profile: NEWEST },
  { name: '__vma_enter_locked', profile: { release: '6.17', perVmaLock: 'optional' } },
  { name: '__vma_exit_locked', profile: { release: '6.17', perVmaLock: 'optional' } },
];
