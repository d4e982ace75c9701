/** The table held against a real tree: what it lacks, what it names wrongly. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  ATOMIC_GFP,
  argumentsOf,
  CONTRACTS,
  compareReleases,
  contractTable,
  detectProfile,
  NEUTRAL_GFP,
  NEWEST,
  SLEEPING_GFP,
} from '../../../engine/protocol/index.ts';
import { memoryTree } from '../../../engine/source/overlay.ts';
import { hasShared, shared } from '../../shared.ts';
import { readKernel } from './kernel-text.ts';

const TREE = shared('kernel', 'linux-7.2');

describe.runIf(hasShared)('the contract table against a kernel tree, needs ../shared', () => {
  const text = hasShared ? readKernel(TREE, ['include', 'mm', 'fs', 'kernel', 'net', 'drivers']) : null;
  const table = contractTable(NEWEST);

  it('lacks no primitive that is called often', () => {
    // Names that look like locks and are none, or whose effect is on a bit that no holder owns.
    const notLocks =
      /clock|block|rcu_head|mlocked|_init$|^trace_|debug_locks|_release$|_group|jiffies|bit_(un)?lock|_release_private|sk_setup|_held$|_acquire$|_release_enabled|__folio_set_locked|^_?(lock|ctx_lock|lock_ptr|lock_err|lock_irqsave|unlock)$|^lock_ctx_op$|^mmiowb|_locked/;
    const missing = [...text!.calls]
      .filter(
        ([name, count]) =>
          count >= 4 && /lock|guard|down_|up_read|up_write|mutex|rcu_/.test(name) && !notLocks.test(name),
      )
      .filter(([name]) => !text!.defined.has(name) && table.lookup(name) === null)
      .map(([name]) => name)
      .sort();
    expect(missing).toEqual([]);
  });

  it('speaks of no argument that a function lacks', () => {
    let seen = 0;
    const wrong = CONTRACTS.filter((row) => row.what === 'function' && row.until === undefined).flatMap(
      (row) => {
        const arities = text!.arities.get(row.name);
        if (arities === undefined || arities.has(-1)) return [];
        seen++;
        const most = Math.max(...arities);
        return argumentsOf(row).some((index) => index >= most) ? [`${row.name}(${most})`] : [];
      },
    );
    expect(wrong).toEqual([]);
    expect(seen).toBeGreaterThan(1000);
  });

  it('knows the guard classes of the headers', () => {
    const known = new Set(
      table
        .all()
        .filter((row) => row.what === 'guard')
        .map((row) => row.name),
    );
    const missing: string[] = [];
    for (const header of [
      'mutex.h',
      'rwsem.h',
      'spinlock.h',
      'mmap_lock.h',
      'rcupdate.h',
      'srcu.h',
      'preempt.h',
      'irqflags.h',
      'local_lock.h',
      'percpu-rwsem.h',
      'device.h',
      'sched/task.h',
      'cpuhplock.h',
      'uaccess.h',
    ]) {
      const source = readFileSync(`${TREE}/include/linux/${header}`, 'utf8');
      for (const [, cond, name, extension] of source.matchAll(
        /^DEFINE_(?:LOCK_)?GUARD(?:_[01])?(_COND)?\((\w+),\s*(\w+)/gm,
      )) {
        const full = cond === undefined ? name! : `${name}${extension}`;
        if (!known.has(full)) missing.push(full);
      }
    }
    expect(missing).toEqual([]);
  });

  it('sorts GFP masks as the header builds them', () => {
    const source = readFileSync(`${TREE}/include/linux/gfp_types.h`, 'utf8').replace(/\\\n/g, ' ');
    const bodies = new Map(
      [...source.matchAll(/^#define\s+(_{0,2}GFP_\w+)\s+\((.*)\)/gm)].map(([, name, body]) => [name!, body!]),
    );
    // ~x takes bits away; a bit that is its own value has three underscores in its body.
    const reclaims = (name: string, depth = 0): boolean => {
      const body = bodies.get(name);
      if (body === undefined || depth > 8) return false;
      const added = body.replace(/~\s*\(?\s*\w+/g, '');
      return (
        /___GFP_DIRECT_RECLAIM/.test(added) ||
        (added.match(/(?<![_\w])_{0,2}GFP_\w+/g) ?? []).some(
          (inner) => inner !== name && reclaims(inner, depth + 1),
        )
      );
    };
    let seen = 0;
    for (const name of [...SLEEPING_GFP, ...ATOMIC_GFP, ...NEUTRAL_GFP]) {
      if (!bodies.has(name) || name === 'GFP_TRANSHUGE_LIGHT') continue;
      seen++;
      expect(reclaims(name), name).toBe(SLEEPING_GFP.has(name));
    }
    expect(seen).toBeGreaterThan(25);
  });

  it.each([
    ['linux-7.2', '7.2'],
    ['linux-6.12', '6.12'],
  ])('reads the profile of %s', async (folder, release) => {
    const files = new Map<string, string>();
    for (const path of [
      'Makefile',
      'include/linux/mmap_lock.h',
      'include/linux/mm_types.h',
      'mm/mmap_lock.c',
      'mm/Kconfig',
    ]) {
      try {
        files.set(path, readFileSync(shared('kernel', folder, path), 'utf8'));
      } catch (error) {
        // The older tree has no mm/mmap_lock.c with VMA locks in it.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
    const { profile } = await detectProfile(memoryTree(files, folder));
    expect(profile).toEqual({ release, perVmaLock: 'optional' });
    expect(compareReleases(profile.release, '6.4')).toBeGreaterThan(0);
  });
});
