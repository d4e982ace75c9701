import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { repositoryFor } from '../../extension/client/git-api.ts';
import type { FindingNode, SeriesNode } from '../../extension/client/series-view.ts';
import type { Session } from '../../extension/client/session.ts';
import { closeAll, diagnosticsWhen, extensionApi, open, ruleOf, until, workspaceFile } from './editor.ts';

const SERIES = () => workspaceFile('series.mbox');
const session = async (): Promise<Session> => (await extensionApi()).session();
const setting = (name: string, value: unknown) =>
  vscode.workspace.getConfiguration('lockReview').update(name, value, vscode.ConfigurationTarget.Workspace);

/** The series of the sample, with its tree filled. */
async function openSeries(): Promise<Session> {
  const running = await session();
  await open(SERIES());
  await diagnosticsWhen(SERIES(), (all) => all.some((one) => ruleOf(one) === 'null-lock-argument'));
  await until(
    () => running.panel.tree.findings().length > 0,
    () => 'the series is not listed',
  );
  return running;
}

/** Waits until the editor in front shows the finding. */
const isAt = ({ place }: FindingNode) =>
  until(
    () => {
      const editor = vscode.window.activeTextEditor;
      const isThere = editor?.document.uri.toString() === place.uri.toString();
      return isThere && editor.selection.isEqual(place.range);
    },
    () => {
      const editor = vscode.window.activeTextEditor;
      const at = JSON.stringify([editor?.document.uri.path, editor?.selection]);
      return `${at} is shown, not ${JSON.stringify([place.uri.path, place.range])}`;
    },
  );

