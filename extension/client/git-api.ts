import * as vscode from 'vscode';

/** The part of the built-in git extension's API (version 1) that is used here. */
export interface Repository {
  readonly state: {
    readonly HEAD?: {
      readonly name?: string;
      readonly upstream?: { readonly remote: string; readonly name: string };
    };
  };
  /** Looks at the repository once more. */
  status(): Promise<void>;
  getBranches(query: {
    readonly remote?: boolean;
    readonly sort?: string;
  }): Promise<readonly { readonly name?: string }[]>;
  getMergeBase(one: string, other: string): Promise<string | undefined>;
}

interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): {
    readonly repositories: readonly Repository[];
    getRepository(uri: vscode.Uri): Repository | null;
    openRepository(root: vscode.Uri): Promise<Repository | null>;
  };
}

/** The repository of a folder; null where the git extension is missing or switched off, or knows none. */
export async function repositoryFor(folder: vscode.Uri | undefined): Promise<Repository | null> {
  const extension = vscode.extensions.getExtension<GitExtension>('vscode.git');
  const git = extension && (await extension.activate());
  if (!git?.enabled) return null;
  const api = git.getAPI(1);
  const known = folder && (api.getRepository(folder) ?? (await api.openRepository(folder)));
  return known ?? api.repositories[0] ?? null;
}
