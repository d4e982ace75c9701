import * as vscode from 'vscode';
import type { ShowPathArguments } from './simulation/index.ts';

/** Offers to show, for each finding with a function, its path in the simulator. */
export function showPathActions(
  document: vscode.TextDocument,
  diagnostics: readonly vscode.Diagnostic[],
): vscode.CodeAction[] {
  return diagnostics.flatMap((diagnostic) => {
    const given = argumentsOf(document, diagnostic);
    if (given === null) return [];
    const action = new vscode.CodeAction(
      vscode.l10n.t('Show this path in the simulator'),
      vscode.CodeActionKind.QuickFix,
    );
    action.diagnostics = [diagnostic];
    action.command = { command: 'lockReview.showPath', title: action.title, arguments: [given] };
    return [action];
  });
}

/** What the simulator needs of a finding; null for what is none, or has no function. */
export function argumentsOf(
  document: vscode.TextDocument,
  diagnostic: vscode.Diagnostic,
): ShowPathArguments | null {
  if (diagnostic.source !== 'lock-review') return null;
  const { data } = diagnostic as vscode.Diagnostic & { readonly data?: { readonly function?: unknown } };
  const name = data?.function;
  if (typeof name !== 'string' || name === '') return null;
  const [message = ''] = diagnostic.message.split('\n');
  const { code } = diagnostic;
  return {
    uri: document.uri.toString(),
    function: name,
    configuration: configurationIn(diagnostic.message),
    finding: {
      rule: String(typeof code === 'object' ? code.value : code),
      message,
      steps: (diagnostic.relatedInformation ?? []).map(({ location, message: step }) => ({
        file: location.uri.toString(),
        line: location.range.start.line + 1,
        message: step,
        text: '',
      })),
    },
  };
}

/** The symbols without which the finding would not be there, as its message names them. */
function configurationIn(message: string): Readonly<Record<string, 'y' | 'm' | 'n'>> {
  const [, symbols = ''] = /^Only with (.*)\.$/m.exec(message) ?? [];
  const pairs = [...symbols.matchAll(/(CONFIG_\w+)=([ymn])/g)];
  return Object.fromEntries(pairs.map(([, name = '', value]) => [name, value as 'y' | 'm' | 'n']));
}
