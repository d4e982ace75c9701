import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelsOf } from '../../media/panel/diagram-layout.ts';
import { diagramSvg } from '../../media/panel/diagram-svg.ts';
import { announcement, traceText } from '../../media/panel/text.ts';
import { Timeline } from '../../media/panel/timeline.ts';
import { tokensOf } from '../../media/panel/tokens.ts';
import { longMoves, MOVES, SETUP, VIOLATION } from './fake-simulation.ts';

function timelineOf(moves = MOVES): Timeline {
  const timeline = new Timeline(SETUP);
  timeline.put(0, moves);
  return timeline;
}

describe('a timeline', () => {
  it('knows what is held from when to when, and who waits for whom', () => {
    const { holds, arrows, reports } = timelineOf();
    expect(holds).toEqual([
      { task: 0, lock: 'mm.mmap_lock', kind: 'read', from: 1, to: 4 },
      { task: 1, lock: 'mm.mmap_lock', kind: 'wait', from: 2, to: 4 },
      { task: 1, lock: 'mm.mmap_lock', kind: 'write', from: 4, to: null },
    ]);
    expect(arrows.map(({ kind, from, to, position }) => [kind, from, to, position])).toEqual([
      ['wait', 0, 1, 2],
      ['wake', 0, 1, 4],
    ]);
    expect(reports).toEqual([{ task: 0, start: 0x1000, end: 0x2000, position: 3 }]);
  });

  it('is the same however its moves came', () => {
    const moves = longMoves(40);
    fc.assert(
      fc.property(fc.array(fc.record({ from: fc.nat(40), to: fc.nat(40) }), { maxLength: 6 }), (parts) => {
        const timeline = new Timeline(SETUP);
        for (const { from, to } of parts) {
          const at = Math.min(from, timeline.length);
          timeline.put(at, moves.slice(at, to));
        }
        const whole = timelineOf(moves.slice(0, timeline.length));
        expect(timeline.states).toEqual(whole.states);
        expect(timeline.holds).toEqual(whole.holds);
        expect(timeline.arrows).toEqual(whole.arrows);
        expect(timeline.reports).toEqual(whole.reports);
      }),
    );
  });

  it('calls locks by their last part, and those in full that would be called the same', () => {
    const names = ['mm.mmap_lock', 'other.mmap_lock', 'pool->lock', 'A', 'a_very_long_name_of_a_lock'];
    expect([...labelsOf(new Set(names)).values()]).toEqual([
      'mm.mmap_lock',
      'other.mmap_lock',
      'lock',
      'A',
      '…_name_of_a_lock',
    ]);
  });

  it('says each step in a sentence', () => {
    const timeline = timelineOf();
    expect(announcement(timeline, 0, VIOLATION)).toBe('At the start, before the first of 5 steps.');
    expect(announcement(timeline, 4, VIOLATION)).toBe(
      'Step 4 of 5: reader, mmap_read_unlock(mm). writer holds mm.mmap_lock for writing. reader gives back mm.mmap_lock for reading. writer waits no longer.',
    );
    expect(announcement(timeline, 5, VIOLATION)).toContain('Violation: WARN_ON(pool->used == 0)');
  });
});

describe('what leaves the panel', () => {
  it('is plain text that a mail takes as it is', () => {
    const text = traceText(timelineOf(), { onlyLocks: false, schedule: 'v1:0.1', violation: VIOLATION });
    expect(text).toMatchInlineSnapshot(`
      "Scenario pool-drain: a reader takes from the pool; a writer drains it
      Property: nothing is taken from an empty pool
      Code: with the patch
      reader is pool_get() of mm/pool.c
      Schedule: v1:0.1

      start   mm.mmap_lock: free | mm.mm_lock_seq 0 | A [0x1000,0x3000) ref 1
      reader  mm/pool.c:10  mmap_read_lock(mm);
              | mm.mmap_lock: R reader | mm.mm_lock_seq 0 | A [0x1000,0x3000) ref 1
      writer  mm/pool.c:30  mmap_write_lock(mm);
              | mm.mmap_lock: R reader (waiting: W writer) | mm.mm_lock_seq 0 | A [0x1000,0x3000) ref 1
      reader  mm/pool.c:11  use(pool);
                pool.used is 3; reports 0x1000-0x2000
      reader  mm/pool.c:12  mmap_read_unlock(mm);
              | mm.mmap_lock: W writer | mm.mm_lock_seq 0 | A [0x1000,0x3000) ref 1
      writer  mm/pool.c:31  drain(pool);
                pool.used := 0

              * WARN_ON(pool->used == 0)
                at mm/pool.c:31  drain(pool);
      "
    `);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('has no lines of others where only locks are asked for', () => {
    const text = traceText(timelineOf(), { onlyLocks: true, schedule: 'v1:0.1', violation: null });
    expect(text).not.toContain('use(pool);');
    expect(text).toContain('drain(pool);');
  });

  it('is a picture of its own, with nothing of the code taken as markup', () => {
    const evil = { ...MOVES[0]!, place: { ...MOVES[0]!.place, text: '<script>"&' } };
    const svg = diagramSvg(timelineOf([evil]), { ...VIOLATION, message: '</svg><img>' });
    expect(svg).toContain('&lt;script&gt;&quot;&amp;');
    expect(svg.match(/<\/svg>/g)).toHaveLength(1);
    expect(svg).not.toContain('<img');
  });
});

describe('the colours of C', () => {
  it('leave the text as it is, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab0 "\'\\/*(){};->=_\t') }), (line) => {
        expect(
          tokensOf(line)
            .map((token) => token.text)
            .join(''),
        ).toBe(line);
      }),
    );
  });

  it('tell keywords, calls, comments, strings and numbers', () => {
    const kinds = tokensOf('\tif (lock(a, 0x10)) /* why */ say("if");').filter(
      (token) => token.kind !== 'plain',
    );
    expect(kinds.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
      'keyword if',
      'call lock',
      'number 0x10',
      'comment /* why */',
      'call say',
      'string "if"',
    ]);
  });
});
