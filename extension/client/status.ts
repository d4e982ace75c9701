import * as vscode from 'vscode';
import type { StatusParams } from '../server/messages.ts';

export interface StatusItem extends vscode.Disposable {
  update(status: StatusParams): void;
}

/** The one item in the status bar: which tree patches are reviewed against, and whether a review runs. */
export function createStatusItem(): StatusItem {
  const item = vscode.window.createStatusBarItem('lockReview.tree', vscode.StatusBarAlignment.Left);
  item.name = 'Kernel Lock Review';
  item.command = 'lockReview.selectTree';
  return {
    update({ tree, reason, running }) {
      const name = tree === null ? vscode.l10n.t('no tree') : (tree.split(/[\\/]/).at(-1) ?? tree);
      item.text = `${running > 0 ? '$(loading~spin)' : '$(lock)'} ${name}`;
      const text = tree === null ? vscode.l10n.t('Lock Review: hunks alone') : `Lock Review: ${tree}`;
      item.tooltip = `${text}\n${reason}`;
      item.accessibilityInformation = { label: `${text}. ${reason}`, role: 'button' };
      item.show();
    },
    dispose: () => item.dispose(),
  };
}
