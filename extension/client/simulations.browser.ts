import * as vscode from 'vscode';
import type { Simulations } from './simulation/index.ts';

/** In a browser there is no thread of Node's to simulate on: each command says so. */
export function createSimulations(): Simulations {
  const refuse = (): Promise<null> => {
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        'Simulations need VS Code on the desktop, or connected to a machine: a browser cannot run them.',
      ),
    );
    return Promise.resolve(null);
  };
  return {
    simulate: refuse,
    showPath: refuse,
    openFile: refuse,
    debug: async () => void (await refuse()),
    restore: async (panel) => panel.dispose(),
    debugAdapter() {
      throw new Error('simulations are not available in a browser');
    },
    all: () => [],
    dispose: () => {},
  };
}
