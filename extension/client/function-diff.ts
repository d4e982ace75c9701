import * as vscode from 'vscode';
import type { FunctionTexts } from '../server/messages.ts';

/** The scheme of documents that show a function before or after a patch. */
export const FUNCTIONS = 'lock-review-function';

/** Views of these documents keep no text when they are closed. */
const texts = new Map<string, string>();

export const functionTexts: vscode.TextDocumentContentProvider = {
  provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? '',
};

export interface FunctionArguments {
  readonly uri: string;
  readonly file: string;
  readonly function: string;
}

/** Opens a function before and after a patch side by side. Says so where the patch is not about it. */
export async function compareFunction(
  ask: (which: FunctionArguments) => Promise<FunctionTexts>,
  which: FunctionArguments,
): Promise<void> {
  const { before, after } = await ask(which);
  if (before === null && after === null) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('The patch does not show {0}().', which.function),
    );
    return;
  }
  const document = (side: string, text: string | null) => {
    const uri = vscode.Uri.from({
      scheme: FUNCTIONS,
      path: `/${side}/${which.function}.c`,
      // One pair of documents for each patch that is compared.
      query: which.uri,
    });
    texts.set(uri.toString(), text ?? '');
    return uri;
  };
  const title = vscode.l10n.t('{0}(): before and after the patch', which.function);
  await vscode.commands.executeCommand(
    'vscode.diff',
    document('before', before),
    document('after', after),
    title,
    { preview: true } satisfies vscode.TextDocumentShowOptions,
  );
}

export function forgetFunction(document: vscode.TextDocument): void {
  if (document.uri.scheme === FUNCTIONS) texts.delete(document.uri.toString());
}
