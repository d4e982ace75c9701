import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Result } from 'axe-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PanelMessage } from '../../media/panel/messages.ts';
// @ts-expect-error a script of the test host, without types
import { ensureChromium } from '../host/install.mjs';
import { ROOT } from '../server/bundle.ts';
import { CATALOGUE, CHOICE, longMoves, MOVES, SOURCE, simulation, VIOLATION } from './fake-simulation.ts';
import { type PanelBrowser, type PanelPage, startPanelBrowser, THEMES } from './page.ts';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
let browser: PanelBrowser;
let panel: PanelPage;

beforeAll(async () => {
  browser = await startPanelBrowser(ensureChromium());
});
afterAll(() => browser?.close());
afterEach(async () => {
  expect(panel.errors).toEqual([]);
  await panel.page.close();
});

async function opened(options: Parameters<PanelBrowser['open']>[0] = {}): Promise<PanelPage> {
  panel = await browser.open(options);
  await panel.tell(
    ...simulation(),
    CATALOGUE,
    SOURCE,
    { type: 'position', position: 0 },
    { type: 'busy', what: null },
  );
  await panel.page.locator('.trace .row').first().waitFor();
  return panel;
}

const last = <T extends PanelMessage['type']>(type: T) =>
  panel.said.findLast((message): message is Extract<PanelMessage, { type: T }> => message.type === type);
const announced = () => panel.page.locator('[role=status]').textContent();
/** Waits until the panel shows a position. */
const shows = (position: number) =>
  expect.poll(() => panel.page.locator('.position').textContent()).toBe(`${position} / ${MOVES.length}`);
/** Waits until the panel has said something. */
const says = (message: Partial<PanelMessage>) =>
  expect.poll(() => panel.said).toContainEqual(expect.objectContaining(message));

