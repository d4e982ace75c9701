import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { runMocha } from './runner.ts';

/** VS Code's entry to the suite of a workspace that is not trusted. */
export const run = (): Promise<void> =>
  runMocha(() => {
    describe('a workspace that is not trusted', () => {
      it('is in Restricted Mode', () => {
        assert.equal(vscode.workspace.isTrusted, false);
      });
    });
  });
