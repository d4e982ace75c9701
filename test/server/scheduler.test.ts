import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createScheduler, LONGEST_WAIT, SHORTEST_WAIT, waitAfter } from '../../extension/server/scheduler.ts';

describe('the wait before an analysis', () => {
  it('is never shorter or longer than its bounds', () => {
    expect(waitAfter([1, 2, 3])).toBe(SHORTEST_WAIT);
    expect(waitAfter([9_000, 9_000, 10])).toBe(LONGEST_WAIT);
  });
  it('is the median of the last durations in between', () => {
    expect(waitAfter([90, 400, 110])).toBe(110);
  });
  it('is within the bounds before anything was analysed', () => {
    expect(waitAfter([])).toBeGreaterThanOrEqual(SHORTEST_WAIT);
    expect(waitAfter([])).toBeLessThanOrEqual(LONGEST_WAIT);
  });
});

describe('the scheduler', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('makes one analysis of a burst of edits', async () => {
    const scheduler = createScheduler();
    const work = vi.fn(async () => {});
    for (let edit = 0; edit < 5; edit++) {
      void scheduler.schedule('a', work);
      await vi.advanceTimersByTimeAsync(SHORTEST_WAIT - 20);
    }
    await vi.advanceTimersByTimeAsync(LONGEST_WAIT);
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('keeps documents apart', async () => {
    const scheduler = createScheduler();
    const seen: string[] = [];
    for (const key of ['a', 'b'])
      void scheduler.schedule(key, async () => {
        seen.push(key);
      });
    await vi.advanceTimersByTimeAsync(LONGEST_WAIT);
    expect(seen).toEqual(['a', 'b']);
  });

  it('tells a running analysis that an edit has overtaken it', async () => {
    const scheduler = createScheduler();
    let first: AbortSignal | undefined;
    void scheduler.schedule('a', async (signal) => {
      first = signal;
      await new Promise((resolve) => setTimeout(resolve, 10_000));
    });
    await vi.advanceTimersByTimeAsync(LONGEST_WAIT);
    expect(first?.aborted).toBe(false);
    void scheduler.schedule('a', async () => {});
    expect(first?.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(20_000);
  });

  it('drops what waits when its document is closed, and lets those who wait for it go on', async () => {
    const scheduler = createScheduler();
    const work = vi.fn(async () => {});
    const done = scheduler.schedule('a', work);
    scheduler.cancel('a');
    await vi.advanceTimersByTimeAsync(LONGEST_WAIT);
    await done;
    expect(work).not.toHaveBeenCalled();
  });

  it('does not wait when asked for a review now', async () => {
    const scheduler = createScheduler();
    const work = vi.fn(async () => {});
    const done = scheduler.schedule('a', work, true);
    await vi.advanceTimersByTimeAsync(0);
    await done;
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('lets those who wait for an overtaken analysis wait for the one after it', async () => {
    const scheduler = createScheduler();
    const ended: string[] = [];
    void scheduler.schedule('a', async () => {}, true).then(() => ended.push('first'));
    void scheduler.schedule('a', async () => {}).then(() => ended.push('second'));
    await vi.advanceTimersByTimeAsync(0);
    expect(ended).toEqual([]);
    await vi.advanceTimersByTimeAsync(LONGEST_WAIT);
    expect(ended).toEqual(['first', 'second']);
  });

  it('waits longer after slow analyses', async () => {
    let clock = 0;
    const scheduler = createScheduler(() => clock);
    const slow = async () => {
      clock += 400;
    };
    void scheduler.schedule('a', slow);
    await vi.advanceTimersByTimeAsync(LONGEST_WAIT);
    const work = vi.fn(async () => {});
    void scheduler.schedule('a', work);
    await vi.advanceTimersByTimeAsync(399);
    expect(work).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('passes on the error of a failed analysis and can be used again', async () => {
    const scheduler = createScheduler();
    const failed = scheduler.schedule('a', async () => {
      throw new Error('no');
    });
    const seen = expect(failed).rejects.toThrow('no');
    await vi.advanceTimersByTimeAsync(LONGEST_WAIT);
    await seen;
    const work = vi.fn(async () => {});
    void scheduler.schedule('a', work);
    await vi.advanceTimersByTimeAsync(LONGEST_WAIT);
    expect(work).toHaveBeenCalledTimes(1);
  });
});