export function declareSeriesTests(): void {
  describe('the series as a tree', function () {
    // Every finding is opened, one after the other.
    this.timeout(120_000);
    afterEach(closeAll);

    it('has its patches, their functions and the findings of each', async () => {
      const { tree } = (await openSeries()).panel;
      const labels = (nodes: readonly SeriesNode[]) => nodes.map((node) => tree.getTreeItem(node).label);
      const roots = tree.getChildren();
      assert.equal(labels(roots).filter((label) => /^\d\/3 /.test(String(label))).length, 3);
      assert.ok(labels(roots).includes('Outside the patch'));
      const functions = roots.flatMap((root) => tree.getChildren(root));
      const findings = functions.flatMap((one) => tree.getChildren(one));
      assert.deepEqual(findings, [...tree.findings()]);
      for (const finding of findings) assert.equal(tree.getParent(finding)?.kind, 'function');
      const item = tree.getTreeItem(findings[0]!);
      assert.match(String(item.contextValue), /^finding/);
      assert.equal(item.command?.command, 'vscode.open');
    });

    it('lists what its filter lets through, and goes round from finding to finding', async () => {
      const { panel } = await openSeries();
      const all = panel.tree.findings();
      await vscode.commands.executeCommand('lockReview.nextFinding');
      await isAt(all[0]!);
      for (const finding of [...all.slice(1), all[0]!]) {
        await vscode.commands.executeCommand('lockReview.nextFinding');
        await isAt(finding);
      }
      await vscode.commands.executeCommand('lockReview.previousFinding');
      await isAt(all.at(-1)!);
      const { filter } = panel.tree;
      panel.tree.filter = { introduced: false, existing: false, fixed: false, clean: true };
      assert.deepEqual(panel.tree.findings(), []);
      panel.tree.filter = filter;
      assert.equal(panel.tree.findings().length, all.length);
    });

    it('opens a function before and after the patch side by side', async () => {
      const { tree } = (await openSeries()).panel;
      const [node] = tree.getChildren().flatMap((root) => tree.getChildren(root));
      await vscode.commands.executeCommand('lockReview.compareFunction', node);
      const { input } = vscode.window.tabGroups.activeTabGroup.activeTab!;
      assert.ok(input instanceof vscode.TabInputTextDiff);
      const text = async (uri: vscode.Uri) => (await vscode.workspace.openTextDocument(uri)).getText();
      const [before, after] = [await text(input.original), await text(input.modified)];
      assert.notEqual(before, after);
      assert.ok((before + after).includes(node?.kind === 'function' ? node.function.name : '?'));
    });
  });

  describe('findings as comments', () => {
    afterEach(async () => {
      await setting('comments', undefined);
      await closeAll();
    });

    it('are there when they are asked for, on the lines of the diagnostics, and can be resolved', async () => {
      const { comments } = await openSeries();
      assert.deepEqual(comments.threads(), []);
      await setting('comments', true);
      await until(
        () => comments.threads().length > 0,
        () => 'there are no threads',
      );
      const lines = vscode.languages.getDiagnostics(SERIES()).map((one) => one.range.start.line);
      const [thread] = comments.threads().filter(({ uri }) => uri.toString() === SERIES().toString());
      assert.ok(lines.includes(thread!.range!.start.line));
      assert.equal(thread!.canReply, false);
      await vscode.commands.executeCommand('lockReview.resolveComment', thread);
      assert.equal(thread!.state, vscode.CommentThreadState.Resolved);
      await setting('comments', false);
      await until(
        () => comments.threads().length === 0,
        () => 'the threads stay',
      );
    });
  });

  describe('a reply', () => {
    afterEach(closeAll);

    it('about one finding or all of them is on the clipboard, with the hunk quoted', async () => {
      const { tree } = (await openSeries()).panel;
      const finding = tree.findings().find((one) => one.finding.rule === 'null-lock-argument')!;
      await vscode.commands.executeCommand('lockReview.copyReply', finding);
      const one = await vscode.env.clipboard.readText();
      assert.match(one, /^> \+.*vma_start_read_locked\(/m);
      assert.doesNotMatch(one, /[^\n\t\x20-\x7e]/);
      await open(SERIES());
      await vscode.commands.executeCommand('lockReview.copyReply');
      const all = await vscode.env.clipboard.readText();
      assert.ok(all.length > one.length);
      const body = all.slice(all.indexOf('\n\n'));
      for (const line of body.split('\n'))
        if (!line.startsWith('>') && line.includes(' ')) assert.ok(line.length <= 72, line);
    });
  });

  describe('a review', function () {
    this.timeout(60_000);
    const AREA = () => workspaceFile('tree/mm/area.c').fsPath;
    let text = '';
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], {
        cwd: workspaceFile('tree').fsPath,
      });
    /** A return that forgets the lock. */
    const leak = () => {
      const leaking = text.replace(
        /\n\tmmap_read_unlock\(mm\);\n/,
        '\n\tif (!mm->map_count)\n\t\treturn 0;\n\tmmap_read_unlock(mm);\n',
      );
      assert.notEqual(leaking, text);
      writeFileSync(AREA(), leaking);
    };
    const leakIn = async (scheme: string) => {
      await until(
        () => vscode.window.activeTextEditor?.document.uri.scheme === scheme,
        () => `${vscode.window.activeTextEditor?.document.uri} is in front`,
      );
      const { uri, languageId } = vscode.window.activeTextEditor!.document;
      assert.equal(languageId, 'diff');
      await diagnosticsWhen(uri, (all) => all.some((one) => ruleOf(one) === 'lock-leak'));
    };

    /** Runs a command, and takes what each of its boxes proposes. */
    const acceptingAll = async (command: string) => {
      const shown = vscode.commands.executeCommand(command);
      const accept = setInterval(
        () => void vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem'),
        300,
      );
      await shown;
      clearInterval(accept);
    };
    /** Waits until the git extension has seen that a branch was checked out. */
    const knowsHead = async (branch: string) => {
      const repository = (await repositoryFor(workspaceFile('tree')))!;
      await repository.status();
      await until(
        () => repository.state.HEAD?.name === branch,
        () => `the git extension is at ${repository.state.HEAD?.name}`,
      );
    };

    before(() => {
      text = readFileSync(AREA(), 'utf8');
      git('init', '-q', '-b', 'main');
      git('add', '-A');
      git('commit', '-q', '-m', 'mm: begin');
    });
    afterEach(async () => {
      await closeAll();
      git('checkout', '-q', '-f', 'main');
    });

    it('of the patch on the clipboard', async () => {
      leak();
      await vscode.env.clipboard.writeText(git('diff').toString());
      git('checkout', '-q', '-f', 'main');
      await vscode.commands.executeCommand('lockReview.reviewClipboard');
      await leakIn('untitled');
    });

    it('of what is not committed', async () => {
      await session();
      leak();
      await vscode.commands.executeCommand('lockReview.reviewWorkingTree');
      await leakIn('lock-review-commits');
    });

    it('of a commit', async () => {
      await session();
      git('checkout', '-q', '-b', 'topic');
      leak();
      git('commit', '-q', '-a', '-m', 'mm: forget a lock');
      // The box proposes the last commit: take that.
      await acceptingAll('lockReview.reviewCommitRange');
      await leakIn('lock-review-commits');
    });

    it('of a branch, from where it left the one that it was made from', async () => {
      await session();
      git('checkout', '-q', '-b', 'feature');
      leak();
      git('commit', '-q', '-a', '-m', 'mm: forget a lock once more');
      // What came to the other branch meanwhile is none of the review.
      git('checkout', '-q', 'main');
      git('commit', '-q', '--allow-empty', '-m', 'mm: go on');
      git('checkout', '-q', 'feature');
      git('branch', '-q', '-D', 'topic');
      await knowsHead('feature');
      // The boxes propose the branch that is checked out, and then the only other one.
      await acceptingAll('lockReview.reviewBranch');
      await leakIn('lock-review-commits');
      const { document } = vscode.window.activeTextEditor!;
      assert.equal(document.uri.path, '/main..feature.patch');
      assert.match(document.getText(), /^Subject: .*mm: forget a lock once more$/m);
      assert.doesNotMatch(document.getText(), /mm: go on/);
    });

    it('of a file in a diff editor, with its findings, lenses, hints and hovers', async () => {
      await session();
      leak();
      const file = vscode.Uri.file(AREA());
      const head = file.with({ scheme: 'git', query: JSON.stringify({ path: file.fsPath, ref: 'HEAD' }) });
      await vscode.commands.executeCommand('vscode.diff', head, file, 'area.c');
      const { input } = vscode.window.tabGroups.activeTabGroup.activeTab!;
      assert.ok(input instanceof vscode.TabInputTextDiff);
      const [wrong] = await diagnosticsWhen(file, (all) => all.some((one) => ruleOf(one) === 'lock-leak'));
      const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === file.toString())!;
      assert.match(document.lineAt(wrong!.range.start.line).text, /return 0;/);
      const ask = <T>(what: string, ...more: unknown[]) =>
        vscode.commands.executeCommand<T[]>(`vscode.execute${what}Provider`, file, ...more);
      const lenses = await ask<vscode.CodeLens>('CodeLens');
      assert.ok(lenses.some((one) => one.command?.title === '1 finding'));
      assert.ok(lenses.some((one) => one.command?.command === 'lockReview.simulateFunction'));
      const all = new vscode.Range(0, 0, document.lineCount, 0);
      const hints = await ask<vscode.InlayHint>('InlayHint', all);
      assert.ok(hints.some((one) => String(one.label).startsWith('holds ')));
      const call = document.positionAt(document.getText().indexOf('mmap_read_lock(mm)') + 3);
      const [hover] = await ask<vscode.Hover>('Hover', call);
      assert.match((hover!.contents[0] as vscode.MarkdownString).value, /mmap_read_lock/);
      // Of the side that was, nothing is said.
      assert.deepEqual(vscode.languages.getDiagnostics(head), []);
    });
  });
}