describe('the built panel', () => {
  it('is one script and one style sheet, below 300 kB', async () => {
    await opened();
    const size = (name: string) => statSync(path.join(ROOT, '.vscode-test/panel', name)).size;
    expect(size('panel.js') + size('panel.css')).toBeLessThan(300 * 1024);
    expect(existsSync(path.join(ROOT, '.vscode-test/panel/panel.js.map'))).toBe(false);
  });

  it('shows each task, the locks, the VMAs and the steps', async () => {
    const { page } = await opened();
    await panel.tell({ type: 'position', position: 2 });
    await shows(2);
    expect(await page.locator('.source .task').allTextContents()).toEqual(['reader', 'writer']);
    expect(await page.locator('.locks tbody tr').first().innerText()).toMatch(
      /mm\.mmap_lock\s+reader \(R\)\s+writer \(W\)/,
    );
    expect(await page.locator('.space').getAttribute('aria-label')).toContain('A from 0x1000 to 0x3000');
    expect(await page.locator('.trace .row').count()).toBe(MOVES.length + 1);
    expect(await page.locator('.bar.wait').count()).toBe(1);
    expect(await page.locator('.arrow.wait').count()).toBe(1);
    expect(await page.locator('.line.added').innerText()).toContain('mmap_read_lock(mm);');
    expect(await page.locator('.message.violation').innerText()).toContain(VIOLATION.message);
  });

  it('is used by the keyboard alone, and says each step', async () => {
    const { page } = await opened();
    await page.keyboard.press('ArrowRight');
    await shows(1);
    expect(await announced()).toBe(
      'Step 1 of 5: reader, mmap_read_lock(mm). reader holds mm.mmap_lock for reading.',
    );
    await page.keyboard.press('Shift+ArrowRight');
    await shows(2);
    expect(await announced()).toContain('writer waits for mm.mmap_lock');
    await page.keyboard.press('v');
    await shows(5);
    expect(await announced()).toContain(`Violation: ${VIOLATION.message}`);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Shift+ArrowLeft');
    await shows(2);
    await page.keyboard.press('Home');
    await shows(0);
    await page.keyboard.press('2');
    await says({ type: 'move', position: 0, task: 1, choices: [] });
    await page.keyboard.press('e');
    await says({ type: 'explore' });
    await page.keyboard.press('c');
    await expect.poll(() => last('copy')?.text).toContain('mm/pool.c:10  mmap_read_lock(mm);');
  });

  it('shows the line that a task is at, however long the function is', async () => {
    const { page } = await opened();
    const lines = Array.from({ length: 200 }, (_, i) => ({
      before: i + 1,
      after: i + 1,
      text: `\tline(${i + 1});`,
      input: null,
    }));
    const place = { file: 'mm/pool.c', line: 150, function: 'pool_get', text: 'line(150);' };
    const source = { file: 'mm/pool.c', function: 'pool_get', lines };
    await panel.tell(
      ...simulation([{ ...MOVES[0]!, next: place }], 0, null),
      { type: 'source', side: 0, source },
      { type: 'position', position: 1 },
    );
    const at = page.getByRole('listbox', { name: 'mm/pool.c, pool_get()' }).locator('.line.at');
    await expect.poll(() => at.innerText()).toContain('line(150);');
    const [row, box] = [await at.boundingBox(), await page.locator('.code-box').first().boundingBox()];
    expect(row!.y).toBeGreaterThan(box!.y);
    expect(row!.y + row!.height).toBeLessThan(box!.y + box!.height);
  });

  it('asks for the code again where another simulation begins at the same place', async () => {
    await opened();
    const asked = () =>
      panel.said.filter((one) => one.type === 'source' && one.function === 'pool_get').length;
    await expect.poll(asked).toBe(1);
    await panel.tell(...simulation());
    await expect.poll(asked).toBe(2);
  });

  it('gives the code no ground of its own, whatever VS Code has for code in a page', async () => {
    const { page } = await opened();
    const grounds = await page.evaluate(() =>
      [...document.querySelectorAll('code')].map((code) => getComputedStyle(code).backgroundColor),
    );
    expect(new Set(grounds)).toEqual(new Set(['rgba(0, 0, 0, 0)']));
  });

  it('reaches every control with Tab', async () => {
    const { page } = await opened();
    const controls = await page.evaluate(() => {
      const all = [
        ...document.querySelectorAll<HTMLElement>(
          'button:enabled, input, vscode-single-select, [tabindex="0"]',
        ),
      ];
      for (const [i, element] of all.entries()) element.dataset.control = String(i);
      return all.map((element) => element.outerHTML.slice(0, 100));
    });
    const unreached = new Set(controls.keys());
    for (let i = 0; i < controls.length + 5; i++) {
      await page.keyboard.press('Tab');
      unreached.delete(
        await page.evaluate(() => Number((document.activeElement as HTMLElement).dataset.control ?? -1)),
      );
    }
    expect([...unreached].map((i) => controls[i])).toEqual([]);
  });

  it('goes through the trace with the arrow keys, and opens a place with Enter', async () => {
    const { page } = await opened();
    await page.locator('.trace').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await shows(2);
    await page.keyboard.press('Enter');
    await says({ type: 'open', side: 0, file: 'mm/pool.c', line: 30 });
    await page.getByLabel('Lock operations only').check();
    await expect.poll(() => page.locator('.trace .row').count()).toBe(5);
  });

  it('opens what is clicked, and runs to a line', async () => {
    const { page } = await opened();
    await page.locator('.line').nth(4).click();
    await says({ type: 'open', side: 0, file: 'mm/pool.c', line: 11 });
    await page
      .locator('.line')
      .nth(5)
      .click({ modifiers: ['Alt'] });
    await says({ type: 'runToLine', position: 0, task: 0, file: 'mm/pool.c', line: 12 });
    panel.said.length = 0;
    // By the keys from the line that the task is at.
    await page.getByRole('listbox', { name: 'mm/pool.c, pool_get()' }).focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp', 'Enter']) await page.keyboard.press(key);
    await says({ type: 'open', side: 0, file: 'mm/pool.c', line: 11 });
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Alt+Enter');
    await says({ type: 'runToLine', position: 0, task: 0, file: 'mm/pool.c', line: 13 });
    await page.locator('.trace .row').nth(3).click();
    await shows(3);
    await panel.tell({ type: 'position', position: 1 });
    await page.locator('.locks .link').first().click();
    await says({ type: 'open', side: 0, file: 'mm/pool.c', line: 10 });
  });

  it('tells who holds a lock, since when, and its contract', async () => {
    const { page } = await opened();
    await panel.tell(
      { type: 'position', position: 2 },
      { type: 'contracts', contracts: { mmap_read_lock: 'mmap_read_lock()\n  may sleep' } },
    );
    await shows(2);
    await page.locator('.locks .link').first().focus();
    const about = page.getByRole('tooltip');
    await about.waitFor();
    const text = await about.innerText();
    expect(text).toContain('reader holds it for reading since step 1');
    expect(text).toContain('writer waits for mm.mmap_lock since step 2');
    expect(text).toContain('may sleep');
  });

  it('asks for another scenario, function, image or configuration', async () => {
    const { page } = await opened();
    const choose = async (label: string, option: string) => {
      const select = page.locator(`vscode-single-select[label="${label}"]`);
      await select.click();
      await select.getByRole('option', { name: option, exact: true }).click();
    };
    await choose('Scenario', 'custom');
    await says({ type: 'choose', choice: { ...CHOICE, scenario: 'custom' } });
    await choose('Code', 'without the patch');
    await says({ type: 'choose', choice: { ...CHOICE, image: 'before' } });
    await page.getByText('Configuration, tasks and addresses').click();
    await choose('CONFIG_POOL_DEBUG', 'n');
    await says({ type: 'choose', choice: { ...CHOICE, configuration: { CONFIG_POOL_DEBUG: 'n' } } });
    await page.getByRole('checkbox', { name: 'writer' }).uncheck();
    await says({ type: 'choose', choice: { ...CHOICE, own: { tasks: ['reader'], vmas: [] } } });
    await page.getByLabel('End of A').fill('0x5000');
    await page.getByText('Use these addresses').click();
    await says({
      type: 'choose',
      choice: {
        ...CHOICE,
        own: { tasks: ['reader', 'writer'], vmas: [{ name: 'A', start: 0x1000, end: 0x5000 }] },
      },
    });
  });

  it('offers every function of the files in question for each part', async () => {
    const { page } = await opened();
    await page.getByText('Configuration, tasks and addresses').click();
    const labels = ['Function', 'First function', 'Second function', 'Third function'];
    for (const label of labels) {
      const options = page.locator(`vscode-single-select[label="${label}"] vscode-option`);
      expect(await options.allInnerTexts()).toEqual(expect.arrayContaining(['pool_get', 'pool_drain']));
    }
  });

  it('has a button for each result of a step that has several', async () => {
    const { page } = await opened();
    const choices = [
      { taken: 0, of: 1 },
      { taken: 1, of: 3 },
    ];
    const notes = ['copy_from_user(): 2 of 3'];
    await panel.tell(...simulation([MOVES[0]!, { ...MOVES[2]!, choices, notes }], 0, null), {
      type: 'position',
      position: 2,
    });
    const results = page.getByRole('group', { name: 'Results of copy_from_user()' }).getByRole('button');
    await expect.poll(() => results.allInnerTexts()).toEqual(['result 1', 'result 2', 'result 3']);
    expect(await results.nth(1).getAttribute('aria-pressed')).toBe('true');
    await results.nth(2).click();
    await says({ type: 'move', position: 1, task: 0, choices: [0, 2] });
    await panel.tell({ type: 'position', position: 1 });
    await expect.poll(() => results.count()).toBe(0);
  });

  it('plays, explores with progress, and can be stopped', async () => {
    const { page } = await opened();
    await page.keyboard.press('Space');
    await shows(2);
    await page.keyboard.press('Space');
    await panel.tell({ type: 'exploring', what: 'trying every interleaving', milliseconds: 1500 });
    await page.getByText('trying every interleaving, 1.5 s').waitFor();
    await page.getByLabel('Cancel the exploration').click();
    await says({ type: 'cancel' });
  });

  it('puts two simulations side by side, and finds where they differ', async () => {
    const { page } = await opened();
    await panel.tell(...simulation([MOVES[0]!, MOVES[2]!], 1, null));
    await expect.poll(() => page.locator('.column').count()).toBe(2);
    await page.getByText('First difference at step 2').click();
    await says({ type: 'seek', position: 2 });
    await page.getByLabel('End the comparison').click();
    await says({ type: 'compare', with: null });
  });

  it('exports the diagram and the session', async () => {
    const { page } = await opened();
    await page.getByLabel('Export the diagram as SVG').click();
    await expect
      .poll(() => last('saveDiagram')?.svg)
      .toMatch(/^<svg xmlns=[\s\S]*WARN_ON\(pool-&gt;used[\s\S]*<\/svg>\n$/);
    await page.getByLabel('Export the session').click();
    await says({ type: 'saveSession' });
  });

  it('keeps for a reload where it is and how it looks', async () => {
    const { page } = await opened();
    await panel.tell({ type: 'keep', session: sessionAt(0) });
    await page.keyboard.press('l');
    await page.keyboard.press('ArrowRight');
    await expect
      .poll(() => panel.kept())
      .toMatchObject({ session: { position: 1 }, view: { onlyLocks: true } });
    // As one goes on, what is new is told; the inputs stay.
    const { choice, schedule, second } = { ...sessionAt(0), schedule: 'v1:1.1' };
    await panel.tell({ type: 'keepOn', choice, schedule, second, position: 1 });
    await expect
      .poll(() => panel.kept())
      .toMatchObject({ session: { schedule, inputs: sessionAt(0).inputs } });
    const kept = await panel.kept();
    await page.close();
    await opened({ kept });
    expect(await panel.page.getByLabel('Lock operations only').isChecked()).toBe(true);
  });

  it('has only the rows in sight in the document, and steps among 10,000', async () => {
    const { page } = await opened({ height: 900 });
    await panel.tell(...simulation(longMoves(10_000)), { type: 'position', position: 9_000 });
    await expect.poll(() => page.locator('.position').textContent()).toBe('9000 / 10000');
    expect(await page.locator('.trace .row').count()).toBeLessThan(60);
    expect(await page.locator('.diagram circle').count()).toBeLessThan(400);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.locator('.row.current').innerText()).toContain('9001');
  });
});

