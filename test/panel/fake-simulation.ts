/** A simulation as messages, made by hand: what the tests of the page tell the panel. */
import type { Choice, HostMessage, MoveData, Setup, State, Unversioned } from '../../media/panel/messages.ts';

export const CHOICE: Choice = {
  functions: ['pool_get'],
  scenario: 'pool-drain',
  image: 'after',
  depth: null,
  configuration: {},
  own: null,
};

const place = (line: number, text: string, fn = 'pool_get') => ({
  file: 'mm/pool.c',
  line,
  function: fn,
  text,
});

const STATE: State = {
  locks: [{ name: 'mm.mmap_lock', kind: 'mmap', writer: null, readers: [], queue: [] }],
  tasks: [0, 1].map(() => ({ state: 'ready' as const, rcu: 0, atomic: 0, signalled: false, waitsFor: null })),
  sequences: [{ mm: 'mm', value: 0 }],
  vmas: [
    {
      name: 'A',
      mm: 'mm',
      start: 0x1000,
      end: 0x3000,
      refcnt: 1,
      lockSeq: 0,
      isInTree: true,
      isDetached: false,
      isFreed: false,
      isWriteLocked: false,
      readers: [],
    },
  ],
  tree: [{ mm: 'mm', start: 0x1000, end: 0x3000, vma: 'A' }],
};

export const SETUP: Setup = {
  choice: CHOICE,
  depth: 'contract',
  title: 'a reader takes from the pool; a writer drains it',
  property: 'nothing is taken from an empty pool',
  release: '7.2',
  roles: [{ role: 'reader', function: 'pool_get', file: 'mm/pool.c' }],
  tasks: ['reader', 'writer'],
  idle: [],
  allTasks: ['reader', 'writer'],
  symbols: [{ name: 'CONFIG_POOL_DEBUG', value: 'y' }],
  before: STATE,
  starts: [place(10, 'mmap_read_lock(mm);'), place(30, 'mmap_write_lock(mm);', 'pool_drain')],
};

const lock = (change: Partial<State['locks'][number]>) => ({ locks: [{ ...STATE.locks[0]!, ...change }] });

function move(
  task: number,
  at: ReturnType<typeof place>,
  next: ReturnType<typeof place>,
  more: Partial<MoveData>,
): MoveData {
  return {
    task,
    place: at,
    next,
    calls: [next.function],
    reads: [],
    changes: [],
    notes: [],
    report: null,
    isLockOperation: false,
    isShared: true,
    choices: [],
    after: {},
    ...more,
  };
}

/** The reader locks, the writer waits, the reader reports and lets go, the writer is woken and goes wrong. */
export const MOVES: readonly MoveData[] = [
  move(0, place(10, 'mmap_read_lock(mm);'), place(11, 'use(pool);'), {
    isLockOperation: true,
    after: lock({ readers: [0] }),
  }),
  move(1, place(30, 'mmap_write_lock(mm);', 'pool_drain'), place(30, 'mmap_write_lock(mm);', 'pool_drain'), {
    isLockOperation: true,
    after: {
      ...lock({ readers: [0], queue: [{ task: 1, mode: 'W' }] }),
      tasks: [STATE.tasks[0]!, { ...STATE.tasks[1]!, state: 'waiting', waitsFor: 'mm.mmap_lock' }],
    },
  }),
  move(0, place(11, 'use(pool);'), place(12, 'mmap_read_unlock(mm);'), {
    reads: [{ what: 'pool.used', value: '3' }],
    report: { start: 0x1000, end: 0x2000 },
  }),
  move(0, place(12, 'mmap_read_unlock(mm);'), place(13, 'return 0;'), {
    isLockOperation: true,
    after: { ...lock({ writer: 1 }), tasks: STATE.tasks },
  }),
  move(1, place(31, 'drain(pool);', 'pool_drain'), place(32, 'mmap_write_unlock(mm);', 'pool_drain'), {
    changes: [{ what: 'pool.used', to: '0' }],
  }),
];

export const VIOLATION = {
  kind: 'assertion',
  message: 'WARN_ON(pool->used == 0)',
  task: 1,
  cycle: [],
  place: place(31, 'drain(pool);', 'pool_drain'),
};

type Message = Unversioned<HostMessage>;

export const CATALOGUE: Message = {
  type: 'catalogue',
  catalogue: {
    input: 'pool.patch',
    tree: '/linux',
    functions: [
      { name: 'pool_get', file: 'mm/pool.c', isChanged: true },
      { name: 'pool_drain', file: 'mm/pool.c', isChanged: false },
    ],
    scenarios: [
      { name: 'pool-drain', title: 'a reader and a writer' },
      { name: 'custom', title: 'functions of your choice' },
    ],
    hasPatch: true,
  },
  finding: null,
};

export const SOURCE: Message = {
  type: 'source',
  side: 0,
  source: {
    file: 'mm/pool.c',
    function: 'pool_get',
    lines: [
      { before: 8, after: 8, text: 'int pool_get(struct pool *pool)', input: null },
      { before: 9, after: 9, text: '{', input: 40 },
      { before: 10, after: null, text: '\tdown_read(&mm->mmap_lock); /* old */', input: 41 },
      { before: null, after: 10, text: '\tmmap_read_lock(mm);', input: 42 },
      { before: 11, after: 11, text: '\tuse(pool);', input: 43 },
      { before: 12, after: 12, text: '\tmmap_read_unlock(mm);', input: null },
      { before: 13, after: 13, text: '\treturn 0;', input: null },
      { before: 14, after: 14, text: '}', input: null },
    ],
  },
};

/** A simulation with these moves, as it is told at once. */
export function simulation(
  moves = MOVES,
  side: 0 | 1 = 0,
  violation: typeof VIOLATION | null = VIOLATION,
): Message[] {
  const messages: Message[] = [{ type: 'setup', side, setup: SETUP }];
  for (let from = 0; from < moves.length; from += 500)
    messages.push({ type: 'moves', side, from, moves: moves.slice(from, from + 500), total: moves.length });
  messages.push({ type: 'end', side, schedule: 'v1:0.1,1.1,0.2,1.1', violation, problem: null, assumed: [] });
  return messages;
}

/** A long trace: the five moves again and again. */
export function longMoves(length: number): MoveData[] {
  return Array.from({ length }, (_, i) => MOVES[i % MOVES.length]!);
}
