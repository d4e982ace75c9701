import * as vscode from 'vscode';
import type { RangePatches } from '../server/messages.ts';

/** The scheme of documents that show a range of commits as patches. */
export const COMMITS = 'lock-review-commits';

/** The text of each such document, by its URI. */
const texts = new Map<string, string>();

const changed = new vscode.EventEmitter<vscode.Uri>();

export const commitRanges: vscode.TextDocumentContentProvider = {
  onDidChange: changed.event,
  provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? '',
};

/** Asks for a range, and shows what it holds; `patchesOf` gets it from the server. */
export async function openRange(patchesOf: (range: string) => Promise<RangePatches>): Promise<void> {
  const given = await vscode.window.showInputBox({
    title: vscode.l10n.t('Review a Commit Range'),
    prompt: vscode.l10n.t('A range such as v7.1..HEAD, or one commit'),
    value: 'HEAD',
  });
  const range = given?.trim();
  if (!range) return;
  await openPatches(range, await patchesOf(range));
}

/** Shows patches that git has written in a document of their own, or says why there are none. */
export async function openPatches(name: string, { text, problem }: RangePatches): Promise<void> {
  if (problem !== null) {
    void vscode.window.showErrorMessage(problem);
    return;
  }
  const uri = vscode.Uri.from({ scheme: COMMITS, path: `/${name}.patch` });
  texts.set(uri.toString(), text);
  changed.fire(uri);
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.languages.setTextDocumentLanguage(document, 'diff');
  await vscode.window.showTextDocument(document);
}
