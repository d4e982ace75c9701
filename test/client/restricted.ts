import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { closeAll, diagnosticsWhen, extensionApi, open, ruleOf, until, workspaceFile } from './editor.ts';
import { runMocha } from './runner.ts';

/** VS Code's entry to the suite of a workspace that is not trusted. */
export const run = (): Promise<void> =>
  runMocha(() => {
    describe('a workspace that is not trusted', () => {
      afterEach(closeAll);

      it('is in Restricted Mode, with the extension in it', async () => {
        assert.equal(vscode.workspace.isTrusted, false);
        await extensionApi();
      });

      it('has its patches reviewed', async () => {
        const series = workspaceFile('series.mbox');
        await open(series);
        const found = await diagnosticsWhen(series, (all) => all.length > 0);
        assert.ok(found.some((d) => ruleOf(d) === 'null-lock-argument'));
      });

      it('cannot hide a finding by its own settings or its own configuration file', async () => {
        const settings = vscode.workspace.getConfiguration('lockReview');
        const hide = { 'null-lock-argument': 'off' };
        await settings.update('rules', hide, vscode.ConfigurationTarget.Workspace);
        writeFileSync(workspaceFile('tree/.lock-review.json').fsPath, JSON.stringify({ rules: hide }));
        const series = workspaceFile('series.mbox');
        await open(series);
        await vscode.commands.executeCommand('lockReview.reviewFile');
        await diagnosticsWhen(series, (all) => all.some((d) => ruleOf(d) === 'null-lock-argument'));
      });

      it('cannot send the server to a tree elsewhere', async () => {
        const settings = vscode.workspace.getConfiguration('lockReview');
        await settings.update('tree', '/etc', vscode.ConfigurationTarget.Workspace);
        await open(workspaceFile('series.mbox'));
        const session = await (await extensionApi()).session();
        await until(
          () => session.status().running === 0 && session.status().tree === workspaceFile('tree').fsPath,
          () => JSON.stringify(session.status()),
        );
      });
    });
  });
