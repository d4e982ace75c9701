/**
 * How long a step of the built panel keeps the browser's main thread busy, at 10,000 steps of trace: for the bench,
 * which runs it in a process of its own and reads what it prints.
 */

// @ts-expect-error a script of the test host, without types
import { ensureChromium } from '../host/install.mjs';
import { CATALOGUE, longMoves, SOURCE, simulation } from './fake-simulation.ts';
import { type PanelPage, startPanelBrowser } from './page.ts';

const LENGTH = 10_000;
const STEPS = 200;

/** The times of steps, sorted. */
const browser = await startPanelBrowser(ensureChromium());
try {
  const panel = await browser.open();
  await panel.tell(...simulation(longMoves(LENGTH)), CATALOGUE, SOURCE, { type: 'busy', what: null });
  console.log(JSON.stringify({ trace: LENGTH, times: await stepTimes(panel) }));
} finally {
  await browser.close();
}

/** Milliseconds of script, style, layout and paint of each step, sorted. */
async function stepTimes({ page, tell }: PanelPage): Promise<number[]> {
  const client = await page.context().newCDPSession(page);
  await client.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busy = async () => {
    // Two frames: what the step has changed is on the screen.
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(null)))),
    );
    const { metrics } = await client.send('Performance.getMetrics');
    return 1000 * metrics.find(({ name }) => name === 'TaskDuration')!.value;
  };
  await tell({ type: 'position', position: LENGTH / 2 });
  let before = await busy();
  // What waiting for two frames and asking costs by itself.
  const idle: number[] = [];
  for (let i = 0; i < 20; i++) {
    const now = await busy();
    idle.push(now - before);
    before = now;
  }
  const overhead = idle.sort((a, b) => a - b)[10]!;
  const times: number[] = [];
  for (let i = 1; i <= STEPS; i++) {
    await tell({ type: 'position', position: LENGTH / 2 + i });
    const now = await busy();
    times.push(Math.max(0, now - before - overhead));
    before = now;
  }
  return times.sort((a, b) => a - b);
}
