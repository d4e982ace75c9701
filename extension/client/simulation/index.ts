/** Simulations in the editor: opened by command, shown in panels, debugged. Loaded when the first one is asked for. */
import path from 'node:path';
import * as vscode from 'vscode';
import {
  type Choice,
  type FindingPath,
  readSession,
  type SessionFile,
} from '../../../media/panel/messages.ts';
import { type LaunchArguments, SimulationDebugSession } from '../../simulation/debug-session.ts';
import type { Subject } from '../../simulation/requests.ts';
import { Simulation } from '../../simulation/simulation.ts';
import { createThread } from '../../simulation/thread.ts';
import { CODE, SimulatedCode } from './code.ts';
import { Highlights } from './highlights.ts';
import { PANEL, panelOptions, SimulationPanel } from './panel.ts';
import { subjectOf, treeOf } from './subject.ts';

/** The argument of `lockReview.simulateFunction`, as a CodeLens gives it; all of it may be absent. */
export interface SimulateArguments {
  /** The patch, mail or C file; the active editor's where absent. */
  readonly uri?: string;
  /** The function; asked for where absent. */
  readonly function?: string;
  /** The scenario; the first one that the function fits where absent. */
  readonly scenario?: string;
  /** Symbols with the values `y`, `m` or `n`. */
  readonly configuration?: Readonly<Record<string, 'y' | 'm' | 'n'>>;
  readonly image?: 'after' | 'before';
  /** A schedule to go along. */
  readonly schedule?: string;
  /** Explore at once, and go to what goes wrong. */
  readonly explore?: boolean;
}

/** The argument of `lockReview.showPath`. */
export interface ShowPathArguments extends SimulateArguments {
  readonly finding: FindingPath;
}

export interface OpenSimulation {
  readonly simulation: Simulation;
  readonly panel: SimulationPanel;
  readonly highlights: Highlights;
}

export interface Simulations extends vscode.Disposable {
  simulate(given?: SimulateArguments): Promise<OpenSimulation | null>;
  showPath(given: ShowPathArguments): Promise<OpenSimulation | null>;
  /** Opens a session file. */
  openFile(uri?: vscode.Uri): Promise<OpenSimulation | null>;
  /** Starts a debug session for the simulation in view, or for one that is asked for. */
  debug(): Promise<void>;
  /** A panel that was open when the window was closed. */
  restore(panel: vscode.WebviewPanel, state: unknown): Promise<void>;
  debugAdapter(): vscode.DebugAdapterDescriptor;
  all(): readonly OpenSimulation[];
}

