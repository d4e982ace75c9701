import * as vscode from 'vscode';
import type { OutlineFinding, SeriesOutline } from '../server/messages.ts';

/** What a comment thread is about. */
export interface FindingThread extends vscode.CommentThread {
  readonly document: vscode.Uri;
  readonly finding: OutlineFinding;
}

export interface FindingComments extends vscode.Disposable {
  /** The threads of a series, in place of those that were shown; null: none. */
  show(shown: { readonly uri: vscode.Uri; readonly outline: SeriesOutline } | null): void;
  /** The reader has dealt with it: the thread stays closed until the window is. */
  resolve(thread: FindingThread): void;
  threads(): readonly FindingThread[];
}

/** Findings as comment threads on the patch, where the setting asks for them. */
export function createComments(
  toLocation: (location: OutlineFinding['location']) => vscode.Location,
): FindingComments {
  const controller = vscode.comments.createCommentController('lockReview', 'Kernel Lock Review');
  const resolved = new Set<string>();
  let threads: FindingThread[] = [];
  let last: Parameters<FindingComments['show']>[0] = null;
  const isOn = () => vscode.workspace.getConfiguration('lockReview').get('comments') === true;

  const show: FindingComments['show'] = (shown) => {
    last = shown;
    for (const thread of threads) thread.dispose();
    threads = [];
    if (!shown || !isOn()) return;
    const functions = [
      ...shown.outline.patches.flatMap((patch) => patch.functions),
      ...shown.outline.elsewhere,
    ];
    for (const finding of functions.flatMap((one) => one.findings)) {
      if (finding.status !== 'introduced') continue;
      threads.push(threadOf(shown.uri, finding));
    }
  };

  const threadOf = (document: vscode.Uri, finding: OutlineFinding): FindingThread => {
    const place = toLocation(finding.location);
    const body = new vscode.MarkdownString();
    body.appendText(`${finding.message}\n\n${finding.details}`);
    const thread = Object.assign(
      controller.createCommentThread(place.uri, place.range, [
        { body, mode: vscode.CommentMode.Preview, author: { name: `Lock Review: ${finding.rule}` } },
      ]),
      { document, finding },
    );
    thread.canReply = false;
    thread.label = finding.config === '' ? finding.rule : `${finding.rule} · ${finding.config}`;
    thread.contextValue = 'finding';
    if (resolved.has(finding.fingerprint)) close(thread);
    else thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
    return thread;
  };

  const close = (thread: FindingThread) => {
    thread.state = vscode.CommentThreadState.Resolved;
    thread.collapsibleState = vscode.CommentThreadCollapsibleState.Collapsed;
    thread.contextValue = 'resolved';
  };

  const setting = vscode.workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration('lockReview.comments')) show(last);
  });
  return {
    show,
    resolve(thread) {
      resolved.add(thread.finding.fingerprint);
      close(thread);
    },
    threads: () => threads,
    dispose() {
      setting.dispose();
      controller.dispose();
    },
  };
}
