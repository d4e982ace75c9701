/** What the suites do with the editor again and again. */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Api } from '../../extension/client/main.ts';

export const EXTENSION = 'kernel-lock-review.kernel-lock-review';
const PATIENCE = 20_000;

/** A file of the workspace, which is a copy of the sample. */
export function workspaceFile(...parts: string[]): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error('the suite needs a workspace folder');
  return vscode.Uri.joinPath(folder.uri, ...parts);
}

export async function extensionApi(): Promise<Api> {
  const extension = vscode.extensions.getExtension<Api>(EXTENSION);
  if (!extension) throw new Error(`${EXTENSION} is not installed`);
  return extension.activate();
}

/** Opens a file as a person does. (A document that an extension opens itself stays open for minutes.) */
export async function open(uri: vscode.Uri): Promise<vscode.TextDocument> {
  await vscode.commands.executeCommand('vscode.open', uri);
  const document = vscode.window.activeTextEditor?.document;
  if (document?.uri.toString() !== uri.toString()) throw new Error(`${uri} was not opened`);
  return document;
}

export function ownDiagnostics(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter((diagnostic) => diagnostic.source === 'lock-review');
}

/** The rule of a diagnostic. */
export function ruleOf(diagnostic: vscode.Diagnostic): string {
  const { code } = diagnostic;
  return String(typeof code === 'object' ? code.value : code);
}

/** Waits until the diagnostics of a file are as wanted; the error shows what they are instead. */
export async function diagnosticsWhen(
  uri: vscode.Uri,
  wanted: (diagnostics: vscode.Diagnostic[]) => boolean,
): Promise<vscode.Diagnostic[]> {
  await until(
    () => wanted(ownDiagnostics(uri)),
    () =>
      `the diagnostics of ${uri.path} are ${JSON.stringify(
        ownDiagnostics(uri).map((d) => [d.range.start.line + 1, ruleOf(d), d.message]),
      )}`,
    (check) => vscode.languages.onDidChangeDiagnostics(check),
  );
  return ownDiagnostics(uri);
}

/** Waits for a condition, checked whenever `watch` fires and now and then. */
export function until(
  condition: () => boolean,
  describe: () => string,
  watch: (check: () => void) => vscode.Disposable = () => ({ dispose: () => {} }),
): Promise<void> {
  return new Promise((resolve, reject) => {
    const check = () => {
      if (!condition()) return;
      finish();
      resolve();
    };
    const finish = () => {
      watcher.dispose();
      clearInterval(poll);
      clearTimeout(limit);
    };
    const watcher = watch(check);
    const poll = setInterval(check, 100);
    const limit = setTimeout(() => {
      finish();
      reject(new Error(`waited in vain: ${describe()}`));
    }, PATIENCE);
    check();
  });
}

/** Asks the host for a picture of the window; without HOST_SCREENS nothing is done. */
export async function screenshot(name: string): Promise<void> {
  const dir = process.env.HOST_SCREENS;
  if (!dir) return;
  const request = path.join(dir, `${name}.request`);
  writeFileSync(request, '');
  await until(
    () => !existsSync(request),
    () => `no screenshot ${name} was taken`,
  );
}

/** Closes every editor and forgets unsaved text. */
export async function closeAll(): Promise<void> {
  for (const editor of vscode.window.visibleTextEditors) {
    if (!editor.document.isDirty) continue;
    await vscode.window.showTextDocument(editor.document);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  }
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}
