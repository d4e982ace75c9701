import * as vscode from 'vscode';
import { type LanguageClientOptions, State } from 'vscode-languageclient';
import {
  type InitializationOptions,
  RANGE_PATCHES,
  type RangePatches,
  type RangePatchesParams,
  REVIEW_NOW,
  type ReviewNowParams,
  STATUS,
  type StatusParams,
  TRUSTED,
} from '../server/messages.ts';
import { COMMITS, commitRanges, openRange } from './commit-range.ts';
import { createLanguageClient } from './language-client.ts';
import { createStatusItem } from './status.ts';

export { callTool } from './language-model-tools.ts';

/** The running language client and what the commands do with it. */
export interface Session {
  /** Reviews the file in the active editor at once and shows where its findings are. */
  reviewActiveFile(): Promise<void>;
  /** Asks for a range of commits and opens it as patches, which are reviewed like any other. */
  reviewCommitRange(): Promise<void>;
  restart(): Promise<void>;
  showLog(): void;
  /** The last status that the server sent. */
  status(): StatusParams;
  dispose(): Promise<void>;
}

/** A server that dies more often than this within three minutes stays down until it is restarted by hand. */
const MOST_RESTARTS = 5;

/** Documents that are sent to the server. It looks at the text of the plain ones and ignores other mail. */
const DOCUMENTS: NonNullable<LanguageClientOptions['documentSelector']> = [
  { language: 'diff' },
  { language: 'patch' },
  { language: 'git-commit' },
  { language: 'plaintext', pattern: '**/*.{eml,mbox,mbx,patch,diff,txt}' },
  { language: 'c' },
];

/** Starts the server and tells it about the open documents. Rejects when it cannot be started. */
export async function startSession(context: vscode.ExtensionContext): Promise<Session> {
  const log = vscode.window.createOutputChannel('Kernel Lock Review', { log: true });
  const statusItem = createStatusItem();
  let status: StatusParams = { tree: null, reason: '', running: 0 };

  const client = createLanguageClient(context, {
    documentSelector: DOCUMENTS,
    diagnosticCollectionName: 'lock-review',
    outputChannel: log,
    initializationOptions: (): InitializationOptions => ({ trusted: vscode.workspace.isTrusted }),
    connectionOptions: { maxRestartCount: MOST_RESTARTS },
  });
  client.onNotification(STATUS, (params: StatusParams) => {
    status = params;
    statusItem.update(params);
  });
  const subscriptions = [
    log,
    statusItem,
    client.onDidChangeState(({ newState }) =>
      vscode.commands.executeCommand('setContext', 'lockReview.running', newState === State.Running),
    ),
    vscode.workspace.registerTextDocumentContentProvider(COMMITS, commitRanges),
    vscode.workspace.onDidGrantWorkspaceTrust(() => client.sendNotification(TRUSTED)),
  ];

  const reviewActiveFile = async () => {
    const document = vscode.window.activeTextEditor?.document;
    if (!document) {
      void vscode.window.showInformationMessage('Open a patch, a mail or a C file of the tree to review it.');
      return;
    }
    const reviewed =
      document.languageId === 'plaintext'
        ? await vscode.languages.setTextDocumentLanguage(document, 'diff')
        : document;
    const uri = client.code2ProtocolConverter.asUri(reviewed.uri);
    await client.sendRequest(REVIEW_NOW, { uri } satisfies ReviewNowParams);
    await vscode.commands.executeCommand('workbench.actions.view.problems');
  };

  const patchesOf = (range: string): Promise<RangePatches> =>
    client.sendRequest(RANGE_PATCHES, { range } satisfies RangePatchesParams);

  await client.start();
  return {
    reviewActiveFile,
    reviewCommitRange: () => openRange(patchesOf),
    async restart() {
      if (client.isRunning()) await client.stop();
      await client.start();
    },
    showLog: () => log.show(),
    status: () => status,
    async dispose() {
      await client.dispose();
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
}
