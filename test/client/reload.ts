import { strict as assert } from 'node:assert';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { extensionApi, open, until, workspaceFile } from './editor.ts';
import { runMocha } from './runner.ts';

/** What the window knew before it was loaded again. The window's folder is this run's own. */
const kept = () => workspaceFile('before-reload.json').fsPath;
const STEP = 3;

/** VS Code's entry to the suite that loads its window again: run twice, before and after. */
export const run = (): Promise<void> => (existsSync(kept()) ? runMocha(after) : before());

/** Opens a panel, goes to a step, and loads the window again: what follows is another run. */
async function before(): Promise<void> {
  await open(workspaceFile('series.mbox'));
  const simulations = await (await extensionApi()).simulations();
  const shown = await simulations.simulate({
    uri: workspaceFile('series.mbox').toString(),
    function: 'pinboard_add',
    scenario: 'custom',
    explore: true,
  });
  const { simulation, panel } = shown!;
  await until(
    () => panel.isReady,
    () => 'the panel has not been heard of',
  );
  simulation.seek(STEP);
  // The panel keeps its state soon, not at once; the window keeps the panel's soon after.
  await new Promise((done) => setTimeout(done, 5000));
  writeFileSync(kept(), JSON.stringify(simulation.file()));
  await vscode.commands.executeCommand('workbench.action.reloadWindow');
  await new Promise(() => {});
}

function after(): void {
  describe('a window that was loaded again', function () {
    this.timeout(120_000);

    it('shows the simulation at the same step', async () => {
      const simulations = await (await extensionApi()).simulations();
      await until(
        () => simulations.all()[0]?.simulation.main !== null && simulations.all().length === 1,
        () => `${simulations.all().length} simulations are open`,
      );
      const { simulation } = simulations.all()[0]!;
      await until(
        () => simulation.position === STEP,
        () => `it is at ${simulation.position}`,
      );
      assert.deepEqual(simulation.file(), JSON.parse(readFileSync(kept(), 'utf8')));
    });
  });
}
