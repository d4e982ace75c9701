import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { closeAll, diagnosticsWhen, EXTENSION, extensionApi, open, ruleOf, workspaceFile } from './editor.ts';
import { runMocha } from './runner.ts';

/** VS Code's entry to the suite of the installed package. */
export const run = (): Promise<void> =>
  runMocha(() => {
    describe('the installed package', () => {
      afterEach(closeAll);

      it('is what runs, not the sources', () => {
        const { extensionPath = '' } = vscode.extensions.getExtension(EXTENSION) ?? {};
        assert.match(extensionPath, /[/\\]extensions[/\\]kernel-lock-review\.kernel-lock-review-\d/);
      });

      it('activates, and reviews a patch', async () => {
        await extensionApi();
        const series = workspaceFile('series.mbox');
        await open(series);
        const found = await diagnosticsWhen(series, (all) => all.length > 0);
        assert.ok(found.some((one) => ruleOf(one) === 'null-lock-argument'));
      });

      it('has the sample that its command opens', async () => {
        await vscode.commands.executeCommand('lockReview.openSample');
        assert.match(vscode.window.activeTextEditor?.document.getText() ?? '', /^From /);
      });
    });
  });
