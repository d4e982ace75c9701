import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Reviewer, ReviewRequest } from '../../extension/server/index.ts';
import {
  createWorkerReviewer,
  WORKER_LIMITS,
  type WorkerLimits,
} from '../../extension/server/worker-reviewer.ts';
import { buildFakeServer } from './bundle.ts';

let worker: string;
let reviewer: Reviewer | undefined;

beforeAll(async () => {
  ({ worker } = await buildFakeServer('worker-reviewer'));
});
afterEach(async () => {
  await reviewer?.dispose();
  reviewer = undefined;
});

const request = (text: string): ReviewRequest => ({
  key: text,
  subject: { kind: 'patches', inputs: [{ name: 'a.patch', text }] },
  tree: null,
  overlay: {},
  mayExecute: false,
  cache: false,
  all: false,
  config: {},
  rules: {},
});
const start = (limits: Partial<WorkerLimits> = {}) => {
  reviewer = createWorkerReviewer(worker, { ...WORKER_LIMITS, ...limits });
  return reviewer;
};
const never = new AbortController().signal;
const findings = async (text: string) =>
  (await reviewer!.ask(request(text), { kind: 'review' }, never)).findings.length;

describe('the engine on a thread of its own', () => {
  it('reviews', async () => {
    start();
    expect(await findings('+FINDING lock-leak\n+FINDING double-lock\n')).toBe(2);
  });
  it('reviews one after the other what is asked at the same time', async () => {
    start();
    expect(await Promise.all([findings('+FINDING a\n'), findings(''), findings('+FINDING a\n')])).toEqual([
      1, 0, 1,
    ]);
  });
  it('rejects one analysis that throws, and does the next', async () => {
    start();
    await expect(findings('CRASH')).rejects.toThrow('crashed as asked');
    expect(await findings('+FINDING a\n')).toBe(1);
  });
  it('rejects one analysis that ends its thread, and does the next, also when that waited', async () => {
    start();
    const lost = findings('EXIT');
    const waiting = findings('+FINDING a\n');
    await expect(lost).rejects.toThrow('status 7');
    expect(await waiting).toBe(1);
  });
  it('ends an analysis that hangs, and does the next', async () => {
    start({ longest: 3000 });
    await expect(findings('HANG')).rejects.toThrow('longer than');
    expect(await findings('+FINDING a\n')).toBe(1);
  });
  it('tells the engine that nobody wants its answer', async () => {
    start();
    const abort = new AbortController();
    const cancelled = reviewer!.ask(request('SPIN'), { kind: 'review' }, abort.signal);
    abort.abort();
    // The engine saw the flag and ended by itself; without the flag it would spin for ever.
    expect((await cancelled).findings).toEqual([]);
  });
  it('ends a thread that does not look at the flag', async () => {
    start({ grace: 100 });
    const abort = new AbortController();
    const cancelled = reviewer!.ask(request('HANG'), { kind: 'review' }, abort.signal);
    abort.abort();
    await expect(cancelled).rejects.toThrow('cancelled');
    expect(await findings('+FINDING a\n')).toBe(1);
  });
  it('does not begin what was cancelled while it waited', async () => {
    start();
    const abort = new AbortController();
    const first = findings('+FINDING a\n');
    const second = reviewer!.ask(request('EXIT'), { kind: 'review' }, abort.signal);
    abort.abort();
    expect(await first).toBe(1);
    await expect(second).rejects.toThrow('cancelled');
  });
  it('rejects what waits when the server shuts down', async () => {
    start();
    const running = findings('HANG');
    const waiting = findings('');
    const ends = Promise.all([
      expect(running).rejects.toThrow(),
      expect(waiting).rejects.toThrow('shutting down'),
    ]);
    await reviewer!.dispose();
    await ends;
    await expect(findings('')).rejects.toThrow('shutting down');
  });
});
