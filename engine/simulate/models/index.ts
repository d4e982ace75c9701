/** The models of a kernel release. */
import type { Profile } from '../../protocol/index.ts';
import { compareReleases } from '../../protocol/index.ts';
import type { ModelSet } from '../linker.ts';
import type { Model } from '../model.ts';
import { synchronize } from '../sections.ts';
import { RCU } from '../signals.ts';
import { caller } from './caller.ts';
import { counters } from './counters.ts';
import { aliases, constants, current, fieldTypes } from './names.ts';
import { pageWalk } from './page-walk.ts';
import { plain } from './plain.ts';
import { scenarioCalls } from './scenario-calls.ts';
import { checkSequence, heldVmas, vmaLock } from './vma-lock.ts';
import { markStale, vmaTree } from './vma-tree.ts';
import { waiting, waitModels, waits } from './waiting.ts';

export { headers } from './names.ts';

export function modelsFor(profile: Profile): ModelSet {
  const before = (release: string) => compareReleases(profile.release, release) < 0;
  const list: Model[] = [
    ...vmaTree,
    ...vmaLock({ returnsBool: before('6.15'), dropsRcu: !before('6.18') }),
    ...counters,
    ...waiting,
    ...pageWalk,
    ...plain,
    ...scenarioCalls,
    ...caller,
    // Before 6.15 a VMA's memory is given out again only after a grace period; since then the slab is type-safe.
    {
      name: 'sim_recycle',
      run: (m) => (before('6.15') ? synchronize(m, 'the grace period before a VMA is used again') : 0),
    },
  ];
  return {
    models: new Map(list.map((model) => [model.name, model])),
    waits,
    waitModels,
    constants,
    aliases,
    fieldTypes,
    current,
    setUp(m) {
      m.unprotected.push(markStale);
      if (!before('6.4')) m.locks.releaseChecks.push(checkSequence);
      m.locks.exitChecks.push((machine, task) => {
        const { name } = machine.tasks[task]!;
        const [vma] = heldVmas(machine, task);
        if (vma !== undefined) {
          machine.fail(
            'lock-held-at-exit',
            `${name} ends and still holds the read lock of ${machine.memory.describe(vma)}`,
          );
        } else if (machine.field(task, RCU) > 0) {
          machine.fail('lock-held-at-exit', `${name} ends inside an RCU read-side critical section`);
        }
      });
    },
  };
}
