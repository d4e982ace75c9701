/** What `npm run pictures` does inside VS Code: shows the sample as the README has it, and asks for a picture. */
import * as vscode from 'vscode';
import {
  closeAll,
  diagnosticsWhen,
  extensionApi,
  open,
  ruleOf,
  screenshot,
  until,
  workspaceFile,
} from './editor.ts';

const SETTLED = 4000;
const settle = () => new Promise((resolve) => setTimeout(resolve, SETTLED));

/** VS Code's entry. */
export async function run(): Promise<void> {
  const series = workspaceFile('series.mbox');
  await extensionApi();
  await open(series);
  const found = await diagnosticsWhen(series, (all) =>
    all.some((one) => ruleOf(one) === 'null-lock-argument'),
  );
  const session = await (await extensionApi()).session();
  await until(
    () => session.status().running === 0,
    () => 'the review does not end',
  );
  const wrong = found.find((one) => ruleOf(one) === 'null-lock-argument')!;
  const editor = vscode.window.activeTextEditor!;
  editor.selection = new vscode.Selection(wrong.range.start, wrong.range.start);
  editor.revealRange(wrong.range, vscode.TextEditorRevealType.InCenter);
  await vscode.commands.executeCommand('workbench.actions.view.problems');
  await vscode.commands.executeCommand('lockReview.series.focus');
  await settle();
  await screenshot('series');
  await vscode.commands.executeCommand('workbench.action.closePanel');
  await open(series);
  await vscode.commands.executeCommand('editor.action.showHover');
  await settle();
  await screenshot('hover');
  // Nothing of the hover stays over the panel.
  await closeAll();
  await open(series);
  const given = { function: 'pinboard_add', scenario: 'custom', explore: true };
  const simulations = await (await extensionApi()).simulations();
  const shown = await simulations.simulate({ uri: series.toString(), ...given });
  await until(
    () => shown?.panel.isReady === true,
    () => 'the panel has not been heard of',
  );
  await vscode.commands.executeCommand('workbench.action.closeSidebar');
  await settle();
  await screenshot('simulation');
}
