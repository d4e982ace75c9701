import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import {
  closeAll,
  diagnosticsWhen,
  extensionApi,
  open,
  ruleOf,
  screenshot,
  until,
  workspaceFile,
} from './editor.ts';

const some = (all: readonly unknown[]) => all.length > 0;
const none = (all: readonly unknown[]) => all.length === 0;

const LEAK = `diff --git a/mm/area.c b/mm/area.c
--- a/mm/area.c
+++ b/mm/area.c
@@ -33,8 +33,10 @@ unsigned long area_flags(struct mm_struct *mm, unsigned long address)
 
 	mmap_read_lock(mm);
 	vma = vma_lookup(mm, address);
-	if (vma)
-		flags = vma->vm_flags;
+	if (!vma)
+		return 0;
+
+	flags = vma->vm_flags;
 	mmap_read_unlock(mm);
 
 	return flags;
`;
const MENDED = LEAK.replace('+	if (!vma)\n+		return 0;\n+\n+	flags', '+	if (vma)\n+		flags').replace(
  '-33,8 +33,10',
  '-33,8 +33,8',
);

export function declareDiagnosticsTests(): void {
  describe('diagnostics of the sample series', () => {
    const series = () => workspaceFile('series.mbox');
    afterEach(closeAll);

    it('are on the lines of the patch that are wrong', async () => {
      const document = await open(series());
      assert.equal(document.languageId, 'diff');
      const found = await diagnosticsWhen(series(), (all) =>
        all.some((d) => ruleOf(d) === 'null-lock-argument'),
      );
      const wrong = found.find((d) => ruleOf(d) === 'null-lock-argument')!;
      assert.match(document.lineAt(wrong.range.start.line).text, /^\+.*vma_start_read_locked/);
      assert.equal(wrong.severity, vscode.DiagnosticSeverity.Error);
      await vscode.commands.executeCommand('workbench.actions.view.problems');
      await screenshot('series');
    });

    it('are in the file that the series breaks without touching it', async () => {
      await open(series());
      const file = workspaceFile('tree/kernel/trace/area_trace.c');
      const found = await diagnosticsWhen(file, (all) => all.some((d) => ruleOf(d) === 'config-imbalance'));
      assert.ok(found.some((d) => ruleOf(d) === 'stale-config'));
      await open(file);
      await screenshot('untouched-file');
    });

    it('tell every step of the path, in files that can be opened', async () => {
      await open(series());
      const found = await diagnosticsWhen(series(), (all) =>
        all.some((d) => ruleOf(d) === 'null-lock-argument'),
      );
      const steps = found.find((d) => ruleOf(d) === 'null-lock-argument')?.relatedInformation ?? [];
      assert.ok(steps.length >= 2, `${steps.length} steps`);
      for (const { location } of steps) {
        const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(location.uri));
        assert.ok(location.range.end.line < text.split('\n').length);
      }
    });

    it('link to the page of their rule', async () => {
      await open(series());
      for (const { code } of await diagnosticsWhen(series(), some)) {
        assert.ok(typeof code === 'object');
        const page = await vscode.workspace.openTextDocument(code.target);
        assert.match(page.getText(), new RegExp(`^# ${code.value}`));
      }
    });

    it('go when the patch is closed', async () => {
      await open(series());
      const untouched = workspaceFile('tree/kernel/trace/area_trace.c');
      await diagnosticsWhen(untouched, some);
      await closeAll();
      await diagnosticsWhen(series(), none);
      await diagnosticsWhen(untouched, none);
    });
  });

  describe('diagnostics of a patch that is edited', () => {
    afterEach(closeAll);
    it('come and go with the mistake', async () => {
      const document = await vscode.workspace.openTextDocument({ language: 'diff', content: MENDED });
      await vscode.window.showTextDocument(document);
      await diagnosticsWhen(document.uri, none);
      const replace = async (text: string) => {
        const edit = new vscode.WorkspaceEdit();
        edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
        await vscode.workspace.applyEdit(edit);
      };
      await replace(LEAK);
      const [leak] = await diagnosticsWhen(document.uri, some);
      assert.equal(ruleOf(leak!), 'lock-leak');
      assert.match(document.lineAt(leak!.range.start.line).text, /^\+\s+return 0;/);
      await replace(MENDED);
      await diagnosticsWhen(document.uri, none);
    });

    it('are there for a mail opened as plain text, when asked for', async () => {
      const mail = `Looks wrong to me.\n\n${LEAK.replaceAll(/^/gm, '> ')}\nWhat about the lock?\n`;
      // A name of its own: the editor may give that of a closed document to the next one without a name.
      const document = await vscode.workspace.openTextDocument(vscode.Uri.parse('untitled:quoted-mail.txt'));
      await vscode.window.showTextDocument(document);
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, new vscode.Position(0, 0), mail);
      await vscode.workspace.applyEdit(edit);
      await vscode.commands.executeCommand('lockReview.reviewFile');
      const [leak] = await diagnosticsWhen(document.uri, some);
      assert.match(document.lineAt(leak!.range.start.line).text, /^> \+\s+return 0;/);
    });
  });

  describe('diagnostics of an open C file of the tree', () => {
    const file = () => workspaceFile('tree/mm/area.c');
    const settings = () => vscode.workspace.getConfiguration('lockReview');
    afterEach(async () => {
      await settings().update('checkOpenFiles', undefined, vscode.ConfigurationTarget.Workspace);
      await closeAll();
    });

    it('are those of the whole file when the setting says so, unsaved text included', async () => {
      await settings().update('checkOpenFiles', 'all', vscode.ConfigurationTarget.Workspace);
      const document = await open(file());
      const at = document.getText().indexOf('\tmmap_read_unlock(mm);\n');
      const edit = new vscode.WorkspaceEdit();
      const start = document.positionAt(at);
      edit.delete(file(), new vscode.Range(start, start.translate(1)));
      await vscode.workspace.applyEdit(edit);
      const found = await diagnosticsWhen(file(), some);
      assert.deepEqual(found.map(ruleOf), ['inconsistent-return', 'lock-leak']);
      await settings().update('checkOpenFiles', 'off', vscode.ConfigurationTarget.Workspace);
      await diagnosticsWhen(file(), none);
    });
  });

  describe('diagnostics of a patch in a virtual workspace', () => {
    afterEach(closeAll);
    it('are those of its hunks', async () => {
      const provider = vscode.workspace.registerFileSystemProvider('lock-review-test', oneFile(LEAK), {
        isReadonly: true,
      });
      try {
        const uri = vscode.Uri.parse('lock-review-test:/leak.patch');
        await open(uri);
        assert.deepEqual((await diagnosticsWhen(uri, some)).map(ruleOf), ['lock-leak']);
      } finally {
        provider.dispose();
      }
    });
  });

  describe('the status item', () => {
    afterEach(closeAll);
    it('names the tree that was found', async () => {
      await open(workspaceFile('series.mbox'));
      const session = await (await extensionApi()).session();
      await until(
        () => session.status().tree === workspaceFile('tree').fsPath && session.status().running === 0,
        () => JSON.stringify(session.status()),
      );
    });
  });
}

/** A file system in which every path is a file with this text. */
function oneFile(text: string): vscode.FileSystemProvider {
  const content = new TextEncoder().encode(text);
  const refuse = () => {
    throw vscode.FileSystemError.NoPermissions();
  };
  return {
    onDidChangeFile: new vscode.EventEmitter<vscode.FileChangeEvent[]>().event,
    watch: () => new vscode.Disposable(() => {}),
    stat: () => ({ type: vscode.FileType.File, ctime: 0, mtime: 0, size: content.length }),
    readFile: () => content,
    readDirectory: () => [],
    createDirectory: refuse,
    writeFile: refuse,
    delete: refuse,
    rename: refuse,
  };
}
