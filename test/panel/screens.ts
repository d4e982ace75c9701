/**
 * Pictures of the built panel with a real simulation in it, in each theme and at several widths, to be looked at:
 *
 *     npx tsx test/panel/screens.ts [FOLDER]      .vscode-test/screens/panel where no folder is named
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Simulation } from '../../extension/simulation/simulation.ts';
// @ts-expect-error a script of the test host, without types
import { ensureChromium } from '../host/install.mjs';
import { ROOT } from '../server/bundle.ts';
import { type PanelBrowser, type PanelPage, startPanelBrowser, THEMES } from './page.ts';
import { sampleSimulation } from './sample-simulation.ts';

const FOLDER = path.resolve(process.argv[2] ?? path.join(ROOT, '.vscode-test/screens/panel'));

/** A panel that shows a simulation, as the editor tells it. */
async function shown(
  browser: PanelBrowser,
  simulation: Simulation,
  options: Parameters<PanelBrowser['open']>[0],
): Promise<PanelPage> {
  const panel = await browser.open({
    ...options,
    onSay: async (message, from) => {
      if (message.type === 'source')
        await simulation.tellSource(message.side, message.file, message.function);
      if (message.type === 'ready') {
        const listening = simulation.listen((told) => void from.tell(told));
        from.page.once('close', () => listening.dispose());
        await from.tell(...simulation.whole(), { type: 'keep', session: simulation.file() });
      }
    },
  });
  await panel.page.locator('.trace .row').first().waitFor();
  // Every task's code is there, and the browser has drawn it.
  await panel.page.getByText(`${simulation.position} / `).waitFor();
  await panel.page.waitForFunction(() => document.querySelector('.code-box.empty, .busy') === null);
  await panel.page.waitForTimeout(300);
  return panel;
}

mkdirSync(FOLDER, { recursive: true });
const browser = await startPanelBrowser(ensureChromium());
const picture = async ({ page, errors }: PanelPage, name: string) => {
  await page.screenshot({ path: path.join(FOLDER, `${name}.png`), fullPage: true });
  if (errors.length > 0) throw new Error(`${name}: ${errors.join('; ')}`);
  await page.close();
  console.log(path.join(FOLDER, `${name}.png`));
};
try {
  const violated = await sampleSimulation({});
  await violated.explore();
  for (const theme of THEMES)
    for (const width of [400, 900, 1400])
      await picture(await shown(browser, violated, { theme, width }), `${theme}-${width}`);
  await violated.compare('image', '');
  for (const width of [400, 700, 1400])
    await picture(await shown(browser, violated, { theme: 'dark', width }), `compare-${width}`);
  const holds = await sampleSimulation({ scenario: '', functions: ['pinboard_add'], image: 'before' });
  await holds.explore();
  for (const theme of THEMES) {
    const panel = await shown(browser, holds, { theme, width: 900 });
    await panel.page.getByText('Configuration, tasks and addresses').click();
    await picture(panel, `details-${theme}`);
    const hovered = await shown(browser, violated, { theme, width: 900 });
    await hovered.page.locator('.locks .link').first().hover();
    await picture(hovered, `hover-${theme}`);
  }
} finally {
  await browser.close();
}
