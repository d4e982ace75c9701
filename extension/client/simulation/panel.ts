import { randomBytes } from 'node:crypto';
import path from 'node:path';
import * as vscode from 'vscode';
import { type PanelMessage, readPanelMessage, VERSION } from '../../../media/panel/messages.ts';
import { panelPage } from '../../simulation/page.ts';
import type { Simulation, Told } from '../../simulation/simulation.ts';
import type { SimulatedCode } from './code.ts';

export const PANEL = 'lockReview.simulation';

/** What the page may load: nothing but the panel's own script and style sheet. */
export function panelOptions(extension: vscode.Uri): vscode.WebviewOptions {
  return { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(extension, 'dist/media')] };
}

/** A simulation's panel: its page, and the messages between page and simulation. */
export class SimulationPanel {
  readonly simulation: Simulation;
  readonly panel: vscode.WebviewPanel;
  readonly #code: SimulatedCode;
  readonly #debug: () => void;
  readonly #disposed = new vscode.EventEmitter<void>();
  readonly onDidDispose = this.#disposed.event;
  /** The page has been heard of. */
  isReady = false;

  constructor(
    panel: vscode.WebviewPanel,
    simulation: Simulation,
    extension: vscode.Uri,
    code: SimulatedCode,
    debug: () => void,
  ) {
    this.panel = panel;
    this.simulation = simulation;
    this.#code = code;
    this.#debug = debug;
    const listening = simulation.listen((message) => {
      if (message.type === 'setup' && message.side === 0) this.#setTitle();
      if (this.isReady) this.#post(message);
    });
    panel.iconPath = vscode.Uri.joinPath(extension, 'media/icon.png');
    panel.webview.onDidReceiveMessage((data: unknown) => {
      const message = readPanelMessage(data);
      // What does not fit is none of the panel's: it is not answered.
      if (message !== null) void this.#receive(message);
    });
    panel.onDidDispose(() => {
      listening.dispose();
      this.#disposed.fire();
    });
    panel.webview.html = pageOf(panel.webview, extension);
    this.#setTitle();
  }

  #setTitle(): void {
    const { main, choice } = this.simulation;
    const name = main?.setup.choice.functions[0] ?? choice.functions[0];
    const subject = name ?? main?.setup.choice.scenario ?? choice.scenario;
    this.panel.title = vscode.l10n.t('Simulation: {0}', subject);
  }

  #post(message: Told): void {
    void this.panel.webview.postMessage({ version: VERSION, ...message });
  }

  async #receive(message: PanelMessage): Promise<void> {
    const { simulation } = this;
    switch (message.type) {
      case 'ready':
        // Also after the page was hidden, when it has forgotten everything.
        this.isReady = true;
        for (const told of simulation.whole()) this.#post(told);
        this.#post({ type: 'keep', session: simulation.file() });
        return;
      case 'choose':
        return simulation.open(message.choice);
      case 'seek':
        return simulation.seek(message.position);
      case 'move':
        return simulation.move(message.position, message.task, message.choices);
      case 'runToLock':
        return simulation.runToLock(message.position, message.task);
      case 'runToLine':
        return simulation.runToLine(message.position, message.task, message.file, message.line);
      case 'load':
        return simulation.load(message.schedule);
      case 'explore':
        return simulation.explore();
      case 'cancel':
        return simulation.cancel();
      case 'compare':
        return simulation.compare(message.with, message.schedule);
      case 'open':
        return this.#code.open(simulation, message.side, message.file, message.line);
      case 'source':
        return simulation.tellSource(message.side, message.file, message.function);
      case 'copy':
        await vscode.env.clipboard.writeText(message.text);
        vscode.window.setStatusBarMessage(vscode.l10n.t('The trace is in the clipboard.'), 3000);
        return;
      case 'saveDiagram':
        return this.#save('svg', message.svg);
      case 'saveSession':
        return this.#save('session', `${JSON.stringify(simulation.file(), null, 1)}\n`);
      case 'debug':
        this.#debug();
        return;
    }
  }

  async #save(what: 'svg' | 'session', text: string): Promise<void> {
    const name = `${this.simulation.choice.functions[0] ?? this.simulation.choice.scenario}`;
    const folder = folderFor(this.simulation);
    const uri = await vscode.window.showSaveDialog({
      title: what === 'svg' ? vscode.l10n.t('Export the Diagram') : vscode.l10n.t('Export the Session'),
      filters: what === 'svg' ? { SVG: ['svg'] } : { [vscode.l10n.t('Lock simulation')]: ['json'] },
      ...(folder === null
        ? {}
        : {
            defaultUri: vscode.Uri.joinPath(
              folder,
              what === 'svg' ? `${name}.svg` : `${name}.lock-simulation.json`,
            ),
          }),
    });
    if (uri !== undefined) await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  }
}

function folderFor(simulation: Simulation): vscode.Uri | null {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  if (folder !== undefined) return folder;
  if (simulation.document === null) return null;
  const document = vscode.Uri.parse(simulation.document, true);
  return document.scheme === 'file' ? document.with({ path: path.posix.dirname(document.path) }) : null;
}

function pageOf(webview: vscode.Webview, extension: vscode.Uri): string {
  const at = (name: string) =>
    webview.asWebviewUri(vscode.Uri.joinPath(extension, 'dist/media', name)).toString();
  const nonce = randomBytes(16).toString('base64');
  return panelPage({ script: at('panel.js'), style: at('panel.css'), source: webview.cspSource, nonce });
}
