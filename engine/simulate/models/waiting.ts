/** Waiting and waking: `rcuwait`, wait queues, completions; signals; grace periods. */
import type { Machine } from '../machine.ts';
import { effect, type Model, type WaitForm } from '../model.ts';
import { rcuEnter, rcuExit, synchronize } from '../sections.ts';
import { ASLEEP, NO_RESULT, RCU, SIGNAL, STATUS, TASK_STATE } from '../signals.ts';

const KILLABLE = 258;
const INTERRUPTIBLE = 1;

/** The tasks on a queue, as bits. */
const waiters = (m: Machine, queue: number) => m.memory.cell(m.memory.member(queue, '#waiters'));
const stateCell = (m: Machine, task: number) => m.bases[task]! + TASK_STATE;

function setState(m: Machine, task: number, state: number): void {
  m.touch(stateCell(m, task), true);
  m.setField(task, TASK_STATE, state);
}

const isInterruptible = (state: number) => state === KILLABLE || state === INTERRUPTIBLE;

export function wakeQueue(m: Machine, queue: number, what: string): number {
  if (!m.canFollow(queue, what)) return NO_RESULT;
  const mask = m.read(waiters(m, queue));
  let woken = 0;
  for (let task = 0; task < m.tasks.length; task++) {
    if (Math.floor(mask / 2 ** task) % 2 === 0) continue;
    setState(m, task, 0);
    if (m.status(task) === ASLEEP) m.wake(task);
    woken++;
  }
  return woken > 0 ? 1 : 0;
}

/** A fatal signal: ends killable waits. */
export function signal(m: Machine, task: number): void {
  m.touch(m.bases[task]! + SIGNAL, true);
  m.setField(task, SIGNAL, 1);
  m.locks.interrupt(task);
  m.touch(stateCell(m, task), true);
  if (isInterruptible(m.field(task, TASK_STATE))) {
    m.setField(task, TASK_STATE, 0);
    if (m.status(task) === ASLEEP) m.wake(task);
  }
}

/** The parts of a `wait_event()` loop, one step each. */
export const waitModels: Readonly<Record<string, Model>> = {
  prepare: {
    name: 'prepare to wait',
    run(m, [queue], site) {
      if (m.mustNotSleep(`${site.callee}()`) || !m.canFollow(queue!, `${site.callee}()`)) return NO_RESULT;
      const cell = waiters(m, queue!);
      const mask = m.read(cell);
      const bit = 2 ** m.current;
      m.write(cell, Math.floor(mask / bit) % 2 === 0 ? mask + bit : mask);
      return 0;
    },
  },
  state: effect('set_current_state', (m, [state]) => setState(m, m.current, state!)),
  signal: {
    name: 'signal_pending_state',
    run(m, [state]) {
      if (!isInterruptible(state!)) return 0;
      m.touch(m.bases[m.current]! + SIGNAL, false);
      return m.field(m.current, SIGNAL) !== 0 ? -4 : 0;
    },
  },
  sleep: {
    name: 'schedule',
    run(m, [queue]) {
      if (m.resumed() !== null) return 0;
      m.touch(stateCell(m, m.current), false);
      if (m.field(m.current, TASK_STATE) === 0) return 0;
      return m.wait(waiters(m, queue!), ASLEEP);
    },
  },
  finish: {
    name: 'finish waiting',
    run(m, [queue]) {
      const cell = waiters(m, queue!);
      const mask = m.read(cell);
      const bit = 2 ** m.current;
      if (Math.floor(mask / bit) % 2 === 1) m.write(cell, mask - bit);
      setState(m, m.current, 0);
      return 0;
    },
  },
};

const uninterruptible = (condition: number): WaitForm => ({
  queue: 0,
  condition,
  state: 'uninterruptible',
  byName: true,
});
const killable = (condition: number): WaitForm => ({ queue: 0, condition, state: 'killable', byName: true });

export const waits: ReadonlyMap<string, WaitForm> = new Map([
  ['rcuwait_wait_event', { queue: 0, condition: 1, state: { argument: 2 }, byName: false }],
  ['wait_event', uninterruptible(1)],
  ['wait_event_timeout', uninterruptible(1)],
  ['wait_event_killable', killable(1)],
  ['wait_event_interruptible', killable(1)],
  ['wait_event_interruptible_timeout', killable(1)],
  ['wait_event_freezable', killable(1)],
]);

const wakers = [
  'rcuwait_wake_up',
  'wake_up',
  'wake_up_all',
  'wake_up_interruptible',
  'wake_up_interruptible_all',
  'wake_up_process',
  'wake_up_var',
  'complete',
  'complete_all',
];

export const waiting: readonly Model[] = [
  ...wakers.map(
    (name): Model => ({
      name,
      returns: 'int',
      run: (m, [queue], site) => wakeQueue(m, queue!, `${name}(${site.texts.join(', ')})`),
    }),
  ),
  effect('rcuwait_init', () => 0),
  effect('rcu_read_lock', (m) => rcuEnter(m)),
  { name: 'rcu_read_unlock', run: (m) => rcuExit(m, 'rcu_read_unlock()') },
  ...['synchronize_rcu', 'synchronize_rcu_expedited', 'synchronize_net'].map(
    (name): Model => ({ name, run: (m) => synchronize(m, `${name}()`) }),
  ),
  ...['rcu_read_lock_held', 'rcu_read_lock_any_held'].map(
    (name): Model => ({
      name,
      returns: 'int',
      run(m) {
        if (m.field(m.current, RCU) > 0) return 1;
        // For what the answer is asked for: an assertion, mostly.
        m.lacking = { kind: 'rcu', pointer: 0, write: false };
        return 0;
      },
    }),
  ),
  ...['fatal_signal_pending', 'signal_pending'].map(
    (name): Model => ({
      name,
      returns: 'int',
      run(m) {
        m.touch(m.bases[m.current]! + SIGNAL, false);
        return m.field(m.current, SIGNAL);
      },
    }),
  ),
  effect('cond_resched', (m) => (m.mustNotSleep('cond_resched()') ? NO_RESULT : 0)),
  effect('might_sleep', (m) => (m.mustNotSleep('might_sleep()') ? NO_RESULT : 0)),
];

export { STATUS };
