import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import * as vscode from 'vscode';
import { closeAll, diagnosticsWhen, open, until, workspaceFile } from './editor.ts';

const some = (all: readonly unknown[]) => all.length > 0;

/** The process ids of the language servers that this extension host has started. */
function serverProcesses(): number[] {
  const list = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return list
    .split('\n')
    .filter((line) => line.includes('dist/server.cjs'))
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === process.pid)
    .map(([id = 0]) => id);
}

export function declareServerTests(): void {
  describe('the language server', () => {
    afterEach(closeAll);

    it('is started again with its documents when it dies', async () => {
      const series = workspaceFile('series.mbox');
      await open(series);
      await diagnosticsWhen(series, some);
      const [first] = serverProcesses();
      assert.ok(first !== undefined);
      process.kill(first, 'SIGKILL');
      await until(
        () => serverProcesses().some((id) => id !== first),
        () => 'no new server was started',
      );
      // The client dropped the dead server's diagnostics; the new one has been given the document.
      const edit = new vscode.WorkspaceEdit();
      edit.insert(series, new vscode.Position(0, 0), '\n');
      await vscode.workspace.applyEdit(edit);
      await diagnosticsWhen(series, some);
    });

    it('is started again by its command', async () => {
      const series = workspaceFile('series.mbox');
      await open(series);
      await diagnosticsWhen(series, some);
      const before = serverProcesses();
      await vscode.commands.executeCommand('lockReview.restartServer');
      await diagnosticsWhen(series, some);
      assert.equal(serverProcesses().length, 1);
      assert.notDeepEqual(serverProcesses(), before);
    });
  });
}
