/** Shows the code that a simulation runs: in the patch, in the tree's files, or as a document of its own. */
import path from 'node:path';
import * as vscode from 'vscode';
import { diskWorkplace } from '../../server/disk-workplace.ts';
import type { Simulation } from '../../simulation/simulation.ts';

/** The scheme of files as a simulation has them, where the tree has them otherwise or not at all. */
export const CODE = 'lock-review-code';

/** Where a line can be looked at; 1-based. */
export interface Shown {
  /** In the patch, where that shows it. */
  readonly patch: { readonly uri: vscode.Uri; readonly line: number } | null;
  /** In the file. */
  readonly file: { readonly uri: vscode.Uri; readonly line: number } | null;
}

export class SimulatedCode implements vscode.TextDocumentContentProvider {
  readonly #texts = new Map<string, string>();

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? '';
  }

  /** Where a line of a file is shown. */
  async locate(simulation: Simulation, side: 0 | 1, file: string, line: number): Promise<Shown> {
    const { input, text } = await simulation.locate(side, file, line);
    const document = simulation.document === null ? null : vscode.Uri.parse(simulation.document, true);
    const isSource = simulation.subject.inputs.sources.some((one) => one.path === file);
    if (document !== null && isSource) return { patch: null, file: { uri: document, line } };
    const patch = document !== null && input !== null ? { uri: document, line: input } : null;
    return { patch, file: this.#fileOf(simulation, side, file, line, text) };
  }

  #fileOf(
    simulation: Simulation,
    side: 0 | 1,
    file: string,
    line: number,
    text: string | null,
  ): Shown['file'] {
    const { tree } = simulation.subject;
    if (text === null) {
      const place = tree === null ? null : diskWorkplace.placeInTree(tree, file);
      return place === null ? null : { uri: vscode.Uri.file(place), line };
    }
    const choice = (side === 0 ? simulation.main : simulation.other)?.setup.choice;
    const folder = file.startsWith('<') ? 'scenario' : (choice?.image ?? 'after');
    const name = file.startsWith('<') ? `${file.replaceAll(/[<>]/g, '')}.c` : file;
    const uri = vscode.Uri.from({
      scheme: CODE,
      path: path.posix.join('/', folder, name),
      query: String(simulation.id),
    });
    this.#texts.set(uri.toString(), text);
    return { uri, line };
  }

  /** The line of the code that is run which a document shows at a line; null where there is none. */
  async codeOf(
    simulation: Simulation,
    uri: vscode.Uri,
    line: number,
  ): Promise<{ file: string; line: number } | null> {
    if (uri.scheme === CODE) {
      const [, folder = '', ...rest] = uri.path.split('/');
      const file = rest.join('/');
      return { file: folder === 'scenario' ? `<${file.replace(/\.c$/, '')}>` : file, line };
    }
    if (uri.toString() === simulation.document) {
      const [source] = simulation.subject.inputs.sources;
      return source === undefined ? simulation.fromInput(line) : { file: source.path, line };
    }
    const { tree } = simulation.subject;
    const file = tree === null || uri.scheme !== 'file' ? null : diskWorkplace.pathInTree(tree, uri.fsPath);
    return file === null ? null : simulation.fromTree(file, line);
  }

  /** Shows a line in the file and, where that has it, in the patch, without taking the focus. */
  async open(simulation: Simulation, side: 0 | 1, file: string, line: number): Promise<void> {
    if (/^[a-z][\w+.-]*:/.test(file)) {
      // A step of a finding is where its diagnostic has it: in a document.
      await reveal(vscode.Uri.parse(file, true), line, true);
      return;
    }
    const { patch, file: inFile } = await this.locate(simulation, side, file, line);
    if (inFile !== null) await reveal(inFile.uri, inFile.line, true);
    if (patch !== null) await reveal(patch.uri, patch.line, false);
  }

  /** Forgets the texts of a simulation. */
  forget(simulation: Simulation): void {
    for (const key of this.#texts.keys())
      if (vscode.Uri.parse(key).query === String(simulation.id)) this.#texts.delete(key);
  }
}

async function reveal(uri: vscode.Uri, line: number, preview: boolean): Promise<void> {
  const visible = vscode.window.visibleTextEditors.find(
    (editor) => editor.document.uri.toString() === uri.toString(),
  );
  const document = visible?.document ?? (await vscode.workspace.openTextDocument(uri));
  const at = Math.max(0, Math.min(line, document.lineCount) - 1);
  const editor = await vscode.window.showTextDocument(document, {
    viewColumn: visible?.viewColumn ?? vscode.ViewColumn.One,
    preserveFocus: true,
    preview,
  });
  const range = document.lineAt(at).range;
  editor.selection = new vscode.Selection(range.start, range.start);
  editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}
