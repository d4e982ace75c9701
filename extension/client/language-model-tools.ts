/** The tools for assistants inside VS Code: each call is one run of the command line that lies beside the extension. */
import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { diskFolders } from '../server/disk-workplace.ts';
import { findTree } from '../server/find-tree.ts';
import { readToolInput } from '../tools/tool-input.ts';
import { TOOLS } from '../tools/tools.ts';

/** The command line's status for input that it cannot use. */
const UNUSABLE = 2;

/**
 * Answers a call with the command's JSON report. In Restricted Mode no tree is opened, since git would be started in
 * it; the report says what was not checked for want of one.
 * @throws Error with what is wrong with the input, for the assistant to read.
 */
export async function callTool(
  context: vscode.ExtensionContext,
  name: string,
  given: object,
  token: vscode.CancellationToken,
): Promise<vscode.LanguageModelToolResult> {
  const tool = TOOLS.find((one) => one.name === name);
  if (tool === undefined) throw new Error(`there is no tool ${name}`);
  const { value: input, problem } = readToolInput(
    { ...given, tree: await treeFor(given) },
    tool.inputSchema.properties,
  );
  if (problem !== null) throw new Error(problem);
  const program = path.join(context.extensionPath, 'dist/lock-review.cjs');
  const { status, out, errors } = await run(
    [program, ...tool.commandOf(input)],
    input.text('patch') ?? '',
    token,
  );
  if (token.isCancellationRequested) throw new vscode.CancellationError();
  if (status === UNUSABLE || status === null) throw new Error(errors.trim());
  return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(out)]);
}

/** The tree that was given, or the one that patches of this workspace are reviewed against. */
async function treeFor(given: object): Promise<string | undefined> {
  if (!vscode.workspace.isTrusted) return undefined;
  if ('tree' in given && typeof given.tree === 'string') return path.resolve(workFolder(), given.tree);
  const { root } = await findTree(
    {
      setting: vscode.workspace.getConfiguration('lockReview').get('tree', ''),
      folders: (vscode.workspace.workspaceFolders ?? [])
        .filter(({ uri }) => uri.scheme === 'file')
        .map(({ uri }) => uri.fsPath),
      documentFolder: null,
    },
    diskFolders,
  );
  return root ?? undefined;
}

/** Where relative paths begin. */
function workFolder(): string {
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file');
  return folder?.uri.fsPath ?? homedir();
}

function run(
  args: readonly string[],
  stdin: string,
  token: vscode.CancellationToken,
): Promise<{ status: number | null; out: string; errors: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: workFolder(),
      // The extension host's own program is Electron on the desktop, and Node where it is told to be.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    });
    const cancelled = token.onCancellationRequested(() => child.kill());
    const out: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', (data) => out.push(data));
    child.stderr.on('data', (data) => errors.push(data));
    // A program that ends early does not read all of its input; how it ended says why.
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
    child.once('error', reject);
    child.once('close', (status) => {
      cancelled.dispose();
      resolve({ status, out: Buffer.concat(out).toString(), errors: Buffer.concat(errors).toString() });
    });
  });
}
