/** What the steps of a trace say about locks: events, spans, waits, and since when. */
import { describe, expect, it } from 'vitest';
import {
  exploration,
  lockViews,
  openSession,
  parseSchedule,
  spaceTime,
} from '../../../engine/simulate/index.ts';
import { now, programOf } from './run.ts';

const CROSSED = `
  void one(void) { mutex_lock(&g); mutex_lock(&h); mutex_unlock(&h); mutex_unlock(&g); }
  void two(void) { mutex_lock(&h); mutex_lock(&g); mutex_unlock(&g); mutex_unlock(&h); }
`;

describe('locks of a trace', () => {
  it('are shown with since when they are held and waited for', async () => {
    const session = openSession(await programOf(CROSSED, ['one()', 'two()']));
    session.load(parseSchedule('v1:1.1,0.2').schedule!);
    const views = lockViews(session.state(), session.trace().steps);
    expect(views.find((one) => one.name === 'h')).toMatchObject({
      writer: { task: 1, since: 0 },
      queue: [{ task: 0, mode: 'W', since: 2 }],
    });
    expect(views.find((one) => one.name === 'g')).toMatchObject({ writer: { task: 0, since: 1 }, queue: [] });
    expect(session.state().tasks.map((task) => task.waitsFor)).toEqual(['h', null]);
  });

  it('give spans and arrows: who waited for whom, and who ended the wait', async () => {
    const c = `
      void one(void) { down_read(&g); x = 1; up_read(&g); }
      void two(void) { down_write(&g); x = 2; downgrade_write(&g); y = x; up_read(&g); }
    `;
    const session = openSession(await programOf(c, ['one()', 'two()']));
    session.load(parseSchedule('v1:0.1,1.1,0.2,1.4').schedule!);
    const { steps } = session.trace();
    const { holds, waits } = spaceTime(steps);
    expect(waits).toEqual([{ task: 1, lock: 'g', mode: 'W', from: 1, to: 3, blockers: [0], wokenBy: 0 }]);
    expect(holds).toEqual([
      { task: 0, lock: 'g', mode: 'R', from: 0, to: 3 },
      { task: 1, lock: 'g', mode: 'W', from: 3, to: 6 },
      { task: 1, lock: 'g', mode: 'R', from: 6, to: null },
    ]);
    expect(steps.map((step) => step.events.map(({ op, task, by }) => `${op} ${task} by ${by}`))).toEqual([
      ['acquire 0 by 0'],
      ['wait 1 by 1'],
      [],
      ['wake 1 by 0', 'release 0 by 0', 'acquire 1 by 0'],
      [],
      [],
      ['downgrade 1 by 1'],
      [],
    ]);
    expect(steps[2]!.changes).toEqual([{ what: 'x', from: '0', to: '1' }]);
  });

  it('of VMAs are among them', async () => {
    const c = `
      void reader(struct mm_struct *mm)
      {
        struct vm_area_struct *vma = lock_vma_under_rcu(mm, 0x2000);

        if (vma)
          vma_end_read(vma);
      }
      void writer(struct mm_struct *mm, struct vm_area_struct *vma)
      {
        mmap_write_lock(mm);
        vma_start_write(vma);
        mmap_write_unlock(mm);
      }
    `;
    const session = openSession(await programOf(c, ['reader(mm)', 'writer(mm, A)']));
    session.move(0);
    while (session.tasks()[1]!.canMove) session.move(1);
    while (session.move(0) !== null);
    while (session.move(1) !== null);
    const { holds, waits } = spaceTime(session.trace().steps);
    expect(holds).toContainEqual({ task: 0, lock: 'A', mode: 'R', from: 0, to: expect.any(Number) });
    expect(holds).toContainEqual(expect.objectContaining({ task: 1, lock: 'A', mode: 'W' }));
    expect(waits).toMatchObject([{ task: 1, lock: 'A.vm_refcnt', blockers: [0], wokenBy: 0 }]);
    expect(holds.every((span) => span.to !== null)).toBe(true);
  });

  it('leave parts of a state that do not change as they are, so that a long trace stays small', async () => {
    const c = 'void one(void) { x = 1; mutex_lock(&g); x = 2; mutex_unlock(&g); } void two(void) { x = 3; }';
    const session = openSession(await programOf(c, ['one()', 'two()']));
    while (session.move(0) !== null);
    const { before, steps } = session.trace();
    expect(steps[0]!.after).toBe(before);
    expect(steps[1]!.after).not.toBe(before);
    expect(steps[1]!.after.vmas).toBe(before.vmas);
    expect(steps[2]!.after).toBe(steps[1]!.after);
  });
});

describe('an exploration in slices', () => {
  it('ends with the same verdict, and says how far it has come', async () => {
    const c = ['one', 'two', 'three']
      .map((name) => `void ${name}(void) { for (int i = 0; i < 12; i++) a++; }`)
      .join('\n');
    const search = exploration(await programOf(c, ['one()', 'two()', 'three()']), { now });
    const seen = [search.next(), search.next(), search.next()].map((step) =>
      step.done === true ? 0 : step.value.transitions,
    );
    expect(seen[0]).toBeGreaterThan(0);
    expect(seen[1]).toBeGreaterThan(seen[0]!);
    expect(seen[2]).toBeGreaterThan(seen[1]!);
  });

  it('is given up where the caller says so', async () => {
    let isCancelled = false;
    const search = exploration(
      await programOf(CROSSED.replace('mutex_lock(&g); mutex_lock(&h)', 'mutex_lock(&h); mutex_lock(&g)'), [
        'one()',
        'two()',
      ]),
      {
        now,
        cancelled: () => isCancelled,
      },
    );
    isCancelled = true;
    let step = search.next();
    while (step.done !== true) step = search.next();
    expect(step.value).toMatchObject({ verdict: 'not-finished', reason: 'it was cancelled' });
  });
});
