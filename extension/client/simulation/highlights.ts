import * as vscode from 'vscode';
import type { Simulation } from '../../simulation/simulation.ts';
import type { SimulatedCode } from './code.ts';

/** Marks, in the open editors, the line that each task of a simulation is at. */
export class Highlights implements vscode.Disposable {
  readonly #simulation: Simulation;
  readonly #code: SimulatedCode;
  readonly #type = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor('editor.stackFrameHighlightBackground'),
    overviewRulerColor: new vscode.ThemeColor('editor.stackFrameHighlightBackground'),
    overviewRulerLane: vscode.OverviewRulerLane.Center,
  });
  readonly #subscriptions: { dispose(): unknown }[] = [];
  /** Lines by document, each with the tasks that are there. */
  #lines = new Map<string, Map<number, string[]>>();
  #round = 0;

  constructor(simulation: Simulation, code: SimulatedCode) {
    this.#simulation = simulation;
    this.#code = code;
    this.#subscriptions.push(
      simulation.listen(({ type }) => {
        if (type === 'position' || type === 'setup') void this.#update();
      }),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#draw()),
    );
  }

  /** The lines that are marked in a document, 1-based. */
  linesOf(uri: vscode.Uri): readonly number[] {
    return [...(this.#lines.get(uri.toString())?.keys() ?? [])];
  }

  async #update(): Promise<void> {
    const round = ++this.#round;
    const lines = new Map<string, Map<number, string[]>>();
    const tasks = this.#simulation.main?.setup.tasks ?? [];
    for (const [task, place] of this.#simulation.places().entries()) {
      if (place === null || place.file === '') continue;
      const { patch, file } = await this.#code.locate(this.#simulation, 0, place.file, place.line);
      // Meanwhile there may have been another step.
      if (round !== this.#round) return;
      for (const at of [patch, file]) {
        if (at === null) continue;
        const own = lines.get(at.uri.toString()) ?? new Map<number, string[]>();
        own.set(at.line, [...(own.get(at.line) ?? []), tasks[task] ?? '']);
        lines.set(at.uri.toString(), own);
      }
    }
    this.#lines = lines;
    this.#draw();
  }

  #draw(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const lines = this.#lines.get(editor.document.uri.toString()) ?? new Map<number, string[]>();
      const marks = [...lines]
        .filter(([line]) => line <= editor.document.lineCount)
        .map(([line, tasks]) => ({
          range: editor.document.lineAt(line - 1).range,
          renderOptions: {
            after: {
              contentText: `  ◀ ${tasks.join(', ')}`,
              color: new vscode.ThemeColor('editorCodeLens.foreground'),
            },
          },
        }));
      editor.setDecorations(this.#type, marks);
    }
  }

  dispose(): void {
    this.#round++;
    this.#type.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}
