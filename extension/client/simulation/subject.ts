import path from 'node:path';
import * as vscode from 'vscode';
import { diskWorkplace } from '../../server/disk-workplace.ts';
import type { Subject } from '../../simulation/requests.ts';

/** What to simulate of a document: a C file of a tree as it is, anything else as a patch. */
export async function subjectOf(document: vscode.TextDocument): Promise<Subject> {
  const tree = await treeOf(document.uri);
  const mayExecute = vscode.workspace.isTrusted;
  const text = document.getText();
  if (document.languageId === 'c') {
    const inside = tree === null ? null : diskWorkplace.pathInTree(tree, document.uri.fsPath);
    const name = inside ?? path.posix.basename(document.uri.path);
    return { inputs: { patches: [], sources: [{ path: name, text }] }, tree, mayExecute };
  }
  const name = path.posix.basename(document.uri.path);
  return { inputs: { patches: [{ name, text }], sources: [] }, tree, mayExecute };
}

/** The kernel tree that a document belongs to, found as the language server finds it; null where there is none. */
export async function treeOf(uri: vscode.Uri): Promise<string | null> {
  const place = uri.scheme === 'file' ? uri.fsPath : null;
  const found = await diskWorkplace.findTree({
    setting: vscode.workspace.getConfiguration('lockReview', uri).get('tree', ''),
    folders: (vscode.workspace.workspaceFolders ?? [])
      .filter((folder) => folder.uri.scheme === 'file')
      .map((folder) => folder.uri.fsPath),
    documentFolder: place === null ? null : path.dirname(place),
  });
  return found.root;
}
