/** Reviews made by hand, for the tests of the reports and of the command line. */
import type { TraceStep } from '../../../engine/check/finding.ts';
import type { Review, ReviewFinding } from '../../../engine/review/review.ts';

const FILE = 'drivers/demo/pool.c';

export function step(line: number, message: string, rest: Partial<TraceStep> = {}): TraceStep {
  return { file: FILE, line, column: 2, message, kind: 'note', held: null, ...rest };
}

/** A leak in a function of our own. */
export const leak: ReviewFinding = {
  rule: 'lock-leak',
  level: 'error',
  message: 'pool_get() returns with pool->lock still held',
  why: 'The other error returns of pool_get() do not hold it, so no caller can know that it must release it. The next pool_get() on this pool waits for ever.',
  advice: 'Release pool->lock before this return, or jump to the unwind label that does.',
  file: FILE,
  line: 48,
  column: 3,
  endColumn: 17,
  function: 'pool_get',
  config: { CONFIG_DEMO_POOL: 'y', CONFIG_DEBUG_DEMO: 'n' },
  trace: [
    step(41, 'pool_get() is entered', { kind: 'enter', held: '' }),
    step(44, 'takes pool->lock', { kind: 'acquire', held: 'pool->lock' }),
    step(47, 'takes the branch where pool_find() returned NULL', { kind: 'branch', held: 'pool->lock' }),
    step(48, 'returns -ENOENT with pool->lock held', { kind: 'violation', held: 'pool->lock' }),
  ],
  traceLines: [
    'int pool_get(struct pool *pool, int id)',
    '\tmutex_lock(&pool->lock);',
    '\tif (!pool_find(pool, id))',
    '\t\treturn -ENOENT;',
  ],
  traceInputLines: [null, 21, 24, 25],
  lock: 'pool->lock',
  shape: 'acquire,branch,return',
  status: 'introduced',
  inputLine: 25,
  input: 0,
  sourceLine: '\t\treturn -ENOENT;',
  fingerprint: '3f2a9c0d11e84b57',
};

/** A finding outside the patch, which leads through another file. */
export const outside: ReviewFinding = {
  ...leak,
  rule: 'contract-changed',
  level: 'warning',
  message: 'pool_drain() still expects pool_get() to return with pool->lock held',
  why: 'The patch makes pool_get() release it.',
  advice: 'Change pool_drain() in the same patch.',
  file: 'drivers/demo/drain.c',
  line: 9,
  column: 8,
  endColumn: 16,
  function: 'pool_drain',
  config: {},
  trace: [
    step(52, 'pool_get() releases pool->lock since the patch', { kind: 'release', held: '' }),
    step(9, 'pool_drain() goes on as if it were held', { file: 'drivers/demo/drain.c', kind: 'violation' }),
  ],
  traceLines: ['\tmutex_unlock(&pool->lock);', '\tret = pool_get(pool, 0);'],
  traceInputLines: [28, null],
  inputLine: null,
  sourceLine: '\tret = pool_get(pool, 0);',
  fingerprint: '77d0a2b1c4e5f601',
};

export const existing: ReviewFinding = {
  ...leak,
  rule: 'split-read',
  level: 'note',
  status: 'existing',
  message: 'pool_dump() reads two slots, each locked on its own',
  function: 'pool_dump',
  line: 80,
  column: 2,
  endColumn: 11,
  config: {},
  trace: [],
  traceLines: [],
  traceInputLines: [],
  inputLine: null,
  sourceLine: '\tshow_slot(pool, next);',
  fingerprint: '00aa00aa00aa00aa',
};

export const fixed: ReviewFinding = {
  ...leak,
  rule: 'double-lock',
  status: 'fixed',
  message: 'pool_put() takes pool->lock twice',
  function: 'pool_put',
  line: 70,
  inputLine: 31,
  fingerprint: '1122334455667788',
};

export const sample: Review = {
  inputs: ['pool.patch'],
  findings: [outside, leak, fixed, existing],
  notes: [
    {
      message: 'this hunk fits nowhere in the file: the rest of the file is checked without it',
      file: 'pool.patch',
      line: 40,
    },
    {
      message: 'no tree was given (--tree): callers outside the patch were not looked at',
      file: null,
      line: null,
    },
  ],
  stats: { files: 2, functions: 5, paths: 31, configs: 3, milliseconds: 12 },
};

export const clean: Review = {
  inputs: ['clean.patch'],
  findings: [],
  notes: [],
  stats: { files: 1, functions: 1, paths: 2, configs: 1, milliseconds: 3 },
};
