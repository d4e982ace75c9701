import * as vscode from 'vscode';
import type { RangePatches } from '../server/messages.ts';
import { openPatches } from './commit-range.ts';
import { type Repository, repositoryFor } from './git-api.ts';

/** Reviews what the clipboard holds: a patch, or a mail with one. */
export async function reviewClipboard(): Promise<void> {
  const text = await vscode.env.clipboard.readText();
  if (!/^(?:[> ]*)(?:diff --git |--- |@@ -|Index: )/m.test(text)) {
    void vscode.window.showInformationMessage(vscode.l10n.t('There is no patch on the clipboard.'));
    return;
  }
  const document = await vscode.workspace.openTextDocument({ language: 'diff', content: text });
  await vscode.window.showTextDocument(document);
}

/** Reviews what is not committed yet. */
export async function reviewWorkingTree(ask: () => Promise<RangePatches>): Promise<void> {
  await openPatches(vscode.l10n.t('uncommitted changes'), await ask());
}

/** Asks for a branch and reviews its commits since it left the branch that it was made from. */
export async function reviewBranch(patchesOf: (range: string) => Promise<RangePatches>): Promise<void> {
  const repository = await repositoryFor(vscode.workspace.workspaceFolders?.[0]?.uri);
  if (!repository) {
    void vscode.window.showErrorMessage(
      vscode.l10n.t('The git extension knows no repository in this workspace.'),
    );
    return;
  }
  const branch = await pick(repository, vscode.l10n.t('Branch to review'), null);
  if (!branch) return;
  const base = await pick(repository, vscode.l10n.t('Branch that {0} was made from', branch), branch);
  if (!base) return;
  const fork = await repository.getMergeBase(base, branch);
  if (fork === undefined) {
    void vscode.window.showErrorMessage(vscode.l10n.t('{0} and {1} have no commit in common.', branch, base));
    return;
  }
  await openPatches(`${base}..${branch}`, await patchesOf(`${fork}..${branch}`));
}

async function pick(
  repository: Repository,
  title: string,
  except: string | null,
): Promise<string | undefined> {
  const head = repository.state.HEAD?.name;
  const upstream = repository.state.HEAD?.upstream;
  const refs = await repository.getBranches({ remote: except !== null, sort: 'committerdate' });
  const names = refs.map((ref) => ref.name).filter((name) => name !== undefined && name !== except);
  // What most people mean comes first.
  const first = except === null ? head : upstream && `${upstream.remote}/${upstream.name}`;
  const sorted =
    first !== undefined && names.includes(first) ? [first, ...names.filter((name) => name !== first)] : names;
  return vscode.window.showQuickPick(sorted as string[], { title });
}
