/** Locks of tasks and run queues. */
import { acquire, always, family, onPointer, onTrue, release, retake } from './build.ts';
import type { Contract, LockRef } from './contract.ts';

const taskH = family('include/linux/sched/task.h');
const signalH = family('include/linux/sched/signal.h');
const schedH = family('kernel/sched/sched.h');
const quiet = { sleeps: 'no', dereferences: [0] } as const;
const maskIrq = acquire('@irq', 'irq');
const saveIrq = acquire('@irq', 'irq', 'W', { nested: true });
const unmaskIrq = release('@irq', 'irq');
const raw = (lock: LockRef, nested = false) => acquire(lock, 'raw_spinlock', 'W', nested ? { nested } : {});
const free = (lock: LockRef) => release(lock, 'raw_spinlock', 'W');
const RQ = 'arg0.__lock';
const PI = 'arg0.pi_lock';

export const task: readonly Contract[] = [
  taskH.fn('task_lock', always(acquire('arg0.alloc_lock', 'spinlock')), quiet),
  taskH.fn('task_unlock', always(release('arg0.alloc_lock', 'spinlock')), quiet),
  taskH.guard(
    'task_lock',
    [acquire('arg0.alloc_lock', 'spinlock')],
    [release('arg0.alloc_lock', 'spinlock')],
    quiet,
  ),
  // NULL where the task has gone: nothing is held then.
  ...signalH.each(
    ['lock_task_sighand', '__lock_task_sighand'],
    onPointer(saveIrq, acquire('arg0->sighand.siglock', 'spinlock')),
    {
      ...quiet,
      mustCheck: true,
    },
  ),
  signalH.fn('unlock_task_sighand', always(release('arg0->sighand.siglock', 'spinlock'), unmaskIrq), quiet),
  signalH.plain('kernel_sigaction', { sleeps: 'no' }),

  schedH.fn('raw_spin_rq_lock', always(raw(RQ)), quiet),
  schedH.fn('raw_spin_rq_lock_nested', always(raw(RQ, true)), quiet),
  schedH.fn('raw_spin_rq_lock_irq', always(maskIrq, raw(RQ)), quiet),
  schedH.fn('raw_spin_rq_trylock', onTrue(acquire(RQ, 'raw_spinlock', 'W', { trylock: true })), {
    ...quiet,
    mustCheck: true,
  }),
  schedH.fn('raw_spin_rq_unlock', always(free(RQ)), quiet),
  schedH.fn('raw_spin_rq_unlock_irq', always(free(RQ), unmaskIrq), quiet),
  schedH.fn('_raw_spin_rq_lock_irqsave', always(saveIrq, raw(RQ)), quiet),
  schedH.fn('raw_spin_rq_lock_irqsave', always(saveIrq, raw(RQ)), quiet),
  schedH.fn('raw_spin_rq_unlock_irqrestore', always(free(RQ), unmaskIrq), quiet),
  schedH.fn('rq_lock', always(raw(RQ)), quiet),
  schedH.fn('rq_lock_irq', always(maskIrq, raw(RQ)), quiet),
  schedH.fn('rq_lock_irqsave', always(saveIrq, raw(RQ)), quiet),
  schedH.fn('rq_relock', always(raw(RQ)), quiet),
  schedH.fn('rq_unlock', always(free(RQ)), quiet),
  schedH.fn('rq_unlock_irq', always(free(RQ), unmaskIrq), quiet),
  schedH.fn('rq_unlock_irqrestore', always(free(RQ), unmaskIrq), quiet),
  schedH.fn('this_rq_lock_irq', always(maskIrq, raw('result.__lock')), {
    sleeps: 'no',
    value: { value: 'valid' },
  }),
  schedH.fn('task_rq_lock', always(saveIrq, raw(PI), raw('result.__lock')), {
    ...quiet,
    value: { value: 'valid' },
  }),
  schedH.fn('__task_rq_lock', always(raw('result.__lock')), { ...quiet, value: { value: 'valid' } }),
  schedH.fn('task_rq_unlock', always(free(RQ), free('arg1.pi_lock'), unmaskIrq), quiet),
  schedH.fn('__task_rq_unlock', always(free(RQ)), quiet),
  schedH.guard('rq_lock', [raw(RQ)], [free(RQ)], quiet),
  schedH.guard('rq_lock_irq', [maskIrq, raw(RQ)], [free(RQ), unmaskIrq], quiet),
  schedH.guard('rq_lock_irqsave', [saveIrq, raw(RQ)], [free(RQ), unmaskIrq], quiet),
  // The task's run queue is reached through the guard, not by a path of its argument.
  schedH.guard(
    'task_rq_lock',
    [saveIrq, raw(PI), raw('arg0.task_rq')],
    [free('arg0.task_rq'), free(PI), unmaskIrq],
    quiet,
  ),
  schedH.guard('__task_rq_lock', [raw('arg0.task_rq')], [free('arg0.task_rq')], quiet),
  schedH.guard('double_rq_lock', [raw(RQ), raw('arg1.__lock', true)], [free('arg1.__lock'), free(RQ)], quiet),
  schedH.guard('raw_spin_rq_lock', [raw(RQ)], [free(RQ)], quiet),
  schedH.guard('double_raw_spinlock', [raw('arg0'), raw('arg1', true)], [free('arg1'), free('arg0')], quiet),
  // The two may be one run queue, locked once.
  schedH.fn('double_rq_lock', always(raw(RQ, true), raw('arg1.__lock', true)), quiet),
  schedH.fn('double_rq_unlock', always(free('arg1.__lock'), free(RQ)), quiet),
  // Its first argument's lock is held, and may be dropped for a moment to keep the order.
  ...schedH.each(
    ['double_lock_balance', '_double_lock_balance'],
    always(retake(RQ, 'raw_spinlock'), raw('arg1.__lock', true)),
    quiet,
  ),
  schedH.fn('double_unlock_balance', always(free('arg1.__lock')), quiet),

  ...family('include/linux/cgroup.h').each(['cgroup_lock'], always(acquire('@cgroup_mutex', 'mutex')), {
    sleeps: 'yes',
  }),
  ...family('include/linux/cgroup.h').each(
    ['cgroup_unlock'],
    always(release('@cgroup_mutex', 'mutex', 'W')),
    { sleeps: 'no' },
  ),
  ...family('kernel/cgroup/cgroup-internal.h').each(
    ['cgroup_kn_lock_live'],
    onPointer(acquire('@cgroup_mutex', 'mutex')),
    { sleeps: 'yes', mustCheck: true },
  ),
  ...family('kernel/cgroup/cgroup-internal.h').each(
    ['cgroup_kn_unlock'],
    always(release('@cgroup_mutex', 'mutex', 'W')),
    { sleeps: 'yes' },
  ),
  ...family('kernel/cgroup/cgroup-internal.h').each(
    ['cgroup_lock_and_drain_offline'],
    always(acquire('@cgroup_mutex', 'mutex')),
    { sleeps: 'yes' },
  ),
  ...family('include/linux/cgroup-defs.h').each(
    ['cgroup_threadgroup_change_begin'],
    always(acquire('@cgroup_threadgroup_rwsem', 'percpu_rwsem', 'R')),
    { sleeps: 'yes' },
  ),
  ...family('include/linux/cgroup-defs.h').each(
    ['cgroup_threadgroup_change_end'],
    always(release('@cgroup_threadgroup_rwsem', 'percpu_rwsem', 'R')),
    { sleeps: 'no' },
  ),

  ...family('include/linux/perf_event.h').each(
    ['perf_event_ctx_lock', 'perf_event_ctx_lock_nested'],
    always(acquire('result.mutex', 'mutex', 'W', { nested: true })),
    { sleeps: 'yes', value: { value: 'valid' } },
  ),
  family('kernel/events/core.c').fn('perf_event_ctx_unlock', always(release('arg1.mutex', 'mutex', 'W')), {
    sleeps: 'no',
  }),
  ...family('kernel/futex/futex.h').each(['futex_q_lock'], always(acquire('arg1.lock', 'spinlock')), {
    sleeps: 'no',
  }),
  ...family('kernel/futex/futex.h').each(['futex_q_unlock'], always(release('arg0.lock', 'spinlock')), {
    sleeps: 'no',
  }),
  ...family('kernel/futex/futex.h').each(
    ['double_lock_hb'],
    always(
      acquire('arg0.lock', 'spinlock', 'W', { nested: true }),
      acquire('arg1.lock', 'spinlock', 'W', { nested: true }),
    ),
    { sleeps: 'no' },
  ),
  ...family('kernel/futex/futex.h').each(
    ['double_unlock_hb'],
    always(release('arg0.lock', 'spinlock'), release('arg1.lock', 'spinlock')),
    { sleeps: 'no' },
  ),
  ...family('kernel/futex/futex.h').each(['futex_unqueue_pi'], [], { sleeps: 'no' }),

  // io_uring: whether the ring's lock is to be taken is in the issue flags, at both ends alike.
  ...family('io_uring/io_uring.h').each(
    ['io_ring_submit_lock'],
    always(acquire('arg0.uring_lock', 'mutex', 'W', { nested: true })),
    quiet,
  ),
  ...family('io_uring/io_uring.h').each(
    ['io_ring_submit_unlock'],
    always(release('arg0.uring_lock', 'mutex', 'W')),
    quiet,
  ),
];
