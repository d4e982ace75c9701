/** Functions that the C of scenarios calls: what a test would do from outside. Their names begin with `sim_`. */
import type { Machine } from '../machine.ts';
import { effect, type Model } from '../model.ts';
import { afterGracePeriod } from '../sections.ts';
import { beginWalks, checkWalks } from './page-walk.ts';
import { beginWatch, endWatch, entriesOf, storeRange, treeOf } from './vma-tree.ts';
import { signal } from './waiting.ts';

function named(m: Machine, text: string | undefined): number {
  return m.memory.pointer(m.memory.find(`vma ${text?.replaceAll('"', '')}`) ?? 0);
}

export const scenarioCalls: readonly Model[] = [
  { name: 'sim_choose', returns: 'int', run: (m, [count]) => m.choose(count!, 'choice') },
  {
    name: 'sim_assert',
    run: (m, [condition], site) =>
      condition !== 0
        ? 0
        : m.failResult(
            'property',
            site.texts[1]?.replaceAll('"', '') ?? 'the property of the scenario does not hold',
          ),
  },
  /** The VMA of the scenario by that name, in the tree or not. */
  { name: 'sim_vma', returns: 'struct vm_area_struct *', run: (m, _a, site) => named(m, site.texts[0]) },
  {
    name: 'sim_in_tree',
    returns: 'int',
    run: (m, [mm, vma]) => (entriesOf(m, treeOf(m, mm!)).some((one) => one.vma === vma) ? 1 : 0),
  },
  effect('sim_tree_store', (m, [mm, start, end, vma]) => storeRange(m, treeOf(m, mm!), start!, end!, vma!)),
  effect('sim_tree_erase', (m, [mm, start, end]) => storeRange(m, treeOf(m, mm!), start!, end!, 0)),
  /** Frees an object once the readers of now are gone; a type-safe one stays what it is. */
  effect('sim_free_rcu', (m, [pointer]) => {
    const object = m.memory.objectOf(pointer!);
    if (object === null || object.life < 0) return;
    const { life } = object;
    m.touch(life, true);
    m.memory.set(life, 1);
    afterGracePeriod(m, m.memory.cell(m.memory.member(pointer!, '#grace')), (machine) => {
      if (machine.memory.get(life) === 1) machine.memory.set(life, 2);
    });
  }),
  /** Takes a freed object into use again. */
  effect('sim_reuse', (m, [pointer]) => {
    const object = m.memory.objectOf(pointer!);
    if (object === null || object.life < 0) return;
    m.touch(object.life, true);
    m.memory.set(object.life, 0);
  }),
  /** One read is to see one layout: lookups of this task between these must agree. */
  effect('sim_watch_layout', (m) => beginWatch(m)),
  effect('sim_unwatch_layout', (m) => endWatch(m)),
  /** Page walks of this task are to come in order: no page twice, and none left out of what is mapped throughout. */
  effect('sim_watch_walks', (m, [from]) => beginWalks(m, from!)),
  effect('sim_walked_to', (m, [to]) => checkWalks(m, to!)),
  effect('sim_kill', (m, [task]) => signal(m, task!)),
  {
    name: 'sim_is_error',
    returns: 'int',
    run: (_m, [pointer]) => (pointer! < 0 && pointer! >= -4095 ? 1 : 0),
  },
  /** Notes that the reader reports a range: shown in the trace. */
  effect('sim_report', (m, [start, end]) => {
    m.observer?.note?.(m.current, `reports ${hex(start!)}-${hex(end!)}`);
    m.observer?.report?.(m.current, start!, end!);
    return 0;
  }),
  effect('sim_note', (m, _a, site) => {
    m.observer?.note?.(m.current, site.texts[0]?.replaceAll('"', '') ?? '');
    return 0;
  }),
];

const hex = (value: number) => `0x${value.toString(16)}`;
