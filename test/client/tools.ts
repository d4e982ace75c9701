import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { extensionApi, workspaceFile } from './editor.ts';

const ask = async (name: string, input: object): Promise<string> => {
  const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
  const [part] = content;
  assert.ok(part instanceof vscode.LanguageModelTextPart);
  return part.value;
};

export function declareToolTests(): void {
  describe('the tools for assistants', () => {
    before(extensionApi);

    it('are known to VS Code with their schemas', () => {
      const own = vscode.lm.tools.filter(({ name }) => name.startsWith('lock_review_'));
      assert.deepEqual(own.map(({ name }) => name).sort(), ['lock_review_check', 'lock_review_simulate']);
      for (const { inputSchema } of own) assert.ok(inputSchema !== undefined && 'properties' in inputSchema);
    });

    it('check a patch against the tree of the workspace', async () => {
      const patch = readFileSync(workspaceFile('series.mbox').fsPath, 'utf8');
      const report = JSON.parse(await ask('lock_review_check', { patch }));
      const rules = report.findings.map((finding: { rule: string }) => finding.rule);
      // The last is in a file that the patch does not touch.
      for (const rule of ['null-lock-argument', 'stale-config'])
        assert.ok(rules.includes(rule), rules.join());
      assert.deepEqual(
        JSON.parse(await ask('lock_review_check', { input: 'series.mbox' })).findings,
        report.findings,
      );
    });

    it('say what is wrong with their input', async () => {
      await assert.rejects(ask('lock_review_check', { input: 'none.patch' }), /none\.patch: cannot be read/);
      await assert.rejects(ask('lock_review_check', {}), /expected either 'patch' or 'input'/);
    });
  });
}