export function createSimulations(context: vscode.ExtensionContext): Simulations {
  const file = path.join(context.extensionPath, 'dist/simulator.cjs');
  const thread = createThread(file);
  // Of its own, so that one can go on stepping while every interleaving is tried.
  const explorer = createThread(file);
  const code = new SimulatedCode();
  const open = new Set<OpenSimulation>();
  const subscriptions = [vscode.workspace.registerTextDocumentContentProvider(CODE, code)];

  const show = (simulation: Simulation, given?: vscode.WebviewPanel): OpenSimulation => {
    const panel =
      given ??
      vscode.window.createWebviewPanel(
        PANEL,
        vscode.l10n.t('Simulation'),
        { viewColumn: vscode.ViewColumn.Beside, preserveFocus: false },
        panelOptions(context.extensionUri),
      );
    if (given !== undefined) panel.webview.options = panelOptions(context.extensionUri);
    const shown: OpenSimulation = {
      simulation,
      panel: new SimulationPanel(
        panel,
        simulation,
        context.extensionUri,
        code,
        () => void startDebugging(shown),
      ),
      highlights: new Highlights(simulation, code),
    };
    open.add(shown);
    shown.panel.onDidDispose(() => {
      open.delete(shown);
      shown.highlights.dispose();
      code.forget(simulation);
      simulation.dispose();
    });
    return shown;
  };

  const create = (
    subject: Subject,
    choice: Choice,
    document: string | null,
    finding: FindingPath | null = null,
  ) => new Simulation({ subject, choice, document, finding, thread, explorer });

  const simulate = async (
    given: SimulateArguments = {},
    finding: FindingPath | null = null,
  ): Promise<OpenSimulation | null> => {
    const document = await documentOf(given.uri);
    if (document === null) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('Open a patch, a mail or a C file of the tree to simulate it.'),
      );
      return null;
    }
    const subject = await subjectOf(document);
    const name =
      given.function ?? (given.scenario === undefined ? await pickFunction(subject, document) : '');
    if (name === null) return null;
    const choice: Choice = {
      functions: name === '' ? [] : [name],
      scenario: given.scenario ?? '',
      image: given.image ?? 'after',
      depth: null,
      configuration: given.configuration ?? {},
      own: null,
    };
    const simulation = create(subject, choice, document.uri.toString(), finding);
    const shown = show(simulation);
    await simulation.open();
    if (given.schedule !== undefined) await simulation.load(given.schedule);
    else if (finding === null || !(await simulation.follow())) {
      if (given.explore === true) await simulation.explore();
    }
    return shown;
  };

  const pickFunction = async (subject: Subject, document: vscode.TextDocument): Promise<string | null> => {
    const catalogue = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Looking for functions') },
      () => thread.ask('catalogue', { subject }),
    );
    if (catalogue.functions.length === 0) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('There is no function in this file to simulate.'),
      );
      return null;
    }
    const here = nameAtCursor(document);
    const items = catalogue.functions
      .map(({ name, file: at, isChanged }) => ({
        label: name,
        description: isChanged ? `${at}, changed by the patch` : at,
      }))
      .sort((a, b) => Number(b.label === here) - Number(a.label === here));
    const picked = await vscode.window.showQuickPick(items, {
      title: vscode.l10n.t('Simulate Function'),
      placeHolder: vscode.l10n.t('The function to run against the other tasks of a scenario'),
      matchOnDescription: true,
    });
    return picked?.label ?? null;
  };

  const openSession = async (session: SessionFile, given?: vscode.WebviewPanel): Promise<OpenSimulation> => {
    const document = session.document === null ? null : vscode.Uri.parse(session.document, true);
    // The tree of another machine is not here: then it is looked for as for any document.
    const tree = await existingTree(session.tree, document);
    const subject: Subject = {
      inputs: session.inputs as Subject['inputs'],
      tree,
      mayExecute: vscode.workspace.isTrusted,
    };
    const simulation = create(subject, session.choice, session.document);
    const shown = show(simulation, given);
    await simulation.open(session.choice, session);
    return shown;
  };

  const startDebugging = async (shown: OpenSimulation): Promise<void> => {
    await vscode.debug.startDebugging(vscode.workspace.workspaceFolders?.[0], {
      type: 'lock-review',
      request: 'launch',
      name: shown.panel.panel.title,
      simulation: shown.simulation.id,
    });
  };

  const launch = async (given: LaunchArguments): Promise<Simulation> => {
    const known = [...open].find((one) => one.simulation.id === given.simulation);
    if (known !== undefined) return known.simulation;
    const program = given.program === undefined ? undefined : vscode.Uri.file(given.program).toString();
    const shown = await simulate({
      ...(program === undefined ? {} : { uri: program }),
      ...(given.function === undefined ? {} : { function: given.function }),
      ...(given.scenario === undefined ? {} : { scenario: given.scenario }),
      ...(given.schedule === undefined ? {} : { schedule: given.schedule }),
    });
    if (shown === null) throw new Error(vscode.l10n.t('Nothing was chosen to be debugged.'));
    if (shown.simulation.main === null)
      throw new Error(vscode.l10n.t('The simulation could not be opened: see its panel.'));
    if (given.schedule !== undefined) shown.simulation.seek(0);
    return shown.simulation;
  };

  return {
    simulate: (given) => simulate(given),
    showPath: ({ finding, ...given }) => simulate({ explore: true, ...given }, finding),
    async openFile(uri) {
      const chosen =
        uri ??
        (
          await vscode.window.showOpenDialog({
            title: vscode.l10n.t('Open a Simulation'),
            filters: { [vscode.l10n.t('Lock simulation')]: ['json'] },
          })
        )?.[0];
      if (chosen === undefined) return null;
      const { session, problem } = parseSession(
        new TextDecoder().decode(await vscode.workspace.fs.readFile(chosen)),
      );
      if (session !== null) return openSession(session);
      void vscode.window.showErrorMessage(vscode.l10n.t('{0} is no simulation: {1}', chosen.path, problem));
      return null;
    },
    async debug() {
      const shown =
        [...open].find((one) => one.panel.panel.active) ?? [...open].find((one) => one.panel.panel.visible);
      if (shown !== undefined) return startDebugging(shown);
      await vscode.debug.startDebugging(vscode.workspace.workspaceFolders?.[0], {
        type: 'lock-review',
        request: 'launch',
        name: vscode.l10n.t('Lock simulation'),
      });
    },
    async restore(panel, state) {
      const kept =
        typeof state === 'object' && state !== null && 'session' in state ? state.session : undefined;
      const { session } = readSession(kept);
      if (session === null) panel.dispose();
      else await openSession(session, panel);
    },
    debugAdapter: () =>
      new vscode.DebugAdapterInlineImplementation(
        new SimulationDebugSession({
          open: launch,
          async sourceOf(simulation, at, line) {
            const { file: shown, patch } = await code.locate(simulation, 0, at, line);
            const place = shown ?? patch;
            if (place === null) return null;
            const name = place.uri.scheme === 'file' ? place.uri.fsPath : place.uri.toString();
            return { path: name, line: place.line };
          },
          codeOf: (simulation, document, line) =>
            code.codeOf(
              simulation,
              /^[a-z][\w+.-]+:/i.test(document)
                ? vscode.Uri.parse(document, true)
                : vscode.Uri.file(document),
              line,
            ),
        }),
      ),
    all: () => [...open],
    dispose() {
      for (const { panel } of open) panel.panel.dispose();
      for (const subscription of subscriptions) subscription.dispose();
      thread.dispose();
      explorer.dispose();
    },
  };
}

function parseSession(text: string): ReturnType<typeof readSession> {
  try {
    return readSession(JSON.parse(text));
  } catch (error) {
    return { session: null, problem: error instanceof Error ? error.message : String(error) };
  }
}

async function documentOf(uri: string | undefined): Promise<vscode.TextDocument | null> {
  if (uri === undefined) return vscode.window.activeTextEditor?.document ?? null;
  return vscode.workspace.openTextDocument(vscode.Uri.parse(uri, true));
}

/** The word that the cursor is on, to begin with among the functions. */
function nameAtCursor(document: vscode.TextDocument): string {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document !== document) return '';
  const range = document.getWordRangeAtPosition(editor.selection.active);
  return range === undefined ? '' : document.getText(range);
}

async function existingTree(tree: string | null, document: vscode.Uri | null): Promise<string | null> {
  if (tree !== null) {
    const found = await vscode.workspace.fs.stat(vscode.Uri.file(tree)).then(
      (stat) => stat.type === vscode.FileType.Directory,
      () => false,
    );
    if (found) return tree;
  }
  return treeOf(document ?? vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.parse('untitled:none'));
}
