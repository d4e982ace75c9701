import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import manifest from '../../package.json' with { type: 'json' };
import { closeAll, EXTENSION, extensionApi, open, until, workspaceFile } from './editor.ts';

/** These run first: once a patch was opened the extension stays active. */
export function declareActivationTests(): void {
  describe('activation', () => {
    afterEach(closeAll);

    it('does not happen at startup, nor for a file that is no patch', async () => {
      await open(workspaceFile('tree/Makefile'));
      assert.equal(vscode.extensions.getExtension(EXTENSION)?.isActive, false);
    });

    it('starts no server by itself, and loads nothing of the engine', async () => {
      const api = await extensionApi();
      assert.equal(api.hasStarted(), false);
    });

    it('registers every command of the manifest', async () => {
      const commands = new Set(await vscode.commands.getCommands(true));
      for (const { command } of manifest.contributes.commands) assert.ok(commands.has(command), command);
    });

    it('starts the server when a patch is opened', async () => {
      const api = await extensionApi();
      await open(workspaceFile('series.mbox'));
      await until(
        () => api.hasStarted(),
        () => 'the server was not started',
      );
    });
  });
}
