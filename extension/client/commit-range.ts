import * as vscode from 'vscode';
import type { RangePatches } from '../server/messages.ts';

/** The scheme of documents that show a range of commits as patches. */
export const COMMITS = 'lock-review-commits';

/** The text of each such document, by its URI: commits do not change, so it is read once. */
const texts = new Map<string, string>();

export const commitRanges: vscode.TextDocumentContentProvider = {
  provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? '',
};

/** Asks for a range, and shows what it holds; `patchesOf` gets it from the server. */
export async function openRange(patchesOf: (range: string) => Promise<RangePatches>): Promise<void> {
  const given = await vscode.window.showInputBox({
    title: 'Review a Commit Range',
    prompt: 'A range such as v7.1..HEAD, or one commit',
    value: 'HEAD',
  });
  const range = given?.trim();
  if (!range) return;
  const { text, problem } = await patchesOf(range);
  if (problem !== null) {
    void vscode.window.showErrorMessage(problem);
    return;
  }
  const uri = vscode.Uri.from({ scheme: COMMITS, path: `/${range}.patch` });
  texts.set(uri.toString(), text);
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.languages.setTextDocumentLanguage(document, 'diff');
  await vscode.window.showTextDocument(document);
}
