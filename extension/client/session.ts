import * as vscode from 'vscode';
import { type LanguageClientOptions, State, type TextEdit } from 'vscode-languageclient';
import {
  FUNCTION_TEXTS,
  type FunctionParams,
  type FunctionTexts,
  type InitializationOptions,
  OUTLINE,
  type OutlineFinding,
  RANGE_PATCHES,
  type RangePatches,
  type RangePatchesParams,
  REPLY,
  REVIEW_NOW,
  type ReplyParams,
  type ReviewNowParams,
  type SeriesOutline,
  STATUS,
  type StatusParams,
  SUPPRESS,
  type SuppressParams,
  TRUSTED,
  WORKING_TREE,
} from '../server/messages.ts';
import { type FindingsArguments, functionTarget, replyTarget, showFindings } from './command-arguments.ts';
import { createComments, type FindingComments, type FindingThread } from './comments.ts';
import { COMMITS, commitRanges, openRange } from './commit-range.ts';
import { compareFunction, FUNCTIONS, forgetFunction, functionTexts } from './function-diff.ts';
import { createLanguageClient } from './language-client.ts';
import { reviewBranch, reviewClipboard, reviewWorkingTree } from './review-sources.ts';
import { createSeriesPanel, type SeriesPanel } from './series-panel.ts';
import { createStatusItem } from './status.ts';

export { callTool } from './language-model-tools.ts';

/** The running language client and what the commands do with it. */
export interface Session {
  /** Reviews the file in the active editor at once and shows where its findings are. */
  reviewActiveFile(): Promise<void>;
  /** Asks for a range of commits and opens it as patches, which are reviewed like any other. */
  reviewCommitRange(): Promise<void>;
  /** Asks for a branch and opens its commits as patches. */
  reviewBranch(): Promise<void>;
  /** Opens the patch on the clipboard. */
  reviewClipboard(): Promise<void>;
  /** Opens what is not committed yet as a patch. */
  reviewWorkingTree(): Promise<void>;
  /** Opens a function before and after a patch. @param given by a lens or a node of the tree */
  compareFunction(given: unknown): Promise<void>;
  /** Copies a reply about the finding of a node or thread; given neither, about all of the document in front. */
  copyReply(given?: unknown): Promise<void>;
  /** @param given by a lens */
  showFindings(given: unknown): Promise<void>;
  /** Asks why a finding is none and keeps that in the source. @param given by a code action, a node or a thread */
  suppressFinding(given: unknown): Promise<void>;
  /** @param thread that a person calls done */
  resolveComment(thread: unknown): void;
  readonly panel: SeriesPanel;
  readonly comments: FindingComments;
  restart(): Promise<void>;
  showLog(): void;
  /** The last status that the server sent. */
  status(): StatusParams;
  dispose(): Promise<void>;
}

/** What lenses and code actions run. */
const COMMANDS: NonNullable<InitializationOptions['commands']> = {
  showFindings: 'lockReview.showFindings',
  compareFunction: 'lockReview.compareFunction',
  simulateFunction: 'lockReview.simulateFunction',
  suppressFinding: 'lockReview.suppressFinding',
  copyReply: 'lockReview.copyReply',
};

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
    initializationOptions: (): InitializationOptions => ({
      trusted: vscode.workspace.isTrusted,
      commands: COMMANDS,
      ...(vscode.l10n.bundle === undefined ? {} : { texts: vscode.l10n.bundle }),
    }),
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
    vscode.workspace.registerTextDocumentContentProvider(FUNCTIONS, functionTexts),
    vscode.workspace.onDidCloseTextDocument(forgetFunction),
    vscode.workspace.onDidGrantWorkspaceTrust(() => client.sendNotification(TRUSTED)),
  ];

  const reviewActiveFile = async () => {
    const document = vscode.window.activeTextEditor?.document;
    if (!document) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('Open a patch, a mail or a C file of the tree to review it.'),
      );
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

  const uriOf = (uri: vscode.Uri) => client.code2ProtocolConverter.asUri(uri);
  const toLocation = (location: OutlineFinding['location']): vscode.Location =>
    client.protocol2CodeConverter.asLocation(location);
  const replyFor = async (uri: string, fingerprint: string | null): Promise<void> => {
    const text: string = await client.sendRequest(REPLY, { uri, fingerprint } satisfies ReplyParams);
    await vscode.env.clipboard.writeText(text);
    vscode.window.setStatusBarMessage(vscode.l10n.t('The reply is on the clipboard.'), 3000);
  };

  await client.start();
  const panel = createSeriesPanel(
    (uri): Promise<SeriesOutline | null> => client.sendRequest(OUTLINE, { uri: uriOf(uri) }),
    toLocation,
    context.workspaceState,
  );
  const comments = createComments(toLocation);
  subscriptions.push(panel, comments, panel.onDidShow(comments.show));
  return {
    reviewActiveFile,
    reviewCommitRange: () => openRange(patchesOf),
    async restart() {
      if (client.isRunning()) await client.stop();
      await client.start();
    },
    reviewBranch: () => reviewBranch(patchesOf),
    reviewClipboard,
    reviewWorkingTree: () => reviewWorkingTree(() => client.sendRequest(WORKING_TREE)),
    async compareFunction(given) {
      const which = functionTarget(given, uriOf);
      const ask = (params: FunctionParams): Promise<FunctionTexts> =>
        client.sendRequest(FUNCTION_TEXTS, params);
      if (which) await compareFunction(ask, which);
    },
    async copyReply(given) {
      const target = replyTarget(given, uriOf);
      if (target) return replyFor(target.uri, target.fingerprint);
      const document = vscode.window.activeTextEditor?.document;
      if (document) await replyFor(uriOf(document.uri), null);
    },
    async suppressFinding(given) {
      const target = replyTarget(given, uriOf);
      if (!target?.fingerprint) return;
      const reason = await vscode.window.showInputBox({
        title: vscode.l10n.t('Suppress the Finding'),
        prompt: vscode.l10n.t('Why it is none: the reason is kept in the comment'),
      });
      if (reason === undefined) return;
      const params = { uri: target.uri, fingerprint: target.fingerprint, reason };
      const edits: readonly TextEdit[] | null = await client.sendRequest(
        SUPPRESS,
        params satisfies SuppressParams,
      );
      if (!edits) {
        void vscode.window.showInformationMessage(
          vscode.l10n.t('The document does not show the line of the finding.'),
        );
        return;
      }
      const change = new vscode.WorkspaceEdit();
      change.set(
        client.protocol2CodeConverter.asUri(target.uri),
        await client.protocol2CodeConverter.asTextEdits([...edits]),
      );
      await vscode.workspace.applyEdit(change);
    },
    showFindings: (given) =>
      showFindings(given as FindingsArguments, (uri) => client.protocol2CodeConverter.asUri(uri)),
    resolveComment: (thread) => comments.resolve(thread as FindingThread),
    panel,
    comments,
    showLog: () => log.show(),
    status: () => status,
    async dispose() {
      await client.dispose();
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
}
