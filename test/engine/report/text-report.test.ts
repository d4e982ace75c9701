import { describe, expect, it } from 'vitest';
import { displayWidth, findingText, textReport } from '../../../engine/report/index.ts';
import { clean, leak, outside, sample } from './sample.ts';

const plain = { color: false, width: 80, all: false } as const;

describe('the text report', () => {
  it('says what, where, the path, why and what to do', () => {
    expect(textReport(sample, plain)).toMatchInlineSnapshot(`
      "drivers/demo/drain.c:9:8: warning[contract-changed] in pool_drain()

        pool_drain() still expects pool_get() to return with pool->lock held

            9 |         ret = pool_get(pool, 0);
              |               ^~~~~~~~

        The path:
          1. pool_get() releases pool->lock since the patch
             in drivers/demo/pool.c:
                52 |         mutex_unlock(&pool->lock);
          2. pool_drain() goes on as if it were held
             in drivers/demo/drain.c:
                 9 |         ret = pool_get(pool, 0);

        Why: The patch makes pool_get() release it.
        What to do: Change pool_drain() in the same patch.

      drivers/demo/pool.c:48:3: error[lock-leak] in pool_get()

        pool_get() returns with pool->lock still held

           48 |                 return -ENOENT;
              |                 ^~~~~~~~~~~~~~

        Only with: CONFIG_DEBUG_DEMO=n, CONFIG_DEMO_POOL=y
        The path:
          1. pool_get() is entered
                41 | int pool_get(struct pool *pool, int id)
          2. takes pool->lock
                44 |         mutex_lock(&pool->lock);
             held now: pool->lock
          3. takes the branch where pool_find() returned NULL
                47 |         if (!pool_find(pool, id))
          4. returns -ENOENT with pool->lock held
                48 |                 return -ENOENT;

        Why: The other error returns of pool_get() do not hold it, so no caller can
          know that it must release it. The next pool_get() on this pool waits for
          ever.
        What to do: Release pool->lock before this return, or jump to the unwind label
          that does.
        In the patch: pool.patch:25

      Repaired by the patch:
        - drivers/demo/pool.c:70: double-lock in pool_put(): pool_put() takes
          pool->lock twice

      Notes:
        - pool.patch:40: this hunk fits nowhere in the file: the rest of the file is
          checked without it
        - no tree was given (--tree): callers outside the patch were not looked at

      1 error, 1 warning; 1 from before the patch not shown (see --all); 1 repaired.
        Checked 5 functions in 2 files, 3 configurations.
      "
    `);
  });

  it('shows what was there before, and what the patch repairs, on request', () => {
    const report = textReport(sample, { ...plain, all: true });
    expect(report).toContain(
      'drivers/demo/pool.c:80:2: note[split-read] in pool_dump() (from before the patch)',
    );
    expect(report).toContain('error[double-lock] in pool_put() (the patch repairs this)');
    expect(report).not.toContain('see --all');
    const silent = textReport(sample, plain);
    expect(silent).not.toContain('split-read');
    expect(silent).toContain('1 from before the patch not shown (see --all)');
  });

  it('of a clean review is one line', () => {
    expect(textReport(clean, plain)).toBe('No findings. Checked 1 function in 1 file, 1 configuration.\n');
  });

  it.each([40, 60, 80, 100, 132])('keeps to %i columns', (width) => {
    for (const all of [false, true]) {
      for (const line of textReport(sample, { color: false, width, all }).split('\n')) {
        // The first line of a finding is what editors jump to and stays whole.
        if (/^\S+:\d+:\d+: (error|warning|note)\[/.test(line)) continue;
        expect(displayWidth(line)).toBeLessThanOrEqual(width);
      }
    }
  });

  it('without colour has no escape sequence, and with it the same text', () => {
    const bare = textReport(sample, plain);
    const coloured = textReport(sample, { ...plain, color: true });
    expect(bare).not.toContain('\u001b');
    expect(coloured).toContain('\u001b[1;31merror[lock-leak]\u001b[0m');
    expect(coloured.replace(/\u001b\[[0-9;]*m/g, '')).toBe(bare);
  });

  it('shows bidirectional, invisible and control characters by their code points', () => {
    const report = textReport(
      {
        ...sample,
        inputs: ['\u001b]0;owned\u0007.patch'],
        findings: [
          {
            ...leak,
            message: 'tricky\u202e name\u001b[2J',
            file: 'drivers/demo/\u2066pool.c',
            sourceLine: '\t/* \u202e } \u2066if (isAdmin)\u2069 \u2066 begin */ a\u200bb();',
            traceLines: leak.traceLines.map((line) => `${line}\r\u0000`),
          },
        ],
      },
      { ...plain, width: 100 },
    );
    expect(report).toContain('/* <U+202E> } <U+2066>if (isAdmin)<U+2069> <U+2066> begin */ a');
    expect(report).toContain('a<U+200B>b();');
    expect(report).toContain('tricky<U+202E> name<U+001B>[2J');
    expect(report).toContain('drivers/demo/<U+2066>pool.c:48:3:');
    expect(report).toContain('<U+000D><U+0000>');
    expect(report).not.toMatch(
      /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/,
    );
  });

  it('cuts a long line around the part that is meant and keeps the marker under it', () => {
    const argument = 'first_argument_of_many, ';
    const sourceLine = `\t\t\tresult = do_something_long(${argument.repeat(8)}target_here, ${argument.repeat(4)}last);`;
    const column = sourceLine.indexOf('target_here') + 1;
    const text = findingText(
      sample,
      { ...leak, trace: [], sourceLine, column, endColumn: column + 'target_here'.length },
      plain,
    );
    const lines = text.split('\n');
    const at = lines.findIndex((line) => line.includes('target_here'));
    expect(lines[at]!.length).toBeLessThanOrEqual(80);
    expect(lines[at]).toContain('...');
    const marker = lines[at + 1]!;
    expect(lines[at]!.slice(marker.indexOf('^'), marker.indexOf('^') + '^~~~~~~~~~~'.length)).toBe(
      'target_here',
    );
    expect(marker).toMatch(/^ +\| +\^~{10}$/);
  });

  it('does not cut a character in half', () => {
    for (let at = 0; at < 8; at++) {
      const sourceLine = `${'x'.repeat(at)}${'\ud83d\ude00'.repeat(100)}`;
      const text = findingText(sample, { ...leak, trace: [], sourceLine, column: 90, endColumn: 92 }, plain);
      expect(text).not.toMatch(/\p{Cs}/u);
      expect(text).toContain('...');
    }
  });

  it('puts the marker right behind tabs, wide and hidden characters', () => {
    const sourceLine = '\tx = "\u6f22\u200e";\tlock(a);';
    const column = sourceLine.indexOf('lock') + 1;
    const text = findingText(
      sample,
      { ...leak, trace: [], sourceLine, column, endColumn: column + 7 },
      plain,
    );
    const lines = text.split('\n');
    const at = lines.findIndex((line) => line.includes('lock(a)'));
    expect(displayWidth(lines[at]!.slice(0, lines[at]!.indexOf('lock(a)')))).toBe(
      lines[at + 1]!.indexOf('^'),
    );
  });

  it('quotes a line of a path once, names another file where the path leaves the first, and what is held as it changes', () => {
    const text = findingText(sample, outside, plain);
    expect(text.match(/in drivers\/demo\/pool\.c:/g)).toHaveLength(1);
    expect(text.match(/in drivers\/demo\/drain\.c:/g)).toHaveLength(1);
    const twice = findingText(
      sample,
      {
        ...leak,
        trace: [leak.trace[1]!, leak.trace[1]!],
        traceLines: [leak.traceLines[1]!, leak.traceLines[1]!],
      },
      plain,
    );
    expect(twice.match(/mutex_lock/g)).toHaveLength(1);
    expect(twice.match(/held now: pool->lock/g)).toHaveLength(1);
  });

  it('leaves out a path that is the finding line and no more', () => {
    const [last] = leak.trace.slice(-1);
    const alone = { ...leak, trace: [last!], traceLines: [leak.sourceLine] };
    expect(findingText(sample, alone, plain)).not.toContain('The path');
    expect(findingText(sample, { ...alone, line: 47 }, plain)).toContain('The path');
  });

  it('puts parentheses behind names alone', () => {
    const heading = (name: string) => findingText(sample, { ...leak, function: name }, plain).split('\n')[0];
    expect(heading('pool_get')).toMatch(/ in pool_get\(\)$/);
    expect(heading('function at line 12')).toMatch(/ in function at line 12$/);
  });

  it('says nothing of what a finding lacks', () => {
    const text = findingText(
      sample,
      { ...leak, why: '', advice: '', config: {}, trace: [], sourceLine: '', inputLine: null, function: '' },
      plain,
    );
    expect(text).toBe(
      'drivers/demo/pool.c:48:3: error[lock-leak] in file scope\n\n  pool_get() returns with pool->lock still held\n\n',
    );
  });

  it('takes a finding past the end of its line', () => {
    const text = findingText(
      sample,
      { ...leak, trace: [], sourceLine: 'x', column: 50, endColumn: 60 },
      plain,
    );
    expect(text).toContain('48 | x\n        |  ^');
  });
});
