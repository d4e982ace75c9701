/** What commands are given: by lenses, by nodes of the tree, by comment threads, or by nobody. */
import * as vscode from 'vscode';
import type { FindingThread } from './comments.ts';
import type { FunctionArguments } from './function-diff.ts';
import type { FindingNode, FunctionNode, SeriesNode } from './series-view.ts';

export interface FindingsArguments {
  readonly uri: string;
  readonly function: string;
}

type UriOf = (uri: vscode.Uri) => string;

/** Which finding to write a reply about; undefined: all of the document in front. */
export function replyTarget(
  given: unknown,
  uriOf: UriOf,
): { readonly uri: string; readonly fingerprint: string | null } | undefined {
  const about = given as
    | Partial<FindingNode & FindingThread>
    | { uri: string; fingerprint: string }
    | undefined;
  if (about === undefined || about === null) return undefined;
  if ('fingerprint' in about) return { uri: about.uri, fingerprint: about.fingerprint };
  if ('document' in about && about.document && about.finding)
    return { uri: uriOf(about.document), fingerprint: about.finding.fingerprint };
  if ('kind' in about && about.finding && about.uri)
    return { uri: uriOf(about.uri), fingerprint: about.finding.fingerprint };
  return undefined;
}

/** The function that a lens or a node of the tree is about. */
export function functionTarget(given: unknown, uriOf: UriOf): FunctionArguments | undefined {
  const about = given as FunctionArguments | SeriesNode | undefined;
  if (about === undefined || about === null) return undefined;
  if (!('kind' in about)) return about;
  const node: FunctionNode | undefined =
    about.kind === 'function' ? about : about.kind === 'finding' ? about.parent : undefined;
  return node && { uri: uriOf(node.uri), file: node.function.file, function: node.function.name };
}

/** Shows the findings of a function one after the other, beginning where the first is. */
export async function showFindings(
  { uri, function: name }: FindingsArguments,
  toUri: (uri: string) => vscode.Uri,
): Promise<void> {
  const found = vscode.languages
    .getDiagnostics()
    .flatMap(([file, diagnostics]) => diagnostics.map((diagnostic) => ({ file, diagnostic })))
    .filter(({ diagnostic }) => {
      const data = (diagnostic as { data?: { function?: string } }).data;
      return diagnostic.source === 'lock-review' && data?.function === name;
    });
  const own = toUri(uri).toString();
  const first = found.find(({ file }) => file.toString() === own) ?? found[0];
  if (!first) return;
  const { start } = first.diagnostic.range;
  await vscode.window.showTextDocument(first.file, { selection: new vscode.Range(start, start) });
  await vscode.commands.executeCommand('editor.action.marker.next');
}
