/**
 * The extension's entry. Activation registers commands and watches for a document to review, nothing else:
 * the language client, the server and the engine behind it are loaded when the first such document is open.
 */
import * as vscode from 'vscode';
import type { Session } from './session.ts';
import type { ShowPathArguments, SimulateArguments, Simulations } from './simulation/index.ts';

const LANGUAGES = new Set(['diff', 'patch', 'git-commit']);
const MAIL = /\.(?:eml|mbox|mbx|patch|diff)$/i;

let session: Promise<Session> | undefined;
let simulations: Promise<Simulations> | undefined;

/** What the tests look at. */
export interface Api {
  /** Resolves to the session, starting it if needed. */
  session(): Promise<Session>;
  /** True once a session was asked for. */
  hasStarted(): boolean;
  /** Resolves to the simulations, loading what they need. */
  simulations(): Promise<Simulations>;
}

export function activate(context: vscode.ExtensionContext): Api {
  const start = (): Promise<Session> => {
    session ??= import('./session.ts').then(({ startSession }) => startSession(context));
    return session;
  };
  const startFor = (document: vscode.TextDocument) => {
    if (session === undefined && isReviewed(document)) void start();
  };
  const simulating = (): Promise<Simulations> => {
    simulations ??= import('./simulations.ts').then(({ createSimulations }) => createSimulations(context));
    return simulations;
  };
  const command = (name: string, run: (running: Session, argument: unknown) => unknown) =>
    vscode.commands.registerCommand(`lockReview.${name}`, async (argument) => run(await start(), argument));

  const tool = (name: string, doing: string) =>
    vscode.lm.registerTool<object>(name, {
      prepareInvocation: () => ({ invocationMessage: doing }),
      invoke: async ({ input }, token) =>
        (await import('./session.ts')).callTool(context, name, input, token),
    });

  context.subscriptions.push(
    tool('lock_review_check', vscode.l10n.t('Checking the patch for lock errors')),
    tool('lock_review_simulate', vscode.l10n.t('Running the patched functions')),
    vscode.workspace.onDidOpenTextDocument(startFor),
    command('reviewFile', (running) => running.reviewActiveFile()),
    command('reviewCommitRange', (running) => running.reviewCommitRange()),
    command('reviewBranch', (running) => running.reviewBranch()),
    command('reviewWorkingTree', (running) => running.reviewWorkingTree()),
    command('reviewClipboard', (running) => running.reviewClipboard()),
    command('copyReply', (running, target) => running.copyReply(target)),
    command('compareFunction', (running, which) => running.compareFunction(which)),
    command('suppressFinding', (running, given) => running.suppressFinding(given)),
    command('showFindings', (running, which) => running.showFindings(which)),
    command('refreshSeries', (running) => running.panel.refresh()),
    command('filterSeries', (running) => running.panel.chooseFilter()),
    command('nextFinding', (running) => running.panel.go(1)),
    command('previousFinding', (running) => running.panel.go(-1)),
    command('resolveComment', (running, thread) => running.resolveComment(thread)),
    command('restartServer', (running) => running.restart()),
    command('showLog', (running) => running.showLog()),
    vscode.commands.registerCommand('lockReview.openWalkthrough', () =>
      vscode.commands.executeCommand('workbench.action.openWalkthrough', `${context.extension.id}#start`),
    ),
    vscode.commands.registerCommand('lockReview.simulateFunction', async (given?: SimulateArguments) => {
      await (await simulating()).simulate(given);
    }),
    vscode.commands.registerCommand('lockReview.showPath', async (given: ShowPathArguments) => {
      await (await simulating()).showPath(given);
    }),
    vscode.commands.registerCommand('lockReview.openSimulation', async (uri?: vscode.Uri) => {
      await (await simulating()).openFile(uri);
    }),
    vscode.commands.registerCommand('lockReview.debugSimulation', async () => (await simulating()).debug()),
    vscode.window.registerWebviewPanelSerializer('lockReview.simulation', {
      deserializeWebviewPanel: async (panel, state) => (await simulating()).restore(panel, state),
    }),
    vscode.debug.registerDebugAdapterDescriptorFactory('lock-review', {
      createDebugAdapterDescriptor: async () => (await simulating()).debugAdapter(),
    }),
    vscode.languages.registerCodeActionsProvider(
      [{ language: 'diff' }, { language: 'patch' }, { language: 'git-commit' }, { language: 'c' }],
      { provideCodeActions: offerPath },
      { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
    ),
    vscode.commands.registerCommand('lockReview.selectTree', selectTree),
    vscode.commands.registerCommand('lockReview.openSample', () =>
      vscode.commands.executeCommand(
        'vscode.open',
        vscode.Uri.joinPath(context.extensionUri, 'sample/series.mbox'),
      ),
    ),
  );
  for (const document of vscode.workspace.textDocuments) startFor(document);
  return { session: start, hasStarted: () => session !== undefined, simulations: simulating };
}

/** Offers to show the path of a finding in the simulator; only what a finding is asked of loads anything. */
async function offerPath(
  ...asked: Parameters<vscode.CodeActionProvider['provideCodeActions']>
): Promise<vscode.CodeAction[]> {
  const [document, , { diagnostics }] = asked;
  if (!diagnostics.some((one) => one.source === 'lock-review')) return [];
  const { showPathActions } = await import('./simulations.ts');
  return showPathActions(document, diagnostics);
}

export async function deactivate(): Promise<void> {
  const running = session;
  session = undefined;
  const simulated = simulations;
  simulations = undefined;
  (await simulated)?.dispose();
  await (await running)?.dispose();
}

/** Whether a document is worth starting the server for; the server decides what it does with it. */
function isReviewed(document: vscode.TextDocument): boolean {
  if (document.uri.scheme === 'git') return false;
  if (LANGUAGES.has(document.languageId)) return true;
  if (document.languageId === 'plaintext') return MAIL.test(document.uri.path);
  const open = vscode.workspace.getConfiguration('lockReview', document).get('checkOpenFiles');
  return document.languageId === 'c' && open !== 'off' && isInWorkspace(document.uri);
}

function isInWorkspace(uri: vscode.Uri): boolean {
  return uri.scheme === 'file' || vscode.workspace.getWorkspaceFolder(uri) !== undefined;
}

/** Asks for the tree's folder and keeps it in the workspace's settings, or the user's where none is open. */
async function selectTree(): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const chosen = await vscode.window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    openLabel: vscode.l10n.t('Use This Tree'),
    title: vscode.l10n.t('Kernel source tree that patches apply to'),
    ...(folder ? { defaultUri: folder } : {}),
  });
  if (!chosen?.[0]) return;
  const tree = chosen[0].scheme === 'file' ? chosen[0].fsPath : chosen[0].toString();
  const target = folder ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  await vscode.workspace.getConfiguration('lockReview').update('tree', tree, target);
}
