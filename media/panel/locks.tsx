import { useState } from 'preact/hooks';
import { isIdle } from './diagram-layout.ts';
import type { SideView, Store } from './store.ts';
import { countText, holdText, sequenceText } from './text.ts';
import type { Hold } from './timeline.ts';

interface Props {
  readonly store: Store;
  readonly side: 0 | 1;
  readonly view: SideView;
  readonly position: number;
  readonly contracts: Readonly<Record<string, string>>;
}

/** Each lock with its holders and its queue, each VMA with its counters, each task with its sections. */
export function Locks({ store, side, view, position, contracts }: Props) {
  const { timeline } = view;
  const state = timeline.stateAt(position);
  const { tasks } = timeline.setup;
  const name = (task: number) => tasks[task] ?? `task ${task}`;
  const [shown, setShown] = useState<string | null>(null);
  /** Opens the place where a lock was taken, and goes to that step. */
  const goTo = (hold: Hold | undefined) => {
    if (hold === undefined || hold.from === 0) return;
    const { place } = timeline.moves[hold.from - 1]!;
    store.open(side, place.file, place.line);
  };
  const row = (lock: string, kind: string, holders: string, queue: string) => {
    const held = timeline.heldAt(position, lock);
    return (
      <tr key={lock} class={held.length > 0 ? 'held' : 'free'}>
        <th scope="row">
          <button
            type="button"
            class="link"
            aria-describedby={shown === lock ? `about-${side}` : undefined}
            onMouseEnter={() => setShown(lock)}
            onMouseLeave={() => setShown(null)}
            onFocus={() => setShown(lock)}
            onBlur={() => setShown(null)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') setShown(null);
            }}
            onClick={() => goTo(held.find((hold) => hold.kind !== 'wait') ?? held[0])}
          >
            {lock}
          </button>
          {shown === lock && <About id={`about-${side}`} {...{ lock, kind, held, view, contracts }} />}
        </th>
        <td>{holders}</td>
        <td>{queue}</td>
      </tr>
    );
  };
  return (
    <div class="locks">
      <table>
        <caption class="hidden">Locks</caption>
        <thead>
          <tr>
            <th scope="col">Lock</th>
            <th scope="col">Held by</th>
            <th scope="col">Queue or counters</th>
          </tr>
        </thead>
        <tbody>
          {state.locks.map((lock) =>
            row(
              lock.name,
              lock.kind,
              [
                ...(lock.writer === null ? [] : [`${name(lock.writer)} (W)`]),
                ...lock.readers.map((task) => `${name(task)} (R)`),
              ].join(', ') || 'free',
              lock.queue.map((one) => `${name(one.task)} (${one.mode})`).join(' → ') || '–',
            ),
          )}
          {state.vmas.map((vma) =>
            row(
              vma.name,
              'vma',
              [
                ...(vma.isWriteLocked ? ['write-locked'] : []),
                ...vma.readers.map((task) => `${name(task)} (R)`),
              ].join(', ') || (vma.isFreed ? 'freed' : vma.isDetached ? 'detached' : 'free'),
              `ref ${countText(vma.refcnt)}, seq ${sequenceText(vma.lockSeq)}`,
            ),
          )}
          {state.sequences.map((one) => (
            <tr key={`${one.mm} sequence`}>
              <th scope="row">{one.mm}.mm_lock_seq</th>
              <td>{one.value}</td>
              <td>{one.value % 2 === 1 ? 'being written' : '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <table>
        <caption class="hidden">Tasks</caption>
        <thead>
          <tr>
            <th scope="col">Task</th>
            <th scope="col">State</th>
            <th scope="col">RCU</th>
            <th scope="col">Atomic</th>
          </tr>
        </thead>
        <tbody>
          {state.tasks.map((task, i) =>
            isIdle(timeline, i) ? null : (
              <tr key={tasks[i]}>
                <th scope="row">{tasks[i]}</th>
                <td>
                  {task.state}
                  {task.signalled ? ', killed' : ''}
                </td>
                <td>{task.rcu}</td>
                <td>{task.atomic}</td>
              </tr>
            ),
          )}
        </tbody>
      </table>
    </div>
  );
}

const KINDS: Readonly<Record<string, string>> = {
  mmap: 'mmap_lock: a sleeping read-write lock over an address space. A waiting writer keeps new readers out.',
  vma: 'VMA lock: readers count in vm_refcnt; a writer sets vm_lock_seq to mm_lock_seq, and lets go with the mmap_lock.',
  rwsem: 'A sleeping read-write lock. A waiting writer keeps new readers out.',
  mutex: 'A mutex: one holder, which may sleep.',
  spinlock: 'A spinlock: its holder must not sleep.',
};

function About({
  id,
  lock,
  kind,
  held,
  view,
  contracts,
}: {
  readonly id: string;
  readonly lock: string;
  readonly kind: string;
  readonly held: readonly Hold[];
  readonly view: SideView;
  readonly contracts: Readonly<Record<string, string>>;
}) {
  const { timeline } = view;
  const lines = held.map((hold) => {
    const since = hold.from === 0 ? 'from the start' : `since step ${hold.from}`;
    const where = hold.from === 0 ? '' : `, ${timeline.moves[hold.from - 1]!.place.text}`;
    const who = timeline.setup.tasks[hold.task];
    return hold.kind === 'wait'
      ? `${who} ${holdText(hold)} ${since}${where}`
      : `${who} holds it for ${hold.kind === 'write' ? 'writing' : 'reading'} ${since}${where}`;
  });
  const contract = held
    .flatMap((hold) => (hold.from === 0 ? [] : [timeline.moves[hold.from - 1]!.place.text]))
    .flatMap((text) => [...text.matchAll(/\b([A-Za-z_]\w*)\s*\(/g)].map(([, called = '']) => called))
    .map((called) => (Object.hasOwn(contracts, called) ? contracts[called] : undefined))
    .find((text) => text !== undefined);
  return (
    <div class="about" id={id} role="tooltip">
      <strong>{lock}</strong>
      <p>{KINDS[kind] ?? kind}</p>
      {lines.length === 0 ? <p>Nobody holds it.</p> : lines.map((line) => <p key={line}>{line}</p>)}
      {contract !== undefined && <pre>{contract}</pre>}
    </div>
  );
}
