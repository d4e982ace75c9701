/**
 * What runs inside VS Code for the Web. Nothing of Node is here, nor mocha, whose build for browsers needs a
 * document: the tests run in order, and the result leaves through the console.
 */
import * as vscode from 'vscode';

declare const TEST_GREP: string;

const PATIENCE = 40_000;

/** VS Code's entry. */
export async function run(): Promise<void> {
  const result = { passed: 0, failed: 0 };
  for (const [name, test] of Object.entries(TESTS)) {
    if (!name.includes(TEST_GREP)) continue;
    try {
      await test();
      result.passed++;
      console.log(`  ✔ ${name}`);
    } catch (error) {
      result.failed++;
      console.log(`  ✖ ${name}: ${error instanceof Error ? error.stack : error}`);
    }
  }
  console.log(`LOCK_REVIEW_RESULT ${JSON.stringify(result)}`);
  if (result.failed > 0) throw new Error(`${result.failed} tests failed`);
}

function workspaceFile(...parts: string[]): vscode.Uri {
  return vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, ...parts);
}

const ruleOf = ({ code }: vscode.Diagnostic) => String(typeof code === 'object' ? code.value : code);
const own = (uri: vscode.Uri) =>
  vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'lock-review');

async function diagnosticsWhen(
  uri: vscode.Uri,
  wanted: (all: vscode.Diagnostic[]) => boolean,
): Promise<vscode.Diagnostic[]> {
  const late = Date.now() + PATIENCE;
  while (!wanted(own(uri))) {
    if (Date.now() > late)
      throw new Error(`${uri} has ${JSON.stringify(own(uri).map((d) => [ruleOf(d), d.message]))}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return own(uri);
}

function expect(truth: boolean, message: string): void {
  if (!truth) throw new Error(message);
}

/** In a virtual workspace in a browser. */
const TESTS: Readonly<Record<string, () => Promise<void>>> = {
  async 'the workspace is virtual, and no extension host has a disk'() {
    expect(vscode.env.uiKind === vscode.UIKind.Web, 'not the Web');
    expect(vscode.env.remoteName === undefined, `a remote: ${vscode.env.remoteName}`);
    expect(workspaceFile('').scheme !== 'file', 'a folder on disk');
  },

  async 'the sample is reviewed against the tree in it, on the same lines as elsewhere'() {
    const series = workspaceFile('series.mbox');
    await vscode.commands.executeCommand('vscode.open', series);
    const found = await diagnosticsWhen(series, (all) => all.some((d) => ruleOf(d) === 'null-lock-argument'));
    const document = await vscode.workspace.openTextDocument(series);
    const wrong = found.find((d) => ruleOf(d) === 'null-lock-argument')!;
    const line = document.lineAt(wrong.range.start.line).text;
    expect(/^\+.*vma_start_read_locked/.test(line), line);
    // A file that the series breaks without touching it: only a search of the tree can find it.
    const untouched = workspaceFile('tree/kernel/trace/area_trace.c');
    await diagnosticsWhen(untouched, (all) => all.some((d) => ruleOf(d) === 'stale-config'));
  },

  async 'the page of a rule can be read'() {
    const [first] = await diagnosticsWhen(workspaceFile('series.mbox'), (all) => all.length > 0);
    const code = first!.code;
    if (typeof code !== 'object') throw new Error('no page');
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(code.target));
    expect(text.startsWith(`# ${code.value}`), text.slice(0, 40));
  },

  async 'an open C file is checked as a whole when the setting says so'() {
    const settings = vscode.workspace.getConfiguration('lockReview');
    await settings.update('checkOpenFiles', 'all', vscode.ConfigurationTarget.Global);
    const file = workspaceFile('tree/mm/area.c');
    await vscode.commands.executeCommand('vscode.open', file);
    const document = await vscode.workspace.openTextDocument(file);
    const start = document.positionAt(document.getText().indexOf('\tmmap_read_unlock(mm);\n'));
    const edit = new vscode.WorkspaceEdit();
    edit.delete(file, new vscode.Range(start, start.translate(1)));
    await vscode.workspace.applyEdit(edit);
    await diagnosticsWhen(file, (all) => all.some((d) => ruleOf(d) === 'inconsistent-return'));
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  },

  async 'the server can be started again'() {
    await vscode.commands.executeCommand('lockReview.restartServer');
    await diagnosticsWhen(workspaceFile('series.mbox'), (all) => all.length > 0);
  },

  async 'a patch that is closed is forgotten'() {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await diagnosticsWhen(workspaceFile('series.mbox'), (all) => all.length === 0);
  },
};