describe('the panel for everyone', () => {
  it.each(THEMES)('has nothing that axe finds wrong in the theme %s', async (theme) => {
    const { page } = await opened({ theme });
    await panel.tell({ type: 'position', position: 2 });
    await page.getByText('Configuration, tasks and addresses').click();
    // The content security policy keeps scripts out of the page: evaluated, not added.
    const { readFileSync } = await import('node:fs');
    await page.evaluate(readFileSync(axe, 'utf8'));
    const violations = await page.evaluate(async () => {
      const { axe: run } = window as unknown as { axe: { run(): Promise<{ violations: Result[] }> } };
      const { violations: found } = await run.run();
      return found.flatMap(({ id, nodes }) =>
        nodes.map(({ html, any }) => `${id}: ${html.slice(0, 120)} ${any[0]?.message ?? ''}`),
      );
    });
    expect(violations).toEqual([]);
  });

  it('needs no scrolling sideways at 400 pixels', async () => {
    const { page } = await opened({ width: 400 });
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    expect(widths[0]).toBeLessThanOrEqual(widths[1]!);
  });

  it('does not move by itself where less motion is asked for', async () => {
    const { page } = await opened();
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const moving = await page.evaluate(
      () =>
        [...document.querySelectorAll('main *')].filter((element) => {
          const style = getComputedStyle(element);
          return style.animationName !== 'none' || !/^(0s|all)?$|none|0s/.test(style.transitionDuration);
        }).length,
    );
    expect(moving).toBe(0);
  });
});

function sessionAt(position: number) {
  return {
    lockReviewSession: 1 as const,
    inputs: { patches: [{ name: 'pool.patch', text: 'diff' }], sources: [] },
    tree: '/linux',
    document: null,
    choice: CHOICE,
    schedule: 'v1:0.1,1.1,0.2,1.1',
    position,
    second: null,
  };
}
