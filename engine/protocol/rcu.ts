/** RCU, its flavours, and sleepable RCU. */
import { acquire, always, family, held, notHeld, release } from './build.ts';
import type { Contract } from './contract.ts';

const rcuH = family('include/linux/rcupdate.h');
const srcuH = family('include/linux/srcu.h');
const traceH = family('include/linux/rcupdate_trace.h');

const enter = acquire('@rcu', 'rcu', 'R');
const leave = release('@rcu', 'rcu', 'R');
const srcuEnter = acquire('arg0', 'srcu', 'R');
const srcuLeave = release('arg0', 'srcu', 'R');
const traceEnter = acquire('@rcu_tasks_trace', 'srcu', 'R');
const traceLeave = release('@rcu_tasks_trace', 'srcu', 'R');

/** A grace period that is waited for inside a reader of it never ends. */
const notInReader = notHeld(
  '@rcu',
  'rcu',
  ['R'],
  'it waits for a grace period, which cannot end while this task is in the read section',
);
const notInSrcuReader = notHeld(
  'arg0',
  'srcu',
  ['R'],
  'it waits for a grace period of this SRCU domain, which cannot end while this task is in its read section',
);

export const rcu: readonly Contract[] = [
  ...rcuH.each(['rcu_read_lock', '__rcu_read_lock'], always(enter), { sleeps: 'no' }),
  ...rcuH.each(['rcu_read_unlock', '__rcu_read_unlock'], always(leave), { sleeps: 'no' }),
  rcuH.fn('rcu_read_lock_bh', always(acquire('@bh', 'bh'), enter), { sleeps: 'no' }),
  rcuH.fn('rcu_read_unlock_bh', always(leave, release('@bh', 'bh')), { sleeps: 'no' }),
  ...rcuH.each(
    ['rcu_read_lock_sched', 'rcu_read_lock_sched_notrace'],
    always(acquire('@preempt', 'preempt'), enter),
    { sleeps: 'no' },
  ),
  ...rcuH.each(
    ['rcu_read_unlock_sched', 'rcu_read_unlock_sched_notrace'],
    always(leave, release('@preempt', 'preempt')),
    { sleeps: 'no' },
  ),
  rcuH.fn('rcu_read_lock_dont_migrate', always(acquire('@migrate', 'migrate'), enter), { sleeps: 'no' }),
  rcuH.fn('rcu_read_unlock_migrate', always(leave, release('@migrate', 'migrate')), { sleeps: 'no' }),
  rcuH.guard('rcu', [enter], [leave], { sleeps: 'no' }),

  ...rcuH.each(
    [
      'synchronize_rcu',
      'synchronize_rcu_expedited',
      'synchronize_net',
      'synchronize_sched',
      'rcu_barrier',
      'cond_synchronize_rcu',
      'cond_synchronize_rcu_expedited',
      'cond_synchronize_rcu_full',
      'synchronize_rcu_mult',
      'kvfree_rcu_barrier',
    ],
    [],
    { sleeps: 'yes', needs: [notInReader] },
  ),
  ...rcuH.each(['synchronize_rcu_tasks', 'synchronize_rcu_tasks_rude', 'rcu_barrier_tasks'], [], {
    sleeps: 'yes',
  }),
  ...traceH.each(['synchronize_rcu_tasks_trace', 'rcu_barrier_tasks_trace'], [], {
    sleeps: 'yes',
    needs: [
      notHeld(
        '@rcu_tasks_trace',
        'other',
        ['R'],
        'it waits for the readers of RCU Tasks Trace, this task included',
      ),
    ],
  }),
  ...rcuH.each(['call_rcu', 'call_rcu_hurry', 'call_rcu_tasks', 'call_rcu_tasks_trace'], [], {
    sleeps: 'no',
  }),
  // With two arguments the object has room for the rcu_head and nothing is allocated.
  ...rcuH.each(['kfree_rcu', 'kvfree_rcu'], [], { sleeps: 'no' }),
  // The one-argument forms may wait for a grace period themselves.
  ...rcuH.each(['kfree_rcu_mightsleep', 'kvfree_rcu_mightsleep'], [], {
    sleeps: 'yes',
    needs: [notInReader],
    lifetimes: [{ life: 'ends', pointer: 'arg0', because: 'it was freed' }],
  }),

  ...srcuH.each(
    [
      'srcu_read_lock',
      'srcu_read_lock_notrace',
      'srcu_read_lock_nmisafe',
      'srcu_read_lock_fast',
      'srcu_read_lock_fast_notrace',
      'srcu_read_lock_fast_updown',
      'srcu_read_lock_lite',
      'srcu_down_read',
      'srcu_down_read_fast',
      '__srcu_read_lock',
    ],
    always(srcuEnter),
    { sleeps: 'no', dereferences: [0] },
  ),
  ...srcuH.each(
    [
      'srcu_read_unlock',
      'srcu_read_unlock_notrace',
      'srcu_read_unlock_nmisafe',
      'srcu_read_unlock_fast',
      'srcu_read_unlock_fast_notrace',
      'srcu_read_unlock_fast_updown',
      'srcu_read_unlock_lite',
      'srcu_up_read',
      'srcu_up_read_fast',
      '__srcu_read_unlock',
    ],
    always(srcuLeave),
    { sleeps: 'no', dereferences: [0] },
  ),
  ...srcuH.each(['srcu', 'srcu_fast', 'srcu_fast_notrace', 'srcu_fast_updown'], [], {}).map((row) => ({
    ...row,
    what: 'guard' as const,
    outcomes: always(srcuEnter),
    exit: [srcuLeave],
    dereferences: [0],
  })),
  ...srcuH.each(['synchronize_srcu', 'synchronize_srcu_expedited'], [], {
    sleeps: 'yes',
    needs: [notInSrcuReader],
  }),
  srcuH.fn('srcu_barrier', [], { sleeps: 'yes', needs: [notInSrcuReader] }),
  ...srcuH.each(['cleanup_srcu_struct', 'init_srcu_struct'], [], { sleeps: 'yes' }),

  ...traceH.each(['rcu_read_lock_trace', 'rcu_read_lock_tasks_trace'], always(traceEnter), { sleeps: 'no' }),
  ...traceH.each(['rcu_read_unlock_trace', 'rcu_read_unlock_tasks_trace'], always(traceLeave), {
    sleeps: 'no',
  }),
  traceH.guard('rcu_tasks_trace', [traceEnter], [traceLeave], { sleeps: 'no' }),

  // True where the section may be left: no effect of their own.
  ...rcuH.each(
    ['rcu_read_lock_held', 'rcu_read_lock_bh_held', 'rcu_read_lock_sched_held', 'rcu_read_lock_any_held'],
    [],
    { sleeps: 'no' },
  ),
  ...srcuH.each(['srcu_read_lock_held'], [], { sleeps: 'no' }),
  rcuH.fn('rcu_note_context_switch', [], { sleeps: 'no' }),
  rcuH.fn('cond_resched_rcu', always({ op: 'retake', lock: '@rcu', kind: 'rcu' }), {
    sleeps: 'yes',
    needs: [held('@rcu', 'rcu', ['R'], 'it leaves the read section and enters it again')],
  }),
];
