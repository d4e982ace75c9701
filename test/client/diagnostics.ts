import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { closeAll, diagnosticsWhen, open, ruleOf, screenshot, workspaceFile } from './editor.ts';

export function declareDiagnosticsTests(): void {
  describe('diagnostics of a patch', () => {
    afterEach(closeAll);

    it('appear on the lines of an opened mbox', async () => {
      const document = await open(workspaceFile('series.mbox'));
      assert.equal(document.languageId, 'diff');
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, new vscode.Position(0, 0), '+FINDING lock-leak\n');
      await vscode.workspace.applyEdit(edit);
      const found = await diagnosticsWhen(document.uri, (all) => all.length > 0);
      assert.equal(ruleOf(found[0]!), 'lock-leak');
      await screenshot('first');
    });
  });
}
