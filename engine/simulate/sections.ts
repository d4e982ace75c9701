/** Sections that belong to a task and not to an object: RCU read side, preemption off. Grace periods. */
import type { Machine } from './machine.ts';
import { ATOMIC, RCU, WAITING } from './signals.ts';

/** Tasks that were inside an RCU section when each of these began to wait for them, as bits. */
interface GracePeriods {
  /** Cells with the tasks that are still waited for; 0 where nothing waits. */
  readonly pending: { readonly cell: number; readonly end: (m: Machine) => void }[];
}

const periods = new WeakMap<Machine, GracePeriods>();

function gracePeriods(m: Machine): GracePeriods {
  let known = periods.get(m);
  if (known === undefined) {
    known = { pending: [] };
    periods.set(m, known);
  }
  return known;
}

/** What is to be done once the tasks that a cell names have all left their sections. */
function addPeriod(m: Machine, cell: number, end: (m: Machine) => void): void {
  const { pending } = gracePeriods(m);
  if (pending.some((one) => one.cell === cell)) return;
  pending.push({ cell, end });
  m.memory.noteGrowth();
}

export function rcuEnter(m: Machine): void {
  m.taking?.('rcu', 0);
  if (m.field(m.current, RCU) === 0) m.touch(m.bases[m.current]! + RCU, true);
  m.addField(m.current, RCU, 1);
}

export function rcuExit(m: Machine, what: string): number {
  const depth = m.field(m.current, RCU);
  if (depth === 0)
    return m.failWithout(
      { kind: 'rcu', pointer: 0, write: false },
      'unlock-not-held',
      `${what} ends an RCU read-side critical section that was not begun`,
    );
  m.setField(m.current, RCU, depth - 1);
  if (depth > 1) return 0;
  m.touch(m.bases[m.current]! + RCU, true);
  for (const unprotected of m.unprotected) unprotected(m, m.current);
  const bit = 2 ** m.current;
  m.memory.watchGrowth();
  for (const { cell, end } of gracePeriods(m).pending) {
    const left = m.memory.get(cell);
    if (Math.floor(left / bit) % 2 === 0) continue;
    m.touch(cell, true);
    m.memory.set(cell, left - bit);
    if (left - bit === 0) end(m);
  }
  return 0;
}

/** The tasks that are inside an RCU section now, the running one excepted, as bits. */
export function rcuReaders(m: Machine): number {
  let mask = 0;
  for (let task = 0; task < m.tasks.length; task++) {
    if (task === m.current) continue;
    m.touch(m.bases[task]! + RCU, false);
    if (m.field(task, RCU) > 0) mask += 2 ** task;
  }
  return mask;
}

/** Runs `end` once every reader that is inside now has left: at once where there is none. */
export function afterGracePeriod(m: Machine, cell: number, end: (m: Machine) => void): void {
  addPeriod(m, cell, end);
  m.touch(cell, true);
  const readers = rcuReaders(m);
  m.memory.set(cell, readers);
  if (readers === 0) end(m);
}

/** `synchronize_rcu()`: waits for the readers that are inside now. */
export function synchronize(m: Machine, what: string): number {
  if (m.mustNotSleep(what)) return -0.5;
  const cell = m.memory.cell(m.memory.member(m.tasks[m.current]!.current, '#grace'));
  if (m.resumed() !== null) return 0;
  const readers = rcuReaders(m);
  m.touch(cell, true);
  if (readers === 0) return 0;
  const waiter = m.current;
  addPeriod(m, cell, (machine) => machine.wake(waiter));
  m.memory.set(cell, readers);
  return m.wait(cell, WAITING);
}

export function atomicEnter(m: Machine): void {
  m.addField(m.current, ATOMIC, 1);
}

export function atomicExit(m: Machine, what: string): number {
  const depth = m.field(m.current, ATOMIC);
  if (depth === 0) return m.failResult('unlock-not-held', `${what} ends a section that was not begun`);
  m.setField(m.current, ATOMIC, depth - 1);
  return 0;
}
